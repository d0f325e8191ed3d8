import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { EntryRow, Preferences } from "../../api/types";
import { queries, useOutbox, useRelay } from "../../lib/data";
import { ago, clock, exact } from "../../lib/dates";
import { type SettingsTab, settingsTabs, writeRoute } from "../../lib/route";
import { useShell, useTitle } from "../../lib/shell";
import { w } from "../../strings/en";
import { SwitchRow } from "../../ui/basics";
import { DangerDialog } from "../../ui/DangerDialog";
import { FacebookUsers } from "../connections/FacebookUsers";
import { useAct } from "../requests/actions";
import { Team } from "../team/Team";

export function Settings({ tab }: { tab: SettingsTab }) {
  useTitle(w.settings.tabs[tab]);
  const { standing } = useShell();
  const [inviting, setInviting] = useState(false);
  return (
    <>
      <div className="head">
        <h1>{w.settings.title}</h1>
        <span className="sp" />
        {tab === "team" && standing.role === "main" ? (
          <button type="button" className="btn" onClick={() => setInviting(true)}>
            <IconUserPlus size={16} stroke={1.75} aria-hidden="true" />
            {w.settings.invite}
          </button>
        ) : (
          <span style={{ height: 36 }} />
        )}
      </div>
      <nav className="tabs" aria-label={w.settings.title}>
        {settingsTabs.map((key) => (
          <a
            key={key}
            className="tab"
            aria-current={key === tab ? "page" : undefined}
            href={writeRoute({ at: "settings", tab: key })}
          >
            {w.settings.tabs[key]}
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
  const { preferences } = useShell();
  const act = useAct();
  return (part: Partial<Preferences>) => {
    const next = { ...preferences, ...part };
    queries.setQueryData(["preferences"], next);
    act.run(w.settings.title, () => api.savePreferences(next), w.toast.preferences);
  };
}

function Notifications() {
  const { preferences } = useShell();
  const set = usePreference();
  return (
    <div className="settings-col">
      <section className="card" aria-labelledby="notifications">
        <h2 id="notifications">{w.settings.notifications}</h2>
        <div className="in" style={{ display: "grid", gap: 14 }}>
          <SwitchRow
            label={w.settings.notifyConnected}
            hint={w.settings.notifyConnectedHint}
            on={preferences.notify_connected}
            onChange={(on) => set({ notify_connected: on })}
          />
          <hr className="hr" />
          <SwitchRow
            label={w.settings.notifyBroken}
            hint={w.settings.notifyBrokenHint}
            on={preferences.notify_broken}
            onChange={(on) => set({ notify_broken: on })}
          />
          <hr className="hr" />
          <SwitchRow
            label={w.settings.notifyDevices}
            hint={w.settings.notifyDevicesHint}
            on={preferences.notify_devices}
            onChange={(on) => set({ notify_devices: on })}
          />
        </div>
      </section>
      <section className="card" aria-labelledby="closing">
        <h2 id="closing">{w.settings.closingTitle}</h2>
        <p className="in t2">{w.settings.closing}</p>
      </section>
    </div>
  );
}

function Computer() {
  const { standing, preferences, now } = useShell();
  const relay = useRelay();
  const outbox = useOutbox();
  const set = usePreference();
  const act = useAct();
  const [leaving, setLeaving] = useState(false);
  const entries = outbox.data ?? [];
  return (
    <div className="settings-col">
      <section className="card" aria-labelledby="computer">
        <h2 id="computer">{w.settings.computer}</h2>
        <div className="in">
          <dl className="facts">
            <dt>{w.settings.member}</dt>
            <dd>
              {standing.member} · {standing.email} ·{" "}
              {standing.role === "main" ? w.settings.mainUser : w.settings.subUser}
            </dd>
            <dt>{w.settings.joined}</dt>
            <dd>{standing.agency}</dd>
            <dt>{w.settings.relay}</dt>
            <dd>{standing.relay}</dd>
            {relay.data?.operator && (
              <>
                <dt>{w.settings.operator}</dt>
                <dd>{relay.data.operator}</dd>
              </>
            )}
            {relay.data?.mail_from && (
              <>
                <dt>{w.settings.letters}</dt>
                <dd>{relay.data.mail_from}</dd>
              </>
            )}
            <dt>{w.settings.version}</dt>
            <dd>{standing.version}</dd>
          </dl>
        </div>
      </section>
      <section className="card" aria-labelledby="outbox">
        <h2 id="outbox">
          {w.settings.outboxTitle}
          {entries.length > 0 && <span className="count2">{entries.length}</span>}
        </h2>
        {entries.length === 0 && <p className="in t2">{w.settings.outboxNone}</p>}
        {entries.map((e) => (
          <OutboxLine key={e.seq} e={e} now={now} />
        ))}
      </section>
      <section className="card" aria-label={w.settings.title}>
        <div className="in" style={{ display: "grid", gap: 14, paddingTop: 14 }}>
          <SwitchRow
            label={w.settings.compact}
            hint={w.settings.compactHint}
            on={preferences.compact}
            onChange={(on) => set({ compact: on })}
          />
          <hr className="hr" />
          <SwitchRow
            label={w.settings.single}
            hint={w.settings.singleHint}
            on={preferences.single_keys}
            onChange={(on) => set({ single_keys: on })}
          />
        </div>
      </section>
      <section className="card" aria-labelledby="leave">
        <h2 id="leave">{standing.demo ? w.settings.leaveDemo : w.settings.leave}</h2>
        <div className="in row gap12">
          <span className="t2" style={{ flex: 1 }}>
            {w.settings.leaveText}
          </span>
          <button type="button" className="btn danger" onClick={() => setLeaving(true)}>
            {standing.demo ? w.settings.leaveDemo : w.settings.leave}
          </button>
        </div>
      </section>
      {leaving && (
        <DangerDialog
          title={w.settings.leaveTitle(standing.agency)}
          words={w}
          yes={w.settings.leaveYes}
          onYes={() => act.run(w.settings.leave, () => api.leaveAgency().then(() => queries.invalidateQueries()))}
          onClose={() => setLeaving(false)}
        >
          <p className="t2">{w.settings.leaveText}</p>
          {standing.waiting > 0 && <p className="wait">{w.settings.leaveWaiting(standing.waiting)}</p>}
        </DangerDialog>
      )}
    </div>
  );
}

function OutboxLine({ e, now }: { e: EntryRow; now: number }) {
  const held = e.code === "too_often" && e.next > now;
  const act = useAct();
  return (
    <div className="line mid">
      <span className="two" style={{ flex: 1 }}>
        <b>
          {w.settings.kinds[e.kind] ?? e.kind}
          {e.title && ` · ${e.title}`}
        </b>
        <span className={`l2${e.refused ? " fail" : ""}`} title={exact(e.made)}>
          {e.refused
            ? e.sentence || w.errors[e.code] || w.details.refused
            : `${held ? w.phase.held(clock(e.next)) : w.details.waits} · ${ago(e.made, now)}`}
        </span>
      </span>
      {e.refused > 0 && (
        <>
          <button
            type="button"
            className="btn small"
            onClick={() => act.run(w.details.retry, () => api.retryEntry({ seq: e.seq }))}
          >
            {w.details.retry}
          </button>
          <button
            type="button"
            className="btn small quiet"
            onClick={() => act.run(w.details.discard, () => api.discardEntry({ seq: e.seq }))}
          >
            {w.details.discard}
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
        <h2 id="data">{w.settings.dataTitle}</h2>
        <p className="in t2">{w.settings.dataText}</p>
      </section>
      <section className="card" aria-labelledby="kept">
        <h2 id="kept">{w.settings.keptTitle}</h2>
        <ul className="in t2" style={{ listStyle: "disc", paddingLeft: 34, display: "grid", gap: 4 }}>
          {w.settings.kept.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}
