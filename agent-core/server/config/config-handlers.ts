/** The configuration and its layers on the wire, and the one way in which a client may write it. */
import path from 'node:path';
import {
  type ConfigWriteEdit,
  type ConfigWriteErrorCode,
  type Layer,
  type LoadedConfig,
  leaves,
  SCHEMA_FILE,
  valueAt,
  writeConfig,
} from '../../config/index.ts';
import { imported } from '../../late.ts';
import {
  AgentError,
  type ClientRequestAnswer,
  Config,
  type ConfigLayerMetadata,
  type ConfigLayerSource,
} from '../../protocol/index.ts';
import type { Handlers } from '../wire/connection.ts';
import type { Configuration } from './configuration.ts';

type Methods = 'config/read' | 'config/value/write' | 'config/batchWrite' | 'configRequirements/read';
type WriteAnswer = ClientRequestAnswer<'config/batchWrite'>;

export type ConfigHandlerOptions = {
  configuration: Configuration;
  cwd: string;
  /** Called after each write that changed something. */
  onWritten: () => void;
};

const metadata = ({ name, version }: Layer): ConfigLayerMetadata => ({ name, version });

const counting = (loaded: LoadedConfig): Layer[] =>
  loaded.layers.filter(({ disabledReason }) => disabledReason === null).toReversed();

const layerOf = (loaded: LoadedConfig, key: readonly string[]): Layer | undefined =>
  counting(loaded).find(({ raw }) => valueAt(raw, key) !== undefined);

/** For each single value the layer that it is from; entries of lists by their number. */
function originsOf(loaded: LoadedConfig): Record<string, ConfigLayerMetadata> {
  const origins: Record<string, ConfigLayerMetadata> = {};
  const add = (key: readonly string[], value: unknown, from: ConfigLayerMetadata): void => {
    if (!Array.isArray(value)) origins[key.join('.')] = from;
    else for (const [index, entry] of value.entries()) add([...key, String(index)], entry, from);
  };
  for (const { path: key, value } of leaves(loaded.raw)) {
    const layer = layerOf(loaded, key);
    if (layer) add(key, value, metadata(layer));
  }
  return origins;
}

/** What the wire's type says of a key holds, or the key is left out: nobody checked those that Gantry does not use. */
function wireConfig({ raw, config }: LoadedConfig): ClientRequestAnswer<'config/read'>['config'] {
  let rest: Record<string, unknown> = { ...raw, ...config };
  for (;;) {
    const parsed = Config.safeParse(rest);
    if (parsed.success) return parsed.data;
    const wrong = new Set(parsed.error.issues.map(({ path: key }) => key[0]));
    rest = Object.fromEntries(Object.entries(rest).filter(([key]) => !wrong.has(key)));
  }
}

function overrideMessage(name: ConfigLayerSource): string {
  switch (name.type) {
    case 'user':
      return name.profile ? `Overridden by the profile ${name.profile}` : `Overridden by user config: ${name.file}`;
    case 'project':
      return `Overridden by project config: ${path.join(name.dotCodexFolder, 'config.toml')}`;
    default:
      return 'Overridden by session flags';
  }
}

function overriddenBy(loaded: LoadedConfig, paths: readonly string[][]): WriteAnswer['overriddenMetadata'] {
  const written = loaded.layers.find(({ name }) => name.type === 'user' && name.file === loaded.writablePath);
  for (const key of paths) {
    // A profile is no value that another layer could hide.
    if (key[0] === 'profiles') continue;
    const effectiveValue = valueAt(loaded.raw, key);
    const layer = layerOf(loaded, key);
    const isOurs = JSON.stringify(valueAt(written?.raw, key)) === JSON.stringify(effectiveValue);
    if (isOurs || !layer) continue;
    return {
      effectiveValue: effectiveValue ?? null,
      message: overrideMessage(layer.name),
      overridingLayer: metadata(layer),
    };
  }
  return null;
}

const refused = (code: ConfigWriteErrorCode, message: string): AgentError =>
  new AgentError('configWrite', message, { data: { config_write_error_code: code } });

export type UserConfigWrite = {
  edits: readonly ConfigWriteEdit[];
  expectedVersion?: string | null | undefined;
  filePath?: string | null | undefined;
};

/** Writes the user's file and tells what then counts. Throws `AgentError` with the reference's codes. */
export async function writeUserConfig(
  { configuration, onWritten }: ConfigHandlerOptions,
  { edits, expectedVersion, filePath }: UserConfigWrite,
): Promise<WriteAnswer> {
  const { writablePath: file, requirements, path: main } = configuration.loadUser();
  if (filePath && path.resolve(filePath) !== file) {
    const why = path.resolve(filePath) === main ? ` ${main} belongs to Codex, and is read only.` : '';
    throw refused('configLayerReadonly', `Only writes to the user config are allowed: ${file}.${why}`);
  }
  let outcome: ReturnType<typeof writeConfig>;
  try {
    outcome = writeConfig({ file, edits, expectedVersion: expectedVersion ?? null, requirements });
    if (outcome.ok && outcome.isNew) {
      const { writeJsonSchema } = await imported(import('../../config/json-schema.ts'));
      writeJsonSchema(path.join(path.dirname(file), SCHEMA_FILE));
    }
  } catch (error) {
    if (error instanceof AgentError) throw error;
    throw new AgentError('storage', `${file} cannot be written: ${error instanceof Error ? error.message : error}`);
  }
  if (!outcome.ok) throw refused(outcome.code, outcome.message);
  const overridden = overriddenBy(configuration.loadUser(), outcome.paths);
  onWritten();
  return {
    filePath: file,
    status: overridden ? 'okOverridden' : 'ok',
    version: outcome.version,
    overriddenMetadata: overridden ?? null,
  };
}

export function configHandlers(options: ConfigHandlerOptions): Pick<Handlers, Methods> {
  const { configuration, cwd } = options;
  return {
    'config/read'({ cwd: folder, includeLayers }) {
      const loaded = folder ? configuration.load(path.resolve(cwd, folder)) : configuration.loadUser();
      const layers = loaded.layers.toReversed().map(({ name, version, raw, disabledReason }) => ({
        name,
        version,
        config: raw,
        ...(disabledReason === null ? {} : { disabledReason }),
      }));
      return { config: wireConfig(loaded), origins: originsOf(loaded), layers: includeLayers ? layers : null };
    },
    'config/value/write': ({ keyPath, value, mergeStrategy, expectedVersion, filePath }) =>
      writeUserConfig(options, { edits: [{ keyPath, value, mergeStrategy }], expectedVersion, filePath }),
    'config/batchWrite': ({ edits, expectedVersion, filePath }) =>
      writeUserConfig(options, {
        edits: edits.map(({ keyPath, value, mergeStrategy }) => ({ keyPath, value, mergeStrategy })),
        expectedVersion,
        filePath,
      }),
    'configRequirements/read'() {
      const { requirements } = configuration.loadUser();
      if (Object.keys(requirements).length === 0) return { requirements: null };
      return {
        requirements: {
          allowedApprovalPolicies: requirements.allowed_approval_policies ?? null,
          allowedSandboxModes: requirements.allowed_sandbox_modes ?? null,
          allowedPermissionProfiles: requirements.allowed_permission_profiles ?? null,
          featureRequirements: requirements.feature_requirements ?? null,
          feedback: requirements.feedback ?? null,
        },
      };
    },
  };
}
