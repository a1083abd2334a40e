import assert from 'node:assert/strict';
import { coreEnvironment } from '../../../../extension/core/core-environment.ts';
import { describeExit } from '../../../../extension/core/core-supervisor.ts';
import { commandLine, traceLine } from '../../../../extension/core/redact.ts';
import { nextRestart } from '../../../../extension/core/restart-policy.ts';

describe('nextRestart', () => {
  it('waits longer each time, and gives up after five quick deaths', () => {
    let count = { quick: 0 };
    const delays: number[] = [];
    for (;;) {
      const step = nextRestart(count, 100);
      if (step.type === 'giveUp') break;
      delays.push(step.delayMs);
      count = step.count;
    }
    assert.deepEqual(delays, [500, 1000, 2000, 4000, 8000]);
  });

  it('counts anew after a life that was long enough', () => {
    assert.deepEqual(nextRestart({ quick: 5 }, 60_000), { type: 'restart', delayMs: 500, count: { quick: 1 } });
  });
});

describe('traceLine', () => {
  it('never shows a key', () => {
    const line = traceLine('to', {
      id: 1,
      method: 'gantry/secret/set',
      params: { provider: 'openai', key: 'sk-abc', other: 'sk-abc' },
    });
    assert.equal(
      line,
      '--> {"id":1,"method":"gantry/secret/set","params":{"provider":"openai","key":"(secret)","other":"(secret)"}}',
    );
    assert.equal(traceLine('from', { result: { accessToken: 'abc' } }), '<-- {"result":{"accessToken":"(secret)"}}');
  });

  it('never shows what a person answered', () => {
    const line = traceLine('to', { id: 3, result: { answers: { token: { answers: ['hunter2'] } } } });
    assert.equal(line, '--> {"id":3,"result":{"answers":{"token":{"answers":["(answer)"]}}}}');
  });

  it('cuts long texts', () => {
    assert.equal(traceLine('from', { a: 'x'.repeat(2001) }), `<-- {"a":"${'x'.repeat(2000)}… (2001 characters)"}`);
  });
});

describe('commandLine', () => {
  it('shows the arguments of a program without the keys among them', () => {
    const args = ['app-server', '-c', 'api_key="sk-1"', '--token', 'sk-2', 'OPENAI_KEY=sk-3', '-c', 'model=x'];
    assert.equal(
      commandLine({ command: 'codex', args }),
      'codex app-server -c api_key=(secret) --token (secret) OPENAI_KEY=(secret) -c model=x',
    );
  });
});

describe('coreEnvironment', () => {
  it("leaves out what belongs to the editor's own process", () => {
    const env = coreEnvironment({
      PATH: '/bin',
      OPENAI_API_KEY: 'k',
      VSCODE_PID: '1',
      ELECTRON_NO_ATTACH_CONSOLE: '1',
    });
    assert.deepEqual(env, { PATH: '/bin', OPENAI_API_KEY: 'k', ELECTRON_RUN_AS_NODE: '1' });
  });
});

describe('describeExit', () => {
  const codex = { command: 'codex', cwd: '/w' };

  it('says how it ended and what it said last', () => {
    assert.equal(
      describeExit({ code: 1, signal: null, error: null, lastWords: 'a\nNo such option\n' }, codex),
      'exit code 1: No such option',
    );
    assert.equal(describeExit({ code: null, signal: 'SIGKILL', error: null, lastWords: '' }, codex), 'signal SIGKILL');
    const missing = Object.assign(new Error('spawn codex ENOENT'), { code: 'ENOENT' });
    assert.equal(
      describeExit({ code: null, signal: null, error: missing, lastWords: '' }, codex),
      'there is no program codex, or no folder /w',
    );
  });
});
