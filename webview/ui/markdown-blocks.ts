import DOMPurify from 'dompurify';
import { Marked, type Token, type TokensList } from 'marked';

/** A top-level part of a Markdown text. Equal parts of two readings of a growing text are the same object. */
export type Block =
  | { key: number; kind: 'code'; code: string; info: string }
  | { key: number; kind: 'html'; html: string };

/** A text read so far; give it back with the longer text to read only what is new. */
export type Reading = {
  text: string;
  blocks: readonly Block[] /** Where each block begins in the text. */;
  starts: readonly number[];
};

const EMPTY: Reading = { text: '', blocks: [], starts: [] };

const PATH =
  /(?<![\w/.@:-])((?:\.{0,2}\/)?(?:[\w@.+-]+\/)*[\w@.+-]*\.[A-Za-z]\w{0,7})(?::(\d+)(?:[:-]\d+)?)?(?![\w/])/g;
const WHOLE_PATH = new RegExp(`^${PATH.source}$`);

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** A text that is a path with a directory or a line is one for sure; `a.ts` alone only inside backticks. */
function fileLink(label: string, path: string, line: string | undefined): string {
  return `<a href="#" class="file-link" data-path="${escapeHtml(path)}"${line ? ` data-line="${line}"` : ''}>${escapeHtml(label)}</a>`;
}

function linkPaths(text: string): string {
  let html = '';
  let from = 0;
  for (const match of text.matchAll(PATH)) {
    const [whole, path, line] = match;
    if (!path || (!line && !path.includes('/')) || /^\d|^\.+$/.test(path) || /^www\./.test(path)) continue;
    html += escapeHtml(text.slice(from, match.index)) + fileLink(whole, path, line);
    from = match.index + whole.length;
  }
  return html + escapeHtml(text.slice(from));
}

const decode = (text: string) =>
  text.replace(
    /&(?:amp|lt|gt|quot|#39);/g,
    (entity) => ({ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" })[entity] ?? entity,
  );

const SAFE_LINK = /^(?:https?:|mailto:)/i;

/** Our dialect: HTML is shown as text, images are links (nothing is ever loaded), paths can be opened. */
const markdown = new Marked({
  gfm: true,
  renderer: {
    html: (token) =>
      token.type === 'html' && token.block
        ? `<div class="raw-html">${escapeHtml(token.text.trimEnd())}</div>`
        : escapeHtml(token.text),
    text(token) {
      if ('tokens' in token && token.tokens) return this.parser.parseInline(token.tokens);
      return linkPaths(decode(token.text));
    },
    codespan({ text }) {
      const match = WHOLE_PATH.exec(text);
      const isPath =
        match?.[1] &&
        !/^\d/.test(match[1]) &&
        (text.includes('/') ||
          /\.(?:[cm]?[jt]sx?|json|md|py|rs|go|java|css|html|ya?ml|toml|sh|c|h|cpp|cs|rb|php|sql|txt|lock)(?::|$)/.test(
            text,
          ));
      return isPath
        ? `<code>${fileLink(text, match[1] as string, match[2])}</code>`
        : `<code>${escapeHtml(text)}</code>`;
    },
    link({ href, tokens }) {
      const inner = this.parser.parseInline(tokens).replace(/<\/?a\b[^>]*>/g, '');
      if (SAFE_LINK.test(href)) return `<a href="${escapeHtml(href)}" title="${escapeHtml(href)}">${inner}</a>`;
      const [path, line] = href.replace(/^file:\/\//, '').split(/[#:]L?/);
      const plain = path && !/^[a-z][a-z0-9+.-]*:/i.test(href.replace(/^file:/, '')) && !href.startsWith('#');
      return plain
        ? `<a href="#" class="file-link" data-path="${escapeHtml(path)}"${line && /^\d+$/.test(line) ? ` data-line="${line}"` : ''}>${inner}</a>`
        : inner;
    },
    image: ({ href, text }) =>
      SAFE_LINK.test(href)
        ? `<a href="${escapeHtml(href)}" title="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`
        : escapeHtml(text || 'image'),
    table(token) {
      const cell = (one: (typeof token.header)[number], tag: string) =>
        `<${tag}>${this.parser.parseInline(one.tokens)}</${tag}>`;
      const head = token.header.map((one) => cell(one, 'th')).join('');
      const rows = token.rows.map((row) => `<tr>${row.map((one) => cell(one, 'td')).join('')}</tr>`).join('');
      return `<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
    },
    listitem({ task, tokens }) {
      return `<li${task ? ' class="task"' : ''}>${this.parser.parse(tokens)}</li>`;
    },
    checkbox: ({ checked }) => (checked ? '☑ ' : '☐ '),
    // Headings of an answer stay below those of the thread.
    heading({ depth, tokens }) {
      const level = Math.min(6, depth + 2);
      return `<h${level} class="h${depth}">${this.parser.parseInline(tokens)}</h${level}>`;
    },
  },
});

/** Second line of defence behind the renderer: a short list of elements and attributes. */
const PURIFY = {
  ALLOWED_TAGS: [
    'a',
    'blockquote',
    'br',
    'code',
    'del',
    'div',
    'em',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'li',
    'ol',
    'p',
    'pre',
    'strong',
    'table',
    'tbody',
    'td',
    'th',
    'thead',
    'tr',
    'ul',
  ],
  ALLOWED_ATTR: ['class', 'href', 'start', 'title', 'data-path', 'data-line', 'tabindex', 'role', 'aria-label'],
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#)/i,
};

function render(token: Token, links: TokensList['links']): string {
  const list = Object.assign([token], { links }) as TokensList;
  return DOMPurify.sanitize(markdown.parser(list), PURIFY);
}

/**
 * Reads a Markdown text in blocks. Of a text that only grew, the blocks before the last one keep their identity and
 * are not read again. With `final`, everything is read once more, so that links defined at the end work.
 */
export function readMarkdown(text: string, before: Reading = EMPTY, final = false): Reading {
  const grew = text.length >= before.text.length && text.startsWith(before.text);
  if (grew && text.length === before.text.length && !final) return before;
  const keep = grew && !final ? Math.max(0, before.blocks.length - 1) : 0;
  let offset = before.starts[keep] ?? 0;
  if (keep === 0) offset = 0;
  const blocks = before.blocks.slice(0, keep);
  const starts = before.starts.slice(0, keep);
  const tokens = markdown.lexer(text.slice(offset));
  for (const token of tokens) {
    if (token.type !== 'space' && token.type !== 'def') {
      const key = blocks.length;
      const block: Block =
        token.type === 'code'
          ? { key, kind: 'code', code: token.text, info: token.lang ?? '' }
          : { key, kind: 'html', html: render(token, tokens.links) };
      blocks.push(reuse(before.blocks[key], block));
      starts.push(offset);
    }
    offset += token.raw.length;
  }
  return { text, blocks, starts };
}

function reuse(before: Block | undefined, block: Block): Block {
  if (before?.kind === 'code' && block.kind === 'code' && before.code === block.code && before.info === block.info)
    return before;
  return before?.kind === 'html' && block.kind === 'html' && before.html === block.html ? before : block;
}
