import assert from 'node:assert/strict';
import fc from 'fast-check';
import { LONGEST_NAME, toolNames } from '../../../agent-core/mcp/tool-names.ts';

describe("names of servers' tools", () => {
  it('say which server and which tool, in letters that providers take', () => {
    const names = toolNames([
      { server: 'docs', tool: 'search' },
      { server: 'my docs', tool: 'get/page.v2' },
    ]);
    assert.deepEqual(names, ['mcp__docs__search', 'mcp__my_docs__get_page_v2']);
  });

  it('are told apart where they would be the same, whichever comes first', () => {
    const [one, two] = toolNames([
      { server: 'a', tool: 'b.c' },
      { server: 'a', tool: 'b/c' },
    ]);
    const [twoAgain, oneAgain] = toolNames([
      { server: 'a', tool: 'b/c' },
      { server: 'a', tool: 'b.c' },
    ]);
    assert.deepEqual([one, two], [oneAgain, twoAgain]);
    assert.notEqual(one, two);
  });

  it('are unique, short enough, and of the right letters, whatever servers call their tools', () => {
    const tool = fc.record({ server: fc.string({ maxLength: 80 }), tool: fc.string({ maxLength: 120 }) });
    const key = ({ server, tool: name }: { server: string; tool: string }) => `${server}\0${name}`;
    fc.assert(
      fc.property(fc.uniqueArray(tool, { selector: key, maxLength: 30 }), (tools) => {
        const names = toolNames(tools);
        assert.equal(new Set(names).size, tools.length);
        for (const name of names) assert.match(name, new RegExp(`^mcp__[A-Za-z0-9_-]{1,${LONGEST_NAME - 5}}$`));
      }),
    );
  });
});
