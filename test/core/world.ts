/** What a test of the core needs, made and removed with it. */
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Capabilities, CoreProcess } from '../support/core-process.ts';
import { type ModelServer, type Script, startModelServer } from '../support/model-server/index.ts';

export type WorldOptions = {
  script?: Script;
  /** Default true: the model server refuses what the real service would. */
  strict?: boolean;
  apiKey?: string;
  files?: Record<string, string | Buffer>;
  /** More lines of config.toml. */
  config?: string;
  /** No provider in config.toml. */
  withoutModel?: boolean;
};

export class World {
  readonly root: string;
  readonly home: string;
  readonly workspace: string;
  readonly model: ModelServer;
  readonly #cores: CoreProcess[] = [];

  private constructor(root: string, model: ModelServer) {
    this.root = root;
    this.home = path.join(root, 'home');
    this.workspace = path.join(root, 'workspace');
    this.model = model;
  }

  static async create(options: WorldOptions = {}): Promise<World> {
    const model = await startModelServer({
      script: options.script ?? [],
      strict: options.strict ?? true,
      ...(options.apiKey === undefined ? {} : { apiKey: options.apiKey }),
    });
    const world = new World(realpathSync(mkdtempSync(path.join(tmpdir(), 'gantry-core-'))), model);
    mkdirSync(world.home);
    mkdirSync(world.workspace);
    for (const [name, content] of Object.entries(options.files ?? {})) world.write(name, content);
    world.writeConfig(options);
    return world;
  }

  writeConfig({ config = '', withoutModel = false }: WorldOptions): void {
    const provider = [
      'model = "gpt-5.5"',
      'model_provider = "scripted"',
      config,
      '[model_providers.scripted]',
      'name = "Scripted"',
      `base_url = "${this.model.baseUrl}"`,
      'wire_api = "responses"',
      'env_key = "SCRIPTED_KEY"',
      'request_max_retries = 1',
      'stream_max_retries = 1',
    ];
    writeFileSync(path.join(this.home, 'config.toml'), withoutModel ? config : provider.join('\n'));
  }

  /** Where a file of the workspace is. */
  at(name: string): string {
    return path.join(this.workspace, name);
  }

  write(name: string, content: string | Buffer): void {
    mkdirSync(path.dirname(this.at(name)), { recursive: true });
    writeFileSync(this.at(name), content);
  }

  async core(capabilities: Capabilities = {}, env: Record<string, string> = {}): Promise<CoreProcess> {
    const core = this.process(env);
    await core.initialize(capabilities);
    return core;
  }

  /** Not initialized. */
  process(env: Record<string, string> = {}, wrapper: readonly string[] = []): CoreProcess {
    const core = new CoreProcess({
      home: this.home,
      cwd: this.workspace,
      env: { SCRIPTED_KEY: 'scripted-key', ...env },
      wrapper,
    });
    this.#cores.push(core);
    return core;
  }

  /** A core for which the workspace is read-only, whoever runs it. */
  async readOnlyCore(): Promise<CoreProcess> {
    // Root may write whatever the modes say, so for root the folder is mounted read-only, in a namespace of its own.
    const mount = `mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"`;
    const isRoot = process.getuid?.() === 0;
    if (!isRoot) chmodTree(this.workspace);
    const core = this.process({}, isRoot ? ['unshare', '-m', 'sh', '-c', mount, this.workspace] : []);
    await core.initialize();
    return core;
  }

  /** Ends what runs and removes everything; says what did not fit the wire on either side. */
  async close(): Promise<string[]> {
    await Promise.all(this.#cores.map((core) => core.kill()));
    await this.model.close();
    chmodTree(this.workspace, 0o200);
    rmSync(this.root, { recursive: true, force: true });
    return [...this.#cores.flatMap((core) => core.problems), ...this.model.problems];
  }
}

/** Takes the right to write from a folder and its files, or gives `more`. */
function chmodTree(folder: string, more = 0): void {
  for (const name of [...readdirSync(folder, { recursive: true }).map(String), '.']) {
    const file = path.join(folder, name);
    const { mode } = lstatSync(file);
    // A link has no mode of its own, and may lead nowhere.
    if (!lstatSync(file).isSymbolicLink()) chmodSync(file, more === 0 ? mode & 0o555 : mode | more);
  }
}
