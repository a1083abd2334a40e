import { MODES, type Mode } from '../bridge/panel-state.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { Icon, type IconName } from '../ui/icon.tsx';
import { Picker } from '../ui/picker.tsx';

/** What each mode allows, in a line. */
export const MODE_TEXTS: Record<Mode, { label: string; description: string; icon: IconName }> = {
  'read-only': {
    label: 'Read only',
    icon: 'eye',
    description: 'Reads and answers. Changes no file; commands run in the sandbox and cannot write.',
  },
  ask: {
    label: 'Ask first',
    icon: 'question',
    description:
      'Every edit waits for your OK. Commands run in the sandbox: they write only in this folder and have no network.',
  },
  auto: {
    label: 'Auto edit',
    icon: 'edit',
    description: 'Edits at once, you review afterwards. Commands run in the same sandbox; leaving it needs your OK.',
  },
  full: {
    label: 'Full access',
    icon: 'warning',
    description: 'No sandbox and no questions: may do anything on this computer that you may.',
  },
};

export function ModePicker() {
  const { post } = useActions();
  const mode = usePanel((panel) => panel.mode);
  const { label, icon } = MODE_TEXTS[mode];
  return (
    <Picker
      className={`mode ${mode}`}
      label={`Mode: ${label}`}
      listLabel="Mode"
      button={
        <>
          <Icon name={icon} />
          <span className="picker-text">{label}</span>
        </>
      }
      options={MODES.map((id) => ({ id, group: null, ...MODE_TEXTS[id] }))}
      selected={mode}
      onPick={(id) => post({ type: 'setMode', mode: id as Mode })}
    />
  );
}
