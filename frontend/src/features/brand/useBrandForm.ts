import { type UseFormReturnType, useForm } from "@mantine/form";
import { useEffect, useRef } from "react";
import { api } from "../../api/client";
import type { AgencyView, BrandForm } from "../../api/types";
import { useApp } from "../../lib/app";
import { changes, formOf, isNoColour } from "../../lib/brand";
import { queries } from "../../lib/data";
import { type Submit, useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { type ReplyToEditing, useReplyTo } from "./useReplyTo";

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
  /** The address that replies go to, which is saved apart from the form. */
  replyTo: ReplyToEditing;
  submit: Submit<BrandForm>;
}

export function useBrandForm(agency: AgencyView): BrandEditing {
  const { session, online } = useApp();
  const replyTo = useReplyTo(agency);
  const form = useForm<BrandValues>({
    initialValues: valuesOf(agency),
    validate: { colour: (_, { typed }) => (isNoColour(typed) ? t.brand.noColour(typed.trim()) : null) },
  });
  const submit = useSubmit<BrandForm>({
    call: api.saveBrand,
    form,
    success: [online ? t.toast.applied : t.toast.appliedOffline, replyTo.changed && t.brand.replyToUnsaved]
      .filter(Boolean)
      .join(" "),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["agency"] });
      form.setValues({ logo: "", keep_logo: true });
    },
  });
  const applied = useRef(agency);
  // What another computer applied comes in, unless something is being changed here.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new agency counts
  useEffect(() => {
    if (changes(asTyped(form.getValues()), applied.current) === 0) form.setValues(valuesOf(agency));
    applied.current = agency;
  }, [agency]);
  const changed = changes(asTyped(form.values), agency);
  return {
    form,
    changed,
    submit,
    replyTo,
    apply: () => {
      if (replyTo.changed) void replyTo.validate();
      if (form.validate().hasErrors) return form.getInputNode("colour")?.focus();
      const { typed: _, ...values } = form.getValues();
      if (changed > 0 && session.role === "main") submit.submit(values);
    },
    discard: () => {
      form.setValues(valuesOf(agency));
      form.clearErrors();
      submit.reset();
      replyTo.discard();
    },
  };
}

/** The form with the colour as it is typed, also where it is none: that counts as a change. */
const asTyped = ({ typed, ...values }: BrandValues): BrandForm => ({
  ...values,
  colour: isNoColour(typed) ? typed : values.colour,
});

function valuesOf(agency: AgencyView): BrandValues {
  return { ...formOf(agency), typed: agency.colour.toUpperCase() };
}
