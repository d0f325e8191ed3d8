// What every screen has: the session, the preferences, the services, and the time.

import { useDocumentTitle } from "@mantine/hooks";
import { createContext, useContext } from "react";
import type { Preferences, SessionView } from "../api/types";
import { isolate } from "./bidi";
import type { Services } from "./services";

export interface AppState {
  session: SessionView;
  preferences: Preferences;
  services: Services;
  online: boolean;
  mac: boolean;
  now: number;
}

export const AppContext = createContext<AppState | null>(null);

export function useApp(): AppState {
  const value = useContext(AppContext);
  if (!value) throw new Error("a screen outside AppContext");
  return value;
}

export const useServices = (): Services => useApp().services;

export const useTitle = (title: string) => useDocumentTitle(`${isolate(title)} · Latchkey`);
