// The source files that the checks look at.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './node.mjs';

const SKIPPED = new Set(['node_modules', 'dist', 'fixtures', '.editor', '.test-output', '.git']);

/** Paths below the repository, with `/`, of every file under `tops` that `wanted` accepts; fixtures and built files are left out. */
export function sourceFiles(tops, wanted) {
  const files = [];
  const walk = (dir) => {
    for (const entry of readdirSync(path.join(root, dir), { withFileTypes: true })) {
      const file = `${dir}/${entry.name}`;
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) walk(file);
      } else if (wanted(file)) files.push(file);
    }
  };
  for (const top of tops) if (existsSync(path.join(root, top))) walk(top);
  return files.sort();
}

/** Reads files into a map from path to text. */
export function readAll(files) {
  return new Map(files.map((file) => [file, readFileSync(path.join(root, file), 'utf8')]));
}

export const SOURCE_TOPS = ['extension', 'webview', 'agent-core', 'sandbox', 'test'];

/** Prints problems and returns whether there were none; `name` heads the list. */
export function report(name, problems) {
  if (problems.length === 0) return true;
  console.error(`${name}: ${problems.length} problem(s)`);
  for (const problem of problems) console.error(`  ${problem}`);
  return false;
}
