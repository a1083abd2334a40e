/** What tests that look at a real editor import. */
export { type Editor, type EditorOptions, freshFolder, repository, startEditor } from './editor.ts';
export { type Session, useEditor } from './mocha-session.ts';
export { waitFor } from './wait-for.ts';
export {
  launchBrowser,
  openFile,
  openWorkbench,
  outputFolder,
  panel,
  picture,
  runCommand,
  themes,
} from './workbench.ts';
