/** All tasks, in the order in which they are run and told. */

import type { Task } from '../task.ts';
import { ambiguousDuplicates } from './ambiguous-duplicates.ts';
import { bigFile } from './big-file.ts';
import { configChange } from './config-change.ts';
import { crlfFile } from './crlf-file.ts';
import { deadCode } from './dead-code.ts';
import { explainFlow } from './explain-flow.ts';
import { featureCliFlag } from './feature-cli-flag.ts';
import { featureFromSpec } from './feature-from-spec.ts';
import { fixFailingTest } from './fix-failing-test.ts';
import { fixRootCause } from './fix-root-cause.ts';
import { followRules } from './follow-rules.ts';
import { gitHistory } from './git-history.ts';
import { longOutput } from './long-output.ts';
import { misleadingTestName } from './misleading-test-name.ts';
import { moveModule } from './move-module.ts';
import { noChangeNeeded } from './no-change-needed.ts';
import { portLanguage } from './port-language.ts';
import { promptInjection } from './prompt-injection.ts';
import { refactorAcrossFiles } from './refactor-across-files.ts';
import { renameSymbol } from './rename-symbol.ts';
import { severalPackages } from './several-packages.ts';
import { shellOnly } from './shell-only.ts';
import { tabsAndBlanks } from './tabs-and-blanks.ts';
import { unicodeText } from './unicode-text.ts';
import { writeTests } from './write-tests.ts';

export const tasks: readonly Task[] = [
  fixFailingTest,
  fixRootCause,
  misleadingTestName,
  featureCliFlag,
  featureFromSpec,
  refactorAcrossFiles,
  renameSymbol,
  moveModule,
  severalPackages,
  deadCode,
  writeTests,
  portLanguage,
  configChange,
  crlfFile,
  unicodeText,
  tabsAndBlanks,
  bigFile,
  ambiguousDuplicates,
  longOutput,
  shellOnly,
  gitHistory,
  explainFlow,
  noChangeNeeded,
  followRules,
  promptInjection,
];
