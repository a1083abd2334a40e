/** What a person can do to a thread beside writing in it: review, goals, own commands, what waits and runs. No editor. */
import type { ClientRequestInput, ThreadGoalStatus } from '../../agent-core/protocol/index.ts';
import type { CoreSupervisor } from '../core/core-supervisor.ts';
import type { ThreadController } from './thread-controller.ts';

export type ReviewTarget = ClientRequestInput<'review/start'>['target'];
export type ActionDeps = { core: CoreSupervisor; threads: ThreadController };

/** Each rejects with a sentence when it cannot be done. */
export class ThreadActions {
  readonly #deps: ActionDeps;

  constructor(deps: ActionDeps) {
    this.#deps = deps;
  }

  async compact(): Promise<void> {
    if (!this.#deps.threads.threadId) throw new Error('There is nothing to sum up yet: this thread has no messages.');
    const { client, threadId } = await this.#deps.threads.loaded();
    await client.request('thread/compact/start', { threadId });
  }

  async review(target: ReviewTarget): Promise<void> {
    const { threads } = this.#deps;
    if (threads.isRunning) throw new Error('A turn is running. Stop it or wait for its end, then review.');
    const { client, threadId } = await threads.loaded();
    await client.request('review/start', { threadId, target, delivery: 'inline' });
  }

  async setGoal(objective: string): Promise<void> {
    const { client, threadId } = await this.#deps.threads.loaded();
    await client.request('thread/goal/set', { threadId, objective, status: 'active', origin: 'user' });
  }

  async markGoal(status: Extract<ThreadGoalStatus, 'active' | 'paused'>): Promise<void> {
    const { client, threadId } = await this.#deps.threads.loaded();
    await client.request('thread/goal/set', { threadId, status, origin: 'user' });
  }

  async clearGoal(): Promise<void> {
    if (!this.#deps.threads.threadId) return;
    const { client, threadId } = await this.#deps.threads.loaded();
    await client.request('thread/goal/clear', { threadId, origin: 'user' });
  }

  /** The person's own command: it runs outside the sandbox, as in a terminal of theirs. */
  async shell(command: string): Promise<void> {
    const { client, threadId } = await this.#deps.threads.loaded();
    await client.request('thread/shellCommand', { threadId, command });
  }

  /** Takes a message back that waits. */
  async withdraw(turnId: string): Promise<void> {
    const { core, threads } = this.#deps;
    if (threads.threadId) await core.request('turn/interrupt', { threadId: threads.threadId, turnId });
  }

  async stopTerminal({ itemId, processId }: { itemId: string; processId: string }): Promise<void> {
    const { threadId } = this.#deps.threads;
    const client = await this.#deps.core.ready();
    if (!threadId) return;
    // By its item, a command is found also while its process is only being started.
    if (client.gantry) await client.request('gantry/command/stop', { threadId, itemId });
    else await client.request('thread/backgroundTerminals/terminate', { threadId, processId });
  }
}
