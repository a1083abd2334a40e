import path from 'node:path';

/** Where this repository lies. */
export const root = path.join(import.meta.dirname, '../..');
