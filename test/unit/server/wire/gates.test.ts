import assert from 'node:assert/strict';
import {
  cloudMethods,
  experimentalMethods,
  gantryClientRequests,
  gantryServerNotifications,
  gantryServerRequests,
} from '../../../../agent-core/protocol/index.ts';
import {
  type ClientCapabilities,
  checkExperimental,
  isGantryNotification,
  isGantryRequest,
  isGantryServerRequest,
  whyMissing,
} from '../../../../agent-core/server/wire/gates.ts';

const plain: ClientCapabilities = { experimentalApi: false, gantry: null, optOut: new Set() };
const experimental: ClientCapabilities = { ...plain, experimentalApi: true };

describe('gates', () => {
  const refusal = (method: string, params: unknown, capabilities = plain): string | null => {
    try {
      checkExperimental(method, params, capabilities);
      return null;
    } catch (error) {
      return (error as Error).message;
    }
  };

  it('refuse what is experimental by name', () => {
    assert.deepEqual(
      [
        refusal('thread/search', {}),
        refusal('thread/start', { dynamicTools: [] }),
        refusal('turn/start', { environments: ['x'] }),
        refusal('thread/list', { parentThreadId: 'p' }),
      ],
      [
        'thread/search requires experimentalApi capability',
        'thread/start.dynamicTools requires experimentalApi capability',
        'turn/start.environments requires experimentalApi capability',
        'thread/list.parentThreadId requires experimentalApi capability',
      ],
    );
  });

  it('let pass what says nothing, what is published, and all for who asked', () => {
    assert.deepEqual(
      [
        refusal('thread/start', { dynamicTools: null, experimentalRawEvents: false, cwd: '/w' }),
        refusal('thread/read', { history: [] }),
        refusal('thread/start', 'no object'),
        refusal('constructor', { x: 1 }),
        refusal('thread/start', { dynamicTools: [] }, experimental),
        refusal('thread/search', {}, experimental),
      ],
      [null, null, null, null, null, null],
    );
  });

  it('tell what nobody has from what is gated, of the cloud, or not built', () => {
    const why = (method: string, capabilities: ClientCapabilities | null) => whyMissing(method, capabilities)?.message;
    assert.match(why('memory/status', null) ?? '', /^Not initialized/);
    assert.equal(why('memory/status', plain), 'memory/status requires experimentalApi capability');
    assert.match(why('memory/status', experimental) ?? '', /^memory\/status is not built into this version of Gantry/);
    assert.match(why('account/usage/read', plain) ?? '', /needs OpenAI's cloud/);
    assert.equal(why('no/such/method', experimental), undefined);
    for (const method of experimentalMethods) assert.match(why(method, plain) ?? '', /requires experimentalApi/);
    for (const method of cloudMethods) assert.ok(why(method, experimental), method);
  });

  it('keep back all that is ours, and nothing that the reference has too', () => {
    const shared = (table: object, isOurs: (method: string) => boolean) =>
      Object.keys(table).filter((method) => !isOurs(method));
    assert.deepEqual(shared(gantryServerNotifications, isGantryNotification), []);
    assert.deepEqual(shared(gantryServerRequests, isGantryServerRequest), ['item/fileChange/requestApproval']);
    for (const method of shared(gantryClientRequests, isGantryRequest))
      assert.match(method, /^(initialize|thread|turn)/);
  });
});
