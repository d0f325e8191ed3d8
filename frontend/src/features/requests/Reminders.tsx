import { Button, Checkbox, TextInput } from "@mantine/core";
import { IconBell, IconBellOff } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import type { RequestDetails } from "../../api/types";
import { useApp } from "../../lib/app";
import { comingDay } from "../../lib/dates";
import { readDays } from "../../lib/reminders";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { formWords } from "../../strings/forms";
import { FormDialog } from "../../ui/FormDialog";
import classes from "./RequestDetails.module.css";

const usual = [3, 10, 21];

/** When the people who have not finished are reminded, and the way to change that. */
export function Reminders({ d }: { d: RequestDetails }) {
  const [open, setOpen] = useState(false);
  const { now } = useApp();
  if (d.approval > 0) {
    return (
      <p className={`row gap8 t3 small ${classes.link}`}>
        <IconBell size={15} stroke={1.75} aria-hidden="true" />
        {t.reminders.approval(d.completed_by || d.email, comingDay(Math.max(d.approval, now), now))}
      </p>
    );
  }
  if (d.status === "connected" || d.finished > 0) return null;
  const Icon = d.reminders.length > 0 ? IconBell : IconBellOff;
  return (
    <div className={`row gap8 ${classes.link}`}>
      <Icon size={15} stroke={1.75} aria-hidden="true" />
      <span className="t3 small grow">
        {d.reminders.length > 0 ? t.reminders.after(d.reminders) : t.reminders.none}
      </span>
      <Button size="xs" variant="subtle" aria-label={t.reminders.changeOf(d.client)} onClick={() => setOpen(true)}>
        {t.reminders.change}
      </Button>
      {open && <RemindersDialog d={d} onClose={() => setOpen(false)} />}
    </div>
  );
}

function RemindersDialog({ d, onClose }: { d: RequestDetails; onClose: () => void }) {
  const [on, setOn] = useState(d.reminders.length > 0);
  const [typed, setTyped] = useState((d.reminders.length > 0 ? d.reminders : usual).join(", "));
  const { days, error } = on ? readDays(typed) : { days: [], error: "" };
  const save = useSubmit({ call: api.setReminders, success: t.reminders.saved, onSuccess: onClose });
  const submit = (e: FormEvent) => {
    e.preventDefault();
    if (error === "") save.submit({ id: d.id, days });
  };
  return (
    <FormDialog
      title={t.reminders.title(d.client)}
      words={formWords}
      submit={t.reminders.save}
      busy={save.busy}
      error={save.error}
      disabled={error !== ""}
      onSubmit={submit}
      onClose={onClose}
    >
      <p className="t2">{t.reminders.text}</p>
      <Checkbox size="xs" label={t.reminders.on} checked={on} onChange={(e) => setOn(e.currentTarget.checked)} />
      {on && (
        <TextInput
          label={t.reminders.days}
          description={t.reminders.hint}
          value={typed}
          error={error}
          data-autofocus
          onChange={(e) => setTyped(e.currentTarget.value)}
        />
      )}
    </FormDialog>
  );
}
