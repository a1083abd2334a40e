/** Where events go: all of them to stdout as JSON, or the last message there and the rest as lines on stderr. */
import type { ExecEvent, ExecItem } from './events.ts';

export type Printer = (event: ExecEvent) => void;
type Write = (text: string) => void;

export const jsonPrinter =
  (out: Write): Printer =>
  (event) =>
    out(`${JSON.stringify(event)}\n`);

type Change = { path: string; kind: string };
type Step = { text: string; completed: boolean };

function describe(item: ExecItem): string {
  switch (item.type) {
    case 'reasoning':
      return String(item.text);
    case 'command_execution':
      if (item.status === 'in_progress') return `$ ${item.command}`;
      return `${item.aggregated_output}(${item.exit_code === null ? item.status : `exit code ${item.exit_code}`})`;
    case 'file_change':
      if (item.status === 'in_progress') return '';
      return (item.changes as Change[]).map(({ path, kind }) => `${kind} ${path} (${item.status})`).join('\n');
    case 'mcp_tool_call':
      return `${item.server}.${item.tool} (${item.status})`;
    case 'web_search':
      return `search: ${item.query}`;
    case 'todo_list':
      return (item.items as Step[]).map(({ text, completed }) => `[${completed ? 'x' : ' '}] ${text}`).join('\n');
    case 'error':
      return `warning: ${item.message}`;
    default:
      return '';
  }
}

const SEQUENCE =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)|[ -/]*[0-~])|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/**
 * What a model and commands wrote, without what a terminal would obey: it could set the clipboard or the title, or write over
 * the lines above.
 */
const forTerminal = (text: string): string => text.replace(/\r\n?/g, '\n').replace(SEQUENCE, '');

/** For people. A message that something follows is shown as progress; the last one is what is printed. */
export function textPrinter(out: Write, err: Write): Printer {
  let message: { text: string; isShown: boolean } | null = null;
  let error: string | null = null;
  const line = (text: string): void => {
    if (text !== '') err(`${forTerminal(text)}\n`);
  };
  const showMessage = (): void => {
    if (message && !message.isShown) line(message.text);
    if (message) message.isShown = true;
  };
  return (event) => {
    switch (event.type) {
      case 'thread.started':
        return line(`thread ${event.thread_id}`);
      case 'error':
        error = event.message;
        return line(`error: ${error}`);
      case 'turn.failed':
        showMessage();
        return event.error.message === error ? undefined : line(`error: ${event.error.message}`);
      case 'turn.completed':
        return message === null ? undefined : out(`${forTerminal(message.text)}\n`);
      case 'item.started':
      case 'item.updated':
      case 'item.completed':
        showMessage();
        if (event.item.type === 'agent_message') message = { text: String(event.item.text), isShown: false };
        return line(describe(event.item));
      default:
    }
  };
}
