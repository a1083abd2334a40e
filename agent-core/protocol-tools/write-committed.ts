// Writes what the repository keeps of the generated protocol: `npm run gen:protocol`.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { committedFiles } from './committed.ts';

for (const [name, text] of committedFiles()) {
  writeFileSync(fileURLToPath(new URL(`../../${name}`, import.meta.url)), text);
  console.log(name);
}
