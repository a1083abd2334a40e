/** Opens what a model's text points to. */
import * as vscode from 'vscode';
import { resolvePath } from './workspace-place.ts';

/** `line` counts from 1; null opens the file where it was. A relative path is meant from `base`. Rejects with a sentence when there is no such file. */
export async function openPath(file: string, line: number | null, base: string | null): Promise<void> {
  const uri = resolvePath(file, base);
  const at = line === null ? undefined : new vscode.Position(Math.max(0, line - 1), 0);
  const options = at ? { preview: true, selection: new vscode.Range(at, at) } : { preview: true };
  try {
    await vscode.workspace.fs.stat(uri);
  } catch {
    throw new Error(`${vscode.workspace.asRelativePath(uri)} does not exist.`);
  }
  // Through the editor's own opener, which shows images and notebooks as what they are.
  await vscode.commands.executeCommand('vscode.open', uri, options);
}

const WEB = /^(https?|mailto):/i;
const LINE = /^(.*?)(?:#L(\d+)(?:-L?\d+)?|:(\d+)(?::\d+)?)?$/;

/** Web addresses go to the browser, anything else is a file; no other kind of address is opened. */
export async function openLink(href: string, base: string | null): Promise<void> {
  if (WEB.test(href)) {
    await vscode.env.openExternal(vscode.Uri.parse(href, true));
    return;
  }
  const plain = href.startsWith('file:') ? vscode.Uri.parse(href).fsPath : decode(href);
  if (/^[a-z][a-z0-9+.-]+:/i.test(plain) && !/^[a-z]:[\\/]/i.test(plain) && !LINE.exec(plain)?.[3]) {
    throw new Error(`Links of this kind are not opened: ${href.slice(0, 100)}`);
  }
  const [, path = plain, hash, colon] = LINE.exec(plain) ?? [];
  const line = hash ?? colon;
  await openPath(path, line === undefined ? null : Number(line), base);
}

function decode(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}
