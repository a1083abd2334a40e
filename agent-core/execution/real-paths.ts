/** Real paths, as the sandbox finds them: what is compared is never the spelling that a user or a model chose. */
import { createResolver } from '../../sandbox/index.ts';

export { createResolver, isUnder, type Resolver } from '../../sandbox/index.ts';

/** The real path; where its end does not exist yet, the real path of what does, plus the rest. */
export const realish = (file: string): string => createResolver().realish(file);
