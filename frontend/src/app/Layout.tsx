// The sidebar, and beside it the screen of the address.

import { IconCloudPause, IconRefreshAlert } from "@tabler/icons-react";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { api } from "../api/client";
import { on } from "../api/transport";
import { ActionsProvider } from "../features/requests/ActionsProvider";
import { Palette } from "../features/search/Palette";
import { useApp } from "../lib/app";
import { deepLinkToRoute, links } from "../lib/links";
import { useCommand } from "../lib/shortcuts";
import { t } from "../strings/en";
import { ErrorBoundary } from "./ErrorBoundary";
import { DemoBand, Sidebar } from "./Sidebar";

export function Layout() {
  const { session } = useApp();
  const navigate = useNavigate();
  const [finding, setFinding] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useLocation({ select: (location) => location.pathname });
  useDeepLinks();
  useFocusOnNewScreen(path, main);
  useCommand("find", () => setFinding(true));
  useCommand("request", () => void navigate(links.newRequest));
  useCommand("help", () => void navigate(links.help));
  useCommand("save", () => {}); // the browser's own would save the page
  return (
    <ActionsProvider>
      <SkipLink main={main} />
      {session.demo && <DemoBand />}
      <div className={`app${session.demo ? " banded" : ""}`}>
        <Sidebar onFind={() => setFinding(true)} />
        <main className="main" id="main" ref={main} tabIndex={-1}>
          <ErrorBoundary key={path}>
            <PausedBanner />
            <Outlet />
          </ErrorBoundary>
        </main>
      </div>
      {finding && <Palette onClose={() => setFinding(false)} />}
    </ActionsProvider>
  );
}

/** Follows notifications and latchkey:// links. */
function useDeepLinks() {
  const navigate = useNavigate();
  const follow = useEffectEvent((link: string) => {
    const route = deepLinkToRoute(link);
    if (route) void navigate(route);
  });
  useEffect(() => {
    // A link that cannot be taken now can be opened again.
    const take = () => void api.takeDeepLink().then(follow, () => {});
    take(); // what was opened before there was a screen
    const stopShow = on("hub:show", take);
    const stopClicked = on("window:clicked", (link) => follow(link));
    return () => {
      stopShow();
      stopClicked();
    };
  }, []);
}

/** A new screen starts at its top, for the keyboard and for a screen reader. */
function useFocusOnNewScreen(path: string, main: { current: HTMLElement | null }) {
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    const focused = document.activeElement;
    if (focused === document.body || focused?.closest(".side")) main.current?.focus({ preventScroll: true });
  }, [path, main]);
}

function SkipLink({ main }: { main: { current: HTMLElement | null } }) {
  return (
    // biome-ignore lint/a11y/useValidAnchor: it leads within the page, which the router's hash cannot
    <a
      className="skip"
      href="#main"
      onClick={(e) => {
        e.preventDefault();
        main.current?.focus();
      }}
    >
      {t.skip}
    </a>
  );
}

/** Why nothing is sent, while the relay or this version is stopped. */
function PausedBanner() {
  const { state } = useApp().session;
  if (state !== "update_needed" && state !== "suspended") return null;
  const Icon = state === "update_needed" ? IconRefreshAlert : IconCloudPause;
  const { title, text } = state === "update_needed" ? t.updateNeeded : t.suspended;
  return (
    <div className="banner bad" role="alert">
      <Icon size={18} stroke={1.75} aria-hidden="true" />
      <span>
        <b>{title}.</b> <span className="regular">{text}</span>
      </span>
    </div>
  );
}
