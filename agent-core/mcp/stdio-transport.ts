/** JSON-RPC lines over the pipes of a process that was started in the sandbox. */
import { type JSONRPCMessage, ReadBuffer, serializeMessage, type Transport } from '@modelcontextprotocol/client';
import type { SandboxedProcess } from '../../sandbox/index.ts';

/** How long a server may take to end by itself once its input has ended. */
const GRACE_MS = 1000;

/** `close` ends the process with everything it started. */
export function stdioTransport(child: SandboxedProcess): Transport {
  const buffer = new ReadBuffer();
  let isOver = false;
  const transport: Transport = {
    async start() {
      child.stdout?.on('data', (chunk: Buffer) => {
        try {
          buffer.append(chunk);
        } catch (error) {
          transport.onerror?.(asError(error));
          void child.kill();
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
    if (isOver) return;
    isOver = true;
    buffer.clear();
    transport.onclose?.();
  };
  /** A line that is no message is told and passed over: servers print what they should not. */
  const read = (): void => {
    for (;;) {
      try {
        const message = buffer.readMessage();
        if (message === null) return;
        transport.onmessage?.(message);
      } catch (error) {
        transport.onerror?.(asError(error));
      }
    }
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
