/** Looks at a workspace against a plain walk through it: whatever is done to the files, each difference is found. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { blobId, type Entry } from '../../agent-core/checkpoints/entry.ts';
import { createGit, type Git } from '../../agent-core/checkpoints/git.ts';
import { createStores, type LookPart, type Part, type Stores } from '../../agent-core/checkpoints/store.ts';

const MAX_SIZE = 3000;
const IGNORED = '.ign';
/** A folder that is left alone. */
const MANY = 'many';

type Files = Map<string, Entry>;

/** What a snapshot shall hold: `known` files stay although a rule ignores them now. */
function walk(folder: string, known: Files, rules: ReadonlySet<string>, files: Files = new Map()): Files {
  for (const name of readdirSync(folder)) {
    const file = path.join(folder, name);
    const info = lstatSync(file);
    if (name === '.git' || name === MANY) continue;
    if (info.isDirectory()) walk(file, known, rules, files);
    else if ((name.endsWith(IGNORED) || rules.has(name)) && !known.has(file)) continue;
    else if (info.isSymbolicLink()) files.set(file, { mode: '120000', id: blobId(Buffer.from(readlinkSync(file))) });
    else if (info.size <= MAX_SIZE)
      files.set(file, { mode: info.mode & 0o100 ? '100755' : '100644', id: blobId(readFileSync(file)) });
  }
  return files;
}

const differences = (before: Files, after: Files): unknown[] =>
  [...new Set([...before.keys(), ...after.keys()])]
    .map((file) => ({ path: file, before: before.get(file) ?? null, after: after.get(file) ?? null }))
    .filter((one) => one.before?.id !== one.after?.id || one.before?.mode !== one.after?.mode)
    .sort((a, b) => (a.path < b.path ? -1 : 1));

const blob = (text: string): Entry => ({ mode: '100644', id: blobId(Buffer.from(text)) });

/** The same numbers for the same seed. */
function dice(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

describe('looks of checkpoints', function () {
  this.timeout(120_000);
  let top: string;
  let root: string;
  let ran: string[];

  beforeEach(() => {
    top = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-looks-')));
    root = path.join(top, 'workspace');
    mkdirSync(root);
    ran = [];
  });
  afterEach(() => rmSync(top, { recursive: true, force: true, maxRetries: 3 }));

  const at = (...names: string[]) => path.join(root, ...names);
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: root, stdio: 'pipe' });
  const commit = () => {
    git('init', '-q');
    git('add', '-A');
    git('commit', '-qm', 'first');
  };
  const newStores = (): Stores => {
    const real = createGit(process.env);
    const counted: Git = {
      program: real.program,
      run(place, args, options) {
        ran.push(args.find((arg) => !arg.startsWith('-')) ?? '');
        return real.run(place, args, options);
      },
    };
    const folder = path.join(top, 'home', 'checkpoints');
    const options = { folder, home: path.join(top, 'home'), includeIgnored: () => false };
    return createStores({ git: counted, ...options, now: Date.now, maxFileSize: () => MAX_SIZE });
  };

  /** One random deed; says what it was. With rules to add to, or with repositories in it: those have rules of their own. */
  function act(below: (below: number) => number, count: number, rules: Set<string> | null): string {
    const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
    const files: string[] = [];
    const folders = [root];
    for (const folder of folders) {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const inside = path.join(folder, entry.name);
        if (entry.isFile() && entry.name !== '.gitignore') files.push(inside);
        if (entry.isDirectory() && entry.name !== '.git' && entry.name !== MANY) folders.push(inside);
      }
    }
    const fresh = path.join(pick(folders), `n${count}`);
    const file = files.length > 0 ? pick(files) : null;
    const folder = folders.length > 1 ? pick(folders.slice(1)) : null;
    const isInside = (target: string, of: string) => target === of || target.startsWith(of + path.sep);
    const show = (name: string) => path.relative(root, name) || '.';
    const kind = below(17);
    if (kind === 0 || file === null) {
      const name = `${fresh}${rules && below(4) === 0 ? IGNORED : ''}`;
      writeFileSync(name, `new ${count}\n`);
      return `write ${show(name)}`;
    }
    if (kind <= 3) {
      const { size } = statSync(file);
      writeFileSync(file, String(count % 10).repeat(size));
      // Old, as what is unpacked is. (With the very time it had before, in the same second, git takes it for the same.)
      if (kind === 3) utimesSync(file, 1e9 + count, 1e9 + count);
      return `same size ${show(file)}`;
    }
    if (kind === 4) {
      appendFileSync(file, 'more\n');
      return `append ${show(file)}`;
    }
    if (kind === 5) {
      rmSync(file);
      return `remove ${show(file)}`;
    }
    if (kind === 6) {
      renameSync(file, fresh);
      return `move ${show(file)} ${show(fresh)}`;
    }
    if (kind === 7) {
      chmodSync(file, statSync(file).mode & 0o100 ? 0o644 : 0o755);
      return `mode ${show(file)}`;
    }
    if (kind === 8) {
      linkSync(file, fresh);
      return `hard link ${show(file)} ${show(fresh)}`;
    }
    if (kind === 9) {
      mkdirSync(fresh);
      writeFileSync(path.join(fresh, 'in'), `in ${count}\n`);
      return `folder ${show(fresh)}`;
    }
    if (kind === 10) {
      const other = pick(files);
      if (other === file) return 'nothing';
      renameSync(other, `${other}-`);
      renameSync(file, other);
      renameSync(`${other}-`, file);
      return `swap ${show(file)} ${show(other)}`;
    }
    if (kind === 11) {
      writeFileSync(file, `${'long '.repeat(below(rules ? 100 : 1000))}\n`);
      return `size ${show(file)}`;
    }
    if (kind === 12 && !file.endsWith(IGNORED) && !rules?.has(path.basename(file))) {
      rmSync(file);
      if (below(2)) symlinkSync('a', file);
      else mkdirSync(file);
      if (!lstatSync(file).isSymbolicLink()) writeFileSync(path.join(file, 'in'), `in ${count}\n`);
      return `other kind ${show(file)}`;
    }
    if (kind === 13 && rules && !file.endsWith(IGNORED) && below(3) === 0) {
      const name = path.basename(file);
      // A name that is used once: it would be ignored elsewhere as well.
      if (files.filter((one) => path.basename(one) === name).length > 1 || !/^n\d+$/.test(name)) return 'nothing';
      appendFileSync(at('.gitignore'), `${name}\n`);
      rules.add(name);
      return `ignore ${name}`;
    }
    if (folder === null || isInside(fresh, folder) || isInside(path.dirname(fresh), folder)) return 'nothing';
    if (kind === 14) {
      // In its place a link to where it went: its files seem to be there, with all their times.
      renameSync(folder, fresh);
      if (below(2)) symlinkSync(fresh, folder);
      return `move folder ${show(folder)} ${show(fresh)}`;
    }
    if (kind === 15) {
      const doom = below(4);
      if (doom === 0) rmSync(folder, { recursive: true });
      if (doom === 1 && !rules) execFileSync('git', ['init', '-q'], { cwd: folder });
      return `${['remove', 'init'][doom] ?? 'leave'} ${show(folder)}`;
    }
    writeFileSync(path.join(folder, `n${count}`), `new ${count}\n`);
    return `write in ${show(folder)}`;
  }

  async function live(seed: number, steps: number): Promise<void> {
    const below = dice(seed);
    const rules = new Set<string>();
    const [mine, other] = [newStores(), newStores()];
    let files = walk(root, new Map(), rules);
    let parts: (Part | LookPart)[] = (await mine.take(root)).parts;
    const deeds: string[] = [];
    for (let step = 0; step < steps; step++) {
      for (let more = below(4); more >= 0; more--) deeds.push(act(below, step * 10 + more, seed % 2 ? rules : null));
      const how = below(12);
      if (how === 0) await other.take(root);
      const after = walk(root, files, rules);
      const found = how === 1 ? await mine.take(root) : await mine.look(root);
      deeds.push(['other window', 'checkpoint'][how] ?? 'look');
      const changes = (await mine.diff(parts, found.parts)).map(({ root: _, ...change }) => change);
      assert.deepEqual(changes, differences(files, after), `seed ${seed}: ${deeds.slice(-20).join('; ')}`);
      files = after;
      parts = found.parts;
    }
    // And the last one, from nothing.
    const whole = await newStores().take(root);
    const known = differences(new Map(), walk(root, files, rules));
    const found = (await mine.diff([], whole.parts)).map(({ root: _, ...change }) => change);
    const isMeant = (change: unknown) => {
      const steps = path.relative(root, (change as { path: string }).path).split(path.sep);
      return steps[0] !== MANY && !rules.has(steps.at(-1) ?? '');
    };
    assert.deepEqual(found.filter(isMeant), known.filter(isMeant));
  }

  const FILES = ['a', 'b', 'd/x', 'd/y', 'd/e/z'];
  const fill = () => {
    mkdirSync(at('d', 'e'), { recursive: true });
    writeFileSync(at('.gitignore'), `*${IGNORED}\n`);
    for (const name of FILES) writeFileSync(at(name), `${name}\n`);
  };

  for (const seed of [1, 2, 3, 4]) {
    it(`finds each difference in a repository (seed ${seed})`, async () => {
      fill();
      commit();
      await live(seed, 40);
    });
  }

  it('asks git once for each look, and writes no index for what one command changes', async () => {
    fill();
    commit();
    const stores = newStores();
    const first = await stores.take(root);
    const index = readFileSync(path.join(stores.placeOf(root).folder, 'index'));
    ran = [];
    writeFileSync(at('new'), 'new\n');
    const second = await stores.look(root);
    assert.deepEqual(await stores.diff(first.parts, second.parts), [
      { path: at('new'), root, before: null, after: blob('new\n') },
    ]);
    writeFileSync(at('new'), 'newer\n');
    const third = await stores.look(root);
    assert.deepEqual(await stores.diff(second.parts, third.parts), [
      { path: at('new'), root, before: blob('new\n'), after: blob('newer\n') },
    ]);
    const ids = [blob('new\n').id, blob('newer\n').id];
    assert.deepEqual((await stores.read(root, ids)).map(String), ['new\n', 'newer\n']);
    assert.deepEqual(ran, ['ls-files', 'ls-files']);
    assert.deepEqual(readFileSync(path.join(stores.placeOf(root).folder, 'index')), index);
    // Git reads what was written without it.
    const { folder } = stores.placeOf(root);
    const git = (...args: string[]) => String(execFileSync('git', ['--git-dir', folder, ...args], { stdio: 'pipe' }));
    assert.deepEqual([git('cat-file', 'blob', ids[1] ?? ''), git('fsck', '--no-dangling')], ['newer\n', '']);
    // A checkpoint holds it from then on.
    const [part] = (await stores.take(root)).parts;
    assert.ok(part);
    assert.deepEqual(await stores.entries(part, [at('new')]), [blob('newer\n')]);
  });

  it('finds each difference among many files', async () => {
    fill();
    mkdirSync(at('many'));
    for (let i = 0; i < 11_500; i++) writeFileSync(at('many', `file-with-a-name-of-some-length-${i}.ts`), '');
    commit();
    await live(5, 30);
    const stores = newStores();
    assert.ok(stores.isLarge(root));
    const before = await stores.look(root);
    const file = at(MANY, 'file-with-a-name-of-some-length-7.ts');
    writeFileSync(file, 'x');
    const row = { path: file, root, before: blob(''), after: blob('x') };
    assert.deepEqual(await stores.diff(before.parts, (await stores.look(root)).parts), [row]);
  });
});
