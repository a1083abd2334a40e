import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { isTable, leaves, type Raw, valueAt, withoutKey } from '../../../agent-core/config/raw.ts';
import { editToml, tomlValue, withExactly } from '../../../agent-core/config/toml-edit.ts';

function edited(text: string, path: string[], value: unknown): string {
  const result = editToml(text, { path, value });
  assert.ok(result.ok, result.ok ? '' : result.problem);
  return result.text;
}

const FILE = `#:schema ./config.schema.json
# who answers
model = "a"   # the good one
approval_policy = 'on-request'

[sandbox_workspace_write] # where
# these only
writable_roots = [
  "/a", # one
  "/b",
]
network_access = false

# mine
[model_providers.mine]
name = "Mine"
http_headers = { "x-a" = "1", b = "2" }

[projects."/home/me/a.b"]
trust_level = "trusted"
`;

describe('an edit of config.toml', () => {
  const table: [string, string, string[], unknown, string][] = [
    ['a value, its comment kept', FILE, ['model'], 'b', FILE.replace('"a"', '"b"')],
    ['a new key at the top', FILE, ['profile'], 'x', FILE.replace("'on-request'\n", '\'on-request\'\nprofile = "x"\n')],
    ['a key of a table', FILE, ['sandbox_workspace_write', 'network_access'], true, FILE.replace('false', 'true')],
    [
      'a new key of a table',
      FILE,
      ['model_providers', 'mine', 'env_key'],
      'K',
      FILE.replace('b = "2" }\n', 'b = "2" }\nenv_key = "K"\n'),
    ],
    [
      'a list over several lines',
      FILE,
      ['sandbox_workspace_write', 'writable_roots'],
      ['/c'],
      FILE.replace(/\[\n {2}"\/a", # one\n {2}"\/b",\n\]/, '["/c"]'),
    ],
    [
      'a key within a table on one line',
      FILE,
      ['model_providers', 'mine', 'http_headers', 'b'],
      '3',
      FILE.replace('"x-a" = "1", b = "2"', 'x-a = "1", b = "3"'),
    ],
    [
      'a key that is removed',
      FILE,
      ['approval_policy'],
      undefined,
      FILE.replace("approval_policy = 'on-request'\n", ''),
    ],
    [
      'a table that is removed',
      FILE,
      ['projects', '/home/me/a.b'],
      undefined,
      FILE.replace('[projects."/home/me/a.b"]\ntrust_level = "trusted"\n', ''),
    ],
    [
      'a new table',
      FILE,
      ['projects', '/x'],
      { trust_level: 'trusted' },
      `${FILE}\n[projects."/x"]\ntrust_level = "trusted"\n`,
    ],
    ['the first key of a file', '', ['model'], 'a', 'model = "a"\n'],
    ['the first key above tables', '# hi\n\n[a]\nb = 1\n', ['m'], 1, '# hi\nm = 1\n\n\n[a]\nb = 1\n'],
    ['a file without a last line end', 'a = 1', ['b'], 2, 'a = 1\nb = 2\n'],
    ['a file with Windows line ends', 'a = 1\r\n[t]\r\nb = 1\r\n', ['t', 'c'], 2, 'a = 1\r\n[t]\r\nb = 1\r\nc = 2\r\n'],
    ['dotted keys', 'a.b = 1\na.c = 2\n[t]\n', ['a', 'd'], 3, 'a.b = 1\na.c = 2\na.d = 3\n[t]\n'],
    ['a table in place of a value', 'a = 1\n', ['a', 'b'], 2, 'a = { b = 2 }\n'],
    ['a list of tables as a whole', '[[a]]\nb = 1\n[[a]]\nb = 2\n[c]\n', ['a'], [1], 'a = [1]\n\n[c]\n'],
    [
      'beside a date',
      'a = 1979-05-27\n[t]\nb = 07:32:00\nc = 1979-05-27T07:32:00Z\n',
      ['t', 'd'],
      1,
      'a = 1979-05-27\n[t]\nb = 07:32:00\nc = 1979-05-27T07:32:00Z\nd = 1\n',
    ],
    ['a table on one line with a date', 't = { b = 07:32:00 }\n', ['t', 'd'], 1, 't = { b = 07:32:00.000, d = 1 }\n'],
    ['a value that is already so', FILE, ['model'], 'a', FILE],
    [
      'a table over a table, key by key',
      '[a]\n# of b\nb = 1\nc = 2 # two\n',
      ['a'],
      { c: 2, d: 3 },
      '[a]\n# of b\nc = 2 # two\nd = 3\n',
    ],
  ];
  for (const [name, text, path, value, wanted] of table) {
    it(`writes ${name}`, () => assert.equal(edited(text, path, value), wanted));
  }

  const refused: [string, string, string[], unknown, RegExp][] = [
    ['a file that is no TOML', 'a = \n', ['b'], 1, /no TOML.*Correct it by hand/],
    ['what TOML does not have', '', ['a'], [null], /a cannot be written: null is no value of TOML/],
    ['half a character', '', ['a'], '\ud800', /half a character/],
    ['a key of one entry of a list', '[[a]]\nb = 1\n', ['a', 'b'], 2, /a is a list: write the whole list/],
  ];
  for (const [name, text, path, value, says] of refused) {
    it(`refuses ${name}`, () => {
      const result = editToml(text, { path, value });
      assert.match(result.ok ? 'written' : result.problem, says);
    });
  }

  const name = fc.constantFrom('a', 'b', 'c', 'x y', 'd.e', 'ü', '"');
  const scalar = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 8 }).filter((text) => !/\p{Surrogate}/u.test(text)),
    fc.integer(),
    fc.boolean(),
    fc.double({ noNaN: true }),
    fc.constantFrom('', '"""', "'''", '# no comment', '[x]', 'a\nb', '\\'),
  );
  const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(scalar, { maxLength: 3 }),
      fc.dictionary(name, tie('value'), { maxKeys: 3 }),
    ),
  }));
  const anyTable = fc.dictionary(name, anyValue, { maxKeys: 4 });

  /** One of the many ways to write a table down; each line names the key at the top that it belongs to. */
  function write(raw: Raw, choose: () => number, path: string[] = []): string {
    let top = '';
    let tables = '';
    const key = (parts: string[]): string =>
      parts.map((part) => (/^[a-z]+$/.test(part) ? part : JSON.stringify(part))).join(choose() % 3 ? '.' : ' . ');
    for (const [part, value] of Object.entries(raw)) {
      const style = choose() % 3;
      const mark = `# of ${JSON.stringify(path[0] ?? part)}\n`;
      if (choose() % 4 === 0) top += `# about = [" ${mark}\n`;
      const isDotted = style === 1 && isTable(value) && leaves(value, [part]).every((leaf) => leaf.path.length > 1);
      if (isDotted && Object.keys(value).length > 0)
        for (const leaf of leaves(value, [part])) top += `${key(leaf.path)} = ${tomlValue(leaf.value)} ${mark}`;
      else if (!isTable(value) || style === 0)
        top += `${' '.repeat(choose() % 3)}${key([part])} =${' '.repeat(choose() % 2)}${tomlValue(value)} ${mark}`;
      else tables += `[${key([...path, part])}] ${mark}${write(value, choose, [...path, part])}`;
    }
    return top + tables;
  }

  const pruned = (value: unknown): unknown =>
    isTable(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([key, inner]) => [key, pruned(inner)] as const)
            .filter(([, inner]) => !isTable(inner) || Object.keys(inner).length > 0),
        )
      : value;

  it('says what it should, and leaves every other line as it is, whatever stands in the file', () => {
    fc.assert(
      fc.property(
        anyTable,
        fc.array(fc.nat(100), { minLength: 40, maxLength: 40 }),
        fc.array(name, { minLength: 1, maxLength: 3 }),
        fc.option(anyValue, { nil: undefined }),
        (raw, choices, path, value) => {
          let next = 0;
          const text = write(raw, () => choices[next++ % choices.length] ?? 0);
          const before = parse(text);
          const parents = path.slice(0, -1).map((_, depth) => valueAt(before, path.slice(0, depth + 1)));
          if (parents.some(Array.isArray)) {
            assert.equal(editToml(text, { path, value }).ok, false);
            return;
          }
          const after = edited(text, path, value);
          const wanted = value === undefined ? withoutKey(before, path) : withExactly(before, path, value);
          assert.deepEqual(pruned(parse(after)), pruned(wanted));
          const others = (all: string): string[] =>
            all
              .split('\n')
              .filter((line) => line.includes('# of ') && !line.endsWith(`# of ${JSON.stringify(path[0])}`));
          assert.deepEqual(others(after), others(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
