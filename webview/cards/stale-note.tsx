/** A command saw the disk, and the editor had newer text: what it says may be about what is not there any more. */
import { usePanel } from '../state/context.tsx';
import { relativePath } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';

const MAX_NAMED = 5;

export function StaleNote({ itemId, cwd }: { itemId: string; cwd: string | null }) {
  const paths = usePanel((panel) => panel.thread?.extras.stale[itemId]);
  if (!paths || paths.length === 0) return null;
  const names = paths.slice(0, MAX_NAMED).map((path) => relativePath(path, cwd));
  const more = paths.length - names.length;
  return (
    <p className="stale-note">
      <Icon name="warning" />
      <span>
        Ran on files as they were saved, not as you see them:{' '}
        {names.map((name, place) => (
          <span key={name}>
            {place > 0 && ', '}
            <code>{name}</code>
          </span>
        ))}
        {more > 0 && ` and ${more} more`} {paths.length === 1 ? 'has' : 'have'} unsaved changes.
      </span>
    </p>
  );
}
