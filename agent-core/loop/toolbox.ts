/** Which tools a turn has: what the model is offered, and what is run when it calls something else by its name. */
import type { ModelInfo, ToolSpec } from '../models/model-client.ts';
import type { TurnSettings } from '../ports.ts';
import { goalTools } from '../tools/goal.ts';
import { findTool, toolSpecs } from '../tools/index.ts';
import { requestPermissions } from '../tools/request-permissions.ts';
import { requestUserInput } from '../tools/request-user-input.ts';
import type { ServerTools, Tool } from '../tools/tool.ts';
import { viewImage } from '../tools/view-image.ts';

export type Toolbox = {
  /** One that cannot call tools is told of them in text, by its client. */
  specs(model: ModelInfo): ToolSpec[];
  find(name: string): Tool | undefined;
  /** Names of what `find` knows beside the families' tools. */
  readonly otherNames: readonly string[];
};

export type ToolboxOptions = {
  settings: TurnSettings;
  clientTools: readonly Tool[];
  /** Null: no server brings any. */
  serverTools: ServerTools | null;
  hasGoal: () => boolean;
  /** The model is told that it may ask for permissions; one that asks without is heard all the same. */
  offersPermissions: boolean;
};

export function createToolbox({
  settings,
  clientTools,
  serverTools,
  hasGoal,
  offersPermissions,
}: ToolboxOptions): Toolbox {
  const isPlanning = settings.mode?.kind === 'plan';
  const occasional = [viewImage, requestUserInput, requestPermissions, ...goalTools];
  return {
    specs(model) {
      const offered = [
        ...(model.supportsImages === false ? [] : [viewImage]),
        ...clientTools,
        ...(isPlanning ? [requestUserInput] : []),
        ...(offersPermissions ? [requestPermissions] : []),
        ...(hasGoal() && !isPlanning ? goalTools.filter(({ name }) => name !== 'create_goal') : []),
      ];
      // What servers bring comes last: it changes most.
      return [...toolSpecs(model), ...offered.map((tool) => tool.spec(model)), ...(serverTools?.specs(model) ?? [])];
    },
    find: (name) =>
      clientTools.find((tool) => tool.name === name) ??
      findTool(name) ??
      occasional.find((tool) => tool.name === name) ??
      serverTools?.find(name),
    otherNames: [...clientTools, ...occasional].map((tool) => tool.name),
  };
}

/** A reviewer looks and changes nothing; by their names, since what a tool does is known by nothing else. */
const REVIEW_TOOLS: ReadonlySet<string> = new Set([
  'exec_command',
  'write_stdin',
  'bash',
  'run_command',
  'read_file',
  'list_files',
  'search_text',
]);

export function createReviewToolbox(): Toolbox {
  return {
    specs: (model) => toolSpecs(model).filter(({ name }) => REVIEW_TOOLS.has(name)),
    find(name) {
      const tool = findTool(name);
      return tool && REVIEW_TOOLS.has(tool.name) ? tool : undefined;
    },
    otherNames: [],
  };
}
