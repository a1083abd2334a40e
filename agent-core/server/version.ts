import { readFileSync } from 'node:fs';

/** Gantry's version, from the package it was started from. */
export function readVersion(): string {
  // Both this file and the bundle made of it lie two folders below package.json.
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : '0.0.0';
}
