/** `review/start`: a reviewer looks at changes, in a turn of the thread. */
import { AgentError, type ReviewTarget } from '../../protocol/index.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import type { Handlers } from '../wire/connection.ts';
import { type SpecialTurns, turnInProgress } from './special-turns.ts';

type Review = { label: string; task: string };

const LAST = 'Report what its author should mend.';

function given(value: string, name: string): string {
  const text = value.trim();
  if (text === '') throw new AgentError('invalidRequest', `${name} must not be empty`);
  return text;
}

/** Words go into a command line of the reviewer's: a name of git's cannot hold what would end them. */
function gitName(value: string, name: string): string {
  const text = given(value, name);
  if (/^-|[\s'"`$\\;&|<>]/.test(text)) throw new AgentError('invalidRequest', `${name} is no name of git's: ${text}`);
  return text;
}

/** Throws `AgentError` for what cannot be reviewed. (pure) */
function reviewOf(target: ReviewTarget): Review {
  switch (target.type) {
    case 'uncommittedChanges':
      return {
        label: 'current changes',
        task: `Review the changes in this working tree that are not committed: staged, unstaged and untracked files (git status, git diff, git diff --staged, and the untracked files themselves). ${LAST}`,
      };
    case 'baseBranch': {
      const branch = gitName(target.branch, 'branch');
      return {
        label: `changes against '${branch}'`,
        task: `Review what this branch adds to '${branch}': find where they part with \`git merge-base HEAD ${branch}\` (or its upstream, where that is newer), then read \`git diff\` from there. ${LAST}`,
      };
    }
    case 'commit': {
      const sha = gitName(target.sha, 'sha');
      const title = target.title?.trim();
      return {
        label: `commit ${sha.slice(0, 7)}${title ? `: ${title}` : ''}`,
        task: `Review the changes of commit ${sha}${title ? ` ("${title}")` : ''} with \`git show ${sha}\`. ${LAST}`,
      };
    }
    case 'custom': {
      const instructions = given(target.instructions, 'instructions');
      return { label: instructions, task: instructions };
    }
    default:
      return target satisfies never;
  }
}

export function reviewHandlers(threads: ThreadRegistry, special: SpecialTurns): Pick<Handlers, 'review/start'> {
  return {
    'review/start'({ threadId, target }, { connection, afterReply }) {
      const thread = threads.loaded(threadId);
      const { label, task } = reviewOf(target);
      if (thread.activeTurnId !== null) {
        throw new AgentError('invalidRequest', 'a turn is running; interrupt it or wait for its end, then review');
      }
      thread.subscribe(connection);
      const turnId = threads.newId();
      special.set(thread, turnId, 'review');
      thread.begin(turnId);
      afterReply(() => thread.submit({ type: 'review', turnId, label, task, settings: thread.settings }));
      const content = [{ type: 'text' as const, text: label, text_elements: [] }];
      const untimed = { startedAtMs: null, completedAtMs: null };
      const items = [{ type: 'userMessage' as const, id: turnId, clientId: null, content, ...untimed }];
      return { reviewThreadId: threadId, turn: { ...turnInProgress(turnId), items } };
    },
  };
}
