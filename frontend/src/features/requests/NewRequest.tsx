// Request onboarding, first step: what is asked for, with the letter beside it.

import { Popover, Select } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArrowLeft, IconCheck, IconChevronRight, IconDeviceFloppy } from "@tabler/icons-react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import type { AccessLevel, Service } from "../../api/enums";
import { limits } from "../../api/limits";
import type { ConnectionView, RequestForm } from "../../api/types";
import { queries, useAgency, useConnections, useRelay, useRequest } from "../../lib/data";
import { toUiError, type UiError } from "../../lib/errors";
import { keysOf } from "../../lib/keys";
import { blank, facebookAsks } from "../../lib/request";
import { requests } from "../../lib/route";
import { go, useApp, useTitle } from "../../lib/shell";
import { type ExtraKind, extraKinds, serviceName, t } from "../../strings/en";
import { platformOf, services } from "../../strings/services";
import { Field, Keys, Spinner } from "../../ui/basics";
import { ErrorLine } from "../../ui/ErrorCard";
import { KindIcon } from "../../ui/KindIcon";
import { PlatformTile } from "../../ui/PlatformTile";
import { ConnectDialog } from "../connections/ConnectDialog";
import { CheckBox, useSaveKey } from "./actions";
import { RequestPreview } from "./Preview";

export function NewRequest({ edit }: { edit: string }) {
  const draft = useRef<RequestForm | null>(null);
  const [form, setForm] = useState<RequestForm | null>(null);
  const [resumed, setResumed] = useState(false);
  const existing = useRequest(edit);
  const agency = useAgency();
  const usual = agency.data?.default_message;
  useEffect(() => {
    if (edit) {
      const d = existing.data;
      if (d && !draft.current) {
        draft.current = {
          id: d.id,
          client: d.client,
          message: d.message || (usual ?? ""),
          services: d.services.map((s) => s.service),
          connection: d.connection_id,
          business: d.business_id,
          kinds: d.kinds,
          level: d.level,
        };
        setForm(draft.current);
      }
      return;
    }
    if (usual === undefined) return; // the form begins with it
    let here = true;
    api.draft().then(
      (kept) => {
        if (!here) return;
        const begun = kept.client !== "" || kept.services.length > 0 || kept.message !== "";
        setForm(
          (before) => before ?? { ...blank, ...kept, message: begun && kept.message !== "" ? kept.message : usual },
        );
        setResumed(kept.client !== "" && kept.services.length > 0);
      },
      () => here && setForm(blank),
    );
    return () => {
      here = false;
    };
  }, [edit, existing.data, usual]);
  if (!form) return <RequestHead step={1} title={edit ? t.form.editTitle : t.form.title} />;
  return <Form key={edit} first={form} edit={edit} resumed={resumed} />;
}

export function RequestHead({ step, title }: { step: 1 | 2; title: string }) {
  useTitle(title);
  return (
    <div className="head ruled">
      <button type="button" className="btn quiet icon small" aria-label={t.back} onClick={() => go(requests)}>
        <IconArrowLeft size={18} stroke={1.75} aria-hidden="true" />
      </button>
      <h1>{title}</h1>
      <span className="sp" />
      <ol className="steps">
        <li className="row gap8" aria-current={step === 1 ? "step" : undefined}>
          <span className={`d ${step === 1 ? "on" : "ok"}`}>
            {step === 1 ? "1" : <IconCheck size={13} stroke={2} aria-hidden="true" />}
          </span>
          {step === 1 ? <b>{t.form.step1}</b> : t.form.step1}
        </li>
        <IconChevronRight size={14} stroke={1.75} aria-hidden="true" />
        <li className="row gap8" aria-current={step === 2 ? "step" : undefined}>
          <span className={`d${step === 2 ? " on" : ""}`}>2</span>
          {step === 2 ? <b>{t.form.step2}</b> : t.form.step2}
        </li>
      </ol>
    </div>
  );
}

function Form({ first, edit, resumed }: { first: RequestForm; edit: string; resumed: boolean }) {
  const { mac } = useApp();
  const relay = useRelay();
  const connections = useConnections();
  const [form, setForm] = useState(first);
  const [told, setTold] = useState<UiError | null>(null);
  const [saving, setSaving] = useState(false);
  const [connecting, setConnecting] = useState(false);
  const change = useCallback((part: Partial<RequestForm>) => {
    setTold(null);
    setForm((before) => ({ ...before, ...part }));
  }, []);
  const offered = useCallback(
    (service: Service): string => {
      const found = relay.data?.platforms.find((p) => p.platform === platformOf(service));
      return found && !found.offered ? found.why || t.form.notOffered : "";
    },
    [relay.data],
  );
  const facebook = form.services.includes("facebook");
  const users = useMemo(() => connections.data?.filter((c) => c.platform === "meta") ?? [], [connections.data]);
  const user = users.find((c) => c.id === form.connection);

  // With one user, or one Business Manager that can be chosen, there is nothing to choose.
  useEffect(() => {
    if (!facebook) return;
    const only =
      user ??
      (form.connection === "" && users.length > 0
        ? (users.find((c) => c.here && c.businesses.some((b) => b.admin)) ?? users[0])
        : undefined);
    if (!only) return;
    const admin = only.businesses.filter((b) => b.admin);
    const business = admin.some((b) => b.id === form.business)
      ? form.business
      : admin.length === 1
        ? (admin[0]?.id ?? "")
        : "";
    if (only.id !== form.connection || business !== form.business)
      setForm((before) => ({ ...before, connection: only.id, business }));
  }, [facebook, user, users, form.connection, form.business]);

  useEffect(() => {
    if (edit) return;
    const timer = setTimeout(() => void api.saveDraft(form).catch(() => {}), 400);
    return () => clearTimeout(timer);
  }, [form, edit]);

  const toggle = (service: Service) =>
    change({
      services: form.services.includes(service)
        ? form.services.filter((s) => s !== service)
        : services.filter((s) => s === service || form.services.includes(s)),
    });
  const save = useCallback(() => {
    if (saving) return;
    if (form.client.trim() === "") {
      setTold({ code: "invalid", field: "client", sentence: t.form.enterClient, reference: "" });
      document.getElementById("client")?.focus();
      return;
    }
    if (form.services.length === 0) {
      setTold({ code: "invalid", field: "services", sentence: t.form.pickOne, reference: "" });
      return;
    }
    setSaving(true);
    const wish = facebook ? form : { ...form, connection: "", business: "", kinds: [], level: "advertise" as const };
    (edit ? api.editRequest(wish).then(() => edit) : api.saveRequest(wish))
      .then(
        async (id) => {
          if (!edit) await api.saveDraft(blank).catch(() => {});
          await queries.invalidateQueries({ queryKey: ["request", id] });
          notifications.show({ message: t.toast.saved });
          go({ at: "send", id }, true);
        },
        (cause: unknown) => setTold(toUiError(cause)),
      )
      .finally(() => setSaving(false));
  }, [edit, facebook, form, saving]);
  useSaveKey(save);
  const discard = () => {
    if (!edit) void api.saveDraft(blank).catch(() => {});
    go(requests);
  };
  const fieldError = (field: string) => (told?.field === field ? told.sentence : "");
  const inField =
    told !== null && ["client", "message", "services", "connection", "business", "kinds", "level"].includes(told.field);

  return (
    <>
      <RequestHead step={1} title={edit ? t.form.editTitle : t.form.title} />
      <div className="split">
        <form
          className="form"
          aria-label={t.form.title}
          onSubmit={(e) => {
            e.preventDefault();
            save();
          }}
        >
          {told && !inField && (
            <ErrorLine
              sentence={told.sentence}
              reference={told.reference}
              onClose={() => setTold(null)}
              closeWord={t.close}
            />
          )}
          <Field
            id="client"
            label={t.form.client}
            value={form.client}
            onChange={(client) => change({ client })}
            error={fieldError("client")}
            maxLength={limits.client}
            autoFocus={!resumed}
            dir="auto"
          />
          <div className="field">
            <label className="label" htmlFor="message">
              {t.form.message}
              <span className="end num" aria-live="off">
                {t.form.counter([...form.message].length, limits.message)}
              </span>
            </label>
            <textarea
              id="message"
              className="area"
              rows={4}
              value={form.message}
              maxLength={limits.message}
              dir="auto"
              placeholder={t.form.messageHint}
              aria-invalid={fieldError("message") !== "" || undefined}
              onChange={(e) => change({ message: e.currentTarget.value })}
            />
            {fieldError("message") && (
              <p className="hint fail" role="alert">
                {fieldError("message")}
              </p>
            )}
          </div>
          <fieldset style={{ border: 0, padding: 0, margin: 0, minWidth: 0 }} aria-describedby="services-told">
            <legend className="label" style={{ padding: 0 }}>
              {t.form.services}
            </legend>
            <div className="service-grid">
              {services.map((service) => {
                const why = offered(service);
                const chosen = form.services.includes(service);
                return (
                  <label key={service} className={`pick${why && !chosen ? " no" : chosen ? " on" : ""}`}>
                    <input
                      type="checkbox"
                      checked={chosen}
                      disabled={why !== "" && !chosen}
                      onChange={() => toggle(service)}
                    />
                    <PlatformTile of={service} size={22} />
                    <span style={{ minWidth: 0 }} className="trunc">
                      {serviceName[service]}
                      {why && <span className="sr">: {why}</span>}
                    </span>
                    <CheckBox on={chosen} />
                  </label>
                );
              })}
            </div>
            <NotOffered of={services} why={offered} />
            {fieldError("services") && (
              <p id="services-told" className="hint fail" role="alert">
                {fieldError("services")}
              </p>
            )}
          </fieldset>
          {facebook && (
            <section className="panel" aria-label={serviceName.facebook}>
              <div className="row gap8" style={{ marginBottom: 12 }}>
                <PlatformTile of="facebook" size={22} />
                <b style={{ fontWeight: 600 }}>{serviceName.facebook}</b>
                <span className="t3 mid" style={{ minWidth: 0 }}>
                  {facebookAsks(form)}
                </span>
              </div>
              {users.length === 0 && !connections.isPending ? (
                <div style={{ display: "grid", gap: 10, justifyItems: "start" }}>
                  <p className="t2 mid">{t.form.noUser}</p>
                  <button type="button" className="btn small" onClick={() => setConnecting(true)}>
                    {t.form.connectUser}
                  </button>
                  {fieldError("connection") && (
                    <p className="hint fail" role="alert">
                      {fieldError("connection")}
                    </p>
                  )}
                </div>
              ) : (
                <FacebookChoice
                  users={users}
                  user={user}
                  form={form}
                  change={change}
                  connectionError={fieldError("connection")}
                  businessError={fieldError("business")}
                  onConnect={() => setConnecting(true)}
                />
              )}
              <FacebookMore form={form} change={change} error={fieldError("kinds") || fieldError("level")} />
            </section>
          )}
          <button type="submit" hidden />
        </form>
        <RequestPreview q={{ form, request: "" }} />
      </div>
      <div className="bar">
        <span className="t3 mid row gap8">
          <IconDeviceFloppy size={16} stroke={1.75} aria-hidden="true" />
          {edit ? "" : resumed ? t.form.resumed : t.form.draft}
        </span>
        <span className="sp" />
        <button type="button" className="btn quiet" onClick={discard}>
          {t.form.discard}
        </button>
        <button type="button" className="btn primary" onClick={save} aria-busy={saving}>
          {saving && <Spinner />}
          {t.form.save}
          <Keys keys={keysOf("Mod+S", mac)} />
        </button>
      </div>
      {connecting && (
        <ConnectDialog
          platform="meta"
          onClose={() => setConnecting(false)}
          onDone={(c) => change({ connection: c.id, business: "" })}
        />
      )}
    </>
  );
}

/** What the relay has no app for, and why: said once for all that share the reason. */
function NotOffered({ of, why }: { of: Service[]; why: (service: Service) => string }) {
  const reasons = new Map<string, string[]>();
  for (const service of of) {
    const reason = why(service);
    if (reason) reasons.set(reason, [...(reasons.get(reason) ?? []), serviceName[service]]);
  }
  return (
    <>
      {[...reasons].map(([reason, names]) => (
        <p key={reason} className="hint" style={{ display: "block" }}>
          <b style={{ fontWeight: 550 }}>{names.join(", ")}:</b> {reason}
        </p>
      ))}
    </>
  );
}

const kinds = Object.keys(extraKinds) as ExtraKind[];
const levels: AccessLevel[] = ["advertise", "view"];

/** What more is asked for at Facebook, off at first, and what the agency may do with all of it. */
function FacebookMore({
  form,
  change,
  error,
}: {
  form: RequestForm;
  change: (part: Partial<RequestForm>) => void;
  error: string;
}) {
  const toggle = (kind: ExtraKind) => change({ kinds: kinds.filter((k) => (k === kind) !== form.kinds.includes(k)) });
  return (
    <>
      <fieldset className="choices">
        <legend className="label">{t.form.alsoAsk}</legend>
        <div className="kind-grid">
          {kinds.map((kind) => {
            const on = form.kinds.includes(kind);
            return (
              <label key={kind} className={`pick${on ? " on" : ""}`}>
                <input type="checkbox" checked={on} onChange={() => toggle(kind)} />
                <KindIcon of={kind} size={17} />
                <span className="wraps">{extraKinds[kind]}</span>
                <CheckBox on={on} />
              </label>
            );
          })}
        </div>
        {form.kinds.includes("catalogue") && <p className="hint">{t.form.byHand}</p>}
      </fieldset>
      <fieldset className="choices">
        <legend className="label">{t.form.level}</legend>
        <div className="level-grid">
          {levels.map((level) => (
            <label key={level} className={`pick${form.level === level ? " on" : ""}`}>
              <input type="radio" name="level" checked={form.level === level} onChange={() => change({ level })} />
              <span className="radio" aria-hidden="true" />
              <span className="wraps">{t.form.levels[level]}</span>
            </label>
          ))}
        </div>
      </fieldset>
      {error && (
        <p className="hint fail" role="alert">
          {error}
        </p>
      )}
    </>
  );
}

interface FacebookChoiceProps {
  users: ConnectionView[];
  user: ConnectionView | undefined;
  form: RequestForm;
  change: (part: Partial<RequestForm>) => void;
  connectionError: string;
  businessError: string;
  onConnect: () => void;
}

function FacebookChoice({ users, user, form, change, connectionError, businessError, onConnect }: FacebookChoiceProps) {
  const admin = user?.businesses.filter((b) => b.admin).length ?? 0;
  const all = user?.businesses.length ?? 0;
  const connect = "connect";
  return (
    <>
      <div className="two2">
        <Select
          label={t.form.user}
          placeholder={t.form.chooseUser}
          data={[...users.map((c) => ({ value: c.id, label: c.user })), { value: connect, label: t.form.connectUser }]}
          value={form.connection || null}
          error={connectionError || undefined}
          allowDeselect={false}
          onChange={(id) => (id === connect ? onConnect() : change({ connection: id ?? "", business: "" }))}
        />
        <Select
          label={t.form.business}
          placeholder={t.form.chooseBusiness}
          disabled={!user || admin === 0}
          data={
            user?.businesses.map((b) => ({
              value: b.id,
              label: b.admin ? b.name : `${b.name} (${t.form.notAdmin})`,
              disabled: !b.admin,
            })) ?? []
          }
          value={form.business || null}
          error={businessError || undefined}
          allowDeselect={false}
          onChange={(id) => change({ business: id ?? "" })}
        />
      </div>
      {user && (
        <p className={`hint${admin === 0 ? " wait" : ""}`} style={{ display: "block" }}>
          {admin === 0
            ? t.form.nowhereAdmin(user.user)
            : t.form.adminOf(user.user.split(" ")[0] ?? user.user, admin, all)}{" "}
          {admin > 0 && admin < all && (
            <Popover width={320} position="bottom-start" withArrow>
              <Popover.Target>
                <button type="button" className="link">
                  {t.form.whyGrey}
                </button>
              </Popover.Target>
              <Popover.Dropdown>
                <p className="t2 mid" style={{ padding: "12px 14px" }}>
                  {t.form.whyGreyText}
                </p>
              </Popover.Dropdown>
            </Popover>
          )}
          {!user.here && <span className="wait"> {t.form.notHere}</span>}
        </p>
      )}
    </>
  );
}
