import { useEffect, useRef } from 'react';
import type { ApprovalDecision, ApprovalView } from '../bridge/panel-state.ts';
import { approvalSubject } from '../state/announce.ts';
import { useActions, usePanel, useView } from '../state/context.tsx';
import { Button, type ButtonKind, modifier } from '../ui/button.tsx';
import { plainCommand } from '../ui/command-text.ts';
import { relativePath } from '../ui/format.ts';
import { Icon } from '../ui/icon.tsx';
import { lengthNote, visibleName, visibleText } from '../ui/visible-text.ts';
import { type Taken, takenOf } from './hunk-list.tsx';

type Choice = { decision: ApprovalDecision; label: string; kind: ButtonKind; hint: string };

const SESSION_HINT = {
  mcpTool: 'Calls it, and calls this tool again without asking until the thread ends',
  command: 'Runs it, and runs this same command without asking until the thread ends',
  fileChange: 'Applies it, and applies further edits to these files without asking until the thread ends',
};

const TOOL_CHOICES: Choice[] = [
  { decision: 'accept', label: 'Allow once', kind: 'primary', hint: `Calls it this time (${modifier()}Enter)` },
  { decision: 'acceptForSession', label: 'Allow for session', kind: 'secondary', hint: SESSION_HINT.mcpTool },
  {
    decision: 'acceptAlways',
    label: 'Always allow',
    kind: 'secondary',
    hint: 'Calls it, and writes into config.toml that this tool needs no question',
  },
  {
    decision: 'decline',
    label: 'Decline',
    kind: 'secondary',
    hint: `Does not call it; Gantry is told and goes on (${modifier()}Backspace)`,
  },
];

function hostChoices(host: string): Choice[] {
  return [
    {
      decision: 'accept',
      label: 'Allow once',
      kind: 'primary',
      hint: `Lets this command reach it (${modifier()}Enter)`,
    },
    {
      decision: 'acceptForSession',
      label: 'Allow for session',
      kind: 'secondary',
      hint: `Lets every command reach ${host} until the thread ends`,
    },
    {
      decision: 'acceptAlways',
      label: 'Always allow this host',
      kind: 'secondary',
      hint: `Lets commands reach ${host}, written under domains of your permission profile in config.toml`,
    },
    {
      decision: 'decline',
      label: 'Decline',
      kind: 'secondary',
      hint: `Refuses it until the thread ends; Gantry is told and goes on (${modifier()}Backspace)`,
    },
    {
      decision: 'declineAlways',
      label: 'Never allow',
      kind: 'quiet',
      hint: `Keeps commands from ${host}, written under domains of your permission profile in config.toml`,
    },
    { decision: 'cancel', label: 'Decline and stop', kind: 'quiet', hint: 'Declines and ends the turn' },
  ];
}

const PERMISSION_CHOICES: Choice[] = [
  {
    decision: 'accept',
    label: 'Allow for this turn',
    kind: 'primary',
    hint: `Until this turn ends (${modifier()}Enter)`,
  },
  { decision: 'acceptForSession', label: 'Allow for session', kind: 'secondary', hint: 'Until the thread ends' },
  {
    decision: 'decline',
    label: 'Decline',
    kind: 'secondary',
    hint: `Gantry is told and goes on without (${modifier()}Backspace)`,
  },
];

function choices({ kind, host, rule }: ApprovalView): Choice[] {
  if (kind === 'mcpTool') return TOOL_CHOICES;
  if (kind === 'permissions') return PERMISSION_CHOICES;
  if (host !== undefined) return hostChoices(host);
  const command = kind === 'command';
  const always: Choice = {
    decision: 'acceptAlways',
    label: `Always allow ${shortRule(rule ?? [])}`,
    kind: 'secondary',
    hint: `Runs it, and writes a rule that commands which begin with ${visibleName((rule ?? []).join(' '))} need no question; Gantry: Open Command Rules shows it`,
  };
  return [
    {
      decision: 'accept',
      label: 'Accept',
      kind: 'primary',
      hint: `${command ? 'Runs it once' : 'Applies this change'} (${modifier()}Enter)`,
    },
    { decision: 'acceptForSession', label: 'Accept for session', kind: 'secondary', hint: SESSION_HINT[kind] },
    ...(rule ? [always] : []),
    {
      decision: 'decline',
      label: 'Reject',
      kind: 'secondary',
      hint: `${command ? 'Does not run it' : 'Does not apply it'}; Gantry is told and goes on (${modifier()}Backspace)`,
    },
    { decision: 'cancel', label: 'Reject and stop', kind: 'quiet', hint: 'Rejects and ends the turn' },
  ];
}

/** Of a change that is taken in part, only that part is accepted, and nothing of it counts for edits to come. */
function forPart(choice: Choice, { taken, total }: Taken): Choice & { disabled?: boolean } {
  if (taken === total) return choice;
  if (choice.decision === 'accept')
    return {
      ...choice,
      label: `Accept ${taken} of ${total}`,
      hint:
        taken === 0
          ? 'Nothing is taken. Reject the change, or take a hunk.'
          : `Applies what is taken (${modifier()}Enter)`,
      disabled: taken === 0,
    };
  return choice.decision === 'acceptForSession'
    ? { ...choice, hint: 'Only for a change that is taken whole', disabled: true }
    : choice;
}

/** Short enough for a button. */
function shortRule(rule: readonly string[]): string {
  const text = visibleName(rule.join(' '));
  return text.length <= 24 ? text : `${text.slice(0, 23)}…`;
}

function question(approval: ApprovalView): string {
  if (approval.host !== undefined) return `Let this command reach ${approval.host}?`;
  if (approval.kind === 'command') return 'Run this command?';
  if (approval.kind === 'permissions') return 'Give Gantry more permissions?';
  if (approval.tool)
    return approval.tool.name === null
      ? approval.tool.message
      : `Let ${approval.tool.server} run ${approval.tool.name}?`;
  const left = approval.files.filter(({ decided }) => !decided).length;
  if (left < approval.files.length)
    return left === 1 ? 'Apply the change to the 1 file left?' : `Apply the changes to the ${left} files left?`;
  return approval.files.length > 1 ? `Apply these changes to ${approval.files.length} files?` : 'Apply this change?';
}

/** The question about a host has said what the agent gives as its reason. */
function reasonOf({ host, reason }: ApprovalView): string | null {
  return host === undefined ? reason : 'The command is running and waits for you. Nothing but this host is opened.';
}

/** Words for a command or a permission come from the agent, and are no statement of Gantry's. */
const isSaidByAgent = ({ kind, host }: ApprovalView): boolean =>
  host === undefined && (kind === 'command' || kind === 'permissions');

function ToolSubject({ tool, withArguments }: { tool: NonNullable<ApprovalView['tool']>; withArguments: boolean }) {
  const about = [tool.title, tool.description].filter(Boolean).join(': ');
  const given = Object.entries(tool.arguments);
  return (
    <>
      <p className="approval-reason">
        A tool of the MCP server <code>{tool.server}</code>.{about && ` In the server’s words: ${about}`}
      </p>
      {withArguments && given.length > 0 && (
        <dl className="tool-arguments" aria-label="Arguments">
          {given.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{visibleText(typeof value === 'string' ? value : JSON.stringify(value, null, 2))}</dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}

/** Tells the store whether the buttons can be seen, so that the reminder at the bottom shows only when they cannot. */
export function useReportInView(id: string) {
  const ref = useRef<HTMLDivElement>(null);
  const { setApprovalInView } = useActions();
  useEffect(() => {
    if (!ref.current || typeof IntersectionObserver === 'undefined') return;
    const observer = new IntersectionObserver(([entry]) => setApprovalInView(id, entry?.isIntersecting ?? false), {
      threshold: 0.6,
    });
    observer.observe(ref.current);
    return () => {
      observer.disconnect();
      setApprovalInView(id, false);
    };
  }, [id, setApprovalInView]);
  return ref;
}

/**
 * The question that stops the agent, with its answers. Shown inside the card of what is asked about; `withSubject`
 * also shows the command or the files, for an approval whose item is not in the thread.
 */
export function ApprovalBar({ approval, withSubject = false }: { approval: ApprovalView; withSubject?: boolean }) {
  const { decide, post, revealed } = useActions();
  const cwd = usePanel((panel) => panel.thread?.cwd ?? null);
  const reveal = useView((state) => (state.reveal?.itemId === approval.itemId ? state.reveal.request : 0));
  const first = useRef<HTMLButtonElement>(null);
  const actions = useReportInView(approval.id);
  useEffect(() => {
    if (!reveal) return;
    first.current?.focus();
    revealed();
  }, [reveal, revealed]);
  const taken = approval.kind === 'fileChange' ? takenOf(approval.files) : null;
  const offered = choices(approval)
    .filter(({ decision }) => approval.decisions.includes(decision))
    .map((choice): Choice & { disabled?: boolean } => (taken ? forPart(choice, taken) : choice));
  const decided = approval.files.filter((file) => file.decided);
  const command = withSubject && approval.command ? visibleText(plainCommand(approval.command)) : null;
  const reason = reasonOf(approval);
  const where = approval.cwd && approval.cwd !== cwd ? relativePath(approval.cwd, cwd) : null;
  return (
    <section
      className={`approval${approval.unsandboxed ? ' unsandboxed' : ''}`}
      aria-label={`Approval: ${approvalSubject(approval)}`}
      data-approval={approval.id}
    >
      <p className="approval-question">
        <Icon name={approval.unsandboxed ? 'warning' : 'question'} />
        <strong>{question(approval)}</strong>
      </p>
      {command !== null && <pre className="approval-command">{command}</pre>}
      {command !== null && lengthNote(command) && <p className="approval-reason">{lengthNote(command)}</p>}
      {approval.tool && <ToolSubject tool={approval.tool} withArguments={withSubject} />}
      {withSubject && approval.files.length > 0 && (
        <ul className="approval-files">
          {approval.files.map((file) => (
            <li key={file.path}>
              <button
                type="button"
                className="link"
                onClick={() => post({ type: 'openDiff', itemId: approval.itemId, path: file.path })}
              >
                {visibleName(file.label)}
              </button>
            </li>
          ))}
        </ul>
      )}
      {decided.length > 0 && (
        <p className="approval-reason">
          {decided.map(({ label, decided }) => `${label} ${decided}`).join(', ')}; nothing is written before all are
          decided.
        </p>
      )}
      {approval.wanted && (
        <ul className="approval-wanted" aria-label="Permissions">
          {approval.wanted.map((what) => (
            <li key={what}>{visibleName(what)}</li>
          ))}
        </ul>
      )}
      {reason !== null && reason !== '' && (
        <p className="approval-reason">
          {isSaidByAgent(approval) && <span className="approval-said">Reason given: </span>}
          {visibleText(reason)}
        </p>
      )}
      {where && (
        <p className="approval-reason">
          In folder <code>{visibleName(where)}</code>
        </p>
      )}
      {approval.unsandboxed && (
        <p className="approval-warning">
          Runs outside the sandbox: it can change any of your files and use the network, as you can yourself.
        </p>
      )}
      {approval.asOne && (
        <p className="approval-reason">
          This agent takes or leaves a change as a whole. What it has written can be undone hunk by hunk.
        </p>
      )}
      {approval.blocked && (
        <p className="approval-warning blocked">
          Not accepted: <strong>{approval.blocked.label}</strong> has unsaved changes that this proposal does not know
          of. Save or undo them, then accept again.{' '}
          <button
            type="button"
            className="link"
            onClick={() => post({ type: 'openFile', path: approval.blocked?.path ?? '', line: null })}
          >
            Show file
          </button>
        </p>
      )}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would need a legend beside the question */}
      <div className="approval-actions" role="group" aria-label="Decision" ref={actions}>
        {offered.map(({ decision, label, kind, hint, disabled }, index) => (
          <Button
            key={decision}
            kind={kind}
            label={label}
            title={hint}
            disabled={disabled}
            ref={index === 0 ? first : undefined}
            onClick={() => decide(approval.id, decision)}
          />
        ))}
      </div>
    </section>
  );
}
