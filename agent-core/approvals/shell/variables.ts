/** Variables: which change what runs, and which change nothing that matters. (pure) */

const listed = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Shells, linkers and interpreters take code, or the place of code, from these; or a program's name. */
const RISKY_NAMES: ReadonlySet<string> = listed(
  `PATH CDPATH ENV IFS SHELL HOME ZDOTDIR FPATH TMPDIR MANPATH OPTARG OPTIND RANDOM _ POSIXLY_CORRECT histchars
  CC CXX CPP AR AS LD FC RUSTC RUSTDOC MAKE MAKEFILES CLASSPATH HGRCPATH HGPLAIN HG INPUTRC TERMCAP TERMINFO PSQLRC
  WGETRC NETRC SCREENRC ACKRC PHPRC PHP_INI_SCAN_DIR LUA_INIT VIMINIT EXINIT GVIMINIT MYVIMRC OPENSSL_CONF GTK_MODULES
  QT_PLUGIN_PATH NODE_REPL_EXTERNAL_MODULE ELECTRON_RUN_AS_NODE RSYNC_RSH CVS_RSH R_PROFILE R_PROFILE_USER R_ENVIRON
  R_ENVIRON_USER TCLLIBPATH BUNDLE_GEMFILE GOTOOLCHAIN GOROOT GOPATH GOBIN GOPROXY GOENV AWS_CONFIG_FILE
  AWS_SHARED_CREDENTIALS_FILE DOCKER_HOST DOTNET_ROOT VIRTUAL_ENV NLSPATH HOSTALIASES TAPE UNZIP ZIPOPT GZIP XZ_OPT
  NODE_CHANNEL_FD BROWSER`,
);
const RISKY = [
  /^(PS\d|PROMPT.*|LESS.*|SSH_.*|SUDO_.*|CARGO_.*|RUSTUP_.*|PIP_.*|UV_.*|YARN_.*|COREPACK_.*|MAVEN_.*|GRADLE_.*)$/,
  /^(BASH|SHELLOPTS|LD_|DYLD_|GIT_|PYTHON|PERL|RUBY|npm_|NPM_|XDG_|JAVA_TOOL|GCONV|LOCPATH|EXECIGNORE|GLOBIGNORE)/,
  /(OPTIONS|OPTS?|FLAGS|PAGER|EDITOR|VISUAL|BROWSER|WRAPPER|_COMMAND|_CMD|_RC|STARTUP|_PATH|_HOME|CONFIG|PRELOAD|_HOOKS|_RUNNER|_LINKER)$/,
];
const HARMLESS: ReadonlySet<string> = listed(
  `PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE npm_config_yes CI NODE_ENV RAILS_ENV NO_COLOR FORCE_COLOR CLICOLOR
  CLICOLOR_FORCE LANG LANGUAGE TZ DEBUG VERBOSE COLUMNS LINES RUST_BACKTRACE RUST_LOG CARGO_TERM_COLOR PYTHONHASHSEED
  GIT_TERMINAL_PROMPT`,
);

/** Whether another value of this variable can make another program run, or the same one do something else. */
export const isRiskyVariable = (name: string): boolean =>
  !HARMLESS.has(name) && (RISKY_NAMES.has(name) || RISKY.some((pattern) => pattern.test(name)));

/** Whether no value of it makes a program do more than its words say. */
export const isHarmlessVariable = (name: string): boolean => HARMLESS.has(name) || /^LC_[A-Z]+$/.test(name);
