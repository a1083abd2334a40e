/** The `data:` payloads of a Server-Sent Events body, in order. */
import { createParser } from 'eventsource-parser';

/**
 * Yields each event's data as it comes; `onBytes` is called for every chunk, comments included, for idle timers.
 * Rejects when the body does. Leaving the loop early cancels the body.
 */
export async function* readSse(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<string> {
  const ready: string[] = [];
  const parser = createParser({ onEvent: (event) => void ready.push(event.data) });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // A last event without its empty line still counts: some servers end so.
      parser.feed(done ? `${decoder.decode()}\n\n` : decoder.decode(value, { stream: true }));
      if (!done) onBytes();
      yield* ready.splice(0);
      if (done) return;
    }
  } finally {
    // Rejects when the body has failed already, which the loop has told.
    await reader.cancel().catch(() => undefined);
  }
}
