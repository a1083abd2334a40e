/** `gantry apply-patch` beside the reference's `apply_patch`: the same patches on the same files, resulting trees and exit codes. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { applyPatchToFiles } from '../../agent-core/surfaces/apply-patch/apply-files.ts';
import { type PatchCase, patchCase } from './patch-generator.ts';
import { loadReferenceProgram } from './reference-schema.ts';
import { root } from './root.ts';

const SEEDS = Array.from({ length: 2000 }, (_, seed) => seed + 1);
/** Of them, these go through the built program: every process of Node's own takes its time. */
const BUILT = SEEDS.filter((seed) => seed % 80 === 0);
const BUILT_PROGRAM = path.join(import.meta.dirname, '../../dist/gantry.js');

type Result = { code: number; stdout: string; stderr: string };
type Tree = Record<string, string>;

/** The program itself: its launcher would take longer than all it does. */
async function nativeReference(): Promise<string> {
  const scope = path.resolve(path.dirname(await loadReferenceProgram(root)), '../..');
  const name = process.platform === 'win32' ? 'codex.exe' : 'codex';
  const found = readdirSync(scope)
    .flatMap((folder) => {
      const vendor = path.join(scope, folder, 'vendor');
      return existsSync(vendor) ? readdirSync(vendor).map((triple) => path.join(vendor, triple, 'bin', name)) : [];
    })
    .find((file) => existsSync(file));
  if (found === undefined) throw new Error(`The reference has no program for this machine below ${scope}.`);
  return found;
}

function runIn(cwd: string, program: string, args: readonly string[], input?: string): Promise<Result> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { cwd, env: { PATH: process.env.PATH } }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
    );
    // A program that does not read its input may be gone before.
    child.stdin?.on('error', () => {}).end(input ?? '');
  });
}

function makeTree(folder: string, files: Tree): string {
  mkdirSync(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

function readTree(folder: string): Tree {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name)).isFile(),
  );
  return Object.fromEntries(
    names.sort().map((name) => [name.replaceAll('\\', '/'), readFileSync(path.join(folder, name), 'utf8')]),
  );
}

const isSameTree = (one: Tree, other: Tree): boolean =>
  JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());

type Outcome =
  | 'applied alike'
  | 'refused alike'
  | 'nothing written, as a part fails'
  | 'not moved onto itself'
  | 'not changed twice'
  | 'different';

function compare({ files }: PatchCase, reference: Result, theirs: Tree, ours: Result, tree: Tree): Outcome {
  const isAlike = isSameTree(theirs, tree);
  if (ours.code === 0 && reference.code === 0 && isAlike && ours.stdout === reference.stdout) return 'applied alike';
  if (ours.code !== 1 || !isSameTree(tree, files)) return 'different';
  if (reference.code === 1) return isAlike ? 'refused alike' : 'nothing written, as a part fails';
  if (ours.stderr.includes('is the same file, which would be lost')) return 'not moved onto itself';
  return ours.stderr.startsWith('Two hunks change the same lines') ? 'not changed twice' : 'different';
}

describe('apply-patch', function () {
  this.timeout(300_000);
  let folder: string;
  let program: string;

  before(async function () {
    this.timeout(300_000);
    program = await nativeReference();
    folder = mkdtempSync(path.join(tmpdir(), 'gantry-apply-patch-'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  /** One shell for many patches: a process of Node's for each would take most of the time. */
  const runReference = (seeds: readonly number[]): Promise<Result> => {
    const script =
      'cd "$0" && for seed; do (cd "$seed/reference" && ../../apply_patch < ../patch > ../stdout 2> ../stderr; echo $? > ../code); done';
    applyPatchLink(program, folder);
    return runIn(folder, '/bin/sh', ['-c', script, folder, ...seeds.map(String)]);
  };

  const referenceOf = (seed: number): [Result, Tree] => {
    const said = (name: string) => readFileSync(path.join(folder, String(seed), name), 'utf8');
    const result = { code: Number(said('code')), stdout: said('stdout'), stderr: said('stderr') };
    return [result, readTree(path.join(folder, String(seed), 'reference'))];
  };

  const inProcess = async (seed: number, { files, patch }: PatchCase): Promise<[Result, Tree]> => {
    const cwd = makeTree(path.join(folder, String(seed), 'ours'), files);
    const applied = await applyPatchToFiles(patch, cwd);
    const result = applied.ok
      ? { code: 0, stdout: `${applied.summary}\n`, stderr: '' }
      : { code: 1, stdout: '', stderr: applied.problem };
    return [result, readTree(cwd)];
  };

  it(`does what the reference does with ${SEEDS.length} patches, or is stricter where that is safer`, async () => {
    for (const seed of SEEDS) {
      const { files, patch } = patchCase(seed);
      makeTree(path.join(folder, String(seed), 'reference'), files);
      writeFileSync(path.join(folder, String(seed), 'patch'), patch);
    }
    const shells = Math.max(2, availableParallelism());
    const shares = Array.from({ length: shells }, (_, share) => SEEDS.filter((seed) => seed % shells === share));
    await Promise.all(shares.map(runReference));
    const outcomes = new Map<Outcome, number[]>();
    for (const seed of SEEDS) {
      const one = patchCase(seed);
      const [theirResult, theirs] = referenceOf(seed);
      const [result, tree] = await inProcess(seed, one);
      const outcome = compare(one, theirResult, theirs, result, tree);
      outcomes.set(outcome, [...(outcomes.get(outcome) ?? []), seed]);
      rmSync(path.join(folder, String(seed)), { recursive: true, force: true });
    }
    assert.deepEqual(outcomes.get('different') ?? [], []);
    // Most are neither garbage nor refused for what we are stricter in.
    assert.ok((outcomes.get('applied alike')?.length ?? 0) > SEEDS.length * 0.4);
    const strict = [...outcomes].filter(([outcome]) => !outcome.endsWith('alike')).flatMap(([, seeds]) => seeds);
    assert.ok(strict.length < SEEDS.length * 0.15, `${strict.length} are refused for being unsafe`);
  });

  it('does the same as a program, with the patch as its argument or on its input', async () => {
    for (const [index, seed] of BUILT.entries()) {
      const one = patchCase(seed);
      const [expected, expectedTree] = await inProcess(seed, one);
      const cwd = makeTree(path.join(folder, String(seed), 'program'), one.files);
      const args = [BUILT_PROGRAM, 'apply-patch'];
      const isInput = index % 2 === 0;
      const result = await runIn(
        cwd,
        process.execPath,
        isInput ? args : [...args, one.patch],
        isInput ? one.patch : '',
      );
      assert.deepEqual([result.code, result.stdout, readTree(cwd)], [expected.code, expected.stdout, expectedTree]);
      assert.equal(result.stderr === '', result.code === 0);
    }
  });

  it('is called in a wrong way with the same exit codes', async () => {
    const cwd = makeTree(path.join(folder, 'usage'), {});
    for (const [args, input] of [
      [[], ''],
      [['a', 'b'], ''],
      [[''], ''],
      [['garbage'], ''],
    ] as const) {
      const ours = await runIn(cwd, process.execPath, [BUILT_PROGRAM, 'apply-patch', ...args], input);
      const theirs = await runIn(cwd, applyPatchLink(program, folder), [...args], input);
      assert.deepEqual([args, ours.code, ours.stdout], [args, theirs.code, theirs.stdout]);
    }
  });
});

/** The reference under the name by which models call it. */
function applyPatchLink(program: string, folder: string): string {
  const link = path.join(folder, 'apply_patch');
  if (!existsSync(link)) symlinkSync(program, link);
  return link;
}
