// The licences of what is packed with us: their texts must go where the code goes.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './node.mjs';

const LICENSE_FILE = /^(licen[cs]e|copying|notice)([.-].*)?$/i;

/** The folder of the package that a bundled file belongs to, relative to the root; null for our own files. */
export function packageFolder(file) {
  const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file);
  return match ? match[1] : null;
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const texts = readdirSync(path.join(root, folder))
    .filter((file) => LICENSE_FILE.test(file))
    .sort()
    .map((file) => readFileSync(path.join(root, folder, file), 'utf8').trim());
  return { name, version, license: license ?? 'see its text', text: texts.join('\n\n') };
}

/** One text for the packages of these bundled files (paths relative to the root) and of these folders. */
export function licenseTexts(files, folders = []) {
  const all = new Set([
    ...files.map(packageFolder).filter(Boolean),
    ...folders.filter((f) => existsSync(path.join(root, f))),
  ]);
  const packages = [...all].map(describe).sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const sections = packages.map(
    ({ name, version, license, text }) =>
      `${name} ${version} (${license})\n\n${text || 'Its package holds no text of its licence.'}`,
  );
  return `Gantry is packed with these works of others.\n\n${sections.join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}
