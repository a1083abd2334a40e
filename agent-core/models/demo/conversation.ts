/** The conversation as the demo model sees it: the last thing the user asked, and what its own calls since then returned. */
import type { HistoryItem } from '../model-client.ts';

export type Round = { callId: string; name: string; input: string; output: string; success: boolean };

export type Conversation = {
  /** The user's last words, without what Gantry itself puts before them. */
  ask: string;
  /** Calls made since, oldest first, each with its result. */
  rounds: Round[];
  /** False where the mode gives no tool to edit with. */
  canApplyPatch: boolean;
};

/** Messages that Gantry puts in the user's role begin with one of these. */
const CONTEXT = /^\s*(?:#\s*AGENTS\.md|<[a-z_]+>)/;

function readRounds(items: readonly HistoryItem[]): Round[] {
  const rounds: Round[] = [];
  for (const item of items) {
    if (item.type === 'toolCall')
      rounds.push({ callId: item.callId, name: item.name, input: item.input, output: '', success: false });
    if (item.type === 'toolResult') {
      const round = rounds.find((r) => r.callId === item.callId);
      if (!round) continue;
      round.output = item.output.map((part) => (part.type === 'text' ? part.text : '')).join('');
      round.success = item.success;
    }
  }
  return joinSessions(rounds);
}

/** Follow-ups of a long command become part of it, as if it had been waited for in one go. */
function joinSessions(rounds: readonly Round[]): Round[] {
  const joined: Round[] = [];
  for (const round of rounds) {
    const session = round.name === 'write_stdin' ? argumentOf(round, 'session_id') : null;
    const first = session === null ? undefined : joined.findLast((r) => runningSession(r) === Number(session));
    if (!first) {
      joined.push(round);
      continue;
    }
    const before = commandResult(first).body;
    const at = round.output.indexOf(OUTPUT);
    first.output =
      at < 0 ? round.output : round.output.slice(0, at) + OUTPUT + before + round.output.slice(at + OUTPUT.length);
    first.success = round.success;
  }
  return joined;
}

const OUTPUT = 'Output:\n';

function argumentOf(round: Round, key: string): unknown {
  try {
    return JSON.parse(round.input)[key] ?? null;
  } catch {
    return null; // Our own call came back altered; without its arguments the round is of no use.
  }
}

/** The session in which a command still runs; null when it has ended. */
export function runningSession(round: Round): number | null {
  const at = round.output.indexOf(OUTPUT);
  const id = /running with session ID (\d+)/.exec(at < 0 ? round.output : round.output.slice(0, at))?.[1];
  return id === undefined ? null : Number(id);
}

/**
 * Reads the history; the whole state of the demo model is in it, nothing is kept between calls. One conversation for each
 * message that waits for an answer, oldest first: a second one that comes while the first is being answered cuts that
 * answer off. All of them hold the calls made since the first.
 */
export function readConversations(items: readonly HistoryItem[], tools: readonly { name: string }[]): Conversation[] {
  const asks = items.flatMap((item, at) => (isAsk(item) ? [at] : []));
  const last = asks.pop();
  if (last === undefined) return [{ ask: '', rounds: readRounds(items), canApplyPatch: hasPatch(tools) }];
  const waiting = [last];
  for (const at of asks.toReversed()) {
    const answer = items.slice(at, waiting[0]);
    if (!answer.every((item, index) => index === 0 || isUnfinished(item, index === answer.length - 1))) break;
    waiting.unshift(at);
  }
  const rounds = readRounds(items.slice((waiting[0] ?? last) + 1));
  return waiting.map((at) => {
    const item = items[at];
    const ask = item?.type === 'message' ? textOf(item).trim() : '';
    return { ask, rounds, canApplyPatch: hasPatch(tools) };
  });
}

const hasPatch = (tools: readonly { name: string }[]): boolean => tools.some((tool) => tool.name === 'apply_patch');

const isAsk = (item: HistoryItem): boolean =>
  item.type === 'message' && item.role === 'user' && !CONTEXT.test(textOf(item));

/** A whole answer comes last and has an id; what the person stopped is not gone on with. */
function isUnfinished(item: HistoryItem, isLast: boolean): boolean {
  if (item.type !== 'message') return true;
  if (item.role === 'user') return !/^<turn_aborted>/.test(textOf(item));
  return item.role !== 'assistant' || !isLast || item.id === undefined;
}

function textOf(item: Extract<HistoryItem, { type: 'message' }>): string {
  return item.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
}

/** True for a patch that the user did not want. */
export const isRejected = (round: Round): boolean => /^The user rejected the patch\./.test(round.output);

export type CommandResult = { command: string; exitCode: number | null; body: string; truncated: boolean };

/** What a finished `exec_command` returned: Gantry heads the output with a few lines and `Output:`. */
export function commandResult(round: Round): CommandResult {
  const at = round.output.indexOf(OUTPUT);
  const head = at < 0 ? '' : round.output.slice(0, at);
  const body = at < 0 ? round.output : round.output.slice(at + OUTPUT.length);
  const code = /exited with code (-?\d+)/.exec(head)?.[1];
  const command = String(argumentOf(round, 'cmd') ?? '');
  return {
    command,
    exitCode: code === undefined ? null : Number(code),
    body,
    truncated: /…\d+ (?:chars|tokens) truncated…/.test(body),
  };
}

/** Code that came with the message, as the editor attaches it: a path with a line range, then a fenced block. */
export type Attached = { path: string; startLine: number; language: string; lines: string[] };

/** The first fenced block of a message with the `path:12-20` that stands before it. */
export function attachedCode(ask: string): Attached | null {
  const fence = /(?:^|\n)(`{3,})([\w+-]*)[^\n]*\n([\s\S]*?)\n\1/.exec(ask);
  if (!fence) return null;
  const before = ask.slice(0, fence.index);
  const place = [...before.matchAll(/([^\s`"'():]+\.\w+)(?:[:#]L?(\d+)(?:-L?(\d+))?|[^\n]*?lines? (\d+))?/g)].at(-1);
  return {
    path: place?.[1] ?? 'the selection',
    startLine: Number(place?.[2] ?? place?.[4] ?? 1),
    language: fence[2] ?? '',
    lines: (fence[3] ?? '').split('\n'),
  };
}

/** The words of a message without attached code. */
export function words(ask: string): string {
  return ask.replace(/(?:^|\n)(`{3,})[\s\S]*?\n\1/g, '\n').trim();
}
