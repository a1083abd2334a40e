/** Programs of others that were written for Codex, installed as they are published. Typed as far as the tests use them. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cachedPackages } from './npm-packages.ts';

const versions = { '@openai/codex-sdk': '0.163.0', 'ai-sdk-provider-codex-app-server': '1.1.7', ai: '6.0.326' };

export type SdkEvent = { type: string; thread_id?: string; item?: { type: string; [field: string]: unknown } };
export type SdkInput = string | ({ type: 'text'; text: string } | { type: 'local_image'; path: string })[];
export type SdkTurnOptions = { outputSchema?: unknown; signal?: AbortSignal };
export type SdkThread = {
  readonly id: string | null;
  run(
    input: SdkInput,
    options?: SdkTurnOptions,
  ): Promise<{ finalResponse: string; items: { type: string }[]; usage: Record<string, number> | null }>;
  runStreamed(input: SdkInput, options?: SdkTurnOptions): Promise<{ events: AsyncIterable<SdkEvent> }>;
};
export type Sdk = {
  Codex: new (options: {
    codexPathOverride: string;
    env: Record<string, string>;
    apiKey?: string;
    baseUrl?: string;
    config?: Record<string, unknown>;
  }) => {
    startThread(options?: Record<string, unknown>): SdkThread;
    resumeThread(id: string, options?: Record<string, unknown>): SdkThread;
  };
};

export type Session = {
  threadId: string;
  interrupt(): Promise<void>;
  injectMessage(text: string): Promise<void>;
};
export type ProviderModel = { dispose(): void; getSession(): Session | null };
export type Provider = {
  createCodexAppServer(options: {
    defaultSettings: Record<string, unknown>;
  }): (model: string, settings?: Record<string, unknown>) => ProviderModel;
  listModels(options: {
    codexPath: string;
    env: Record<string, string>;
  }): Promise<{ models: { id: string; model: string }[] }>;
};

type Prompt = {
  model: ProviderModel;
  prompt?: string;
  messages?: unknown[];
  system?: string;
  output?: unknown;
  abortSignal?: AbortSignal;
};
export type StreamPart = { type: string; toolName?: string; output?: unknown; text?: string; finishReason?: string };
export type Ai = {
  generateText(options: Prompt): Promise<{ text: string; finishReason: string; output: unknown }>;
  streamText(options: Prompt): { fullStream: AsyncIterable<StreamPart>; text: PromiseLike<string> };
  jsonSchema(schema: unknown): unknown;
  Output: { object(options: { schema: unknown }): unknown };
};

export type RealClients = { sdk: Sdk; provider: Provider; ai: Ai };

/** Throws an Error that says what is missing when they cannot be had. */
export async function loadClients(root: string): Promise<RealClients> {
  const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
  const folder = await cachedPackages({
    root,
    name: `clients-${Object.values(versions).join('-')}`,
    packages,
    // The reference's own program, which the SDK would bring along, is not what is run here.
    options: ['--omit=optional'],
    prepare(work) {
      writeFileSync(
        path.join(work, 'clients.mjs'),
        `export * as sdk from '@openai/codex-sdk';
export * as provider from 'ai-sdk-provider-codex-app-server';
export * as ai from 'ai';
`,
      );
      return work;
    },
  });
  return (await import(pathToFileURL(path.join(folder, 'clients.mjs')).href)) as RealClients;
}
