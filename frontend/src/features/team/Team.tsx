// Members, their computers, codes, and the question that only a person can
// answer: are these two numbers the same?

import { Menu, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconClock,
  IconCopy,
  IconDeviceLaptop,
  IconDeviceLaptopOff,
  IconDots,
  IconKey,
  IconMail,
  IconShieldLock,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { Role } from "../../api/enums";
import { limits } from "../../api/limits";
import type {
  CodeView,
  DeviceCredentialRow,
  DeviceView,
  Member,
  OpenCode,
  PendingDevice,
  Timestamp,
} from "../../api/types";
import { queries, useDevices, useMembers, useOpenCodes, usePendingDevices } from "../../lib/data";
import { ago, dayOf, daysBetween, exact, onDay, until } from "../../lib/dates";
import { toUiError, type UiError } from "../../lib/errors";
import { useApp } from "../../lib/shell";
import { serviceName, t } from "../../strings/en";
import { Avatar, Field, Spinner } from "../../ui/basics";
import { DangerDialog } from "../../ui/DangerDialog";
import { Dialog } from "../../ui/Dialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import { useRequestActions } from "../requests/actions";

/** A code that was just made. role: "" where it is for one's own computer. */
interface Shown {
  code: CodeView;
  name: string;
  role: Role | "";
}

export function Team({ inviting, onInvited }: { inviting: boolean; onInvited: () => void }) {
  const { session, now } = useApp();
  const act = useRequestActions();
  const members = useMembers();
  const devices = useDevices();
  const pending = usePendingDevices();
  const codes = useOpenCodes();
  const [later, setLater] = useState<ReadonlySet<string>>(new Set());
  const [shown, setShown] = useState<Shown | null>(null);
  const [revoking, setRevoking] = useState<DeviceView | null>(null);
  const [removing, setRemoving] = useState<Member | null>(null);
  const [editing, setEditing] = useState<Member | null>(null);
  const [holding, setHolding] = useState<DeviceView | null>(null);
  const main = session.role === "main";
  const all = (members.data ?? []).filter((m) => m.removed === 0 && (main || m.id === session.member_id));
  const gone = (devices.data ?? []).filter((d) => d.revoked > 0).sort((a, b) => b.revoked - a.revoked);
  const nameOf = (member: string) => members.data?.find((m) => m.id === member)?.name ?? "";
  const onlyMain = (m: Member) => m.role === "main" && all.filter((o) => o.role === "main").length === 1;
  const asks = (pending.data ?? []).filter((d) => !later.has(d.id));
  const open = (codes.data ?? []).filter((c) => c.until > now);
  // A code stays in sight until it is used, withdrawn or too old.
  const inSight =
    shown && (codes.isSuccess ? open.some((c) => c.id === shown.code.id) : shown.code.until > now) ? shown : null;
  const others = open.filter((c) => c.id !== inSight?.code.id);
  const show = (made: Shown) => relist().then(() => setShown(made));
  const code = (member: Member | null) =>
    act.run(t.settings.makeCode, async () =>
      show({
        code: await api.issueCode({ member: member?.id ?? "" }),
        name: member?.name ?? "",
        role: member?.role ?? "",
      }),
    );
  const whom = (c: OpenCode) =>
    c.member === session.member_id ? t.settings.codeOwn : t.settings.codeFor(nameOf(c.member));
  return (
    <>
      {session.fingerprint && (
        <section className="ask" aria-label={t.settings.waitsHere}>
          <span className="icontile p big">
            <IconDeviceLaptop size={24} stroke={1.75} aria-hidden="true" />
          </span>
          <span style={{ flex: 1 }}>
            <h2 style={{ fontSize: 16, lineHeight: "24px", fontWeight: 650 }}>{t.settings.waitsHere}</h2>
            <span className="t2 mid">{t.settings.waitsHereText}</span>
          </span>
          <Comparison number={session.fingerprint} />
        </section>
      )}
      {asks.map((d) => (
        <Ask key={d.id} d={d} onLater={() => setLater((had) => new Set([...had, d.id]))} />
      ))}
      <div className="team2">
        <section className="card" aria-labelledby="members">
          <h2 id="members">
            {t.settings.members}
            <span className="count2">{all.length}</span>
            <span className="lastseen" aria-hidden="true">
              {t.settings.lastSeen}
            </span>
          </h2>
          {devices.isError && (
            <p className="line mid wait" style={{ minHeight: 40 }}>
              {t.settings.needRelay}
            </p>
          )}
          {all.map((m) => (
            <MemberSection
              key={m.id}
              m={m}
              devices={(devices.data ?? []).filter((d) => d.member === m.id && d.revoked === 0)}
              known={devices.data !== undefined}
              code={!codes.isSuccess || open.some((c) => c.member === m.id)}
              only={onlyMain(m)}
              onRevoke={setRevoking}
              onHolds={setHolding}
              onEdit={setEditing}
              onRemove={setRemoving}
              onCode={() => code(m)}
            />
          ))}
        </section>
        <div style={{ display: "grid", gap: 16 }}>
          {inSight && <Code shown={inSight} />}
          {others.length > 0 && (
            <section className="card" aria-labelledby="codes">
              <h2 id="codes">
                {inSight ? t.settings.codesOther : t.settings.codesOpen}
                <span className="count2">{others.length}</span>
              </h2>
              <ul className="capped">
                {others.map((c) => (
                  <li key={c.id} className="line mid">
                    <IconKey
                      size={16}
                      stroke={1.75}
                      aria-hidden="true"
                      style={{ color: "var(--lk-text-3)", flex: "none" }}
                    />
                    <span className="two" style={{ flex: 1 }}>
                      <b title={whom(c)}>
                        {c.member === session.member_id ? t.settings.ownComputer : nameOf(c.member)}
                      </b>
                      <span className="l2" title={exact(c.until)}>
                        {t.settings.worksUntil(until(c.until, now))}
                      </span>
                    </span>
                    <Withdraw id={c.id} title={whom(c)} until={c.until} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          <section className="card" aria-labelledby="another">
            <h2 id="another">{t.settings.another}</h2>
            <div className="in">
              <p className="t2">{t.settings.anotherText}</p>
              <button type="button" className="btn small" style={{ marginTop: 10 }} onClick={() => code(null)}>
                {t.settings.makeCode}
              </button>
            </div>
          </section>
          {gone.length > 0 && (
            <section className="card" aria-labelledby="revoked">
              <h2 id="revoked">
                {t.settings.revokedTitle}
                <span className="count2">{gone.length}</span>
              </h2>
              <ul className="capped">
                {gone.map((d) => (
                  <li key={d.id} className="line mid">
                    <IconDeviceLaptopOff
                      size={16}
                      stroke={1.75}
                      aria-hidden="true"
                      style={{ color: "var(--lk-text-3)", flex: "none" }}
                    />
                    <span className="two" style={{ flex: 1 }}>
                      <b title={d.name}>{d.name}</b>
                      <span className="l2">{t.settings.revokedOn(nameOf(d.member), dayOf(d.revoked))}</span>
                    </span>
                    <button
                      type="button"
                      className="btn small quiet"
                      onClick={() => setHolding(d)}
                      aria-label={t.settings.whatHeld(d.name)}
                    >
                      {t.settings.whatItHeld}
                    </button>
                  </li>
                ))}
              </ul>
            </section>
          )}
          <p className="t3 small row gap8" style={{ alignItems: "flex-start", padding: "0 4px" }}>
            <IconShieldLock size={16} stroke={1.75} aria-hidden="true" />
            {t.settings.revokeNote}
          </p>
        </div>
      </div>
      {inviting && (
        <Invite
          onClose={onInvited}
          onMade={(made) => {
            void show(made);
            onInvited();
          }}
        />
      )}
      {revoking && <Revoke d={revoking} onClose={() => setRevoking(null)} />}
      {editing && <Edit m={editing} only={onlyMain(editing)} onClose={() => setEditing(null)} />}
      {holding && <Holds d={holding} onClose={() => setHolding(null)} />}
      {removing && (
        <Remove
          m={removing}
          devices={(devices.data ?? []).filter((d) => d.member === removing.id && d.revoked === 0).length}
          others={all.filter((m) => m.id !== removing.id)}
          onClose={() => setRemoving(null)}
        />
      )}
    </>
  );
}

function Comparison({ number }: { number: string }) {
  return (
    <span style={{ textAlign: "center" }}>
      <span className="number">{number}</span>
      <span className="t3 small">{t.settings.onThis}</span>
    </span>
  );
}

function Ask({ d, onLater }: { d: PendingDevice; onLater: () => void }) {
  const { now } = useApp();
  const act = useRequestActions();
  const refresh = () => queries.invalidateQueries({ queryKey: ["devices"] });
  return (
    <section className="ask" aria-label={t.settings.wants(d.name, d.wants)}>
      <span className="icontile p big">
        <IconDeviceLaptop size={24} stroke={1.75} aria-hidden="true" />
      </span>
      <span style={{ flex: 1 }}>
        <h2 style={{ fontSize: 16, lineHeight: "24px", fontWeight: 650 }}>{t.settings.wants(d.name, d.wants)}</h2>
        <span className="t2" style={{ fontSize: 13.5 }}>
          {t.settings.both(ago(d.created, now), d.member)}
        </span>
        <span className="row gap8" style={{ marginTop: 10 }}>
          {d.in_progress ? (
            <span className="row gap8 t2" role="status">
              <Spinner />
              {t.settings.passing}
            </span>
          ) : (
            <>
              <button
                type="button"
                className="btn primary"
                onClick={() =>
                  act.run(
                    t.settings.pass,
                    () => api.approve({ id: d.id, number: d.fingerprint }).then(refresh),
                    t.toast.passed,
                  )
                }
              >
                {t.settings.pass}
              </button>
              <button
                type="button"
                className="btn"
                onClick={() =>
                  act.run(t.settings.removeComputer, () => api.revoke({ id: d.id }).then(refresh), t.toast.revoked)
                }
              >
                {t.settings.removeComputer}
              </button>
              <button type="button" className="btn quiet" onClick={onLater}>
                {t.settings.later}
              </button>
            </>
          )}
        </span>
      </span>
      <Comparison number={d.fingerprint} />
    </section>
  );
}

function RolePill({ role }: { role: Role }) {
  return (
    <span className={`role${role === "main" ? " main-user" : ""}`}>
      {role === "main" ? t.settings.main : t.settings.sub}
    </span>
  );
}

interface MemberProps {
  m: Member;
  devices: DeviceView[];
  known: boolean;
  code: boolean;
  only: boolean;
  onRevoke: (d: DeviceView) => void;
  onHolds: (d: DeviceView) => void;
  onEdit: (m: Member) => void;
  onRemove: (m: Member) => void;
  onCode: () => void;
}

function MemberSection({ m, devices, known, code, only, onRevoke, onHolds, onEdit, onRemove, onCode }: MemberProps) {
  const { session, now } = useApp();
  const self = m.id === session.member_id;
  const fresh = known && devices.length === 0;
  return (
    <>
      <div className="member">
        {fresh ? (
          <span className="avatar" aria-hidden="true">
            <IconMail size={15} stroke={1.75} />
          </span>
        ) : (
          <Avatar name={m.name} />
        )}
        <span className="two" style={{ flex: 1 }}>
          <b title={m.name}>
            {m.name}{" "}
            {self && (
              <span className="t3" style={{ fontWeight: 400 }}>
                {t.settings.you}
              </span>
            )}
          </b>
          <span className="l2">
            {fresh ? `${m.email} · ${code ? t.settings.invited(onDay(m.created, now)) : t.settings.noCode}` : m.email}
          </span>
        </span>
        <RolePill role={m.role} />
        {session.role === "main" ? (
          <Menu width={220} position="bottom-end" withinPortal>
            <Menu.Target>
              <button type="button" className="btn small quiet icon" aria-label={t.settings.memberActions(m.name)}>
                <IconDots size={18} stroke={1.75} aria-hidden="true" />
              </button>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item onClick={onCode}>{t.settings.newCode}</Menu.Item>
              <Menu.Item onClick={() => onEdit(m)}>{t.settings.edit}</Menu.Item>
              {!self && !only && (
                <Menu.Item className="danger" onClick={() => onRemove(m)}>
                  {t.settings.removeMember}
                </Menu.Item>
              )}
              {only && <Menu.Label>{t.settings.lastMain}</Menu.Label>}
            </Menu.Dropdown>
          </Menu>
        ) : (
          <span style={{ width: 30 }} />
        )}
      </div>
      {devices.map((d) => (
        <Device key={d.id} d={d} onRevoke={() => onRevoke(d)} onHolds={() => onHolds(d)} />
      ))}
    </>
  );
}

function Device({ d, onRevoke, onHolds }: { d: DeviceView; onRevoke: () => void; onHolds: () => void }) {
  const { session, now } = useApp();
  const here = d.id === session.device;
  const away = d.last_seen ? daysBetween(d.last_seen, now) : 0;
  return (
    <div className="device">
      <IconDeviceLaptop size={16} stroke={1.75} aria-hidden="true" style={{ color: "var(--lk-text-3)" }} />
      <span className="trunc" title={d.name}>
        {d.name}
      </span>
      <button
        type="button"
        onClick={onHolds}
        className={`holds trunc ${d.waiting > 0 || away > 30 ? "wait" : "t3"}`}
        style={d.waiting > 0 || away > 30 ? { fontWeight: 550 } : {}}
      >
        {d.waiting > 0
          ? t.settings.waitsFor(d.waiting)
          : away > 30
            ? t.settings.notSeen(away)
            : here
              ? `${t.settings.thisComputer} · ${t.settings.credentials(d.credential_count)}`
              : t.settings.credentials(d.credential_count)}
        <span className="sr">{t.settings.showHeld(d.name)}</span>
      </button>
      <span className="t3 num">{here ? "now" : d.last_seen ? ago(d.last_seen, now) : "–"}</span>
      <button
        type="button"
        className="btn small quiet"
        style={{ padding: "0 6px" }}
        onClick={onRevoke}
        aria-label={`${t.settings.revoke} ${d.name}`}
      >
        {t.settings.revoke}
      </button>
    </div>
  );
}

const relist = () => queries.invalidateQueries({ queryKey: ["devices", "codes"] });

function Withdraw({ id, title, until: end }: { id: string; title: string; until: Timestamp }) {
  const { now } = useApp();
  const act = useRequestActions();
  const doing = t.settings.withdrawCode(title, until(end, now));
  return (
    <button
      type="button"
      className="link fail"
      aria-label={doing}
      onClick={() => act.run(doing, () => api.withdrawCode({ id }).finally(relist), t.toast.codeWithdrawn)}
    >
      {t.settings.withdraw}
    </button>
  );
}

function Code({ shown }: { shown: Shown }) {
  const { session, now } = useApp();
  const title = shown.role ? t.settings.codeFor(shown.name) : t.settings.codeOwn;
  return (
    <section className="card" aria-live="polite" aria-labelledby="code">
      <h2 id="code">
        <span style={{ flex: 1 }}>{title}</span>
        {shown.role && <RolePill role={shown.role} />}
      </h2>
      <div className="in">
        <div className="codetext">
          <span style={{ flex: 1 }}>{shown.code.code}</span>
          <button
            type="button"
            className="btn small icon"
            aria-label={t.copy}
            onClick={() =>
              void api.copy({ text: shown.code.code }).then(() => notifications.show({ message: t.copied }))
            }
          >
            <IconCopy size={16} stroke={1.75} aria-hidden="true" />
          </button>
        </div>
        <p className="t2" style={{ marginTop: 10 }}>
          {t.settings.shownOnce} <b style={{ fontWeight: 600, overflowWrap: "anywhere" }}>{session.relay}</b>.
        </p>
        <p className="t3 small row gap8" style={{ marginTop: 8 }}>
          <IconClock size={15} stroke={1.75} aria-hidden="true" />
          <span style={{ flex: 1 }} title={exact(shown.code.until)}>
            {t.settings.worksUntil(until(shown.code.until, now))}
          </span>
          <Withdraw id={shown.code.id} title={title} until={shown.code.until} />
        </p>
      </div>
    </section>
  );
}

function Invite({ onClose, onMade }: { onClose: () => void; onMade: (made: Shown) => void }) {
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [role, setRole] = useState<Role>("sub");
  const [told, setTold] = useState<UiError | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = (field: string) => (told?.field === field ? told.sentence : "");
  const invite = () => {
    if (busy) return;
    setBusy(true);
    api
      .inviteMember({ name: name.trim(), email: email.trim(), role })
      .then(
        (code) => {
          void queries.invalidateQueries({ queryKey: ["members"] });
          onMade({ code, name: name.trim(), role });
        },
        (cause: unknown) => setTold(toUiError(cause)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      open
      title={t.settings.inviteTitle}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t.cancel}
          </button>
          <button type="button" className="btn primary" onClick={invite} aria-busy={busy}>
            {busy && <Spinner />}
            {t.settings.inviteYes}
          </button>
        </>
      }
    >
      {told && !["name", "email", "role"].includes(told.field) && (
        <ErrorLine sentence={told.sentence} reference={told.reference} />
      )}
      <Field
        label={t.settings.name}
        value={name}
        onChange={(v) => {
          setName(v);
          setTold(null);
        }}
        error={wrong("name")}
        maxLength={limits.name}
        autoFocus
        spell
      />
      <Field
        label={t.settings.email}
        value={email}
        onChange={(v) => {
          setEmail(v);
          setTold(null);
        }}
        error={wrong("email")}
        inputMode="email"
        onEnter={invite}
      />
      <Select
        label={t.settings.role}
        description={t.settings.roleHint}
        data={[
          { value: "sub", label: t.settings.subUser },
          { value: "main", label: t.settings.mainUser },
        ]}
        value={role}
        allowDeselect={false}
        onChange={(v) => setRole(v === "main" ? "main" : "sub")}
      />
    </Dialog>
  );
}

/** What a computer holds, or held: read from the relay when it is asked for. */
function Held({ device }: { device: string }) {
  const held = useQuery({
    queryKey: ["held", device],
    queryFn: () => api.deviceCredentials({ id: device }),
    staleTime: 0,
    gcTime: 0,
  });
  if (held.isPending)
    return (
      <p className="row gap8 t3" role="status">
        <Spinner />
        {t.loading}
      </p>
    );
  if (held.isError)
    return <ErrorLine sentence={toUiError(held.error).sentence} reference={toUiError(held.error).reference} />;
  const { credentials: rows, hidden } = held.data;
  const second = (r: DeviceCredentialRow) =>
    r.user ? t.settings.heldUser(r.detail) : [serviceName[r.service], r.client || t.settings.heldOwn].join(" · ");
  if (rows.length + hidden === 0) return <p className="t2">{t.settings.holdsNone}</p>;
  const text = [...rows.map((r) => `${r.name} · ${second(r)}`), hidden > 0 ? t.settings.heldHidden(hidden) : ""]
    .filter(Boolean)
    .join("\n");
  return (
    <>
      <ul className="heldlist" tabIndex={0} aria-label={t.settings.credentials(rows.length + hidden)}>
        {rows.map((r) => (
          <li key={r.id} className="row gap12">
            <PlatformTile of={r.service} size={22} />
            <span className="two" style={{ flex: 1 }}>
              <b title={r.name}>{r.name}</b>
              <span className="l2">{second(r)}</span>
            </span>
          </li>
        ))}
        {hidden > 0 && <li className="t3 mid">{t.settings.heldHidden(hidden)}</li>}
      </ul>
      <button
        type="button"
        className="link mid"
        style={{ justifySelf: "start" }}
        onClick={() => void api.copy({ text }).then(() => notifications.show({ message: t.copied }))}
      >
        {t.settings.copyList}
      </button>
    </>
  );
}

function Holds({ d, onClose }: { d: DeviceView; onClose: () => void }) {
  return (
    <Dialog
      open
      title={d.revoked ? t.settings.heldTitle(d.name) : t.settings.holdsTitle(d.name)}
      closeWord={t.close}
      onClose={onClose}
      width={520}
      actions={
        <button type="button" className="btn" onClick={onClose} data-autofocus>
          {t.close}
        </button>
      }
    >
      <Held device={d.id} />
      {d.revoked > 0 && <p className="t3 mid">{t.settings.heldHint}</p>}
    </Dialog>
  );
}

/** Before: what it holds. After: what it held, and what to do about it. */
function Revoke({ d, onClose }: { d: DeviceView; onClose: () => void }) {
  const { session } = useApp();
  const act = useRequestActions();
  const [done, setDone] = useState(false);
  if (done) return <Holds d={{ ...d, revoked: 1 }} onClose={onClose} />;
  const revoke = () =>
    api.revoke({ id: d.id }).then(() => {
      if (d.credential_count > 0 && d.id !== session.device) setDone(true);
      else onClose();
      return queries.invalidateQueries({ queryKey: ["devices"] });
    });
  return (
    <Dialog
      open
      title={t.settings.revokeTitle(d.name)}
      closeWord={t.close}
      onClose={onClose}
      width={520}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose} data-autofocus>
            {t.cancel}
          </button>
          <button
            type="button"
            className="btn primary danger"
            onClick={() => act.run(t.settings.revokeTitle(d.name), revoke, t.toast.revoked)}
          >
            {t.settings.revoke}
          </button>
        </>
      }
    >
      <p className="t2">
        {t.settings.revokeText} {d.credential_count > 0 && d.id !== session.device && t.settings.revokeHeld}
      </p>
      {d.id === session.device && <p className="fail">{t.settings.revokeThis}</p>}
      <Held device={d.id} />
    </Dialog>
  );
}

function Edit({ m, only, onClose }: { m: Member; only: boolean; onClose: () => void }) {
  const [name, setName] = useState(m.name);
  const [role, setRole] = useState<Role>(m.role);
  const [told, setTold] = useState<UiError | null>(null);
  const [busy, setBusy] = useState(false);
  const save = () => {
    if (busy) return;
    setBusy(true);
    api
      .changeMember({ id: m.id, name: name.trim(), role })
      .then(
        () => {
          notifications.show({ message: t.toast.memberChanged });
          void queries.invalidateQueries({ queryKey: ["members"] });
          onClose();
        },
        (cause: unknown) => setTold(toUiError(cause)),
      )
      .finally(() => setBusy(false));
  };
  return (
    <Dialog
      open
      title={t.settings.editTitle(m.name)}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t.cancel}
          </button>
          <button
            type="button"
            className="btn primary"
            onClick={save}
            aria-busy={busy}
            disabled={name.trim() === "" || (name.trim() === m.name && role === m.role)}
          >
            {busy && <Spinner />}
            {t.settings.save}
          </button>
        </>
      }
    >
      {told && told.field !== "name" && <ErrorLine sentence={told.sentence} reference={told.reference} />}
      <Field
        label={t.settings.name}
        value={name}
        onChange={(v) => {
          setName(v);
          setTold(null);
        }}
        error={told?.field === "name" ? told.sentence : ""}
        onEnter={save}
        maxLength={limits.name}
        autoFocus
        spell
      />
      <Select
        label={t.settings.role}
        description={only ? t.settings.onlyMain : t.settings.roleHint}
        disabled={only}
        data={[
          { value: "sub", label: t.settings.subUser },
          { value: "main", label: t.settings.mainUser },
        ]}
        value={role}
        allowDeselect={false}
        onChange={(v) => setRole(v === "main" ? "main" : "sub")}
      />
    </Dialog>
  );
}

function Remove({
  m,
  others,
  devices,
  onClose,
}: {
  m: Member;
  others: Member[];
  devices: number;
  onClose: () => void;
}) {
  const act = useRequestActions();
  const [heir, setHeir] = useState(others[0]?.id ?? "");
  return (
    <DangerDialog
      title={t.settings.removeTitle(m.name)}
      words={t}
      yes={t.settings.removeMember}
      possible={heir !== ""}
      onYes={() =>
        act.run(
          t.settings.removeTitle(m.name),
          () =>
            api
              .removeMember({ id: m.id, successor: heir })
              .then(() =>
                Promise.all([
                  queries.invalidateQueries({ queryKey: ["members"] }),
                  queries.invalidateQueries({ queryKey: ["devices"] }),
                ]),
              ),
          t.toast.memberRemoved(m.name),
        )
      }
      onClose={onClose}
    >
      <p className="t2">
        {t.settings.removeText} {t.settings.removeDevices(devices)}
      </p>
      <Select
        label={t.settings.heir}
        data={others.map((o) => ({ value: o.id, label: o.name }))}
        value={heir || null}
        allowDeselect={false}
        onChange={(v) => setHeir(v ?? "")}
      />
    </DangerDialog>
  );
}
