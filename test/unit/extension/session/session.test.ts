import assert from 'node:assert/strict';
import { ApprovalRegistry, type Decision, type PendingApproval } from '../../../../extension/session/approvals.ts';
import { chooseModel, formatModelId, parseModelId, peerModels } from '../../../../extension/session/model-choice.ts';
import { effectiveMode, threadParams, turnParams } from '../../../../extension/session/modes.ts';
import { type NoticeFacts, noticesOf } from '../../../../extension/session/notices.ts';
import { actionPrompt, messageInput } from '../../../../extension/session/selection-prompt.ts';
import { splitAttachments } from '../../../../webview/bridge/attachment-text.ts';
import type { ApprovalView, ModelChoice } from '../../../../webview/bridge/panel-state.ts';

describe('modes', () => {
  const trust = { roots: ['/w'], trusted: true };
  const config = { projects: { '/w': { trust_level: 'trusted' } } };
  const runtimeWorkspaceRoots = ['/w'];

  it('become thread options of our own core', () => {
    assert.deepEqual(threadParams('read-only', true, trust), {
      sandbox: 'read-only',
      approvalPolicy: 'on-request',
      config,
      runtimeWorkspaceRoots,
      gantry: { editApproval: 'refuse' },
    });
    assert.deepEqual(threadParams('ask', true, trust), {
      sandbox: 'workspace-write',
      approvalPolicy: 'on-request',
      config,
      runtimeWorkspaceRoots,
      gantry: { editApproval: 'askFirst' },
    });
    assert.deepEqual(threadParams('auto', true, trust), {
      sandbox: 'workspace-write',
      approvalPolicy: 'on-request',
      config,
      runtimeWorkspaceRoots,
      gantry: { editApproval: 'editThenReview' },
    });
    assert.deepEqual(threadParams('full', true, trust), {
      sandbox: 'danger-full-access',
      approvalPolicy: 'never',
      config,
      runtimeWorkspaceRoots,
      gantry: { editApproval: 'editThenReview' },
    });
  });

  it('become published options of any other peer, where asking is `untrusted`', () => {
    assert.deepEqual(threadParams('ask', false, { roots: ['/w'], trusted: false }), {
      sandbox: 'workspace-write',
      approvalPolicy: 'untrusted',
      config: { projects: { '/w': { trust_level: 'untrusted' } } },
    });
    assert.deepEqual(turnParams('ask', false), {
      sandboxPolicy: { type: 'workspaceWrite' },
      approvalPolicy: 'untrusted',
    });
    assert.deepEqual(turnParams('full', false), {
      sandboxPolicy: { type: 'dangerFullAccess' },
      approvalPolicy: 'never',
    });
  });

  it('hold for every folder of the window, which all may be worked in', () => {
    const roots = ['/w', '/other'];
    const projects = { '/w': { trust_level: 'trusted' }, '/other': { trust_level: 'trusted' } };
    for (const ours of [true, false]) {
      const { config: given, runtimeWorkspaceRoots: writable } = threadParams('auto', ours, { roots, trusted: true });
      assert.deepEqual([given, writable], [{ projects }, roots]);
    }
  });

  it('are read only where the workspace is not trusted', () => {
    assert.equal(effectiveMode('full', false), 'read-only');
    assert.equal(effectiveMode('auto', true), 'auto');
  });
});

describe('messageInput', () => {
  const attachment = {
    id: 'a',
    kind: 'selection' as const,
    label: 'src/a.ts',
    path: 'src/a.ts',
    startLine: 3,
    endLine: 4,
    languageId: 'typescript',
    text: 'one();\ntwo();\n',
  };

  it('names the place, fences the code and comes apart again', () => {
    const input = messageInput('What is this?', [attachment]);
    const text =
      '<attachment path="src/a.ts" lines="3-4">\nsrc/a.ts:3-4\n```typescript\none();\ntwo();\n```\n</attachment>\n\nWhat is this?';
    assert.deepEqual(input, [{ type: 'text', text }]);
    assert.deepEqual(splitAttachments(text), {
      text: 'What is this?',
      attachments: [
        { path: 'src/a.ts', startLine: 3, endLine: 4, text: 'src/a.ts:3-4\n```typescript\none();\ntwo();\n```' },
      ],
      review: null,
    });
  });

  it('uses a fence that the code does not hold', () => {
    const [part] = messageInput('', [{ ...attachment, languageId: 'markdown', text: 'a\n````js\nb' }]);
    assert.match(part && 'text' in part ? part.text : '', /\n`````markdown\na\n````js\nb\n`````\n/);
  });

  it('is the bare text without attachments', () => {
    assert.deepEqual(messageInput('Hello', []), [{ type: 'text', text: 'Hello' }]);
  });

  it('lists what the editor reports when something is to be fixed', () => {
    const problems = [
      { line: 3, message: 'Bad', source: 'ts' },
      { line: 4, message: 'Worse', source: null },
    ];
    assert.equal(
      actionPrompt('fix', problems),
      'Fix the problems in the selected code. The editor reports:\n- line 3: Bad (ts)\n- line 4: Worse',
    );
  });
});

describe('chooseModel', () => {
  const choice = (provider: string, model: string, isDemo = false): ModelChoice => ({
    provider,
    providerName: provider,
    model,
    displayName: model,
    description: null,
    isDemo,
    supportsTools: true,
    supportsImages: true,
  });
  const demo = choice('demo', 'demo', true);
  const real = choice('openai', 'gpt');

  it("takes the person's pick, else the core's, else the demo model", () => {
    assert.deepEqual(chooseModel([real, demo], { provider: 'demo', model: 'demo' }, real), {
      provider: 'demo',
      model: 'demo',
    });
    assert.deepEqual(chooseModel([real, demo], { provider: 'gone', model: 'x' }, real), {
      provider: 'openai',
      model: 'gpt',
    });
    assert.deepEqual(chooseModel([real, demo], null, null), { provider: 'demo', model: 'demo' });
    assert.equal(chooseModel([], null, null), null);
  });

  it('of another peer is what its configuration names, else its default', () => {
    const entry = (model: string, isDefault: boolean) => ({
      ...{ id: model, model, displayName: model.toUpperCase(), description: 'd', hidden: false, isDefault },
      ...{ defaultReasoningEffort: 'low', supportedReasoningEfforts: [], additionalSpeedTiers: [], serviceTiers: [] },
      ...{ inputModalities: [], supportsPersonality: false },
    });
    const list = { data: [entry('a', false), entry('b', true)] };
    assert.equal(peerModels(list, null).selected?.model, 'b');
    assert.equal(peerModels(list, 'a').selected?.model, 'a');
    const own = peerModels(list, 'own');
    assert.deepEqual(
      own.models.map(({ model }) => model),
      ['own', 'a', 'b'],
    );
    assert.equal(own.selected?.model, 'own');
  });

  it('is named by provider and model', () => {
    assert.deepEqual(parseModelId('openrouter/a/b'), { provider: 'openrouter', model: 'a/b' });
    assert.equal(formatModelId({ provider: 'openrouter', model: 'a/b' }), 'openrouter/a/b');
    assert.deepEqual(['', 'a', '/a', 'a/'].map(parseModelId), [null, null, null, null]);
  });
});

describe('noticesOf', () => {
  const facts: NoticeFacts = {
    hasFolder: true,
    trusted: true,
    peer: { ours: true },
    sandbox: { level: 'namespaces', enforced: [], missing: [], reason: null },
    model: {
      provider: 'p',
      providerName: 'P',
      model: 'm',
      displayName: 'M',
      description: null,
      isDemo: false,
      supportsTools: true,
      supportsImages: true,
    },
    modelProblems: [],
    configProblems: [],
    warnings: [],
    fullAccess: false,
    agentCommandProblem: null,
  };
  const ids = (change: Partial<NoticeFacts>) => noticesOf({ ...facts, ...change }).map(({ id }) => id);

  it('leads to trust, to a folder and to the setting of the agent', () => {
    const actions = (change: Partial<NoticeFacts>) =>
      noticesOf({ ...facts, ...change }).map(({ id, action }) => [id, action?.label, action?.command]);
    assert.deepEqual(actions({ trusted: false }), [['not-trusted', 'Manage Trust', 'gantry.manageTrust']]);
    assert.deepEqual(actions({ hasFolder: false, trusted: false }), [
      ['no-folder', 'Open Folder', 'gantry.openFolder'],
    ]);
    assert.deepEqual(actions({ agentCommandProblem: 'No list.' }), [
      ['agent-command', 'Open Settings', 'gantry.openSettings'],
    ]);
  });

  it('has nothing to say when all is well', () => assert.deepEqual(noticesOf(facts), []));

  it('says where the configuration is wrong and what is expected', () => {
    const configProblems = [
      { file: '/h/config.toml', line: 3, column: 9, message: 'unknown mode "x"', expected: '"ask" or "auto"' },
    ];
    assert.deepEqual(noticesOf({ ...facts, configProblems }), [
      {
        id: 'config-0',
        severity: 'error',
        text: '/h/config.toml, line 3, column 9: unknown mode "x" (expected: "ask" or "auto")',
        action: { label: 'Open config.toml', command: 'gantry.openConfig' },
      },
    ]);
  });

  it('names the place of a mistake once', () => {
    const message = 'config.toml line 2, column 9: invalid value.';
    const configProblems = [{ file: '/h/config.toml', line: 2, column: 9, message, expected: null }];
    assert.deepEqual(
      noticesOf({ ...facts, configProblems }).map(({ text }) => text),
      ['/h/config.toml, line 2, column 9: invalid value.'],
    );
  });

  it('tells everything else that limits the person', () => {
    assert.deepEqual(ids({ hasFolder: false }), ['no-folder']);
    assert.deepEqual(ids({ trusted: false }), ['not-trusted']);
    assert.deepEqual(ids({ sandbox: { ...facts.sandbox, level: 'none', reason: 'why' } }), ['no-sandbox']);
    assert.deepEqual(ids({ fullAccess: true }), ['full-access']);
    assert.deepEqual(ids({ model: { ...facts.model!, isDemo: true } }), ['demo']);
    assert.deepEqual(ids({ model: null }), ['no-model']);
    assert.deepEqual(ids({ warnings: ['a', 'b', 'a'] }), ['warning-0', 'warning-1']);
  });
});

describe('ApprovalRegistry', () => {
  const approval = (id: string, requestId: number): PendingApproval => ({
    view: { id } as ApprovalView,
    threadId: 't',
    requestId,
    fileChange: null,
  });

  it('lets the first decision stand', async () => {
    const registry = new ApprovalRegistry();
    const gone: (Decision | null)[] = [];
    registry.onGone(({ decision }) => gone.push(decision));
    const answer = registry.ask(approval('a', 0));
    assert.equal(registry.decide('a', 'accept'), true);
    assert.equal(registry.decide('a', 'decline'), false);
    assert.equal(await answer, 'accept');
    assert.deepEqual(gone, ['accept']);
    assert.deepEqual(registry.all, []);
  });

  it('shows which files of a change are decided', () => {
    const registry = new ApprovalRegistry();
    const shown: ApprovalView['files'][] = [];
    registry.onChanged(({ view }) => shown.push(view.files));
    const file = (path: string) => ({ path, label: path, kind: 'update' as const });
    const asked = approval('a', 0);
    void registry.ask({ ...asked, view: { ...asked.view, files: [file('x'), file('y')] } });
    const files = [{ ...file('x'), decided: 'accepted' as const }, file('y')];
    registry.setFiles('a', { files });
    registry.setFiles('a', { files: structuredClone(files) });
    registry.setFiles('b', { files });
    assert.deepEqual(shown, [[{ ...file('x'), decided: 'accepted' }, file('y')]]);
    assert.deepEqual(registry.get('a')?.view.files, shown[0]);
  });

  it('answers cancel to what was taken back', async () => {
    const registry = new ApprovalRegistry();
    const gone: (Decision | null)[] = [];
    registry.onGone(({ decision }) => gone.push(decision));
    const answers = [registry.ask(approval('a', 0)), registry.ask(approval('b', 1)), registry.ask(approval('c', 2))];
    registry.takeBack('other', 1);
    registry.takeBack('t', 1);
    assert.deepEqual(
      registry.all.map(({ view }) => view.id),
      ['a', 'c'],
    );
    registry.takeBackAll();
    assert.deepEqual(await Promise.all(answers), ['cancel', 'cancel', 'cancel']);
    assert.deepEqual(gone, [null, null, null]);
  });
});
