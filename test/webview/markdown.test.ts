import './support/dom.ts';
import assert from 'node:assert/strict';

// Loaded after the page is there: the sanitiser looks for one when it is loaded.
const { readMarkdown } = await import('../../webview/ui/markdown-blocks.ts');

const html = (text: string) =>
  readMarkdown(text, undefined, true)
    .blocks.map((block) => (block.kind === 'html' ? block.html : `[${block.info}]${block.code}`))
    .join('');

describe('markdown', () => {
  const hostile = [
    '<script>alert(1)</script>',
    'a <img src=x onerror=alert(1)> b',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](command:workbench.action.quit)',
    '![x](https://example.com/pixel.png)',
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://example.com"></iframe>',
    '[x]("onmouseover="alert(1))',
    '`<img src=x onerror=alert(1)>`',
    '| <img onerror=alert(1) src=x> |\n|---|\n| <svg onload=alert(1)> |',
    '<style>body{display:none}</style>',
  ];
  for (const text of hostile) {
    it(`disarms ${text.slice(0, 40).replaceAll('\n', ' ')}`, () => {
      const page = document.createElement('div');
      page.innerHTML = html(text);
      assert.equal(page.querySelectorAll('script, img, iframe, style, svg, object, form').length, 0);
      for (const element of page.querySelectorAll('*')) {
        for (const { name, value } of element.attributes) {
          assert.ok(!name.startsWith('on') && name !== 'src' && name !== 'style', `${name}=${value}`);
          if (name === 'href') assert.match(value, /^(https?:|mailto:|#)/);
        }
      }
    });
  }

  it('shows HTML as the text it is', () => {
    const page = document.createElement('div');
    page.innerHTML = html('Use <Button kind="x"> and 1 < 2 &amp; so on');
    assert.equal(page.textContent?.trim(), 'Use <Button kind="x"> and 1 < 2 & so on');
  });

  const links = [
    ['see src/a.ts:12 now', 'src/a.ts', '12'],
    ['see `src/a.ts:12-20`', 'src/a.ts', '12'],
    ['see `package.json`', 'package.json', null],
    ['(lib/x/y.py)', 'lib/x/y.py', null],
    ['[the file](src/b.ts#L7)', 'src/b.ts', '7'],
    ['in /home/a/b.ts:3.', '/home/a/b.ts', '3'],
  ] as const;
  for (const [text, path, line] of links) {
    it(`makes a place of ${text}`, () => {
      const page = document.createElement('div');
      page.innerHTML = html(text);
      const found = [...page.querySelectorAll('a')].map((link) => [link.dataset.path, link.dataset.line ?? null]);
      assert.deepEqual(found, [[path, line]]);
    });
  }

  it('makes no place of what only looks like one', () => {
    for (const text of [
      'e.g. this',
      'version 1.2/3.4',
      'v1.2.3',
      'https://example.com/a.ts',
      '`foo.bar()`',
      'and/or',
      'Node.js',
      '`a.b`',
    ]) {
      assert.ok(!html(text).includes('data-path'), text);
    }
  });

  it('reads a growing text without touching finished blocks', () => {
    const whole = '# Title\n\nFirst paragraph.\n\n- one\n- two\n\n```ts\nconst a = 1;\n```\n\nThe end with **bold**.\n';
    let reading = readMarkdown('');
    const kept = new Map<number, unknown>();
    for (let end = 1; end <= whole.length; end++) {
      const next = readMarkdown(whole.slice(0, end), reading);
      for (const block of next.blocks.slice(0, -1)) {
        if (kept.has(block.key) && next.blocks.length - 1 > block.key + 1) assert.equal(block, kept.get(block.key));
        kept.set(block.key, block);
      }
      reading = next;
    }
    assert.deepEqual(reading.blocks, readMarkdown(whole, undefined, true).blocks);
  });

  it('resolves links that are defined at the end once the text is whole', () => {
    const text = 'See [docs].\n\n[docs]: https://example.com/';
    const streaming = readMarkdown(text.slice(0, 14), readMarkdown('See [d'));
    const final = readMarkdown(text, streaming, true);
    assert.ok(final.blocks[0]?.kind === 'html' && final.blocks[0].html.includes('href="https://example.com/"'));
  });
});
