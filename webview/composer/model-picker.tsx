import { useMemo } from 'react';
import type { ModelChoice } from '../bridge/panel-state.ts';
import { useActions, usePanel } from '../state/context.tsx';
import { Button } from '../ui/button.tsx';
import { type Option, Picker } from '../ui/picker.tsx';

const idOf = (choice: { provider: string; model: string }) => `${choice.provider}/${choice.model}`;

function badgeOf({ isDemo, supportsTools }: ModelChoice): string | null {
  if (isDemo) return 'demo, not an AI';
  return supportsTools === false ? 'no tools' : null;
}

export function ModelPicker() {
  const { post } = useActions();
  const models = usePanel((panel) => panel.models);
  const model = usePanel((panel) => panel.model);
  const options = useMemo(
    () =>
      models.map(
        (one): Option => ({
          id: idOf(one),
          label: one.displayName,
          description: one.description,
          group: one.providerName,
          badge: badgeOf(one),
        }),
      ),
    [models],
  );
  const chosen = models.find((one) => model && idOf(one) === idOf(model));
  const text = chosen?.displayName ?? model?.model ?? 'No model';
  return (
    <Picker
      className="model"
      label={`Model: ${text}${chosen ? `, ${chosen.providerName}` : ''}`}
      listLabel="Model"
      filter="Filter models"
      button={<span className="picker-text">{text}</span>}
      options={options}
      selected={model ? idOf(model) : null}
      onPick={(id) => {
        const picked = models.find((one) => idOf(one) === id);
        if (picked) post({ type: 'setModel', provider: picked.provider, model: picked.model });
      }}
      footer={(close) => (
        <Button
          kind="quiet"
          icon="lock"
          label="Set API Key"
          onClick={() => {
            post({ type: 'command', command: 'gantry.setApiKey' });
            close();
          }}
        />
      )}
    />
  );
}
