import assert from 'node:assert/strict';
import { dangerOf } from '../../../agent-core/approvals/command-rules.ts';
import { isWithin } from '../../../agent-core/approvals/path-rules.ts';
import {
  type CommandQuestion,
  type FileQuestion,
  judgeCommand,
  judgeFileChange,
} from '../../../agent-core/approvals/policy.ts';
import { simpleCommands } from '../../../agent-core/approvals/shell-words.ts';
import { whyNotWritable } from '../../../agent-core/execution/sandbox-settings.ts';
import type { AskForApproval, SandboxPolicy } from '../../../agent-core/protocol/index.ts';

const workspaceWrite: SandboxPolicy = {
  type: 'workspaceWrite',
  writableRoots: ['/extra'],
  networkAccess: false,
  excludeTmpdirEnvVar: true,
  excludeSlashTmp: true,
};
const granular = (sandbox_approval: boolean): AskForApproval => ({
  granular: { sandbox_approval, rules: true, mcp_elicitations: true, request_permissions: true, skill_approval: true },
});

describe('who is asked about a command', () => {
  const question: CommandQuestion = {
    approvalPolicy: 'on-request',
    sandboxPolicy: workspaceWrite,
    escalate: false,
    justification: null,
    danger: null,
    unconfinedReason: null,
    acceptedForSession: false,
  };
  const full: SandboxPolicy = { type: 'dangerFullAccess' };
  const cases: [string, Partial<CommandQuestion>, string][] = [
    ['on-request runs confined', {}, 'allow'],
    ['on-request asks for escalation', { escalate: true }, 'ask unsandboxed'],
    ['on-request asks for danger', { danger: 'rm' }, 'ask'],
    ['untrusted asks for everything', { approvalPolicy: 'untrusted' }, 'ask'],
    ['never asks nobody', { approvalPolicy: 'never', danger: 'rm' }, 'allow'],
    ['never refuses escalation', { approvalPolicy: 'never', escalate: true }, 'reject'],
    [
      'never with full access runs',
      { approvalPolicy: 'never', escalate: true, sandboxPolicy: full },
      'allow unsandboxed',
    ],
    ['granular may ask', { approvalPolicy: granular(true), escalate: true }, 'ask unsandboxed'],
    ['granular may not ask', { approvalPolicy: granular(false), escalate: true }, 'reject'],
    ['no sandbox asks', { unconfinedReason: 'none' }, 'ask unsandboxed'],
    ['no sandbox asks under never', { unconfinedReason: 'none', approvalPolicy: 'never' }, 'ask unsandboxed'],
    [
      'no sandbox under full access runs',
      { unconfinedReason: 'none', approvalPolicy: 'never', sandboxPolicy: full },
      'allow unsandboxed',
    ],
    [
      'no sandbox inside an outer one runs',
      { unconfinedReason: 'none', sandboxPolicy: { type: 'externalSandbox', networkAccess: 'restricted' } },
      'allow',
    ],
    ['accepted for the session runs', { approvalPolicy: 'untrusted', acceptedForSession: true }, 'allow'],
  ];
  for (const [name, over, expected] of cases) {
    it(name, () => {
      const verdict = judgeCommand({ ...question, ...over });
      assert.equal(
        verdict.type === 'reject' ? 'reject' : `${verdict.type}${verdict.unsandboxed ? ' unsandboxed' : ''}`,
        expected,
      );
    });
  }
});

describe('the matrix of approval policies', () => {
  const granularOf = (rules: boolean, sandbox_approval: boolean): AskForApproval => ({
    granular: { sandbox_approval, rules, mcp_elicitations: true, request_permissions: true, skill_approval: true },
  });
  const policies: AskForApproval[] = [
    'untrusted',
    'on-request',
    'never',
    ...[true, false].flatMap((rules) => [true, false].map((escalation) => granularOf(rules, escalation))),
  ];
  const presets: SandboxPolicy[] = [
    { type: 'readOnly', networkAccess: false },
    workspaceWrite,
    { type: 'externalSandbox', networkAccess: 'restricted' },
    { type: 'dangerFullAccess' },
  ];
  const says = (decision: 'allow' | 'ask' | 'forbid' | null, outsideSandbox = false) => ({
    decision,
    reason: decision && `a rule: ${decision}`,
    outsideSandbox,
  });
  const rules = [says(null), says('allow'), says('allow', true), says('ask'), says('forbid')];
  const both = [true, false];
  const questions = policies.flatMap((approvalPolicy) =>
    presets.flatMap((sandboxPolicy) =>
      rules.flatMap((rule) =>
        both.flatMap((escalate) =>
          both.flatMap((isDangerous) =>
            both.flatMap((isUnconfined) =>
              both.map((acceptedForSession) => ({
                approvalPolicy,
                sandboxPolicy,
                rules: rule,
                escalate,
                justification: escalate ? 'because' : null,
                danger: isDangerous ? 'danger' : null,
                unconfinedReason: isUnconfined ? 'none here' : null,
                acceptedForSession,
              })),
            ),
          ),
        ),
      ),
    ),
  );
  const judged = questions.map((question) => ({ question, verdict: judgeCommand(question) }));
  const none = (title: string, isWrong: (one: (typeof judged)[number]) => boolean) =>
    it(title, () => assert.deepEqual(judged.filter(isWrong), []));
  const isOpen = ({ sandboxPolicy }: CommandQuestion) => sandboxPolicy.type === 'dangerFullAccess';
  const mayEscalate = ({ approvalPolicy: policy }: CommandQuestion) =>
    typeof policy === 'string' ? policy !== 'never' : policy.granular.sandbox_approval;
  const mayRule = ({ approvalPolicy: policy }: CommandQuestion) =>
    typeof policy === 'string' ? policy !== 'never' : policy.granular.rules;

  it('has them all', () => assert.equal(judged.length, 7 * 4 * 5 * 2 * 2 * 2 * 2));
  none('runs nothing that a rule forbids', ({ question, verdict }) =>
    question.rules.decision === 'forbid' ? verdict.type !== 'reject' : false,
  );
  none('leaves a sandbox only by a yes or by a rule that says so', ({ question, verdict }) => {
    const isYes = question.acceptedForSession || question.rules.outsideSandbox;
    return verdict.type === 'allow' && verdict.unsandboxed && !isOpen(question) && !isYes;
  });
  none('asks about no escalation where that may not be asked', ({ question, verdict }) => {
    const asks = verdict.type === 'ask' && question.escalate && !isOpen(question);
    return asks && !mayEscalate(question);
  });
  none('runs under untrusted only what a rule or a person allowed', ({ question, verdict }) => {
    const isYes = question.acceptedForSession || question.rules.decision === 'allow';
    return question.approvalPolicy === 'untrusted' && verdict.type === 'allow' && !isYes;
  });
  none('asks under never only where commands cannot be confined', ({ question, verdict }) => {
    const isClosed = question.unconfinedReason !== null && !/external|danger/.test(question.sandboxPolicy.type);
    return question.approvalPolicy === 'never' && verdict.type === 'ask' && !isClosed;
  });
  none('runs what a rule asks about only after a yes', ({ question, verdict }) => {
    return question.rules.decision === 'ask' && verdict.type === 'allow' && !question.acceptedForSession;
  });
  none('refuses what a rule asks about where rules may not ask', ({ question, verdict }) => {
    const asks = question.rules.decision === 'ask' && !question.acceptedForSession;
    return asks && !mayRule(question) && verdict.type !== 'reject';
  });
  none('tells the person why the model wants out', ({ question, verdict }) => {
    return question.escalate && verdict.type === 'ask' && !verdict.reason?.includes('because');
  });
});

describe('who is asked about an edit', () => {
  const question: FileQuestion = {
    approvalPolicy: 'on-request',
    sandboxPolicy: workspaceWrite,
    editApproval: 'editThenReview',
    beyond: null,
    acceptedForSession: false,
  };
  const cases: [string, Partial<FileQuestion>, string][] = [
    ['inside', {}, 'allow'],
    ['ask first', { editApproval: 'askFirst' }, 'ask'],
    ['ask first under never', { editApproval: 'askFirst', approvalPolicy: 'never' }, 'ask'],
    ['refused by the mode', { editApproval: 'refuse', acceptedForSession: true }, 'reject'],
    ['untrusted', { approvalPolicy: 'untrusted' }, 'ask'],
    ['outside', { beyond: 'outside' }, 'ask'],
    ['outside under never', { beyond: 'outside', approvalPolicy: 'never' }, 'reject'],
    ['accepted for the session', { editApproval: 'askFirst', acceptedForSession: true }, 'allow'],
  ];
  for (const [name, over, expected] of cases)
    it(name, () => assert.equal(judgeFileChange({ ...question, ...over }).type, expected));
});

describe('paths that may be written', () => {
  const settings = {
    cwd: '/w',
    roots: ['/w', '/other'],
    sandboxPolicy: { ...workspaceWrite, excludeSlashTmp: false, excludeTmpdirEnvVar: false } as const,
  };
  const homes = { user: '/home/ann', agent: ['/w/home'] };
  const cases: [string, RegExp | null][] = [
    ['/w/a.ts', null],
    ['/other/a.ts', null],
    ['/extra/a.ts', null],
    ['/wide/a.ts', /outside/],
    ['/w/../etc/passwd', /outside/],
    ['/w/.git/hooks/pre-commit', /\.git/],
    ['/w/sub/.GIT/config', /\.git/],
    ['/w/home/config.toml', /own settings/],
    ['/w/.vscode/tasks.json', /run something later/],
    ['/other/.agents/x', /run something later/],
    ['/w/.vscode/extensions.json', null],
    ['/tmp/a', /outside/],
  ];
  for (const [path, expected] of cases) {
    it(path, () => {
      const why = whyNotWritable(path, settings, homes);
      if (expected === null) assert.equal(why, null);
      else assert.match(why ?? '', expected);
    });
  }
  it('knows a folder from one whose name begins alike', () => {
    assert.deepEqual([isWithin('/a/..b', '/a'), isWithin('/ab', '/a'), isWithin('/a', '/a')], [true, false, true]);
  });
});

describe('danger in commands', () => {
  for (const script of [
    'rm -rf build',
    'ls && rm -f x',
    'sudo rm -r x',
    'bash -c "rm -rf x"',
    'for f in *; do rm -rf "$f"; done',
    'git reset --hard HEAD~1',
    'git -C sub clean -fdx',
    'git push --force-with-lease',
    'find . -delete',
    'FOO=$(x); rm -rf y',
    'FOO=1 rm -rf x',
    'sudo -u root rm -rf x',
    'env -u FOO BAR=1 rm -rf x',
    'nice -n 10 rm -rf x',
    'timeout 5 rm -rf x',
    'command rm -rf x',
    'setsid -f busybox rm -rf x',
    'ls | xargs -n 1 rm -rf',
    'sudo bash -c "cd /; rm -rf x"',
    "bash -c -- 'rm -rf x'",
    "dash -ec 'rm -rf x'",
    "env -S 'rm -rf x'",
    "su root -c 'rm -rf x'",
    "echo 'rm -rf x' | sh",
    'bash <<X\nrm -rf x\nX',
    'echo\nrm -rf x',
    '"rm" -rf "$HOME"',
    'r\\m -rf $HOME',
    'rm$IFS-rf x',
    'rm x -rf > log',
    'rm --recursive $x',
    'git push --force > log',
    'git push origin +main',
    'find . -name a -delete > log',
    'dd if=/dev/zero of=/dev/sda > log',
    'mkfs.ext4 /dev/sda1',
    'find . -execdir rm {} +',
  ]) {
    it(`is in: ${script}`, () => assert.notEqual(dangerOf(script), null));
  }
  for (const script of [
    'rm x',
    'ls',
    'git status',
    'npm test',
    'git push',
    'echo "rm -rf x"',
    'find . -name a',
    'git reset HEAD a',
    'sudo ls',
    'env',
    'FOO=1',
    'timeout 5 npm test',
    'echo ls | sh',
    'docker run --rm -f x > log',
  ]) {
    it(`is not in: ${script}`, () => assert.equal(dangerOf(script), null));
  }
});

describe('shell words', () => {
  it('are split as a shell does', () => {
    assert.deepEqual(simpleCommands(`a 'b c' "d \\"e" f\\ g && h | i; j 2>/dev/null # k`), [
      { words: ['a', 'b c', 'd "e', 'f g'], joinedBy: '' },
      { words: ['h'], joinedBy: '&&' },
      { words: ['i'], joinedBy: '|' },
      { words: ['j'], joinedBy: ';' },
    ]);
  });
  for (const script of [
    'a $(b)',
    'a `b`',
    'a > b',
    'a &',
    "a 'b",
    'a <<X',
    'if a; then b; fi',
    '"$x"',
    '(a)',
    'a &&',
    '| a',
  ]) {
    it(`are given up for: ${script}`, () => assert.equal(simpleCommands(script), null));
  }
});
