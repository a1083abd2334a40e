/**
 * The few things that every JavaScript host has and that the language's own library does not name. They merge with
 * the host's declarations where those exist.
 */
declare global {
  interface AbortSignal {
    readonly aborted: boolean;
    addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
    removeEventListener(type: 'abort', listener: () => void): void;
  }
}

export interface Abort {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

interface Host {
  AbortController: new () => Abort;
  TextDecoder: new (encoding: 'utf-8') => { decode(bytes: Uint8Array): string };
}

export const host = globalThis as unknown as Host;
