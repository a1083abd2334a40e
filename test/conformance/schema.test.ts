import assert from 'node:assert/strict';
import path from 'node:path';
import {
  cloudMethods,
  cloudServerNotifications,
  cloudServerRequests,
  experimentalFields,
  experimentalMethods,
  experimentalParams,
} from '../../agent-core/protocol/index.ts';
import { describeProtocol, narrow, type Row } from '../../agent-core/protocol-tools/definitions.ts';
import { jsonSchemaFiles, typeScriptFiles } from '../../agent-core/protocol-tools/files.ts';
import { SchemaComparison } from './compare-schemas.ts';
import { exceptions } from './exceptions.ts';
import { loadReference, loadReferenceFiles, type ReferenceSchema } from './reference-schema.ts';
import { root } from './root.ts';

const document = describeProtocol();
const published = narrow(document, []);
const experimental = narrow(document, ['experimentalApi']);

const isNamed = (difference: string): boolean => exceptions.some(({ difference: known }) => known === difference);

function compareMethods(
  ours: readonly Row[],
  theirs: Map<string, string | null>,
  cloud: ReadonlySet<string>,
): string[] {
  const ourNames = new Map(ours.map(({ method, params }) => [method, params === 'NoParams' ? null : params]));
  const differences: string[] = [];
  for (const [method, params] of theirs) {
    if (cloud.has(method)) continue;
    if (!ourNames.has(method)) differences.push(`${method}: missing`);
    else if (ourNames.get(method) !== params)
      differences.push(`${method}: takes ${ourNames.get(method)}, not ${params}`);
  }
  for (const { method } of ours)
    if (!theirs.has(method)) differences.push(`${method}: the reference has no such method`);
  return differences;
}

describe('the published schema of the reference', function () {
  this.timeout(300_000);
  const met = new Set<string>();
  const unexplained = (differences: readonly string[]) => {
    for (const difference of differences) met.add(difference);
    return [...new Set(differences)].filter((difference) => !isNamed(difference));
  };
  let reference: { published: ReferenceSchema; experimental: ReferenceSchema };
  before(async () => {
    reference = await loadReference(root);
  });

  it("has our methods and no others, OpenAI's cloud left aside", () => {
    const { clientRequests, serverRequests, serverNotifications } = reference.published;
    const { tables } = published;
    assert.deepEqual(
      [
        ...compareMethods(tables.clientRequests, clientRequests, cloudMethods),
        ...compareMethods(tables.serverRequests, serverRequests, cloudServerRequests),
        ...compareMethods(tables.serverNotifications, serverNotifications, cloudServerNotifications),
      ],
      [],
    );
  });

  it('is generated into the same files', async () => {
    const theirs = await loadReferenceFiles(root);
    const elsewhere = (ours: Iterable<string>, known: readonly string[]): string[] => {
      const paths = new Set(known);
      const names = new Set(known.map((file) => path.posix.basename(file)));
      return [...ours].filter(
        (file) => !file.startsWith('gantry/') && names.has(path.posix.basename(file)) && !paths.has(file),
      );
    };
    const options = { experimental: true };
    assert.deepEqual(
      {
        typeScript: elsewhere(typeScriptFiles(document, options).keys(), theirs.typeScript),
        jsonSchema: elsewhere(jsonSchemaFiles(document, options).keys(), theirs.jsonSchema),
      },
      { typeScript: [], jsonSchema: [] },
    );
  });

  it('has the experimental methods that we have, and the cloud methods that we name', () => {
    const known = reference.experimental;
    const ours = experimental.tables.clientRequests.map(({ method }) => method);
    assert.deepEqual(
      {
        methods: ours.filter((method) => !known.clientRequests.has(method)),
        cloud: [...cloudMethods].filter((method) => !known.clientRequests.has(method)),
        cloudServerRequests: [...cloudServerRequests].filter((method) => !known.serverRequests.has(method)),
        cloudServerNotifications: [...cloudServerNotifications].filter(
          (method) => !known.serverNotifications.has(method),
        ),
      },
      { methods: [], cloud: [], cloudServerRequests: [], cloudServerNotifications: [] },
    );
  });

  it('says of each type what we say, field by field', () => {
    const comparison = new SchemaComparison(published.types, reference.published.types);
    const rows = [
      ...published.tables.clientRequests,
      ...published.tables.serverRequests,
      ...published.tables.serverNotifications,
    ];
    for (const { params, result } of rows) {
      for (const name of [params, result]) if (name !== null && name !== 'NoParams') comparison.compareType(name);
    }
    assert.deepEqual(unexplained(comparison.differences), []);
  });

  it('keeps back the fields that we say are experimental, and has them as we do', () => {
    const comparison = new SchemaComparison(experimental.types, reference.experimental.types);
    const early: string[] = [];
    for (const [type, fields] of Object.entries(experimentalFields)) {
      for (const field of fields) {
        const [ours, theirs] = [experimental.types[type], reference.experimental.types[type]];
        // The gate knows fields that Gantry does not have.
        if (ours?.properties?.[field] === undefined) continue;
        comparison.compare(
          ours?.properties?.[field] ?? {},
          theirs?.properties?.[field] ?? { type: 'null' },
          `${type}.${field}`,
        );
        if (reference.published.types[type]?.properties?.[field] !== undefined) early.push(`${type}.${field}`);
      }
    }
    for (const { method, params, result } of experimental.tables.clientRequests) {
      if (published.tables.clientRequests.some((row) => row.method === method)) continue;
      for (const name of [params, result]) if (name !== null) comparison.compareType(name);
    }
    assert.deepEqual({ early, differences: unexplained(comparison.differences) }, { early: [], differences: [] });
  });

  it('calls experimental what its two generations differ in, and nothing else', () => {
    const { published: plain, experimental: all } = reference;
    const methods = [...all.clientRequests.keys()].filter((method) => !plain.clientRequests.has(method));
    const fields: Record<string, string[]> = {};
    for (const [type, { properties = {} }] of Object.entries(all.types)) {
      const before = plain.types[type];
      const added = before ? Object.keys(properties).filter((field) => !before.properties?.[field]) : [];
      if (added.length > 0) fields[type] = added.sort();
    }
    const params = [...plain.clientRequests].filter(([, type]) => type !== null && fields[type]);
    assert.deepEqual([...experimentalMethods].sort(), methods.sort());
    assert.deepEqual(experimentalFields, fields);
    assert.deepEqual(
      params.map(([method]) => [method, experimentalParams(method)]),
      params.map(([method, type]) => [method, fields[type ?? '']]),
    );
  });

  it('leaves no exception without its difference', () => {
    const needless = exceptions.filter(({ difference }) => !met.has(difference));
    assert.deepEqual(needless, []);
  });
});
