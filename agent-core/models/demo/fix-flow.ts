/**
 * Runs the tests, finds the place from their own output, reads the code that the failing test reaches, and proposes what
 * the published table of bug patterns says. What it does not know it says.
 */
import { type Finding, findBugs } from './bug-patterns.ts';
import { type Conversation, commandResult, isRejected, type Round } from './conversation.ts';
import { buildPatch, countHunks, type FileEdit } from './patch.ts';
import { blockEnd, blocks, identifiers, relativeImports, resolveImport } from './source.ts';
import { outputBlock, quote, run, type Step, say } from './step.ts';
import { type Failure, firstFailure, isTestFile } from './test-output.ts';

const TEST_COMMAND = 'npm test';
const MOST_FILES = 12;

type SourceFile = { path: string; lines: string[] };

/** The next step of fixing the failing test, decided from what the conversation already holds. `root` is the workspace. */
export function fixStep(conversation: Conversation, root: string | null): Step {
  const tests = conversation.rounds.filter((round) => isCommand(round, TEST_COMMAND));
  const patches = conversation.rounds.filter((round) => round.name === 'apply_patch');
  const firstRun = tests[0];
  if (!firstRun) return run("I'll run the tests and see what fails.", TEST_COMMAND);
  const patch = patches[0];
  if (patch && !patch.success) return say(notApplied(patch));
  if (patch && !tests.some((round) => conversation.rounds.indexOf(round) > conversation.rounds.indexOf(patch))) {
    return run('The change is in. Running the tests again.', TEST_COMMAND);
  }
  if (patch) return say(afterwards(tests.at(-1) as Round, patch));
  return beforePatch(conversation, firstRun, root);
}

function beforePatch(conversation: Conversation, firstRun: Round, root: string | null): Step {
  const result = commandResult(firstRun);
  if (result.exitCode === 0) return say('All tests pass; there is nothing to fix.');
  if (/missing script:? "?test/i.test(result.body))
    return say('This folder has no `test` script in its `package.json`, so I cannot tell what fails.');
  const failure = firstFailure(result.body, root);
  if (!failure || failure.frames.length === 0) {
    return say(
      `The tests did not pass, but their output names no line of this folder, so I do not know where to look.\n\n${outputBlock(result.body)}`,
    );
  }
  const files = readFiles(conversation.rounds);
  const wanted = unread(failure, files, conversation.rounds);
  if (wanted.length > 0) {
    return run(
      files.length === 0 ? findingText(failure) : 'It leads on to other files; reading those too.',
      ...wanted.map((path) => `cat ${quote(path)}`),
    );
  }
  return propose(conversation, failure, files);
}

function propose(conversation: Conversation, failure: Failure, files: SourceFile[]): Step {
  const found = reachableBugs(failure, files);
  if (found.length === 0) {
    return say(
      `${failureLine(failure)}\n\nI read ${files.map((file) => `\`${file.path}\``).join(', ')} and none of the mistakes that I know is there. ` +
        'I am the built-in demo model, not an AI: I know a short list of mistakes and this is not one of them. Set a real model up with **Gantry: Set API Key**.',
    );
  }
  if (!conversation.canApplyPatch)
    return say('I found something to change, but I have no tool to edit files with in this mode.');
  const edits: FileEdit[] = files.flatMap((file) => {
    const findings = found.filter((finding) => finding.path === file.path);
    return findings.length === 0 ? [] : [{ path: file.path, lines: file.lines, replacements: findings }];
  });
  const hunks = edits.reduce((sum, edit) => sum + countHunks(edit), 0);
  const list = found.map((f) => `- \`${f.path}:${f.line}\`: ${f.pattern.why}`).join('\n');
  const text =
    `${failureLine(failure)} In the code that this test reaches I know ${count(found.length, 'mistake')}:\n\n${list}\n\n` +
    `Proposing ${count(hunks, 'hunk')} in ${count(edits.length, 'file')}.`;
  return { text, calls: [{ name: 'apply_patch', patch: buildPatch(edits) }] };
}

/** The files that the failure and what is read so far point to, and that were not asked for yet. */
function unread(failure: Failure, files: readonly SourceFile[], rounds: readonly Round[]): string[] {
  const asked = new Set(rounds.map((round) => commandResult(round).command));
  const named = failure.frames.map((frame) => frame.path);
  const imported = files.flatMap((file) => relativeImports(file.lines).map((path) => resolveImport(file.path, path)));
  const all = [...new Set([...named, ...imported])].slice(0, MOST_FILES);
  return all.filter((path) => !asked.has(`cat ${quote(path)}`));
}

function readFiles(rounds: readonly Round[]): SourceFile[] {
  return rounds.flatMap((round) => {
    const result = commandResult(round);
    const path = /^cat '?([^']+)'?$/.exec(result.command)?.[1];
    if (!path || result.exitCode !== 0 || result.truncated) return [];
    return [{ path, lines: result.body.split('\n') }];
  });
}

/** Known mistakes in the functions that the failing test calls, directly or through others. */
function reachableBugs(failure: Failure, files: readonly SourceFile[]): (Finding & { path: string })[] {
  const sources = files.filter((file) => !isTestFile(file.path));
  const all = sources.flatMap((file) => blocks(file.lines).map((block) => ({ ...block, file })));
  const seen = new Set<string>();
  const queue = [...startNames(failure, files)];
  while (queue.length > 0) {
    const name = queue.pop() as string;
    if (seen.has(name)) continue;
    seen.add(name);
    for (const block of all.filter((b) => b.name === name)) {
      queue.push(...identifiers(block.file.lines.slice(block.start - 1, block.end)));
    }
  }
  const reached = all.filter((block) => seen.has(block.name));
  const findings = reached.flatMap((block) =>
    findBugs(block.file.lines.slice(block.start - 1, block.end), block.start).map((finding) => ({
      ...finding,
      path: block.file.path,
    })),
  );
  const unique = new Map(findings.map((finding) => [`${finding.path}:${finding.line}`, finding]));
  return [...unique.values()].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line);
}

/** What the failing test's own body names; where the test is not found, the functions on the stack. */
function startNames(failure: Failure, files: readonly SourceFile[]): Set<string> {
  const names = new Set(failure.frames.flatMap((frame) => (frame.fn ? [frame.fn.split('.').at(-1) as string] : [])));
  for (const file of files.filter((f) => isTestFile(f.path))) {
    const at = failure.test === null ? -1 : file.lines.findIndex((line) => line.includes(failure.test as string));
    if (at >= 0) for (const name of identifiers(file.lines.slice(at, blockEnd(file.lines, at)))) names.add(name);
  }
  return names;
}

const isCommand = (round: Round, command: string): boolean =>
  round.name === 'exec_command' && commandResult(round).command === command;
const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

function failureLine(failure: Failure): string {
  const test = failure.test ? `The test **${failure.test}** fails` : 'A test fails';
  return failure.message ? `${test}: ${failure.message}.` : `${test}.`;
}

function findingText(failure: Failure): string {
  const inner = failure.frames[0];
  return `${failureLine(failure)} It happens at \`${inner?.path}:${inner?.line}\`; reading the code around it.`;
}

function notApplied(patch: Round): string {
  if (isRejected(patch)) return 'The change was not made: you rejected it. Ask again when you want another try.';
  return `The change was not made:\n\n${outputBlock(patch.output, 12)}\n\nNothing else was touched. Ask again when you want another try.`;
}

function afterwards(lastRun: Round, patch: Round): string {
  const result = commandResult(lastRun);
  const paths = [...patchText(patch).matchAll(/^\*\*\* Update File: (.+)$/gm)].map((m) => m[1] as string);
  const refused = [...patch.output.matchAll(/^(.+): rejected, unchanged\.$/gm)].map((m) => m[1] as string);
  const isRefused = (path: string): boolean => refused.some((one) => one === path || one.endsWith(`/${path}`));
  const name = (some: string[]): string => some.map((path) => `\`${path}\``).join(' and ');
  const files = name(paths.filter((path) => !isRefused(path)));
  if (result.exitCode === 0) return `All tests pass now. Changed: ${files}.`;
  const why =
    refused.length > 0
      ? `You rejected what I proposed for ${name(paths.filter(isRefused))}; ask again when you want another try.`
      : 'What is left is not among the mistakes that I know.';
  return `Changed ${files}, but the tests still do not pass. ${why}\n\n${outputBlock(result.body)}`;
}

function patchText(round: Round): string {
  try {
    return String(JSON.parse(round.input).input ?? round.input);
  } catch {
    return round.input; // a freeform call: the patch itself
  }
}
