/** The core on stdin and stdout: one JSON object a line. */
import type { Readable, Writable } from 'node:stream';
import type { Core } from '../core.ts';

/**
 * Serves one client until its stream ends. What is still being answered when the stream ends is given up: nobody reads
 * it.
 */
export async function serveStdio(core: Core, input: Readable, output: Writable): Promise<void> {
  const { peer } = core.connect({ send: (line) => output.write(`${line}\n`) });
  output.on('drain', () => peer.drained());
  // The client is gone; its end of stdin says the same, or is about to.
  output.on('error', () => peer.close());
  await new Promise<void>((resolve) => {
    input.on('data', (chunk: Buffer) => {
      if (peer.receive(chunk)) return;
      input.pause();
      void peer.whenDrained().then(() => input.resume());
    });
    input.once('end', () => {
      peer.receiveEnd();
      resolve();
    });
    input.once('error', () => resolve());
    peer.closed.addEventListener('abort', () => resolve(), { once: true });
  });
  peer.close();
}
