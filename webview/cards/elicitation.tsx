import { type FormEvent, type ReactNode, useId, useRef, useState } from 'react';
import {
  type ElicitationView,
  type FieldValue,
  type FieldValues,
  type FieldView,
  readForm,
} from '../bridge/elicitation.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

/** What an MCP server wants from the person: a form, or a page to open. Nothing goes to it before a button is pressed. */
export function ElicitationCard({ id }: { id: string }) {
  const view = usePanel((panel) => panel.thread?.extras.elicitations.find((one) => one.id === id));
  if (!view) return null;
  return view.kind === 'url' ? <PageCard view={view} /> : <FormCard view={view} />;
}

function Asked({ view, icon }: { view: ElicitationView; icon: 'question' | 'globe' }) {
  return (
    <>
      <p className="approval-question">
        <Icon name={icon} />
        <strong>{view.message}</strong>
      </p>
      <p className="approval-reason">
        Asked by the MCP server <code>{view.server}</code>, not by Gantry. What you answer goes to that server.
      </p>
    </>
  );
}

function Refusals({ view }: { view: ElicitationView }) {
  const { post, focusComposer } = useActions();
  const refuse = (action: 'decline' | 'cancel') => {
    post({ type: 'refuseElicitation', id: view.id, action });
    focusComposer();
  };
  return (
    <>
      <Button label="Decline" title="The server is told no" onClick={() => refuse('decline')} />
      <Button
        kind="quiet"
        label="Dismiss"
        title="The server is told that you did not answer"
        onClick={() => refuse('cancel')}
      />
    </>
  );
}

function PageCard({ view }: { view: Extract<ElicitationView, { kind: 'url' }> }) {
  const { post } = useActions();
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (view.host !== null) post({ type: 'openElicitation', id: view.id });
  };
  return (
    <form className="approval elicitation" aria-label={`${view.server} asks`} onSubmit={onSubmit}>
      <Asked view={view} icon="globe" />
      {view.host === null ? (
        <p className="approval-warning">This is no address of the web, so it cannot be opened from here.</p>
      ) : (
        <p className="approval-reason">
          It wants you to open a page of <strong>{view.host}</strong>. Open it only if you know that site.
        </p>
      )}
      <pre className="approval-command elicitation-url">{view.url}</pre>
      <div className="approval-actions">
        {view.host !== null && (
          <button type="submit" className="button primary">
            <span>Open in browser</span>
          </button>
        )}
        <Refusals view={view} />
      </div>
    </form>
  );
}

function FormCard({ view }: { view: Extract<ElicitationView, { kind: 'form' }> }) {
  const { post, focusComposer } = useActions();
  const [values, setValues] = useState<FieldValues>(() =>
    Object.fromEntries(view.fields.map(({ name, initial }) => [name, initial])),
  );
  const [tried, setTried] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const read = readForm(view.fields, values);
  const problems = read.ok || !tried ? {} : read.problems;
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (!read.ok) {
      setTried(true);
      const first = view.fields.findIndex(({ name }) => Object.hasOwn(read.problems, name));
      form.current?.querySelectorAll('.elicitation-field')[first]?.querySelector<HTMLElement>('input, select')?.focus();
      return;
    }
    post({ type: 'submitElicitation', id: view.id, values });
    focusComposer();
  };
  return (
    <form className="approval elicitation" aria-label={`${view.server} asks`} ref={form} noValidate onSubmit={onSubmit}>
      <Asked view={view} icon="question" />
      {view.fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          value={values[field.name] ?? field.initial}
          problem={Object.hasOwn(problems, field.name) ? (problems[field.name] ?? null) : null}
          onChange={(value) => setValues((before) => ({ ...before, [field.name]: value }))}
        />
      ))}
      <div className="approval-actions">
        <button type="submit" className="button primary">
          <span>{view.fields.length > 0 ? `Send to ${view.server}` : 'Accept'}</span>
        </button>
        <Refusals view={view} />
      </div>
    </form>
  );
}

type FieldProps = { field: FieldView; value: FieldValue; problem: string | null; onChange(value: FieldValue): void };

function Field({ field, value, problem, onChange }: FieldProps) {
  const id = useId();
  const about = [field.description && `${id}-about`, problem && `${id}-problem`].filter(Boolean).join(' ') || undefined;
  const notes = (
    <>
      {field.description && (
        <span id={`${id}-about`} className="option-description">
          {field.description}
        </span>
      )}
      {problem && (
        <span id={`${id}-problem`} className="error-text" role="alert">
          {problem}
        </span>
      )}
    </>
  );
  if (field.kind === 'choices') {
    const chosen = Array.isArray(value) ? value : [];
    return (
      <fieldset className="elicitation-field" aria-describedby={about}>
        <legend>
          <FieldName field={field} />
        </legend>
        {field.options.map((option) => (
          <label key={option.value} className="elicitation-tick">
            <input
              type="checkbox"
              checked={chosen.includes(option.value)}
              onChange={({ target }) =>
                onChange(target.checked ? [...chosen, option.value] : chosen.filter((one) => one !== option.value))
              }
            />
            <span>{option.label}</span>
          </label>
        ))}
        {notes}
      </fieldset>
    );
  }
  if (field.kind === 'boolean') {
    return (
      <div className="elicitation-field">
        <label className="elicitation-tick">
          <input
            type="checkbox"
            aria-describedby={about}
            checked={value === true}
            onChange={({ target }) => onChange(target.checked)}
          />
          <span>{field.label}</span>
        </label>
        {notes}
      </div>
    );
  }
  const common = {
    id,
    className: 'question-text',
    value: typeof value === 'string' ? value : '',
    'aria-required': field.required,
    'aria-invalid': problem !== null,
    'aria-describedby': about,
  };
  return (
    <div className="elicitation-field">
      <label htmlFor={id}>
        <FieldName field={field} />
      </label>
      {field.kind === 'choice' ? (
        <select {...common} onChange={({ target }) => onChange(target.value)}>
          {!field.options.some((option) => option.value === '') && <option value="">Choose…</option>}
          {field.options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...common}
          type={field.kind === 'number' ? 'text' : TYPES[field.format ?? 'plain']}
          inputMode={field.kind === 'number' ? 'decimal' : undefined}
          placeholder={field.kind === 'text' && field.format === 'date-time' ? '2026-01-31T12:00:00Z' : undefined}
          autoComplete="off"
          spellCheck={false}
          onChange={({ target }) => onChange(target.value)}
        />
      )}
      {notes}
    </div>
  );
}

const TYPES = { plain: 'text', email: 'email', uri: 'url', date: 'date', 'date-time': 'text' } as const;

function FieldName({ field }: { field: FieldView }): ReactNode {
  return (
    <>
      {field.label}
      {field.required && <span className="required"> (required)</span>}
    </>
  );
}
