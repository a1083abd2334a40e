import assert from 'node:assert/strict';
import { parseReview, renderReview } from '../../../agent-core/loop/review-findings.ts';
import type { AnyThreadItem } from '../../../agent-core/protocol/index.ts';
import { answer, calls, callsOnly, createWorld, settingsWith, type World } from './fake-ports.ts';

const finding = {
  title: '[P1] off by one',
  body: 'The last one is lost.\nUse <=.',
  priority: 1,
  confidence_score: 0.9,
  code_location: { absolute_file_path: '/work/project/src/a.ts', line_range: { start: 3, end: 5 } },
};
const output = { findings: [finding], overall_correctness: 'patch is incorrect', overall_explanation: 'One fault.' };
const rendered =
  'One fault.\n\nReview comment:\n\n- [P1] off by one — src/a.ts:3-5\n  The last one is lost.\n  Use <=.';

const review = async (world: World): Promise<void> => {
  const end = world.turnEnd();
  const settings = settingsWith({ approvalPolicy: 'on-request' });
  world.thread.submit({ type: 'review', turnId: 'review', label: 'current changes', task: 'Look.', settings });
  await end;
};
const completed = (world: World): AnyThreadItem[] =>
  world.events.flatMap((event) => (event.method === 'item/completed' ? [event.params.item] : []));

describe('a review', () => {
  it('is a conversation beside the thread that cannot change anything, and the thread learns its result', async () => {
    const world = createWorld({
      script: [
        callsOnly(
          calls('c', 'exec_command', { cmd: 'git diff' }),
          calls('x', 'exec_command', { cmd: 'rm', sandbox_permissions: 'require_escalated', justification: 'j' }),
          calls('p', 'apply_patch', '*** Begin Patch\n*** Add File: a\n+a\n*** End Patch', 'freeform'),
        ),
        answer('m', `Here: ${JSON.stringify(output)}`),
        answer('m2', 'thanks'),
      ],
      command: (command) => command.exit(0),
    });
    await review(world);
    const items = completed(world);
    assert.deepEqual(
      items.map(({ type }) => type),
      [
        'enteredReviewMode',
        'userMessage',
        'dynamicToolCall',
        'commandExecution',
        'dynamicToolCall',
        'exitedReviewMode',
        'agentMessage',
      ],
    );
    const [entered] = items;
    const [exited, said] = items.slice(-2);
    assert.equal(entered?.type === 'enteredReviewMode' && entered.review, 'current changes');
    assert.equal(exited?.type === 'exitedReviewMode' && exited.review, rendered);
    assert.equal(said?.type === 'agentMessage' && said.text, rendered);
    assert.equal(said?.type === 'agentMessage' && said.phase, 'final_answer');
    assert.deepEqual(
      world.commands.map(({ spec }) => [spec.settings.sandboxPolicy, spec.unsandboxed]),
      [[{ type: 'readOnly', networkAccess: false }, false]],
    );
    assert.deepEqual([world.commandApprovals, world.fileApprovals, [...world.files]], [[], [], []]);
    assert.deepEqual(
      world.requests[0]?.tools.map(({ name }) => name),
      ['exec_command', 'write_stdin'],
    );
    assert.notEqual(world.requests[0]?.cacheKey, 'thread');

    await world.run('and?');
    const sent = JSON.stringify(world.requests.at(-1)?.items);
    assert.match(sent, /code_review/);
    assert.match(sent, /off by one/);
    assert.doesNotMatch(sent, /git diff/);
  });

  it('says that it was stopped', async () => {
    const world = createWorld({ script: [['hang']] });
    const begun = world.next((event) => event.method === 'item/completed');
    const end = review(world);
    await begun;
    world.thread.submit({ type: 'interrupt', turnId: 'review' });
    await end;
    const last = completed(world).at(-1);
    assert.match(last?.type === 'exitedReviewMode' ? last.review : '', /was stopped before it was done/);
  });
});

describe('findings', () => {
  const plain = { findings: [], overall_correctness: '', overall_explanation: 'All well.' };
  for (const [text, expected] of [
    [JSON.stringify(output), rendered],
    [`\`\`\`json\n${JSON.stringify(output)}\n\`\`\``, rendered],
    ['All well.', 'All well.'],
    [JSON.stringify(plain), 'All well.'],
    ['{"findings": []}', 'The review found nothing to report.'],
    ['{"findings": [{"title": 7, "body": "why"}]}', 'Review comment:\n\n- Finding\n  why'],
    ['{broken', '{broken'],
  ]) {
    it(`are read from ${text?.slice(0, 40)}`, () => {
      assert.equal(renderReview(parseReview(text ?? ''), '/work/project'), expected);
    });
  }
});
