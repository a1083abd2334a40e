// `npm run soak [-- --short --seed N]`: the fuzzer and the kill test of test/soak, walled in where the kernel can do it.
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { installOrExit } from './install.mjs';
import { EDITOR_NODE, findNode, root } from './node.mjs';
import { run } from './process.mjs';

/**
 * In namespaces of their own: everything is read-only but for one folder, there is no network but the machine's own, and
 * dist/ is a copy, which nobody builds anew meanwhile. The shell stays: it is the namespace's first process, and buries
 * what is orphaned there.
 */
const WALLS = `
folder=$1 dist=$2; shift 2
mount --make-rprivate / &&
mount --bind "$folder" "$folder" &&
mount --bind "$folder/dist" "$dist" &&
mount -t proc proc /proc &&
ip link set lo up || exit 99
cut -d ' ' -f 5 /proc/self/mountinfo | while read -r place; do
  case "$place" in "$folder"|/proc) ;; *) mount -o remount,bind,ro "$place" 2>/dev/null ;; esac
done
"$@"
exit $?`;

async function walls() {
  if (process.platform !== 'linux') return null;
  // Without root's rights, a user namespace gives them inside.
  for (const flags of ['-mnp', '-Urmnp']) {
    const { code } = await run('unshare', [
      flags,
      '--fork',
      'sh',
      '-c',
      'mount -t proc proc /proc && ip link set lo up',
    ]);
    if (code === 0) return ['unshare', flags, '--fork', '--kill-child', 'sh', '-c', WALLS, 'sh'];
  }
  return null;
}

await installOrExit();
const { build } = await import('./build.mjs');
await build({ quiet: true, only: ['launcher', 'core'] });
const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-soak-')));
const dist = path.join(root, 'dist');
cpSync(dist, path.join(folder, 'dist'), { recursive: true });
mkdirSync(path.join(folder, 'tmp'));
const around = await walls();
const [command, ...args] = [
  ...(around ? [...around, folder, dist] : []),
  findNode({ min: EDITOR_NODE }).path,
  '--disable-warning=ExperimentalWarning',
  '--max-old-space-size=2048',
  path.join(root, 'test/soak/main.ts'),
  ...process.argv.slice(2),
  '--root',
  folder,
];
const env = { ...process.env, TMPDIR: path.join(folder, 'tmp') };
const { code } = await run(command, args, { echo: true, env });
const failure = path.join(folder, 'failure.jsonl');
if (existsSync(failure)) {
  const kept = path.join(root, '.test-output', 'soak-failure.jsonl');
  mkdirSync(path.dirname(kept), { recursive: true });
  copyFileSync(failure, kept);
  console.error(`The lines that were under way: ${path.relative(process.cwd(), kept)}`);
}
rmSync(folder, { recursive: true, force: true });
process.exit(code);
