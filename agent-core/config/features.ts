/** What of Gantry can be turned on and off by `[features]`. A feature is listed here once something asks for it. */
import type { Config } from './schema.ts';

export type Feature = {
  name: string;
  stage: 'beta' | 'stable';
  /** Both are told of features in beta only. */
  displayName: string;
  description: string;
  defaultEnabled: boolean;
};

export const FEATURES = [
  {
    name: 'project_config',
    stage: 'stable',
    displayName: 'Project configuration',
    description: 'A trusted project may set keys in .gantry/config.toml and .codex/config.toml.',
    defaultEnabled: true,
  },
  {
    name: 'config_watch',
    stage: 'stable',
    displayName: 'Live configuration',
    description: 'A change of config.toml is told to clients at once.',
    defaultEnabled: true,
  },
  {
    name: 'request_permissions_tool',
    stage: 'beta',
    displayName: 'Requests for permissions',
    description: 'The model may ask for a folder or the network, for a turn or for the session.',
    defaultEnabled: false,
  },
] as const satisfies readonly Feature[];

export type FeatureName = (typeof FEATURES)[number]['name'];

/** As `[features]` says, else as it is by itself. */
export function isFeatureOn(config: Pick<Config, 'features'>, name: FeatureName): boolean {
  const set = config.features?.[name];
  return typeof set === 'boolean' ? set : FEATURES.some((each) => each.name === name && each.defaultEnabled);
}
