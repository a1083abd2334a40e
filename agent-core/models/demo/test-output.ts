/** Finds, in the output of a test run, what failed and where. Knows Node's own runner (spec and TAP), mocha, jest and vitest by their stack frames. */

export type Frame = { path: string; line: number; fn: string | null };
export type Failure = { test: string | null; message: string | null; frames: Frame[] };

const FRAME =
  /(?:at |❯ |location: ')(?:async )?(?:([\w.<>[\] ]+?) \(?|\(?)?(?:file:\/\/)?((?:\/|\.{0,2}\/|\w)[^\s()':]*\.[cm]?[jt]sx?):(\d+):(\d+)/;

/** The first failure, with its frames inside `root`, paths relative to it, innermost first. Null when nothing tells of one. */
export function firstFailure(output: string, root: string | null): Failure | null {
  const lines = output.split('\n');
  const at = lines.findIndex(
    (line) =>
      /^\s*(?:✖(?! failing tests)|not ok \d+|\d+\) |● |FAIL |×)/.test(line) && !/\.[cm]?[jt]sx?\s*(?:\(|$)/.test(line),
  );
  // The runner also names where the test stands; what is on the stack says more, so it goes first.
  const found = lines.flatMap((line) => frameOf(line, root));
  const frames = [...found.filter((frame) => frame.fn), ...found.filter((frame) => !frame.fn)];
  if (at < 0 && frames.length === 0) return null;
  const named = at < 0 ? null : (lines[at] as string);
  const test =
    named
      ?.replace(/^\s*(?:✖|not ok \d+ -?|\d+\)|●|FAIL|×)\s*/, '')
      .replace(/\s*\(\d[\d.]*m?s\)\s*$/, '')
      .trim() ?? null;
  const message =
    lines
      .map((line) => /^\s*(?:error: ['|>"-]*\s*)?((?:\w*Error|AssertionError)\b.*?)['"]?$/.exec(line)?.[1])
      .find(Boolean) ?? null;
  return { test: test || null, message, frames };
}

function frameOf(line: string, root: string | null): Frame[] {
  const match = FRAME.exec(line);
  if (!match) return [];
  let path = match[2] as string;
  if (/\bnode_modules\/|^node:|\/internal\//.test(path)) return [];
  if (path.startsWith('/')) {
    if (!root || !path.startsWith(`${root}/`)) return [];
    path = path.slice(root.length + 1);
  }
  return [{ path: path.replace(/^\.\//, ''), line: Number(match[3]), fn: match[1]?.trim() || null }];
}

export const isTestFile = (path: string): boolean =>
  /(?:^|\/)(?:tests?|__tests__|spec)\/|\.(?:test|spec)\.[cm]?[jt]sx?$/.test(path);
