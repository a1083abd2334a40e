/** `gantry app-server generate-ts` and `generate-json-schema`, and what is generated into the repository. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { describeProtocol } from './definitions.ts';
import { type Files, type GenerateOptions, jsonSchemaFiles, typeScriptFiles } from './files.ts';

/** Writes the protocol's types as TypeScript below `dir`, which is made if need be. Returns how many files. */
export function generateTypeScript(dir: string, options: GenerateOptions = { experimental: false }): number {
  return writeAll(dir, typeScriptFiles(describeProtocol(), options));
}

/** Writes the protocol's types as JSON Schema (draft 7) below `dir`, which is made if need be. Returns how many files. */
export function generateJsonSchema(dir: string, options: GenerateOptions = { experimental: false }): number {
  return writeAll(dir, jsonSchemaFiles(describeProtocol(), options));
}

export type GenerateOutcome = { exitCode: number; message: string };

const usage = 'usage: gantry app-server generate-ts|generate-json-schema --out DIR [--experimental]';

/**
 * `argv` is what follows `app-server`: the command, `--out DIR`, `--experimental`. Never throws: what went wrong is in
 * `message`, one line for a person.
 */
export function runGenerate(argv: readonly string[]): GenerateOutcome {
  const [command, ...rest] = argv;
  const generate = command === 'generate-ts' ? generateTypeScript : generateJsonSchema;
  if (command !== 'generate-ts' && command !== 'generate-json-schema') return { exitCode: 2, message: usage };
  try {
    const { values } = parseArgs({
      args: rest,
      options: { out: { type: 'string', short: 'o' }, experimental: { type: 'boolean', default: false } },
    });
    if (values.out === undefined) return { exitCode: 2, message: `--out is missing; ${usage}` };
    const count = generate(values.out, { experimental: values.experimental });
    return { exitCode: 0, message: `${count} files in ${values.out}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { exitCode: 1, message: `${reason}; ${usage}` };
  }
}

function writeAll(dir: string, files: Files): number {
  for (const [name, text] of files) {
    const file = path.join(dir, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return files.size;
}
