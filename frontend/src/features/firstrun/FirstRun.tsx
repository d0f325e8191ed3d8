// The first screen: join an agency, or explore the demo.

import {
  IconActivity,
  IconAlertTriangle,
  IconArrowRight,
  IconCheck,
  IconKey,
  IconLink,
  IconPlayerPlay,
  IconShieldCheck,
  IconWorld,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { api } from "../../api/client";
import type { RelayProbe } from "../../api/types";
import { queries, usePaused } from "../../lib/data";
import { keychainReason, toUiError, type UiError } from "../../lib/errors";
import { mayBeRelay } from "../../lib/relay";
import { useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { Field, Keys, Spinner, useDelayedFlag } from "../../ui/basics";
import { ErrorLine } from "../../ui/ErrorCard";
import { GhostKey, Mark } from "../../ui/Mark";
import { Keychain } from "../keychain/Keychain";

const icon = { size: 20, stroke: 1.75, "aria-hidden": true } as const;

export function FirstRun() {
  const { session } = useApp();
  useTitle(t.first.join);
  const [relay, setRelay] = useState(session.link_relay || (session.state === "enrol_again" ? session.relay : ""));
  const [code, setCode] = useState(session.link_code);
  const [told, setTold] = useState<UiError | null>(null);
  // A link only fills the form: nobody is asked before a person has touched it.
  const [touched, setTouched] = useState(false);
  const [busy, setBusy] = useState<"" | "join" | "demo">("");
  const fromLink = session.link_relay !== "";
  useEffect(() => {
    if (session.link_relay) setRelay(session.link_relay);
    if (session.link_code) setCode(session.link_code);
  }, [session.link_relay, session.link_code]);

  const run = (what: "join" | "demo", call: () => Promise<unknown>) => {
    if (busy) return;
    setBusy(what);
    setTold(null);
    call().then(
      () => void queries.invalidateQueries().finally(() => setBusy("")),
      (cause: unknown) => {
        setTold(toUiError(cause));
        setBusy("");
      },
    );
  };
  const join = (e: FormEvent) => {
    e.preventDefault();
    if (relay.trim() === "") setTold({ code: "invalid", field: "relay", sentence: t.first.notAddress, reference: "" });
    else if (code.trim() === "")
      setTold({ code: "invalid", field: "code", sentence: t.first.enterCode, reference: "" });
    else run("join", () => api.enrol({ address: relay.trim(), code: code.trim(), name: "" }));
  };
  const closed = keychainReason(told?.code ?? "");
  if (closed) return <Keychain why={closed} onAgain={() => setTold(null)} />;
  const wrong = (field: string) => (told?.field === field ? told.sentence : "");
  const elsewhere = told && told.field !== "relay" && told.field !== "code" && told.field !== "address";
  return (
    <div className="first">
      <div className="left">
        <GhostKey />
        <div className="row" style={{ gap: 11, fontWeight: 650, fontSize: 17 }}>
          <Mark size={34} />
          {t.product}
        </div>
        <div style={{ marginTop: "min(118px, 12vh)" }}>
          <h1>
            {t.first.claim[0]}
            <br />
            {t.first.claim[1]}
          </h1>
          <p style={{ maxWidth: 370 }}>{t.first.lead}</p>
        </div>
        <ul style={{ marginTop: 34, position: "relative" }}>
          <li>
            <IconLink {...icon} />
            {t.first.points[0]}
          </li>
          <li>
            <IconShieldCheck {...icon} />
            {t.first.points[1]}
          </li>
          <li>
            <IconActivity {...icon} />
            {t.first.points[2]}
          </li>
        </ul>
        <span className="sp" />
        <div className="small" style={{ color: "#9CC3CC", position: "relative" }}>
          {t.first.version(session.version)}
        </div>
      </div>
      <main className="right" id="main">
        <div className="box">
          {session.state === "revoked" && (
            <div className="banner" style={{ borderRadius: 10, marginBottom: 20, padding: "11px 14px" }} role="status">
              {t.first.revoked(session.detail)}
            </div>
          )}
          <h2>{session.state === "enrol_again" ? t.first.enrolAgain : t.first.join}</h2>
          <p className="t2" style={{ marginTop: 6 }}>
            {session.state === "enrol_again" ? t.first.enrolAgainText : t.first.joinLead}
          </p>
          <form onSubmit={join} style={{ display: "grid", gap: 16, marginTop: 24 }}>
            <Field
              tall
              label={t.first.relay}
              value={relay}
              onChange={(v) => {
                setRelay(v);
                setTouched(true);
                setTold(null);
              }}
              placeholder={t.first.relayPlaceholder}
              inputMode="url"
              icon={<IconWorld size={16} stroke={1.75} aria-hidden="true" />}
              error={wrong("relay") || wrong("address")}
              hint={
                <RelayLine
                  typed={relay}
                  ask={touched}
                  otherwise={fromLink ? t.first.fromLink : ""}
                  onUse={(address) => {
                    setRelay(address);
                    setTold(null);
                  }}
                />
              }
              autoFocus={!fromLink}
            />
            <Field
              tall
              numeric
              label={t.first.code}
              value={code}
              onChange={(v) => {
                setCode(v.toUpperCase());
                setTouched(true);
                setTold(null);
              }}
              error={wrong("code")}
              hint={t.first.codeHint}
            />
            {elsewhere && <ErrorLine sentence={told.sentence} reference={told.reference} />}
            <button type="submit" className="btn primary tall" aria-busy={busy === "join"} disabled={busy === "demo"}>
              {busy === "join" && <Spinner />}
              {busy === "join" ? t.first.joining : t.first.submit}
              {busy === "" && <Keys keys={["Enter"]} />}
            </button>
          </form>
          <p className="hint" style={{ marginTop: 12 }}>
            <IconKey size={15} stroke={1.75} aria-hidden="true" />
            {t.first.keys}
          </p>
          <div className="rule" style={{ margin: "26px 0 18px" }}>
            {t.first.noRelay}
          </div>
          <button
            type="button"
            className="democard"
            onClick={() => run("demo", () => api.exploreDemo())}
            aria-busy={busy === "demo"}
            disabled={busy === "join"}
          >
            <span className="icontile p" style={{ width: 40, height: 40, borderRadius: 10 }}>
              {busy === "demo" ? <Spinner /> : <IconPlayerPlay {...icon} />}
            </span>
            <span style={{ flex: 1 }}>
              <b style={{ fontWeight: 600, display: "block" }}>{t.first.demo}</b>
              <span className="t2 mid" role="status">
                {busy === "demo" ? t.first.demoStarting : t.first.demoText}
              </span>
            </span>
            <IconArrowRight size={18} stroke={1.75} aria-hidden="true" />
          </button>
        </div>
      </main>
    </div>
  );
}

/** What is at the address: said at once, before a code is used up for it. */
function RelayLine({
  typed,
  ask,
  otherwise,
  onUse,
}: {
  typed: string;
  ask: boolean;
  otherwise: string;
  onUse: (address: string) => void;
}) {
  const address = usePaused(typed.trim(), 600);
  const settled = address === typed.trim();
  const found = useQuery({
    queryKey: ["relay-at", address],
    queryFn: () => api.findRelay({ address }),
    enabled: ask && mayBeRelay(address),
    staleTime: 0,
    gcTime: 0,
  });
  const looking = useDelayedFlag(ask && mayBeRelay(typed.trim()) && (!settled || found.isFetching), 500);
  const at: RelayProbe | undefined = settled ? found.data : undefined;
  const good = at?.state === "found" || at?.state === "elsewhere";
  return (
    <span
      role="status"
      className={`row gap6 ${at ? (good ? "ok" : "wait") : ""}`}
      style={{ minHeight: 18, flexWrap: "wrap" }}
    >
      {at ? (
        <>
          {good ? (
            <IconCheck size={15} stroke={2} aria-hidden="true" />
          ) : (
            <IconAlertTriangle size={15} stroke={1.75} aria-hidden="true" />
          )}
          <span style={{ flex: "0 1 auto" }}>
            {t.first.relayAt[at.state](at.state === "elsewhere" ? at.address : at.operator)}
          </span>
          {at.state === "elsewhere" && (
            <button type="button" className="link" onClick={() => onUse(at.address)}>
              {t.first.relayUse}
            </button>
          )}
        </>
      ) : looking ? (
        t.first.relayLooking
      ) : settled && found.isError && ask ? (
        toUiError(found.error).sentence
      ) : (
        otherwise
      )}
    </span>
  );
}
