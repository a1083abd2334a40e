import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Configuration } from './configuration.ts';
import type { Handlers } from './connection.ts';

/** What config.toml says, as far as it could be read. Gantry has one layer: the user's file. */
export function configHandlers(configuration: Configuration, cwd: string): Pick<Handlers, 'config/read'> {
  return {
    'config/read'(params) {
      const { config, path: file } = configuration.load(path.resolve(cwd, params.cwd ?? '.'));
      const version = `sha256:${createHash('sha256').update(JSON.stringify(config)).digest('hex')}`;
      const name = { type: 'user', file, profile: config.profile ?? null } as const;
      const origins = Object.fromEntries(Object.keys(config).map((key) => [key, { name, version }]));
      return { config, origins, layers: params.includeLayers ? [{ name, version, config }] : null };
    },
  };
}
