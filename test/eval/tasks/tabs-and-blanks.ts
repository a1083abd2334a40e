import { SHORT, type Task } from '../task.ts';

/** Recipes begin with a tab, a line ends in two blanks, and the file has no newline at its end. */
const BEFORE = [
  '# Two blanks at the end of the next line are meant.',
  'FLAGS = -O2  ',
  '',
  'all: app',
  '',
  'app: main.o util.o',
  '\tcc $(FLAGS) -o app main.o util.o',
  '',
  'clean:',
  '\trm -f app *.o',
].join('\n');
const AFTER = BEFORE.replace('all: app', 'all: app test')
  .replace('clean:', 'test: app\n\t./app --self-test\n\nclean:')
  .replace('*.o', '*.o test.log');

export const tabsAndBlanks: Task = {
  name: 'tabs-and-blanks',
  measures: 'keeps tabs, blanks at the end of lines and a missing last newline',
  prompt:
    'In the Makefile: add a target test before clean (with a blank line after it) that depends on app and runs `./app --self-test`; add test to the prerequisites of all, after app; and let clean also remove test.log, as the last of its files. Leave the rest exactly as it is, white space too.',
  files: { Makefile: BEFORE },
  limits: SHORT,
  mayChange: [/^Makefile$/],
  check: async (work) => work.hasText('Makefile', AFTER),
  proof: {
    solution: { write: { Makefile: AFTER } },
    misses: {
      'blanks for a tab': { write: { Makefile: AFTER.replace('\t./app', '    ./app') } },
      'a newline at the end': { write: { Makefile: `${AFTER}\n` } },
      'blanks cut off': { write: { Makefile: AFTER.replace(/ +$/gm, '') } },
    },
  },
};
