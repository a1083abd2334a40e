/**
 * What the agent loop needs from the world. The loop knows no surface, no disk layout, no provider: the session layer
 * hands these in, tests hand in fakes.
 */

export type * from './ports/approver.ts';
export type * from './ports/command.ts';
export type * from './ports/files.ts';
export type * from './ports/hooks.ts';
export type * from './ports/model.ts';
export type * from './ports/thread.ts';
export type * from './ports/turn.ts';
