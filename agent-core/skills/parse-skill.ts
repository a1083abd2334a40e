/** SKILL.md and its `agents/openai.yaml`, as texts. (pure but for loading the YAML parser late) */
import path from 'node:path';
import * as z from 'zod/mini';
import { imported } from '../late.ts';
import type { SkillDependencies, SkillInterface } from '../protocol/index.ts';

const MOST_NAME_CHARS = 64;
const MOST_DESCRIPTION_CHARS = 1024;

const frontMatter = z.object({
  name: z.optional(z.string('a text')),
  description: z.string('a text that says when the skill is useful'),
  metadata: z.optional(z.looseObject({ 'short-description': z.optional(z.unknown()) })),
  'disable-model-invocation': z.optional(z.boolean('true or false')),
});

const text = z.optional(z.string());
const extraFile = z.object({
  interface: z.optional(
    z.object({
      display_name: text,
      short_description: text,
      icon_small: text,
      icon_large: text,
      brand_color: text,
      default_prompt: text,
    }),
  ),
  dependencies: z.optional(
    z.object({
      tools: z.optional(
        z.array(
          z.object({
            type: z.string(),
            value: z.string(),
            description: text,
            transport: text,
            command: text,
            url: text,
          }),
        ),
      ),
    }),
  ),
  policy: z.optional(z.object({ allow_implicit_invocation: z.optional(z.boolean()) })),
});

export type SkillHead = { name: string; description: string; shortDescription: string | null; implicit: boolean };
export type SkillExtras = {
  interface: SkillInterface | null;
  dependencies: SkillDependencies | null;
  implicit: boolean | null;
};
/** `message` names the line, counted from 1, where that is known. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; message: string };

/** The YAML between the first two `---` lines, and the line that it begins after; null when there is none. */
function yamlOf(content: string): { yaml: string; line: number } | null {
  const lines = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  if (lines[0]?.trimEnd() !== '---') return null;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  return end === -1 ? null : { yaml: lines.slice(1, end).join('\n'), line: 1 };
}

type Yaml = { value: unknown; lineOf: (key: string) => number };

async function parseYaml(yaml: string, lineBefore: number): Promise<Parsed<Yaml>> {
  const parser = await imported(import('./yaml-text.ts'));
  const parsed = parser.parseYaml(yaml, lineBefore);
  return parsed.ok ? { ok: true, value: parsed } : { ok: false, message: `line ${parsed.line}: ${parsed.message}` };
}

/** One line, without what would break out of a list. */
const oneLine = (words: string): string => words.replace(/\s+/g, ' ').trim();

/** A skill without a name is called like its folder. */
export async function parseSkill(content: string, file: string): Promise<Parsed<SkillHead>> {
  const found = yamlOf(content);
  if (!found) {
    return {
      ok: false,
      message: 'line 1: the front matter is missing. Begin the file with ---, name, description, ---.',
    };
  }
  const parsed = await parseYaml(found.yaml, found.line);
  if (!parsed.ok) return parsed;
  const checked = frontMatter.safeParse(parsed.value.value);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const key = String(issue?.path[0] ?? '');
    const what = key === '' ? 'the front matter must be a table' : `${key} must be ${issue?.message ?? 'right'}`;
    return { ok: false, message: `line ${parsed.value.lineOf(key)}: ${what}` };
  }
  const wrong = (key: string, what: string): Parsed<SkillHead> => ({
    ok: false,
    message: `line ${parsed.value.lineOf(key)}: ${what}`,
  });
  const name = oneLine(checked.data.name ?? '') || path.basename(path.dirname(file));
  const description = oneLine(checked.data.description);
  if (name.length > MOST_NAME_CHARS) return wrong('name', `name has more than ${MOST_NAME_CHARS} characters`);
  if (description === '') return wrong('description', 'description is empty');
  if (description.length > MOST_DESCRIPTION_CHARS) {
    return wrong('description', `description has more than ${MOST_DESCRIPTION_CHARS} characters`);
  }
  const short = checked.data.metadata?.['short-description'];
  const shortDescription = typeof short === 'string' ? oneLine(short) : null;
  const implicit = checked.data['disable-model-invocation'] !== true;
  return { ok: true, value: { name, description, shortDescription, implicit } };
}

/** What a skill says to user interfaces; icons are paths inside the skill's folder. */
export async function parseExtras(content: string, folder: string): Promise<Parsed<SkillExtras>> {
  const parsed = await parseYaml(content, 0);
  if (!parsed.ok) return parsed;
  const checked = extraFile.safeParse(parsed.value.value ?? {});
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return { ok: false, message: `${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'not valid'}` };
  }
  const { interface: shown, dependencies, policy } = checked.data;
  const icon = (file: string | undefined): string | null => {
    if (file === undefined) return null;
    const whole = path.resolve(folder, file);
    return whole.startsWith(folder + path.sep) ? whole : null;
  };
  return {
    ok: true,
    value: {
      interface: shown
        ? {
            displayName: shown.display_name ?? null,
            shortDescription: shown.short_description ?? null,
            iconSmall: icon(shown.icon_small),
            iconLarge: icon(shown.icon_large),
            brandColor: shown.brand_color ?? null,
            defaultPrompt: shown.default_prompt ?? null,
          }
        : null,
      dependencies: dependencies?.tools ? { tools: dependencies.tools } : null,
      implicit: policy?.allow_implicit_invocation ?? null,
    },
  };
}
