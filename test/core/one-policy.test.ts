/**
 * One policy for commands and for edits: the same paths are tried by a command, which the kernel judges, and by patches,
 * which the core judges, and what is on the disk afterwards says who was let through.
 */
import assert from 'node:assert/strict';
import { existsSync, linkSync, lstatSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { World } from './world.ts';

type Act = 'write' | 'delete' | 'move to';
type Row = { act: Act; file: string };

/** Where nothing may be written, or what may. `~` stands for the user's home, `^` for the folder beside the workspace. */
const PLACES = [
  'plain.txt',
  'new/deep/file.txt',
  './sub/../up.txt',
  'sub//double.txt',
  'ä ö.txt',
  'a\u0308.txt',
  '-dash.txt',
  'sub/.gitignore',
  '.github/workflows/ci.yml',
  '.env',
  '.vscode/extensions.json',
  '.claude/notes.md',
  'sub/.vscode/tasks.json',
  'sub/.gantry/config.toml',
  'link-in/file.txt',
  'hard.txt',
  '.git/config',
  '.git/hooks/pre-commit',
  '.git/new',
  'sub/../.git/config',
  '.GIT/config',
  'sub/.git',
  'sub/.git/config',
  'new/.git/hooks/post-checkout',
  'module/.git',
  'link-git/config',
  '.gantry/config.toml',
  '.gantry/rules/mine.rules',
  '.codex/hooks.json',
  '.agents/skills/x/SKILL.md',
  '.vscode/settings.json',
  '.vscode/tasks.json',
  '.vscode/mcp.json',
  '.claude/settings.json',
  '.mcp.json',
  '.envrc',
  'link-vscode/launch.json',
  'link-settings.json',
  'link-out/file.txt',
  'link-file.txt',
  'link-loop',
  'dangling.txt',
  '../beside.txt',
  '^/outside.txt',
  '^/outside/new.txt',
  '~/.bashrc',
  '~/.ssh/authorized_keys',
  '~/.gantry/config.toml',
  '^/more/free.txt',
  '^/more/.git/config',
  '^/more/sub/.git/config',
  '^/more/.gantry/hooks.json',
  '^/more/.vscode/tasks.json',
  '/proc/self/cwd/proc.txt',
  '/proc/self/cwd/.envrc',
  '/proc/self/root/^/outside/root.txt',
  '/etc/gantry-was-here',
];

const OLD = 'old\n';
/** There before, with one line. */
const FILES = [
  'plain.txt',
  'source.txt',
  'sub/x.txt',
  'sub/.gitignore',
  '.vscode/settings.json',
  '.vscode/extensions.json',
  '.vscode/launch.json',
  '.gantry/config.toml',
  '.git/config',
  'module/.git',
  'inner/file.txt',
  'hard.txt',
  '^/outside.txt',
  '^/outside/file.txt',
  '^/target.txt',
  '^/more/.git/config',
  '~/.bashrc',
  '~/.ssh/authorized_keys',
];

describe('one policy for commands and edits', function () {
  this.timeout(120_000);
  if (process.platform !== 'linux') return;
  let world: World;

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  const place = (name: string): string =>
    name
      .replace(/^~/, () => path.join(world.root, 'user'))
      .replace('^', () => world.root)
      .replace('root//', 'root/');
  /** Where the test finds it: its own working folder is another. */
  const at = (name: string): string =>
    path.resolve(
      world.workspace,
      place(name).replace(/^\/proc\/self\/(cwd|root)/, (_all, kind) => (kind === 'cwd' ? world.workspace : '')),
    );

  const lay = (): void => {
    for (const name of ['workspace', 'user', 'outside', 'more', 'outside.txt', 'target.txt', 'beside.txt'])
      rmSync(path.join(world.root, name), { recursive: true, force: true });
    for (const name of FILES) {
      mkdirSync(path.dirname(at(name)), { recursive: true });
      writeFileSync(at(name), OLD);
    }
    writeFileSync(at('.git/HEAD'), 'ref: refs/heads/main\n');
    mkdirSync(at('.git/objects'));
    mkdirSync(at('.git/refs'));
    linkSync(at('hard.txt'), at('hard-too.txt'));
    for (const [name, to] of [
      ['link-in', 'inner'],
      ['link-git', '.git'],
      ['link-vscode', '.vscode'],
      ['link-settings.json', '.vscode/settings.json'],
      ['link-out', '../outside'],
      ['link-file.txt', '../target.txt'],
      ['link-loop', 'link-loop'],
      ['dangling.txt', '../outside/none.txt'],
    ] as const)
      symlinkSync(to, at(name));
  };

  const textOf = (file: string): string | null => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return null;
    }
  };
  const isThere = (file: string): boolean => {
    try {
      return lstatSync(file) !== undefined;
    } catch {
      return false;
    }
  };

  const rowsFor = (): Row[] => {
    const acts: Act[] = ['write', 'delete', 'move to'];
    return acts.flatMap((act) =>
      PLACES.filter((file) => act !== 'delete' || existsSync(at(file)))
        // A link into the workspace leads where another row looks.
        .filter((file) => act === 'write' || !(file.startsWith('/proc') || file === '/etc/gantry-was-here'))
        .map((file) => ({ act, file })),
    );
  };

  /** One row alone: everything is laid out before it. */
  const command = ({ act, file }: Row): string => {
    const to = `'${place(file)}'`;
    const folder = `mkdir -p -- "$(dirname -- ${to})"`;
    if (act === 'delete') return `rm -f -- ${to}`;
    return act === 'write' ? `${folder}; printf 'new\\n' > ${to}` : `${folder}; mv -fT -- source.txt ${to}`;
  };
  const patch = ({ act, file }: Row): string => {
    const to = place(file);
    const isOld = existsSync(at(file));
    const body =
      act === 'delete'
        ? [`*** Delete File: ${to}`]
        : act === 'move to'
          ? ['*** Update File: source.txt', `*** Move to: ${to}`, '@@', '-old', '+new']
          : isOld
            ? [`*** Update File: ${to}`, '@@', '-old', '+new']
            : [`*** Add File: ${to}`, '+new'];
    return ['*** Begin Patch', ...body, '*** End Patch', ''].join('\n');
  };
  const isDone = ({ act, file }: Row): boolean => {
    if (act === 'delete') return !isThere(at(file));
    return act === 'write' ? textOf(at(file)) === 'new\n' : !existsSync(at('source.txt'));
  };

  const begin = async (config = ''): Promise<Row[]> => {
    const before = process.env.TMPDIR;
    // Commands have a /tmp of their own; what lies below /var/tmp they see as it is.
    process.env.TMPDIR = '/var/tmp';
    world = await World.create();
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    const more = JSON.stringify([path.join(world.root, 'more')]);
    world.writeConfig({ config: config || `[sandbox_workspace_write]\nwritable_roots = ${more}\n` });
    lay();
    return rowsFor();
  };

  /** Who was let through, by row; `say` makes a call of a row. */
  const judged = async (
    rows: readonly Row[],
    say: (row: Row) => { call: string; args: object } | { freeform: string; input: string },
    params: object,
  ): Promise<Record<string, boolean>> => {
    const done: Record<string, boolean> = {};
    const steps = rows.map((row, index) => () => {
      const last = rows[index - 1];
      if (last) done[`${last.act} ${last.file}`] = isDone(last);
      lay();
      return say(row);
    });
    world.model.push(...(steps as never[]), (() => {
      const last = rows.at(-1);
      if (last) done[`${last.act} ${last.file}`] = isDone(last);
      return { text: 'done' };
    }) as never);
    lay();
    const core = await world.core({ experimentalApi: true, gantry: {} } as never, {
      HOME: path.join(world.root, 'user'),
    });
    const given = {
      cwd: world.workspace,
      approvalPolicy: 'never',
      gantry: { editApproval: 'editThenReview' },
      ...params,
    };
    const { thread } = await core.request('thread/start', given as never);
    await core.turn(thread.id, 'go');
    await core.stop();
    return done;
  };
  const byCommand = (rows: readonly Row[], params: object) =>
    judged(rows, (row) => ({ call: 'exec_command', args: { cmd: command(row) } }), params);
  const byPatch = (rows: readonly Row[], params: object) =>
    judged(rows, (row) => ({ freeform: 'apply_patch', input: patch(row) }), params);

  const split = (verdicts: Record<string, boolean>) => ({
    allowed: Object.keys(verdicts).filter((row) => verdicts[row]),
    refused: Object.keys(verdicts).filter((row) => !verdicts[row]),
  });

  const DESIGNED = [
    // A patch goes by what a link leads to, since that is the text that it shows; a command takes the link itself.
    'delete link-settings.json',
    'delete link-file.txt',
    'move to link-settings.json',
    'move to link-file.txt',
    'move to link-loop',
    'move to dangling.txt',
    // A command may remove the repository of a folder in the workspace; it cannot make or change one.
    'delete module/.git',
  ];
  const without = (verdicts: Record<string, boolean>) =>
    split(Object.fromEntries(Object.entries(verdicts).filter(([row]) => !DESIGNED.includes(row))));

  it('gives both the same answer in a workspace that may be written', async () => {
    const rows = await begin();
    const kernel = await byCommand(rows, { sandbox: 'workspace-write' });
    const edits = await byPatch(rows, { sandbox: 'workspace-write' });
    assert.deepEqual(without(edits), without(kernel));
    assert.deepEqual(
      DESIGNED.filter((row) => edits[row]),
      [],
    );
    assert.deepEqual(
      Object.keys(kernel).filter((row) => row.startsWith('write ') && kernel[row]),
      [
        'plain.txt',
        'new/deep/file.txt',
        './sub/../up.txt',
        'sub//double.txt',
        'ä ö.txt',
        'a\u0308.txt',
        '-dash.txt',
        'sub/.gitignore',
        '.github/workflows/ci.yml',
        '.env',
        '.vscode/extensions.json',
        '.claude/notes.md',
        'sub/.vscode/tasks.json',
        'link-in/file.txt',
        'hard.txt',
        '^/more/free.txt',
      ].map((name) => `write ${name}`),
    );
  });

  it('gives both the same answer under a profile of permissions', async () => {
    const profile = [
      'default_permissions = "mine"',
      '[permissions.mine]',
      'extends = ":workspace"',
      'protect_ci = true',
      '[permissions.mine.filesystem]',
      '"sub" = "read"',
      '"inner" = "none"',
      `"${'PLACE'}" = "write"`,
    ].join('\n');
    // What a command may remove beside a closed folder is the sandbox's own matter.
    const rows = (await begin()).filter(({ act }) => act === 'write');
    world.writeConfig({ config: profile.replace('PLACE', path.join(world.root, 'more')) });
    const kernel = await byCommand(rows, {});
    const edits = await byPatch(rows, {});
    assert.deepEqual(without(edits), without(kernel));
    const isAllowed = (row: string) => [row, kernel[row]];
    assert.deepEqual(
      [
        'plain.txt',
        '^/more/free.txt',
        'sub/.gitignore',
        'link-in/file.txt',
        '.github/workflows/ci.yml',
        '^/more/.vscode/tasks.json',
        '^/more/.git/config',
      ]
        .map((name) => `write ${name}`)
        .map(isAllowed),
      [
        ['write plain.txt', true],
        ['write ^/more/free.txt', true],
        ['write sub/.gitignore', false],
        ['write link-in/file.txt', false],
        ['write .github/workflows/ci.yml', false],
        ['write ^/more/.vscode/tasks.json', false],
        ['write ^/more/.git/config', false],
      ],
    );
  });

  it('lets neither write anything where all is read-only', async () => {
    const rows = await begin();
    const kernel = await byCommand(rows, { sandbox: 'read-only' });
    const edits = await byPatch(rows, { sandbox: 'read-only' });
    assert.deepEqual([split(kernel).allowed, split(edits).allowed], [[], []]);
  });

  it('shows both the same files: reading, searching, listing and looking at pictures', async () => {
    const CANARY = 'CANARY-71c';
    const PICTURE = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from(CANARY)]);
    await begin();
    const open = ['seen/text', 'link-in/seen', '^/outside/text', '/proc/self/cwd/seen/text'];
    const closed = [
      '~/.ssh/id',
      '~/.aws/credentials',
      '~/.codex/auth.json',
      '~/.gantry/x',
      'link-ssh/id',
      'link-key',
      'inner/../link-ssh/id',
      '/proc/self/cwd/link-key',
      '/proc/self/root/^/user/.ssh/id',
      'hidden/text',
      'sub/hidden.txt',
    ];
    const files = [...open, ...closed];
    const profile =
      '[permissions.mine.filesystem]\n":root" = "read"\n":workspace_roots" = "write"\n"hidden" = "none"\n"sub/hidden.txt" = "none"\n';
    world.writeConfig({ config: `default_permissions = "mine"\n${profile}` });
    const make = (): void => {
      lay();
      symlinkSync('../user/.ssh', at('link-ssh'));
      symlinkSync('../user/.ssh/id', at('link-key'));
      for (const file of files) {
        if (existsSync(at(file))) continue;
        mkdirSync(path.dirname(at(file)), { recursive: true });
        writeFileSync(at(file), CANARY);
      }
    };
    make();
    const shown = async (call: (file: string) => { call: string; args: object }, content: string | Buffer = CANARY) => {
      for (const file of files) writeFileSync(at(file), content);
      world.model.push(files.map(call), { text: 'done' });
      const core = await world.core({}, { HOME: path.join(world.root, 'user') });
      const { thread } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never' });
      await core.turn(thread.id, 'go');
      await core.stop();
      const { input } = (world.model.requests.at(-1) as { body: unknown }).body as {
        input: { type: string; output?: unknown }[];
      };
      const outputs = input
        .filter(({ type }) => type === 'function_call_output')
        .map(({ output }) => JSON.stringify(output));
      const isShown = (output = '') => output.includes(CANARY) || output.includes(PICTURE.toString('base64'));
      return files.filter((_file, index) => isShown(outputs[index]));
    };
    const quoted = (file: string) => `'${place(file)}'`;
    assert.deepEqual(
      {
        command: await shown((file) => ({ call: 'exec_command', args: { cmd: `cat ${quoted(file)}` } })),
        tool: await shown((file) => ({ call: 'read_file', args: { path: place(file) } })),
        editor: await shown((file) => ({
          call: 'str_replace_based_edit_tool',
          args: { command: 'view', path: place(file) },
        })),
        picture: await shown((file) => ({ call: 'view_image', args: { path: place(file) } }), PICTURE),
        search: await shown((file) => ({
          call: 'search_text',
          args: { pattern: 'CANARY.*', path: path.dirname(place(file)) },
        })),
      },
      {
        command: open,
        tool: open,
        editor: open,
        picture: open,
        // It does not look beyond the workspace. Beside the links lies a file that may be seen; what is closed is left out.
        search: ['seen/text', 'link-in/seen', '/proc/self/cwd/seen/text', 'link-key', '/proc/self/cwd/link-key'],
      },
    );
  });
});
