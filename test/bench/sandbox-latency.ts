/** What the sandbox adds to one command and to many files, without an agent around it, beside the reference's own. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { detect, type SandboxReport, spawnSandboxed, workspaceWrite } from '../../sandbox/index.ts';

/** As many commands as a long turn of an agent starts. */
const ROUNDS = 200;
const FILE_ROUNDS = 3;
const FILES = 3000;
const CHECKOUT_FILES = 1000;
const PACKAGES = 12;
const PACKAGE_FILES = 31;
const TICK_MS = 10;

export type SandboxRow = { table: string; key: string; label: string; values: number[] };

type Way = { key: string; label: string; run: (script: string) => Promise<void> };

const TABLES = {
  wall: '`bash -c true` started by',
  cpu: 'its CPU',
  turn: `${ROUNDS} of these commands together`,
  files: `unpack and remove ${FILES} files`,
  memory: 'the same in memory',
  checkout: `\`git checkout\` of ${CHECKOUT_FILES} files, there and back`,
  install: `\`npm install\` of ${PACKAGES} local packages with ${PACKAGE_FILES} files each`,
} as const;

/** Milliseconds of CPU that ended children have used, as exact as the kernel's clock ticks. */
function childrenCpu(): number {
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[13]) + Number(fields[14])) * TICK_MS;
}

function started(argv: readonly string[], cwd: string, env: Record<string, string>): Promise<void> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  child.stdout.resume();
  child.stderr.resume();
  return new Promise((resolve, reject) => {
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}`))));
    child.once('error', reject);
  });
}

async function findWays(cwd: string, root: string, codex: string | null): Promise<Way[]> {
  const temp = path.join(root, 'sandbox-temp');
  const codexHome = path.join(root, 'sandbox-codex');
  for (const folder of [cwd, temp, codexHome]) mkdirSync(folder, { recursive: true });
  // The user's own home: where the secrets lie decides how many rules there are.
  const env = { PATH: process.env.PATH ?? '', HOME: homedir() };
  const policy = workspaceWrite({ roots: [cwd], home: homedir(), tempFrom: temp, git: 'commit' });
  const confined = (report: SandboxReport) => async (script: string) => {
    const argv = ['/bin/bash', '-c', script];
    const child = spawnSandboxed({ argv, cwd, env, policy, report });
    child.stdout?.resume();
    child.stderr?.resume();
    const { failure, code } = await child.exited;
    if (failure !== null || code !== 0) throw new Error(failure ?? `the command ended with ${code}`);
  };
  const ways: Way[] = [
    { key: 'plain', label: 'no sandbox', run: (script) => started(['/bin/bash', '-c', script], cwd, env) },
  ];
  const best = await detect();
  if (best.level === 'namespaces') {
    ways.push({ key: 'namespaces', label: 'level `namespaces`', run: confined(best) });
    const bare = await detect({ withoutBroker: true });
    ways.push({ key: 'bare', label: '— without the broker', run: confined(bare) });
  }
  const landlock = await detect({ forceLevel: 'landlock' });
  if (landlock.level === 'landlock') ways.push({ key: 'landlock', label: 'level `landlock`', run: confined(landlock) });
  if (codex !== null) {
    const home = { ...env, CODEX_HOME: codexHome };
    const argv = [codex, 'sandbox', '--', '/bin/bash', '-c'];
    ways.push({ key: 'codex', label: '`codex sandbox`', run: (script) => started([...argv, script], cwd, home) });
  }
  return ways;
}

/** Every way in turn, so that a busy machine is busy for all of them. */
async function takeTurns(ways: readonly Way[], script: string, rounds: number, warmUp: number) {
  const walls = ways.map((): number[] => []);
  const cpus = ways.map((): number[] => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (const [i, { run }] of ways.entries()) {
      const [since, before] = [performance.now(), childrenCpu()];
      await run(script);
      if (round < 0) continue;
      walls[i]?.push(performance.now() - since);
      cpus[i]?.push(childrenCpu() - before);
    }
  }
  return { walls, cpus };
}

function layMany(cwd: string, name: string, count: number, text: string): void {
  for (let i = 0; i < count; i++) {
    const folder = path.join(cwd, name, String(i % 30));
    mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(folder, `${i}.txt`), `${text} ${i}\n`);
  }
}

function setUp(cwd: string, program: string, ...args: string[]): void {
  const { status, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args[0]}: ${stderr}`);
}

/** A repository with two branches that differ in every file. */
function layRepository(cwd: string): void {
  const git = (...args: string[]): void => setUp(cwd, 'git', '-c', 'user.name=b', '-c', 'user.email=b@b', ...args);
  git('init', '-q', '-b', 'one');
  for (const branch of ['one', 'two']) {
    if (branch === 'two') git('checkout', '-q', '-b', branch);
    layMany(cwd, 'tracked', CHECKOUT_FILES, branch);
    git('add', 'tracked');
    git('commit', '-q', '-m', branch);
  }
}

function layPackages(cwd: string): void {
  const names = Array.from({ length: PACKAGES }, (_, i) => `package-${i}`);
  for (const name of names) {
    layMany(path.join(cwd, 'packages'), name, PACKAGE_FILES - 1, 'text');
    const manifest = JSON.stringify({ name, version: '1.0.0' });
    writeFileSync(path.join(cwd, 'packages', name, 'package.json'), manifest);
    setUp(path.join(cwd, 'packages'), 'tar', 'czf', `${name}.tgz`, `--transform=s|^${name}|package|`, name);
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:../packages/${name}.tgz`]));
  mkdirSync(path.join(cwd, 'app'));
  writeFileSync(path.join(cwd, 'app', 'package.json'), JSON.stringify({ name: 'app', version: '1.0.0', dependencies }));
}

/** A disk has its own moods (ext4 is slow where files were removed a minute ago); this is what the calls alone cost. */
async function unpackInMemory(rounds: number): Promise<number[][] | null> {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return null;
  const root = mkdtempSync(path.join(memory, 'gantry-bench-'));
  try {
    const cwd = path.join(root, 'workspace');
    const ways = await findWays(cwd, root, null);
    layArchive(cwd);
    return (await takeTurns(ways, UNPACK, rounds, 1)).walls;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const UNPACK = 'tar xf many.tar && rm -r many';

function layArchive(cwd: string): void {
  layMany(cwd, 'many', FILES, 'file');
  setUp(cwd, 'tar', 'cf', 'many.tar', 'many');
  setUp(cwd, 'rm', '-r', 'many');
}

const NPM = 'npm install --offline --no-audit --no-fund --no-package-lock --silent --cache';

/** Milliseconds. Levels that this machine does not have are left out; `codex`: its program, or null to do without. */
export async function measureSandbox(root: string, codex: string | null): Promise<SandboxRow[]> {
  const cwd = path.join(root, 'sandboxed');
  const ways = await findWays(cwd, root, codex);
  const row = (table: string, values: readonly number[][]): SandboxRow[] =>
    values.map((all, i) => ({ table, key: `${ways[i]?.key} ${table}`, label: ways[i]?.label ?? '', values: all }));
  const one = await takeTurns(ways, 'true', ROUNDS, 3);
  // Ticks are far longer than a command: only the mean of all of them says something.
  const mean = one.cpus.map((all) => [all.reduce((sum, value) => sum + value, 0) / all.length]);
  const turn = one.walls.map((all) => [all.reduce((sum, value) => sum + value, 0)]);

  const memory = await unpackInMemory(FILE_ROUNDS);
  layArchive(cwd);
  layRepository(cwd);
  layPackages(cwd);
  // The last one is the reference's, whose settings for writing differ too much to be compared.
  const own = ways.filter(({ key }) => key !== 'codex');
  const files = await takeTurns(own, UNPACK, FILE_ROUNDS, 1);
  const checkout = await takeTurns(own, 'git checkout -q one && git checkout -q two', FILE_ROUNDS, 1);
  const cache = path.join(cwd, 'npm-cache');
  const install = await takeTurns(own, `cd app && rm -rf node_modules && ${NPM} ${cache}`, FILE_ROUNDS, 1);
  return [
    ...row(TABLES.wall, one.walls),
    ...row(TABLES.cpu, mean),
    ...row(TABLES.turn, turn),
    ...row(TABLES.files, files.walls),
    ...(memory ? row(TABLES.memory, memory) : []),
    ...row(TABLES.checkout, checkout.walls),
    ...row(TABLES.install, install.walls),
  ];
}
