/** The editor's models: calls go to the client that offers them, their deltas come back as notifications. */
import type { HostLm } from '../../models/host-lm.ts';
import type { HostLmDelta, HostModel } from '../../protocol/index.ts';
import { AgentError } from '../../protocol/index.ts';
import type { Connection } from '../wire/connection.ts';

export type HostModels = HostLm & {
  /** Replaces what this client offered before. */
  offer(connection: Connection, models: HostModel[]): void;
  /** What is on offer now. */
  offered(): HostModel[];
  delta(requestId: string, delta: HostLmDelta): void;
};

/** `onChanged` is told of every new offer, and when the client that made one is gone. */
export function createHostModels(newId: () => string, onChanged: () => void): HostModels {
  const offers = new Map<Connection, HostModel[]>();
  const listeners = new Map<string, (delta: HostLmDelta) => void>();

  const clientFor = (modelId: string): Connection => {
    for (const [connection, models] of offers) if (models.some(({ id }) => id === modelId)) return connection;
    throw new AgentError('noModel', `The editor no longer offers the model ${modelId}; choose another one.`);
  };

  return {
    offer(connection, models) {
      if (!offers.has(connection)) {
        const forget = () => {
          offers.delete(connection);
          onChanged();
        };
        connection.peer.closed.addEventListener('abort', forget, { once: true });
      }
      offers.set(connection, models);
      onChanged();
    },
    offered: () => [...offers.values()].flat(),
    delta(requestId, delta) {
      listeners.get(requestId)?.(delta);
    },
    async start(params, onDelta, signal) {
      const connection = clientFor(params.modelId);
      const requestId = params.requestId || newId();
      const cancel = () => connection.notify({ method: 'host/lm/cancel', params: { requestId } });
      listeners.set(requestId, onDelta);
      signal.addEventListener('abort', cancel, { once: true });
      try {
        return await connection.request('host/lm/start', { ...params, requestId }, { signal });
      } finally {
        signal.removeEventListener('abort', cancel);
        listeners.delete(requestId);
      }
    },
  };
}
