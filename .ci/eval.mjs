// `npm run eval -- --provider P --model M`: measures a model, or several agents with it, by small tasks. See test/eval/README.md.
import { spawn } from 'node:child_process';
import { cpSync } from 'node:fs';
import path from 'node:path';
import { installOrExit } from './install.mjs';
import { EDITOR_NODE, findNode, root } from './node.mjs';

await installOrExit();
const args = process.argv.slice(2);
const output = path.join(root, '.test-output');
// As it is shipped, and beside dist/, which may be rebuilt while this runs.
const dist = path.join(output, 'eval-build', 'dist');
if (!args.some((arg) => ['--help', '-h', '--list'].includes(arg))) {
  const { build } = await import('./build.mjs');
  await build({ quiet: true, production: true, only: ['launcher', 'core'], out: dist });
  cpSync(path.join(root, 'package.json'), path.join(output, 'eval-build', 'package.json'));
}
// It sees to its own end when it is interrupted: what is done is kept and told.
const child = spawn(
  findNode({ min: EDITOR_NODE }).path,
  [
    '--disable-warning=ExperimentalWarning',
    path.join(root, 'test/eval/main.ts'),
    path.join(dist, 'gantry.js'),
    path.join(output, 'eval'),
    ...args,
  ],
  { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] },
);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.once('exit', (code) => {
  process.exitCode = code ?? 1;
});
