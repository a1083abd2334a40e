/** Handlers that a session rarely needs: their code comes with the first request for one of them. */
import { late } from '../late.ts';
import type { ClientRequestMethod } from '../protocol/index.ts';
import type { HandlerContext, Handlers } from './wire/connection.ts';

type AnyHandler = (params: unknown, context: HandlerContext) => unknown;

/** The handlers of `methods`; `load` is called once, and must give all of them. */
export function lateHandlers<M extends ClientRequestMethod>(
  methods: readonly M[],
  load: () => Promise<Pick<Handlers, M>>,
): Pick<Handlers, M> {
  const loaded = late(load);
  const handle =
    (method: M): AnyHandler =>
    async (params, context) =>
      ((await loaded())[method] as AnyHandler)(params, context);
  return Object.fromEntries(methods.map((method) => [method, handle(method)])) as Pick<Handlers, M>;
}
