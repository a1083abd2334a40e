// No source file over 450 lines; those over 300 are named, to be looked at.
import { pathToFileURL } from 'node:url';
import { readAll, report, SOURCE_TOPS, sourceFiles } from './files.mjs';

const HARD = 450;
const WANTED = 300;

const isSource = (file) => /\.(tsx?|mjs|cjs|css|c|h)$/.test(file) && !/\.generated\.\w+$/.test(file);

export function linesOf(text) {
  return text === '' ? 0 : text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

/** `{ problems, long }`: files over the hard limit, and those over the wanted one, longest first. */
export function checkSizes(files = readAll(sourceFiles([...SOURCE_TOPS, '.ci'], isSource))) {
  const long = [...files]
    .map(([file, text]) => ({ file, lines: linesOf(text) }))
    .filter(({ lines }) => lines > WANTED)
    .sort((a, b) => b.lines - a.lines);
  return {
    long,
    problems: long
      .filter(({ lines }) => lines > HARD)
      .map(({ file, lines }) => `${file} has ${lines} lines; ${HARD} is the limit: split it`),
  };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { long, problems } = checkSizes();
  for (const { file, lines } of long) console.log(`  ${lines} lines  ${file}`);
  if (!report('sizes', problems)) process.exit(1);
  console.log(`No file is over ${HARD} lines, ${long.length} over ${WANTED}.`);
}
