import { Switch } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { EntryRow, Preferences } from "../../api/types";
import { queries, useOutbox, useRelay } from "../../lib/data";
import { ago, clock, exact } from "../../lib/dates";
import { type SettingsTab, settingsTabs, writeRoute } from "../../lib/route";
import { useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { DangerDialog } from "../../ui/DangerDialog";
import { FacebookUsers } from "../connections/FacebookUsers";
import { useRequestActions } from "../requests/actions";
import { Team } from "../team/Team";

export function Settings({ tab }: { tab: SettingsTab }) {
  useTitle(t.settings.tabs[tab]);
  const { session } = useApp();
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <div className="head">
        <h1>{t.settings.title}</h1>
        <span className="sp" />
        {tab === "team" && session.role === "main" ? (
          <button type="button" className="btn" onClick={() => setInviting(true)}>
            <IconUserPlus size={16} stroke={1.75} aria-hidden="true" />
            {t.settings.invite}
          </button>
        ) : (
          <span style={{ height: 36 }} />
        )}
      </div>
      <nav className="tabs" aria-label={t.settings.title}>
        {settingsTabs.map((key) => (
          <a
            key={key}
            className="tab"
            aria-current={key === tab ? "page" : undefined}
            href={writeRoute({ at: "settings", tab: key })}
          >
            {t.settings.tabs[key]}
          </a>
        ))}
      </nav>
      <div className="ground" tabIndex={tab === "data" ? 0 : undefined}>
        {tab === "team" && <Team inviting={inviting} onInvited={() => setInviting(false)} />}
        {tab === "facebook" && <FacebookUsers />}
        {tab === "notifications" && <Notifications />}
        {tab === "computer" && <Computer />}
        {tab === "data" && <Data />}
      </div>
    </>
  );
}

function usePreference() {
  const { preferences } = useApp();
  const act = useRequestActions();
  return (part: Partial<Preferences>) => {
    const next = { ...preferences, ...part };
    queries.setQueryData(["preferences"], next);
    act.run(t.settings.title, () => api.savePreferences(next), t.toast.preferences);
  };
}

function Notifications() {
  const { preferences } = useApp();
  const set = usePreference();
  return (
    <div className="settings-col">
      <section className="card" aria-labelledby="notifications">
        <h2 id="notifications">{t.settings.notifications}</h2>
        <div className="in" style={{ display: "grid", gap: 14 }}>
          <Switch
            label={t.settings.notifyConnected}
            aria-label={t.settings.notifyConnected}
            description={t.settings.notifyConnectedHint}
            checked={preferences.notify_connected}
            onChange={(e) => set({ notify_connected: e.currentTarget.checked })}
          />
          <hr className="hr" />
          <Switch
            label={t.settings.notifyBroken}
            aria-label={t.settings.notifyBroken}
            description={t.settings.notifyBrokenHint}
            checked={preferences.notify_broken}
            onChange={(e) => set({ notify_broken: e.currentTarget.checked })}
          />
          <hr className="hr" />
          <Switch
            label={t.settings.notifyDevices}
            aria-label={t.settings.notifyDevices}
            description={t.settings.notifyDevicesHint}
            checked={preferences.notify_devices}
            onChange={(e) => set({ notify_devices: e.currentTarget.checked })}
          />
        </div>
      </section>
      <section className="card" aria-labelledby="closing">
        <h2 id="closing">{t.settings.closingTitle}</h2>
        <p className="in t2">{t.settings.closing}</p>
      </section>
    </div>
  );
}

function Computer() {
  const { session, preferences, now } = useApp();
  const relay = useRelay();
  const outbox = useOutbox();
  const set = usePreference();
  const act = useRequestActions();
  const [leaving, setLeaving] = useState(false);
  const entries = outbox.data ?? [];
  return (
    <div className="settings-col">
      <section className="card" aria-labelledby="computer">
        <h2 id="computer">{t.settings.computer}</h2>
        <div className="in">
          <dl className="facts">
            <dt>{t.settings.member}</dt>
            <dd>
              {session.member} · {session.email} · {session.role === "main" ? t.settings.mainUser : t.settings.subUser}
            </dd>
            <dt>{t.settings.joined}</dt>
            <dd>{session.agency}</dd>
            <dt>{t.settings.relay}</dt>
            <dd>{session.relay}</dd>
            {relay.data?.operator && (
              <>
                <dt>{t.settings.operator}</dt>
                <dd>{relay.data.operator}</dd>
              </>
            )}
            {relay.data?.mail_from && (
              <>
                <dt>{t.settings.letters}</dt>
                <dd>{relay.data.mail_from}</dd>
              </>
            )}
            <dt>{t.settings.version}</dt>
            <dd>{session.version}</dd>
          </dl>
        </div>
      </section>
      <section className="card" aria-labelledby="outbox">
        <h2 id="outbox">
          {t.settings.outboxTitle}
          {entries.length > 0 && <span className="count2">{entries.length}</span>}
        </h2>
        {entries.length === 0 && <p className="in t2">{t.settings.outboxNone}</p>}
        {entries.map((e) => (
          <OutboxLine key={e.seq} e={e} now={now} />
        ))}
      </section>
      <section className="card" aria-label={t.settings.title}>
        <div className="in" style={{ display: "grid", gap: 14, paddingTop: 14 }}>
          <Switch
            label={t.settings.compact}
            aria-label={t.settings.compact}
            description={t.settings.compactHint}
            checked={preferences.compact}
            onChange={(e) => set({ compact: e.currentTarget.checked })}
          />
          <hr className="hr" />
          <Switch
            label={t.settings.single}
            aria-label={t.settings.single}
            description={t.settings.singleHint}
            checked={preferences.single_keys}
            onChange={(e) => set({ single_keys: e.currentTarget.checked })}
          />
        </div>
      </section>
      <section className="card" aria-labelledby="leave">
        <h2 id="leave">{session.demo ? t.settings.leaveDemo : t.settings.leave}</h2>
        <div className="in row gap12">
          <span className="t2" style={{ flex: 1 }}>
            {t.settings.leaveText}
          </span>
          <button type="button" className="btn danger" onClick={() => setLeaving(true)}>
            {session.demo ? t.settings.leaveDemo : t.settings.leave}
          </button>
        </div>
      </section>
      {leaving && (
        <DangerDialog
          title={t.settings.leaveTitle(session.agency)}
          words={t}
          yes={t.settings.leaveYes}
          onYes={() => act.run(t.settings.leave, () => api.leaveAgency().then(() => queries.invalidateQueries()))}
          onClose={() => setLeaving(false)}
        >
          <p className="t2">{t.settings.leaveText}</p>
          {session.waiting > 0 && <p className="wait">{t.settings.leaveWaiting(session.waiting)}</p>}
        </DangerDialog>
      )}
    </div>
  );
}

function OutboxLine({ e, now }: { e: EntryRow; now: number }) {
  const held = e.code === "rate_limited" && e.not_before > now;
  const act = useRequestActions();
  return (
    <div className="line mid">
      <span className="two" style={{ flex: 1 }}>
        <b>
          {t.settings.kinds[e.kind] ?? e.kind}
          {e.title && ` · ${e.title}`}
        </b>
        <span className={`l2${e.refused ? " fail" : ""}`} title={exact(e.created)}>
          {e.refused
            ? e.message || t.errors[e.code] || t.details.refused
            : `${held ? t.phase.held(clock(e.not_before)) : t.details.waits} · ${ago(e.created, now)}`}
        </span>
      </span>
      {e.refused > 0 && (
        <>
          <button
            type="button"
            className="btn small"
            onClick={() => act.run(t.details.retry, () => api.retryEntry({ seq: e.seq }))}
          >
            {t.details.retry}
          </button>
          <button
            type="button"
            className="btn small quiet"
            onClick={() => act.run(t.details.discard, () => api.discardEntry({ seq: e.seq }))}
          >
            {t.details.discard}
          </button>
        </>
      )}
    </div>
  );
}

function Data() {
  return (
    <div className="settings-col">
      <section className="card" aria-labelledby="data">
        <h2 id="data">{t.settings.dataTitle}</h2>
        <p className="in t2">{t.settings.dataText}</p>
      </section>
      <section className="card" aria-labelledby="kept">
        <h2 id="kept">{t.settings.keptTitle}</h2>
        <ul className="in t2" style={{ listStyle: "disc", paddingLeft: 34, display: "grid", gap: 4 }}>
          {t.settings.kept.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}
