/* biome-ignore-all lint/suspicious/noTemplateCurlyInString: the shell's own expansions. */
/** Shell scripts made up at random, the same for the same seed: of all that shells know, and of what looks like it. */

/** A small generator of numbers in [0, 1). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Programs that only write down that they ran: those that end in `1` fail, the others succeed. */
export const LEAVES = ['la', 'lb', 'lc', 'ld', 'rm', 'git', 'curl', 'na1', 'nb1'];
/** Programs that are really run, and run others. */
export const RUNNERS = [
  'env',
  'nohup',
  'nice',
  'timeout',
  'xargs',
  'find',
  'bash',
  'sh',
  'dash',
  'cat',
  'stdbuf',
  'setsid',
];

const WORDS = [
  'x',
  '-rf',
  '--force',
  'a.b',
  '/tmp/q',
  "'a b'",
  '"a b"',
  '"$v"',
  '$v',
  '${v}',
  '${v:-w}',
  '"${v:-w z}"',
  '*',
  '?.x',
  '{p,q}',
  '{1..3}',
  '~/x',
  '~',
  'a\\ b',
  '\\;',
  "''",
  '""',
  "$'a\\tb'",
  '$"l"',
  'a"b"c',
  'a\'b\'"c"',
  '#x',
  'a#b',
  '$',
  '$1',
  '"$@"',
  '$@',
  '$#',
  '$?',
  '$((1+2))',
  '$((v))',
  '=',
  'a=b',
  '-',
  '--',
  '!',
  '[x]',
  '}',
  '{',
  '{}',
  'x{a',
  '^',
  '%',
  '"\\$v"',
  '"a\\"b"',
  "'\\'",
  '${v%x}',
  '${v/a/b}',
  '${#v}',
  '${!v}',
  '${v:=la}',
  '${v@P}',
  '$[1]',
  'if',
  'do',
  'then',
  'in',
  'x\\\ny',
  '"a\nb"',
  '&1',
];
const TRICKS = [
  'ls "x"#;LEAF',
  'LEAF x\\\n#;LEAF',
  "LEAF $'\\'; LEAF #'",
  'LEAF a$(LEAF)b',
  'LEAF `LEAF`',
  'LEAF "`LEAF`"',
  'LEAF "$(LEAF "$(LEAF)")"',
  'LEAF &> f LEAF',
  'LEAF > f LEAF x',
  '> f LEAF',
  '2>&1 LEAF',
  'LEAF 2>/dev/null x',
  'LEAF a2>f',
  'LEAF <(LEAF) >(LEAF)',
  'LEAF <<< "$(LEAF)"',
  'LEAF <<E\n$(LEAF)\nE\nLEAF',
  "LEAF <<'E'\n$(LEAF)\nE\nLEAF",
  'LEAF <<E | LEAF\nx\nE\nLEAF',
  'LEAF <<-E\n\tx\n\tE\nLEAF',
  'LEAF <<E\nx\\\nE\nLEAF\nE\nLEAF',
  'LEAF <<"E F"\nx\nE F\nLEAF',
  'LEAF <<A <<B\nA\nLEAF\nB\nLEAF',
  'LEAF - <<E\nx\nE',
  'LEAF > f - <<E\nx\nE\nLEAF',
  'LEAF <<\\E\nx\nE\nLEAF',
  '(( LEAF ))',
  '((LEAF) )',
  '$((LEAF))',
  '$( (LEAF) )',
  '[[ x && LEAF ]]',
  '[[ -v a[$(LEAF)] ]]',
  "test -v 'a[$(LEAF)]'",
  "[ 1 -eq 'a[$(LEAF)]' ]",
  "[[ 1 -eq 'a[$(LEAF)]' ]]",
  "printf -v 'a[$(LEAF)]' x",
  "read 'a[$(LEAF)]' < f",
  'a[$(LEAF)]=1',
  "let 'a[$(LEAF)]'",
  "declare 'a[$(LEAF)]=1'",
  "unset 'a[$(LEAF)]'",
  "v='a[$(LEAF)]'; echo $((v))",
  "v='$(LEAF)'; echo ${v@P}",
  "alias la='LEAF'; shopt -s expand_aliases\nla x",
  'PATH=. LEAF',
  'v=LEAF; $v x',
  'v="LEAF x"; eval "$v"',
  "eval 'LEAF x; LEAF'",
  'eval LEAF "x;" LEAF',
  "trap 'LEAF t' EXIT",
  'trap LEAF EXIT; LEAF',
  'f() { LEAF "$@"; }; f a b',
  'f() ( LEAF ); f',
  'function f { LEAF; }; f',
  '(la() { LEAF; }); la',
  'la() { LEAF; }; env la',
  'la() { LEAF; } & la',
  'true || la() { LEAF; }; la',
  'la; la() { LEAF; }',
  "bash -c 'LEAF a; LEAF'",
  "sh -c 'LEAF $0 $1' x y",
  'sh -c "LEAF \'$v\'"',
  "bash -lc 'LEAF | LEAF'",
  "dash -c 'LEAF $(LEAF)'",
  'echo LEAF | sh',
  'sh <<E\nLEAF\nE',
  'bash -c "$v"',
  "env A=1 sh -c 'LEAF'",
  'env -u A -- LEAF',
  'env -S "LEAF x"',
  'env BASH_ENV=f bash -c :',
  'timeout 5 LEAF x',
  'timeout -s KILL 5 nice -n 5 LEAF',
  'nohup LEAF',
  'time LEAF',
  'time -p LEAF',
  '! LEAF',
  'command LEAF',
  'command -v LEAF',
  'builtin echo',
  'exec LEAF x',
  'exec > f; LEAF',
  'sudo LEAF x',
  'sudo -u r LEAF',
  'stdbuf -oL LEAF',
  'setsid LEAF',
  'echo a b | xargs LEAF',
  'echo a | xargs -n1 LEAF x',
  'echo LEAF | xargs -I{} {} x',
  "echo a | xargs -I{} sh -c 'LEAF {}'",
  'echo la | xargs env',
  'echo a | xargs -I% LEAF x%y',
  'find . -maxdepth 0 -exec LEAF {} \\;',
  'find . -maxdepth 0 -exec LEAF {} + -exec LEAF x \\;',
  'find . -maxdepth 0 -exec sh -c \'LEAF "$1"\' _ {} \\;',
  'v=-exec; find . "$v" LEAF \\;',
  'case x in x) LEAF;; *) LEAF;; esac',
  'case $v in (x|y) LEAF;; esac',
  'case x in $(LEAF)) LEAF;; esac',
  'case x in x) LEAF;& y) LEAF;; esac',
  'for i in a b; do LEAF $i; done',
  'for i in $(LEAF); do LEAF "$i"; done',
  'for ((i=0;i<2;i++)); do LEAF; done',
  'for PATH in .; do LEAF; done',
  'while na1; do LEAF; done',
  'until la; do LEAF; done',
  'echo x | while read -r l; do LEAF "$l"; done',
  'if LEAF; then LEAF; elif LEAF; then LEAF; else LEAF; fi',
  'if na1; then LEAF; else LEAF; fi',
  '{ LEAF; LEAF; } > f',
  '( LEAF; LEAF ) 2>&1',
  'LEAF & LEAF',
  'LEAF |& LEAF',
  'coproc LEAF',
  'select i in a; do LEAF; done',
  'LEAF # LEAF',
  'LEAF;#x\nLEAF',
  'LEAF \\\n  -x',
  'a=$(LEAF) LEAF',
  'a=(x $(LEAF)); LEAF "${a[0]}"',
  'export A=$(LEAF); LEAF',
  'local x=1; LEAF',
  'set -- LEAF x; "$@"',
  'hash -p /bin/echo la; la',
  'set -k; LEAF PATH=.',
  'IFS=x; v=axb; LEAF $v',
  'mapfile -C LEAF -c 1 a < f',
  'LEAF\r\nLEAF',
  '\\LEAF x',
  '"LEAF" x',
  "l''a x",
  'l\\a x',
  '{la,x}',
  'l[a] x',
  './la',
  '$(echo la) x',
  'LEAF() { :; }; LEAF',
  '. ./f',
  'source f',
  'LEAF ;; LEAF',
  'LEAF && || LEAF',
  "LEAF 'unclosed",
  'LEAF "unclosed $(LEAF)',
  'echo ${v:-$(LEAF)}',
  'echo "${v:-`LEAF`}"',
  '${v:+LEAF}',
  'echo ${x[$(LEAF)]}',
  'x=1 y=2; LEAF',
  '[ -f x ] && LEAF',
  '[ "$v" = x ] || LEAF',
  '[[ $v == y* ]] || LEAF',
  'test "$v" "$w"',
  'time A=1 LEAF x',
  'time -p A=1 LEAF',
  'time time ! LEAF',
  'time { LEAF; }',
  "time [[ 1 -eq 'a[$(LEAF)]' ]]",
  '! A=1 LEAF',
  '! time LEAF',
  'echo ${v:-<(LEAF)}',
  'echo "${v:+<(LEAF)}"',
  'v=a; echo ${v/a/<(LEAF)}',
  'v=${w:-<(LEAF)}',
  'LEAF <<< ${v:-<(LEAF)}',
  '[[ a =~ <(LEAF) ]]',
  '[[ a = x<(LEAF) ]]',
  '[[ a == @(b|<(LEAF)) ]]',
  '[[ -n <(LEAF) ]]',
  '[[ a\\ <(LEAF) ]]',
  'for i in <(LEAF); do :; done',
  'echo x | xargs -I{} -n2 LEAF',
  'echo x | xargs -n2 -I{} LEAF {}',
  'echo x | xargs -I{} -L1 LEAF {}',
  'echo x | xargs -I% --max-args=2 LEAF %',
  'echo x | xargs -I{} env LEAF {} x{}',
  "bash /dev/stdin <<< 'LEAF x'",
  'sh /dev/fd/0 <<E\nLEAF\nE',
  'echo LEAF | bash /proc/self/fd/0',
  'echo LEAF | bash -s x',
  'la() { :; }; unset la; la x',
  "la() { :; }; eval 'unset la'; la x",
  'f() { unset la; }; la() { :; }; f; la x',
  'la() { :; }; unset -f la; la x',
  'la() { :; }; unset v; la x; LEAF',
  'la() { :; }; command la x',
  'la() { :; }; "la" x',
  'la() { :; }; \\la x',
  "la() { :; }; bash -c 'la x'",
  "eval 'la() { :; }'; la x",
  'time() { :; }; time LEAF',
  'LEAF a >&- b',
  'LEAF >$ x',
  'LEAF a $ x',
  'LEAF -<<E\nx\nE',
  'LEAF <<E\nx\nE #; $(LEAF)',
  'LEAF a$"b" $"c"',
  'bash la x',
  "LEAF 'a b'$'c'",
  'LEAF 3<&- x',
  'LEAF {fd}>f x',
  'exec {fd}<f; LEAF',
  'LEAF a=~/x ~root ~+',
  'POSIXLY_CORRECT=1; LEAF <(LEAF)',
  'set -o posix; LEAF',
  'echo "$(cat <<E\n)\nE\nLEAF)"',
  'LEAF "$(cat <<\'E\'\n`LEAF` $(LEAF)\nE\n)"',
  "echo $(cat <<'E'\n'\nE\nLEAF)",
  'LEAF <<E &&\nx\nE\nLEAF',
  'LEAF <<E\nE \nLEAF\nE\nLEAF',
  'echo ")" $(LEAF ")" \\) ; LEAF)',
  'echo a\\\\; LEAF',
  'echo \\"; LEAF; echo \\"',
  "find . -maxdepth 0 -exec LEAF '' + x \\;",
  'find . -maxdepth 0 -exec LEAF {}x + \\; -exec LEAF y \\;',
  "find . -maxdepth 0 -exec env A=1 sh -c 'LEAF' \\;",
  'find . -maxdepth 0 -execdir nice LEAF {} \\;',
  'bash -c \'LEAF "$@"\' _ x y',
  'bash -c \'"$@"\' _ LEAF',
  "bash --posix -c 'LEAF x'",
  "bash -o posix -c 'LEAF x'",
  "timeout -k 2 -s TERM 5 bash -ec 'LEAF; LEAF'",
  'nice -n 5 env A=1 xargs -n1 LEAF < f',
  'command env nohup LEAF x',
  "trap - EXIT; trap 'LEAF x' EXIT INT",
  "eval '' ; eval '#' LEAF; eval 'LEAF' '#'",
];

export function createScripts(random: () => number): () => string {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  const many = (most: number, make: () => string): string =>
    Array.from({ length: Math.floor(random() * (most + 1)) }, make).join(' ');
  const leaf = () => pick(LEAVES);
  const plain = (): string =>
    `${leaf()} ${many(3, () => (random() < 0.6 ? pick(WORDS.slice(0, 9)) : pick(WORDS)))}`.trim();
  const trick = (): string =>
    pick(TRICKS).replaceAll('LEAF', () => (random() < 0.3 ? plain().replaceAll("'", '') : leaf()));
  const wrapped = (depth: number): string => {
    const inner = script(depth - 1);
    switch (Math.floor(random() * 8)) {
      case 0:
        return `( ${inner} )`;
      case 1:
        return `{ ${inner}\n}`;
      case 2:
        return `${leaf()} "$(${inner})"`;
      case 3:
        return `bash -c '${inner.replaceAll("'", `'\\''`)}'`;
      case 4:
        return `if ${plain()}; then ${inner}\nfi`;
      case 5:
        return `for i in a b; do ${inner}\ndone`;
      case 6:
        return `f${depth}() { ${inner}\n}; f${depth} ${pick(WORDS)}`;
      default:
        return `eval '${inner.replaceAll("'", `'\\''`)}'`;
    }
  };
  const command = (depth: number): string => {
    const kind = random();
    if (depth > 0 && kind < 0.2) return wrapped(depth);
    return kind < 0.55 ? plain() : trick();
  };
  const script = (depth: number): string => {
    let text = command(depth);
    while (random() < 0.3) text += `${pick([' && ', ' || ', ' | ', '; ', '\n', ' & '])}${command(depth)}`;
    return text;
  };
  const mutated = (text: string): string => {
    const at = Math.floor(random() * text.length);
    const kind = random();
    if (kind < 0.4) return text.slice(0, at) + text.slice(at + 1);
    if (kind < 0.8) return text.slice(0, at) + pick([...'\'"`$(){}[]<>|&;#\\ \n\t=~*?!-']) + text.slice(at);
    return text.slice(0, at) + pick(TRICKS).replaceAll('LEAF', leaf) + text.slice(at);
  };
  return () => {
    let text = script(2);
    while (random() < 0.25) text = mutated(text);
    return text;
  };
}
