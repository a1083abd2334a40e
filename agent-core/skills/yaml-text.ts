/** YAML with the lines of its keys. Loads the parser, so it is imported only once there is YAML to read. */
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';

export type YamlText =
  | { ok: true; value: unknown /** 1 for a key that is not there. */; lineOf: (key: string) => number }
  | { ok: false; line: number; message: string };

/** `lineBefore`: how many lines of the file precede the text. */
export function parseYaml(yaml: string, lineBefore: number): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(yaml, { lineCounter: lines, prettyErrors: false });
  const lineAt = (offset: number) => lines.linePos(offset).line + lineBefore;
  const [error] = document.errors;
  if (error) return { ok: false, line: lineAt(error.pos[0]), message: error.message };
  const lineOf = (key: string): number => {
    const pairs = isMap(document.contents) ? document.contents.items : [];
    const found = pairs.find((pair) => isScalar(pair.key) && pair.key.value === key);
    const range = found && isScalar(found.key) ? found.key.range : null;
    return range ? lineAt(range[0]) : 1;
  };
  try {
    // An anchor that is repeated without end must not become a text without end.
    return { ok: true, value: document.toJS({ maxAliasCount: 20 }), lineOf };
  } catch (failure) {
    return { ok: false, line: lineBefore + 1, message: failure instanceof Error ? failure.message : String(failure) };
  }
}
