/** `command/exec` and `process/*`: commands of the client's own, beside every thread. They end with its connection. */
import { createHostGate } from '../../approvals/network.ts';
import { quoteWord } from '../../approvals/shell-words.ts';
import type { SandboxedRunner } from '../../execution/command-runner.ts';
import type { CommandSpec } from '../../ports.ts';
import { AgentError, type ClientRequestParams, type SandboxPolicy } from '../../protocol/index.ts';
import type { ThreadRegistry } from '../threads/thread-registry.ts';
import { resolveFolder } from '../turns/turn-settings.ts';
import type { Connection, Handlers } from '../wire/connection.ts';
import {
  type ClientProcess,
  DEFAULT_OUTPUT_CAP,
  DEFAULT_TIMEOUT_MS,
  followProcess,
  type StreamName,
} from './client-process.ts';

export type CommandExecOptions = {
  runner: () => Promise<SandboxedRunner>;
  /** The core's own folder. */
  cwd: string;
  /** What the user's configuration says for a command there. */
  sandboxPolicy: (cwd: string) => SandboxPolicy;
  /** Throws `AgentError` for what may not be asked for. */
  check: (sandboxPolicy: SandboxPolicy) => void;
  threads: Pick<ThreadRegistry, 'all'>;
  newId: () => string;
};

type Methods =
  | 'command/exec'
  | 'command/exec/write'
  | 'command/exec/resize'
  | 'command/exec/terminate'
  | 'process/spawn'
  | 'process/writeStdin'
  | 'process/resizePty'
  | 'process/kill';

/** Lines by columns, as terminals have been since the VT100. */
const USUAL_SIZE = { cols: 80, rows: 24 };

export function commandExecHandlers(options: CommandExecOptions): Pick<Handlers, Methods> {
  const commands = createProcessTable('command/exec', 'process id');
  const processes = createProcessTable('process/spawn', 'process handle');

  return {
    async 'command/exec'(params, { connection, signal }) {
      const { processId = null, tty = false } = params;
      const streams = tty || params.streamStdoutStderr === true;
      const takesInput = tty || params.streamStdin === true;
      checkExec(params, processId !== null, streams || takesInput);
      const cwd = resolveFolder(params.cwd, options.cwd);
      const sandboxPolicy = policyOf(params, () => options.sandboxPolicy(cwd));
      options.check(sandboxPolicy);
      const spec = specOf(params, cwd, takesInput);
      const claim = commands.claim(connection, processId);
      try {
        const settings = { cwd, roots: [cwd], sandboxPolicy };
        const runner = await options.runner();
        const mayReach = hostGateOf({ command: spec.argv, cwd, connection, signal, runner }, options);
        const child = await runner.open(
          { ...spec, settings, unsandboxed: isOpen(sandboxPolicy), ...(mayReach ? { mayReach } : {}) },
          signal,
        );
        const running = followProcess({
          child,
          connection,
          takesInput,
          timeoutMs: params.disableTimeout ? null : (params.timeoutMs ?? DEFAULT_TIMEOUT_MS),
          outputCap: params.disableOutputCap ? null : (params.outputBytesCap ?? DEFAULT_OUTPUT_CAP),
          onOutput:
            streams && processId !== null
              ? (stream, bytes, capReached) =>
                  connection.notify({
                    method: 'command/exec/outputDelta',
                    params: { processId, ...delta(stream, bytes, capReached) },
                  })
              : null,
        });
        claim.started(running);
        const { exitCode, stdout, stderr } = await running.ended;
        return { exitCode, stdout, stderr };
      } finally {
        claim.release();
      }
    },
    async 'command/exec/write'({ processId, deltaBase64, closeStdin = false }, { connection }) {
      const command = await commands.get(connection, processId);
      await command.write(bytesOf('command/exec/write', deltaBase64, closeStdin), closeStdin);
      return {};
    },
    async 'command/exec/resize'({ processId, size }, { connection }) {
      checkSize('command/exec', size);
      (await commands.get(connection, processId)).resize(size);
      return {};
    },
    async 'command/exec/terminate'({ processId }, { connection }) {
      (await commands.get(connection, processId)).kill();
      return {};
    },

    async 'process/spawn'(params, { connection, signal, afterReply }) {
      const { processHandle, tty = false } = params;
      const takesInput = tty || params.streamStdin === true;
      checkCommand('process/spawn', params);
      const cwd = resolveFolder(params.cwd, options.cwd);
      const spec = specOf(params, cwd, takesInput);
      const claim = processes.claim(connection, processHandle);
      try {
        const settings = { cwd, roots: [cwd], sandboxPolicy: OPEN };
        options.check(OPEN);
        const child = await (await options.runner()).open({ ...spec, settings, unsandboxed: true }, signal);
        // Nothing may be told of the process before the answer that it runs.
        afterReply(() => {
          const running = followProcess({
            child,
            connection,
            takesInput,
            timeoutMs: params.timeoutMs === undefined ? DEFAULT_TIMEOUT_MS : params.timeoutMs,
            outputCap: params.outputBytesCap === undefined ? DEFAULT_OUTPUT_CAP : params.outputBytesCap,
            onOutput:
              tty || params.streamStdoutStderr
                ? (stream, bytes, capReached) =>
                    connection.notify({
                      method: 'process/outputDelta',
                      params: { processHandle, ...delta(stream, bytes, capReached) },
                    })
                : null,
          });
          claim.started(running);
          void running.ended
            .catch((error: AgentError) => ({ ...NEVER_RAN, stderr: `${error.message}\n` }))
            .then((end) => {
              claim.release();
              connection.notify({ method: 'process/exited', params: { processHandle, ...end } });
            });
        });
        return {};
      } catch (error) {
        claim.release();
        throw error;
      }
    },
    async 'process/writeStdin'({ processHandle, deltaBase64, closeStdin = false }, { connection }) {
      const bytes = bytesOf('process/writeStdin', deltaBase64, closeStdin);
      await (await processes.get(connection, processHandle)).write(bytes, closeStdin);
      return {};
    },
    async 'process/resizePty'({ processHandle, size }, { connection }) {
      checkSize('process/resizePty', size);
      (await processes.get(connection, processHandle)).resize(size);
      return {};
    },
    async 'process/kill'({ processHandle }, { connection }) {
      (await processes.get(connection, processHandle)).kill();
      return {};
    },
  };
}

type Asking = {
  command: string[];
  cwd: string;
  connection: Connection;
  signal: AbortSignal;
  runner: Pick<SandboxedRunner, 'rememberHost' | 'keepsHosts'>;
};

/**
 * The question about a host belongs to a thread on this wire: it is put in the newest one of this folder that the client
 * follows, under its policy and with its answers. Undefined: there is none, and such hosts are refused.
 */
function hostGateOf(
  { command, cwd, connection, signal, runner }: Asking,
  { threads, newId }: Pick<CommandExecOptions, 'threads' | 'newId'>,
): CommandSpec['mayReach'] {
  const thread = threads.all.findLast((one) => one.settings.cwd === cwd && one.followers().includes(connection));
  if (!thread) return undefined;
  const itemId = newId();
  const commandActions = [{ type: 'unknown' as const, command: command.map(quoteWord).join(' ') }];
  return createHostGate({
    approvalPolicy: thread.settings.approvalPolicy,
    answers: thread.agent.approvals.hosts,
    ask: (question, unwanted) =>
      thread.approver.host(
        {
          turnId: thread.activeTurnId ?? '',
          itemId,
          command,
          cwd,
          commandActions,
          canKeep: runner.keepsHosts(cwd),
          ...question,
        },
        AbortSignal.any([signal, unwanted]),
      ),
    remember: (host, action) => runner.rememberHost(cwd, host, action),
  });
}

const OPEN: SandboxPolicy = { type: 'dangerFullAccess' };

const NEVER_RAN = { exitCode: 127, stdout: '', stdoutCapReached: false, stderrCapReached: false };

const isOpen = ({ type }: SandboxPolicy): boolean => type === 'dangerFullAccess' || type === 'externalSandbox';

const delta = (stream: StreamName, bytes: Buffer, capReached: boolean) => ({
  stream,
  deltaBase64: bytes.toString('base64'),
  capReached,
});

type Started = Pick<ClientRequestParams<'process/spawn'>, 'command' | 'tty' | 'size' | 'env' | 'timeoutMs'>;

function specOf(
  { command, tty, size, env }: Started,
  cwd: string,
  interactive: boolean,
): Pick<CommandSpec, 'argv' | 'cwd' | 'interactive' | 'terminal' | 'env'> {
  const { cols, rows } = size ?? USUAL_SIZE;
  return {
    argv: command,
    cwd,
    interactive,
    ...(tty ? { terminal: { columns: cols, rows } } : {}),
    ...(env ? { env } : {}),
  };
}

const invalid = (message: string): AgentError => new AgentError('invalidParams', message);

function checkCommand(method: string, { command, size, tty, timeoutMs }: Started): void {
  if (command.length === 0) throw new AgentError('invalidRequest', 'command must not be empty');
  if (size && !tty) throw invalid(`${method} size requires tty: true`);
  if (size) checkSize(method, size);
  if (typeof timeoutMs === 'number' && timeoutMs < 0) {
    throw invalid(`${method} timeoutMs must be non-negative, got ${timeoutMs}`);
  }
}

function checkSize(method: string, { cols, rows }: { cols: number; rows: number }): void {
  if (cols === 0 || rows === 0) throw invalid(`${method} size rows and cols must be greater than 0`);
  if (cols > 9999 || rows > 9999) throw invalid(`${method} size rows and cols must be 9999 at most`);
}

type ExecParams = ClientRequestParams<'command/exec'>;

function checkExec(params: ExecParams, isNamed: boolean, streams: boolean): void {
  checkCommand('command/exec', params);
  if (!isNamed && streams) {
    throw new AgentError('invalidRequest', 'command/exec tty or streaming requires a client-supplied processId');
  }
  if (params.disableOutputCap && typeof params.outputBytesCap === 'number') {
    throw invalid('command/exec cannot set both outputBytesCap and disableOutputCap');
  }
  if (params.disableTimeout && typeof params.timeoutMs === 'number') {
    throw invalid('command/exec cannot set both timeoutMs and disableTimeout');
  }
}

const BUILT_IN_PROFILES: Readonly<Record<string, SandboxPolicy['type']>> = {
  ':read-only': 'readOnly',
  ':workspace': 'workspaceWrite',
  ':danger-full-access': 'dangerFullAccess',
};

function policyOf({ sandboxPolicy, permissionProfile }: ExecParams, configured: () => SandboxPolicy): SandboxPolicy {
  if (sandboxPolicy && permissionProfile) {
    throw invalid('command/exec cannot set both sandboxPolicy and permissionProfile');
  }
  if (sandboxPolicy) return sandboxPolicy;
  if (!permissionProfile) return configured();
  const type = BUILT_IN_PROFILES[permissionProfile];
  const own = configured();
  switch (type) {
    case 'readOnly':
      return { type, networkAccess: false };
    case 'workspaceWrite': {
      const open = { networkAccess: false, writableRoots: [], excludeSlashTmp: false, excludeTmpdirEnvVar: false };
      return own.type === type ? own : { type, ...open };
    }
    case 'dangerFullAccess':
      return { type };
    default:
      throw invalid(
        `There is no permission profile ${JSON.stringify(permissionProfile)} for command/exec: use one of ${Object.keys(BUILT_IN_PROFILES).join(', ')}, or sandboxPolicy.`,
      );
  }
}

/** Null where there are none, which only the input's end may go with. */
function bytesOf(method: string, base64: string | null | undefined, closes: boolean): Buffer | null {
  if (base64 === null || base64 === undefined) {
    if (!closes) throw invalid(`${method} requires deltaBase64 or closeStdin`);
    return null;
  }
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) {
    throw invalid('invalid deltaBase64: it is not base64 with its padding');
  }
  return Buffer.from(base64, 'base64');
}

/** A name that a connection holds from the request until the process is over. */
type Claim = { started(process: ClientProcess): void; release(): void };

/** What comes for a process that is just being started waits until it runs. */
function createProcessTable(method: string, called: string) {
  const tables = new WeakMap<Connection, Map<string, Promise<ClientProcess>>>();
  return {
    claim(connection: Connection, name: string | null): Claim {
      if (name === null) return { started() {}, release() {} };
      const table = tables.get(connection) ?? new Map<string, Promise<ClientProcess>>();
      tables.set(connection, table);
      if (table.has(name)) {
        throw new AgentError('invalidRequest', `duplicate active ${method} ${called}: ${JSON.stringify(name)}`);
      }
      let resolve: (process: ClientProcess) => void = () => {};
      let reject: (error: AgentError) => void = () => {};
      const starting = new Promise<ClientProcess>((...settle) => {
        [resolve, reject] = settle;
      });
      starting.catch(() => {}); // whoever asks for it is told
      table.set(name, starting);
      return {
        started: resolve,
        release() {
          table.delete(name);
          reject(new AgentError('invalidRequest', `${method} ${JSON.stringify(name)} could not be started`));
        },
      };
    },
    async get(connection: Connection, name: string): Promise<ClientProcess> {
      const found = tables.get(connection)?.get(name);
      if (found) return found;
      throw new AgentError('invalidRequest', `no active ${method} for ${called} ${JSON.stringify(name)}`);
    },
  };
}
