// `npm run package [file.vsix]`: a production build, packed as the extension that is published. dist/ stays as it is.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installOrExit } from './install.mjs';
import { root } from './node.mjs';
import { run } from './process.mjs';

const SHIPPED = ['package.json', '.vscodeignore', 'README.md', 'LICENSE', 'CHANGELOG.md', 'media'];

/** Packs the extension into `file` and returns it; throws an Error that says what failed. */
export async function packageExtension(file) {
  const { build } = await import('./build.mjs');
  const staging = path.join(root, 'node_modules', '.cache', `package-${process.pid}`);
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  mkdirSync(path.dirname(file), { recursive: true });
  try {
    await build({ production: true, out: path.join(staging, 'dist') });
    for (const name of SHIPPED)
      if (existsSync(path.join(root, name)))
        cpSync(path.join(root, name), path.join(staging, name), { recursive: true });
    const vsce = path.join(root, 'node_modules', '@vscode', 'vsce', 'vsce');
    const args = [
      'package',
      '--no-dependencies',
      '--allow-missing-repository',
      '--no-rewrite-relative-links',
      '--out',
      file,
    ];
    const { code, output } = await run(process.execPath, [vsce, ...args], {
      cwd: staging,
      label: 'Packing the extension',
    });
    console.log(output.trim());
    if (code !== 0) throw new Error('vsce could not pack the extension; its own words are above.');
    return file;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await installOrExit();
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  try {
    await packageExtension(path.resolve(process.env.INIT_CWD ?? '.', process.argv[2] ?? `${name}-${version}.vsix`));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
