import { type UseFormReturnType, useForm } from "@mantine/form";
import { useEffect, useRef } from "react";
import { api } from "../../api/client";
import type { AgencyView, BrandForm } from "../../api/types";
import { useApp } from "../../lib/app";
import { changes, formOf } from "../../lib/brand";
import { queries } from "../../lib/data";
import { type Submit, useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

/** The form, and the colour as it is typed: what is no colour leaves the form's as it is. */
export interface BrandValues extends BrandForm {
  typed: string;
}

export type BrandFormState = UseFormReturnType<BrandValues>;

interface BrandEditing {
  form: BrandFormState;
  /** How many fields differ from what is applied. */
  changed: number;
  apply: () => void;
  discard: () => void;
  submit: Submit<BrandForm>;
}

export function useBrandForm(agency: AgencyView): BrandEditing {
  const { session, online } = useApp();
  const form = useForm<BrandValues>({ initialValues: valuesOf(agency) });
  const submit = useSubmit<BrandForm>({
    call: api.saveBrand,
    form,
    success: online ? t.toast.applied : t.toast.appliedOffline,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["agency"] });
      form.setValues({ logo: "", keep_logo: true });
    },
  });
  const applied = useRef(agency);
  // What another computer applied comes in, unless something is being changed here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new agency counts
  useEffect(() => {
    if (changes(form.getValues(), applied.current) === 0) form.setValues(valuesOf(agency));
    applied.current = agency;
  }, [agency]);
  const changed = changes(form.values, agency);
  return {
    form,
    changed,
    submit,
    apply: () => {
      const { typed: _, ...values } = form.getValues();
      if (changed > 0 && session.role === "main") submit.submit(values);
    },
    discard: () => {
      form.setValues(valuesOf(agency));
      form.clearErrors();
      submit.reset();
    },
  };
}

function valuesOf(agency: AgencyView): BrandValues {
  return { ...formOf(agency), typed: agency.colour.toUpperCase() };
}
