/** The editor's own language models: offered to the core, and asked on its behalf once a person has picked one. */
import * as vscode from 'vscode';
import {
  AgentError,
  type HostLmMessage,
  type HostLmPart,
  type ServerNotificationParams,
  type ServerRequestAnswer,
  type ServerRequestParams,
} from '../../agent-core/protocol/index.ts';
import type { CoreClient } from '../core/core-client.ts';

type Delta = { type: 'text'; text: string } | { type: 'toolCall'; callId: string; name: string; input: unknown };
type Say = (requestId: string, delta: Delta) => void;

export class HostModels implements vscode.Disposable {
  readonly #say: Say;
  readonly #running = new Map<string, vscode.CancellationTokenSource>();

  /** `say` sends one piece of an answer to the core. */
  constructor(say: Say) {
    this.#say = say;
  }

  dispose(): void {
    this.cancelAll();
  }

  /** Nobody listens any more: an answer that goes on would only cost. */
  cancelAll(): void {
    for (const source of this.#running.values()) source.cancel();
  }

  /** Tells the core what the editor has; asks nobody for consent and uses nothing. */
  async offer(client: CoreClient): Promise<void> {
    if (!client.gantry) return;
    const models = await listModels();
    await client.request('gantry/model/hostOffer', {
      models: models.map((model) => ({
        id: offerId(model),
        name: model.name,
        vendor: model.vendor,
        family: model.family,
        maxInputTokens: Number.isFinite(model.maxInputTokens) ? Math.trunc(model.maxInputTokens) : 0,
      })),
    });
  }

  cancel({ requestId }: ServerNotificationParams<'host/lm/cancel'>): void {
    this.#running.get(requestId)?.cancel();
  }

  /** Streams an answer; a refusal by the editor or its person is an error in their words. */
  async start(params: ServerRequestParams<'host/lm/start'>): Promise<ServerRequestAnswer<'host/lm/start'>> {
    const model = (await listModels()).find((each) => offerId(each) === params.modelId);
    if (!model)
      throw new AgentError('noModel', `The editor no longer offers the model ${params.modelId}. Select another one.`);
    const source = new vscode.CancellationTokenSource();
    this.#running.set(params.requestId, source);
    try {
      return { stopReason: await this.#stream(model, params, source.token) };
    } catch (error) {
      if (source.token.isCancellationRequested) return { stopReason: 'cancelled' };
      throw failureOf(model, error);
    } finally {
      this.#running.delete(params.requestId);
      source.dispose();
    }
  }

  async #stream(
    model: vscode.LanguageModelChat,
    { requestId, messages, tools }: ServerRequestParams<'host/lm/start'>,
    token: vscode.CancellationToken,
  ): Promise<'endTurn' | 'toolCalls' | 'cancelled'> {
    const options: vscode.LanguageModelChatRequestOptions = {
      justification: 'You chose this model in Gantry.',
      ...(tools.length > 0
        ? {
            tools: tools.map(({ name, description, inputSchema }) => ({
              name,
              description,
              inputSchema: inputSchema as object,
            })),
          }
        : {}),
    };
    const response = await model.sendRequest(messages.map(toMessage), options, token);
    let called = false;
    for await (const part of response.stream) {
      if (part instanceof vscode.LanguageModelTextPart) this.#say(requestId, { type: 'text', text: part.value });
      if (part instanceof vscode.LanguageModelToolCallPart) {
        called = true;
        this.#say(requestId, { type: 'toolCall', callId: part.callId, name: part.name, input: part.input });
      }
    }
    if (token.isCancellationRequested) return 'cancelled';
    return called ? 'toolCalls' : 'endTurn';
  }
}

/** Ids are unique for one vendor only. */
const offerId = ({ vendor, id }: Pick<vscode.LanguageModelChat, 'vendor' | 'id'>) =>
  id.startsWith(`${vendor}/`) ? id : `${vendor}/${id}`;

/** An editor without such models (or whose list fails) has none. */
async function listModels(): Promise<vscode.LanguageModelChat[]> {
  try {
    return await vscode.lm.selectChatModels();
  } catch {
    return [];
  }
}

function toMessage({ role, content }: HostLmMessage): vscode.LanguageModelChatMessage {
  if (role === 'user') return vscode.LanguageModelChatMessage.User(content.flatMap(userPart));
  return vscode.LanguageModelChatMessage.Assistant(content.flatMap(assistantPart));
}

type UserPart = vscode.LanguageModelTextPart | vscode.LanguageModelToolResultPart | vscode.LanguageModelDataPart;

function userPart(part: HostLmPart): UserPart[] {
  if (part.type === 'text') return [new vscode.LanguageModelTextPart(part.text)];
  if (part.type === 'image') return [imagePart(part)];
  if (part.type === 'toolCall') return [];
  const content = part.content.map((piece) =>
    piece.type === 'text' ? new vscode.LanguageModelTextPart(piece.text) : imagePart(piece),
  );
  return [new vscode.LanguageModelToolResultPart(part.callId, content)];
}

function assistantPart(part: HostLmPart): (vscode.LanguageModelTextPart | vscode.LanguageModelToolCallPart)[] {
  if (part.type === 'text') return [new vscode.LanguageModelTextPart(part.text)];
  if (part.type !== 'toolCall') return [];
  return [new vscode.LanguageModelToolCallPart(part.callId, part.name, (part.input ?? {}) as object)];
}

const imagePart = ({ mimeType, dataBase64 }: { mimeType: string; dataBase64: string }) =>
  vscode.LanguageModelDataPart.image(Buffer.from(dataBase64, 'base64'), mimeType);

/** What a person refused or has used up is final; anything else may go better the next time. */
function failureOf({ name }: vscode.LanguageModelChat, error: unknown): Error {
  const { NoPermissions, Blocked, NotFound } = vscode.LanguageModelError;
  const code = error instanceof vscode.LanguageModelError ? error.code : '';
  const said = error instanceof Error ? error.message : String(error);
  const final = (message: string) => new AgentError('noModel', message, { cause: error });
  if (code === NoPermissions.name)
    return final(`The use of ${name} was not allowed. Send again and allow it, or select another model.`);
  if (code === Blocked.name) return final(`The editor's quota for ${name} is used up: ${said} Select another model.`);
  if (code === NotFound.name) return final(`The editor no longer offers ${name}. Select another model.`);
  return new Error(`${name} did not answer: ${said}`, { cause: error });
}
