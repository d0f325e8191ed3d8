import { TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { api } from "../../api/client";
import type { Service } from "../../api/types";
import { useServices } from "../../lib/app";
import { queries } from "../../lib/data";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { FormDialog } from "../../ui/FormDialog";
import css from "./KeyDialog.module.css";

interface KeyValues {
  address: string;
  key: string;
}

/** An account whose address and key are typed. */
export function KeyDialog({ service, onClose }: { service: Service; onClose: () => void }) {
  const { name, key: wanted } = useServices().of(service);
  const [suggestion, setSuggestion] = useState("");
  const form = useForm<KeyValues>({
    initialValues: { address: "", key: "" },
    transformValues: ({ address, key }) => ({ address: address.trim(), key: key.trim() }),
    onValuesChange: () => reset(), // what was refused is not what is typed now
  });
  form.watch("address", () => setSuggestion(""));
  const { submit, busy, error, reset } = useSubmit({
    call: (values: KeyValues) => api.connectKey({ service, ...values }),
    form,
    success: (account) => t.toast.connected(account.name),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["accounts"] });
      onClose();
    },
    onError: (_, { address }) => {
      api.suggestAddress({ service, address }).then(setSuggestion, () => setSuggestion(""));
      return false;
    },
  });
  const { address, key } = form.getTransformedValues();
  return (
    <FormDialog
      title={`${t.accounts.connect}: ${name}`}
      words={formWords}
      submit={t.own.connect}
      busy={busy}
      error={error}
      disabled={address === "" || key === ""}
      onSubmit={form.onSubmit((values) => submit(values))}
      onClose={onClose}
    >
      <p className="t2">{t.own.keyText(wanted?.place ?? "")}</p>
      <TextInput
        label={t.own.url}
        placeholder={wanted?.example ?? ""}
        inputMode="url"
        data-autofocus
        {...form.getInputProps("address")}
      />
      {suggestion && (
        <button
          type="button"
          className={`link mid ${css.suggestion}`}
          onClick={() => form.setFieldValue("address", suggestion)}
        >
          {t.own.use(suggestion)}
        </button>
      )}
      <TextInput label={t.own.key} {...form.getInputProps("key")} />
    </FormDialog>
  );
}
