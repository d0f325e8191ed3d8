// Which of the whole windows is shown: the first run, the closed keychain, or
// the shell with its screens.

import { notifications } from "@mantine/notifications";
import { IconCloudPause, IconRefreshAlert } from "@tabler/icons-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { api } from "../api/client";
import { on } from "../api/transport";
import type { Preferences } from "../api/types";
import { Accounts } from "../features/accounts/Accounts";
import { BrandSettings } from "../features/brand/BrandSettings";
import { Campaigns } from "../features/campaigns/Campaigns";
import { FirstRun } from "../features/firstrun/FirstRun";
import { Help } from "../features/help/Help";
import { Home } from "../features/home/Home";
import { Keychain } from "../features/keychain/Keychain";
import { ActionsProvider } from "../features/requests/actions";
import { NewRequest } from "../features/requests/NewRequest";
import { Requests } from "../features/requests/Requests";
import { SendRequest } from "../features/requests/SendRequest";
import { Palette } from "../features/search/Palette";
import { Settings } from "../features/settings/Settings";
import { useNow, usePreferences, useSession } from "../lib/data";
import { detailsOf, toUiError } from "../lib/errors";
import { commandOf, isMac } from "../lib/keys";
import { deepLinkToRoute } from "../lib/route";
import { AppContext, type AppState, go, useApp, useRoute } from "../lib/shell";
import { t } from "../strings/en";
import { Spinner, useDelayedFlag } from "../ui/basics";
import { ErrorCard } from "../ui/ErrorCard";
import { ErrorBoundary } from "./ErrorBoundary";
import { DemoBand, Sidebar } from "./Sidebar";

const usual: Preferences = {
  compact: false,
  single_keys: true,
  notify_connected: true,
  notify_broken: true,
  notify_devices: true,
};

export function Root({ begun }: { begun: Promise<unknown> }) {
  const now = useNow();
  const session = useSession();
  const preferences = usePreferences();
  const starting = session.isPending || session.data?.state === "starting";
  const late = useDelayedFlag(starting);
  const [ready, setReady] = useState(false);
  useEffect(() => void begun.then(() => setReady(true)), [begun]);
  const s = session.data;
  const shell = useMemo<AppState | null>(
    () =>
      s ? { session: s, preferences: preferences.data ?? usual, online: s.online, mac: isMac(s.platform), now } : null,
    [s, preferences.data, now],
  );
  if (session.isError) {
    const told = toUiError(session.error);
    return (
      <main className="alone" id="main" style={{ justifyContent: "center" }}>
        <ErrorCard
          title={t.errorTitle.start}
          sentence={told.sentence}
          reference={told.reference}
          referenceWord={t.reference}
          again={{ word: t.tryAgain, do: () => void session.refetch() }}
        />
      </main>
    );
  }
  if (!shell || !s || starting || !ready) {
    return (
      <main className="alone" id="main" style={{ placeItems: "center", justifyContent: "center" }} aria-busy="true">
        {late && (
          <span role="status" className="row gap8 t3">
            <Spinner /> {t.first.starting}
          </span>
        )}
      </main>
    );
  }
  if (s.state === "failed") {
    const told = { sentence: s.detail, field: "", code: "unexpected", reference: "" };
    return (
      <main className="alone" id="main" style={{ justifyContent: "center" }}>
        <ErrorCard
          title={t.errorTitle.start}
          sentence={s.detail}
          referenceWord={t.reference}
          copy={{
            word: t.copyDetails,
            do: () =>
              void api
                .copy({ text: detailsOf(told, t.errorTitle.start, s.version) })
                .then(() => notifications.show({ message: t.copied })),
          }}
        />
      </main>
    );
  }
  return (
    <AppContext.Provider value={shell}>
      {s.state === "not_enrolled" || s.state === "revoked" || s.state === "enrol_again" ? (
        <FirstRun />
      ) : s.state === "keychain_away" ? (
        <Keychain />
      ) : (
        <Inside />
      )}
    </AppContext.Provider>
  );
}

function Inside() {
  const route = useRoute();
  const { session, preferences, mac } = useApp();
  const [finding, setFinding] = useState(false);
  const main = useRef<HTMLElement>(null);

  useEffect(() => {
    const act = (command: string | null): boolean => {
      switch (command) {
        case "find":
          setFinding(true);
          return true;
        case "request":
          go({ at: "new" });
          return true;
        case "help":
        case "about":
          go({ at: "help" });
          return true;
        case "search":
          document.querySelector<HTMLElement>("[data-search]")?.focus();
          return true;
        case "save":
          dispatchEvent(new Event("latchkey:save"));
          return true;
      }
      return false;
    };
    const pressed = (e: KeyboardEvent) => {
      const at = e.target instanceof HTMLElement ? e.target : null;
      const typing = at !== null && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName));
      const inDialog = at?.closest('[role="dialog"], [role="menu"]') != null;
      if (e.defaultPrevented) return;
      if (act(commandOf(e, typing || inDialog, preferences.single_keys, mac))) e.preventDefault();
    };
    addEventListener("keydown", pressed);
    const chosen = on("hub:command", (name) => void act(name));
    const follow = (place: string) => {
      const route = deepLinkToRoute(place);
      if (route) go(route);
    };
    const ask = () => void api.takeDeepLink().then(follow, () => {}); // who wanted it can want it again
    ask(); // what came before there was a screen
    const shown = on("hub:show", ask);
    const clicked = on("window:clicked", follow);
    return () => {
      removeEventListener("keydown", pressed);
      chosen();
      shown();
      clicked();
    };
  }, [preferences.single_keys, mac]);

  // A new screen begins at its top, for the keyboard and for a screen reader.
  const place = route.at === "settings" ? `settings/${route.tab}` : route.at;
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the place is what it waits for
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (document.activeElement === document.body || document.activeElement?.closest(".side"))
      main.current?.focus({ preventScroll: true });
  }, [place]);

  return (
    <ActionsProvider>
      {/* biome-ignore lint/a11y/useValidAnchor: it leads within the page, which the router's hash cannot */}
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
      {session.demo && <DemoBand />}
      <div className={`app${session.demo ? " banded" : ""}`}>
        <Sidebar route={route} onFind={() => setFinding(true)} />
        <main className="main" id="main" ref={main} tabIndex={-1}>
          <ErrorBoundary key={place}>
            {session.state === "update_needed" && (
              <Paused title={t.updateNeeded.title} text={t.updateNeeded.text} kind="update" />
            )}
            {session.state === "suspended" && <Paused title={t.suspended.title} text={t.suspended.text} kind="pause" />}
            {route.at === "home" && <Home />}
            {route.at === "requests" && <Requests filter={route.filter} open={route.open} />}
            {route.at === "new" && <NewRequest key="new" edit="" />}
            {route.at === "edit" && <NewRequest key={route.id} edit={route.id} />}
            {route.at === "send" && <SendRequest key={route.id} id={route.id} />}
            {route.at === "brand" && <BrandSettings />}
            {route.at === "accounts" && (
              <Accounts find={route.search} attention={route.attention} connect={route.connect ?? ""} />
            )}
            {route.at === "campaigns" && <Campaigns />}
            {route.at === "settings" && <Settings tab={route.tab} />}
            {route.at === "help" && <Help />}
          </ErrorBoundary>
        </main>
      </div>
      {finding && <Palette onClose={() => setFinding(false)} />}
    </ActionsProvider>
  );
}

function Paused({ title, text, kind }: { title: string; text: string; kind: "update" | "pause" }) {
  return (
    <div className="banner bad" role="alert">
      {kind === "update" ? (
        <IconRefreshAlert size={18} stroke={1.75} aria-hidden="true" />
      ) : (
        <IconCloudPause size={18} stroke={1.75} aria-hidden="true" />
      )}
      <span>
        <b>{title}.</b> <span style={{ fontWeight: 400 }}>{text}</span>
      </span>
    </div>
  );
}
