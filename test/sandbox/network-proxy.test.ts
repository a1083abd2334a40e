// The proxy by itself, against clients that do what no library would: what reaches a server, and what is said of the rest.
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type BlockedHost, createProxy, type ProxyOptions } from '../../sandbox/proxy.ts';

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

async function listening(server: Server): Promise<Server> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function readAll(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('end', () => socket.end());
  if (!socket.destroyed) await once(socket, 'close').catch(() => {});
  return text;
}

describe('the proxy of a command', () => {
  const opened: { close(): void }[] = [];
  /** What `seen.test` and the rest were asked for; all names lead to this server. */
  let reached: { line: string; host: string | undefined; body: string }[];
  let dialled: string[];
  let blocked: string[];
  let origin: Server;

  beforeEach(async () => {
    reached = [];
    dialled = [];
    blocked = [];
    origin = await listening(
      createHttp((request, response) => {
        let body = '';
        request.on('data', (bytes: Buffer) => {
          body += bytes;
        });
        request.on('end', () => {
          reached.push({ line: `${request.method} ${request.url}`, host: request.headers.host, body });
          response.end('hello');
        });
      }),
    );
  });
  afterEach(() => {
    for (const one of opened.splice(0)) one.close();
    origin.close();
  });

  /** A front door with the proxy behind it. */
  const start = async (options: Partial<ProxyOptions> = {}): Promise<number> => {
    const proxy = createProxy({
      list: { hosts: ['seen.test', 'other.test', '*.wild.test'] },
      onBlocked: ({ reason, protocol, host }: BlockedHost) => void blocked.push(`${reason} ${protocol} ${host}`),
      resolve: async () => ['1.1.1.1'],
      dial: (address, port) => {
        dialled.push(`${address}:${port}`);
        const socket = connect({ port: portOf(origin), host: '127.0.0.1', allowHalfOpen: true });
        return once(socket, 'connect').then(() => socket);
      },
      ...options,
    });
    const front = await listening(createServer((socket) => proxy.accept(socket)));
    opened.push(front, proxy);
    return portOf(front);
  };
  const dial = (port: number): Socket => connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  /** Says all of it at once, and reads until the proxy ends it. */
  const say = async (port: number, text: string | Buffer): Promise<string> => {
    const client = dial(port);
    client.write(text);
    return readAll(client);
  };
  const status = (answer: string): string[] =>
    [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => code ?? '');

  it('goes where the URL says, whatever the Host header does', async () => {
    const port = await start();
    const answers = [
      await say(port, 'GET http://seen.test/one HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n'),
      await say(port, 'GET http://SEEN.test./two HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'),
      await say(port, 'GET http://seen.test/three HTTP/1.1\r\nHost: x\r\nConnection: close, host\r\n\r\n'),
    ];
    assert.deepEqual(answers.map(status), [['200'], ['200'], ['200']]);
    assert.deepEqual(
      reached,
      ['one', 'two', 'three'].map((name) => ({ line: `GET /${name}`, host: 'seen.test', body: '' })),
    );
  });

  it('judges each request of a connection by itself', async () => {
    const port = await start();
    const answer = await say(
      port,
      [
        'GET http://seen.test/a HTTP/1.1\r\nHost: seen.test\r\n\r\n',
        'GET http://evil.test/b HTTP/1.1\r\nHost: seen.test\r\n\r\n',
        'GET http://other.test/c HTTP/1.1\r\nHost: seen.test\r\nConnection: close\r\n\r\n',
      ].join(''),
    );
    assert.deepEqual(status(answer).slice(0, 2), ['200', '403']);
    assert.deepEqual(
      [reached.map(({ line }) => line).includes('GET /b'), blocked],
      [false, ['unknown http evil.test']],
    );
  });

  it('lets no second request hide in the body of the first', async () => {
    const port = await start();
    const hidden = 'GET /hidden HTTP/1.1\r\nHost: evil.test\r\n\r\n';
    const tries = [
      // Two lengths, a length and chunks, chunks that are named away, chunks that are none.
      `POST http://seen.test/1 HTTP/1.1\r\nHost: s\r\nContent-Length: 4\r\nContent-Length: ${hidden.length}\r\n\r\n${hidden}`,
      `POST http://seen.test/2 HTTP/1.1\r\nHost: s\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${hidden}`,
      `POST http://seen.test/3 HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: xchunked\r\n\r\n${hidden}`,
      `POST http://seen.test/4 HTTP/1.1\r\nHost: s\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n${hidden}`,
      `GET http://seen.test/5 HTTP/1.1\nHost: s\r\nX: a\rb\r\n\r\n`,
    ];
    for (const text of tries) assert.doesNotMatch(await say(port, text), /HTTP\/1\.1 200/, text);
    for (const method of ['GET', 'DELETE', 'POST']) {
      const text = `${method} http://seen.test/chunks HTTP/1.1\r\nHost: s\r\nConnection: close, transfer-encoding, content-length\r\nTransfer-Encoding: chunked\r\n\r\n${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n`;
      await say(port, text);
    }
    assert.deepEqual(
      reached.filter(({ line }) => !/^(GET|DELETE|POST) \/chunks$/.test(line)),
      [],
    );
    assert.deepEqual(
      reached.map(({ body }) => body),
      Array<string>(3).fill(hidden),
    );
  });

  it('says what it cannot do, in the protocol of who asks', async () => {
    const port = await start();
    const shown = async (text: string | Buffer): Promise<string> => (await say(port, text)).split('\r\n')[0] ?? '';
    const answers = {
      'no whole URL': await shown('GET / HTTP/1.1\r\nHost: seen.test\r\nConnection: close\r\n\r\n'),
      'a name and a password': await shown(
        'GET http://u:p@seen.test/ HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n',
      ),
      'another scheme': await shown('GET ftp://seen.test/ HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n'),
      'a header without end': await shown(`GET http://seen.test/ HTTP/1.1\r\nX: ${'x'.repeat(100_000)}`),
      'no HTTP at all': await shown('hello there\r\n\r\n'),
      'TLS to the proxy itself': await shown(Buffer.from([0x16, 3, 1, 0, 5, 1, 0, 0, 1, 0])),
      SOCKS4: await shown(Buffer.from([4, 1, 0, 80, 1, 1, 1, 1, 0])),
      'SOCKS5, no way to sign in': await shown(Buffer.from([5, 0])),
      'SOCKS5, to be called back': await shown(Buffer.from([5, 1, 0, 5, 2, 0, 1, 1, 1, 1, 1, 0, 80])),
      'SOCKS5, for UDP': await shown(Buffer.from([5, 1, 0, 5, 3, 0, 1, 1, 1, 1, 1, 0, 80])),
      'SOCKS5, an address of no kind': await shown(Buffer.from([5, 1, 0, 5, 1, 0, 9, 0])),
    };
    const hex = (...bytes: number[]): string => Buffer.from(bytes).toString('latin1');
    assert.deepEqual(answers, {
      'no whole URL': 'HTTP/1.1 400 Bad Request',
      'a name and a password': 'HTTP/1.1 400 Bad Request',
      'another scheme': 'HTTP/1.1 400 Bad Request',
      'a header without end': 'HTTP/1.1 431 Request Header Fields Too Large',
      'no HTTP at all': 'HTTP/1.1 400 Bad Request',
      'TLS to the proxy itself': 'HTTP/1.1 400 Bad Request',
      SOCKS4: hex(0, 91, 0, 0, 0, 0, 0, 0),
      'SOCKS5, no way to sign in': hex(5, 255),
      'SOCKS5, to be called back': hex(5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0),
      'SOCKS5, for UDP': hex(5, 0, 5, 7, 0, 1, 0, 0, 0, 0, 0, 0),
      'SOCKS5, an address of no kind': hex(5, 0, 5, 8, 0, 1, 0, 0, 0, 0, 0, 0),
    });
    assert.deepEqual(reached, []);
  });

  it('dials what was checked, and looks a name up once', async () => {
    const answers = [['1.1.1.1'], ['127.0.0.1']];
    let lookups = 0;
    const port = await start({
      resolve: async () => {
        lookups++;
        return answers.shift() ?? ['10.0.0.1'];
      },
    });
    const once = 'GET http://seen.test/ HTTP/1.1\r\nHost: s\r\nConnection: close\r\n\r\n';
    assert.deepEqual([status(await say(port, once)), status(await say(port, once))], [['200'], ['403']]);
    assert.deepEqual([dialled, lookups, blocked], [['1.1.1.1:80'], 2, ['address http seen.test']]);
  });

  it('opens no address of a metadata service, also when the list names it', async () => {
    const places = ['169.254.169.254', '168.63.129.16', '100.100.100.200', '[fd00:ec2::254]', '[::ffff:a9fe:a9fe]'];
    const port = await start({ list: { hosts: [...places, '*'] } });
    const answers = [];
    for (const place of places)
      answers.push(...status(await say(port, `CONNECT ${place}:80 HTTP/1.1\r\nHost: s\r\n\r\n`)));
    assert.deepEqual([answers, dialled], [Array<string>(places.length).fill('403'), []]);
  });

  it('lets a name lead inside only to an address that the list names too, at that port', async () => {
    const port = await start({
      list: { hosts: ['git.corp.test', '*.wild.test', '10.1.2.3', '10.1.2.4:8080', '10.0.0.0'], denied: ['10.1.2.9'] },
      resolve: async (host) =>
        ({
          'git.corp.test': ['10.1.2.3'],
          'port.wild.test': ['10.1.2.4'],
          'both.wild.test': ['10.1.2.3', '10.1.2.5'],
          'denied.wild.test': ['10.1.2.9'],
        })[host] ?? [],
    });
    const answers: Record<string, string> = {};
    for (const target of ['git.corp.test:443', 'port.wild.test:443', 'both.wild.test:443', 'denied.wild.test:443'])
      answers[target] = status(await say(port, `CONNECT ${target} HTTP/1.1\r\nHost: s\r\n\r\nx`))[0] ?? '';
    assert.deepEqual(answers, {
      'git.corp.test:443': '200',
      'port.wild.test:443': '403',
      'both.wild.test:443': '403',
      'denied.wild.test:443': '403',
    });
    assert.deepEqual(dialled, ['10.1.2.3:443']);
  });

  for (const way of ['a tunnel', 'SOCKS5'] as const) {
    it(`lets who has said all hear the rest: ${way}`, async () => {
      const echo = await listening(createServer({ allowHalfOpen: true }));
      opened.push(echo);
      echo.on('connection', (socket: Socket) => {
        let size = 0;
        socket.on('data', (bytes: Buffer) => {
          size += bytes.length;
        });
        socket.on('end', () => socket.end(`${size} bytes`));
      });
      const port = await start({
        dial: async () => {
          const socket = connect({ port: portOf(echo), host: '127.0.0.1', allowHalfOpen: true });
          await once(socket, 'connect');
          return socket;
        },
      });
      const client = dial(port);
      if (way === 'a tunnel') client.write('CONNECT seen.test:443 HTTP/1.1\r\nHost: s\r\n\r\n');
      else {
        client.write(Buffer.from([5, 1, 0]));
        await once(client, 'data');
        client.write(Buffer.concat([Buffer.from([5, 1, 0, 3, 9]), Buffer.from('seen.test'), Buffer.from([1, 187])]));
      }
      await once(client, 'data');
      client.end('x'.repeat(1000));
      assert.equal(await readAll(client), '1000 bytes');
    });
  }

  it('asks about as many hosts as a person can answer for', async () => {
    const asked: string[] = [];
    const port = await start({
      onUnknown: async ({ host }) => {
        asked.push(host);
        return false;
      },
    });
    const hosts = Array.from({ length: 40 }, (_, index) => `h${index}.test`);
    for (const host of hosts) await say(port, `CONNECT ${host}:443 HTTP/1.1\r\nHost: s\r\n\r\n`);
    assert.deepEqual(asked, hosts.slice(0, 32));
    assert.deepEqual(
      blocked,
      hosts.map((host) => `unknown https ${host}`),
    );
  });

  it('takes a question back when nobody waits for the answer, and asks anew', async () => {
    const asked = new EventEmitter();
    const port = await start({
      onUnknown: (_what, signal) => {
        asked.emit('question', signal);
        return new Promise((answer) => signal.addEventListener('abort', () => answer(true)));
      },
    });
    for (const round of ['first', 'second']) {
      const clients = [dial(port), dial(port)];
      const question = once(asked, 'question');
      for (const client of clients) client.write('CONNECT slow.test:443 HTTP/1.1\r\nHost: s\r\n\r\n');
      const [signal] = (await question) as [AbortSignal];
      const gone = once(signal, 'abort');
      for (const client of clients) client.destroy();
      await gone;
      assert.deepEqual(dialled, [], round);
    }
  });

  it('takes no more connections than the core can spare', async () => {
    const port = await start();
    const clients = Array.from({ length: 300 }, () => dial(port));
    const ended = await new Promise<number>((resolve) => {
      let count = 0;
      for (const client of clients) {
        client.on('error', () => {});
        client.on('end', () => {
          if (++count === 44) resolve(count);
        });
        client.resume();
      }
    });
    assert.equal(ended, 44);
    for (const client of clients) client.destroy();
  });

  it('opens nothing after the command', async () => {
    const closed: Promise<unknown>[] = [];
    const proxy = createProxy({ list: { hosts: ['seen.test'] }, onUnknown: () => new Promise(() => {}) });
    const front = await listening(
      createServer((socket) => {
        closed.push(once(socket, 'close'));
        proxy.accept(socket);
      }),
    );
    opened.push(front);
    const client = dial(portOf(front));
    client.write('CONNECT waiting.test:443 HTTP/1.1\r\nHost: s\r\n\r\n');
    while (closed.length === 0) await new Promise((resolve) => setImmediate(resolve));
    proxy.close();
    await Promise.all([readAll(client), ...closed]);
    assert.deepEqual(dialled, []);
  });
});
