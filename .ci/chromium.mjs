// A Chromium for the tests that look at the editor.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './process.mjs';

const CANDIDATES = {
  linux: [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/usr/bin/google-chrome-stable',
    '/usr/bin/microsoft-edge',
    '/snap/bin/chromium',
  ],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) =>
    process.env[name]
      ? ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
          path.join(process.env[name], file),
        )
      : [],
  ),
};

/** Path of an installed Chromium (env CHROMIUM first), or undefined. */
export function findChromium() {
  return [process.env.CHROMIUM, ...(CANDIDATES[process.platform] ?? [])].find((file) => file && existsSync(file));
}

/** Whether this is Debian or one of its children, and we may install packages. */
export function canApt() {
  try {
    return process.getuid?.() === 0 && /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

let updated = false;

/** Installs Debian packages; returns whether it worked. What apt prints is shown only when it fails. */
export async function apt(...packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (!updated) {
    updated = true;
    await run('apt-get', ['update', '-q'], { label: 'Refreshing the list of Debian packages', env });
  }
  const { code, output } = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
    label: `Installing ${packages.join(', ')} with apt-get`,
    env,
    timeoutMs: 900_000,
  });
  if (code !== 0) console.error(output.trim().split('\n').slice(-15).join('\n'));
  return code === 0;
}

/** Makes sure of a Chromium: returns its path, or `{ missing: what to do }`. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return { path: found };
  if (canApt() && (await apt('chromium', 'fonts-dejavu-core'))) {
    const installed = findChromium();
    if (installed) return { path: installed };
  }
  const hint =
    {
      linux: 'sudo apt-get install chromium',
      darwin: 'brew install --cask chromium',
      win32: 'winget install Google.Chrome',
    }[process.platform] ?? 'install Chromium';
  return { missing: `Chromium is needed to drive the editor: run \`${hint}\`, or set CHROMIUM to one.` };
}
