// The real letter and the real page, scaled, in a frame that may run nothing.
import { SegmentedControl } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { PreviewParams } from "../../api/types";
import { useAgency, usePaused, usePreview } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { writeRoute } from "../../lib/route";
import { useApp } from "../../lib/shell";
import { t } from "../../strings/en";
import { Spinner } from "../../ui/basics";
import { ErrorLine } from "../../ui/ErrorCard";

/** A page drawn as wide as it really is, scaled to the width there is. */
export function ScaledFrame({
  address,
  title,
  width,
  dark = false,
  edge = false,
}: {
  address: string;
  title: string;
  width: number;
  dark?: boolean;
  edge?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(
      ([entry]) => entry && setSize({ width: entry.contentRect.width, height: entry.contentRect.height }),
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const scale = size.width > 0 ? Math.min(1, size.width / width) : 0;
  return (
    <div ref={box} className={`framebox${edge ? " edge" : ""}`} style={{ background: dark ? "#0E1518" : "#F5F7F7" }}>
      {scale > 0 && address !== "" && (
        <iframe
          title={title}
          src={address}
          sandbox="allow-same-origin"
          style={{
            width: Math.max(width, size.width / scale),
            height: size.height / scale,
            transform: `scale(${scale})`,
            colorScheme: dark ? "dark" : "light",
          }}
        />
      )}
    </div>
  );
}

/** Beside the form of a request: the letter with its head, or the landing page. */
export function RequestPreview({ q }: { q: Pick<PreviewParams, "form" | "request"> }) {
  const [kind, setKind] = useState<"email" | "landing">("email");
  const settled = usePaused(q, 250);
  const { session } = useApp();
  const agency = useAgency();
  // The letter does not name the client: typing the name makes no new one.
  const form = kind === "email" ? { ...settled.form, client: "" } : settled.form;
  const preview = usePreview({ ...settled, form, kind, dark: false, brand: null, brand_on: false });
  return (
    <aside className="preview" aria-label={t.form.preview}>
      <div className="row gap12">
        <b className="mid" style={{ fontWeight: 600 }}>
          {t.form.preview}
        </b>
        {preview.isPending && <Spinner />}
        <span className="sp" />
        <SegmentedControl
          aria-label={t.form.preview}
          value={kind}
          onChange={setKind}
          data={[
            { value: "email", label: t.form.email },
            { value: "landing", label: t.form.landing },
          ]}
        />
      </div>
      {preview.isError && (
        <ErrorLine sentence={toUiError(preview.error).sentence} reference={toUiError(preview.error).reference} />
      )}
      <div className="mail">
        {kind === "email" && (
          <div className="mhead">
            <span>{t.form.from}</span>
            <b>{preview.data?.from ?? ""}</b>
            <span>{t.form.replyTo}</span>
            <span>{preview.data?.reply_to ?? ""}</span>
            <span>{t.form.subject}</span>
            <b>{preview.data?.subject ?? ""}</b>
          </div>
        )}
        <ScaledFrame
          address={preview.data?.address ?? ""}
          title={kind === "email" ? t.form.email : t.form.landing}
          width={kind === "email" ? 680 : 1100}
        />
      </div>
      <p className="t3 mid row gap6">
        {agency.data?.brand_on ? t.form.brandOn : t.form.brandOff}{" "}
        <a href={writeRoute({ at: "brand" })}>{session.role === "main" ? t.form.changeBrand : t.form.seeBrand}</a>
      </p>
    </aside>
  );
}
