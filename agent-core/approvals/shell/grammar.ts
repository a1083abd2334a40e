/** The shell's grammar: tree-sitter and its bash grammar, which are loaded when the first command comes. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Tree } from 'web-tree-sitter';

/** Null: it took too long. The caller deletes the tree. */
export type ParseShell = (script: string) => Tree | null;

/** Of processor time, so that a busy machine reads what any other does. */
const LONGEST_US = 500_000;

/** Packed, they lie in the folder beside the core's. */
function fileOf(name: string, module: string): string {
  const packed = fileURLToPath(new URL(`../grammar/${name}`, import.meta.url));
  return existsSync(packed) ? packed : createRequire(import.meta.url).resolve(module);
}

/** V8's second compiler takes hundreds of megabytes for a moment, and a second of processor time, over this parser. */
const WITHOUT_SECOND_COMPILER = ['--liftoff-only', '--no-wasm-tier-up', '--no-wasm-dynamic-tiering'];

/** Rejects where there is no WebAssembly, or the files are gone. */
export async function loadGrammar(): Promise<ParseShell> {
  for (const flag of WITHOUT_SECOND_COMPILER) setFlagsFromString(flag);
  const { Language, Parser } = await import('web-tree-sitter');
  await Parser.init({
    locateFile: () => fileOf('web-tree-sitter.wasm', 'web-tree-sitter/web-tree-sitter.wasm'),
  });
  const path = fileOf('tree-sitter-bash.wasm', '@vscode/tree-sitter-wasm/wasm/tree-sitter-bash.wasm');
  const language = await Language.load(path);
  const parser = new Parser();
  parser.setLanguage(language);
  return (script) => {
    const { user, system } = process.cpuUsage();
    const isTooLong = () => {
      const now = process.cpuUsage();
      return now.user + now.system - user - system > LONGEST_US;
    };
    const tree = parser.parse(script, null, { progressCallback: isTooLong });
    // What was broken off would be gone on with.
    if (!tree) parser.reset();
    return tree;
  };
}
