// `npm run shots [folder] [dark|light|highContrast] [asked|review]`: pictures of Gantry at work, in three themes and panel widths.
import path from 'node:path';
import { installOrExit } from './install.mjs';
import { EDITOR_NODE, findNode, root } from './node.mjs';
import { run } from './process.mjs';

await installOrExit();
const { build } = await import('./build.mjs');
await build({ quiet: true });
const [folder, ...rest] = process.argv.slice(2);
const target = path.resolve(process.env.INIT_CWD ?? '.', folder ?? path.join(root, '.test-output', 'shots'));
const { code } = await run(
  findNode({ min: EDITOR_NODE }).path,
  [path.join(root, 'test/support/editor/shots.ts'), target, ...rest],
  { echo: true },
);
process.exit(code);
