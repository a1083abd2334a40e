/** What every measurement runs in: a scripted model, a workspace, and a home for each server; all of it thrown away. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ModelServer, type RecordedRequest, type Reply, startModelServer } from '../support/model-server/index.ts';
import { Peer, type PeerProgram } from './peer.ts';

/** Characters of one message, about those of a short paragraph. */
const MESSAGE = 'A paragraph of the kind that a model writes between two commands, with a name in `code`. '.repeat(3);

export class World {
  readonly root: string;
  readonly workspace: string;
  readonly model: ModelServer;
  /** When each request to the model came, in milliseconds; `plan` empties it. */
  arrivals: number[] = [];
  #calls = 0;
  #command = 'true';
  #parts = 1;

  private constructor(root: string, start: (answer: (request: RecordedRequest) => Reply) => ModelServer) {
    this.root = root;
    this.workspace = path.join(root, 'workspace');
    this.model = start((request) => this.#answer(request));
  }

  static async create(): Promise<World> {
    const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-bench-')));
    let answer: (request: RecordedRequest) => Reply = () => ({ text: '' });
    // Not strict: its checks cost more than an answer does, and the other program's requests are its own business.
    const model = await startModelServer({ strict: false, script: (request) => answer(request) });
    const world = new World(root, (given) => {
      answer = given;
      return model;
    });
    mkdirSync(world.workspace);
    writeFileSync(path.join(world.workspace, 'README.md'), '# A workspace\n');
    const git = (...args: string[]) => execFileSync('git', args, { cwd: world.workspace, stdio: 'ignore' });
    git('init', '-q');
    git('add', '.');
    git('-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'first');
    return world;
  }

  /** What the next turns are answered with: this many calls of `true` (or `command`), one by one, then a text of so many messages. */
  plan({ calls = 0, parts = 1, command = 'true' }: { calls?: number; parts?: number; command?: string } = {}): void {
    this.#calls = calls;
    this.#command = command;
    this.#parts = parts;
    this.arrivals = [];
    this.model.requests.length = 0;
  }

  /** The home of a program's own, which lasts as long as the world. */
  homeOf(program: PeerProgram): string {
    return path.join(this.root, program.name);
  }

  /** A server that has not been spoken to. */
  spawn(program: PeerProgram): Peer {
    const home = this.homeOf(program);
    mkdirSync(home, { recursive: true });
    const config = [
      'model = "gpt-5.5"',
      'model_provider = "bench"',
      ...(program.name === 'codex' ? ['check_for_update_on_startup = false', '[analytics]', 'enabled = false'] : []),
      '[model_providers.bench]',
      'name = "Bench"',
      `base_url = "${this.model.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "BENCH_KEY"',
    ];
    writeFileSync(path.join(home, 'config.toml'), `${config.join('\n')}\n`);
    return new Peer(program, home, this.workspace);
  }

  async startThread(peer: Peer, sandbox: 'workspace-write' | 'danger-full-access'): Promise<string> {
    const params = { cwd: this.workspace, approvalPolicy: 'never', sandbox };
    const { thread } = (await peer.request('thread/start', params)) as { thread: { id: string } };
    return thread.id;
  }

  async close(): Promise<void> {
    await this.model.close();
    rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
  }

  #answer(request: RecordedRequest): Reply {
    this.arrivals.push(performance.now());
    if (this.#calls === 0) return Array.from({ length: this.#parts }, () => ({ text: MESSAGE }));
    this.#calls--;
    const names = request.body.tools?.map(({ name }) => name) ?? [];
    return names.includes('exec_command')
      ? { call: 'exec_command', args: { cmd: this.#command } }
      : { call: 'shell_command', args: { command: this.#command } };
  }
}
