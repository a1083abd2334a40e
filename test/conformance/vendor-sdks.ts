/** The vendors' own packages, installed as they are published. Typed as far as the tests use them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedPackages } from './npm-packages.ts';

const versions = { openai: '7.57.0', '@anthropic-ai/sdk': '1.12.0', '@google/genai': '3.1.0' };

type Json = Record<string, unknown>;
/** What a package throws for an HTTP failure. */
export type SdkFailure = Error & { status: number };

export type OpenAiClient = {
  responses: { stream(body: Json): { finalResponse(): Promise<{ output: Json[]; output_text: string; usage: Json }> } };
  chat: {
    completions: {
      stream(body: Json): {
        finalChatCompletion(): Promise<{ choices: { message: Json; finish_reason: string }[]; usage: Json }>;
      };
    };
  };
};
export type AnthropicClient = {
  messages: {
    stream(body: Json): {
      finalMessage(): Promise<{ content: Json[]; stop_reason: string; usage: Json }>;
    };
  };
};
export type GeminiClient = {
  models: { generateContentStream(body: Json): Promise<AsyncIterable<{ candidates?: Json[]; usageMetadata?: Json }>> };
};
export type VendorSdks = {
  OpenAI: new (options: Json) => OpenAiClient;
  Anthropic: new (options: Json) => AnthropicClient;
  GoogleGenAI: new (options: Json) => GeminiClient;
};

/** Throws an Error that says what is missing when they cannot be had. */
export async function loadVendorSdks(root: string): Promise<VendorSdks> {
  const folder = await cachedPackages({
    root,
    name: `vendor-sdks-${Object.values(versions).join('-')}`,
    packages: Object.entries(versions).map(([name, version]) => `${name}@${version}`),
    options: ['--ignore-scripts'],
    prepare(work) {
      writeFileSync(
        path.join(work, 'sdks.mjs'),
        `export { default as OpenAI } from 'openai';
export { default as Anthropic } from '@anthropic-ai/sdk';
export { GoogleGenAI } from '@google/genai';
`,
      );
      return work;
    },
  });
  return (await import(pathToFileURL(path.join(folder, 'sdks.mjs')).href)) as VendorSdks;
}
