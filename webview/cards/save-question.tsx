import { useEffect, useRef } from 'react';
import { saveSubject } from '../state/announce.ts';
import { useActions, usePanel, useView } from '../state/context.tsx';
import { savesOf } from '../state/selectors.ts';
import { Button } from '../ui/button.tsx';
import { plainCommand } from '../ui/command-text.ts';
import { plural } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { lengthNote, visibleName, visibleText } from '../ui/visible-text.ts';
import { useReportInView } from './approval-bar.tsx';

/** A command waits, which would see the disk and not what the editor shows: save first, or not? */
export function SaveQuestionCard({ id }: { id: string }) {
  const { post, focusComposer, revealed } = useActions();
  const view = usePanel((panel) => savesOf(panel).find((one) => one.id === id));
  const reveal = useView((state) => (state.reveal?.itemId === id ? state.reveal.request : 0));
  const first = useRef<HTMLButtonElement>(null);
  const actions = useReportInView(id);
  useEffect(() => {
    if (!reveal) return;
    first.current?.focus();
    revealed();
  }, [reveal, revealed]);
  if (!view) return null;
  const count = view.files.length;
  const command = visibleText(plainCommand(view.command));
  const answer = (save: boolean) => {
    post({ type: 'answerSave', id, save });
    focusComposer();
  };
  return (
    <section className="approval save-question" aria-label={`Save before the command runs: ${saveSubject(view.files)}`}>
      <p className="approval-question">
        <Icon name="question" />
        <strong>Save {count === 1 ? 'this file' : `these ${plural(count, 'file')}`} before the command runs?</strong>
      </p>
      <ul className="approval-files">
        {view.files.map(({ label, path }) => (
          <li key={label}>
            {path === null ? (
              visibleName(label)
            ) : (
              <button type="button" className="link" onClick={() => post({ type: 'openFile', path, line: null })}>
                {visibleName(label)}
              </button>
            )}
          </li>
        ))}
      </ul>
      <p className="approval-reason">
        {count === 1 ? 'It has' : 'They have'} unsaved changes. The command sees files as they are on the disk:
      </p>
      <pre className="approval-command">{command}</pre>
      {lengthNote(command) && <p className="approval-reason">{lengthNote(command)}</p>}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend beside the question */}
      <div className="approval-actions" role="group" aria-label="Decision" ref={actions}>
        <Button
          kind="primary"
          label="Save and run"
          title="Saves as you would, formatters included, then runs the command"
          ref={first}
          onClick={() => answer(true)}
        />
        <Button
          label="Run without saving"
          title="The command runs on what is on the disk; its card says so"
          onClick={() => answer(false)}
        />
      </div>
    </section>
  );
}
