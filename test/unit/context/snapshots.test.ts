import assert from 'node:assert/strict';
import { createSnapshots, type SnapshotParts } from '../../../agent-core/context/workspace-snapshot.ts';
import type { CommandExit, CommandRunner, RunningCommand } from '../../../agent-core/ports.ts';
import { settingsWith } from '../loop/fake-ports.ts';

type Git = { cwd: string; say(output: string): void; isKilled: boolean };

/** Git answers when the test says so; the n-th listing finds one file, `file-n`. */
function world(waitMs: number) {
  const gits: Git[] = [];
  let now = 0;
  let listings = 0;
  const start: CommandRunner['start'] = async ({ cwd, settings }, signal) => {
    assert.deepEqual(settings.sandboxPolicy, { type: 'readOnly', networkAccess: false });
    let heard = '';
    let end: () => void = () => {};
    const exited = new Promise<CommandExit>((resolve) => {
      end = () => resolve({ code: 0 } as CommandExit);
    });
    const git: Git = {
      cwd,
      isKilled: false,
      say(output) {
        heard = output;
        end();
      },
    };
    signal.addEventListener('abort', () => {
      git.isKilled = true;
      end();
    });
    gits.push(git);
    const command: Partial<RunningCommand> = {
      onOutput: (listener) => void exited.then(() => listener(heard)),
      exited,
    };
    return command as RunningCommand;
  };
  const runner = { unconfinedReason: null, start } as unknown as CommandRunner;
  const snapshots = createSnapshots({
    env: {},
    now: () => now,
    list: async ({ onFiles }) => onFiles([`file-${++listings}`]),
    waitMs,
  });
  const place = (cwd: string, isRepository = true) => ({ settings: settingsWith({ cwd }), isRepository, runner });
  const pass = (ms: number): void => {
    now += ms;
  };
  return { snapshots, gits, place, pass };
}

const seen = (dirty: number | null, file: string): SnapshotParts => ({
  git: dirty === null ? null : { dirty, commits: [] },
  files: { paths: [file], isWhole: true },
});

/** Never waited for: these answers come. */
const LONG = 60_000;

describe('looking at a workspace', () => {
  it('begins before the turn, and what was seen then is given once', async () => {
    const { snapshots, gits, place } = world(LONG);
    snapshots.ahead(place('/a'));
    snapshots.ahead(place('/a'));
    gits[0]!.say('3\n');
    assert.deepEqual(await snapshots.look(place('/a')), seen(3, 'file-1'));
    const second = snapshots.look(place('/a'));
    gits[1]!.say('4\n');
    assert.deepEqual(await second, seen(4, 'file-2'));
    assert.deepEqual(
      gits.map(({ cwd }) => cwd),
      ['/a', '/a'],
    );
  });

  it('waits for what is not there yet', async () => {
    const { snapshots, gits, place } = world(LONG);
    snapshots.ahead(place('/a'));
    const looking = snapshots.look(place('/a'));
    gits[0]!.say('1\n');
    assert.deepEqual(await looking, seen(1, 'file-1'));
  });

  it('looks anew when the turn comes later, elsewhere, or git came meanwhile', async () => {
    const { snapshots, gits, place, pass } = world(LONG);
    snapshots.ahead(place('/a'));
    pass(3_001);
    const late = snapshots.look(place('/a'));
    assert.equal(gits[0]!.isKilled, true);
    gits[1]!.say('1\n');
    assert.deepEqual(await late, seen(1, 'file-2'));
    snapshots.ahead(place('/a', false));
    const elsewhere = snapshots.look(place('/b'));
    gits[2]!.say('2\n');
    assert.deepEqual(await elsewhere, seen(2, 'file-4'));
    const meanwhile = snapshots.look(place('/a'));
    gits[3]!.say('3\n');
    assert.deepEqual(await meanwhile, seen(3, 'file-5'));
  });

  it('leaves out what takes too long, and ends it', async () => {
    const { snapshots, gits, place } = world(1);
    assert.deepEqual(await snapshots.look(place('/a')), seen(null, 'file-1'));
    assert.equal(gits[0]!.isKilled, true);
  });
});
