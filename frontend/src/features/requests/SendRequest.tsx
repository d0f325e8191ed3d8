// Request onboarding, second step: to whom.

import { notifications } from "@mantine/notifications";
import { IconAlertCircle, IconCopy, IconLink, IconSend, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type ClipboardEvent, type KeyboardEvent, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import { useApp } from "../../lib/app";
import { useRequest } from "../../lib/data";
import { fullDay } from "../../lib/dates";
import { toUiError, type UiError } from "../../lib/errors";
import { editLink, links } from "../../lib/links";
import { good, mark, split } from "../../lib/recipients";
import { useServices } from "../../lib/services";
import { t } from "../../strings/en";
import { Spinner } from "../../ui/basics";
import { ErrorCard, ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusGlyph } from "../../ui/StatusPill";
import { useRequestActions } from "./actions";
import { Delivery } from "./Delivery";
import { RequestPreview } from "./Preview";
import { RequestHead } from "./RequestHead";

export function SendRequest({ id }: { id: string }) {
  const navigate = useNavigate();
  const { online } = useApp();
  const services = useServices();
  const act = useRequestActions();
  const details = useRequest(id);
  const d = details.data;
  const [chips, setChips] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState<UiError | null>(null);
  const [sending, setSending] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const before = useMemo(() => d?.recipients.map((to) => to.address) ?? [], [d]);
  const marked = useMemo(() => mark(chips, before), [chips, before]);
  const bad = marked.filter((m) => m.is === "bad");
  const double = marked.filter((m) => m.is === "double");
  const many = before.length + good(marked).length;

  const take = (text: string) => {
    const more = split(text);
    if (more.length > 0) setChips((had) => [...had, ...more]);
    setTyped("");
    setTold(null);
  };
  const pressed = (e: KeyboardEvent<HTMLInputElement>) => {
    if (
      (e.key === "Enter" || e.key === "," || e.key === ";" || (e.key === " " && typed.includes("@"))) &&
      typed.trim() !== ""
    ) {
      e.preventDefault();
      take(typed);
    } else if (e.key === "Enter") {
      e.preventDefault();
      send();
    } else if (e.key === "Backspace" && typed === "") {
      setChips((had) => had.slice(0, -1));
    }
  };
  const pasted = (e: ClipboardEvent<HTMLInputElement>) => {
    const text = e.clipboardData.getData("text");
    if (split(text).length > 1 || /[\n,;]/.test(text)) {
      e.preventDefault();
      take(typed + text);
    }
  };
  const send = () => {
    if (sending || !d) return;
    const all = mark([...chips, ...split(typed)], before);
    if (typed.trim() !== "") take(typed);
    if (all.some((m) => m.is === "bad")) {
      setTold({ code: "invalid", field: "recipients", sentence: t.form.correct, reference: "" });
      return;
    }
    const addresses = good(all);
    if (before.length + addresses.length > limits.recipients) return; // it stands below the list
    if (addresses.length === 0) {
      setTold({ code: "invalid", field: "recipients", sentence: t.form.enterAddress, reference: "" });
      input.current?.focus();
      return;
    }
    setSending(true);
    api
      .send({ id, addresses })
      .then(
        () => {
          setChips([]);
          notifications.show({ message: online ? t.toast.sent(addresses.length) : t.toast.sentOffline });
        },
        (cause: unknown) => setTold(toUiError(cause)),
      )
      .finally(() => setSending(false));
  };

  if (details.isError) {
    return (
      <>
        <RequestHead step={2} title={t.form.title} />
        <ErrorCard
          title={t.errorTitle.details}
          sentence={toUiError(details.error).sentence}
          reference={toUiError(details.error).reference}
          referenceWord={t.reference}
          again={{ word: t.tryAgain, do: () => void details.refetch() }}
        />
      </>
    );
  }
  if (!d) return <RequestHead step={2} title={t.form.title} />;
  const saved = d.link !== "";
  const form = {
    id: d.id,
    client: d.client,
    message: d.message,
    services: d.services.map((s) => s.service),
    connection: d.connection_id,
    business: d.business_id,
    kinds: d.kinds,
    level: d.level,
  };
  return (
    <>
      <RequestHead step={2} title={t.form.title} />
      <div className="split">
        <div className="form">
          <div
            className={`banner ${saved ? "good" : ""}`}
            role="status"
            style={saved ? {} : { borderRadius: 8, padding: "11px 14px" }}
          >
            <span className={saved ? "ok" : ""} style={{ display: "flex" }}>
              <StatusGlyph of={saved ? "connected" : "waiting"} size={18} />
            </span>
            <span>
              <b style={{ fontWeight: 600 }}>{t.form.saved}</b>{" "}
              {saved ? t.form.savedUntil(fullDay(d.expires)) : online ? t.form.savedSoon : t.form.savedOffline}
            </span>
          </div>
          <div className="field">
            <label className="label" htmlFor="recipients">
              {t.form.recipients}
            </label>
            <div className="tagbox" onClick={() => input.current?.focus()}>
              {marked.map((m, n) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: the same address may be typed twice
                <span key={m.address + n} className={`tag${m.is === "good" ? "" : ` ${m.is}`}`}>
                  {m.is === "bad" && <IconAlertCircle size={15} stroke={1.75} aria-hidden="true" />}
                  {m.is === "double" && <IconCopy size={15} stroke={1.75} aria-hidden="true" />}
                  <span className="trunc">{m.address}</span>
                  <button
                    type="button"
                    aria-label={t.form.remove(m.address)}
                    onClick={() => setChips((had) => had.filter((_, at) => at !== n))}
                  >
                    <IconX size={14} stroke={1.75} aria-hidden="true" />
                  </button>
                </span>
              ))}
              <input
                ref={input}
                id="recipients"
                type="text"
                inputMode="email"
                autoComplete="off"
                spellCheck={false}
                autoFocus
                value={typed}
                placeholder={chips.length === 0 ? t.form.recipientsPlaceholder : ""}
                aria-describedby="recipients-told"
                aria-invalid={bad.length > 0 || undefined}
                onChange={(e) => {
                  setTyped(e.currentTarget.value);
                  setTold(null);
                }}
                onKeyDown={pressed}
                onPaste={pasted}
                onBlur={() => typed.trim() !== "" && take(typed)}
              />
            </div>
            <p id="recipients-told" className="hint" style={{ display: "block" }} role="status">
              {told?.field === "recipients" && <span className="fail">{told.sentence} </span>}
              {bad.length > 0 && (
                <span className="fail">
                  {bad.length === 1 && bad[0] ? t.form.notFull(bad[0].address) : t.form.notFullMany(bad.length)}{" "}
                </span>
              )}
              {double.length > 0 && (double.length === 1 ? t.form.double : t.form.doubleMany(double.length))}
              {many > limits.recipients && <span className="fail"> {t.form.tooMany(many, limits.recipients)}</span>}
              {!told && bad.length + double.length === 0 && many <= limits.recipients && t.form.recipientsHint}
            </p>
          </div>
          {told && told.field !== "recipients" && (
            <ErrorLine
              sentence={told.sentence}
              reference={told.reference}
              onClose={() => setTold(null)}
              closeWord={t.close}
            />
          )}
          <div className="row gap12">
            <button
              type="button"
              className="btn primary"
              style={{ height: 40 }}
              onClick={send}
              aria-busy={sending}
              disabled={!d.can.send}
            >
              {sending ? <Spinner /> : <IconSend size={17} stroke={1.75} aria-hidden="true" />}
              {t.form.send}
            </button>
            <span className="t3 mid">{t.form.each}</span>
          </div>
          {d.recipients.length > 0 && (
            <section aria-label={t.form.sentTo}>
              <h2 className="label">{t.form.sentTo}</h2>
              {d.recipients.map((to) => (
                <div key={to.id} className="row gap8" style={{ minHeight: 26, fontSize: 13.5 }}>
                  <span className="trunc">{to.address}</span>
                  <span className="sp" />
                  <Delivery to={to} />
                  {to.state === "failed" && to.resend && (
                    <button
                      type="button"
                      className="btn small quiet"
                      onClick={() => act.resendNow(t.actions.resend, [{ id, to: [to.id] }])}
                    >
                      {t.tryAgain}
                    </button>
                  )}
                </div>
              ))}
            </section>
          )}
          <div className="rule">{t.form.orShare}</div>
          <div className="row gap8">
            <span className="input off" role="group" aria-label={t.form.link}>
              <IconLink size={16} stroke={1.75} aria-hidden="true" />
              <span className="trunc mid">{d.link || t.form.noLink}</span>
            </span>
            <button type="button" className="btn" onClick={() => act.copyLink(d)} disabled={!d.can.copy_link}>
              <IconCopy size={16} stroke={1.75} aria-hidden="true" />
              {t.form.copyLink}
            </button>
          </div>
          <hr className="hr" />
          <section aria-label={t.form.asked}>
            <h2 className="label">{t.form.asked}</h2>
            <div className="row" style={{ gap: 16, flexWrap: "wrap" }}>
              {d.services.map((s) => (
                <span key={s.service} className="row gap8">
                  <PlatformTile of={s.service} size={22} />
                  {services.of(s.service).name}
                </span>
              ))}
            </div>
            {d.facebook_user && (
              <p className="t3 mid" style={{ marginTop: 8 }}>
                {t.form.goes(d.facebook_user, d.business)}
              </p>
            )}
            {d.can.edit && (
              <p style={{ marginTop: 8 }}>
                <button type="button" className="link mid" onClick={() => navigate(editLink(id))}>
                  {t.form.edit}
                </button>
              </p>
            )}
          </section>
        </div>
        <RequestPreview q={{ form, request: id }} />
      </div>
      <div className="bar">
        <span className="t3 mid">{t.form.later}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={() => navigate(links.requests)}>
          {t.done}
        </button>
      </div>
    </>
  );
}
