/**
 * The demo model works from what the tests say, not from a script: the sample is perturbed (functions renamed, lines
 * moved) and mended all the same, with the real test runner and the real patch code.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { demoStep } from '../../agent-core/models/demo/index.ts';
import type { HistoryItem, ToolSpec } from '../../agent-core/models/model-client.ts';
import { applyHunks } from '../../agent-core/tools/apply-hunks.ts';
import { parsePatch } from '../../agent-core/tools/patch-parser.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample-workspace');
const tools: ToolSpec[] = [
  { kind: 'function', name: 'exec_command', description: '', parameters: {} },
  { kind: 'freeform', name: 'apply_patch', description: '', grammar: '' },
];
const text = (value: string) => [{ type: 'text' as const, text: value }];

describe('demo model on the sample workspace', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'gantry-demo-')));
    cpSync(SAMPLE, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('mends the sample: three hunks in two files', () => {
    const { said, patches } = converse(folder, 'Fix the failing test.', true);
    assert.equal(said.at(-1), 'All tests pass now. Changed: `src/basket.ts` and `src/money.ts`.');
    assert.deepEqual(patches.map(shape), [{ 'src/basket.ts': 2, 'src/money.ts': 1 }]);
  });

  it('mends it with every function renamed, lines moved and the files told apart no more', () => {
    perturb(folder, (source) =>
      source
        .replace(/\bsubtotal\b/g, 'sumOfAll')
        .replace(/\btotal\b/g, 'leftToPay')
        .replace(/\bamountDue\b/g, 'lastLine')
        .replace(/\btoCents\b/g, 'inCents')
        .replace(/\bMEMBER_DISCOUNT\b/g, 'CARD_RATE')
        .replace(/\bitems\b/g, 'goods')
        .replace(/^(?=\/\*\*)/gm, '\n// moved\n\n'),
    );
    const { said } = converse(folder, 'the tests fail, please fix them', true);
    assert.equal(said.at(-1), 'All tests pass now. Changed: `src/basket.ts` and `src/money.ts`.');
  });

  it('writes nothing and stops when the change is rejected', () => {
    const before = readFileSync(join(folder, 'src/basket.ts'), 'utf8');
    const { said } = converse(folder, 'Fix the failing test.', false);
    assert.match(said.at(-1) ?? '', /^The change was not made/);
    assert.equal(readFileSync(join(folder, 'src/basket.ts'), 'utf8'), before);
  });

  it('says so when the fault is none that it knows', () => {
    perturb(folder, (source) =>
      source
        .replace('i <= items.length', 'i < items.length')
        .replace('discount || MEMBER', 'discount ?? MEMBER')
        .replace('Math.floor(euros * 100)', 'Math.round(euros * 100) + 1'),
    );
    const { said, patches } = converse(folder, 'Fix the failing test.', true);
    assert.match(said.at(-1) ?? '', /none of the mistakes that I know is there/);
    assert.deepEqual(patches, []);
  });

  it('has nothing to do when all is well', () => {
    converse(folder, 'Fix the failing test.', true);
    assert.deepEqual(
      converse(folder, 'Fix the failing test.', true).said.at(-1),
      'All tests pass; there is nothing to fix.',
    );
  });

  it('renames by the word', () => {
    const { said } = converse(folder, 'rename toCents to inCents', true);
    assert.equal(said.at(-1), 'Renamed `toCents` to `inCents`.');
    assert.equal(spawnSync('grep', ['-rnw', 'toCents', folder]).status, 1);
  });
});

function perturb(folder: string, change: (source: string) => string): void {
  for (const dir of ['src', 'test']) {
    for (const name of readdirSync(join(folder, dir))) {
      const path = join(folder, dir, name);
      writeFileSync(path, change(readFileSync(path, 'utf8')));
    }
  }
}

/** Plays the harness: runs commands, applies patches when `accept`, until the demo model has no more calls. */
function converse(folder: string, ask: string, accept: boolean): { said: string[]; patches: string[] } {
  const items: HistoryItem[] = [
    { type: 'message', role: 'user', content: text(`<environment_context>\ncwd: ${folder}\n</environment_context>`) },
    { type: 'message', role: 'user', content: text(ask) },
  ];
  const said: string[] = [];
  const patches: string[] = [];
  for (let round = 0; round < 10; round++) {
    const step = demoStep({ items, tools });
    said.push(step.text);
    if (step.calls.length === 0) return { said, patches };
    for (const [n, call] of step.calls.entries()) {
      const callId = `${round}-${n}`;
      if (call.name === 'apply_patch') {
        patches.push(call.patch);
        if (accept) applyPatch(folder, call.patch);
        items.push({ type: 'toolCall', callId, name: call.name, kind: 'freeform', input: call.patch });
        items.push({
          type: 'toolResult',
          callId,
          kind: 'freeform',
          success: accept,
          output: text(accept ? 'Done.' : 'Rejected.'),
        });
      } else if (call.name === 'exec_command') {
        const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
        const ran = spawnSync('/bin/bash', ['-c', call.cmd], { cwd: folder, encoding: 'utf8', env });
        const output = `Process exited with code ${ran.status}\nOutput:\n${ran.stdout}${ran.stderr}`;
        items.push({
          type: 'toolCall',
          callId,
          name: call.name,
          kind: 'function',
          input: JSON.stringify({ cmd: call.cmd }),
        });
        items.push({ type: 'toolResult', callId, kind: 'function', success: ran.status === 0, output: text(output) });
      } else assert.fail(`an unexpected call of ${call.name}`);
    }
  }
  return assert.fail(`no end after 10 rounds: ${said.join('\n---\n')}`);
}

function applyPatch(folder: string, patch: string): void {
  const parsed = parsePatch(patch);
  assert.ok(parsed.ok, 'the patch parses');
  for (const operation of parsed.operations) {
    assert.equal(operation.type, 'update');
    if (operation.type !== 'update') continue;
    const path = join(folder, operation.path);
    const applied = applyHunks(readFileSync(path, 'utf8'), operation.hunks, operation.path);
    assert.ok(applied.ok, 'the patch applies');
    writeFileSync(path, applied.text);
  }
}

/** How many hunks a patch has for each file. */
function shape(patch: string): Record<string, number> {
  const parsed = parsePatch(patch);
  assert.ok(parsed.ok);
  return Object.fromEntries(parsed.operations.map((op) => [op.path, op.type === 'update' ? op.hunks.length : 0]));
}
