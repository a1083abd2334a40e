import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { type Editor, type EditorOptions, startEditor } from './editor.ts';
import { launchBrowser, openWorkbench, picture } from './workbench.ts';

export interface Session {
  readonly editor: Editor;
  readonly browser: Browser;
  /** One page for the whole `describe` block. */
  readonly page: Page;
}

/**
 * Gives the surrounding `describe` block one editor, browser and page; call it once at the block's top.
 * The fields may be read only inside tests and hooks. A failed test leaves a picture in `.test-output`.
 */
export function useEditor(
  options: EditorOptions | (() => EditorOptions | Promise<EditorOptions>) = {},
  context: BrowserContextOptions = {},
): Session {
  const running: { editor?: Editor; browser?: Browser; page?: Page } = {};
  const get = <K extends keyof Session>(key: K): Session[K] => {
    const value = running[key];
    if (!value) throw new Error(`session.${key} is there only inside tests and hooks`);
    return value as Session[K];
  };

  before('start the editor', async function () {
    this.timeout(300_000);
    running.editor = await startEditor(typeof options === 'function' ? await options() : options);
    running.browser = await launchBrowser();
    running.page = await openWorkbench(running.browser, running.editor, context);
  });
  afterEach('picture of a failure', async function () {
    if (this.currentTest?.state !== 'failed' || !running.page) return;
    console.log(`      picture: ${await picture(running.page, `failed ${this.currentTest.fullTitle()}`)}`);
  });
  after('stop the editor', async function () {
    this.timeout(30_000);
    await running.browser?.close();
    await running.editor?.stop();
  });

  return {
    get editor() {
      return get('editor');
    },
    get browser() {
      return get('browser');
    },
    get page() {
      return get('page');
    },
  };
}
