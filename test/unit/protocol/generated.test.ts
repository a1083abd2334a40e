import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { committedFiles } from '../../../agent-core/protocol-tools/committed.ts';
import { describeProtocol, narrow, references, tableNames } from '../../../agent-core/protocol-tools/definitions.ts';
import { jsonSchemaFiles, typeScriptFiles } from '../../../agent-core/protocol-tools/files.ts';
import { runGenerate } from '../../../agent-core/protocol-tools/generate.ts';
import { printType } from '../../../agent-core/protocol-tools/print-typescript.ts';
import { purposes } from '../../../agent-core/protocol-tools/purposes.ts';

const document = describeProtocol();

describe('what is generated from the protocol and committed', () => {
  for (const [name, text] of committedFiles()) {
    it(`${name} is up to date`, () => {
      const committed = readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8');
      assert.ok(committed === text, `${name} is not what the protocol says: run npm run gen:protocol`);
    });
  }

  it('says something about each method', () => {
    const silent = tableNames.flatMap((table) =>
      document.tables[table].filter(({ method }) => !purposes[table][method]).map(({ method }) => method),
    );
    assert.deepEqual(silent, []);
  });
});

describe('the description of the protocol', () => {
  it('names the types of every method and defines all that they are made of', () => {
    const nameless = tableNames.flatMap((table) =>
      document.tables[table]
        .filter(({ params, result }) => params === null || (table.endsWith('Requests') && result === null))
        .map(({ method }) => method),
    );
    assert.deepEqual(nameless, ['initialized']);
    const undefinedTypes = Object.values(document.types)
      .flatMap((schema) => [...references(schema)])
      .filter((name) => !Object.hasOwn(document.types, name));
    assert.deepEqual(undefinedTypes, []);
  });

  it('leaves out what a gate keeps back', () => {
    const published = narrow(document, []);
    const gates = new Set(tableNames.flatMap((table) => published.tables[table].map(({ gate }) => gate)));
    assert.deepEqual([...gates], [null]);
    assert.equal(Object.hasOwn(published.types.TurnStartParams?.properties ?? {}, 'collaborationMode'), false);
    assert.equal(Object.hasOwn(published.types, 'GantryStatus'), false);
    const experimental = narrow(document, ['experimentalApi']);
    assert.equal(Object.hasOwn(experimental.types.TurnStartParams?.properties ?? {}, 'collaborationMode'), true);
  });
});

describe('generated files', () => {
  it('hold the published wire at the top and ours in a folder of its own', () => {
    for (const files of [
      jsonSchemaFiles(document, { experimental: true }),
      typeScriptFiles(document, { experimental: true }),
    ]) {
      const leaked = [...files].filter(([name, text]) => !name.startsWith('gantry/') && /gantry|host\/fs/i.test(text));
      assert.deepEqual(
        leaked.map(([name]) => name),
        [],
      );
      assert.ok([...files.keys()].some((name) => name.startsWith('gantry/') && name.includes('GantryStatus')));
    }
  });

  it('are JSON whose references all lead somewhere', () => {
    for (const [name, text] of jsonSchemaFiles(document, { experimental: false })) {
      const schema = JSON.parse(text);
      const lost = [...references(schema)].filter((other) => !Object.hasOwn(schema.definitions, other));
      assert.deepEqual({ name, lost: name.endsWith(`/${lost[0]}.json`) ? [] : lost }, { name, lost: [] });
    }
  });

  it('import each other by paths that are there', () => {
    const files = typeScriptFiles(document, { experimental: true });
    const lost = [...files].flatMap(([name, text]) =>
      [...text.matchAll(/from '(.+)';/g)]
        .map(([, target = '']) => path.posix.join(path.posix.dirname(name), target))
        .filter((target) => !files.has(`${target}.ts`) && !files.has(`${target}/index.ts`)),
    );
    assert.deepEqual(lost, []);
  });

  it('print types as a person would', () => {
    const type = printType({
      type: 'object',
      properties: {
        kind: { type: 'string', enum: ['a', 'b'] },
        'odd-name': { anyOf: [{ $ref: '#/definitions/Thing' }, { type: 'null' }] },
        sizes: { type: 'array', items: { type: ['integer', 'null'] } },
        rest: { type: 'object', additionalProperties: { type: 'boolean' } },
      },
      required: ['kind'],
    });
    assert.equal(
      type,
      '{ kind: "a" | "b"; "odd-name"?: Thing | null; sizes?: Array<number | null>; rest?: { [key: string]: boolean } }',
    );
  });
});

describe('runGenerate', () => {
  it('says what to do when it is called wrongly', () => {
    const outcomes = [[], ['generate-ts'], ['generate-ts', '--nope'], ['generate-go', '--out', 'x']].map(runGenerate);
    assert.deepEqual(
      outcomes.map(({ exitCode, message }) => [exitCode, /usage: gantry app-server/.test(message)]),
      [
        [2, true],
        [2, true],
        [1, true],
        [2, true],
      ],
    );
  });
});
