/**
 * Seeded mixes of agent writes, typing, saves, auto save, a formatter, undo, redo and reading anew, in a real editor and held
 * against an oracle: the text after every step (so the undo stack too), the bytes on the disk, whose change each event was.
 * `GANTRY_SEEDS=0-499` chooses the seeds; a failure names its own.
 */
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { AgentWrite, DocumentWriter } from '../../extension/host-fs/document-writer.ts';
import { hashOf, plain } from '../../extension/host-fs/plain-text.ts';
import { file, gantry, waitFor } from './support.ts';

const { commands, window, workspace } = vscode;
const STEPS = 8;
const [first = 0, last = 19] = (process.env.GANTRY_SEEDS ?? '').split('-').filter(Boolean).map(Number);

type Random = (below: number) => number;

/** The same numbers for the same seed. */
function randomOf(seed: number): Random {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const format = (text: string) => text.replaceAll('~~', '~');

/** One file's life. `states` and `at` are the undo stack as it should be. */
class Life {
  readonly document: vscode.TextDocument;
  readonly #writer: DocumentWriter;
  readonly #random: Random;
  readonly #eol: string;
  readonly #bom: string;
  readonly #isSavedByItself: boolean;
  readonly trail: string[] = [];
  readonly #writes: AgentWrite[] = [];
  readonly #own: string[] = [];
  readonly #expectedOwn: string[] = [];
  readonly #subscriptions: vscode.Disposable[];
  #states: string[];
  #at = 0;
  #disk: string;
  #last: string;
  #count = 0;

  constructor(
    document: vscode.TextDocument,
    {
      writer,
      random,
      eol,
      bom,
      auto,
    }: { writer: DocumentWriter; random: Random; eol: string; bom: string; auto: boolean },
  ) {
    this.document = document;
    this.#writer = writer;
    this.#random = random;
    this.#eol = eol;
    this.#bom = bom;
    this.#isSavedByItself = auto;
    this.#states = [plain(document.getText())];
    this.#disk = this.text;
    this.#last = this.text;
    const isMine = (uri: vscode.Uri) => uri.toString() === document.uri.toString();
    this.#subscriptions = [
      writer.onDidWrite((write) => isMine(write.uri) && this.#writes.push(write)),
      workspace.onDidChangeTextDocument((event) => {
        if (event.document !== document || event.contentChanges.length === 0) return;
        const text = plain(document.getText());
        // Reading a file anew may tell of a change that leaves the text as it was.
        if (text !== this.#last && writer.isOwn(document.uri, text)) this.#own.push(text);
        this.#last = text;
      }),
    ];
  }

  get text(): string {
    return this.#states[this.#at] ?? '';
  }

  end(): void {
    for (const one of this.#subscriptions) one.dispose();
  }

  async step(): Promise<void> {
    const steps = [
      this.#type,
      this.#type,
      this.#agent,
      this.#agent,
      this.#agent,
      this.#both,
      this.#undo,
      this.#redo,
      this.#save,
      this.#readAnew,
    ];
    const step = steps[this.#random(steps.length)] ?? this.#type;
    this.trail.push(step.name);
    await step.call(this);
    await this.#check();
  }

  async #check(): Promise<void> {
    // There and back: what the editor had to tell, that a document is unsaved for one, has been told then.
    await commands.executeCommand('setContext', 'gantry.test', this.trail.length);
    await waitFor(() => plain(this.document.getText()) === this.text, { what: 'the expected text', timeoutMs: 4_000 });
    if (this.#isSavedByItself) await this.#savedByItself();
    else if (!this.document.isDirty)
      assert.equal(await this.#bytes(), this.#stored(this.text), 'a clean document is the disk');
    else assert.equal(await this.#bytes(), this.#stored(this.#disk), 'an unsaved document leaves the disk alone');
    assert.deepEqual(this.#own, this.#expectedOwn, 'the events that are ours');
    const agents = this.#writes.map(({ kind, after }) => `${kind} ${after}`);
    assert.deepEqual(
      agents,
      this.#expectedOwn.map((text) => `write ${text}`),
      'the writes that are told',
    );
  }

  /** An auto save that fell between our bytes and their being taken back gives up; the user's own save then goes through. */
  async #savedByItself(): Promise<void> {
    const isSaved = () => this.#isOnDisk(this.text);
    const gaveUp = await waitFor(isSaved, { timeoutMs: 6_000 }).then(
      () => false,
      () => true,
    );
    if (!gaveUp) return;
    assert.equal(await this.document.save(), true, 'saved by hand');
    this.#push(format(this.text));
    assert.equal(await isSaved(), true, 'what was saved is on the disk');
  }

  readonly #bytes = () => readFile(this.document.uri.fsPath, 'utf8');
  readonly #stored = (text: string) => this.#bom + text.replaceAll('\n', this.#eol);
  readonly #isOnDisk = async (text: string) => (await this.#bytes()) === this.#stored(text) && !this.document.isDirty;

  #push(text: string): void {
    if (text === this.text) return;
    this.#states = [...this.#states.slice(0, ++this.#at), text];
  }

  /** A word of the user's at a random place of the text that is there; what it makes of a text. */
  #typed(): { edit: vscode.WorkspaceEdit; on(text: string): string } {
    const lines = this.text.split('\n');
    const line = this.#random(lines.length);
    const character = this.#random((lines[line] ?? '').length + 1);
    const word = `u${++this.#count}~~`;
    const edit = new vscode.WorkspaceEdit();
    edit.insert(this.document.uri, new vscode.Position(line, character), word);
    const on = (text: string) => {
      const all = text.split('\n');
      const at = Math.min(line, all.length - 1);
      const old = all[at] ?? '';
      const place = Math.min(character, old.length);
      all[at] = old.slice(0, place) + word + old.slice(place);
      return all.join('\n');
    };
    return { edit, on };
  }

  async #type(): Promise<void> {
    const { edit, on } = this.#typed();
    assert.equal(await workspace.applyEdit(edit), true);
    this.#push(on(this.text));
  }

  /** The agent puts a line in, or changes or removes one that has no word of the user's. */
  #changed(): string {
    const lines = this.text.split('\n');
    const line = this.#random(lines.length);
    const mine = `a${++this.#count} $& ü`;
    const isUsers = (lines[line] ?? '').includes('u');
    const way = isUsers ? 0 : this.#random(3);
    if (way === 0) lines.splice(line, 0, mine);
    else if (way === 1 && lines.length > 4) lines.splice(line, 1);
    else lines[line] = mine;
    return lines.join('\n');
  }

  async #agent(): Promise<void> {
    const [before, text] = [this.text, this.#changed()];
    const { isDirty } = this.document;
    const origin = { threadId: 't', turnId: 'u', itemId: 'i', decided: false };
    const result = await this.#writer.write(this.document.uri, { text, baseHash: hashOf(before), origin });
    assert.deepEqual(result, { type: 'written', hash: hashOf(text), text, formatterDelta: null });
    this.#landed(before, text, isDirty);
  }

  #landed(before: string, text: string, wasDirty: boolean): void {
    if (before === text) return;
    this.#push(text);
    this.#expectedOwn.push(text);
    if (!wasDirty) this.#disk = text;
  }

  /** Typing and writing at once: either is first, nothing is lost. */
  async #both(): Promise<void> {
    const [before, text] = [this.text, this.#changed()];
    const { isDirty } = this.document;
    const { edit, on } = this.#typed();
    const write = this.#writer.write(this.document.uri, { text, baseHash: hashOf(before), origin: null });
    for (let turns = this.#random(40); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
    const wasTyped = await workspace.applyEdit(edit);
    const result = await write;
    if (result.type === 'written') {
      this.#landed(before, text, isDirty);
      if (wasTyped) this.#push(on(text));
    } else {
      assert.equal(wasTyped, true, 'only typing makes a conflict');
      this.#push(on(before));
      assert.deepEqual(result, { type: 'conflict', reason: 'changed', text: this.text, hash: hashOf(this.text) });
    }
  }

  async #undo(): Promise<void> {
    await window.showTextDocument(this.document);
    await commands.executeCommand('undo');
    this.#at = Math.max(0, this.#at - 1);
  }

  async #redo(): Promise<void> {
    await window.showTextDocument(this.document);
    await commands.executeCommand('redo');
    this.#at = Math.min(this.#states.length - 1, this.#at + 1);
  }

  /** The user's own save: the formatter runs, as the user wants it. */
  async #save(): Promise<void> {
    const { isDirty } = this.document;
    assert.equal(await this.document.save(), true);
    if (isDirty) this.#push(format(this.text));
    this.#disk = this.text;
  }

  async #readAnew(): Promise<void> {
    await window.showTextDocument(this.document);
    await commands.executeCommand('workbench.action.files.revert');
    this.#push(this.#isSavedByItself ? this.text : this.#disk);
  }
}

describe('seeded lives of files in the editor', function () {
  this.timeout(120_000);
  let writer: DocumentWriter;
  let formatter: vscode.Disposable;

  const set = (name: string, value: unknown) =>
    workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Global);

  before(async () => {
    ({ writer } = await gantry());
    await mkdir(file('seeds'), { recursive: true });
    formatter = vscode.languages.registerDocumentFormattingEditProvider(
      { scheme: 'file', language: 'plaintext' },
      {
        provideDocumentFormattingEdits(document) {
          const edits: vscode.TextEdit[] = [];
          for (let line = 0; line < document.lineCount; line++) {
            const { text, range } = document.lineAt(line);
            if (format(text) !== text) edits.push(vscode.TextEdit.replace(range, format(text)));
          }
          return edits;
        },
      },
    );
    await set('editor.formatOnSave', true);
    await set('files.autoSaveDelay', 250);
  });
  after(async () => {
    formatter.dispose();
    for (const name of ['editor.formatOnSave', 'files.autoSaveDelay', 'files.autoSave']) await set(name, undefined);
    await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await rm(file('seeds'), { recursive: true, force: true });
  });

  for (const auto of [false, true]) {
    it(`${first}-${last}, ${auto ? 'with' : 'without'} auto save`, async function () {
      this.timeout((last - first + 1) * 20_000);
      await set('files.autoSave', auto ? 'afterDelay' : 'off');
      for (let seed = first; seed <= last; seed++) {
        // One in three saves by itself.
        if ((seed % 3 === 0) === auto) await live(seed, auto);
      }
    });
  }

  async function live(seed: number, auto: boolean): Promise<void> {
    const random = randomOf(seed);
    const eol = random(2) === 0 ? '\n' : '\r\n';
    const bom = random(4) === 0 ? '\uFEFF' : '';
    const lines = Array.from({ length: 3 + random(9) }, (_, index) => `line ${index}`);
    const text = lines.join('\n') + (random(2) === 0 ? '\n' : '');
    const uri = vscode.Uri.file(file(`seeds/${seed}.txt`));
    await writeFile(uri.fsPath, bom + text.replaceAll('\n', eol));
    const document = await workspace.openTextDocument(uri);
    await window.showTextDocument(document);
    const one = new Life(document, { writer, random, eol, bom, auto });
    try {
      for (let step = 0; step < STEPS; step++) await one.step();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      const [shown, wanted] = [JSON.stringify(document.getText()), JSON.stringify(one.text)];
      throw new Error(`seed ${seed}, ${one.trail.join(' ')}: ${what}\nshown  ${shown}\nwanted ${wanted}`, {
        cause: error,
      });
    } finally {
      one.end();
      await window.showTextDocument(document);
      await commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    }
  }
});
