/** The history that takes the place of a long one. (pure) */
import type { ContentPart, HistoryItem } from '../models/model-client.ts';
import type { TurnPlanStep } from '../protocol/index.ts';
import type { Ledger } from './ledger.ts';
import { CUT_MARK, GO_ON, IMAGE_GONE, INTRODUCTION, NO_SUMMARY } from './prompts.ts';
import { IMAGE_TOKENS, tokensOfText } from './size.ts';

type Message = Extract<HistoryItem, { type: 'message' }>;

/** What is known beside the conversation when it is compacted. */
export type KeptState = {
  ledger: Ledger;
  /** Questions that the user has not answered yet. */
  openApprovals: readonly string[];
  /** Yeses that hold for the rest of the session. */
  standingApprovals: readonly string[];
  runningCommands: readonly { sessionId: number | string; command: string }[];
  goal: string | null;
};

export type NewHistoryParts = {
  /** Instructions and environment, as for a new thread. */
  initial: readonly HistoryItem[];
  before: readonly HistoryItem[];
  kept: KeptState;
  summary: string;
  /** The provider's own items that stand for the past. */
  opaque: readonly HistoryItem[];
  /** How many tokens the user's messages may take. */
  userTokens: number;
  /** A turn is running, and goes on with this history. */
  isMidTurn: boolean;
};

/** Always ends in one user message that introduces the summary. Holds no call, and images only where a turn goes on. */
export function newHistory(parts: NewHistoryParts): HistoryItem[] {
  return [
    ...parts.initial,
    ...keptMessages(parts.before, parts.userTokens, parts.isMidTurn),
    ...parts.opaque,
    {
      type: 'message',
      role: 'user',
      origin: 'compaction',
      content: [{ type: 'text', text: introduction(parts) }],
    },
  ];
}

/** What Gantry tells in the user's place begins so; threads from before `origin` was written need it. */
const isNote = (text: string): boolean => /^(<[a-z_]+>|# AGENTS\.md instructions)/.test(text);

/** Whether a message holds the user's own words. */
export function isUserMessage(item: HistoryItem): item is Message {
  if (item.type !== 'message' || item.role !== 'user') return false;
  if (item.origin) return item.origin === 'user';
  const first = item.content[0];
  return !(first?.type === 'text' && isNote(first.text));
}

/** What pictures may take of the budget: they must not push the words out. */
const IMAGE_SHARE = 1 / 3;

/**
 * The user's messages, oldest first: as many of the newest as fit, the last of them cut in its middle. The newest
 * pictures stay where a turn goes on: what it is about is often seen in them alone.
 */
function keptMessages(items: readonly HistoryItem[], tokens: number, isMidTurn: boolean): Message[] {
  const kept: Message[] = [];
  let room = tokens;
  let imageCount = isMidTurn ? Math.floor((tokens * IMAGE_SHARE) / IMAGE_TOKENS) : 0;
  for (const item of items.toReversed()) {
    if (!isUserMessage(item)) continue;
    if (room <= 0) break;
    const all = item.content.filter(({ type }) => type === 'image');
    const images = all.slice(0, imageCount);
    imageCount -= images.length;
    const text = textOf([...item.content.filter(({ type }) => type !== 'image'), ...all.slice(images.length)]);
    const size = tokensOfText(text);
    const words: ContentPart = { type: 'text', text: size <= room ? text : cut(text, room) };
    kept.unshift({ type: 'message', role: 'user', origin: 'user', content: [words, ...images] });
    room -= size + images.length * IMAGE_TOKENS;
  }
  return kept;
}

const textOf = (content: readonly ContentPart[]): string =>
  content.map((part) => (part.type === 'text' ? part.text : IMAGE_GONE)).join('\n');

/** Head and tail, without half a character at either edge. */
function cut(text: string, tokens: number): string {
  // A text that was cut before keeps one mark only.
  const whole = text.replaceAll(`\n${CUT_MARK}\n`, '\n');
  const bytes = Buffer.from(whole, 'utf8');
  const half = Math.max(0, Math.floor((tokens * 4 - Buffer.byteLength(`\n${CUT_MARK}\n`)) / 2));
  const head = bytes
    .subarray(0, half)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
  const tail = bytes
    .subarray(Math.max(half, bytes.length - half))
    .toString('utf8')
    .replace(/^\uFFFD+/, '');
  return `${head}\n${CUT_MARK}\n${tail}`;
}

function introduction({ kept, summary, isMidTurn }: NewHistoryParts): string {
  const { ledger } = kept;
  const sections: [string, readonly string[]][] = [
    ['Goal of the thread', kept.goal === null ? [] : [kept.goal]],
    ['Plan', planLines(ledger)],
    ['Files changed in this thread', [...ledger.files].map(([path, kind]) => `- ${verbs[kind]} ${path}`)],
    ['Waiting for the user', list(kept.openApprovals)],
    ['Allowed for this session', list(kept.standingApprovals)],
    ['Decided by the user', list(ledger.decisions)],
    ['Commands that still run', kept.runningCommands.map((one) => `- session ${one.sessionId}: ${one.command}`)],
    ['Summary', [summary.trim() || NO_SUMMARY]],
  ];
  const body = sections.flatMap(([title, lines]) => (lines.length > 0 ? [`## ${title}\n${lines.join('\n')}`] : []));
  return [
    `<compacted_conversation>\n${INTRODUCTION}`,
    ...body,
    `${isMidTurn ? `${GO_ON}\n` : ''}</compacted_conversation>`,
  ].join('\n\n');
}

const verbs = { add: 'added', delete: 'deleted', update: 'edited' } as const;

const list = (lines: readonly string[]): string[] => lines.map((line) => `- ${line}`);

const marks: Readonly<Record<TurnPlanStep['status'], string>> = {
  completed: '[x]',
  inProgress: '[~]',
  pending: '[ ]',
};

function planLines({ plan }: Ledger): string[] {
  if (!plan) return [];
  const steps = plan.steps.map(({ step, status }) => `${marks[status]} ${step}`);
  return plan.explanation ? [plan.explanation, ...steps] : steps;
}
