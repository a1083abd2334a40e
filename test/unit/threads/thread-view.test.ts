import assert from 'node:assert/strict';
import type { RolloutLine } from '../../../agent-core/threads/rollout.ts';
import { withoutSecrets } from '../../../agent-core/threads/safe-overrides.ts';
import { loadSeed } from '../../../agent-core/threads/thread-history.ts';
import { endView, forkPoint, linesOf, type ThreadView } from '../../../agent-core/threads/thread-view.ts';
import { Files, first, said, turn } from './rollouts.ts';

describe('a fork', () => {
  const files = new Files();
  const fork = { ...first, threadId: 'f', forkedFromId: 't' };
  const parentLines = [first, ...turn('a', 2000), ...turn('b', 3000, { cwd: '/b' })];

  /** A fork of `lines` at a turn, seen when the parent has gone on with `later`. */
  const forked = (lines: RolloutLine[], lastTurnId: string | null, later: RolloutLine[], own: RolloutLine[] = []) => {
    const whole = files.view('t', lines);
    const base = forkPoint(whole, lastTurnId ?? whole.turns.at(-1)?.id ?? null);
    const past = files.view('t', [...lines, ...later], null, base.bytes);
    return files.view('f', [fork, ...own], { view: past, lastTurnId: base.lastTurnId });
  };
  const ids = (view: ThreadView) => view.turns.map(({ id }) => id);
  const history = (view: ThreadView) => loadSeed(view, files.reader(view)).history;

  it('has the past up to a turn, and nothing that the parent says later', () => {
    const later = [...turn('c', 4000), { type: 'revert' as const, at: 5000, beforeTurnId: 'a' }];
    const whole = forked(parentLines, null, later, turn('own', 6000));
    assert.deepEqual(
      [ids(whole), history(whole)],
      [['a', 'b', 'own'], ['a', 'b', 'own'].map((id) => said(`ask ${id}`))],
    );
    const part = forked(parentLines, 'a', later);
    assert.deepEqual([ids(part), history(part)], [['a'], [said('ask a')]]);
    assert.equal(loadSeed(part, files.reader(part)).settings?.cwd, '/w');
  });

  it('does not see what of its past was taken back before, and can take back more', () => {
    const lines: RolloutLine[] = [...parentLines, { type: 'revert', at: 3900, beforeTurnId: 'b' }, ...turn('c', 4000)];
    assert.deepEqual(ids(forked(lines, 'c', [])), ['a', 'c']);
    const own: RolloutLine[] = [...turn('d', 6000), { type: 'revert', at: 7000, beforeTurnId: 'c' }];
    const back = forked(lines, 'c', [], own);
    assert.deepEqual([ids(back), history(back)], [['a'], [said('ask a')]]);
  });

  it('takes along what ended later of the turns that it has', () => {
    const late: RolloutLine = {
      type: 'item',
      at: 3500,
      turnId: 'a',
      item: { type: 'commandExecution', id: 'slow', status: 'completed' },
    };
    const view = forked([...parentLines, late], 'a', []);
    assert.deepEqual([ids(view), view.turns[0]?.items.map(({ id }) => id)], [['a'], ['au', 'aa', 'slow']]);
  });

  it('of a fork has both pasts, and a copy of them is the same', () => {
    const child = forked(parentLines, 'a', [], turn('own', 6000));
    const base = forkPoint(child, 'own');
    const grandchild = files.view('g', [{ ...fork, threadId: 'g' }, ...turn('last', 8000)], {
      view: child,
      lastTurnId: base.lastTurnId,
    });
    assert.deepEqual(ids(grandchild), ['a', 'own', 'last']);
    const reader = files.reader(child);
    const copy = files.view(
      'past',
      linesOf(child).map((ref) => reader.text(ref)),
    );
    assert.deepEqual([ids(copy), history(copy)], [ids(child), history(child)]);
    const atPast = forkPoint(grandchild, 'a');
    assert.deepEqual(atPast, { bytes: 0, lastTurnId: 'a' });
  });
});

describe('the end of a thread', () => {
  const files = new Files();
  const wanted = { turns: 1, items: 0 };
  /** What the lines from `from` on say of the last turns. */
  const end = (lines: RolloutLine[], from: number) => {
    const heads = files.write('e', [first, ...lines]);
    const view = endView('e', { ...heads, heads: heads.heads.slice(from) }, wanted);
    return view?.turns.map(({ id, items }) => [id, items.length]) ?? null;
  };
  const lines = [...turn('a', 2000), ...turn('b', 3000), ...turn('c', 4000)];

  it('has the turns that are whole in it', () => {
    assert.deepEqual(end(lines, 5), [
      ['b', 2],
      ['c', 2],
    ]);
    assert.equal(end(lines, 16), null);
  });

  it('does not know the last turns when it goes back further than it reaches', () => {
    const back = (beforeTurnId: string): RolloutLine => ({ type: 'revert', at: 5000, beforeTurnId });
    assert.deepEqual(end([...lines, back('c')], 5), [['b', 2]]);
    assert.equal(end([...lines, back('a'), ...turn('d', 6000)], 5), null);
    assert.equal(end([...lines, back('b')], 5), null);
  });
});

describe('withoutSecrets', () => {
  it('drops keys and tokens at any depth, and nothing that only sounds like one', () => {
    const config = {
      model: 'm',
      model_max_output_tokens: 5,
      apiKey: 'sk',
      'model_providers.x.experimental_bearer_token': 'sk',
      model_providers: { x: { base_url: 'u', env_key: 'NAME', api_key: 'sk', http_headers: { 'X-Any': 'sk' } } },
      'model_providers.x.http_headers.X-Any': 'sk',
      mcp_servers: { s: { command: 'c', args: ['a'], env: { ANY: 'sk' } } },
      'sandbox_workspace_write.network_access': true,
    };
    assert.deepEqual(withoutSecrets(config), {
      model: 'm',
      model_max_output_tokens: 5,
      model_providers: { x: { base_url: 'u', env_key: 'NAME' } },
      mcp_servers: { s: { command: 'c', args: ['a'] } },
      'sandbox_workspace_write.network_access': true,
    });
  });
});
