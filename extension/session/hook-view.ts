/** Hooks in words. Pure. */
import type { HookMetadata, HookRunSummary } from '../../agent-core/protocol/index.ts';

const spaced = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** "pre tool use · Bash" */
export const hookName = ({ eventName, matcher }: Pick<HookMetadata, 'eventName' | 'matcher'>): string =>
  matcher ? `${spaced(eventName)} · ${matcher}` : spaced(eventName);

export function hookState(hook: Pick<HookMetadata, 'enabled' | 'trustStatus' | 'source'>): {
  icon: string;
  words: string;
} {
  if (!hook.enabled) return { icon: '$(circle-slash)', words: 'switched off' };
  switch (hook.trustStatus) {
    case 'untrusted':
      return hook.source === 'project'
        ? { icon: '$(question)', words: 'not run: of the project, and not trusted' }
        : {
            icon: '$(question)',
            words: 'not run, what it guards is closed: it runs a file of the workspace, and is not trusted',
          };
    case 'modified':
      return { icon: '$(warning)', words: 'not run, what it guards is closed: it has changed since you trusted it' };
    case 'managed':
      return { icon: '$(shield)', words: 'of your organisation' };
    case 'trusted':
      return { icon: '$(pass)', words: hook.source === 'project' ? 'of the project, trusted' : 'yours' };
  }
}

/** What the user should hear of a run; null for one that went by in silence. */
export function hookWarning({ eventName, status, entries }: HookRunSummary): string | null {
  const texts = entries.filter(({ kind }) => kind !== 'context').map(({ text }) => text);
  if (texts.length === 0) return null;
  const did = {
    blocked: 'blocked this',
    stopped: 'ended the turn',
    failed: 'failed',
    completed: 'says',
    running: 'says',
  };
  return `A hook (${spaced(eventName)}) ${did[status]}: ${texts.join(' ')}`;
}
