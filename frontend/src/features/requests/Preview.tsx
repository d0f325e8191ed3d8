// Beside the form of a request: the real email and the real page.
import { Loader, SegmentedControl } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { PreviewParams, PreviewView } from "../../api/types";
import { useApp } from "../../lib/app";
import { useAgency, usePreview } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { links } from "../../lib/links";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { ScaledFrame } from "../../ui/ScaledFrame";
import classes from "./Preview.module.css";

type Shown = "email" | "landing";

const options: { value: Shown; label: string }[] = [
  { value: "email", label: t.form.email },
  { value: "landing", label: t.form.landing },
];

/** The email with its head, or the landing page. */
export function RequestPreview({ q }: { q: Pick<PreviewParams, "form" | "request"> }) {
  const [kind, setKind] = useState<Shown>("email");
  const [settled] = useDebouncedValue(q, 250);
  // The email does not name the client: typing the name makes no new one.
  const form = kind === "email" ? { ...settled.form, client: "" } : settled.form;
  const preview = usePreview({ ...settled, form, kind, dark: false, brand: null, brand_on: false });
  const error = preview.isError ? toUiError(preview.error) : null;
  return (
    <aside className="preview" aria-label={t.form.preview}>
      <div className="row gap12">
        <b className={`mid ${classes.title}`}>{t.form.preview}</b>
        {preview.isPending && <Loader />}
        <span className="sp" />
        <SegmentedControl aria-label={t.form.preview} value={kind} onChange={setKind} data={options} />
      </div>
      {error && <ErrorLine message={error.message} reference={error.reference} />}
      <div className="mail">
        {kind === "email" && <EmailHead preview={preview.data} />}
        <ScaledFrame
          address={preview.data?.address ?? ""}
          title={kind === "email" ? t.form.email : t.form.landing}
          width={kind === "email" ? 680 : 1100}
        />
      </div>
      <BrandLine />
    </aside>
  );
}

function EmailHead({ preview }: { preview: PreviewView | undefined }) {
  return (
    <div className="mhead">
      <span>{t.form.from}</span>
      <b>{preview?.from ?? ""}</b>
      <span>{t.form.replyTo}</span>
      <span>{preview?.reply_to ?? ""}</span>
      <span>{t.form.subject}</span>
      <b>{preview?.subject ?? ""}</b>
    </div>
  );
}

function BrandLine() {
  const { session } = useApp();
  const agency = useAgency();
  return (
    <p className="t3 mid row gap6">
      {agency.data?.brand_on ? t.form.brandOn : t.form.brandOff}{" "}
      <Link {...links.brand}>{session.role === "main" ? t.form.changeBrand : t.form.seeBrand}</Link>
    </p>
  );
}
