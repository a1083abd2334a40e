import assert from 'node:assert/strict';
import * as z from 'zod/mini';
import { lazy } from '../../../agent-core/protocol/lazy.ts';

describe('a lazy schema', () => {
  it('builds nothing before its first use, and then once', () => {
    let built = 0;
    const schema = lazy(() => {
      built += 1;
      return z.object({ a: z._default(z.string(), 'x') });
    });
    const list = z.object({ all: z.array(schema), maybe: z.nullish(schema) });
    assert.equal(built, 0);
    assert.deepEqual(list.parse({ all: [{}, { a: 'y' }] }), { all: [{ a: 'x' }, { a: 'y' }] });
    assert.deepEqual(schema.parse({}), { a: 'x' });
    assert.equal(built, 1);
  });

  it('is a zod schema to whoever asks', () => {
    const schema = lazy(() => z.string());
    assert.equal(schema instanceof z.ZodMiniType, true);
    assert.equal(schema.def.getter().parse('a'), 'a');
    assert.equal(schema.check(z.minLength(2)).safeParse('a').success, false);
    assert.deepEqual(z.toJSONSchema(z.object({ name: schema }), { target: 'draft-7' }), {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      properties: { name: { type: 'string' } },
      required: ['name'],
      additionalProperties: false,
    });
  });
});
