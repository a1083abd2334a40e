/**
 * What `gantry` starts: it parses on Node 20, hands over to a newer Node when the running one is too old for the
 * core, and loads nothing else before the core.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const LEAST_NODE = [22, 13] as const;
const HANDED_OVER = 'GANTRY_NODE_HANDED_OVER';

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
}

/** The binary of an npm package that carries Node for this platform, looked up from where we are installed. */
function findNpmNode(): string | undefined {
  const require = nodeModule.createRequire(import.meta.url);
  const os = process.platform === 'win32' ? 'win' : process.platform;
  const binary = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  const packages = [`node-${os}-${process.arch}`, `node-bin-${os}-${process.arch}`, 'node'];
  for (const name of packages) {
    const beside = fileURLToPath(new URL(`../node_modules/${name}/${binary}`, import.meta.url));
    if (existsSync(beside)) return beside;
    try {
      const found = path.join(path.dirname(require.resolve(`${name}/package.json`)), binary);
      if (existsSync(found)) return found;
    } catch {
      // Not installed; the next one may be.
    }
  }
  return undefined;
}

/** Runs this same program under `binary`; stdio, signals and the exit code pass through. */
function handOver(binary: string): void {
  const child = spawn(binary, [...process.execArgv, fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [HANDED_OVER]: '1' },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of signals) process.on(signal, forward);
  child.once('error', (error) => fail(`${binary} does not start (${error.message})`));
  child.once('exit', (code, signal) => {
    for (const name of signals) process.off(name, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code ?? 1;
  });
}

function fail(reason: string): void {
  const wanted = LEAST_NODE.join('.');
  process.stderr.write(
    `gantry: ${reason}; install Node ${wanted} or newer (https://nodejs.org) and start gantry again.\n`,
  );
  process.exitCode = 1;
}

async function launch(): Promise<void> {
  if (isNewEnough(process.versions.node)) {
    nodeModule.enableCompileCache?.();
    // A name that the bundler leaves alone: the core is a bundle of its own.
    const core = new URL('./core/main.js', import.meta.url).href;
    await import(core);
    return;
  }
  const binary = process.env[HANDED_OVER] ? undefined : findNpmNode();
  if (binary) handOver(binary);
  else fail(`this Node is ${process.versions.node}`);
}

await launch();
