/** Finds a patch that a model sends through the shell, out of habit. (pure) */

/** `apply_patch <<'EOF' … EOF` or `apply_patch '…'`, alone or after `cd DIR &&`; null when the script is anything else. */
export function embeddedPatch(script: string): { patch: string; workdir: string | null } | null {
  const cd = /^\s*cd\s+(?:'([^']+)'|"([^"$`]+)"|([^\s;&|'"$`]+))\s*&&\s*/.exec(script);
  const workdir = cd ? (cd[1] ?? cd[2] ?? cd[3] ?? null) : null;
  const command = cd ? script.slice(cd[0].length) : script;
  const heredoc = /^\s*apply_?patch\s*<<-?\s*(['"]?)(\w+)\1[ \t]*\n([\s\S]*?)\n[ \t]*\2\s*$/.exec(command);
  if (heredoc) return { patch: heredoc[3] ?? '', workdir };
  const quoted = /^\s*apply_?patch\s+'(\s*\*\*\* Begin Patch[^']*)'\s*$/.exec(command);
  return quoted ? { patch: quoted[1] ?? '', workdir } : null;
}
