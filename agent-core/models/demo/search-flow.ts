/** "find X", "rename X to Y" and "run: CMD": plain commands, plain text replacement. */
import { type Conversation, commandResult, isRejected } from './conversation.ts';
import { buildPatch, type FileEdit } from './patch.ts';
import { outputBlock, quote, run, type Step, say } from './step.ts';

const MOST_SHOWN = 50;
const MOST_RENAMED_FILES = 20;
const MOST_OUTPUT = 12;
const STOPPED = /^The user stopped this command\./m;
const NO_NETWORK =
  /could not resolve host|getaddrinfo|network is unreachable|name resolution|ENOTFOUND|EAI_AGAIN|ENETUNREACH/i;
const SKIP = '--exclude-dir=.git --exclude-dir=node_modules --exclude-dir=dist';

const grep = (flags: string, what: string): string => `grep -rn${flags} -I ${SKIP} -e ${quote(what)} .`;

type Hit = { path: string; line: number; text: string };

function hits(body: string): Hit[] {
  return body.split('\n').flatMap((row) => {
    const match = /^(?:\.\/)?(.+?):(\d+):(.*)$/.exec(row);
    return match ? [{ path: match[1] as string, line: Number(match[2]), text: match[3] as string }] : [];
  });
}

/** Lists where `what` stands, as text. */
export function findStep(conversation: Conversation, what: string): Step {
  const round = conversation.rounds[0];
  if (!round) return run(`Looking for \`${what}\`.`, grep('F', what));
  const found = hits(commandResult(round).body);
  if (found.length === 0) return say(`\`${what}\` stands nowhere in this folder.`);
  const rows = found
    .slice(0, MOST_SHOWN)
    .map((hit) => `- \`${hit.path}:${hit.line}\` ${'`'}${hit.text.trim().slice(0, 120).replaceAll('`', 'ˋ')}${'`'}`);
  const more = found.length > MOST_SHOWN ? `\n\n… and ${found.length - MOST_SHOWN} more.` : '';
  return say(
    `\`${what}\` stands in ${found.length} ${found.length === 1 ? 'line' : 'lines'}:\n\n${rows.join('\n')}${more}`,
  );
}

/** Replaces the whole word `from` by `to` in every text file; says that it is text, not meaning, that it goes by. */
export function renameStep(conversation: Conversation, from: string, to: string): Step {
  const search = conversation.rounds[0];
  if (!search) return run(`Looking for the word \`${from}\`.`, grep('Fw', from));
  const patch = conversation.rounds.find((round) => round.name === 'apply_patch');
  if (patch)
    return say(
      patch.success
        ? `Renamed \`${from}\` to \`${to}\`.`
        : isRejected(patch)
          ? 'The change was not made: you rejected it.'
          : `The change was not made:\n\n${outputBlock(patch.output, 12)}`,
    );
  const found = hits(commandResult(search).body);
  const paths = [...new Set(found.map((hit) => hit.path))].sort();
  if (paths.length === 0) return say(`The word \`${from}\` stands nowhere in this folder.`);
  if (commandResult(search).truncated || paths.length > MOST_RENAMED_FILES) {
    return say(
      `\`${from}\` stands in more than ${MOST_RENAMED_FILES} files; that is too much for a rename that goes by text alone.`,
    );
  }
  if (conversation.rounds.length === 1)
    return run(
      `It stands in ${paths.length === 1 ? 'one file' : `${paths.length} files`}.`,
      ...paths.map((path) => `cat ${quote(path)}`),
    );
  if (!conversation.canApplyPatch) return say('I have no tool to edit files with in this mode.');
  const word = new RegExp(`(?<![\\w$])${from.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w$])`, 'g');
  const edits: FileEdit[] = conversation.rounds.slice(1).flatMap((round, at) => {
    const result = commandResult(round);
    if (result.exitCode !== 0 || result.truncated) return [];
    const lines = result.body.split('\n');
    const replacements = lines.flatMap((before, i) => {
      const after = before.replace(word, () => to);
      return after === before ? [] : [{ line: i + 1, before, after }];
    });
    return replacements.length === 0 ? [] : [{ path: paths[at] as string, lines, replacements }];
  });
  if (edits.length === 0) return say(`I could not read the files in which \`${from}\` stands.`);
  return {
    text: `Proposing to write \`${to}\` for \`${from}\` in ${edits.length === 1 ? 'one file' : `${edits.length} files`}. I go by the word alone, not by its meaning: look the lines over.`,
    calls: [{ name: 'apply_patch', patch: buildPatch(edits) }],
  };
}

/** Runs one command as given and reports how it ended. */
export function runStep(conversation: Conversation, command: string): Step {
  const round = conversation.rounds[0];
  if (!round) return run(`Running \`${command}\`.`, command);
  const result = commandResult(round);
  const output = result.body.trim() === '' ? 'It printed nothing.' : outputBlock(result.body, MOST_OUTPUT);
  if (STOPPED.test(round.output)) return say(`You stopped it.\n\n${output}`);
  if (result.exitCode === null) return say(`The command has not ended by itself:\n\n${outputBlock(round.output)}`);
  // The panel folds a command that ended well, and its output is what was asked for.
  if (result.exitCode === 0) return say(`It ended well (exit code 0).\n\n${output}`);
  const hint = NO_NETWORK.test(result.body) ? ' Commands in the sandbox have no network.' : '';
  return say(`It ended with exit code ${result.exitCode}.${hint}`);
}
