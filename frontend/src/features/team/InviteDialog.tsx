import { Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "../../api/client";
import type { Role } from "../../api/enums";
import type { CodeView } from "../../api/types";
import { queries } from "../../lib/data";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { FormDialog } from "../../ui/FormDialog";
import type { IssuedCode } from "./Code";
import { roles } from "./roles";

interface InviteValues {
  name: string;
  email: string;
  role: Role;
}

export function InviteDialog({ onClose, onInvited }: { onClose: () => void; onInvited: (made: IssuedCode) => void }) {
  const form = useForm<InviteValues>({
    initialValues: { name: "", email: "", role: "sub" },
    // All that is missing is named at once; what is wrong with it, by Go.
    validate: {
      name: (name) => (name.trim() ? null : t.settings.enterName),
      email: (email) => (email.trim() ? null : t.settings.enterEmail),
    },
    transformValues: (values) => ({ ...values, name: values.name.trim(), email: values.email.trim() }),
  });
  const { submit, busy, error } = useSubmit<InviteValues, CodeView>({
    call: (values) => api.inviteMember(values),
    form,
    onSuccess: (code, { name, role }) => {
      void queries.invalidateQueries({ queryKey: ["members"] });
      onInvited({ code, name, role });
    },
  });
  return (
    <FormDialog
      title={t.settings.inviteTitle}
      words={formWords}
      submit={t.settings.inviteYes}
      busy={busy}
      error={error}
      onSubmit={form.onSubmit((values) => submit(values))}
      onClose={onClose}
    >
      <TextInput label={t.settings.name} spellCheck data-autofocus {...form.getInputProps("name")} />
      <TextInput label={t.settings.email} inputMode="email" {...form.getInputProps("email")} />
      <Select label={t.settings.role} description={t.settings.roleHint} data={roles} {...form.getInputProps("role")} />
    </FormDialog>
  );
}
