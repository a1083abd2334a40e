/** `apply_patch`: edits files by a patch in Codex's language. */
import * as z from 'zod';
import { parseArguments } from './arguments.ts';
import { runPatch } from './file-change.ts';
import { PATCH_GRAMMAR } from './patch-parser.ts';
import { rejected, type Tool } from './tool.ts';

const NAME = 'apply_patch';

const FORMAT = `*** Begin Patch
*** Add File: path
+every line of the new file
*** Update File: path
*** Move to: new/path            (optional)
@@ a line above, when the context is not unique   (or just @@)
 context line
-removed line
+added line
*** End of File                  (only when the hunk ends the file)
*** Delete File: path
*** End Patch`;

const argumentsSchema = z.object({ input: z.string('the whole patch as one string') });

export const applyPatch: Tool = {
  name: NAME,
  parallel: false,
  spec(model) {
    if (model.supportsFreeformTools) {
      const description = `Adds, edits, moves and deletes files. The input is the patch itself, not JSON:\n${FORMAT}`;
      return { kind: 'freeform', name: NAME, description, grammar: PATCH_GRAMMAR };
    }
    return {
      kind: 'function',
      name: NAME,
      description: `Adds, edits, moves and deletes files. "input" is a patch:\n${FORMAT}`,
      parameters: {
        type: 'object',
        properties: { input: { type: 'string', description: 'The whole patch.' } },
        required: ['input'],
        additionalProperties: false,
      },
    };
  },
  async run(input, context) {
    // Either form is taken whichever was advertised: a patch never begins with a brace.
    if (!input.trimStart().startsWith('{')) return runPatch(input, context.settings.cwd, context);
    const parsed = await parseArguments(argumentsSchema, NAME, input);
    return parsed.ok ? runPatch(parsed.value.input, context.settings.cwd, context) : rejected(parsed.problem);
  },
};
