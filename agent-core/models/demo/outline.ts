/** A plain outline of code: what is declared where, what it takes in from elsewhere. No meaning is guessed. */
import type { Attached } from './conversation.ts';
import { blocks, relativeImports } from './source.ts';

const counts: readonly { noun: string; find: RegExp }[] = [
  { noun: 'loop', find: /\b(?:for|while)\s*\(|\.(?:forEach|map|filter|reduce)\(/g },
  { noun: 'branch', find: /\bif\s*\(|\bcase\b|\?\?|\s\?\s/g },
  { noun: 'return', find: /\breturn\b/g },
  { noun: 'await', find: /\bawait\b/g },
  { noun: 'throw', find: /\bthrow\b/g },
];

const plural = (n: number, noun: string): string =>
  `${n} ${n === 1 ? noun : noun === 'branch' ? 'branches' : `${noun}s`}`;

/** Markdown that lists the declarations of the attached code with their lines, and counts what is in each. */
export function outline(code: Attached): string {
  const last = code.startLine + code.lines.length - 1;
  const declared = blocks(code.lines);
  const rows = declared.map((block) => {
    const body = code.lines.slice(block.start - 1, block.end).join('\n');
    const parts = counts.map(({ noun, find }) => ({ noun, n: body.match(find)?.length ?? 0 })).filter(({ n }) => n > 0);
    const doc = comment(code.lines, block.start - 1);
    const at = `${code.path}:${code.startLine + block.start - 1}`;
    return `- ${block.kind} **${block.name}** (\`${at}\`)${doc ? `: ${doc}` : ''}${parts.length > 0 ? ` — ${parts.map(({ n, noun }) => plural(n, noun)).join(', ')}` : ''}`;
  });
  const imports = relativeImports(code.lines);
  const lines = [
    `**${code.path}**, lines ${code.startLine} to ${last}: ${plural(code.lines.length, 'line')}, ${plural(declared.length, 'declaration')}.`,
    rows.length > 0 ? rows.join('\n') : 'Nothing is declared here; it is a piece of a larger block.',
  ];
  if (imports.length > 0) lines.push(`It takes in ${imports.map((path) => `\`${path}\``).join(', ')}.`);
  lines.push(
    '_This is an outline, not an explanation: the demo model is no AI. **Gantry: Set API Key** sets a real one up._',
  );
  return lines.join('\n\n');
}

/** The sentence of a comment that ends right above a declaration. */
function comment(lines: readonly string[], at: number): string | null {
  const above = lines[at - 1]?.trim() ?? '';
  const text = /^(?:\/\*\*?|\*|\/\/|#)\s*(.*?)\s*(?:\*\/)?$/.exec(above)?.[1];
  return text || null;
}
