import assert from 'node:assert/strict';
import { describeProtocol, type JsonSchema } from '../../../agent-core/protocol-tools/definitions.ts';
import { SchemaComparison } from '../../conformance/compare-schemas.ts';

const { types } = describeProtocol();

function differences(ours: Record<string, JsonSchema>, theirs: Record<string, JsonSchema>, name: string): string[] {
  const comparison = new SchemaComparison(ours, theirs);
  comparison.compareType(name);
  return comparison.differences;
}

const string = { type: 'string' };

describe('the comparison with the schema of the reference', () => {
  it('finds nothing between a protocol and itself', () => {
    for (const name of Object.keys(types)) assert.deepEqual(differences(types, types, name), [], name);
  });

  it('misses no field that is gone, no matter where', () => {
    const missed: string[] = [];
    for (const [name, schema] of Object.entries(types)) {
      for (const field of Object.keys(schema.properties ?? {})) {
        const { [field]: _gone, ...properties } = schema.properties ?? {};
        const theirs = { ...types, [name]: { ...schema, properties } };
        if (differences(types, theirs, name).length === 0) missed.push(`${name}.${field}`);
      }
    }
    assert.deepEqual(missed, []);
  });

  it('says what differs', () => {
    const ours = {
      T: {
        type: 'object',
        properties: { a: string, b: { type: 'integer' }, c: { enum: ['x', 'y'] }, d: { ...string, default: 'z' } },
        required: ['a'],
      },
    };
    const theirs = {
      T: {
        type: 'object',
        properties: {
          a: { type: ['string', 'null'] },
          b: { type: 'integer', minimum: 0 },
          c: { oneOf: [{ enum: ['x'] }, { enum: ['w'] }] },
          d: string,
        },
        required: ['a', 'd'],
      },
    };
    assert.deepEqual(differences(ours, theirs, 'T'), [
      'T.a: string, not union',
      'T.b: at least undefined, not 0',
      'T.c: x|y, not w|x',
      'T.d: not required',
      'T.d: default "z", not undefined',
    ]);
  });

  it('takes what is written in another way for the same', () => {
    const ours = { T: { anyOf: [{ $ref: 'A' }, { type: 'null' }] }, A: { enum: ['x', 'y'] } };
    const theirs = { T: { oneOf: [{ const: 'y' }, { enum: ['x'], type: 'string' }, { type: 'null' }] } };
    assert.deepEqual(differences(ours, theirs, 'T'), []);
  });
});
