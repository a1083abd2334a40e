export function findChromium(): string | undefined;
export function ensureChromium(): Promise<
  { path: string; missing?: undefined } | { path?: undefined; missing: string }
>;
