/** What a reviewer is told, and what is made of its answer. (pure) */
import { isAbsolute, relative } from 'node:path';
import * as z from 'zod/mini';

export const REVIEW_INSTRUCTIONS = `You now review code that somebody else changed. You are the last reader before it is merged: find what its author would want to mend, and nothing else.

A finding
- is a fault that this change brings in: wrong results, crashes, lost data, security holes, races, leaks, broken callers, needless slowness that users would notice. Faults that were there before, and taste, are none.
- can be shown: name the input or the order of events under which it happens. Follow the code as far as that takes; read the callers and the tests. What you only suspect is no finding.
- stands alone, is short, matter-of-fact and kind, and points at the smallest range of changed lines that shows it.
Report every one that qualifies; none is a good answer too.

You may run commands that read (git diff, git log, rg, tests that write nothing). You cannot change files.

Answer with one JSON object and nothing else:
{"findings":[{"title":"[P1] what is wrong, in one line","body":"why, when, and what to do, in one paragraph","priority":1,"confidence_score":0.9,"code_location":{"absolute_file_path":"/…","line_range":{"start":1,"end":2}}}],"overall_correctness":"patch is correct" or "patch is incorrect","overall_explanation":"one to three sentences","overall_confidence_score":0.8}
Priorities: 0 blocks everything, 1 mend before merging, 2 mend soon, 3 nice to have.`;

const number = z.catch(z.optional(z.number()), undefined);
const text = z.catch(z.string(), '');

const finding = z.object({
  title: text,
  body: text,
  priority: number,
  confidence_score: number,
  code_location: z.catch(
    z.optional(
      z.object({
        absolute_file_path: z.string(),
        line_range: z.catch(z.optional(z.object({ start: z.number(), end: z.number() })), undefined),
      }),
    ),
    undefined,
  ),
});

const output = z.object({
  findings: z.catch(z.array(finding), []),
  overall_correctness: text,
  overall_explanation: text,
});
export type ReviewOutput = z.infer<typeof output>;
type Finding = ReviewOutput['findings'][number];

/** Lenient: JSON with words around it is found, and what is no JSON at all is taken as the explanation. */
export function parseReview(answer: string): ReviewOutput {
  const begin = answer.indexOf('{');
  const end = answer.lastIndexOf('}');
  const tries = [answer, begin >= 0 && end > begin ? answer.slice(begin, end + 1) : null];
  for (const one of tries) {
    if (one === null) continue;
    try {
      const parsed = output.safeParse(JSON.parse(one));
      if (parsed.success) return parsed.data;
    } catch {
      // Tried in the next form.
    }
  }
  return { findings: [], overall_correctness: '', overall_explanation: answer.trim() };
}

/** For people: Markdown, with places from `cwd`. */
export function renderReview(review: ReviewOutput, cwd: string): string {
  const findings = review.findings.filter(({ title, body }) => title || body);
  const head = [review.overall_explanation.trim()].filter(Boolean);
  if (findings.length === 0) return head.join('') || 'The review found nothing to report.';
  const count = findings.length === 1 ? 'Review comment:' : `Review comments (${findings.length}):`;
  return [...head, count, ...findings.map((one) => findingText(one, cwd))].join('\n\n');
}

function findingText({ title, body, code_location: place }: Finding, cwd: string): string {
  const lines = place?.line_range;
  const range = lines ? `:${lines.start}${lines.end > lines.start ? `-${lines.end}` : ''}` : '';
  const where = place ? ` — ${pathIn(cwd, place.absolute_file_path)}${range}` : '';
  const indented = body
    .trim()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
  return `- ${title.trim() || 'Finding'}${where}${body.trim() ? `\n${indented}` : ''}`;
}

function pathIn(cwd: string, path: string): string {
  const from = relative(cwd, path);
  return !isAbsolute(path) || from === '' || from.startsWith('..') ? path : from;
}
