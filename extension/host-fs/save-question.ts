/** Asks before a command runs that would not see what the agent has changed in unsaved documents. */
import * as vscode from 'vscode';
import { documentOf, nameOf } from './workspace-file.ts';

const SAVE = 'Save';
const RUN = 'Run Without Saving';

/** Those of the URIs that equal the disk then. Saving is the user's own: formatters run as ever. */
export async function askToSave(
  uris: readonly string[],
  parse: (uri: string) => vscode.Uri,
  command: string,
): Promise<string[]> {
  const files = uris.map((uri) => ({ uri, document: documentOf(parse(uri)) }));
  const unsaved = [...new Set(files.flatMap(({ document }) => (document?.isDirty ? [document] : [])))];
  if (unsaved.length > 0) {
    const names = unsaved.map(({ uri }) => nameOf(uri)).join(', ');
    const question = `The agent’s command “${shortened(command)}” sees files as they are on the disk. Save ${names} first?`;
    const answer = await vscode.window.showInformationMessage(question, SAVE, RUN);
    if (answer === SAVE) await Promise.all(unsaved.map((document) => document.save()));
  }
  return files.filter(({ document }) => !document?.isDirty).map(({ uri }) => uri);
}

const LONGEST = 120;

const shortened = (command: string): string => {
  const line = command.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
};
