import os from 'node:os';

export type ClientIdentity = { name: string; version: string };

const platforms: Partial<Record<NodeJS.Platform, string>> = { darwin: 'macos', win32: 'windows' };
const systems: Partial<Record<NodeJS.Platform, string>> = { darwin: 'Mac OS', win32: 'Windows', linux: 'Linux' };
const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'x86_64', ia32: 'x86' };

export const platformFamily = (): string => (process.platform === 'win32' ? 'windows' : 'unix');
export const platformOs = (): string => platforms[process.platform] ?? process.platform;

/** Clients read the first version number in it as the server's. */
export function userAgent(client: ClientIdentity, version: string): string {
  const release = os.release().split('-')[0] ?? os.release();
  const system = `${systems[process.platform] ?? os.type()} ${release}; ${architectures[process.arch] ?? process.arch}`;
  const terminal = process.env.TERM_PROGRAM ?? process.env.TERM ?? 'unknown';
  return `${client.name}/${version} (${system}) ${terminal} (${client.name}; ${client.version})`;
}
