import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

describe('the protocol in a bundle', () => {
  it("holds what it uses of zod and no more: one mention of `z.core` at run time brings all of zod's parts", async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL('../../../agent-core/protocol/index.ts', import.meta.url))],
      bundle: true,
      minify: true,
      format: 'esm',
      write: false,
    });
    assert.ok((outputFiles[0]?.contents.length ?? 0) < 180_000, `${outputFiles[0]?.contents.length} bytes`);
  });
});
