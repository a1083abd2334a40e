import assert from 'node:assert/strict';
import { fileTree } from '../../../agent-core/context/file-tree.ts';
import { permissionText } from '../../../agent-core/context/permissions.ts';
import { readGitState, snapshotText } from '../../../agent-core/context/workspace-snapshot.ts';
import { settingsWith } from '../loop/fake-ports.ts';

describe('the picture of a workspace', () => {
  it('shows the upper levels first and counts what it does not open', () => {
    const paths = ['b.ts', 'a.ts', 'src/deep/only/x.ts', 'src/deep/only/y.ts', 'test/one/a.ts', 'test/two.ts'];
    assert.equal(
      fileTree(paths, 1000),
      ['src/deep/only/', ' x.ts', ' y.ts', 'test/', ' one/', '  a.ts', ' two.ts', 'a.ts', 'b.ts'].join('\n'),
    );
    assert.equal(
      fileTree(paths, 70),
      ['src/deep/only/', ' x.ts', ' y.ts', 'test/ (2 files)', 'a.ts', 'b.ts'].join('\n'),
    );
    assert.equal(fileTree([], 1000), '');
  });

  it('stays within its budget, and one line', () => {
    const paths = Array.from({ length: 5_000 }, (_, i) => `folder-${i % 70}/${i % 3}/file-${i}.ts`);
    for (const budget of [100, 500, 1_200]) assert.ok(Buffer.byteLength(fileTree(paths, budget)) <= budget + 20);
    assert.match(fileTree(paths, 100), /\n… \d+ more$/);
    assert.equal(fileTree(['a\nb: evil'], 100), 'a?b: evil');
  });

  it('reads what git said, and nothing from a complaint', () => {
    assert.deepEqual(readGitState('      3\nab12cd3 Fix it    \n'), { dirty: 3, commits: ['ab12cd3 Fix it'] });
    assert.deepEqual(readGitState('0\n'), { dirty: 0, commits: [] });
    assert.equal(readGitState('fatal: detected dubious ownership\n0\n'), null);
    assert.equal(readGitState(''), null);
  });

  it('says what there is to say', () => {
    assert.equal(snapshotText({ git: null, files: null }), null);
    assert.equal(snapshotText({ git: null, files: { paths: [], isWhole: true } }), null);
    assert.equal(
      snapshotText({ git: { dirty: 1, commits: ['ab12cd3 Fix'] }, files: { paths: ['a.ts'], isWhole: false } }),
      '<workspace>\ngit: 1 uncommitted path\nlast commits:\n ab12cd3 Fix\nfiles (not all):\na.ts\n</workspace>',
    );
  });
});

describe('what the model may do', () => {
  it('is told as the sandbox has it', () => {
    const write = permissionText(settingsWith({ roots: ['/work/project', '/work/lib'] }));
    assert.match(
      write,
      /write only below \/work\/project, \/work\/lib and to a temporary folder of their own \(\$TMPDIR\)/,
    );
    assert.match(write, /\.git, \.vscode settings and agents' folders \(\.gantry, \.codex, \.agents\) are read-only/);
    const readOnly = settingsWith({ sandboxPolicy: { type: 'readOnly', networkAccess: false } });
    assert.match(permissionText(readOnly), /read-only\. Commands can read files and write only to a temporary folder/);
    assert.match(permissionText(readOnly, true), /this machine has none, so the user is asked before every command/);
    const open = settingsWith({ sandboxPolicy: { type: 'dangerFullAccess' }, approvalPolicy: 'never' });
    assert.equal(
      permissionText(open, true),
      '<permissions>\nSandbox: none. Commands can write anywhere and use the network, so be careful.\nApprovals: never. Nobody can be asked.\n</permissions>',
    );
  });
});
