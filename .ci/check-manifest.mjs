// What package.json and the top level must keep to.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { report } from './files.mjs';
import { root } from './node.mjs';

const TOP_LEVEL = new Set([
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'biome.json',
  'README.md',
  'AGENTS.md',
  'LICENSE',
  'CHANGELOG.md',
  'extension',
  'webview',
  'agent-core',
  'sandbox',
  'media',
  'test',
]);
const IGNORED = /^(node_modules|dist|.*\.vsix)$/;

/** Problems of a manifest and a list of top-level names. */
export function checkManifest(manifest, topLevel) {
  const problems = [];
  // An npm-installed editor lets every proposed API through, so no test would notice; a published extension may use none.
  if ('enabledApiProposals' in manifest)
    problems.push('package.json: enabledApiProposals must be absent: a published extension may use no proposed API');
  const least = manifest.engines.vscode.replace(/^\^/, '');
  const types = manifest.devDependencies['@types/vscode'];
  if (types !== least)
    problems.push(
      `package.json: @types/vscode is ${types}, but engines.vscode starts at ${least}: make them equal, so that a newer API does not compile`,
    );
  for (const [key, range] of ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((group) =>
    Object.entries(manifest[group] ?? {}),
  )) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))
      problems.push(`package.json: ${key} is '${range}': name one exact version`);
  }
  for (const name of topLevel) {
    if (!name.startsWith('.') && !TOP_LEVEL.has(name) && !IGNORED.test(name))
      problems.push(`${name}: not one of the top-level entries; put it into one of the folders`);
  }
  return problems;
}

export const checkRepositoryManifest = () =>
  checkManifest(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')), readdirSync(root));

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!report('manifest', checkRepositoryManifest())) process.exit(1);
  console.log('package.json and the top level are in order.');
}
