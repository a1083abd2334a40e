import assert from 'node:assert/strict';
import { parseExecArguments } from '../../../../agent-core/surfaces/exec/arguments.ts';

describe('the arguments of exec', () => {
  it('take a value behind a space, an equals sign or, for a short flag, nothing', () => {
    const forms = [
      ['-m', 'gpt-5.5', '-s', 'read-only', '-c', 'a=1', 'hi'],
      ['-m=gpt-5.5', '-s=read-only', '-c=a=1', 'hi'],
      ['-mgpt-5.5', '-sread-only', '-ca=1', 'hi'],
      ['--model=gpt-5.5', '--sandbox=read-only', '--config=a=1', 'hi'],
    ].map(parseExecArguments);
    const read = forms.map((form) =>
      form.type === 'run'
        ? [form.options.model, form.options.sandbox, form.options.overrides, form.options.prompt]
        : form,
    );
    assert.deepEqual(
      read,
      forms.map(() => ['gpt-5.5', 'read-only', ['a=1'], 'hi']),
    );
  });

  it('name a flag that is not known as it was written', () => {
    assert.deepEqual(parseExecArguments(['-xy', 'hi']), { type: 'problem', problem: 'exec does not know -xy.' });
  });
});
