// Request onboarding, second step: to whom.
import { IconAlertCircle, IconCopy, IconLink, IconSend, IconX } from "@tabler/icons-react";
import { type ClipboardEvent, type KeyboardEvent, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import { useRequest } from "../../lib/data";
import { fullDay } from "../../lib/dates";
import { type Told, tell } from "../../lib/errors";
import { good, mark, split } from "../../lib/recipients";
import { requests } from "../../lib/route";
import { go, useShell } from "../../lib/shell";
import { serviceName, w } from "../../strings/en";
import { Spinner } from "../../ui/basics";
import { ErrorCard, ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusGlyph } from "../../ui/StatusPill";
import { useSay } from "../../ui/toasts";
import { useAct } from "./actions";
import { RequestHead } from "./NewRequest";
import { RequestPreview } from "./Preview";
import { Delivery } from "./RequestDrawer";

export function SendRequest({ id }: { id: string }) {
  const { online } = useShell();
  const say = useSay();
  const act = useAct();
  const details = useRequest(id);
  const d = details.data;
  const [chips, setChips] = useState<string[]>([]);
  const [typed, setTyped] = useState("");
  const [told, setTold] = useState<Told | null>(null);
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
      setTold({ code: "invalid", field: "recipients", sentence: w.form.correct, reference: "" });
      return;
    }
    const addresses = good(all);
    if (before.length + addresses.length > limits.recipients) return; // it stands below the list
    if (addresses.length === 0) {
      setTold({ code: "invalid", field: "recipients", sentence: w.form.enterAddress, reference: "" });
      input.current?.focus();
      return;
    }
    setSending(true);
    api
      .send({ id, addresses })
      .then(
        () => {
          setChips([]);
          say(online ? w.toast.sent(addresses.length) : w.toast.sentOffline);
        },
        (cause: unknown) => setTold(tell(cause)),
      )
      .finally(() => setSending(false));
  };

  if (details.isError) {
    return (
      <>
        <RequestHead step={2} title={w.form.title} />
        <ErrorCard
          title={w.errorTitle.details}
          sentence={tell(details.error).sentence}
          reference={tell(details.error).reference}
          referenceWord={w.reference}
          again={{ word: w.tryAgain, do: () => void details.refetch() }}
        />
      </>
    );
  }
  if (!d) return <RequestHead step={2} title={w.form.title} />;
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
      <RequestHead step={2} title={w.form.title} />
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
              <b style={{ fontWeight: 600 }}>{w.form.saved}</b>{" "}
              {saved ? w.form.savedUntil(fullDay(d.expires)) : online ? w.form.savedSoon : w.form.savedOffline}
            </span>
          </div>
          <div className="field">
            <label className="label" htmlFor="recipients">
              {w.form.recipients}
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
                    aria-label={w.form.remove(m.address)}
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
                placeholder={chips.length === 0 ? w.form.recipientsPlaceholder : ""}
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
                  {bad.length === 1 && bad[0] ? w.form.notFull(bad[0].address) : w.form.notFullMany(bad.length)}{" "}
                </span>
              )}
              {double.length > 0 && (double.length === 1 ? w.form.double : w.form.doubleMany(double.length))}
              {many > limits.recipients && <span className="fail"> {w.form.tooMany(many, limits.recipients)}</span>}
              {!told && bad.length + double.length === 0 && many <= limits.recipients && w.form.recipientsHint}
            </p>
          </div>
          {told && told.field !== "recipients" && (
            <ErrorLine
              sentence={told.sentence}
              reference={told.reference}
              onClose={() => setTold(null)}
              closeWord={w.close}
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
              {w.form.send}
            </button>
            <span className="t3 mid">{w.form.each}</span>
          </div>
          {d.recipients.length > 0 && (
            <section aria-label={w.form.sentTo}>
              <h2 className="label">{w.form.sentTo}</h2>
              {d.recipients.map((to) => (
                <div key={to.id} className="row gap8" style={{ minHeight: 26, fontSize: 13.5 }}>
                  <span className="trunc">{to.address}</span>
                  <span className="sp" />
                  <Delivery to={to} />
                  {to.state === "failed" && to.resend && (
                    <button
                      type="button"
                      className="btn small quiet"
                      onClick={() => act.resendNow(w.actions.resend, [{ id, to: [to.id] }])}
                    >
                      {w.tryAgain}
                    </button>
                  )}
                </div>
              ))}
            </section>
          )}
          <div className="rule">{w.form.orShare}</div>
          <div className="row gap8">
            <span className="input off" role="group" aria-label={w.form.link}>
              <IconLink size={16} stroke={1.75} aria-hidden="true" />
              <span className="trunc mid">{d.link || w.form.noLink}</span>
            </span>
            <button type="button" className="btn" onClick={() => act.copyLink(d)} disabled={!d.can.copy_link}>
              <IconCopy size={16} stroke={1.75} aria-hidden="true" />
              {w.form.copyLink}
            </button>
          </div>
          <hr className="hr" />
          <section aria-label={w.form.asked}>
            <h2 className="label">{w.form.asked}</h2>
            <div className="row" style={{ gap: 16, flexWrap: "wrap" }}>
              {d.services.map((s) => (
                <span key={s.service} className="row gap8">
                  <PlatformTile of={s.service} size={22} />
                  {serviceName[s.service]}
                </span>
              ))}
            </div>
            {d.facebook_user && (
              <p className="t3 mid" style={{ marginTop: 8 }}>
                {w.form.goes(d.facebook_user, d.business)}
              </p>
            )}
            {d.can.edit && (
              <p style={{ marginTop: 8 }}>
                <button type="button" className="link mid" onClick={() => go({ at: "edit", id })}>
                  {w.form.edit}
                </button>
              </p>
            )}
          </section>
        </div>
        <RequestPreview q={{ form, request: id }} />
      </div>
      <div className="bar">
        <span className="t3 mid">{w.form.later}</span>
        <span className="sp" />
        <button type="button" className="btn" onClick={() => go(requests)}>
          {w.done}
        </button>
      </div>
    </>
  );
}
