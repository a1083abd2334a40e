import assert from 'node:assert/strict';
import { forModel } from '../../../agent-core/mcp/results.ts';

const image = { type: 'image', data: 'aGVsbG8=', mimeType: 'image/png' };

describe('what a server answered, for the model', () => {
  it('is text, images, and words for what a model cannot take', () => {
    const content = [
      { type: 'text', text: 'one' },
      image,
      { type: 'audio', data: 'aGVsbG8=', mimeType: 'audio/wav' },
      { type: 'resource_link', uri: 'memo://1', name: 'memo' },
      { type: 'resource', resource: { uri: 'memo://2', text: 'two' } },
      { type: 'resource', resource: { uri: 'memo://3', mimeType: 'application/zip', blob: 'aGVsbG8=' } },
      { type: 'hologram', light: 1 },
    ];
    assert.deepEqual(forModel({ content }, true), {
      text: [
        'one',
        '[audio/wav, 6 bytes, not played]',
        '[resource memo: memo://1; read_mcp_resource reads it]',
        '[resource memo://2]\ntwo',
        '[application/zip, 6 bytes, not shown]',
        '{"type":"hologram","light":1}',
      ].join('\n'),
      images: ['data:image/png;base64,aGVsbG8='],
    });
  });

  it('has no images for a model that cannot see', () => {
    assert.deepEqual(forModel({ content: [image] }, false), { text: '[image/png, 6 bytes, not shown]', images: [] });
  });

  it('has structured content once', () => {
    const structuredContent = { a: 1 };
    const repeated = forModel({ content: [{ type: 'text', text: '{ "a": 1 }' }], structuredContent }, true);
    const other = forModel({ content: [{ type: 'text', text: 'a is one' }], structuredContent }, true);
    assert.deepEqual([repeated.text, other.text], ['{ "a": 1 }', 'a is one\n{"a":1}']);
  });
});
