import { Checkbox, Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { api } from "../../api/client";
import type { NewsKind, WebhookForm } from "../../api/enums";
import type { Webhook, WebhookList } from "../../api/types";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { FormDialog } from "../../ui/FormDialog";
import { newWebhookID } from "./change";
import css from "./Webhooks.module.css";

const kinds = Object.keys(t.webhooks.kinds) as NewsKind[];
const forms = Object.entries(t.webhooks.forms).map(([value, label]) => ({ value, label }));

interface Values {
  name: string;
  form: WebhookForm;
  address: string;
  kinds: NewsKind[];
}

interface WebhookDialogProps {
  hook: Webhook | null;
  onClose: () => void;
  onSaved: (name: string, secret: string) => void;
}

/** Adds a webhook, or changes one. */
export function WebhookDialog({ hook, onClose, onSaved }: WebhookDialogProps) {
  const [id] = useState(() => hook?.id ?? newWebhookID());
  const form = useForm<Values>({
    initialValues: {
      name: hook?.name ?? "",
      form: hook?.form ?? "slack",
      address: "",
      kinds: hook?.kinds ?? kinds,
    },
  });
  const { submit, busy, error } = useSubmit<Values, WebhookList>({
    call: (values) => {
      // A program needs the secret. Nobody has seen it while the news went to Slack or Teams, nor where the answer to
      // an earlier attempt to add it was lost.
      const new_secret = values.form === "program" && hook?.form !== "program";
      return api.saveWebhook({ ...values, id, on: hook?.on ?? true, new_secret });
    },
    form,
    success: t.webhooks.saved,
    onSuccess: (list, { name }) => {
      onSaved(name, list.secret);
      onClose();
    },
  });
  const { form: chosen } = form.getValues();
  return (
    <FormDialog
      title={hook ? t.webhooks.editTitle(hook.name) : t.webhooks.addTitle}
      words={formWords}
      submit={t.settings.save}
      busy={busy}
      error={error}
      width={520}
      onSubmit={form.onSubmit((values) => submit(values))}
      onClose={onClose}
    >
      <Select label={t.webhooks.form} data={forms} allowDeselect={false} {...form.getInputProps("form")} />
      <TextInput
        label={t.settings.name}
        placeholder={t.webhooks.nameHint}
        spellCheck
        data-autofocus
        {...form.getInputProps("name")}
      />
      <TextInput
        label={t.webhooks.address}
        description={t.webhooks.addressHint[chosen]}
        placeholder={hook ? t.webhooks.keepAddress : t.webhooks.addressLooks[chosen]}
        inputMode="url"
        autoComplete="off"
        spellCheck={false}
        {...form.getInputProps("address")}
      />
      <Checkbox.Group label={t.webhooks.news} description={t.webhooks.newsHint} {...form.getInputProps("kinds")}>
        <div className={css.kinds}>
          {kinds.map((kind) => (
            <Checkbox key={kind} size="xs" value={kind} label={t.webhooks.kinds[kind]} />
          ))}
        </div>
      </Checkbox.Group>
    </FormDialog>
  );
}
