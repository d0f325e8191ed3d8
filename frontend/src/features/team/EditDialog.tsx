import { Select, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "../../api/client";
import type { Role } from "../../api/enums";
import type { Member } from "../../api/types";
import { queries } from "../../lib/data";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { FormDialog } from "../../ui/FormDialog";
import { roles } from "./roles";

interface EditValues {
  name: string;
  role: Role;
}

interface EditDialogProps {
  member: Member;
  /** The only main user keeps the role. */
  only: boolean;
  onClose: () => void;
}

export function EditDialog({ member, only, onClose }: EditDialogProps) {
  const form = useForm<EditValues>({ initialValues: { name: member.name, role: member.role } });
  const { submit, busy, error } = useSubmit<EditValues>({
    call: ({ name, role }) => api.changeMember({ id: member.id, name: name.trim(), role }),
    form,
    success: t.toast.memberChanged,
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["members"] });
      onClose();
    },
  });
  const name = form.values.name.trim();
  const same = name === member.name && form.values.role === member.role;
  return (
    <FormDialog
      title={t.settings.editTitle(member.name)}
      words={formWords}
      submit={t.settings.save}
      busy={busy}
      error={error}
      disabled={name === "" || same}
      onSubmit={form.onSubmit((values) => submit(values))}
      onClose={onClose}
    >
      <TextInput label={t.settings.name} spellCheck data-autofocus {...form.getInputProps("name")} />
      <Select
        label={t.settings.role}
        description={only ? t.settings.onlyMain : t.settings.roleHint}
        disabled={only}
        data={roles}
        {...form.getInputProps("role")}
      />
    </FormDialog>
  );
}
