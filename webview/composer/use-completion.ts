import {
  type KeyboardEvent,
  type RefObject,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { slashCommands } from '../bridge/slash-commands.ts';
import type { Completion } from '../bridge/thread-extras.ts';
import { useActions, usePanel, useStoreApi, useView } from '../state/context.tsx';
import { replaceWord, type Word, wordAt } from './word-at.ts';

export type Choice = { id: string; label: string; detail: string; path: string | null; insert: string };

export type CompletionControl = {
  /** Null: nothing is open. */
  word: Word | null;
  choices: readonly Choice[];
  active: number;
  searching: boolean;
  /** Whatever the word, there is nothing to pick. */
  noneAtAll: boolean;
  listId: string;
  setActive: (index: number) => void;
  pick: (choice: Choice) => void;
  /** True when the key was for the list. */
  onKeyDown: (event: KeyboardEvent<HTMLTextAreaElement>) => boolean;
  /** To be called when the cursor has moved. */
  onCursor: () => void;
};

/** Completes `/commands`, `@files` and `$skills` in the message field. */
export function useCompletion(area: RefObject<HTMLTextAreaElement | null>): CompletionControl {
  const { post, setDraft, pick: remember } = useActions();
  const store = useStoreApi();
  const draft = useView((state) => state.draft);
  const ours = usePanel((panel) => panel.peer === 'gantry');
  const known = usePanel((panel) => panel.peer !== null);
  const found = usePanel((panel) => panel.completion);
  const [cursor, setCursor] = useState(0);
  const [closed, setClosed] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const listId = useId();
  const pending = useRef<number | null>(null);
  const word = useMemo(() => (known ? wordAt(draft, Math.min(cursor, draft.length)) : null), [draft, cursor, known]);
  const key = word ? `${word.kind}:${word.from}:${word.query}` : null;
  useAsk(word, closed === word?.kind);
  const choices = useMemo(() => choicesFor(word, ours, found), [word, ours, found]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another word starts at its first choice
  useEffect(() => setActive(0), [key]);
  useEffect(() => {
    if (word === null) setClosed(null);
  }, [word]);
  // Once the field has the text, and before anybody can type into it.
  // biome-ignore lint/correctness/useExhaustiveDependencies: after each change of the text
  useLayoutEffect(() => {
    const to = pending.current;
    pending.current = null;
    if (to !== null) area.current?.setSelectionRange(to, to);
  }, [draft]);
  const open = word !== null && closed !== word.kind ? word : null;
  const at = Math.min(active, Math.max(0, choices.length - 1));

  const write = (text: string, to: number) => {
    pending.current = to;
    setDraft(text);
    setCursor(to);
  };
  const pick = (choice: Choice) => {
    if (!open) return;
    if (open.kind === 'slash') {
      const command = slashCommands(ours).find(({ name }) => name === choice.id);
      if (command && command.argument === null) {
        post({ type: 'slash', name: command.name, argument: '' });
        write('', 0);
        return;
      }
    } else if (choice.path !== null) {
      remember({ kind: open.kind, name: choice.label, path: choice.path, token: choice.insert });
    }
    const next = replaceWord(store.getState().draft, open, choice.insert);
    write(next.text, next.cursor);
    area.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): boolean => {
    if (!open) return false;
    const choice = choices[at];
    if (event.key === 'Escape') setClosed(open.kind);
    else if (!choice) return false;
    else if (event.key === 'ArrowDown') setActive((at + 1) % choices.length);
    else if (event.key === 'ArrowUp') setActive((at + choices.length - 1) % choices.length);
    else if (event.key === 'Tab' && !event.shiftKey) pick(choice);
    else if (event.key === 'Enter' && !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey) {
      // A command that is typed out is run, not completed.
      if (open.kind === 'slash' && open.query === choice.id) return false;
      pick(choice);
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const onCursor = () => {
    // The key that picks tells of the cursor as it was before.
    if (pending.current === null) setCursor(area.current?.selectionStart ?? 0);
  };
  const searching = open?.kind === found?.kind && (found?.searching ?? false);
  const noneAtAll = open?.kind === found?.kind && found?.noneAtAll === true;
  return { word: open, choices, active: at, searching, noneAtAll, listId, setActive, pick, onKeyDown, onCursor };
}

/** Asks the host for files and skills as the word grows, and says when that is over. */
function useAsk(word: Word | null, closed: boolean): void {
  const { post } = useActions();
  const asked = useRef<'file' | 'skill' | null>(null);
  const kind = word && word.kind !== 'slash' && !closed ? word.kind : null;
  const query = word?.query ?? '';
  useEffect(() => {
    if (asked.current && asked.current !== kind) post({ type: 'complete', kind: asked.current, query: null });
    asked.current = kind;
    if (kind) post({ type: 'complete', kind, query });
  }, [kind, query, post]);
}

function choicesFor(word: Word | null, ours: boolean, found: Completion | null): readonly Choice[] {
  if (!word) return [];
  if (word.kind === 'slash') {
    return slashCommands(ours)
      .filter(({ name }) => name.startsWith(word.query))
      .map(({ name, description, argument }) => ({
        id: name,
        label: `/${name}${argument ? ` ${argument}` : ''}`,
        detail: description,
        path: null,
        insert: `/${name}`,
      }));
  }
  if (found?.kind !== word.kind) return [];
  const mark = word.kind === 'file' ? '@' : '$';
  return found.items.map(({ name, path, insert, detail }) => ({
    id: path,
    label: name,
    detail,
    path,
    insert: `${mark}${insert}`,
  }));
}
