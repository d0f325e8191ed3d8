import { Loader, SegmentedControl } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useState } from "react";
import type { BrandForm, ListParams, RequestForm } from "../../api/types";
import { useServices } from "../../lib/app";
import { defaultListParams, useFirstRequests, usePreview, useRelay } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { blank } from "../../lib/request";
import { canBeAsked } from "../../lib/services";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { ScaledFrame } from "../../ui/ScaledFrame";
import css from "./BrandPreview.module.css";
import type { BrandValues } from "./useBrandForm";

type Shown = "email" | "landing" | "wizard";

const words: Record<Shown, string> = { email: t.form.email, landing: t.form.landing, wizard: t.form.wizard };

const newestRequest: ListParams = { ...defaultListParams, limit: 1 };

/** A request as the agency sends them: for what its newest one asks for, else for the first services on offer. */
function useExample(): RequestForm {
  const { all } = useServices();
  const relay = useRelay().data;
  const newest = useFirstRequests(newestRequest).data?.[0];
  return useMemo(() => {
    const offered = all.filter((s) => canBeAsked(relay, s.platform)).map((s) => s.id);
    const asked = newest?.services.map((s) => s.service) ?? [];
    return { ...blank, services: asked.length > 0 ? asked : offered.slice(0, 3) };
  }, [all, relay, newest]);
}

/** What clients will see, in both themes, before it is applied. */
export function BrandPreview({ form, on }: { form: BrandValues; on: boolean }) {
  const [kind, setKind] = useState<Shown>("landing");
  const [settled] = useDebouncedValue(form, 250);
  const example = useExample();
  const q = useMemo(
    () => ({ kind, form: example, request: "", brand: brandOf(settled), brand_on: on }),
    [kind, example, settled, on],
  );
  const light = usePreview({ ...q, dark: false });
  const dark = usePreview({ ...q, dark: true });
  const width = kind === "email" ? 760 : 1280;
  const failed = light.isError ? toUiError(light.error) : null;
  const frame = (address: string | undefined, theme: string) => ({
    address: address ?? "",
    title: t.brand.frame(words[kind], theme),
    width,
    edge: true,
  });
  return (
    <aside className={`preview ${css.preview}`} aria-label={t.form.preview}>
      <div className={css.head}>
        <b>{t.form.preview}</b>
        {(light.isFetching || dark.isFetching) && <Loader />}
        <span className="sp" />
        <SegmentedControl
          aria-label={t.form.preview}
          value={kind}
          onChange={setKind}
          data={Object.entries(words).map(([value, label]) => ({ value: value as Shown, label }))}
        />
      </div>
      {failed && <ErrorLine message={failed.message} reference={failed.reference} />}
      <p className={css.caption}>{t.brand.lightCap(on)}</p>
      <ScaledFrame {...frame(light.data?.address, t.form.light)} />
      <p className={css.caption}>{t.brand.darkCap}</p>
      <ScaledFrame {...frame(dark.data?.address, t.form.dark)} dark />
    </aside>
  );
}

function brandOf({ typed: _, ...form }: BrandValues): BrandForm {
  return form;
}
