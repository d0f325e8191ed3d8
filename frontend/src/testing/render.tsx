import { QueryClient } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  type RegisteredRouter,
  RouterContextProvider,
  RouterProvider,
} from "@tanstack/react-router";
import { type RenderResult, render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import type { ReactNode } from "react";
import type { Preferences, SessionView } from "../api/types";
import { Providers } from "../app/Providers";
import { createAppRouter } from "../app/router";
import { ActionsProvider } from "../features/requests/ActionsProvider";
import { AppContext, type AppState } from "../lib/app";
import { servicesOf } from "../lib/services";
import { serviceViews } from "./services";

export const session: SessionView = {
  state: "enrolled",
  detail: "",
  keychain: "",
  online: true,
  obstacle: "",
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
  mail_fails: 0,
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
  policy: { relay_url: "", allow_demo: true, allow_csv_export: true, managed: [] },
};

export const preferences: Preferences = {
  compact: false,
  single_keys: true,
  notify_connected: true,
  notify_clients: true,
  notify_broken: true,
  notify_devices: true,
  hide_first_steps: false,
};

/** Noon of 15 June 2026, the time in tests of screens. */
export const now = Date.UTC(2026, 5, 15, 12);

const newClient = () => new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: Infinity } } });

const stateWith = (state: Partial<AppState>): AppState => ({
  session,
  preferences,
  services: servicesOf(serviceViews),
  online: true,
  mac: false,
  now,
  ...state,
});

type Rendered = RenderResult & { user: UserEvent };

/** Renders a part of a screen with all that stands around it, and gives the user who works with it. */
export function renderScreen(ui: ReactNode, state: Partial<AppState> = {}): Rendered {
  const user = userEvent.setup({ delay: null });
  const router = createRouter({
    routeTree: createRootRoute(),
    history: createMemoryHistory(),
  });
  const rendered = render(
    <Providers client={newClient()} env="test">
      <AppContext.Provider value={stateWith(state)}>
        <RouterContextProvider router={router as unknown as RegisteredRouter}>
          <ActionsProvider>{ui}</ActionsProvider>
        </RouterContextProvider>
      </AppContext.Provider>
    </Providers>,
  );
  return { user, ...rendered };
}

/** Opens an address: its screen in the layout, as the window shows it. */
export async function renderAt(address: string, state: Partial<AppState> = {}) {
  const user = userEvent.setup({ delay: null });
  const router = createAppRouter(createMemoryHistory({ initialEntries: [address] }));
  await router.load();
  return { user, router, ...renderRouter(router, state) };
}

/** Renders the screen that a router has loaded, in the layout. */
export function renderRouter(router: RegisteredRouter, state: Partial<AppState> = {}) {
  const client = newClient();
  const rendered = render(
    <Providers client={client} env="test">
      <AppContext.Provider value={stateWith(state)}>
        <RouterProvider router={router} />
      </AppContext.Provider>
    </Providers>,
  );
  return { client, ...rendered };
}
