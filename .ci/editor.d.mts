import type { EditorInstall } from './editor-server.mjs';

export const EDITOR_VERSION: string;
export function setupEditor(): Promise<EditorInstall>;
