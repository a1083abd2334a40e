/** Bytes and text of a file, so that whatever is not changed comes out byte for byte as it went in. */
import * as vscode from 'vscode';
import { plain, withLineEnds } from './plain-text.ts';

/** How a file holds its text. `raw` has its own line ends and no BOM; `isExact`: it makes the same bytes again. */
export type FileText = { text: string; raw: string; encoding: string; bom: readonly number[]; isExact: boolean };

const BOMS: readonly { encoding: string; bytes: readonly number[] }[] = [
  { encoding: 'utf8bom', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf16be', bytes: [0xfe, 0xff] },
];

/** What is tried for a file whose encoding the editor has guessed, besides the candidates that the user set. */
const GUESSES = ['utf8', 'windows1252', 'windows1251', 'shiftjis', 'eucjp', 'gb18030', 'gbk', 'big5hkscs', 'euckr'];

/** Enough of a file to see that it is UTF-16 without a BOM, which has a zero in every other byte of plain words. */
const SNIFFED = 512;

/** Null for a binary file. `known` is the encoding of the document that shows the file. */
export async function decodeFile(bytes: Uint8Array, uri: vscode.Uri, known?: string): Promise<FileText | null> {
  const mark = BOMS.find((one) => one.bytes.every((byte, index) => bytes[index] === byte));
  const content = mark ? bytes.subarray(mark.bytes.length) : bytes;
  const wide = mark?.encoding.startsWith('utf16')
    ? mark.encoding
    : known?.startsWith('utf16')
      ? known
      : sniffed(content);
  if (!wide && content.includes(0)) return null;
  const encoding = mark?.encoding ?? wide ?? known ?? (await configured(content, uri));
  const raw = await decode(content, encoding);
  const bom = mark?.bytes ?? [];
  const isExact = Buffer.from(await encode(raw, encoding, bom)).equals(bytes);
  return { text: plain(raw), raw, encoding, bom, isExact };
}

/** Null when the file's encoding cannot hold the text. `text` is plain. */
export async function encodeFile({ raw, encoding, bom }: FileText, text: string): Promise<Uint8Array | null> {
  const wanted = withLineEnds(raw, text);
  const bytes = await encode(wanted, encoding, bom);
  return (await decode(bytes.subarray(bom.length), encoding)) === wanted ? bytes : null;
}

/** A new file as the user's settings have it. `text` is plain. */
export async function encodeNewFile(text: string, uri: vscode.Uri): Promise<Uint8Array> {
  const end = vscode.workspace.getConfiguration('files', uri).get<string>('eol');
  return vscode.workspace.encode(end === '\r\n' ? text.replaceAll('\n', end) : text, { uri });
}

const isUtf8 = (encoding: string) => encoding === 'utf8' || encoding === 'utf8bom';

async function decode(content: Uint8Array, encoding: string): Promise<string> {
  const text = isUtf8(encoding)
    ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(content)
    : await vscode.workspace.decode(content, { encoding });
  return text;
}

async function encode(raw: string, encoding: string, bom: readonly number[]): Promise<Uint8Array> {
  const content = isUtf8(encoding) ? Buffer.from(raw) : await vscode.workspace.encode(raw, { encoding });
  // The editor puts a BOM of its own before UTF-16; the file's own counts, also where it has none.
  const own = BOMS.find((one) => one.encoding === encoding)?.bytes ?? [];
  const hasOwn = own.length > 0 && !isUtf8(encoding) && own.every((byte, index) => content[index] === byte);
  return Buffer.concat([Buffer.from(bom), hasOwn ? content.subarray(own.length) : content]);
}

/** UTF-16 without a BOM, by where the zeros are; undefined for everything else. */
function sniffed(content: Uint8Array): string | undefined {
  const head = content.subarray(0, SNIFFED);
  let even = 0;
  let odd = 0;
  head.forEach((byte, index) => {
    if (byte !== 0) return;
    if (index % 2 === 0) even++;
    else odd++;
  });
  if (odd > 0 && even === 0 && odd >= head.length / 4) return 'utf16le';
  if (even > 0 && odd === 0 && even >= head.length / 4) return 'utf16be';
  return undefined;
}

/** What the editor would open the file with. It says only the text, not the encoding that it has guessed. */
async function configured(content: Uint8Array, uri: vscode.Uri): Promise<string> {
  const files = vscode.workspace.getConfiguration('files', uri);
  const encoding = files.get<string>('encoding') ?? 'utf8';
  if (!files.get<boolean>('autoGuessEncoding')) return encoding === 'utf8bom' ? 'utf8' : encoding;
  const guessed = await vscode.workspace.decode(content, { uri });
  for (const candidate of new Set([encoding, ...(files.get<string[]>('candidateGuessEncodings') ?? []), ...GUESSES])) {
    if ((await decode(content, candidate)) === guessed) return candidate;
  }
  return encoding;
}
