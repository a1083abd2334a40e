import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  COMMANDS,
  CONTEXT_KEYS,
  INTERNAL_COMMANDS,
  SETTINGS,
  VIEW_CONTAINER,
  VIEWS,
} from '../../../extension/contributions.ts';
import { MODES, WEBVIEW_COMMANDS } from '../../../webview/bridge/panel-state.ts';

type MenuItem = { command: string; when?: string };
type Manifest = {
  contributes: {
    commands: { command: string; title: string; enablement?: string }[];
    viewsContainers: { secondarySidebar: { id: string }[] };
    views: Record<string, { id: string }[]>;
    menus: Record<string, MenuItem[]>;
    keybindings: (MenuItem & { key: string; mac: string })[];
    configuration: {
      properties: Record<
        string,
        { default: unknown; enum?: string[]; description?: string; markdownDescription?: string }
      >;
    };
  };
};

const manifest: Manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
const { contributes } = manifest;
const sorted = (list: readonly string[]) => [...list].sort();

describe('package.json and contributions.ts', () => {
  it('name the same commands', () => {
    const declared = contributes.commands.map(({ command }) => command);
    const internal: readonly string[] = INTERNAL_COMMANDS;
    const expected = Object.values(COMMANDS).filter((id) => !internal.includes(id));
    assert.deepEqual(sorted(declared), sorted(expected));
  });

  it('name the same views', () => {
    assert.deepEqual(
      contributes.viewsContainers.secondarySidebar.map(({ id }) => id),
      [VIEW_CONTAINER],
    );
    assert.deepEqual(
      contributes.views[VIEW_CONTAINER]?.map(({ id }) => id),
      Object.values(VIEWS),
    );
  });

  it('name the same settings with the same defaults, each described', () => {
    const { properties } = contributes.configuration;
    const defaults = Object.fromEntries(Object.entries(properties).map(([id, { default: value }]) => [id, value]));
    assert.deepEqual(
      defaults,
      Object.fromEntries(Object.entries(SETTINGS).map(([id, value]) => [`gantry.${id}`, value])),
    );
    const undescribed = Object.entries(properties).filter(([, p]) => !p.description && !p.markdownDescription);
    assert.deepEqual(undescribed, []);
    assert.deepEqual(properties['gantry.mode']?.enum, [...MODES]);
  });

  it('use only commands that exist, in menus, keys and the panel', () => {
    const known = new Set<string>(Object.values(COMMANDS));
    const used = [
      ...Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command)),
      ...contributes.keybindings.map(({ command }) => command),
      ...WEBVIEW_COMMANDS,
    ];
    assert.deepEqual(
      used.filter((id) => !known.has(id)),
      [],
    );
  });

  it('use only context keys that are set', () => {
    const known = new Set<string>([...Object.values(CONTEXT_KEYS), ...Object.values(VIEWS)]);
    const clauses = [
      ...Object.values(contributes.menus).flatMap((items) => items.map(({ when }) => when ?? '')),
      ...contributes.keybindings.map(({ when }) => when ?? ''),
      ...contributes.commands.map(({ enablement }) => enablement ?? ''),
    ];
    const used = clauses.flatMap((clause) => clause.match(/\bgantry\.[\w.]+/g) ?? []);
    assert.deepEqual(
      used.filter((key) => !known.has(key)),
      [],
    );
  });

  it('give every key to macOS as well', () => {
    // There Cmd+Alt with a bracket folds and unfolds code.
    const macs = contributes.keybindings.map(({ key }) => (/[[\]]$/.test(key) ? key : key.replace('ctrl', 'cmd')));
    assert.deepEqual(
      contributes.keybindings.map(({ mac }) => mac),
      macs,
    );
  });
});
