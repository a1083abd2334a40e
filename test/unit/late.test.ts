import assert from 'node:assert/strict';
import { imported, late } from '../../agent-core/late.ts';
import { createConfiguration } from '../../agent-core/server/config/configuration.ts';
import { createModelCatalog } from '../../agent-core/server/models/model-catalog.ts';
import { registryOf } from './models/registry-world.ts';

const gone = () => Object.assign(new Error('Cannot find module'), { code: 'ERR_MODULE_NOT_FOUND' });
const changed = /^Gantry's files changed under it: restart the agent\.$/;

describe('what is loaded late', () => {
  it('is loaded once, and again after a failure', async () => {
    let loads = 0;
    const get = late(async () => {
      loads += 1;
      if (loads === 1) throw new Error('first');
      return loads;
    });
    await Promise.all([assert.rejects(get(), /first/), assert.rejects(get(), /first/)]);
    assert.deepEqual(await Promise.all([get(), get()]), [2, 2]);
    assert.deepEqual([await get(), loads], [2, 2]);
  });

  it('tells files that are gone or of another version from defects', async () => {
    for (const error of [gone(), new SyntaxError("does not provide an export named 'x'")]) {
      await assert.rejects(imported(Promise.reject(error)), { name: 'AgentError', message: changed });
    }
    await assert.rejects(imported(Promise.reject(new TypeError('x is not a function'))), TypeError);
  });

  it('gives models once their files are back, and says before what is wrong', async () => {
    let isGone = true;
    const catalog = createModelCatalog({
      env: {},
      cwd: '/w',
      configuration: createConfiguration({ GANTRY_HOME: '/nowhere' }, '/w', []),
      hostModels: { offered: () => [] } as never,
      log: () => {},
      onChanged: () => {},
      importRegistry: () =>
        imported(isGone ? Promise.reject(gone()) : Promise.resolve({ createModelRegistry: () => registryOf() })),
    });
    const models = catalog.forThread(() => ({}));
    const answer = await models.resolve({ provider: 'demo', model: 'demo' });
    assert.match(answer.ok ? '' : answer.problem, changed);
    isGone = false;
    assert.equal((await models.resolve({ provider: 'demo', model: 'demo' })).ok, true);
  });
});
