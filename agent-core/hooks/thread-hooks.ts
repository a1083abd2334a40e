/** The hooks of one thread: which there are, which are for an event, run all at once, told to the client, and summed up. */
import type { Emit, HookCall, HookScope, Hooks, HookVerdict, Log, TurnSettings } from '../ports.ts';
import type { HookRunStatus, HookRunSummary } from '../protocol/index.ts';
import type { FoundHooks } from './discover.ts';
import { type Hook, isLive, titleOf } from './hook.ts';
import { type HookWord, wordOf } from './hook-output.ts';
import { matches } from './matcher.ts';
import { type HookRunner, runHook } from './run-hook.ts';

export type ThreadHooksOptions = {
  threadId: string;
  /** The thread's file, for hooks that read it; null when there is none. */
  transcriptPath: () => string | null;
  discover: (cwd: string) => FoundHooks;
  runner: HookRunner;
  /** Files that hooks of this thread run; the agent may not write them. Told anew with each refresh. */
  keep: (files: readonly string[]) => void;
  emit: Emit;
  now: () => number;
  log: Log;
};

type RunWord = HookWord & { hookRunId: string };

const NOTHING: HookVerdict = { blocked: [], stopped: null, contexts: [], input: undefined, permission: null };

export function createThreadHooks(options: ThreadHooksOptions): Hooks {
  const { threadId, transcriptPath, discover, runner, keep, emit, now, log } = options;
  let live: Hook[] = [];
  let late: string[] = [];
  /** Hooks that the user was told of as not trusted, so that it is said once. */
  const told = new Set<string>();

  const warn = (message: string) => emit({ method: 'warning', params: { threadId, message } });

  const tellDoubts = ({ hooks, errors, warnings }: FoundHooks) => {
    const news = (key: string) => !told.has(key) && told.add(key);
    for (const { path, message } of errors) if (news(`${path}: ${message}`)) warn(`Hooks of ${path}: ${message}`);
    for (const one of warnings) if (news(one)) warn(one);
    const doubted = hooks.filter(
      ({ trust, isEnabled }) => isEnabled && (trust === 'untrusted' || trust === 'modified'),
    );
    const fresh = doubted.filter(({ key, hash }) => news(`${key} ${hash}`));
    if (fresh.length === 0) return;
    const [what, them] = fresh.length === 1 ? ['A hook is', 'it'] : [`${fresh.length} hooks are`, 'them'];
    const whose = fresh.every(({ source }) => source === 'project') ? '' : ', and they run files of this workspace';
    const places = [...new Set(fresh.flatMap(({ sourcePath, files }) => [sourcePath, ...files]))].join(', ');
    const closed = fresh.some(isLive) ? ' What they would watch does not happen until then.' : '';
    warn(
      `${what} not run, because you have not said that you trust ${them} as now${whose}: look at ${places}, then use “Gantry: Hooks”, or set trusted_hash in [hooks.state] of your config.toml.${closed}`,
    );
  };

  const summaryOf = (hook: Hook, call: HookCall, startedAt: number): HookRunSummary => {
    const id = `${hook.event}:${hook.order}:${hook.sourcePath}`;
    return {
      id: call.callId === undefined ? id : `${id}:${call.callId}`,
      displayOrder: hook.order,
      entries: [],
      eventName: hook.event,
      executionMode: hook.isAsync ? 'async' : 'sync',
      handlerType: 'command',
      scope: call.event === 'sessionStart' || call.event === 'sessionEnd' ? 'thread' : 'turn',
      sourcePath: hook.sourcePath,
      source: hook.source,
      startedAt: Math.floor(startedAt / 1000),
      status: 'running',
      statusMessage: hook.statusMessage,
    };
  };

  const runOne = async (hook: Hook, call: HookCall, scope: HookScope, signal: AbortSignal): Promise<RunWord> => {
    const startedAt = now();
    const run = summaryOf(hook, call, startedAt);
    const { turnId } = scope;
    emit({ method: 'hook/started', params: { threadId, turnId, run } });
    const input = inputOf(call, scope, { threadId, transcriptPath: transcriptPath() });
    const word = wordOf(hook.event, await runHook(hook, input, scope.settings, runner, signal));
    const completedAt = now();
    const status: HookRunStatus = word.status;
    const ended = {
      status,
      entries: word.entries,
      completedAt: Math.floor(completedAt / 1000),
      durationMs: Math.max(0, Math.round(completedAt - startedAt)),
    };
    emit({ method: 'hook/completed', params: { threadId, turnId, run: { ...run, ...ended } } });
    return { ...word, hookRunId: run.id };
  };

  return {
    refresh(cwd) {
      try {
        const found = discover(cwd);
        live = found.hooks.filter(isLive);
        keep([...new Set(live.flatMap(({ files }) => files))]);
        tellDoubts(found);
      } catch (error) {
        // A defect of ours must not silently take a guard away.
        log('error', 'hooks could not be read', error);
        warn(`Hooks could not be read: ${String(error)}`);
      }
    },
    has: (event) => live.some((hook) => hook.event === event),
    async run(call, scope, signal) {
      const chosen = live.filter((hook) => hook.event === call.event && matches(hook.matcher, call.names));
      if (chosen.length === 0) return NOTHING;
      for (const hook of chosen.filter(({ isAsync }) => isAsync)) {
        const ended = runOne(hook, call, scope, scope.lifetime);
        ended.then(
          (word) =>
            late.push(
              ...word.contexts,
              ...word.entries.filter(({ kind }) => kind === 'feedback').map(({ text }) => text),
            ),
          (error: unknown) => log('error', 'a hook threw', error),
        );
      }
      const finished: RunWord[] = [];
      const words = await Promise.all(
        chosen
          .filter(({ isAsync }) => !isAsync)
          .map(async (hook) => {
            const word = await runOne(hook, call, scope, signal);
            finished.push(word);
            return word;
          }),
      );
      if (call.event === 'sessionEnd') keep([]);
      return verdictOf(words, finished);
    },
    takeLate() {
      const texts = late;
      late = [];
      return texts;
    },
  };
}

/** `words` in the order of the files, `finished` in the order in which they ended: of two new inputs the later one counts. */
function verdictOf(words: readonly RunWord[], finished: readonly RunWord[]): HookVerdict {
  const reasons = words.flatMap(({ hookRunId, blocked: text }) => (text === null ? [] : [{ hookRunId, text }]));
  const denied = words.find(({ permission }) => permission?.behavior === 'deny')?.permission;
  const allowed = words.find(({ permission }) => permission?.behavior === 'allow')?.permission;
  return {
    blocked: reasons,
    stopped: words.find(({ stopped }) => stopped !== null)?.stopped ?? null,
    contexts: words.flatMap(({ contexts }) => contexts),
    input: reasons.length > 0 ? undefined : finished.findLast(({ input }) => input !== undefined)?.input,
    permission: denied ?? allowed ?? null,
  };
}

type Place = { threadId: string; transcriptPath: string | null };

/** In the field's names, so that a hook written for another agent understands it. */
const inputOf = (call: HookCall, { turnId, settings, model }: HookScope, { threadId, transcriptPath }: Place) => ({
  session_id: threadId,
  ...(turnId === null ? {} : { turn_id: turnId }),
  transcript_path: transcriptPath,
  cwd: settings.cwd,
  hook_event_name: titleOf(call.event),
  model,
  permission_mode: permissionMode(settings),
  ...call.input,
});

function permissionMode({ mode, approvalPolicy, sandboxPolicy, editApproval }: TurnSettings): string {
  if (mode?.kind === 'plan') return 'plan';
  if (approvalPolicy === 'never') return sandboxPolicy.type === 'dangerFullAccess' ? 'bypassPermissions' : 'dontAsk';
  return editApproval === 'editThenReview' ? 'acceptEdits' : 'default';
}
