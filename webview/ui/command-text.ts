/** The system's own shells: a program of another place that is called so is part of what runs, and is shown. */
const WRAPPED = /^(?:\/(?:usr\/(?:local\/)?|opt\/homebrew\/)?bin\/)?(?:ba|z|da)?sh\s+-l?c\s+([\s\S]+)$/;

/** A command as a person would type it: without the shell that the agent wraps around it. */
export function plainCommand(command: string): string {
  const inner = WRAPPED.exec(command.trim())?.[1]?.trim();
  if (!inner) return command;
  if (inner.startsWith("'") && inner.endsWith("'") && inner.length > 1) {
    return inner.slice(1, -1).replaceAll("'\\''", "'").replaceAll(`'"'"'`, "'");
  }
  if (inner.startsWith('"') && inner.endsWith('"') && inner.length > 1)
    return inner.slice(1, -1).replace(/\\(["\\$`])/g, '$1');
  return /[\s'"]/.test(inner) ? command : inner;
}
