import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "../../api/client";
import type { OwnDomain } from "../../api/types";
import { useApp } from "../../lib/app";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { ErrorLine } from "../../ui/ErrorCard";
import css from "./OwnAddress.module.css";

/** Asks for the domain. */
export function DomainForm({ onChanged }: { onChanged: (own: OwnDomain) => void }) {
  const { online } = useApp();
  const form = useForm({ initialValues: { domain: "" } });
  const { submit, busy, error } = useSubmit({
    call: ({ domain }: { domain: string }) => api.proposeDomain({ name: domain }),
    form,
    onSuccess: onChanged,
  });
  return (
    <form className={css.form} onSubmit={form.onSubmit((values) => submit(values))} noValidate>
      <TextInput
        className={css.name ?? ""}
        label={t.domain.name}
        description={t.domain.nameHint}
        inputMode="url"
        autoCapitalize="none"
        spellCheck={false}
        {...form.getInputProps("domain")}
      />
      {error && <ErrorLine message={error.message} reference={error.reference} />}
      <BusyButton type="submit" variant="filled" busy={busy} disabled={!online}>
        {t.domain.use}
      </BusyButton>
    </form>
  );
}
