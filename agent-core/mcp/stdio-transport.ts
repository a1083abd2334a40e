/** JSON-RPC lines over the pipes of a process that was started in the sandbox. */
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import type { SandboxedProcess } from '../../sandbox/index.ts';

/** How long a server may take to end by itself once its input has ended. */
const GRACE_MS = 1000;

/** Messages that are handled before others have their turn: a server that says more than is read must not take it all. */
const AT_ONCE = 64;
/** Lines that are no messages: servers print what they should not, but not without end. */
const MOST_GARBAGE = 1000;

/** It was ended for what it sent. */
export class Unusable extends Error {
  override readonly name = 'Unusable';
}

/** `close` ends the process with everything it started. */
export function stdioTransport(child: SandboxedProcess): Transport {
  const buffer = new ReadBuffer();
  let isOver = false;
  let garbage = 0;
  const transport: Transport = {
    async start() {
      child.stdout?.on('data', (chunk: Buffer) => {
        if (isOver) return;
        try {
          buffer.append(chunk);
        } catch (error) {
          end(asError(error).message);
          return;
        }
        read();
      });
      child.stdout?.on('error', (error) => transport.onerror?.(error));
      void child.exited.then(over);
    },
    send: (message) => send(child, message),
    async close() {
      child.stdin?.end();
      const timer = setTimeout(() => void child.kill(), GRACE_MS);
      await child.exited;
      clearTimeout(timer);
      over();
    },
  };
  const over = (): void => {
    child.stdout?.resume();
    if (isOver) return;
    isOver = true;
    buffer.clear();
    transport.onclose?.();
  };
  const end = (why: string): void => {
    transport.onerror?.(new Unusable(`it was ended, as it sent what is no MCP: ${why}`));
    over();
    void child.kill();
  };
  /** A line that is no message is told and passed over. */
  const read = (): void => {
    for (let count = 0; count < AT_ONCE && !isOver; count++) {
      try {
        const message = buffer.readMessage();
        if (message === null) return void child.stdout?.resume();
        transport.onmessage?.(message);
      } catch (error) {
        if (++garbage > MOST_GARBAGE) return void end(`${MOST_GARBAGE} lines that are no messages`);
        transport.onerror?.(asError(error));
      }
    }
    if (isOver) return;
    child.stdout?.pause();
    setImmediate(read);
  };
  return transport;
}

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

function send({ stdin }: SandboxedProcess, message: JSONRPCMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!stdin?.writable) {
      reject(new Error('the server has ended'));
      return;
    }
    stdin.write(serializeMessage(message), (error) => (error ? reject(error) : resolve()));
  });
}
