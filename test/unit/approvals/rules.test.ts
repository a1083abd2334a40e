/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's own expansions. */
import assert from 'node:assert/strict';
import { joinedRules, type LoadedRules } from '../../../agent-core/approvals/command-policy.ts';
import { judgeByRules } from '../../../agent-core/approvals/rules/judge.ts';
import { readRulesFile, ruleText } from '../../../agent-core/approvals/rules/rules-file.ts';
import { loadGrammar, type ParseShell } from '../../../agent-core/approvals/shell/grammar.ts';
import { readShell } from '../../../agent-core/approvals/shell/read-shell.ts';
import { shownWord } from '../../../agent-core/approvals/shell/reading.ts';

const RULES = `
# What people of this project agreed on.
prefix_rule(pattern = ["git", "push"], decision = "forbidden", justification = "Ask a person to push.", match = ["git push origin"])
prefix_rule(
    pattern = ["npm", ["test", "run"]],
    match = [["npm", "test"], "npm run build"],
    not_match = ["npm ci"],
)
prefix_rule(pattern = ["npm", "run", "deploy"], decision = "prompt")
prefix_rule(pattern = ["make"], outside_sandbox = True)
host_executable(name = "npm", paths = ["/opt/npm"])
`;
const read = (source: string, mayLeave = true) => readRulesFile(source, 'a.rules', { mayLeave, home: '/home/me' });

describe('the reader of commands', () => {
  let parse: ParseShell;
  before(async () => {
    parse = await loadGrammar();
  });
  const said = (script: string) => {
    const { parts, writes, unknown } = readShell(script, 'bash', parse);
    return unknown ?? [parts.map(({ words }) => words.map(shownWord).join(' ')), writes.map(shownWord)];
  };

  for (const [script, parts, writes] of [
    ['a && b | c || d; e', ['a', 'b', 'c', 'd', 'e'], []],
    ['(a; { b; }) > out 2>&1 &', ['a', 'b'], ['out']],
    ['X=$(a) b "$(c `d`)" <(e)', ['a', 'd', 'c …', 'e', 'b … …'], []],
    ['env A=1 nice -n 5 rm x', ['env A=1 nice -n 5 rm x', 'nice -n 5 rm x', 'rm x'], []],
    ["bash -lc 'a && b'", ['bash -lc a && b', 'a', 'b'], []],
    ['ls | xargs -n1 rm -f', ['ls', 'xargs -n1 rm -f', 'rm -f …'], []],
    ['find . -exec rm {} \\;', ['find . -exec rm {} ;', 'rm …'], []],
    ["cat <<'E' > f\n$(a)\nE\nb", ['cat', 'b'], ['f']],
    ['cat - <<E\nx\nE', ['cat -'], []],
    ['f() { a "$@"; }; f x', ['a …', 'f x'], []],
    ['for i in *; do a $i; done; case $x in y) b;; esac', ['a …', 'b'], []],
    ['a 2>/dev/null b', ['a b'], []],
    ["eval 'a b'; trap 'c' EXIT", ['eval a b', 'a b', 'trap c EXIT', 'c'], []],
  ] as const) {
    it(`finds what ${JSON.stringify(script)} runs`, () => assert.deepEqual(said(script), [parts, writes]));
  }

  for (const script of [
    '$X a',
    'eval "$x"',
    'echo a | sh',
    'alias ls=rm',
    'PATH=. ls',
    'echo ${x@P}',
    'echo $((x))',
    "[[ 1 -eq 'a[$(b)]' ]]",
    'a "unclosed',
    '. ./file',
    'ls\\\n#;rm',
    'bash -c "$x"',
    'parallel rm ::: a',
  ]) {
    it(`gives up ${JSON.stringify(script)}`, () => assert.equal(typeof said(script), 'string'));
  }

  it('reads only plain words without the grammar', () => {
    const plain = (script: string) => readShell(script, 'bash', null).unknown === null;
    assert.deepEqual(['git status && ls', 'ls *', 'X=1 ls', 'env ls', 'ls > f', 'a $(b)'].map(plain), [
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  const judged = (script: string) => {
    const { decision, reason, outsideSandbox, isReadOnly } = judgeByRules(
      readShell(script, 'bash', parse),
      ['/bin/bash', '-lc', script],
      read(RULES),
    );
    return [decision, reason, outsideSandbox, isReadOnly];
  };
  const TEST = 'A rule allows `npm (test|run)`';

  for (const [script, ...expected] of [
    ['npm test', 'allow', TEST, false, false],
    ['cd x && npm run build | head', 'allow', TEST, false, false],
    ['npm test; touch x', null, null, false, false],
    ['npm run deploy', 'ask', 'A rule asks about `npm run deploy`', false, false],
    ['npm test && git push -f', 'forbid', 'A rule forbids `git push`: Ask a person to push.', false, false],
    ["sh -c 'ls; /usr/bin/git push'", 'forbid', 'A rule forbids `git push`: Ask a person to push.', false, false],
    [
      'git $x',
      'ask',
      'It cannot be told whether it is `git push`, which a rule forbids: Ask a person to push.',
      false,
      false,
    ],
    ['$x y', 'ask', 'The rules could not be applied: which program it runs is not fixed.', false, false],
    ['make all', 'allow', 'A rule allows `make`', true, false],
    ['cat ~/.ssh/id && make', 'allow', 'A rule allows `make`', false, false],
    ['make > ~/.bashrc', 'allow', 'A rule allows `make`', false, false],
    ['./npm test', null, null, false, false],
    ['/opt/npm test', 'allow', TEST, false, false],
    ['git log -5 | cat', null, null, false, true],
  ] as const) {
    it(`judges ${script}`, () => assert.deepEqual(judged(script), expected));
  }

  it('knows what only looks', () => {
    const looks = (script: string) => judged(script)[3];
    const yes = [
      'ls -la',
      'git status',
      'git diff HEAD~1',
      'rg -n x src',
      "sed -n '1,5p' f",
      'find . -name x',
      'cat a | wc -l',
      'date -d yesterday +%s',
      'uniq -c a',
      'cd src && ls',
      'node --version',
    ];
    const no = [
      'git log --output=f',
      'git log --outp=f',
      'git -c core.pager=x log',
      'git diff --ext-diff',
      'rg --pre x y',
      'find . -delete',
      'find . -fprint f',
      "sed -n 'w f' x",
      'sort -o f x',
      'cat a > b',
      'git branch new',
      // They write, set or run something.
      'xxd - out',
      'uniq - out',
      'uniq -- in -out',
      'date 010100002020',
      'yarn --version',
      'cargo --version',
      'file -z x',
      'fd -l',
      'cd sub && git status',
      'env -C sub git status',
      'cat <> x',
      'make -n',
      'go env -w X=y',
      'sed -n 1e x',
      'diff a b | tee c',
      'tree -no f',
      'uniq *',
      './ls',
      'rg "$x" y',
    ];
    assert.deepEqual([yes.filter((one) => !looks(one)), no.filter(looks)], [[], []]);
  });
});

describe('a rules file', () => {
  it('says where an example does not hold, and allows nothing by that rule', () => {
    const { rules, faults } = read(
      'prefix_rule(pattern=["a"], match=["b"])\nprefix_rule(pattern=["c"], decision="forbidden", not_match=["c d"])',
    );
    assert.deepEqual(faults, [
      { line: 1, message: 'the example "b" does not match' },
      { line: 2, message: 'the example "c d" matches, and must not' },
    ]);
    assert.deepEqual(
      rules.map(({ pattern, decision }) => [pattern, decision]),
      [[[['c']], 'forbid']],
    );
  });

  it('allows nothing when some of it cannot be read', () => {
    const { rules, faults } = read('prefix_rule(pattern=["a"])\nprefix_rule(pattern=["b"], decision="prompt")\nx = 1');
    assert.deepEqual(
      rules.map(({ decision }) => decision),
      ['ask'],
    );
    assert.deepEqual(faults, [{ line: 3, message: '"(" is missing here' }]);
  });

  it('says what is wrong with a rule, and lets the others allow nothing, as it may have forbidden', () => {
    const rest = 'prefix_rule(pattern=["git"])\nprefix_rule(pattern=["docker"], decision="prompt")\n';
    const faults: [string, string][] = [
      ['prefix_rule(pattern=["git", "push"], decision="forbid")', 'decision must be "allow", "prompt" or "forbidden"'],
      ['prefix_rule(pattern="git push")', 'pattern must be a list of words, such as ["npm", ["test", "run"]]'],
      ['prefix_rule(pattern=[])', 'pattern must be a list of words, such as ["npm", ["test", "run"]]'],
      ['prefix_rule(pattern=["x"], match=[1])', 'match must be a list of commands, such as ["npm test"]'],
      [
        'prefix_rule(patern=["x"])',
        'there is no patern in prefix_rule, only pattern, decision, justification, match, not_match, outside_sandbox',
      ],
      ['prefx_rule(pattern=["x"])', 'there is no prefx_rule(…); prefix_rule and host_executable may stand here'],
    ];
    for (const [text, message] of faults) {
      const found = read(`${rest}${text}`);
      const strict = /decision=/.test(text) ? ['ask', 'ask'] : ['ask'];
      assert.deepEqual([found.faults, found.rules.map(({ decision }) => decision)], [[{ line: 3, message }], strict]);
    }
  });

  it('holds to what it asks about and forbids on both sides of a fault, and to a rule at fault that was no allow', () => {
    const source = [
      'prefix_rule(pattern=["a"], decision="forbidden")',
      'prefix_rule(pattern=["b"], decision="prompt", justification="Ask me", typo=1)',
      'prefix_rule(pattern=["c"], decision="forbidden"',
      'prefix_rule(pattern=["d"], decision="forbidden")',
      'prefix_rule(pattern=["e"], decision="allow", decision="forbidden")',
      'prefix_rule(pattern=["f"], decision="deny")',
      "x = 'unclosed",
      'prefix_rule(pattern=["g"], decision="forbidden")',
      'prefix_rule(pattern=["h"])',
    ].join('\n');
    const { rules, faults, isWhole } = read(source);
    assert.deepEqual(
      rules.map(({ pattern, decision, justification }) => [pattern[0]?.[0], decision, justification]),
      [
        ['a', 'forbid', null],
        ['b', 'ask', 'Ask me'],
        ['d', 'forbid', null],
        ['f', 'ask', null],
        ['g', 'forbid', null],
      ],
    );
    assert.deepEqual([faults.map(({ line }) => line), isWhole], [[2, 4, 5, 6, 7], false]);
    assert.deepEqual(faults[2], { line: 5, message: 'decision is given twice' });
    assert.equal(read('nonsense(\n'.repeat(10_000)).faults.length, 20);
  });

  it('allows nothing while another file cannot be read: that one may forbid', () => {
    const whole = { ...read('prefix_rule(pattern=["a"])\nprefix_rule(pattern=["b"], decision="prompt")'), files: [] };
    const broken = { ...read('prefix_rule('), files: [] };
    const shown = (all: LoadedRules) => all.rules.map(({ pattern, decision }) => [pattern[0]?.[0], decision]);
    const of = ({ faults, ...one }: typeof whole): LoadedRules => ({
      ...one,
      faults: faults.map((fault) => ({ file: 'a', ...fault })),
    });
    assert.deepEqual(shown(joinedRules([of(whole)])), [
      ['a', 'allow'],
      ['b', 'ask'],
    ]);
    assert.deepEqual(shown(joinedRules([of(whole), of(broken)])), [['b', 'ask']]);
  });

  it('lets only the user open the sandbox', () => {
    const { rules, faults } = read(ruleText(['make', 'a "b"\n'], true), false);
    assert.deepEqual(
      [rules.map(({ pattern, outsideSandbox }) => [pattern, outsideSandbox]), faults.length],
      [[[[['make'], ['a "b"\n']], false]], 1],
    );
  });
});
