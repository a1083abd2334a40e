import assert from 'node:assert/strict';
import { parseServeArguments } from '../../../../agent-core/server/transports/arguments.ts';

const parse = (line: string) => parseServeArguments(line === '' ? [] : line.split(' '), '/work');
const defaults = { listen: { type: 'stdio' }, auth: { mode: 'none' }, idleSeconds: 600, overrides: [] };
const loopback = { type: 'ws', host: '127.0.0.1', port: 0 };
const HEX = 'AB'.repeat(32);

describe('arguments of app-server', () => {
  const good: [string, object][] = [
    ['', {}],
    ['--stdio', {}],
    ['--listen stdio:// --analytics-default-enabled', {}],
    ['--listen unix://', { listen: { type: 'unix', path: null } }],
    ['--listen=unix:///run/a.sock', { listen: { type: 'unix', path: '/run/a.sock' } }],
    ['--listen ws://127.0.0.1:0', { listen: loopback }],
    ['--listen http://[::1]:65535', { listen: { type: 'http', host: '::1', port: 65_535 } }],
    [
      '--listen http://127.0.0.1:1 --http-idle-seconds 5',
      { listen: { type: 'http', host: '127.0.0.1', port: 1 }, idleSeconds: 5 },
    ],
    ['--enable a --disable b', { overrides: ['features.a=true', 'features.b=false'] }],
    [
      '--listen ws://0.0.0.0:80 --ws-auth capability-token --ws-token-file token',
      {
        listen: { type: 'ws', host: '0.0.0.0', port: 80 },
        auth: { mode: 'capabilityToken', from: { file: '/work/token' } },
      },
    ],
    [
      `--listen ws://127.0.0.1:0 --ws-auth capability-token --ws-token-sha256 ${HEX}`,
      { listen: loopback, auth: { mode: 'capabilityToken', from: { sha256: HEX.toLowerCase() } } },
    ],
    [
      '--listen ws://127.0.0.1:0 --ws-auth signed-bearer-token --ws-shared-secret-file /s --ws-issuer me',
      {
        listen: loopback,
        auth: { mode: 'signedBearerToken', secretFile: '/s', issuer: 'me', audience: null, maxClockSkewSeconds: 30 },
      },
    ],
  ];
  for (const [line, expected] of good) {
    it(`takes ${line || 'none'}`, () => assert.deepEqual(parse(line), { ...defaults, ...expected }));
  }

  const WS = '--listen ws://127.0.0.1:0';
  const bad: [string, RegExp][] = [
    ['--listen', /--listen needs a value/],
    ['--listen off', /--listen off/],
    ['--listen tcp://127.0.0.1:1', /is none of stdio:\/\//],
    ['--listen ws://localhost:1', /must be ws:\/\/IP:PORT/],
    ['--listen ws://127.0.0.1', /must be ws:\/\/IP:PORT/],
    ['--listen ws://127.0.0.1:65536', /must be ws:\/\/IP:PORT/],
    ['--listen ws://[127.0.0.1]:1', /must be ws:\/\/IP:PORT/],
    ['--listen http://::1:1', /must be http:\/\/IP:PORT/],
    ['--listen ws://0.0.0.0:1', /other machines can reach ws:\/\/0\.0\.0\.0:1, so clients must show a token/],
    ['--listen http://[::]:1', /clients must show a token/],
    ['--listen http://192.168.1.2:1', /clients must show a token/],
    ['--dance', /does not know "--dance"/],
    ['extra', /does not know "extra"/],
    ['--ws-auth capability-token --ws-token-file /t', /is for listeners/],
    [`${WS} --ws-token-file /t`, /--ws-token-file needs --ws-auth/],
    [`${WS} --ws-auth sesame`, /must be capability-token or signed-bearer-token/],
    [`${WS} --ws-auth capability-token`, /needs --ws-token-file or --ws-token-sha256/],
    [`${WS} --ws-auth capability-token --ws-token-file /t --ws-token-sha256 ${HEX}`, /one of them/],
    [`${WS} --ws-auth capability-token --ws-token-sha256 abc`, /64 hex digits/],
    [`${WS} --ws-auth capability-token --ws-token-file /t --ws-issuer me`, /--ws-issuer belongs to/],
    [`${WS} --ws-auth signed-bearer-token`, /needs --ws-shared-secret-file/],
    [`${WS} --ws-auth signed-bearer-token --ws-token-file /t`, /--ws-token-file belongs to/],
    [
      `${WS} --ws-auth signed-bearer-token --ws-shared-secret-file /s --ws-max-clock-skew-seconds x`,
      /number of seconds/,
    ],
  ];
  for (const [line, problem] of bad) {
    it(`refuses ${line}`, () => {
      const parsed = parse(line);
      assert.ok('problem' in parsed);
      assert.match(parsed.problem, problem);
    });
  }
});
