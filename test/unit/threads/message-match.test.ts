import assert from 'node:assert/strict';
import { fold, snippetOf, wordsOf } from '../../../agent-core/threads/message-match.ts';

describe('wordsOf', () => {
  it('takes words once, in small letters, and what is quoted whole', () => {
    assert.deepEqual(wordsOf('  Foo "Bar  baz" foo "'), ['foo', 'bar  baz']);
    assert.deepEqual(wordsOf(' "" '), []);
  });
});

describe('fold', () => {
  it('keeps every letter in its place', () => {
    assert.equal(fold('ÄİB'), 'äİb');
  });
});

describe('snippetOf', () => {
  it('needs all words', () => {
    assert.equal(snippetOf('one two', ['one', 'three']), null);
    assert.equal(snippetOf('one two', []), null);
  });

  it('shows the part around the first, with places in what it shows', () => {
    const text = `${'x'.repeat(100)}\nthe Word and the word\t${'y'.repeat(300)}`;
    const found = snippetOf(text, ['word']);
    assert.deepEqual(
      found?.matches.map(({ start, end }) => found.text.slice(start, end)),
      ['Word', 'word'],
    );
    assert.match(found?.text ?? '', /^…x{35} the Word and the word y+…$/);
  });

  it('joins what overlaps, and cuts no character', () => {
    assert.deepEqual(snippetOf('abcd', ['abc', 'bcd']), { text: 'abcd', matches: [{ start: 0, end: 4 }] });
    const found = snippetOf(`${'😀'.repeat(30)}z`, ['z']);
    assert.deepEqual(found, { text: `…${'😀'.repeat(20)}z`, matches: [{ start: 41, end: 42 }] });
  });
});
