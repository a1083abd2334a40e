import assert from 'node:assert/strict';
import { type CompletionDeps, Completions, fileItem, fits } from '../../../../extension/panel/completions.ts';
import { waitingView } from '../../../../extension/panel/extras-views.ts';
import { questionView } from '../../../../extension/session/questions.ts';

describe('completions', () => {
  it('name a file by its end, and its root where there are several', () => {
    const found = { file_name: 'a.ts', match_type: 'file', path: 'src/a.ts', root: '/w/one', score: 1 } as const;
    const item = { name: 'a.ts', path: '/w/one/src/a.ts', insert: 'src/a.ts' };
    assert.deepEqual(fileItem(found, false), { ...item, detail: 'src' });
    assert.deepEqual(fileItem(found, true), { ...item, detail: 'one/src' });
    assert.equal(fileItem({ ...found, match_type: 'directory', path: 'src' }, false).name, 'src/');
  });

  it('drop what a longer word does not fit any more', () => {
    assert.deepEqual(
      ['README.md', 'src/receipt.ts', 'test/Receipt.test.ts'].map((path) => fits(path, 'recei')),
      [false, true, true],
    );
    assert.equal(fits('anything', ''), true);
  });
});

describe('skills', () => {
  const shown = async (names: readonly string[], query: string): Promise<unknown> => {
    const skills = names.map((name) => ({ name, path: `/s/${name}`, description: 'Does it', enabled: true }));
    const store = { completion: null as unknown };
    const deps = {
      core: { onNotification: () => {}, onLost: () => {}, request: async () => ({ data: [{ skills }] }) },
      store: { set: (values: { completion: unknown }) => Object.assign(store, values) },
      roots: () => ['/w'],
    };
    await new Completions(deps as unknown as CompletionDeps).complete('skill', query);
    return store.completion;
  };

  it('are told apart: none that fits, and none at all', async () => {
    const found = { kind: 'skill', searching: false, items: [] };
    assert.deepEqual(await shown(['release'], 'x'), { ...found, query: 'x' });
    assert.deepEqual(await shown([], 'x'), { ...found, query: 'x', noneAtAll: true });
  });
});

describe('what the core says beside the conversation', () => {
  it('becomes words for people', () => {
    const text = (value: string) => ({ type: 'text' as const, text: value, text_elements: [] });
    assert.deepEqual(
      [[text('one'), text('two')], [{ type: 'localImage' as const, path: '/a.png', detail: null }]].map((input) =>
        waitingView({ turnId: 't', clientId: null, input }),
      ),
      [
        { turnId: 't', text: 'one\ntwo' },
        { turnId: 't', text: 'What you attached' },
      ],
    );
    const question = { id: 'q', header: 'H', question: 'Which?', isOther: false, isSecret: false };
    const params = { threadId: 't', turnId: 'u', itemId: 'i', isBlocking: true, questions: [question] };
    assert.deepEqual(questionView('x', params), {
      id: 'x',
      itemId: 'i',
      questions: [{ ...question, isOther: true, options: [] }],
    });
  });
});
