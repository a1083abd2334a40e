import { configJsonSchemaText } from '../config/json-schema.ts';
import { describeProtocol } from './definitions.ts';
import type { Files } from './files.ts';
import { referenceMarkdown } from './reference.ts';

/** What is generated from the protocol and kept in the repository, by path from its root. */
export function committedFiles(): Files {
  const document = describeProtocol();
  return new Map([
    ['test/fixtures/protocol.schema.json', `${JSON.stringify(document, null, 2)}\n`],
    ['agent-core/protocol/README.md', referenceMarkdown(document)],
    ['media/config.schema.json', configJsonSchemaText()],
  ]);
}
