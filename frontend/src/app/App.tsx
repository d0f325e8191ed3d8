// Which of the whole windows is shown: the first run, the closed keychain, or the layout with its screens.

import { Loader } from "@mantine/core";
import { type RegisteredRouter, RouterProvider } from "@tanstack/react-router";
import { type ReactNode, useEffect, useMemo, useState } from "react";
import type { Preferences, SessionView } from "../api/types";
import { FirstRun } from "../features/firstrun/FirstRun";
import { Keychain } from "../features/keychain/Keychain";
import { AppContext, type AppState } from "../lib/app";
import { copyText } from "../lib/clipboard";
import { useMidnight, useNow, usePreferences, useServicesQuery, useSession } from "../lib/data";
import { detailsOf, toUiError } from "../lib/errors";
import { isMac } from "../lib/shortcuts";
import { t } from "../strings/en";
import { ErrorCard } from "../ui/ErrorCard";
import { useDelayedFlag } from "../ui/useDelayedFlag";
import classes from "./App.module.css";

const defaultPreferences: Preferences = {
  compact: false,
  single_keys: true,
  notify_connected: true,
  notify_clients: true,
  notify_broken: true,
  notify_devices: true,
  hide_first_steps: false,
};

interface AppProps {
  router: RegisteredRouter;
  /** Ends when the first screen can be painted at once. */
  prefetched: Promise<unknown>;
}

export function App({ router, prefetched }: AppProps) {
  const now = useNow();
  useMidnight(now);
  const session = useSession();
  const preferences = usePreferences();
  const services = useServicesQuery();
  const [ready, setReady] = useState(false);
  useEffect(() => void prefetched.then(() => setReady(true)), [prefetched]);
  const s = session.data;
  const state = useMemo<AppState | null>(
    () =>
      s === undefined || services.data === undefined
        ? null
        : {
            session: s,
            preferences: preferences.data ?? defaultPreferences,
            services: services.data,
            online: s.online,
            mac: isMac(s.platform),
            now,
          },
    [s, preferences.data, services.data, now],
  );
  const failed = [session, services].find((query) => query.isError);
  if (failed) return <NoSession cause={failed.error} retry={() => void failed.refetch()} />;
  if (!state || state.session.state === "starting" || !ready) return <Starting />;
  if (state.session.state === "failed") return <Failed session={state.session} />;
  return <AppContext.Provider value={state}>{windowOf(state.session, router)}</AppContext.Provider>;
}

function windowOf({ state }: SessionView, router: RegisteredRouter): ReactNode {
  switch (state) {
    case "not_enrolled":
    case "revoked":
    case "enrol_again":
      return <FirstRun />;
    case "keychain_away":
      return <Keychain />;
  }
  return <RouterProvider router={router} />;
}

function NoSession({ cause, retry }: { cause: unknown; retry: () => void }) {
  const error = toUiError(cause);
  const noKey = error.code === "no_key";
  return (
    <main className={classes.center} id="main">
      <ErrorCard
        title={noKey ? t.errorTitle.noKey : t.errorTitle.start}
        message={error.message}
        reference={error.reference}
        referenceWord={t.reference}
        again={noKey ? undefined : { word: t.tryAgain, do: retry }}
      />
    </main>
  );
}

function Starting() {
  const late = useDelayedFlag(true);
  return (
    <main className={`${classes.center} ${classes.starting}`} id="main" aria-busy="true">
      {late && (
        <span role="status" className="row gap8 t3">
          <Loader /> {t.first.starting}
        </span>
      )}
    </main>
  );
}

function Failed({ session }: { session: SessionView }) {
  const error = { message: session.detail, field: "", code: "unexpected", reference: "" };
  const copy = () => copyText(detailsOf(error, t.errorTitle.start, session.version));
  return (
    <main className={classes.center} id="main">
      <ErrorCard
        title={t.errorTitle.start}
        message={session.detail}
        referenceWord={t.reference}
        copy={{ word: t.copyDetails, do: () => void copy() }}
      />
    </main>
  );
}
