/** All agents, one file each. */
import type { Agent, AgentName } from '../agent.ts';
import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { gantry } from './gantry.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';

export const agents: Readonly<Record<AgentName, Agent>> = { gantry, codex, pi, opencode, claude };
