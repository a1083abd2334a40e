import assert from 'node:assert/strict';
import { checkImports, findCycles } from '../../../.ci/check-imports.mjs';
import { scanImports } from '../../../.ci/scan-imports.mjs';

const scan = (text) =>
  scanImports(text).map(
    ({ specifier, typeOnly, dynamic }) => `${specifier}${typeOnly ? ' type' : ''}${dynamic ? ' dynamic' : ''}`,
  );
const check = (files) => checkImports(new Map(Object.entries(files)));

describe('scanImports', () => {
  it('finds every form of an import', () => {
    const text = `
      import a from 'a';
      import type { B } from "b";
      import { type C, d } from 'c';
      import * as e from 'e';
      import type{F}from'f';
      import g, { h } from 'g';
      import './i.css';
      export * from 'j';
      export * as k from 'k';
      export type { L } from 'l';
      export { m } from 'm';
      const n = await import('n');
      const o = require('o');
      import type P from 'p';
      import {
        q,
        type R,
      } from 'q';
    `;
    assert.deepEqual(
      scan(text).sort(),
      [
        'a',
        'b type',
        'c',
        'e',
        'f type',
        'g',
        './i.css',
        'j',
        'k',
        'l type',
        'm',
        'n dynamic',
        'o dynamic',
        'p type',
        'q',
      ].sort(),
    );
  });

  it('takes nothing in a comment, a string, a template or a regex for one', () => {
    const text = [
      "// import x from 'comment'",
      "/* import x from 'block' */",
      'const a = "import x from \'string\'";',
      "const b = `import x from 'template' ${`import('nested')`} import('rest')`;",
      "const c = /import x from 'regex'[/']/;",
      "const d = 4 / 2; import y from 'real'; const e = 4 / 2;",
    ].join('\n');
    assert.deepEqual(scan(text), ['real']);
  });

  it('looks into the code of a template', () => {
    assert.deepEqual(scan("const a = `${await import('inside')} and ${{ b: `${import('deeper')}` }.b}`;"), [
      'inside dynamic',
      'deeper dynamic',
    ]);
  });

  it('is not led astray by apostrophes in JSX text', () => {
    assert.deepEqual(scan("const a = <p>Don't</p>;\nconst b = import('b');"), ['b dynamic']);
  });

  it('does not confuse other words with the keyword', () => {
    const text = "export const from = 'x'; reimport('y'); a.import('z'); export function f() { return from; }";
    assert.deepEqual(scan(text), []);
  });

  it('takes time in proportion to the text', () => {
    const text = `export ${'word '.repeat(20_000)}\nimport { a${', a'.repeat(20_000)} } from 'b';`;
    assert.deepEqual(scan(text), ['b']);
  });
});

describe('checkImports', () => {
  const empty = {
    'agent-core/protocol/index.ts': '',
    'agent-core/ports.ts': '',
    'agent-core/loop/agent-loop.ts': '',
    'sandbox/index.ts': '',
    'webview/bridge/messages.ts': '',
    'webview/app.tsx': '',
    'extension/main.ts': '',
    'test/support/wait.ts': '',
  };

  const allowed = [
    ['agent-core/protocol/thread.ts', "import { z } from 'zod'; import './index.ts';"],
    [
      'agent-core/server.ts',
      "import './protocol/index.ts'; import '../sandbox/index.ts'; import './loop/agent-loop.ts'; import 'node:fs';",
    ],
    ['agent-core/surfaces/tui/app.ts', "import 'react';"],
    ['agent-core/tools/a.ts', "import type { A } from '../ports.ts';"],
    ['sandbox/spawn.ts', "import 'execa'; import 'node:fs'; import './index.ts';"],
    [
      'extension/a.ts',
      "import 'vscode'; import '../agent-core/protocol/index.ts'; import '../webview/bridge/messages.ts'; import 'node:fs';",
    ],
    [
      'webview/a.ts',
      "import type { A } from '../agent-core/protocol/index.ts'; import 'react'; import './bridge/messages.ts';",
    ],
    ['webview/bridge/a.ts', "import { z } from 'zod'; import type { A } from '../../agent-core/protocol/index.ts';"],
    [
      'test/unit/a.test.ts',
      "import '../../extension/main.ts'; import '../support/wait.ts'; import '../../webview/app.tsx';",
    ],
  ];
  for (const [file, text] of allowed) {
    it(`lets ${file} import what its layer may`, () => assert.deepEqual(check({ ...empty, [file]: text }), []));
  }

  const refused = [
    ['agent-core/protocol/a.ts', "import 'node:fs';", 'agent-core/protocol imports only zod'],
    ['agent-core/protocol/a.ts', "import '../ports.ts';", 'agent-core/protocol imports nothing else of ours'],
    ['agent-core/a.ts', "import type { X } from 'vscode';", 'agent-core never imports the editor'],
    ['agent-core/a.ts', "import '../webview/bridge/messages.ts';", 'agent-core imports only agent-core and sandbox'],
    ['agent-core/a.ts', "import 'react';", 'agent-core never imports React'],
    [
      'agent-core/tools/a.ts',
      "import type { X } from '../loop/agent-loop.ts';",
      'tools, models and approvals never import loop, server or threads',
    ],
    ['sandbox/a.ts', "import 'zod';", 'sandbox imports only Node and execa'],
    ['sandbox/a.ts', "import '../agent-core/ports.ts';", 'sandbox imports nothing else of ours'],
    [
      'extension/a.ts',
      "import '../agent-core/ports.ts';",
      'extension imports only agent-core/protocol and webview/bridge of ours',
    ],
    [
      'extension/a.ts',
      "import '../webview/app.tsx';",
      'extension imports only agent-core/protocol and webview/bridge of ours',
    ],
    ['webview/a.ts', "import 'node:fs';", 'webview never imports Node'],
    [
      'webview/a.ts',
      "import { X } from '../agent-core/protocol/index.ts';",
      'webview imports agent-core/protocol as types only (`import type`)',
    ],
    [
      'webview/a.ts',
      "import { type X } from '../agent-core/protocol/index.ts';",
      'webview imports agent-core/protocol as types only (`import type`)',
    ],
    ['webview/bridge/a.ts', "import '../app.tsx';", 'webview/bridge imports nothing else of webview'],
    ['extension/a.ts', "import 'fs';", "write 'node:fs'"],
    ['test/a.ts', "import './support/wait';", 'a relative import ends in .ts or .tsx'],
    ['test/a.ts', "import './gone.ts';", 'there is no such file'],
  ];
  for (const [file, text, reason] of refused) {
    it(`refuses ${text} in ${file}`, () => {
      const specifier = /'(.*)'/.exec(text)[1];
      assert.deepEqual(check({ ...empty, [file]: text }), [`${file}: '${specifier}': ${reason}`]);
    });
  }

  it('lets nothing import test', () => {
    assert.ok(
      check({ ...empty, 'extension/a.ts': "import '../test/support/wait.ts';" }).some((line) =>
        line.endsWith('nothing imports test'),
      ),
    );
  });

  it('wants packages to be listed', () => {
    const files = new Map([['extension/a.ts', "import 'left-pad'; import '@scope/name/deep.js'; import 'vscode';"]]);
    assert.deepEqual(checkImports(files, new Set(['@scope/name'])), [
      "extension/a.ts: 'left-pad': the package is not listed in package.json",
    ]);
  });

  it('names a cycle, types included', () => {
    const files = { 'sandbox/a.ts': "import './b.ts';", 'sandbox/b.ts': "import type { A } from './a.ts';" };
    assert.deepEqual(check(files), ['cycle: sandbox/a.ts -> sandbox/b.ts -> sandbox/a.ts']);
  });
});

describe('findCycles', () => {
  it('finds none in a diamond', () => {
    assert.deepEqual(
      findCycles(
        new Map([
          ['a', ['b', 'c']],
          ['b', ['d']],
          ['c', ['d']],
          ['d', []],
        ]),
      ),
      [],
    );
  });
});
