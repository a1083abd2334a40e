/**
 * Pending reviews on the disk, for a reload or a crash. Texts lie in files named by their hash, and `reviews.json` says which
 * of them belong to which file; it is replaced in one step, after the texts are there. Nothing of it is ever written back
 * into the workspace.
 */
import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import type { SavedReview } from '../model/review-model.ts';

/** A folder of small files. `write` replaces a file in one step or leaves it as it was. */
export type Folder = {
  read(name: string): Promise<string | null>;
  write(name: string, text: string): Promise<void>;
  remove(name: string): Promise<void>;
  list(): Promise<string[]>;
};

const Mark = z.object({ line: z.int(), text: z.string(), from: z.nullable(z.string()), isMixed: z.boolean() });

const Stored = z.object({
  version: z.literal(1),
  files: z.array(
    z.object({
      uri: z.string(),
      kind: z.enum(['update', 'add', 'delete', 'rename']),
      movedFrom: z.nullable(z.string()),
      threadId: z.string(),
      turnId: z.string(),
      itemIds: z.array(z.string()),
      whyNoUndo: z.nullable(z.string()),
      kept: z.int(),
      undone: z.int(),
      baseline: z.string(),
      text: z.string(),
      regions: z.array(z.array(z.int())),
      marks: z.array(Mark),
    }),
  ),
});
type Stored = z.infer<typeof Stored>;
type StoredFile = Stored['files'][number];

/** A file's review with its texts themselves. */
export type SavedFile = Omit<StoredFile, 'baseline' | 'text' | 'regions' | 'marks'> & {
  review: SavedReview;
};

const STATE = 'reviews.json';
const DELAY_MS = 250;

export class SavedReviews {
  readonly #folder: Folder;
  readonly #onProblem: (message: string) => void;
  #timer: NodeJS.Timeout | null = null;
  #lastAt = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(folder: Folder, onProblem: (message: string) => void) {
    this.#folder = folder;
    this.#onProblem = onProblem;
  }

  /** What was saved last. A state that cannot be read is dropped with a word about it. */
  async load(): Promise<SavedFile[]> {
    const json = await this.#folder.read(STATE);
    if (json === null) return [];
    const parsed = Stored.safeParse(parsedJson(json));
    if (!parsed.success) {
      this.#onProblem('The pending reviews could not be read and are dropped. The files are as they were.');
      await this.#folder.remove(STATE);
      return [];
    }
    const files: SavedFile[] = [];
    for (const { baseline, text, regions, marks, ...file } of parsed.data.files) {
      const [before, after] = await Promise.all([this.#text(baseline), this.#text(text)]);
      if (before !== null && after !== null)
        files.push({ ...file, review: { baseline: before, text: after, regions, marks } });
    }
    const lost = parsed.data.files.length - files.length;
    if (lost > 0) this.#onProblem(`${lost} pending reviews were damaged and are dropped. The files are as they were.`);
    return files;
  }

  /** Whether something has changed that is not saved yet. */
  get isDue(): boolean {
    return this.#timer !== null;
  }

  /**
   * Saves what `files` gives then: after a pause at once, since a window that is closed right after a change has no time
   * left to save; while changes follow each other, now and then.
   */
  saveSoon(files: () => SavedFile[]): void {
    const wait = Math.max(0, this.#lastAt + DELAY_MS - Date.now());
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.save(files());
    }, wait);
  }

  /** Settles when it is on the disk, or was told as a problem. */
  save(files: readonly SavedFile[]): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#lastAt = Date.now();
    this.#writing = this.#writing
      .then(() => this.#write(files))
      .catch((error) => this.#onProblem(`The pending reviews could not be saved: ${String(error)}`));
    return this.#writing;
  }

  async #write(files: readonly SavedFile[]): Promise<void> {
    const stored: StoredFile[] = [];
    const used = new Set<string>();
    // Looked up each time: another window of the same folder may have removed what this one has written.
    const there = new Set(await this.#folder.list().catch(() => []));
    for (const { review, ...file } of files) {
      const [baseline, text] = [await this.#put(review.baseline, there), await this.#put(review.text, there)];
      used.add(baseline).add(text);
      stored.push({
        ...{ ...file, baseline, text, marks: [...review.marks] },
        regions: review.regions.map((region) => [...region]),
      });
    }
    const state: Stored = { version: 1, files: stored };
    await this.#folder.write(STATE, JSON.stringify(state));
    for (const name of await this.#folder.list()) {
      if (name === STATE || used.has(name)) continue;
      await this.#folder.remove(name);
    }
  }

  async #put(text: string, there: Set<string>): Promise<string> {
    const name = hashOf(text);
    if (!there.has(name)) await this.#folder.write(name, text);
    there.add(name);
    return name;
  }

  async #text(name: string): Promise<string | null> {
    const text = /^[0-9a-f]{64}$/.test(name) ? await this.#folder.read(name) : null;
    return text !== null && hashOf(text) === name ? text : null;
  }
}

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
