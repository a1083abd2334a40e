/** `loadConfig` for a process that asks again and again: what has not changed is not worked out anew. */
import { type ConfigFile, type ConfigReader, createConfigReader, projectRoot } from './layers.ts';
import { type LoadedConfig, type LoadOptions, loadConfig } from './load-config.ts';

/** The answer is shared with other callers: nobody may change it. */
export type ConfigLoader = (options: Omit<LoadOptions, 'env' | 'reader'>) => LoadedConfig;

type Kept = { files: ReadonlyMap<string, ConfigFile>; root: string | null; loaded: LoadedConfig };

/** Of folders and threads at once; more than that are worked out again. */
const MOST_KEPT = 100;

/** Looks at every file with each call, those that are not there included, and gives what they say now. */
export function createConfigLoader(env: LoadOptions['env']): ConfigLoader {
  const read = createConfigReader();
  const kept = new Map<string, Kept>();
  const rootOf = (cwd: string, { config }: LoadedConfig): string | null =>
    projectRoot(cwd, config.project_root_markers ?? ['.git']);

  return (options) => {
    const key = JSON.stringify(options);
    const before = kept.get(key);
    const isSame =
      before &&
      rootOf(options.cwd, before.loaded) === before.root &&
      [...before.files].every(([name, file]) => read(name) === file);
    if (isSame) return before.loaded;
    const files = new Map<string, ConfigFile>();
    const reader: ConfigReader = (name) => {
      const file = read(name);
      files.set(name, file);
      return file;
    };
    const loaded = loadConfig({ ...options, env, reader });
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, { files, root: rootOf(options.cwd, loaded), loaded });
    return loaded;
  };
}
