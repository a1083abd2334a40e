// Runs the table in one mode and prints what happened, as JSON. A program of its own so that it can run as another user:
// node runner.ts (plain|namespaces|landlock)
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { detect, readOnly, type SandboxPolicy, scrubEnv, spawnSandboxed, workspaceWrite } from '../../sandbox/index.ts';
import { CONTROLS, type Control, ESCAPES, type Escape } from './cases.ts';
import { openWorld, type World } from './world.ts';

export type RunnerResult = {
  level: string;
  /** Ids of attempts that got through, or commands that failed; with what they printed. */
  escaped: Record<string, string>;
  held: string[];
  broken: Record<string, string>;
  working: string[];
  /** Cases whose command could not be started at all. */
  failed: Record<string, string>;
  /** Controls whose program is not installed for this user. */
  skipped: string[];
};

const SECRETS = {
  OPENAI_API_KEY: 'sk-TESTSECRET',
  AWS_SECRET_ACCESS_KEY: 'TESTSECRET',
  GITHUB_TOKEN: 'ghp_TESTSECRET',
  LD_PRELOAD: '',
  NODE_OPTIONS: '--no-warnings',
  BASH_ENV: '/dev/null',
  SSH_AUTH_SOCK: '/nonexistent',
};

function policyFor(world: World, one: Escape | Control): { policy: SandboxPolicy; root: string } {
  const { WS = '', OUT = '', HOME = '' } = world.variables;
  const root = one.root ? join(WS, one.root) : WS;
  const options = {
    roots: [root],
    home: HOME,
    tmp: [join(world.base, 'live/tmp')],
    extraDenyRead: [join(OUT, 'secret.txt')],
    git: one.policy === 'commit' ? ('commit' as const) : ('ro' as const),
  };
  return { root, policy: one.policy === 'read-only' ? readOnly(options) : workspaceWrite(options) };
}

/** As a careless program starts commands, streams aside. */
function withoutSandbox([program = '', ...args]: string[], cwd: string, env: NodeJS.ProcessEnv) {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return { stdout: child.stdout, stderr: child.stderr, exited: once(child, 'close').then(() => ({ failure: null })) };
}

/** Ends what a command has left running; true if there was any. */
function endLeft(mark: string): boolean {
  const left = readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').at(-2) === mark;
    } catch {
      return false; // it has ended meanwhile
    }
  });
  for (const pid of left) process.kill(Number(pid), 'SIGKILL');
  return left.length > 0;
}

async function main(mode: 'plain' | 'namespaces' | 'landlock'): Promise<RunnerResult> {
  const attack = fileURLToPath(new URL(`./attack/attack-linux-${process.arch}`, import.meta.url));
  const report = await detect({ forceLevel: mode === 'landlock' ? 'landlock' : 'namespaces' });
  const world = await openWorld(attack);
  const result: RunnerResult = {
    level: mode === 'plain' ? 'plain' : report.level,
    escaped: {},
    held: [],
    broken: {},
    working: [],
    failed: {},
    skipped: [],
  };

  const run = async (one: Escape | Control): Promise<string | null> => {
    const { policy, root } = policyFor(world, one);
    const env = { ...process.env, ...SECRETS, TMPDIR: join(world.base, 'live/tmp'), ...world.variables };
    const argv = ['bash', '-c', one.run];
    const child =
      mode === 'plain'
        ? withoutSandbox(argv, root, env)
        : spawnSandboxed({ argv, cwd: root, env: { ...scrubEnv(env), ...world.variables }, policy, report });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (bytes: Buffer) => {
        output += bytes.toString('utf8');
      });
    }
    const { failure } = await child.exited;
    if (failure === null) return output;
    result.failed[one.id] = failure;
    return null;
  };
  const outside = (test: string): boolean =>
    spawnSync('bash', ['-c', test], { env: world.variables, stdio: 'ignore' }).status === 0;

  for (const one of ESCAPES) {
    if (mode === 'plain' && one.notPlain) continue;
    world.reset();
    const output = await run(one);
    const hits = await world.hits();
    if (output === null) continue;
    const reached = one.reaches !== undefined && hits[one.reaches] > 0;
    const left = one.leaves === true && endLeft(world.variables.MARK ?? '');
    const escaped =
      output.includes('ESCAPED') || reached || left || (one.happened !== undefined && outside(one.happened));
    if (escaped) result.escaped[one.id] = output.slice(0, 300);
    else result.held.push(one.id);
  }
  for (const one of CONTROLS) {
    world.reset();
    if (one.needs && !outside(one.needs)) {
      result.skipped.push(one.id);
      continue;
    }
    const output = await run(one);
    if (output === null) continue;
    if (output.includes('WORKS')) result.working.push(one.id);
    else result.broken[one.id] = output.slice(0, 1000);
  }
  await world.close();
  return result;
}

console.log(JSON.stringify(await main(process.argv[2] as 'plain' | 'namespaces' | 'landlock')));
