/**
 * A file whose zones belong to the user and to the agent by turns, each behind a line that nobody touches. What baseline
 * and text must be is known exactly: the user's zones are the same in both, an agent's zone is its last kept lines there.
 */
import assert from 'node:assert/strict';
import type { TextChange } from '../../../../extension/review/model/hunks.ts';
import { ReviewModel } from '../../../../extension/review/model/review-model.ts';
import { applied, Random } from './interleaving.ts';

type Zone = { owner: 'user' | 'agent'; base: string[]; live: string[] };

const STEPS = 8;

/** Throws with the seed where a hunk is not exactly what the agent did since the last decision. */
export function liveInZones(seed: number): void {
  try {
    live(new Random(seed), seed);
  } catch (error) {
    throw new Error(`seed ${seed}: ${(error as Error).message}`);
  }
}

function live(random: Random, seed: number): void {
  let tokens = 0;
  const zones: Zone[] = Array.from({ length: 2 + random.below(4) }, (_, index) => {
    const lines = [`old ${index}`, `older ${index}`];
    return { owner: index % 2 ? 'agent' : 'user', base: lines, live: lines };
  });
  const textOf = (side: 'base' | 'live') =>
    zones.flatMap((zone, index) => [`---- ${index} ----`, ...zone[side]]).join('\n');
  const startOf = (zone: Zone) =>
    zones.slice(0, zones.indexOf(zone)).reduce((sum, { live: lines }) => sum + lines.length + 1, 1);
  let model = new ReviewModel(textOf('live'));
  const agents = zones.filter(({ owner }) => owner === 'agent');
  const pending = () => agents.filter(({ base, live: lines }) => base.join('\n') !== lines.join('\n'));
  const steps = {
    agent: () => {
      const changed = agents.filter(() => random.below(2) === 0);
      for (const zone of changed) zone.live = Array.from({ length: random.below(4) }, () => `agent ${tokens++}`);
      model.agentEdit(textOf('live'));
    },
    user: () => {
      const zone = zones[2 * random.below(Math.ceil(zones.length / 2))]!;
      const at = random.below(zone.live.length + 1);
      const count = Math.min(random.below(3), zone.live.length - at);
      const put = Array.from({ length: random.below(3) }, () => `user ${tokens++}`);
      const line = startOf(zone) + at;
      zone.live = zone.base = [...zone.live.slice(0, at), ...put, ...zone.live.slice(at + count)];
      // As editors do it: from the end of the line above to the end of the last line.
      const above = model.lineAt(line - 1)!.length;
      const to = { endLine: line - 1 + count, endCharacter: model.lineAt(line - 1 + count)!.length };
      const range: TextChange['range'] = { startLine: line - 1, startCharacter: above, ...to };
      model.userEdit([{ range, text: put.map((one) => `\n${one}`).join('') }]);
    },
    keep: () => {
      const some = pending();
      if (some.length === 0) return;
      const at = random.below(some.length);
      assert.ok(model.keep(model.hunks[at]!.id));
      some[at]!.base = some[at]!.live;
    },
    undo: () => {
      const some = pending();
      if (some.length === 0) return;
      const at = random.below(some.length);
      const before = model.text;
      const plan = model.undone(model.hunks[at]!.id);
      assert.ok(plan.type === 'edits');
      some[at]!.live = some[at]!.base;
      assert.equal(applied(before, plan.edits), textOf('live'));
    },
    reload: () => {
      model = ReviewModel.restore(model.save());
    },
  };
  const check = () => {
    assert.equal(model.text, textOf('live'));
    assert.equal(model.baseline, textOf('base'));
    assert.deepEqual(
      model.hunks.map(({ baseLines, lines }) => [baseLines, lines]),
      pending().map(({ base, live: lines }) => [base, lines]),
    );
  };
  for (let step = 0; step < STEPS; step++) {
    steps[random.pick(['agent', 'agent', 'user', 'user', 'user', 'keep', 'undo', 'reload'] as const)]();
    check();
  }
  if (seed % 2) {
    model.keepAll();
    for (const zone of zones) zone.base = zone.live;
  } else {
    assert.equal(model.undoneAll().type, 'edits');
    for (const zone of zones) zone.live = zone.base;
  }
  check();
}
