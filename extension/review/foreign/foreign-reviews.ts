/** Feeds the reviews from an agent that writes files itself and tells of it in published items alone. No editor. */
import type * as vscode from 'vscode';
import type { AnyThreadItem, ServerNotification } from '../../../agent-core/protocol/index.ts';
import { hashOf, plain } from '../../host-fs/plain-text.ts';
import type { ReviewStore } from '../store/review-store.ts';
import { hasHappened, type Looks, type TurnWord, type WrittenFile, writtenBy } from './item-baseline.ts';
import { beforeTurn, filesIn, placesOf, type TurnFile } from './turn-diff.ts';

export type ForeignDeps = {
  store: Pick<ReviewStore, 'agentWrote' | 'commandChanged'>;
  uriOf(path: string): vscode.Uri;
  /** The same for all names of one file. */
  keyOf(path: string): string;
  /** What the window has of the file at the moment of the call: a saved document that is open, else the disk. Plain. */
  look(path: string): Promise<string | null>;
  /** What is on the disk: as text of the editor's, plain, and as its bytes read in UTF-8. */
  disk(path: string): Promise<{ text: string | null; raw: string | null }>;
  /** What was in a file that was deleted, so that it can be brought back byte for byte. */
  keepDeleted(path: string, bytes: Uint8Array): void;
  /** Where relative paths of this thread may be meant from. */
  foldersOf(threadId: string): readonly string[];
  log: { warn(message: string): void };
};

type FileChange = Extract<AnyThreadItem, { type: 'fileChange' }>;
type Change = FileChange['changes'][number];
type Place = { threadId: string; turnId: string; itemId: string | null };
type Turn = {
  /** The newest; null until one came. */
  diff: string | null;
  /** Of items that have begun, what was in their files then. */
  seen: Map<string, Map<string, Promise<string | null>>>;
  /** The keys of what items changed, under all names. */
  changed: Set<string>;
  /** What only the turn's diff can tell. */
  unclear: { place: Place; change: Change }[];
};

export class ForeignReviews {
  readonly #deps: ForeignDeps;
  readonly #turns = new Map<string, Turn>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(deps: ForeignDeps) {
    this.#deps = deps;
  }

  /** To be called with all that such an agent tells, at once and in order. Settles when the reviews have it; never rejects. */
  hear({ method, params }: ServerNotification): Promise<void> {
    if (method === 'item/started' && params.item.type === 'fileChange') this.#look(params.turnId, params.item);
    if (method === 'item/completed' && params.item.type === 'fileChange') {
      const { threadId, turnId, item } = params;
      return this.#inTurn(() => this.#itemDone({ threadId, turnId, itemId: item.id }, item));
    }
    if (method === 'turn/diff/updated') {
      return this.#inTurn(async () => {
        const turn = this.#turn(params.turnId);
        turn.diff = params.diff;
        await this.#clearUp(turn, params.threadId);
      });
    }
    if (method === 'turn/completed') return this.#inTurn(() => this.#turnDone(params.threadId, params.turn.id));
    return Promise.resolve();
  }

  /** The agent is gone, and with it what it might have said yet. */
  lost(): void {
    this.#turns.clear();
  }

  /** Before the files are written, if the window is quick enough. */
  #look(turnId: string, { id, changes }: FileChange): void {
    const paths = changes.flatMap(namesOf);
    this.#turn(turnId).seen.set(id, new Map(paths.map((path) => [path, this.#deps.look(path)])));
  }

  async #itemDone(place: Place & { itemId: string }, { status, changes }: FileChange): Promise<void> {
    if (status !== 'completed' && status !== 'failed') return;
    const turn = this.#turn(place.turnId);
    for (const change of changes) {
      // What fails on its way may have changed the first files.
      if (status === 'failed' && !hasHappened(change, await this.#looks(place, change))) continue;
      for (const path of namesOf(change)) turn.changed.add(this.#deps.keyOf(path));
      if (!(await this.#take(place, change, null))) turn.unclear.push({ place, change });
    }
  }

  async #looks({ turnId, itemId }: Place, change: Change): Promise<Looks> {
    const seen = new Map<string, string | null | undefined>();
    const now = new Map<string, string | null>();
    for (const path of namesOf(change)) {
      seen.set(
        path,
        await this.#turn(turnId)
          .seen.get(itemId ?? '')
          ?.get(path),
      );
      now.set(path, (await this.#deps.disk(path)).text);
    }
    return { seen: (path) => seen.get(path), now: (path) => now.get(path) ?? null };
  }

  /** False when it takes the turn's diff to know what was there before. */
  async #take(place: Place, change: Change, word: TurnWord): Promise<boolean> {
    const written = writtenBy(change, await this.#looks(place, change), word);
    if (written === 'unclear') return false;
    for (const file of written) {
      if (change.kind.type === 'delete') this.#deps.keepDeleted(file.path, Buffer.from(change.diff, 'utf8'));
      await this.#feed(place, file);
    }
    return true;
  }

  async #feed(place: Place, file: WrittenFile): Promise<void> {
    const { store, uriOf } = this.#deps;
    const { path, movedFrom, before, after, whyNoUndo } = file;
    const oldText = whyNoUndo === null ? before : after;
    if (movedFrom !== null) {
      const origin = { ...place, itemId: place.itemId ?? '', decided: false };
      store.agentWrote({
        ...{ uri: uriOf(movedFrom), newUri: uriOf(path), kind: 'rename', origin },
        ...{ before: oldText, after: oldText },
      });
    }
    await store.commandChanged({
      ...place,
      ...{ path, source: 'tool', oldText, isText: true },
      newHash: after === null ? null : hashOf(after),
      ...(whyNoUndo === null ? {} : { whyNoUndo }),
    });
  }

  /** What could not be told before the turn's diff came. */
  async #clearUp(turn: Turn, threadId: string, isOver = false): Promise<void> {
    if (turn.unclear.length === 0) return;
    const files = turn.diff === null ? [] : filesIn(turn.diff);
    for (const one of turn.unclear.splice(0)) {
      const target = namesOf(one.change).at(-1) ?? '';
      const { raw } = await this.#deps.disk(target);
      const file = files.find(({ newPath }) => newPath !== null && this.#isAt(newPath, threadId, target));
      // A diff that does not name the file yet is followed by one that does, or never will.
      if (!file && !isOver) turn.unclear.push(one);
      else await this.#take(one.place, one.change, { file: file ?? null, raw });
    }
  }

  async #turnDone(threadId: string, turnId: string): Promise<void> {
    const turn = this.#turn(turnId);
    await this.#clearUp(turn, threadId, true);
    const place = { threadId, turnId, itemId: null };
    const files = turn.diff === null ? [] : filesIn(turn.diff);
    // Where a file that is gone was, its bytes cannot tell: the others must have said what the paths are meant from.
    const roots = new Set<string>();
    for (const file of files.toSorted((a, b) => Number(a.newPath === null) - Number(b.newPath === null))) {
      const at = file.newPath ?? file.oldPath ?? '';
      const places = this.#places(at, threadId).filter((path) => file.newPath !== null || roots.has(rootOf(path, at)));
      const found = await this.#takeFromTurn(place, turn, { file, places });
      if (found !== null) roots.add(rootOf(found, at));
      else this.#deps.log.warn(`The turn's diff names ${at}, but not as it is now; it is not shown for review.`);
    }
    this.#turns.delete(turnId);
  }

  /** Where the file is: one of an item, or one that no item told of and that has the very bytes that the diff speaks of. */
  async #takeFromTurn(
    place: Place,
    turn: Turn,
    { file, places }: { file: TurnFile; places: readonly string[] },
  ): Promise<string | null> {
    const known = places.find((path) => turn.changed.has(this.#deps.keyOf(path)));
    if (known !== undefined) return known;
    for (const path of places) {
      const { text, raw } = await this.#deps.disk(path);
      const before = beforeTurn(file, raw);
      if (before === undefined) continue;
      if (file.newPath === null) this.#deps.keepDeleted(path, Buffer.from(before ?? '', 'utf8'));
      await this.#feed(place, {
        ...{ path, after: text, whyNoUndo: null },
        movedFrom: await this.#sourceOf(file, path),
        before: before === null ? null : plain(before),
      });
      return path;
    }
    return null;
  }

  /** Where a moved file was. */
  async #sourceOf({ oldPath, newPath }: TurnFile, path: string): Promise<string | null> {
    if (oldPath === null || newPath === null || oldPath === newPath) return null;
    const [source] = placesOf(oldPath, [rootOf(path, newPath)]);
    return source !== undefined && (await this.#deps.disk(source)).raw === null ? source : null;
  }

  #isAt(path: string, threadId: string, target: string): boolean {
    const key = this.#deps.keyOf(target);
    return this.#places(path, threadId).some((place) => this.#deps.keyOf(place) === key);
  }

  #places(path: string, threadId: string): string[] {
    return placesOf(path, this.#deps.foldersOf(threadId));
  }

  #turn(id: string): Turn {
    let turn = this.#turns.get(id);
    if (!turn) {
      turn = { diff: null, seen: new Map(), changed: new Set(), unclear: [] };
      this.#turns.set(id, turn);
    }
    return turn;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#queue
      .then(work)
      .catch((error) => this.#deps.log.warn(`What the agent changed was not taken up for review: ${String(error)}`));
    this.#queue = done;
    return done;
  }
}

/** The file, and where it was moved. */
function namesOf({ kind, path }: Change): string[] {
  return kind.type === 'update' && kind.move_path ? [path, kind.move_path] : [path];
}

/** What a relative path of a diff is meant from, when this is its file. */
const rootOf = (file: string, path: string): string =>
  file.endsWith(`/${path}`) ? file.slice(0, -path.length - 1) : '';
