// What every screen inside the window knows: where it stands, the time, and
// how to go somewhere else.
import { createContext, useContext, useEffect, useState } from "react";
import type { Preferences, SessionView } from "../api/types";
import { type Route, readRoute, writeRoute } from "./route";

export interface AppState {
  session: SessionView;
  preferences: Preferences;
  online: boolean;
  mac: boolean;
  now: number;
}

export const AppContext = createContext<AppState | null>(null);

export function useApp(): AppState {
  const value = useContext(AppContext);
  if (!value) throw new Error("a screen outside the shell");
  return value;
}

export function go(route: Route, replace = false) {
  const hash = writeRoute(route);
  if (location.hash === hash) return;
  if (replace) history.replaceState(null, "", hash);
  else history.pushState(null, "", hash);
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const read = () => setRoute(readRoute(location.hash));
    addEventListener("hashchange", read);
    addEventListener("popstate", read);
    return () => {
      removeEventListener("hashchange", read);
      removeEventListener("popstate", read);
    };
  }, []);
  return route;
}

/** The title of the window says where a person is. */
export function useTitle(title: string) {
  useEffect(() => {
    document.title = `${title} · Latchkey`;
  }, [title]);
}

/** For a link in a handler: a plain click goes inside the page. */
export const to = (route: Route) => ({ href: writeRoute(route) });
