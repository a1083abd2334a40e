import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import makefile from 'highlight.js/lib/languages/makefile';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import powershell from 'highlight.js/lib/languages/powershell';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const LANGUAGES = {
  bash,
  c,
  cpp,
  csharp,
  css,
  diff,
  dockerfile,
  go,
  ini,
  java,
  javascript,
  json,
  kotlin,
  makefile,
  markdown,
  php,
  powershell,
  python,
  ruby,
  rust,
  shell,
  sql,
  swift,
  typescript,
  xml,
  yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** File endings that are not themselves a name or alias of a language. */
const ENDINGS: Record<string, string> = {
  mts: 'typescript',
  cts: 'typescript',
  svelte: 'xml',
  vue: 'xml',
  toml: 'ini',
  lock: 'yaml',
  h: 'c',
  scss: 'css',
  less: 'css',
  jsonc: 'json',
  jsonl: 'json',
};

/** Text of one style; `className` is empty or hljs's classes. */
export type Segment = { text: string; className: string };

/** The language of a fence's info string or a file's ending, if it can be highlighted. */
export function languageOf(name: string): string | null {
  const lower = name.toLowerCase();
  const id = ENDINGS[lower] ?? lower;
  return id && hljs.getLanguage(id) ? id : null;
}

export function languageOfPath(path: string): string | null {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return languageOf(name.includes('.') ? name.slice(name.lastIndexOf('.') + 1) : name);
}

/** `code` in styled pieces whose texts put together are `code`. An unknown language gives one plain piece. */
export function highlight(code: string, language: string | null): Segment[] {
  if (!language) return [{ text: code, className: '' }];
  return segmentsOf(hljs.highlight(code, { language, ignoreIllegals: true }).value);
}

const ENTITIES: Record<string, string> = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" };

/** Takes hljs's own markup (spans and five entities) apart, so that no HTML has to be put into the page. */
function segmentsOf(html: string): Segment[] {
  const segments: Segment[] = [];
  const stack: string[] = [];
  for (const [token, opened] of html.matchAll(/<span class="([^"]*)">|<\/span>|[^<]+/g)) {
    if (opened !== undefined) stack.push(opened);
    else if (token === '</span>') stack.pop();
    else
      segments.push({
        text: token.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity),
        className: stack.at(-1) ?? '',
      });
  }
  return segments;
}
