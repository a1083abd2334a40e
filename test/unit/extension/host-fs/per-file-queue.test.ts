import assert from 'node:assert/strict';
import { PerFileQueue } from '../../../../extension/host-fs/per-file-queue.ts';

describe('the queue of changes', () => {
  it('does one after the other for a file, files apart from each other, and what names two waits for both', async () => {
    const queue = new PerFileQueue();
    const log: string[] = [];
    let letGo = () => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const work = (name: string, until?: Promise<void>) => async () => {
      log.push(`${name} begins`);
      await until;
      log.push(`${name} ends`);
      return name;
    };
    const all = [
      queue.run(['a'], work('a1', held)),
      queue.run(['a'], work('a2')),
      queue.run(['b'], work('b1')),
      queue.run(['b', 'a'], work('both')),
      queue.run(['b'], work('b2')),
    ];
    await all[2];
    letGo();
    assert.deepEqual(await Promise.all(all), ['a1', 'a2', 'b1', 'both', 'b2']);
    const order = ['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends'];
    assert.deepEqual(log, [...order, 'both begins', 'both ends', 'b2 begins', 'b2 ends']);
  });

  it('goes on after a failure, which only its own caller hears of', async () => {
    const queue = new PerFileQueue();
    const failing = queue.run(['a'], () => Promise.reject(new Error('disk full')));
    const next = queue.run(['a'], async () => 'done');
    await assert.rejects(failing, /disk full/);
    assert.equal(await next, 'done');
  });
});
