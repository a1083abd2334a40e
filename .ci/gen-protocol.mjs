// `npm run gen:protocol`: writes again what is generated from the protocol's tables and committed.
import path from 'node:path';
import { installOrExit } from './install.mjs';
import { EDITOR_NODE, findNode, root } from './node.mjs';
import { run } from './process.mjs';

await installOrExit();
const script = path.join(root, 'agent-core/protocol-tools/write-committed.ts');
const { code } = await run(findNode({ min: EDITOR_NODE }).path, [script], { echo: true });
process.exit(code);
