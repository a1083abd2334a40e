// `npm run bench [-- name… --no-codex]`: how fast the core is, beside codex where npm can install it. Fails only when it cannot run.
import { cpSync } from 'node:fs';
import path from 'node:path';
import { installOrExit } from './install.mjs';
import { EDITOR_NODE, findNode, root } from './node.mjs';
import { run } from './process.mjs';

await installOrExit();
const { build } = await import('./build.mjs');
const output = path.join(root, '.test-output');
// As it is shipped, and beside dist/, which may be rebuilt while this runs.
const dist = path.join(output, 'bench', 'dist');
await build({ quiet: true, production: true, only: ['launcher', 'core'], out: dist });
cpSync(path.join(root, 'package.json'), path.join(output, 'bench', 'package.json'));
const { code } = await run(
  findNode({ min: EDITOR_NODE }).path,
  [
    '--disable-warning=ExperimentalWarning',
    path.join(root, 'test/bench/main.ts'),
    dist,
    path.join(output, 'bench.json'),
    ...process.argv.slice(2),
  ],
  { echo: true },
);
process.exit(code);
