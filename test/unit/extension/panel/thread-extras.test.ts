import assert from 'node:assert/strict';
import { Emitter } from 'vscode-jsonrpc';
import type { ServerNotification } from '../../../../agent-core/protocol/index.ts';
import { PanelStore } from '../../../../extension/panel/panel-store.ts';
import { type ExtrasDeps, ThreadExtrasKeeper } from '../../../../extension/panel/thread-extras.ts';
import type { ThreadView } from '../../../../webview/bridge/panel-state.ts';
import { noExtras } from '../../../../webview/bridge/thread-extras.ts';

const thread = (id: string) => ({ id, extras: noExtras }) as ThreadView;
const nothing = () => ({ onChanged: new Emitter<{ threadId: string }>().event, ofThread: () => [] });

describe('ThreadExtrasKeeper', () => {
  it('remembers by thread which files a command did not see as they are in the editor', () => {
    const heard = new Emitter<ServerNotification>();
    const store = new PanelStore((run) => run());
    const deps = {
      core: { client: null, onNotification: heard.event },
      ...{ store, questions: nothing(), elicitations: nothing(), saves: nothing(), blocked: nothing() },
      log: { warn: () => {} },
    };
    new ThreadExtrasKeeper(deps as unknown as ExtrasDeps);
    const ran = (threadId: string, itemId: string, ...paths: string[]) =>
      heard.fire({ method: 'gantry/command/stale', params: { threadId, turnId: 'u', itemId, paths } });
    store.apply({ op: 'thread', thread: thread('a') });
    ran('a', 'i1', '/w/one.ts', '/w/two.ts');
    ran('a', 'i2', '/w/one.ts');
    ran('b', 'i3', '/w/three.ts');
    const ofA = { i1: ['/w/one.ts', '/w/two.ts'], i2: ['/w/one.ts'] };
    assert.deepEqual(store.state.thread?.extras.stale, ofA);
    store.apply({ op: 'thread', thread: thread('b') });
    assert.deepEqual(store.state.thread?.extras.stale, { i3: ['/w/three.ts'] });
    store.apply({ op: 'thread', thread: thread('a') });
    assert.deepEqual(store.state.thread?.extras.stale, ofA);
  });
});
