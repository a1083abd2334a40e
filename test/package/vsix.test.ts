import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { setupEditor } from '../../.ci/editor.mjs';
import { panel, useEditor } from '../support/editor/index.ts';

const exec = promisify(execFile);

/** What may lie in the installed extension; anything else was packed by mistake. */
const SHIPPED = /^(package\.json|readme\.md|changelog\.md|license(\.txt)?|dist|media|\.vsixmanifest)$/i;

describe('the packed extension', () => {
  let extensionsDir: string;

  before('install it', async function () {
    this.timeout(300_000);
    const vsix = process.env.GANTRY_VSIX;
    assert.ok(vsix, 'GANTRY_VSIX names the file to test; `npm test -- package` sets it');
    const { node, server } = await setupEditor();
    extensionsDir = await mkdtemp(path.join(tmpdir(), 'gantry-extensions-'));
    const args = ['--accept-server-license-terms', '--extensions-dir', extensionsDir, '--install-extension', vsix];
    await exec(node, [path.join(server, 'out/server-main.js'), ...args], { cwd: server });
  });
  after('remove it', () => rm(extensionsDir, { recursive: true, force: true }));

  const session = useEditor(() => ({ load: 'installed', extensionsDir, env: { GANTRY_OPEN_PANEL: '1' } }));

  it('holds what is shipped, and nothing else', async () => {
    const name = (await readdir(extensionsDir)).find((entry) => entry.startsWith('gantry.gantry-'));
    assert.ok(name);
    const folder = path.join(extensionsDir, name);
    const all = (await readdir(folder, { recursive: true })).map((file) => file.split(path.sep).join('/'));
    const strays = all.filter((file) => !SHIPPED.test(file.split('/')[0] ?? ''));
    const internal = all.filter((file) => /^dist\/test\/|\.map$|^media\/sample-workspace\//.test(file));
    assert.deepEqual({ strays, internal }, { strays: [], internal: [] });
    const licenses = await readFile(path.join(folder, 'dist/third-party-licenses.txt'), 'utf8');
    const named = ['openai', 'react', 'zod', '@vscode/ripgrep-'].filter((name) => licenses.includes(`\n${name}`));
    assert.deepEqual(named, ['openai', 'react', 'zod', '@vscode/ripgrep-']);
    assert.doesNotMatch(licenses, /holds no text/);
  });

  it('opens its panel', async () => {
    await panel(session.page).getByRole('textbox').first().waitFor();
  });
});
