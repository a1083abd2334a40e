import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { QuestionView } from '../bridge/thread-extras.ts';
import { useActions, usePanel, useView } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { Icon } from '../ui/icon.tsx';

const OTHER = '\u0000other';

type Answers = Readonly<Record<string, { option: string | null; text: string }>>;
type One = QuestionView['questions'][number];

const NOTHING = { option: null, text: '' };

function answerOf(question: One, { option, text }: { option: string | null; text: string }): string[] {
  if (question.options.length === 0 || option === OTHER) return text.trim() ? [text.trim()] : [];
  return option === null ? [] : [option];
}

/** What the agent wants to know before it goes on: options to choose from, or a text, for each question. */
export function QuestionCard({ id }: { id: string }) {
  const { post, focusComposer, revealed } = useActions();
  const view = usePanel((panel) => panel.thread?.extras.questions.find((one) => one.id === id));
  const reveal = useView((state) => (view && state.reveal?.itemId === view.itemId ? state.reveal.request : 0));
  const [answers, setAnswers] = useState<Answers>({});
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!reveal) return;
    form.current?.querySelector<HTMLElement>('input')?.focus();
    revealed();
  }, [reveal, revealed]);
  if (!view) return null;
  const given = view.questions.map((question) => [question.id, answerOf(question, answers[question.id] ?? NOTHING)]);
  const isWhole = given.every(([, answer]) => (answer?.length ?? 0) > 0);
  const finish = (all: Record<string, string[]>) => {
    post({ type: 'answer', id, answers: all });
    focusComposer();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole) finish(Object.fromEntries(given));
  };
  return (
    <form className="approval question" aria-label="Gantry asks" ref={form} onSubmit={onSubmit}>
      {view.questions.map((question) => (
        <Question
          key={question.id}
          question={question}
          value={answers[question.id] ?? NOTHING}
          onChange={(value) => setAnswers((before) => ({ ...before, [question.id]: value }))}
        />
      ))}
      <div className="approval-actions">
        <button type="submit" className="button primary" disabled={!isWhole}>
          <span>Answer</span>
        </button>
        <Button kind="quiet" label="Skip" title="The agent goes on without an answer" onClick={() => finish({})} />
      </div>
    </form>
  );
}

function Question({
  question,
  value,
  onChange,
}: {
  question: One;
  value: { option: string | null; text: string };
  onChange: (value: { option: string | null; text: string }) => void;
}) {
  const name = useId();
  const { header, options, isOther, isSecret } = question;
  const field = (
    <input
      type={isSecret ? 'password' : 'text'}
      className="question-text"
      placeholder={options.length > 0 ? 'Something else' : undefined}
      aria-label={options.length > 0 ? `Your own answer: ${question.question}` : question.question}
      value={value.text}
      autoComplete="off"
      onChange={(event) => onChange({ option: OTHER, text: event.target.value })}
    />
  );
  return (
    <fieldset className="question-one">
      <legend>
        <Icon name="question" />
        {header && <span className="badge">{header}</span>}
        <strong>{question.question}</strong>
      </legend>
      {options.map(({ label, description }) => (
        <label key={label} className="question-option">
          <input
            type="radio"
            name={name}
            checked={value.option === label}
            onChange={() => onChange({ ...value, option: label })}
          />
          <span className="option-text">
            <span>{label}</span>
            {description && <span className="option-description">{description}</span>}
          </span>
        </label>
      ))}
      {isOther &&
        (options.length > 0 ? (
          <div className="question-option">
            <input
              type="radio"
              name={name}
              aria-label="Something else"
              checked={value.option === OTHER}
              onChange={() => onChange({ ...value, option: OTHER })}
            />
            <span className="option-text">{field}</span>
          </div>
        ) : (
          field
        ))}
    </fieldset>
  );
}
