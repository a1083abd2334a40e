// Finds the imports of a TypeScript file without a compiler: comments, strings and templates are told apart first,
// so that an `import` inside any of them is not taken for one.

const REGEX_MAY_FOLLOW =
  /(?:^|[(,=:[!&|?{};+\-*%~^<>]|\b(?:return|typeof|case|in|of|do|else|void|delete|await|yield))\s*$/;

/** End (exclusive) of the string that starts at `i`, or -1 when its line ends first (an apostrophe in JSX text). */
function endOfString(text, i) {
  const quote = text[i];
  for (let j = i + 1; j < text.length; j++) {
    if (text[j] === '\\') j++;
    else if (text[j] === quote) return j + 1;
    else if (text[j] === '\n') return -1;
  }
  return -1;
}

function endOfRegex(text, i) {
  let inClass = false;
  for (let j = i + 1; j < text.length && text[j] !== '\n'; j++) {
    if (text[j] === '\\') j++;
    else if (text[j] === '[') inClass = true;
    else if (text[j] === ']') inClass = false;
    else if (text[j] === '/' && !inClass) return j + 1;
  }
  return -1;
}

/** The code with comments, regexes and template text blanked, and each string replaced by a quoted index into `strings`. */
function reduce(text) {
  const strings = [];
  const templates = []; // for each template we are inside of: depth of braces in its current ${ }
  let out = '';
  let i = 0;
  const skipTemplateText = () => {
    while (i < text.length) {
      if (text[i] === '\\') i += 2;
      else if (text[i] === '`') {
        i++;
        return;
      } else if (text.startsWith('${', i)) {
        i += 2;
        templates.push(0);
        return;
      } else i++;
    }
  };
  while (i < text.length) {
    const c = text[i];
    if (text.startsWith('//', i)) {
      const end = text.indexOf('\n', i);
      i = end < 0 ? text.length : end;
    } else if (text.startsWith('/*', i)) {
      const end = text.indexOf('*/', i + 2);
      i = end < 0 ? text.length : end + 2;
      out += ' ';
    } else if (c === '"' || c === "'") {
      const end = endOfString(text, i);
      if (end < 0) {
        i++;
        continue;
      }
      out += `"${strings.push(text.slice(i + 1, end - 1)) - 1}"`;
      i = end;
    } else if (c === '`') {
      i++;
      out += ' 0 ';
      skipTemplateText();
    } else if (c === '}' && templates.at(-1) === 0) {
      templates.pop();
      i++;
      out += ' ; ';
      skipTemplateText();
    } else if (c === '/' && REGEX_MAY_FOLLOW.test(out.slice(-40)) && endOfRegex(text, i) > 0) {
      i = endOfRegex(text, i);
      out += ' 0 ';
    } else {
      if (templates.length && c === '{') templates[templates.length - 1]++;
      if (templates.length && c === '}') templates[templates.length - 1]--;
      out += c;
      i++;
    }
  }
  return { code: out, strings };
}

// One character class, so that the match stays linear: what lies between the keyword and `from`.
const STATIC = /(?<![\w$.])(?:import|export)(?=[\s{*])([\w$*\s,{}]*?)(?<![\w$])from\s*"(\d+)"/g;
const BARE = /(?<![\w$.])import\s*"(\d+)"/g;
const CALL = /(?<![\w$.])(?:import|require(?:\.resolve)?)\s*\(\s*"(\d+)"/g;

/** Every import of a file as `{ specifier, typeOnly, dynamic }`, in no particular order. */
export function scanImports(text) {
  const { code, strings } = reduce(text);
  const found = [];
  for (const [, clause, index] of code.matchAll(STATIC)) {
    const typeOnly = /^\s+type(?:\s+(?=[\w$])|\s*(?=[{*]))/.test(clause);
    found.push({ specifier: strings[index], typeOnly, dynamic: false });
  }
  for (const [, index] of code.matchAll(BARE))
    found.push({ specifier: strings[index], typeOnly: false, dynamic: false });
  for (const [, index] of code.matchAll(CALL))
    found.push({ specifier: strings[index], typeOnly: false, dynamic: true });
  return found;
}
