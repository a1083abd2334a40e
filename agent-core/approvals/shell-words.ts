/** A small reader of shell text: enough to know simple commands, never enough to run them. (pure) */

/**
 * The simple commands of `script` in order, each as its words, or null when it holds anything whose effect cannot be
 * told from its words (substitution, redirection into files, control flow, background, unbalanced quotes).
 */
export function simpleCommands(script: string): { words: string[]; joinedBy: string }[] | null {
  const commands: { words: string[]; joinedBy: string }[] = [];
  let words: string[] = [];
  let word: string | null = null;
  let joinedBy = '';
  const endWord = () => {
    if (word !== null) words.push(word);
    word = null;
  };
  const endCommand = (operator: string): boolean => {
    endWord();
    if (words.length === 0) return false;
    commands.push({ words, joinedBy });
    words = [];
    joinedBy = operator;
    return true;
  };
  for (let i = 0; i < script.length; i++) {
    const char = script[i] as string;
    if (char === "'") {
      const end = script.indexOf("'", i + 1);
      if (end < 0) return null;
      word = (word ?? '') + script.slice(i + 1, end);
      i = end;
    } else if (char === '"') {
      word ??= '';
      for (i++; script[i] !== '"'; i++) {
        const inner = script[i];
        if (inner === undefined || inner === '`' || (inner === '$' && /[\w({@*#?$!-]/.test(script[i + 1] ?? '')))
          return null;
        if (inner === '\\' && /[$`"\\\n]/.test(script[i + 1] ?? '')) i++;
        word += script[i];
      }
    } else if (char === '\\') {
      if (script[i + 1] === undefined) return null;
      i++;
      if (script[i] !== '\n') word = (word ?? '') + script[i];
    } else if (char === ' ' || char === '\t') {
      endWord();
    } else if (char === '\n' || char === ';') {
      if (!endCommand(';') && char === ';') return null;
    } else if (char === '|' || char === '&') {
      const double = script[i + 1] === char;
      if (char === '&' && !double) return null;
      if (!endCommand(double ? char + char : char)) return null;
      if (double) i++;
    } else if (char === '#' && word === null) {
      const end = script.indexOf('\n', i);
      i = (end < 0 ? script.length : end) - 1;
    } else if (
      char === '>' &&
      /^2?$/.test(word ?? '') &&
      /^>(?:&[12]|\s*\/dev\/null)(?=[\s;|&]|$)/.test(script.slice(i))
    ) {
      // Only stderr put aside or joined: says nothing of what the command does.
      i += (/^>(?:&[12]|\s*\/dev\/null)/.exec(script.slice(i))?.[0].length ?? 1) - 1;
      word = null;
    } else if (/[<>()`]/.test(char)) {
      return null;
    } else if (char === '$' && /[\w({@*#?$!-]/.test(script[i + 1] ?? '')) {
      return null;
    } else if (/[{}~!]/.test(char) && word === null) {
      return null;
    } else word = (word ?? '') + char;
  }
  endWord();
  if (words.length > 0) commands.push({ words, joinedBy });
  else if (joinedBy !== '' && joinedBy !== ';') return null;
  return commands.some(({ words: [first] }) => controlWords.has(first ?? '')) ? null : commands;
}

const controlWords = new Set(
  'if then elif else fi for while until do done case esac select function time eval'.split(' '),
);

/** A word as it has to be written for the shell to read it as one. */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
