/** The tool table: one row a tool, one file each. */
import type { ModelInfo, ToolSpec } from '../models/model-client.ts';
import { applyPatch } from './apply-patch.ts';
import { execCommand } from './exec-command.ts';
import type { Tool } from './tool.ts';
import { updatePlan } from './update-plan.ts';
import { writeStdin } from './write-stdin.ts';

export const tools: readonly Tool[] = [execCommand, writeStdin, applyPatch, updatePlan];

/** Names that models know these tools by from elsewhere; a call is run by its name whichever was advertised. */
const aliases: Readonly<Record<string, string>> = { applypatch: 'apply_patch' };

export function findTool(name: string): Tool | undefined {
  return tools.find((tool) => tool.name === (aliases[name] ?? name));
}

/** What `model` is offered. One that cannot call tools is told of them in text, by its client. */
export function toolSpecs(model: ModelInfo): ToolSpec[] {
  return tools.map((tool) => tool.spec(model));
}
