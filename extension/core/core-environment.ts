/** The environment of the core: the user's own, without what belongs to the editor's process. */

const EDITOR_OWN = /^(VSCODE_|ELECTRON_|CHROME_|ORIGINAL_XDG_CURRENT_DESKTOP$|APPLICATION_INSIGHTS_)/;

/** The keys that Gantry stores never come in here: they go over the pipe. */
export function coreEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.entries(env).filter(([name]) => !EDITOR_OWN.test(name));
  return { ...Object.fromEntries(own), ELECTRON_RUN_AS_NODE: '1' };
}
