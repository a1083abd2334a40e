/** Types for test/support/editor, which is TypeScript; editor-server.mjs says what each does. */
export interface EditorInstall {
  node: string;
  server: string;
}

export interface RunningServer {
  port: number;
  logFile: string;
  exited: Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  editor: EditorInstall;
  home: string;
  token: string;
  port?: number;
  env?: Record<string, string>;
  args?: string[];
  extensionsDir?: string;
}

export interface WorkbenchTarget {
  port: number;
  token: string;
  folder: string | null;
  developmentPath?: string;
  testsPath?: string;
}

export function freePort(wanted?: number): Promise<number>;
export function prepareHome(home: string, settings?: Record<string, unknown>): string;
export function startServer(options: ServerOptions): Promise<RunningServer>;
export function workbenchUrl(target: WorkbenchTarget): string;
