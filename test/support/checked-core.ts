/** A core whose one client is held to the protocol like any other, though both are in this process. */
import type { Core } from '../../agent-core/server/core.ts';
import { LineChecker } from './line-checker.ts';

/** `problems` says which lines, of either side, must not have been sent. */
export function checkedCore(core: Core): { core: Core; problems: string[] } {
  const problems: string[] = [];
  const connect: Core['connect'] = (sink) => {
    const checker = new LineChecker();
    const connection = core.connect({
      ...sink,
      send(line) {
        const problem = checker.problem(JSON.parse(line));
        if (problem) problems.push(problem);
        return sink.send(line);
      },
    });
    const { peer } = connection;
    const receive = peer.receiveLine.bind(peer);
    peer.receiveLine = (line) => {
      checker.sent(JSON.parse(line));
      receive(line);
    };
    return connection;
  };
  return { core: { ...core, connect }, problems };
}
