import { QueryClient } from "@tanstack/react-query";
import { type RenderResult, render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import type { Preferences, SessionView } from "../api/types";
import { Providers } from "../app/Providers";
import { AppContext, type AppState } from "../lib/shell";

export const session: SessionView = {
  state: "enrolled",
  detail: "",
  keychain: "",
  online: true,
  relay: "https://relay.example",
  agency_id: "A1",
  agency: "Northlight",
  member_id: "M1",
  member: "Ana Silva",
  email: "ana@northlight.example",
  role: "main",
  device: "Ana's laptop",
  fingerprint: "",
  read_until: 0,
  waiting: 0,
  refused: 0,
  demo: false,
  mailbox: "",
  control: "",
  web: true,
  version: "1.0",
  platform: "linux",
  link_relay: "",
  link_code: "",
};

export const preferences: Preferences = {
  compact: false,
  single_keys: true,
  notify_connected: true,
  notify_broken: true,
  notify_devices: true,
};

/** Noon of 15 June 2026, the time in tests of screens. */
export const now = Date.UTC(2026, 5, 15, 12);

/** Renders a part of a screen with all that stands around it, and gives the user who works with it. */
export function renderApp(ui: ReactNode, state: Partial<AppState> = {}): RenderResult & { user: UserEvent } {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });
  const value: AppState = { session, preferences, online: true, mac: false, now, ...state };
  const user = userEvent.setup({ delay: null });
  return {
    user,
    ...render(
      <Providers client={client} env="test">
        <AppContext.Provider value={value}>{ui}</AppContext.Provider>
      </Providers>,
    ),
  };
}
