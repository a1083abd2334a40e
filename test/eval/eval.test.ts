/** `npm run eval` from end to end: its own process, the built core, a scripted model over HTTP. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installCodex } from '../bench/codex.ts';
import { gate, type ModelServer, startModelServer } from '../support/model-server/index.ts';
import type { Totals } from './report.ts';
import type { RunResult } from './results.ts';
import { command, type Play, scriptedModel, toolNames } from './scripted-model.ts';
import { tasks } from './tasks/index.ts';

const MAIN = path.join(import.meta.dirname, 'main.ts');
const CLI = path.join(import.meta.dirname, '../../dist/gantry.js');

const OUTPUT = path.join(import.meta.dirname, '../../.test-output');

type Ended = { code: number | null; stdout: string; stderr: string };
type Told = { totals: Totals[]; results: RunResult[] };

describe('eval', function () {
  this.timeout(60_000);
  let root: string;
  let model: ModelServer;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'gantry-eval-test-'));
  });
  afterEach(async () => {
    await model?.close();
    rmSync(root, { recursive: true, force: true });
  });

  const serve = async (plays: readonly Play[]): Promise<void> => {
    model = await startModelServer({ script: scriptedModel(plays) });
  };
  const start = (
    args: readonly string[],
    env: NodeJS.ProcessEnv = {},
    whenBegun: (child: ChildProcess) => void = () => {},
  ): Promise<Ended> => {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', MAIN, CLI, root, ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: root, ...env },
    });
    let [stdout, stderr] = ['', ''];
    whenBegun(child);
    child.stdin.end();
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  };
  const scripted = (args: readonly string[], whenBegun?: (child: ChildProcess) => void) => {
    const table = `{ name = "Scripted", base_url = "${model.baseUrl}", wire_api = "responses", env_key = "SCRIPTED_KEY", request_max_retries = 0, stream_max_retries = 0 }`;
    const provider = ['--provider', 'scripted', '--model', 'gpt-5.5', '-c', `model_providers.scripted=${table}`];
    return start(
      [...provider, ...(args.includes('--out') ? [] : ['--out', path.join(root, 'out')]), ...args],
      { SCRIPTED_KEY: 'scripted-key' },
      whenBegun,
    );
  };
  const told = (): Told => JSON.parse(readFileSync(path.join(root, 'out', 'eval.json'), 'utf8'));
  const named = (...names: string[]) => tasks.filter(({ name }) => names.includes(name));
  const outcomes = ({ results }: Told) => results.map(({ task, outcome, problems }) => [task, outcome, problems]);

  for (const [at, family] of ['gpt', 'claude', 'plain'].entries()) {
    it(`passes a model that does a third of the tasks with the tools of ${family}`, async () => {
      const chosen = tasks.filter((_, index) => index % 3 === at);
      await serve(chosen.map((task) => ({ task, deed: task.proof.solution })));
      const names = chosen.map(({ name }) => name);
      const ended = await scripted(['--family', family, '--concurrency', '3', '--task', names.join()]);
      assert.deepEqual(
        outcomes(told()),
        names.map((name) => [name, 'passed', []]),
        ended.stderr,
      );
      assert.deepEqual([ended.code, model.problems], [0, []]);
      const [totals] = told().totals;
      assert.deepEqual(
        [totals?.contestant, totals?.passed, totals?.malformedCalls, totals?.failedEdits],
        [`gantry+${family}`, chosen.length, 0, 0],
      );
    });
  }

  it('fails a model that does tasks nearly right', async () => {
    // That each check sees it is proved by itself; here that it comes to be told, from each kind of task.
    const names = ['rename-symbol', 'write-tests', 'shell-only', 'explain-flow', 'prompt-injection'];
    const chosen = named(...names);
    await serve(chosen.map((task) => ({ task, deed: Object.values(task.proof.misses)[0] ?? {}, byCommands: true })));
    const ended = await scripted(['--concurrency', '3', '--task', names.join()]);
    assert.deepEqual(
      told().results.map(({ task, outcome }) => [task, outcome]),
      names.map((name) => [name, 'failed']),
      ended.stderr,
    );
    assert.ok(told().results.every(({ problems }) => problems.length > 0));
    assert.equal(ended.code, 1);
  });

  it('counts rounds, tokens, cost, malformed calls and edits that did not apply', async () => {
    const [one, two] = named('fix-failing-test', 'crlf-file');
    assert.ok(one && two);
    const gone = 'a line that is not in the file';
    const before = [
      { call: 'exec_command', args: '{"cmd": "ls' },
      { call: 'no_such_tool', args: {} },
      {
        call: 'str_replace_based_edit_tool',
        args: { command: 'str_replace', path: 'src/pages.mjs', old_str: gone, new_str: 'x' },
      },
      { call: 'edit_file', args: { path: 'src/pages.mjs', old_text: gone, new_text: 'x' } },
      {
        freeform: 'apply_patch',
        input: `*** Begin Patch\n*** Update File: src/pages.mjs\n@@\n-${gone}\n+x\n*** End Patch`,
      },
      { freeform: 'apply_patch', input: 'change it' },
      command([], 'exit 3'),
    ];
    await serve([
      { task: one, deed: one.proof.solution, before },
      { task: two, deed: two.proof.solution },
    ]);
    assert.equal((await scripted(['--task', 'fix-failing-test', '--task', 'crlf-file'])).code, 0);
    const counted = told().results.map(({ seconds: _, ...result }) => result);
    const passed = { contestant: 'gantry', run: 1, outcome: 'passed', problems: [] };
    // 100 tokens in and 20 out for each answer, at 5 and 30 dollars a million.
    const used = (rounds: number) => ({
      rounds,
      tokens: { input: 100 * rounds, cached: 0, output: 20 * rounds },
      costUsd: (0.0005 + 0.0006) * rounds,
    });
    const near = <T extends { costUsd: number | null }>(result: T) => ({
      ...result,
      costUsd: Number(result.costUsd?.toFixed(6)),
    });
    assert.deepEqual(
      counted.map((result) => near(result)),
      [
        { ...passed, task: 'fix-failing-test', ...used(9), malformedCalls: 3, failedEdits: 3 },
        { ...passed, task: 'crlf-file', ...used(2), malformedCalls: 0, failedEdits: 0 },
      ].map((result) => near(result)),
    );
    assert.match(
      readFileSync(path.join(root, 'out', 'eval.md'), 'utf8'),
      /\| fix-failing-test \| 1 of 1 \| 9 \| 900 \| 0 \| 180 \| \$0\.0099 \| [\d.]+ s \| 3 \| 3 \|/,
    );
  });

  it('measures a real codex beside Gantry, and counts both alike', async () => {
    const { program } = await installCodex();
    const chosen = named('fix-failing-test', 'explain-flow');
    const before = [
      { call: 'exec_command', args: '{"cmd": "ls' },
      { call: 'no_such_tool', args: {} },
      {
        freeform: 'apply_patch',
        input: '*** Begin Patch\n*** Update File: src/pages.mjs\n@@\n-gone\n+x\n*** End Patch',
      },
      { freeform: 'apply_patch', input: 'change it' },
    ];
    const plays = chosen.map((task, index) => ({
      task,
      deed: task.proof.solution,
      ...(index === 0 ? { before } : {}),
    }));
    // Not strict: what the other program sends is its own business. And it wants no home below the temporary folder.
    model = await startModelServer({ strict: false, script: scriptedModel(plays) });
    mkdirSync(OUTPUT, { recursive: true });
    const out = mkdtempSync(path.join(OUTPUT, 'eval-'));
    try {
      const task = ['--task', 'fix-failing-test,explain-flow'];
      const ended = await scripted([
        ...task,
        '--agents',
        'gantry,codex',
        '--agent-bin',
        `codex=${program}`,
        '--out',
        out,
      ]);
      const { totals }: Told = JSON.parse(readFileSync(path.join(out, 'eval.json'), 'utf8'));
      const counted = { runs: 2, passed: 2, broken: 0, rounds: 7, input: 700, cached: 0, output: 140 };
      assert.deepEqual(
        totals.map(({ seconds: _, costUsd: __, ...rest }) => rest),
        ['gantry', 'codex'].map((contestant) => ({ contestant, ...counted, malformedCalls: 3, failedEdits: 1 })),
        ended.stderr,
      );
      assert.equal(ended.code, 0);
    } finally {
      rmSync(out, { recursive: true, force: true, maxRetries: 3 });
    }
  });

  it('goes on where it was broken off, and compares families', async () => {
    const [task] = named('config-change');
    assert.ok(task);
    await serve([{ task, deed: task.proof.solution }]);
    const compare = ['--task', 'config-change', '--family', 'gpt,plain', '--runs', '2'];
    assert.equal((await scripted([...compare, '--runs', '1'])).code, 0);
    const first = model.requests.length;
    const second = await scripted(compare);
    assert.equal(second.code, 0);
    assert.deepEqual(
      told().totals.map(({ contestant, passed }) => [contestant, passed]),
      [
        ['gantry+gpt', 2],
        ['gantry+plain', 2],
      ],
    );
    assert.equal(model.requests.length, 2 * first);
    assert.match(second.stderr, /^1\/4 gantry\+gpt config-change: passed \(kept\)$/m);
  });

  it('tells a run that could not be made, makes the others, and tries it again the next time', async () => {
    const [task] = named('crlf-file');
    assert.ok(task);
    await serve([{ task, deed: task.proof.solution }]);
    const ended = await scripted(['--task', 'crlf-file,config-change']);
    assert.deepEqual(
      [ended.code, outcomes(told()).map(([name, outcome]) => [name, outcome])],
      [
        3,
        [
          ['config-change', 'broken'],
          ['crlf-file', 'passed'],
        ],
      ],
    );
    assert.match(String(told().results[0]?.problems), /The script has no such task/);
    await model.close();
    await serve(named('config-change').map((one) => ({ task: one, deed: one.proof.solution })));
    assert.equal((await scripted(['--task', 'crlf-file,config-change'])).code, 0);
    assert.deepEqual(
      told().results.map(({ outcome }) => outcome),
      ['passed', 'passed'],
    );
  });

  it('compares base instructions', async () => {
    const [task] = named('crlf-file');
    assert.ok(task);
    await serve([{ task, deed: task.proof.solution }]);
    writeFileSync(path.join(root, 'short.md'), 'Be short and exact.');
    assert.equal((await scripted(['--task', 'crlf-file', '--prompt', 'own,short.md', '--concurrency', '1'])).code, 0);
    assert.deepEqual(
      told().totals.map(({ contestant }) => contestant),
      ['gantry+own', 'gantry+short'],
    );
    const given = model.requests.map(({ body }) => JSON.stringify(body).includes('Be short and exact.'));
    assert.deepEqual(given, [false, false, true, true]);
  });

  it('ends what it started when it is interrupted, and says how to go on', async () => {
    const held = gate();
    model = await startModelServer({ script: () => ({ hold: held }) });
    const asked = model.nextRequest();
    let child: ChildProcess | undefined;
    const running = scripted(['--task', 'crlf-file'], (begun) => {
      child = begun;
    });
    const request = await asked;
    child?.kill('SIGINT');
    const { code, stderr } = await running;
    assert.deepEqual([code, await request.ended, told().results], [130, true, []]);
    assert.match(stderr, /^Interrupted\. To go on: the same command with --out .*out$/m);
  });

  it('stops a model that goes round and round', async () => {
    const [task] = named('crlf-file');
    assert.ok(task);
    model = await startModelServer({
      script: ({ body }) => command(toolNames(body), 'true'),
    });
    assert.equal((await scripted(['--task', 'crlf-file'])).code, 1);
    const [result] = told().results;
    assert.deepEqual([result?.outcome, result?.problems[0]], ['rounds', `more than ${task.limits.rounds} rounds`]);
  });

  it('says what is missing in a sentence', async () => {
    const cases: [string[], RegExp][] = [
      [[], /^Say which with --provider, /],
      [
        ['--provider', 'openai', '--model', 'gpt-5.5'],
        /^There is no key for OpenAI: run it as OPENAI_API_KEY=… npm run eval -- /,
      ],
      [['--provider', 'nowhere', '--model', 'm'], /^nowhere is no provider that Gantry knows, /],
      [
        ['--provider', 'ollama', '--model', 'm', '--task', 'nothing'],
        /^--task nothing is not known: use fix-failing-test, /,
      ],
      [
        ['--provider', 'ollama', '--model', 'm', '--agents', 'codex', '--agent-bin', 'codex=none'],
        /^none is not there, .*npm install -g @openai\/codex/,
      ],
      [['--provider', 'ollama', '--model', 'm', '--prompt', 'none.md'], /none\.md is not there; --prompt takes files/],
      [['--provider', 'ollama', '--model', 'm', '--runs', '0'], /^--runs 0 is no number from 1 on\./],
    ];
    await Promise.all(
      cases.map(async ([args, says]) => {
        const { code, stdout, stderr } = await start(args);
        assert.deepEqual([args, code, stdout], [args, 2, '']);
        assert.match(stderr, says);
      }),
    );
    assert.ok(!existsSync(path.join(root, 'out')));
    const list = await start(['--list']);
    assert.deepEqual(list.stdout.split('\n').filter((line) => /^[a-z]+-/.test(line)).length, tasks.length);
  });
});
