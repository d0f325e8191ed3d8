// Collaboration Settings: the form, and beside it what clients will see, in
// both themes, before it is applied.
import { notifications } from "@mantine/notifications";
import { IconCheck, IconHourglass, IconPhotoUp } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import { limits } from "../../api/limits";
import type { AgencyView, BrandForm, PaletteView, RequestForm } from "../../api/types";
import { changes, colourOf, formOf } from "../../lib/brand";
import { queries, useAgency, useOutbox, usePaused, usePreview } from "../../lib/data";
import { toUiError, type UiError } from "../../lib/errors";
import { keysOf } from "../../lib/keys";
import { blank } from "../../lib/request";
import { useApp, useTitle } from "../../lib/shell";
import { t } from "../../strings/en";
import { services } from "../../strings/services";
import { Field, Keys, Segments, Spinner, SwitchRow } from "../../ui/basics";
import { ErrorLine } from "../../ui/ErrorCard";
import { useRequestActions, useSaveKey } from "../requests/actions";
import { CollaborationHead } from "../requests/Collaboration";
import { ScaledFrame } from "../requests/Preview";
import { Refused } from "../requests/Refused";
import { OfflineBand } from "../requests/Requests";

const largest = 2 * 1024 * 1024;
const example: RequestForm = { ...blank, services: services.slice(0, 3) };

export function BrandSettings() {
  useTitle(t.tabs.settings);
  const agency = useAgency();
  return (
    <>
      <CollaborationHead tab="settings" primary={false} />
      <OfflineBand />
      {agency.data && <Form agency={agency.data} />}
    </>
  );
}

const settled = new Set(["save_brand", "switch_brand", "share_requests"]);

/** What the relay refused of these settings after it was kept: said where it was typed. */
function RefusedSettings() {
  return <Refused entries={useOutbox().data?.filter((e) => settled.has(e.kind)) ?? []} />;
}

function Form({ agency }: { agency: AgencyView }) {
  const { session, mac, online } = useApp();
  const act = useRequestActions();
  const mine = session.role === "main";
  const [form, setForm] = useState<BrandForm>(() => formOf(agency));
  const [colour, setColour] = useState(agency.colour.toUpperCase());
  const [told, setTold] = useState<UiError | null>(null);
  const [busy, setBusy] = useState("");
  const applied = useRef(agency);
  // What another computer applied comes in, unless something is being changed here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new agency counts
  useEffect(() => {
    if (changes(form, applied.current) === 0) {
      setForm(formOf(agency));
      setColour(agency.colour.toUpperCase());
    }
    applied.current = agency;
  }, [agency]);
  const change = (part: Partial<BrandForm>) => {
    setTold(null);
    setForm((before) => ({ ...before, ...part }));
  };
  const n = changes(form, agency);
  const hasLogo = form.logo !== "" || (form.keep_logo && agency.logo !== "");

  const apply = useCallback(() => {
    if (busy || n === 0 || !mine) return;
    setBusy("apply");
    api
      .saveBrand(form)
      .then(
        async () => {
          notifications.show({ message: online ? t.toast.applied : t.toast.appliedOffline });
          await queries.invalidateQueries({ queryKey: ["agency"] });
          setForm((before) => ({ ...before, logo: "", keep_logo: true }));
        },
        (cause: unknown) => setTold(toUiError(cause)),
      )
      .finally(() => setBusy(""));
  }, [busy, form, mine, n, online]);
  useSaveKey(apply);
  const discard = () => {
    setForm(formOf(agency));
    setColour(agency.colour.toUpperCase());
    setTold(null);
  };
  const toggle = (what: "brand" | "share", on: boolean) => {
    setBusy(what);
    act.run(
      what === "brand" ? t.brand.whitelabel : t.brand.share,
      () => (what === "brand" ? api.switchBrand({ on }) : api.shareRequests({ on })).finally(() => setBusy("")),
      what === "brand" ? (on ? t.toast.brandOn : t.toast.brandOff) : on ? t.toast.shareOn : t.toast.shareOff,
    );
  };
  const wrong = (field: string) => (told?.field === field ? told.sentence : "");

  return (
    <>
      <div className="split">
        <div className="form" style={{ gap: 15 }}>
          {!mine && (
            <p className="banner" style={{ borderRadius: 8, padding: "10px 14px" }}>
              {t.brand.readOnly}
            </p>
          )}
          {told && !["company", "colour", "logo"].includes(told.field) && (
            <ErrorLine
              sentence={told.sentence}
              reference={told.reference}
              onClose={() => setTold(null)}
              closeWord={t.close}
            />
          )}
          <RefusedSettings />
          <div className="panel" style={{ boxShadow: "var(--lk-e1)", padding: "11px 14px" }}>
            <SwitchRow
              label={t.brand.whitelabel}
              on={agency.brand_on}
              busy={busy === "brand"}
              disabled={!mine || (!agency.brand_on && agency.logo === "")}
              tone={agency.logo === "" ? "wait" : "t3"}
              hint={
                agency.brand_on
                  ? t.brand.on
                  : agency.logo !== ""
                    ? t.brand.off
                    : form.logo
                      ? t.brand.needApply
                      : t.brand.needLogo
              }
              onChange={(on) => toggle("brand", on)}
            />
          </div>
          <Logo form={form} agency={agency} change={change} disabled={!mine} error={wrong("logo")} setTold={setTold} />
          <div className="two2">
            <Field
              label={t.brand.company}
              value={form.company}
              onChange={(company) => change({ company })}
              placeholder={agency.name}
              disabled={!mine}
              error={wrong("company")}
              hint={form.company ? t.brand.companyHint : t.brand.companyEmpty}
              maxLength={limits.company}
              spell
            />
            <Field
              label={t.brand.colour}
              numeric
              value={colour}
              placeholder="#0B6478"
              disabled={!mine}
              error={wrong("colour")}
              hint={form.colour ? t.brand.colourHint : t.brand.colourNone}
              icon={
                <ColourWell
                  value={colourOf(colour)}
                  disabled={!mine}
                  onChange={(c) => {
                    setColour(c.toUpperCase());
                    change({ colour: c });
                  }}
                />
              }
              onChange={(typed) => {
                setColour(typed);
                if (typed.trim() === "") change({ colour: "" });
                else if (colourOf(typed)) change({ colour: colourOf(typed) });
              }}
            />
          </div>
          <Samples colour={form.colour} />
          <ReplyTo agency={agency} disabled={!mine} />
          <hr className="hr" />
          <SwitchRow
            label={t.brand.requester}
            accessible={t.brand.requesterAccessible}
            on={form.show_requester}
            disabled={!mine}
            hint={form.show_requester ? t.brand.requesterOn(session.member) : t.brand.requesterOff}
            onChange={(on) => change({ show_requester: on })}
          />
          <hr className="hr" />
          <SwitchRow
            label={t.brand.share}
            on={agency.share_requests}
            busy={busy === "share"}
            disabled={!mine}
            hint={agency.share_requests ? t.brand.shareOn : t.brand.shareOff}
            onChange={(on) => toggle("share", on)}
          />
        </div>
        <BrandPreview form={form} on={agency.brand_on || (hasLogo && n > 0)} />
      </div>
      <div className="bar">
        <span className="t3 mid" role="status">
          {t.brand.changes(n)}
        </span>
        <span className="sp" />
        <button type="button" className="btn quiet" onClick={discard} disabled={n === 0}>
          {t.brand.discard}
        </button>
        <button
          type="button"
          className="btn primary"
          onClick={apply}
          disabled={n === 0 || !mine}
          aria-busy={busy === "apply"}
        >
          {busy === "apply" && <Spinner />}
          {t.brand.apply}
          <Keys keys={keysOf("Mod+S", mac)} />
        </button>
      </div>
    </>
  );
}

function ColourWell({
  value,
  onChange,
  disabled,
}: {
  value: string;
  onChange: (colour: string) => void;
  disabled: boolean;
}) {
  return (
    <span
      style={{
        width: 20,
        height: 20,
        borderRadius: 6,
        background: value || "#0B6478",
        flex: "none",
        position: "relative",
        overflow: "hidden",
        boxShadow: "inset 0 0 0 1px rgba(16,32,40,.12)",
      }}
    >
      <input
        type="color"
        aria-label={t.brand.colour}
        value={value || "#0b6478"}
        disabled={disabled}
        onChange={(e) => onChange(e.currentTarget.value)}
        style={{ position: "absolute", inset: -8, width: 40, height: 40, opacity: 0, cursor: "pointer" }}
      />
    </span>
  );
}

interface LogoProps {
  form: BrandForm;
  agency: AgencyView;
  change: (part: Partial<BrandForm>) => void;
  disabled: boolean;
  error: string;
  setTold: (told: UiError) => void;
}

function Logo({ form, agency, change, disabled, error, setTold }: LogoProps) {
  const file = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [type, setType] = useState("image/png");
  const source = form.logo ? `data:${type};base64,${form.logo}` : form.keep_logo ? agency.logo : "";
  const refuse = (sentence: string) => setTold({ code: "invalid", field: "logo", sentence, reference: "" });
  const take = (f: File | undefined) => {
    if (!f || disabled) return;
    if (f.type === "image/svg+xml") return refuse(t.brand.svg);
    if (!["image/png", "image/jpeg", "image/webp"].includes(f.type)) return refuse(t.brand.wrongType);
    if (f.size > largest) return refuse(t.brand.tooBig);
    const reader = new FileReader();
    reader.onload = () => {
      const text = String(reader.result);
      setType(f.type);
      change({ logo: text.slice(text.indexOf(",") + 1), keep_logo: false });
    };
    reader.readAsDataURL(f);
  };
  const pick = () => file.current?.click();
  return (
    <div>
      <span className="label">{t.brand.logo}</span>
      <input
        ref={file}
        type="file"
        accept="image/png,image/jpeg,image/webp"
        hidden
        aria-label={t.brand.logo}
        onChange={(e) => {
          take(e.currentTarget.files?.[0]);
          e.currentTarget.value = "";
        }}
      />
      {source ? (
        <div className="row" style={{ gap: 10 }}>
          <span className="logobox" style={{ background: "#FFFFFF" }}>
            <img src={source} alt="" />
          </span>
          <span className="logobox" style={{ background: "#151E22" }}>
            <img src={source} alt="" />
          </span>
          <span className="t3 small" style={{ flex: 1 }}>
            {t.brand.grounds}
          </span>
          <button type="button" className="btn small" onClick={pick} disabled={disabled}>
            {t.brand.replace}
          </button>
          <button
            type="button"
            className="btn small quiet"
            disabled={disabled}
            onClick={() => change({ logo: "", keep_logo: false })}
          >
            {t.brand.remove}
          </button>
        </div>
      ) : (
        <div
          className={`drop${over ? " over" : ""}`}
          onDragOver={(e) => {
            e.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={(e) => {
            e.preventDefault();
            setOver(false);
            take(e.dataTransfer.files[0]);
          }}
        >
          <span className="icontile p" style={{ width: 36, height: 36 }}>
            <IconPhotoUp size={19} stroke={1.75} aria-hidden="true" />
          </span>
          <span style={{ flex: 1, fontSize: 13.5 }}>
            {t.brand.drop}
            <span className="t3 small" style={{ display: "block" }}>
              {t.brand.dropHint}
            </span>
          </span>
          <button type="button" className="btn small" onClick={pick} disabled={disabled}>
            {t.brand.choose}
          </button>
        </div>
      )}
      {error && (
        <p className="hint fail" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

function Samples({ colour }: { colour: string }) {
  const settled = usePaused(colour);
  const colours = useQuery({
    queryKey: ["colours", settled],
    queryFn: () => api.colours({ colour: settled }),
    placeholderData: (before) => before,
  });
  const data = colours.data;
  if (!data || data.error) return null;
  const sample = (p: PaletteView, ground: string) => (
    <span
      className="sample"
      style={{ background: ground, boxShadow: "inset 0 0 0 1px var(--lk-line)" }}
      aria-hidden="true"
    >
      <span
        style={{
          background: p.fill,
          color: p.on_fill,
          ...(p.border ? { boxShadow: `inset 0 0 0 1px ${p.text}` } : {}),
        }}
      >
        {t.brand.button}
      </span>
      <u style={{ color: p.text }}>{t.brand.link}</u>
    </span>
  );
  return (
    <div className="row" style={{ gap: 10, marginTop: -6 }}>
      {sample(data.light, "#FFFFFF")}
      {sample(data.dark, "#151E22")}
      <span className="small">
        <span className="ok row gap6" style={{ fontWeight: 550 }}>
          <IconCheck size={15} stroke={2} aria-hidden="true" />
          {t.brand.readable}
        </span>
        <span className="t3">
          {data.dark.fill.toLowerCase() !== data.light.fill.toLowerCase() ? t.brand.lightened : ""}
        </span>
      </span>
    </div>
  );
}

function ReplyTo({ agency, disabled }: { agency: AgencyView; disabled: boolean }) {
  const act = useRequestActions();
  const { session, online } = useApp();
  const [typed, setTyped] = useState(agency.pending_reply_to || agency.reply_to);
  const [digits, setDigits] = useState("");
  const [told, setTold] = useState<UiError | null>(null);
  useEffect(() => {
    setTyped(agency.pending_reply_to || agency.reply_to);
  }, [agency.pending_reply_to, agency.reply_to]);
  const changed = typed.trim().toLowerCase() !== (agency.pending_reply_to || agency.reply_to).toLowerCase();
  const pending = agency.pending_reply_to !== "" && !changed;
  const propose = () =>
    api.proposeReplyTo({ address: typed.trim() }).then(
      () =>
        act.run(t.brand.replyTo, () => Promise.resolve(), typed.trim() === "" ? t.toast.replyToGone : t.toast.replyTo),
      (cause: unknown) => setTold(toUiError(cause)),
    );
  const confirm = () =>
    api.confirmReplyTo({ code: digits.replace(/\s/g, "") }).then(
      () => {
        setDigits("");
        setTold(null);
        act.run(t.brand.replyTo, () => Promise.resolve(), t.toast.replyToDone);
      },
      (cause: unknown) => setTold(toUiError(cause)),
    );
  const state = pending ? (
    <span className="row gap4 wait small nowrap" style={{ fontWeight: 550 }}>
      <IconHourglass size={15} stroke={1.75} aria-hidden="true" />
      {t.brand.notConfirmed}
    </span>
  ) : !changed && agency.reply_to ? (
    <span className="row gap4 ok small nowrap" style={{ fontWeight: 550 }}>
      <IconCheck size={15} stroke={2} aria-hidden="true" />
      {t.brand.confirmed}
    </span>
  ) : changed && !disabled ? (
    <button type="button" className="btn small" onClick={() => void propose()} disabled={!online}>
      {typed.trim() === "" ? t.brand.remove : t.brand.sendCode}
    </button>
  ) : null;
  return (
    <div>
      <Field
        label={t.brand.replyTo}
        value={typed}
        onChange={(v) => {
          setTyped(v);
          setTold(null);
        }}
        disabled={disabled}
        inputMode="email"
        after={state}
        hint={t.brand.replyToHint}
        error={told && !pending ? told.sentence : ""}
        onEnter={() => changed && void propose()}
      />
      {pending && !disabled && (
        <div className="codebox">
          <span style={{ flex: 1 }}>
            {t.brand.enterDigits}
            <br />
            <span className="t2">{t.brand.untilThen(agency.reply_to || session.email)}</span>
            {told && (
              <>
                <br />
                <span className="fail" role="alert">
                  {told.sentence}
                </span>
              </>
            )}
          </span>
          <span className="input num" style={{ width: 118 }}>
            <input
              aria-label={t.brand.digits}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={9}
              value={digits}
              onChange={(e) => setDigits(e.currentTarget.value.replace(/[^\d ]/g, ""))}
              onKeyDown={(e) => e.key === "Enter" && void confirm()}
              style={{ letterSpacing: ".08em", fontWeight: 600 }}
            />
          </span>
          <button
            type="button"
            className="btn"
            onClick={() => void confirm()}
            disabled={digits.replace(/\s/g, "").length !== 8}
          >
            {t.brand.confirm}
          </button>
        </div>
      )}
    </div>
  );
}

function BrandPreview({ form, on }: { form: BrandForm; on: boolean }) {
  const [kind, setKind] = useState<"email" | "landing" | "wizard">("landing");
  const settled = usePaused(form, 250);
  const q = useMemo(() => ({ kind, form: example, request: "", brand: settled, brand_on: on }), [kind, settled, on]);
  const light = usePreview({ ...q, dark: false });
  const dark = usePreview({ ...q, dark: true });
  const word = { email: t.form.email, landing: t.form.landing, wizard: t.form.wizard }[kind];
  const width = kind === "email" ? 760 : 1280;
  return (
    <aside className="preview" aria-label={t.form.preview} style={{ gap: 6 }}>
      <div className="row gap12" style={{ marginBottom: 4 }}>
        <b className="mid" style={{ fontWeight: 600 }}>
          {t.form.preview}
        </b>
        {(light.isFetching || dark.isFetching) && <Spinner />}
        <span className="sp" />
        <Segments
          label={t.form.preview}
          value={kind}
          onChange={setKind}
          options={[
            ["email", t.form.email],
            ["landing", t.form.landing],
            ["wizard", t.form.wizard],
          ]}
        />
      </div>
      {light.isError && (
        <ErrorLine sentence={toUiError(light.error).sentence} reference={toUiError(light.error).reference} />
      )}
      <p className="t3 small">{t.brand.lightCap(on)}</p>
      <ScaledFrame address={light.data?.address ?? ""} title={t.brand.frame(word, t.form.light)} width={width} edge />
      <p className="t3 small" style={{ marginTop: 6 }}>
        {t.brand.darkCap}
      </p>
      <ScaledFrame
        address={dark.data?.address ?? ""}
        title={t.brand.frame(word, t.form.dark)}
        width={width}
        dark
        edge
      />
    </aside>
  );
}
