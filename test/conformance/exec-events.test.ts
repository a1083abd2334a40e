/** `exec --experimental-json` of the reference's own program and of Gantry, run on the same script and compared. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { World } from '../core/world.ts';
import { type ExecEvent, ExecProcess } from '../support/exec-process.ts';
import type { Reply } from '../support/model-server/index.ts';
import { loadReferenceProgram } from './reference-schema.ts';
import { root } from './root.ts';

type Step = { args: readonly string[]; stdin?: string };
type Outcome = { code: number | null; events: ExecEvent[] };

const plain = ['--experimental-json', '--skip-git-repo-check'];
const free = [...plain, '--dangerously-bypass-approvals-and-sandbox'];
/** Stands for the id that the step before it reported. */
const THREAD = '<thread>';

describe("exec's events beside those of the reference", function () {
  this.timeout(60_000);
  let reference: string;
  let world: World;

  before(async function () {
    this.timeout(300_000);
    reference = await loadReferenceProgram(root);
  });

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const run = async (program: string | undefined, steps: readonly Step[]): Promise<Outcome[]> => {
    const outcomes: Outcome[] = [];
    let threadId = '';
    for (const { args, stdin = '' } of steps) {
      const { code, events } = await new ExecProcess({
        home: world.home,
        cwd: world.workspace,
        args: args.map((arg) => (arg === THREAD ? threadId : arg)),
        stdin,
        env: { CODEX_HOME: world.home, SCRIPTED_KEY: 'scripted-key' },
        ...(program ? { program } : {}),
      }).ended;
      threadId = events[0]?.thread_id ?? threadId;
      outcomes.push({
        code,
        events: events.map((event) => (event.thread_id === threadId ? { ...event, thread_id: THREAD } : event)),
      });
    }
    return outcomes;
  };

  /** The same script and the same files for both. */
  const compare = async (script: readonly Reply[], ...steps: readonly Step[]): Promise<Outcome[]> => {
    world = await World.create({ script: [...script, ...script], strict: false });
    const files = (): void => {
      rmSync(world.workspace, { recursive: true, force: true });
      world.write('a.txt', 'one\ntwo\nthree\n');
      world.write('schema.json', '{"type":"object","properties":{},"additionalProperties":false}');
    };
    files();
    const theirs = await run(reference, steps);
    files();
    const ours = await run(undefined, steps);
    assert.deepEqual(ours, theirs);
    return ours;
  };

  const typesOf = (outcomes: Outcome[]): (string | undefined)[] =>
    outcomes.flatMap(({ events }) => events.map(({ type, item }) => item?.type ?? type));

  it('are the same for text, reasoning, and a thread that goes on', async () => {
    const outcomes = await compare(
      [[{ reasoning: 'Hm.' }, { reasoning: 'So.' }, { text: ['Hello', ' there'] }], { text: 'two' }, { text: 'three' }],
      { args: plain, stdin: 'Say hello' },
      { args: [...plain, 'resume', THREAD], stdin: 'more' },
      { args: ['resume', THREAD, '--json', '--skip-git-repo-check', 'and more'] },
    );
    assert.deepEqual(typesOf(outcomes.slice(0, 1)), [
      'thread.started',
      'turn.started',
      'reasoning',
      'reasoning',
      'agent_message',
      'turn.completed',
    ]);
  });

  it('are the same for commands, with and without success', async () => {
    const outcomes = await compare(
      [
        [{ text: 'I look.' }, { call: 'exec_command', args: { cmd: 'echo hi; cat a.txt' } }],
        { call: 'exec_command', args: { cmd: 'echo oops >&2; exit 3' } },
        { text: 'done' },
      ],
      { args: [...free, 'go'] },
    );
    assert.equal(typesOf(outcomes).filter((type) => type === 'command_execution').length, 4);
  });

  it('are the same for patches, also for one that does not fit', async () => {
    const begin = '*** Begin Patch\n';
    const outcomes = await compare(
      [
        {
          freeform: 'apply_patch',
          input: `${begin}*** Update File: a.txt\n@@\n-two\n+TWO\n*** Add File: b.txt\n+new\n*** End Patch`,
        },
        { freeform: 'apply_patch', input: `${begin}*** Update File: a.txt\n@@\n-nope\n+x\n*** End Patch` },
        { freeform: 'apply_patch', input: `${begin}*** Delete File: b.txt\n*** End Patch` },
        { text: 'done' },
      ],
      { args: [...free, 'go'] },
    );
    assert.equal(typesOf(outcomes).filter((type) => type === 'file_change').length, 4);
  });

  it('are the same when the sandbox forbids, and nobody can be asked', async () => {
    await compare(
      [
        { freeform: 'apply_patch', input: '*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch' },
        {
          call: 'exec_command',
          args: { cmd: 'echo hi', sandbox_permissions: 'require_escalated', justification: 'x' },
        },
        { text: 'done' },
      ],
      { args: [...plain, 'go'] },
    );
  });

  it('are the same for what a model may not call', async () => {
    await compare([{ call: 'no_such_tool', args: {} }, { text: 'done' }], { args: [...plain, 'go'] });
  });

  it('are the same for the flags of SDKs, and exit codes for wrong ones', async () => {
    const outcomes = await compare(
      [{ text: '{}' }, { text: 'x' }],
      {
        args: [
          ...plain,
          '--output-schema',
          'schema.json',
          '-o',
          'last.txt',
          '--add-dir',
          '..',
          '--model',
          'gpt-5.5',
          'go',
        ],
      },
      {
        args: [...plain, '-c', 'model_reasoning_effort="high"', '--config', 'web_search="disabled"', '-'],
        stdin: 'go',
      },
      { args: ['--experimental-json', 'go'] },
      { args: [...plain, '--bogus', 'go'] },
      { args: [...plain, '--sandbox', 'weird', 'go'] },
      { args: [...plain, '--cd', 'nowhere', 'go'] },
      { args: plain, stdin: '' },
      { args: [...plain, '--output-schema', 'none.json', 'go'] },
      { args: [...plain, 'resume', '00000000-0000-7000-8000-000000000000', 'go'] },
    );
    assert.deepEqual(
      outcomes.map(({ code }) => code),
      [0, 0, 1, 2, 2, 1, 1, 1, 1],
    );
  });
});
