/** `review/start`, and what `turn/start` may override. */
import assert from 'node:assert/strict';
import type { CoreProcess } from '../support/core-process.ts';
import { gate } from '../support/model-server/index.ts';
import { World, type WorldOptions } from './world.ts';

const input = (text: string) => [{ type: 'text' as const, text }];
const review = { findings: [{ title: '[P2] x', body: 'y' }], overall_correctness: '', overall_explanation: 'So so.' };

describe('turns with a purpose', function () {
  this.timeout(30_000);
  let world: World;
  let core: CoreProcess;
  let threadId: string;

  const begin = async (options: WorldOptions, params: Record<string, unknown> = {}): Promise<void> => {
    world = await World.create(options);
    core = await world.core({ experimentalApi: true });
    const { thread } = await core.request('thread/start', { cwd: world.workspace, approvalPolicy: 'never', ...params });
    threadId = thread.id;
  };

  afterEach(async () => {
    assert.deepEqual(await world.close(), []);
  });

  it('reviews on the thread, beside its conversation', async () => {
    await begin({ script: [{ text: JSON.stringify(review) }, { text: 'thanks' }] });
    const { reviewThreadId, turn } = await core.request('review/start', {
      threadId,
      target: { type: 'commit', sha: '0123456789abcdef', title: 'Mend' },
    });
    assert.deepEqual([reviewThreadId, turn.status], [threadId, 'inProgress']);
    const done = await core.waitFor('turn/completed');
    assert.equal(done.turn.id, turn.id);
    const text = 'So so.\n\nReview comment:\n\n- [P2] x\n  y';
    assert.deepEqual(
      core.items('enteredReviewMode').map((item) => item.review),
      ['commit 0123456: Mend'],
    );
    assert.deepEqual(
      core.items('exitedReviewMode').map((item) => item.review),
      [text],
    );
    assert.deepEqual(
      core.items('agentMessage').map((item) => item.text),
      [text],
    );
    core.mark();
    await core.turn(threadId, 'thank you');
    assert.match(JSON.stringify(world.model.requests[1]?.body.input), /\[P2\] x/);
  });

  it('takes no steering in a review, and lets a message follow it', async () => {
    const held = gate();
    await begin({ script: [{ text: ['{', held, '}'] }, { text: 'after' }] });
    const { turn } = await core.request('review/start', { threadId, target: { type: 'uncommittedChanges' } });
    await held.reached;
    const refusal = await core.refusal('turn/steer', { threadId, expectedTurnId: turn.id, input: input('x') });
    assert.match(refusal.message, /^cannot steer a review turn/);
    const next = await core.request('turn/start', { threadId, input: input('and now') });
    assert.notEqual(next.turn.id, turn.id);
    held.open();
    await core.waitFor('turn/completed', (params) => params.turn.id === next.turn.id);
    assert.equal(core.items('agentMessage').at(-1)?.text, 'after');
  });

  it('refuses what cannot be reviewed', async () => {
    await begin({ script: [] });
    for (const [target, message] of [
      [{ type: 'baseBranch', branch: ' ' }, /branch must not be empty/],
      [{ type: 'commit', sha: 'a; rm -rf /' }, /no name of git's/],
      [{ type: 'custom', instructions: '' }, /instructions must not be empty/],
    ] as const) {
      assert.match((await core.refusal('review/start', { threadId, target })).message, message);
    }
  });

  it('keeps what a turn overrides for those that follow', async () => {
    await begin({ script: [{ text: 'one' }, { text: 'two' }] });
    await core.request('turn/start', {
      threadId,
      input: input('go'),
      model: 'gpt-5.5',
      effort: 'high',
      summary: 'detailed',
      personality: 'pragmatic',
      serviceTier: 'flex',
      serviceTierForTurn: 'priority',
      outputSchema: { type: 'object', properties: {}, additionalProperties: false },
    });
    const { threadSettings } = await core.waitFor('thread/settings/updated');
    const { effort, summary, personality, serviceTier } = threadSettings;
    assert.deepEqual(
      { effort, summary, personality, serviceTier },
      {
        effort: 'high',
        summary: 'detailed',
        personality: 'pragmatic',
        serviceTier: 'flex',
      },
    );
    await core.waitFor('turn/completed');
    core.mark();
    await core.turn(threadId, 'again');
    const sent = world.model.requests.map(({ body }) => {
      const { reasoning, service_tier, text } = body as unknown as Record<string, unknown>;
      return { reasoning, service_tier, hasSchema: text !== undefined };
    });
    assert.deepEqual(sent, [
      { reasoning: { effort: 'high', summary: 'detailed' }, service_tier: 'priority', hasSchema: true },
      { reasoning: { effort: 'high', summary: 'detailed' }, service_tier: 'flex', hasSchema: false },
    ]);
    const refusal = await core.refusal('turn/start', { threadId, input: input('x'), approvalsReviewer: 'auto_review' });
    assert.match(refusal.message, /approvalsReviewer auto_review is not built/);
  });

  it('plans in plan mode, asks the user, and runs a tool of the client', async () => {
    await begin(
      {
        script: [
          {
            call: 'request_user_input',
            args: { questions: [{ id: 'q', header: 'h', question: 'Which?', options: [] }] },
          },
          { call: 'lookup', args: { id: 1 } },
          { text: ['<proposed_plan>\nDo ', 'it\n</proposed_plan>'] },
        ],
      },
      {
        dynamicTools: [{ type: 'function', name: 'lookup', description: 'Looks up.', inputSchema: { type: 'object' } }],
      },
    );
    core.onRequest = ({ method }) => {
      if (method === 'item/tool/requestUserInput') return { result: { answers: { q: { answers: ['A'] } } } };
      if (method !== 'item/tool/call') return undefined;
      return { result: { contentItems: [{ type: 'inputText', text: 'found' }], success: true } };
    };
    const mode = { mode: 'plan' as const, settings: { model: 'gpt-5.5' } };
    await core.request('turn/start', { threadId, input: input('plan it'), collaborationMode: mode });
    const { turn } = await core.waitFor('turn/completed');
    assert.equal(turn.status, 'completed');
    assert.deepEqual(
      core.items('plan').map(({ text }) => text),
      ['Do it'],
    );
    assert.equal(
      core
        .notifications('item/plan/delta')
        .map(({ delta }) => delta)
        .join(''),
      '\nDo it\n',
    );
    assert.deepEqual(
      core.items('dynamicToolCall').map(({ tool, status }) => [tool, status]),
      [['lookup', 'completed']],
    );
    const sent = JSON.stringify(world.model.requests.at(-1)?.body.input);
    assert.match(sent, /\\"q\\":\[\\"A\\"\]/);
    assert.match(sent, /found/);
  });
});
