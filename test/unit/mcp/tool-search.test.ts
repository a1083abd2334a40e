import assert from 'node:assert/strict';
import { findSpecs } from '../../../agent-core/mcp/tool-search.ts';
import type { ToolSpec } from '../../../agent-core/models/model-client.ts';

const spec = (name: string, description: string): ToolSpec => ({
  kind: 'function',
  name,
  description,
  parameters: { type: 'object' },
});

describe('looking for tools', () => {
  const specs = [
    spec('mcp__tracker__create_ticket', 'Opens a new entry.'),
    spec('mcp__tracker__close_ticket', 'Ends an entry.'),
    spec('mcp__mail__send', 'Sends a message about a ticket.'),
  ];
  const names = (query: string) => findSpecs(specs, query).map(({ name }) => name);

  it('finds by name, by words of the name, by words of the description, in that order', () => {
    assert.deepEqual(names('mcp__mail__send'), ['mcp__mail__send']);
    assert.deepEqual(names('create a ticket'), [
      'mcp__tracker__create_ticket',
      'mcp__tracker__close_ticket',
      'mcp__mail__send',
    ]);
    assert.deepEqual(names('weather'), []);
  });
});
