/** An editor with open documents, as a core sees it by `host/fs/*`; files that are not open lie on the real disk. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Answer, CoreRequest } from './core-process.ts';

type HostRequest = Extract<CoreRequest, { method: `host/fs/${string}` }>;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
export const refusal = (reason: string, message: string): Answer => ({
  error: { code: -32010, message, data: { reason } },
});
export const uriOf = (file: string): string => pathToFileURL(file).href;

const isHost = (request: CoreRequest): request is HostRequest => request.method.startsWith('host/fs/');

export class ScriptedEditor {
  /** Every request of the core's about files, in order; those that ask what is unsaved are left out. */
  readonly asked: HostRequest[] = [];
  /** How often it was asked what is unsaved, and with how many known texts. */
  readonly looks: number[] = [];
  /** Unsaved texts by path. */
  readonly unsaved = new Map<string, string>();
  /** Comes before what an editor would do; undefined leaves it to that. */
  before: (request: HostRequest) => Answer | 'silent' | undefined = () => undefined;
  /** Whether the user saves when asked. */
  saves = true;

  /** For `CoreProcess.onRequest`; null for what is none of its business. */
  answer(request: CoreRequest): Answer | null {
    if (!isHost(request)) return null;
    if (request.method === 'host/fs/dirty') this.looks.push(request.params.known?.length ?? 0);
    else this.asked.push(request);
    const first = this.before(request);
    if (first !== undefined) return first === 'silent' ? undefined : first;
    return this.#do(request);
  }

  /** Methods and file names of what was asked. */
  get calls(): string[] {
    return this.asked.map(({ method, params }) => {
      const names = 'uri' in params ? [params.uri] : 'uris' in params ? params.uris : [];
      return [method, ...names.map((uri) => path.basename(uri))].join(' ');
    });
  }

  save(file: string): void {
    const text = this.unsaved.get(file);
    if (text !== undefined) writeFileSync(file, text);
    this.unsaved.delete(file);
  }

  #text(file: string): string | null {
    return this.unsaved.get(file) ?? (existsSync(file) ? readFileSync(file, 'utf8') : null);
  }

  #do(request: HostRequest): Answer {
    switch (request.method) {
      case 'host/fs/read': {
        const file = fileURLToPath(request.params.uri);
        const text = this.#text(file);
        if (text === null) return refusal('notFound', `${file} does not exist.`);
        const dirty = this.unsaved.has(file);
        return { result: { text, hash: hashOf(text), eol: 'lf', encoding: 'utf8', dirty } };
      }
      case 'host/fs/write': {
        const { uri, text = '', baseHash } = request.params;
        const file = fileURLToPath(uri);
        const now = this.#text(file);
        if (now === null || hashOf(now) !== baseHash) {
          return { result: { conflict: true, text: now, hash: now === null ? null : hashOf(now) } };
        }
        this.#put(file, text);
        return { result: { hash: hashOf(text) } };
      }
      case 'host/fs/create': {
        const { uri, text } = request.params;
        const file = fileURLToPath(uri);
        const now = this.#text(file);
        if (now !== null) return { result: { conflict: true, reason: 'exists', text: now, hash: hashOf(now) } };
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
        return { result: { hash: hashOf(text) } };
      }
      case 'host/fs/delete': {
        const file = fileURLToPath(request.params.uri);
        const now = this.#text(file);
        const isSame = now !== null && hashOf(now) === request.params.baseHash;
        if (!isSame) return { result: { conflict: true, reason: 'changed', text: now, hash: hashOf(now ?? '') } };
        rmSync(file);
        return { result: { deleted: true } };
      }
      case 'host/fs/rename': {
        const [file, target] = [request.params.uri, request.params.newUri].map((uri) => fileURLToPath(uri));
        const text = this.#text(file ?? '') ?? '';
        renameSync(file ?? '', target ?? '');
        return { result: { hash: hashOf(text) } };
      }
      case 'host/fs/save': {
        const { uris } = request.params;
        if (this.saves) for (const uri of uris) this.save(fileURLToPath(uri));
        return { result: { saved: this.saves ? uris : [] } };
      }
      case 'host/fs/dirty': {
        const known = new Map((request.params.known ?? []).map(({ uri, hash }) => [uri, hash]));
        const data = [...this.unsaved].map(([file, text]) => {
          const [uri, hash] = [uriOf(file), hashOf(text)];
          return { uri, hash, ...(known.get(uri) === hash ? {} : { text }) };
        });
        return { result: { data } };
      }
      default:
        return undefined;
    }
  }

  #put(file: string, text: string): void {
    if (this.unsaved.has(file)) this.unsaved.set(file, text);
    else writeFileSync(file, text);
  }
}
