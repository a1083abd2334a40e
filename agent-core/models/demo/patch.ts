/** Writes patches in the `apply_patch` form from line replacements. */

export type Replacement = { line: number; before: string; after: string };
export type FileEdit = { path: string; lines: readonly string[]; replacements: readonly Replacement[] };

const CONTEXT = 3;

/** One patch over several files; replacements whose context would touch share a hunk. Lines are 1-based. */
export function buildPatch(edits: readonly FileEdit[]): string {
  const body = edits.map((edit) => `*** Update File: ${edit.path}\n${hunks(edit)}`).join('\n');
  return `*** Begin Patch\n${body}\n*** End Patch\n`;
}

/** How many hunks `buildPatch` makes of an edit. */
export const countHunks = (edit: FileEdit): number => groups(edit.replacements).length;

function groups(replacements: readonly Replacement[]): Replacement[][] {
  const sorted = [...replacements].sort((a, b) => a.line - b.line);
  const out: Replacement[][] = [];
  for (const r of sorted) {
    const last = out.at(-1);
    if (last && r.line - (last.at(-1) as Replacement).line <= 2 * CONTEXT) last.push(r);
    else out.push([r]);
  }
  return out;
}

function hunks(edit: FileEdit): string {
  return groups(edit.replacements)
    .map((group) => {
      const first = Math.max(1, (group[0] as Replacement).line - CONTEXT);
      const last = Math.min(edit.lines.length, (group.at(-1) as Replacement).line + CONTEXT);
      const out = ['@@'];
      for (let n = first; n <= last; n++) {
        const change = group.find((r) => r.line === n);
        if (change) out.push(`-${change.before}`, `+${change.after}`);
        else if (!(n === edit.lines.length && edit.lines[n - 1] === '')) out.push(` ${edit.lines[n - 1]}`);
      }
      return out.join('\n');
    })
    .join('\n');
}
