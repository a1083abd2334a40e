/** Where the program of an MCP server may lie, what it is told when it lies elsewhere, and what it writes once it may. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { connect } from '../../agent-core/mcp/connect.ts';
import { serversOf } from '../../agent-core/mcp/server-config.ts';
import { detect, type SandboxReport } from '../../sandbox/index.ts';

/** A server that says the word of a module which does not lie beside it unless it is told so, and writes what it is told. */
const program = (module: string): string => `#!${process.execPath}
import { createInterface } from 'node:readline';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
const { word } = await import(${JSON.stringify(module)});
const answers = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: word, version: '1' } }),
  'tools/call': ({ arguments: { paths } }) => ({ content: paths.map((file) => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, 'x');
      return { type: 'text', text: 'written' };
    } catch (error) {
      return { type: 'text', text: error.code };
    }
  }) }),
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method]?.(params) ?? {} }));
});
`;

type Table = {
  command: string;
  args?: string[];
  cwd?: string;
  sandbox?: Record<string, unknown>;
  env?: Record<string, string>;
};

for (const level of ['namespaces', 'landlock'] as const) {
  describe(`the program of an MCP server: level ${level}`, function () {
    this.timeout(60_000);
    let report: SandboxReport;
    let home: string;
    const at = (name: string): string => path.join(home, name);
    const put = (name: string, text: string): string => {
      mkdirSync(path.dirname(at(name)), { recursive: true });
      writeFileSync(at(name), text);
      chmodSync(at(name), 0o755);
      return at(name);
    };

    before(async function () {
      if (process.platform !== 'linux') this.skip();
      report = await detect({ forceLevel: level });
      assert.equal(report.level, level, report.reason ?? '');
    });
    beforeEach(() => {
      // Not below /tmp, which is hidden in any case.
      home = realpathSync(mkdtempSync(path.join(homedir(), '.gantry-mcp-program-')));
      mkdirSync(at('work'));
    });
    afterEach(() => rmSync(home, { recursive: true, force: true }));

    const begin = (table: Table) => {
      const { servers } = serversOf(
        {
          config: { mcp_servers: { it: table } },
          layers: [{ name: { type: 'user' }, disabledReason: null, raw: { mcp_servers: { it: table } } }],
        } as never,
        at('work'),
      );
      const place = {
        roots: [at('work')],
        homes: { user: home, agent: [at('agent')] },
        env: { HOME: home, PATH: `${at('.local/bin')}:/usr/local/bin:/usr/bin:/bin` },
        report: async () => report,
      };
      const options = {
        place,
        version: '1',
        authProvider: null,
        fetch,
        elicit: async () => ({ action: 'decline' as const }),
        onToolsChanged: () => {},
        onLog: () => {},
      };
      assert.ok(servers[0]);
      return connect(servers[0], options, new AbortController().signal);
    };
    const nameOf = async (table: Table): Promise<string> => {
      const connection = await begin(table);
      const name = connection.client.getServerVersion()?.name ?? '';
      await connection.close();
      return name;
    };
    const failureOf = async (table: Table): Promise<string> => {
      try {
        return await nameOf(table);
      } catch (error) {
        return (error as Error).message;
      }
    };

    it('is found with what belongs to it', async () => {
      const node = process.execPath;
      const word = (text: string): string => `export const word = ${JSON.stringify(text)};`;
      const places: [name: string, script: string, module: string, beside: string][] = [
        ['an environment', 'envs/one/bin/server.mjs', 'envs/one/lib/word.mjs', 'envs/one/pyvenv.cfg'],
        ['a conda environment', 'envs/two/bin/server.mjs', 'envs/two/lib/word.mjs', 'envs/two/conda-meta/history'],
        ['a folder with requirements', 'three/src/server.mjs', 'three/word.mjs', 'three/requirements.txt'],
        ['a package', 'four/dist/server.mjs', 'four/word.mjs', 'four/package.json'],
        [
          'pipx',
          '.local/share/pipx/venvs/p/bin/server.mjs',
          '.local/share/pipx/venvs/p/word.mjs',
          '.local/share/pipx/x',
        ],
      ];
      const found: Record<string, string> = {};
      for (const [name, script, module, beside] of places) {
        put(module, word(name));
        put(beside, beside.endsWith('.json') ? '{}' : '');
        put(script, program(at(module)));
        found[name] = await failureOf({ command: node, args: [at(script)] });
        if (name !== 'pipx') continue;
        mkdirSync(at('.local/bin'));
        symlinkSync(at(script), at('.local/bin/served'));
        found['a link in PATH'] = await failureOf({ command: 'served' });
      }
      const names = [...places.map(([name]) => name)];
      assert.deepEqual(found, { ...Object.fromEntries(names.map((name) => [name, name])), 'a link in PATH': 'pipx' });
    });

    it('is told which path is closed to it, and what opens it', async () => {
      put('elsewhere/word.mjs', 'export const word = "elsewhere";');
      const script = put('lonely/server.mjs', program(at('elsewhere/word.mjs')));
      const closed = await failureOf({ command: process.execPath, args: [script] });
      assert.ok(
        closed.includes(
          `its profile does not let it read ${at('elsewhere/word.mjs')}. To allow it, set read = ["${at('elsewhere')}"] in [mcp_servers.it.sandbox]`,
        ),
        closed,
      );
      const opened = { command: process.execPath, args: [script], sandbox: { read: [at('elsewhere')] } };
      assert.equal(await failureOf(opened), 'elsewhere');
    });

    it('stays closed among secrets, and the user hears why', async () => {
      put('.claude/mcp/package.json', '{}');
      put('.claude/mcp/word.mjs', 'export const word = "closed";');
      const script = put('.claude/mcp/server.mjs', program('./word.mjs'));
      for (const table of [
        { command: process.execPath, args: [script] },
        { command: process.execPath, args: ['server.mjs'], cwd: path.dirname(script) },
        { command: process.execPath, args: [script], sandbox: { read: [path.dirname(script)] } },
      ]) {
        const failure = await failureOf(table);
        assert.ok(
          failure.includes(
            `${script} lies in ${at('.claude')}, which may hold keys or tokens and is closed to every server. Move it elsewhere, or let the server run without a sandbox: mode = "off" in [mcp_servers.it.sandbox]`,
          ),
          failure,
        );
      }
    });

    it('is given no hint that would open what it was talked into reading', async () => {
      put('.ssh/id_ed25519', 'PRIVATE');
      const script = put(
        'lonely/server.mjs',
        `import { readFileSync } from 'node:fs';\nreadFileSync(${JSON.stringify(at('.ssh/id_ed25519'))});`,
      );
      const failure = await failureOf({ command: process.execPath, args: [script] });
      assert.ok(
        failure.includes(`${at('.ssh/id_ed25519')} may hold keys or tokens and stays closed to every server.`),
        failure,
      );
      assert.doesNotMatch(failure, /mode = "off"/);
    });

    it('is what npx fetched before, where it may not fetch', async () => {
      const put1 = (folder: string, version: string, word: string): void => {
        const modules = `.npm/_npx/${folder}/node_modules`;
        put(
          `${modules}/@some/docs/package.json`,
          JSON.stringify({ name: '@some/docs', version, bin: { docs: 'run.mjs' } }),
        );
        put(`${modules}/word/index.mjs`, `export const word = ${JSON.stringify(word)};`);
        put(`${modules}/word/package.json`, '{ "exports": "./index.mjs" }');
        put(`${modules}/@some/docs/run.mjs`, program('word'));
        mkdirSync(at(`${modules}/.bin`));
        symlinkSync('../@some/docs/run.mjs', at(`${modules}/.bin/docs`));
      };
      put1('aaaa', '1.0.0', 'old');
      put1('bbbb', '2.0.0', 'new');
      utimesSync(at('.npm/_npx/aaaa/node_modules/@some/docs/package.json'), 1, 1);
      const run = (...args: string[]) => failureOf({ command: 'npx', args });
      assert.deepEqual(
        [await run('-y', '@some/docs'), await run('@some/docs@1.0.0', '.'), await run('-y', '@some/docs@latest')],
        ['new', 'old', 'new'],
      );
      for (const args of [
        ['-y', '@some/docs@3.0.0'],
        ['-p', '@some/docs', 'docs'],
        ['-y', '@some/other'],
      ])
        assert.match(
          await run(...args),
          /npx fetches the server from the network.*network = \["registry\.npmjs\.org"\]/,
        );
    });

    it('is named when it is nowhere', async () => {
      const failure = await failureOf({ command: 'no-such-server' });
      assert.match(failure, /There is no program no-such-server in the PATH that servers get/);
    });

    it('sees nothing of what other programs keep beside a bin of PATH', async () => {
      put('.local/share/chats/word.mjs', 'export const word = "a private word";');
      put('.local/bin/tool', '');
      const script = put('lonely/server.mjs', program(at('.local/share/chats/word.mjs')));
      assert.match(await failureOf({ command: process.execPath, args: [script] }), /does not let it read .*word\.mjs/);
    });

    it('writes nothing that an editor or an agent would run, also where it may write', async () => {
      put('four/package.json', '{}');
      put('four/word.mjs', 'export const word = "four";');
      put('work/.git/HEAD', 'ref: refs/heads/main\n');
      put('work/.git/config', '');
      put('agent/config.toml', '');
      const script = put('four/server.mjs', program('./word.mjs'));
      const connection = await begin({
        command: process.execPath,
        args: [script],
        sandbox: { write: ['.', at('more')] },
      });
      const names = [
        'work/free.txt',
        'work/.git/hooks/pre-commit',
        'work/.git/config',
        'work/.vscode/tasks.json',
        'work/.envrc',
        'work/.gantry/config.toml',
        'work/.claude/settings.json',
        'work/.mcp.json',
        'agent/config.toml',
        'four/word.mjs',
      ];
      const answer = await connection.client.callTool({ name: 'write', arguments: { paths: names.map(at) } });
      await connection.close();
      const written = names.filter((_, index) => (answer.content as { text: string }[])[index]?.text === 'written');
      assert.deepEqual(written, ['work/free.txt']);
    });
  });
}
