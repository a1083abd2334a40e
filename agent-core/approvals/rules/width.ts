/** How much a rule lets through that begins with some words: what a yes may be asked for, and what it stretches to. (pure) */

const listed = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** What follows can make them run or write anything: only a whole script is ever proposed. */
const NEVER: ReadonlySet<string> = listed(
  `env sudo doas su xargs find fd nohup time nice ionice timeout stdbuf setsid command builtin exec eval trap busybox parallel
  watch flock strace chroot unshare script ssh scp sftp rsync curl wget nc ncat socat openssl sed awk gawk mawk tar cpio
  sort rg vi vim nvim ed emacs nano less more man gdb lldb tee dd rm chmod chown mv cp ln cat head tail at batch crontab
  systemctl expect tmux screen osascript pwsh powershell cmd`,
);
/** They run a file of the user's by its name; an option may be code. */
const INTERPRETERS: ReadonlySet<string> = listed(
  'bash sh dash zsh ksh fish python py pypy node deno bun perl ruby php lua luajit tclsh Rscript julia ts-node tsx java groovy',
);
/** Their first word says what they do; alone, or with an option there, they may do anything. */
const WITH_VERBS: ReadonlySet<string> = listed(
  `git npm npx bunx pnpm yarn make gmake just task rake ninja docker podman nerdctl kubectl helm cargo rustup go uv uvx pip
  pipx poetry pdm hatch pipenv conda mamba bundle gem composer dotnet mvn gradle gh glab aws gcloud az terraform tofu
  ansible vagrant nix brew apt apt-get dnf yum pacman apk snap flatpak mise asdf direnv corepack nx turbo lerna
  svn hg jj fly heroku vercel netlify wrangler op doppler`,
);
/** What they run, or do, stands in the word after these. */
const VERBS: ReadonlySet<string> = listed(
  `run run-script exec x dlx create init tool shell develop start compose config submodule bisect rebase difftool mergetool
  filter-branch alias extension api debug cp generate compute ec2 s3 ssh hook sh`,
);

const nameOf = (program: string): string => {
  const name = (program.split('/').at(-1) ?? '').replace(/\.(exe|cmd|bat|com)$/i, '');
  // python3.13, node22: `x` and `7z` keep theirs.
  return name.replace(/(?<=[a-z]{3})-?[\d.]+$/i, '');
};
const isOption = (word: string | undefined): boolean => word === undefined || /^[-+]/.test(word);

/** Whether a rule that begins with these words would allow what nobody had in mind. */
export function isTooWide([program = '', second, third]: readonly string[]): boolean {
  const name = nameOf(program);
  if (name === '' || NEVER.has(name)) return true;
  if (INTERPRETERS.has(name) && !WITH_VERBS.has(name)) {
    // A module is named as a file is.
    if (second === '-m' && /^py/.test(name)) return isOption(third);
    if (isOption(second)) return true;
    return VERBS.has(second ?? '') && isOption(third);
  }
  return WITH_VERBS.has(name) && (isOption(second) || (VERBS.has(second ?? '') && isOption(third)));
}

/** For each, words that make it run a program, or read what to do from elsewhere. */
const STEERS: Readonly<Record<string, RegExp>> = {
  git: /^--?(upload-pack|receive-pack|exec|ext-diff|open-files-in-pager|config|template|textconv|output)|^-[cuxO]/,
  make: /^(SHELL|MAKE\w*|\.\w+|CC|CXX|LD|AR)[?:+!]*=|^--?(eval|file|makefile|directory|include-dir)|^-[fCIE]/,
  npm: /^--?(script-shell|shell|node-options|prefix|userconfig|globalconfig|registry|call)|^-[cC]$/,
  pnpm: /^--?(script-shell|shell-mode|dir|registry|config)|^-[cC]$/,
  yarn: /^--?(cwd|use-yarnrc|registry)/,
  cargo: /^--config|^-[ZC]|^--manifest-path/,
  go: /^-?-(toolexec|exec|vettool|overlay|modfile)|^-C/,
  docker: /^--?(privileged|volume|mount|host|context|config|pid|device)|^-[vHc]/,
  kubectl: /^--?(kubeconfig|server|context)|^-s$/,
  pytest: /^-[cp]$|^--(rootdir|config-file|override-ini|basetemp)|^-o$/,
  gh: /^--?hostname/,
  gcc: /^-(wrapper|B|specs|fplugin)/,
  clang: /^-(B|fplugin|Xclang|load)/,
};

/** Whether a command makes its program do more by words that stand after the rule's own. */
export function isSteered(words: readonly string[], ruled: number): boolean {
  const name = nameOf(words[0] ?? '');
  const pattern = Object.hasOwn(STEERS, name) ? STEERS[name] : undefined;
  return pattern !== undefined && words.slice(ruled).some((word) => pattern.test(word));
}
