import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pinned, sightOf } from '../../../agent-core/hooks/hook-files.ts';
import { type NamedWhere, namedFiles } from '../../../agent-core/hooks/named-files.ts';

describe('files of hooks', () => {
  let root: string;
  let where: NamedWhere;

  const write = (name: string, text: string, mode = 0o644): void => {
    const file = path.join(root, 'work', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  };
  const named = (command: string, more: Partial<NamedWhere> = {}): string => {
    const { code, data } = namedFiles(command, { ...where, ...more });
    const short = (files: string[]) => files.map((file) => path.relative(where.cwd, file)).join(' ');
    return `${short(code)} | ${short(data)}`;
  };

  beforeEach(() => {
    root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-hook-files-')));
    mkdirSync(path.join(root, 'work'));
    where = { cwd: path.join(root, 'work'), folders: [path.join(root, 'work')], home: path.join(root, 'user') };
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('are those that a command runs, and those that it names', () => {
    for (const name of ['a.sh', 'sub/b.py', 'bin/tool', 'my file.sh', 'policy.txt', 'c.mjs', 'package.json'])
      write(name, '', name === 'bin/tool' ? 0o755 : 0o644);
    writeFileSync(path.join(root, 'outside.sh'), '');
    symlinkSync(path.join(root, 'outside.sh'), path.join(root, 'work/link.sh'));
    const rows: [string, string][] = [
      ['./a.sh', 'a.sh | '],
      ['a.sh', 'a.sh | '],
      ['sh a.sh policy.txt', 'a.sh | policy.txt'],
      ['"$GANTRY_PROJECT_DIR/a.sh"', 'a.sh | '],
      [`\${CLAUDE_PROJECT_DIR}/sub/b.py`, 'sub/b.py | '],
      ['python3 -u sub/b.py', 'sub/b.py | '],
      ['env X=1 timeout 5s node --import ./c.mjs a.sh', 'a.sh c.mjs | '],
      [`sh -c 'cd sub; exec ../work/../a.sh'`, ' | '],
      [`bash -c "cat policy.txt; ./a.sh"`, 'a.sh policy.txt | '],
      ['echo $(./a.sh) `python3 sub/b.py`', 'a.sh sub/b.py | '],
      ['./bin/tool --rules=policy.txt <a.sh', 'bin/tool | a.sh policy.txt'],
      ["'./my file.sh'", 'my file.sh | '],
      ['./link.sh', 'link.sh | '],
      [path.join(root, 'outside.sh'), ' | '],
      ['true && . ./a.sh || ! ./sub/b.py', 'a.sh sub/b.py | '],
      ['if test -e policy.txt; then ./a.sh; fi', 'a.sh | policy.txt'],
      ['npm run lint', ' | '],
      ['./missing.sh; $UNKNOWN a', ' | '],
    ];
    assert.deepEqual(
      rows.map(([command]) => [command, named(command)]),
      rows,
    );
    assert.equal(named('npm run lint', { isWide: true }), 'package.json | ');
    assert.equal(named('tool x', { searchPath: `/usr/bin:${path.join(root, 'work/bin')}` }), 'bin/tool | ');
  });

  it('are those that a script loads in turn, in the words of its language', () => {
    write(
      'hooks/guard.sh',
      '#!/bin/bash\n# ./comment.sh\nsource "$(dirname "$0")/lib.sh"\ncat ./data.txt\nnode tools/check.mjs "$1"\n',
      0o755,
    );
    write('hooks/lib.sh', `HERE="\${BASH_SOURCE%/*}"\n. "$HERE/../common/colors.sh"\n. hooks/guard.sh\n`);
    write('hooks/data.txt', '');
    write('comment.sh', '', 0o755);
    write('data.txt', '');
    write('common/colors.sh', 'exec python3 "$ROOT/common/paint.py"\n');
    write('common/paint.py', 'import json, helpers.text\nfrom . import near\nfrom .deep.er import thing\nimport os\n');
    write('common/helpers/__init__.py', '');
    write('common/helpers/text.py', 'import subprocess\nsubprocess.run(["./scripts/last.rb", "src/app.ts"])\n');
    write('common/near.py', '');
    write('common/deep/__init__.py', '');
    write('common/deep/er.py', '');
    write('scripts/last.rb', "#!/usr/bin/env ruby\nrequire_relative 'more'\n");
    write('scripts/more.rb', '');
    write('src/app.ts', '');
    write(
      'tools/check.mjs',
      "import x from './rules.js';\nimport './dir';\nexport * from '../src/app';\nconst y = require('left-pad');\n",
    );
    write('tools/rules.ts', '');
    write('tools/dir/index.js', 'await import("./late.mjs")');
    write('tools/dir/late.mjs', '');
    assert.equal(
      named('hooks/guard.sh'),
      [
        'common/colors.sh',
        'common/deep/__init__.py',
        'common/deep/er.py',
        'common/helpers/__init__.py',
        'common/helpers/text.py',
        'common/near.py',
        'common/paint.py',
        'hooks/guard.sh',
        'hooks/lib.sh',
        'scripts/last.rb',
        'scripts/more.rb',
        'src/app.ts',
        'tools/check.mjs',
        'tools/dir/index.js',
        'tools/dir/late.mjs',
        'tools/rules.ts | ',
      ].join(' '),
    );
  });

  it('have changed when one is another, is gone, cannot be read, or would be loaded in its place', () => {
    const command = 'python3 guard.py words.txt';
    const reset = () => {
      write('guard.py', 'import json\n');
      write('words.txt', 'x\n');
    };
    reset();
    const pin = pinned(command, where);
    const changed = (): string | null => {
      const file = sightOf(command, pin).changed;
      return file === null ? null : path.relative(where.cwd, file);
    };
    const acts: [() => void, string | null][] = [
      [() => {}, null],
      [() => write('other.txt', ''), null],
      [() => write('guard.py', 'import json # x\n'), 'guard.py'],
      [reset, null],
      [() => rmSync(path.join(root, 'work/words.txt')), 'words.txt'],
      [reset, null],
      [() => write('json.py', ''), 'json.py'],
      [() => rmSync(path.join(root, 'work/json.py')), null],
      [
        () => {
          rmSync(path.join(root, 'work/guard.py'));
          mkdirSync(path.join(root, 'work/guard.py'));
        },
        'guard.py',
      ],
    ];
    const seen = acts.map(([act]) => {
      act();
      return changed();
    });
    assert.deepEqual(
      seen,
      acts.map(([, file]) => file),
    );
  });

  it('show that they were exchanged, although they are what they were', () => {
    write('guard.sh', 'true\n');
    const pin = pinned('sh guard.sh', where);
    const before = sightOf('sh guard.sh', pin);
    assert.deepEqual(sightOf('sh guard.sh', pin), before);
    renameSync(path.join(root, 'work/guard.sh'), path.join(root, 'work/x'));
    write('guard.sh', 'true\n');
    const after = sightOf('sh guard.sh', pin);
    assert.deepEqual([after.changed, after.identity === before.identity], [null, false]);
  });
});
