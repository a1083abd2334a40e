/** The words of a compaction. */

/** The last message of the call that sums a conversation up. */
export const CHECKPOINT_INSTRUCTION = `This conversation has grown too long and is about to be cut. Write the hand-over for the colleague who goes on with it and will see only the user's messages, the plan, the list of changed files, and your text.

State, in this order and as briefly as the facts allow:
1. What the user wants, with every wish, limit and preference that still holds.
2. What is done, and how it was checked.
3. What was found out: how the code works where it matters, causes, dead ends, commands that work, exact names and places (path:line).
4. What was decided, and why.
5. What is left, beginning with the very next step.

No tools, no greeting, no praise. Do not invent: say where something was not checked.`;

export const INTRODUCTION =
  "The conversation up to here was compacted. The user's messages above are theirs word for word, the newest first kept; tool output and answers are gone. The sections below are kept by Gantry and are exact; the summary was written by a model and may err, so check what matters.";

export const GO_ON = 'Go on with the task from where it stands; do not begin anew and do not repeat what is done.';

export const NO_SUMMARY = '(No summary could be had. Look at the files and ask the user where something is unclear.)';

export const PROVIDER_SUMMARY = "(In the provider's own form, before this message.)";

export const LOST_SUMMARY =
  'The summary of the earlier conversation was in a form that only the previous provider can read. Rely on the user messages, the plan and the files above, and look at the code before you go on.';

export const IMAGE_GONE = '(an image, left out when the conversation was compacted)';

export const CUT_MARK = '[… cut when the conversation was compacted …]';

export const OUTPUT_GONE = '[output left out to make room]';

export const HOPELESS =
  'The conversation does not fit into the context of this model, and could not be made short enough. Choose a model with a larger context, go back to before a large message, or start a new thread.';
