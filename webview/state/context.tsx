import { createContext, type ReactNode, useContext } from 'react';
import { useStore } from 'zustand';
import type { PanelState } from '../bridge/panel-state.ts';
import type { Actions, PanelStore, ViewState } from './store.ts';

type Panel = { store: PanelStore; actions: Actions };

const PanelContext = createContext<Panel | null>(null);

export function PanelProvider({ panel, children }: { panel: Panel; children: ReactNode }) {
  return <PanelContext value={panel}>{children}</PanelContext>;
}

function usePanelContext(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error('A component of the panel was rendered outside <PanelProvider>.');
  return panel;
}

/** A part of the state; the component renders again only when that part changed (by identity). */
export function useView<T>(selector: (state: ViewState) => T): T {
  return useStore(usePanelContext().store, selector);
}

/** As `useView`, for what the host sent. */
export function usePanel<T>(selector: (panel: PanelState) => T): T {
  return useView((state) => selector(state.panel));
}

/** Never changes its identity. */
export function useActions(): Actions {
  return usePanelContext().actions;
}

/** For event handlers that need the newest state without rendering on it. */
export function useStoreApi(): PanelStore {
  return usePanelContext().store;
}

/** Whether a card is open: what a person chose, else `byDefault`. */
export function useOpen(key: string, byDefault: boolean): [boolean, (open: boolean) => void] {
  const chosen = useView((state) => state.open[key]);
  const { setOpen } = useActions();
  return [chosen ?? byDefault, (open) => setOpen(key, open)];
}
