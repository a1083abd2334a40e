/** A code review: a conversation beside the thread's own, that looks and changes nothing, and tells the thread its result. */
import type { HistoryItem, ResolvedModel } from '../models/model-client.ts';
import type { Submission, TurnSettings } from '../ports.ts';
import { assemble } from './assemble.ts';
import { createEditorTexts } from './editor-texts.ts';
import { createHistory, instruction, note } from './history.ts';
import { parseReview, REVIEW_INSTRUCTIONS, renderReview } from './review-findings.ts';
import { createRounds } from './rounds.ts';
import { silentItems } from './silent-items.ts';
import type { ThreadState } from './thread-state.ts';
import { createReviewToolbox } from './toolbox.ts';
import type { TurnFrame } from './turn-frame.ts';

type ReviewSubmission = Extract<Submission, { type: 'review' }>;

const NOT_DONE = 'The review was stopped before it was done. Start it again when you want its result.';

/** Whatever the thread may do, its reviewer may only read. */
const reviewSettings = (settings: TurnSettings): TurnSettings => ({
  ...settings,
  sandboxPolicy: { type: 'readOnly', networkAccess: false },
  approvalPolicy: 'never',
  editApproval: 'refuse',
  outputSchema: null,
  mode: null,
});

export async function runReview(
  state: ThreadState,
  frame: TurnFrame,
  model: ResolvedModel,
  { label, task }: ReviewSubmission,
): Promise<void> {
  const { items, turnId } = frame;
  // First, so that the thread is told of changes that the reviewer's own beginning would pass over as known.
  await assemble(state, frame, model);
  const entered = { type: 'enteredReviewMode', id: items.claimId(''), review: label } as const;
  items.started(entered);
  items.completed(entered);
  const content = [{ type: 'text' as const, text: label, text_elements: [] }];
  const asked = { type: 'userMessage' as const, id: items.claimId(''), clientId: null, content };
  items.started(asked);
  items.completed(asked);
  const answer = await review(state, frame, model, task);
  const text = answer === null ? NOT_DONE : renderReview(parseReview(answer), frame.settings.cwd);
  const exited = { type: 'exitedReviewMode', id: items.claimId(''), review: text } as const;
  items.started(exited);
  items.completed(exited);
  if (answer === null) return;
  const message: HistoryItem = { type: 'message', role: 'assistant', content: [{ type: 'text', text }] };
  const told = `The user had a reviewer look at ${label}. Its findings follow; nothing was changed yet.`;
  state.history.append(turnId, [note('code_review', told), message]);
  const shown = {
    type: 'agentMessage',
    moderation: null,
    id: items.claimId(''),
    text,
    phase: 'final_answer',
    memoryCitation: null,
    delivery: null,
    questions: null,
  } as const;
  items.started({ ...shown, phase: null });
  items.completed(shown);
}

/** The reviewer's last words; null when it did not get to them. */
async function review(
  state: ThreadState,
  frame: TurnFrame,
  model: ResolvedModel,
  task: string,
): Promise<string | null> {
  const settings = reviewSettings(frame.settings);
  const { ports } = state;
  const begin: HistoryItem[] = [
    ...(await ports.prompt.initial(settings, model.info)),
    instruction(REVIEW_INSTRUCTIONS),
    { type: 'message', role: 'user', content: [{ type: 'text', text: task }] },
  ];
  const history = createHistory({ seed: begin, record: () => {}, now: () => ports.clock.now() });
  const texts = createEditorTexts(state.seen.told);
  const rounds = createRounds(state, frame, {
    history,
    settings,
    cacheKey: `review-${frame.turnId}`,
    context: { ...frame.context, settings, toolbox: createReviewToolbox() },
    answers: silentItems(frame.items),
    prepare: async () => {
      const { fs } = ports;
      history.append(null, await texts.takeNotes({ fs, settings, history: () => history.snapshot() }));
    },
    isAside: true,
    get isStopped() {
      return frame.hooks?.isStopped === true;
    },
    makeRoom: async (_model, force) => !force && !frame.signal.aborted,
  });
  await rounds.run(model);
  await state.commands.kill(frame.turnId);
  if (frame.signal.aborted) return null;
  const last = history.snapshot().findLast((item) => item.type === 'message' && item.role === 'assistant');
  if (last?.type !== 'message') return null;
  return last.content.map((part) => (part.type === 'text' ? part.text : '')).join('');
}
