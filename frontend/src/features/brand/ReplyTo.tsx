import { Button, TextInput } from "@mantine/core";
import { IconCheck, IconHourglass } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { AgencyView } from "../../api/types";
import { useApp } from "../../lib/app";
import { t } from "../../strings/en";
import css from "./ReplyTo.module.css";
import { ReplyToCode } from "./ReplyToCode";
import type { ReplyToEditing } from "./useReplyTo";

interface ReplyToProps {
  agency: AgencyView;
  editing: ReplyToEditing;
  disabled: boolean;
}

/** Where answers of clients go, and whether that is confirmed. */
export function ReplyTo({ agency, editing, disabled }: ReplyToProps) {
  const { session, online } = useApp();
  const { form, changed, validate, propose } = editing;
  const pending = agency.pending_reply_to !== "" && !changed;
  const send = (
    <Button size="xs" onClick={propose} disabled={!online}>
      {form.values.address.trim() === "" ? t.brand.remove : t.brand.sendCode}
    </Button>
  );
  const state = stateOf(changed, pending, agency.reply_to !== "");
  return (
    <div>
      <TextInput
        label={t.brand.replyTo}
        description={t.brand.replyToHint}
        disabled={disabled}
        inputMode="email"
        rightSection={changed ? !disabled && send : state}
        classNames={{ section: css.section }}
        rightSectionWidth={132}
        onKeyDown={(e) => {
          if (e.key !== "Enter") return;
          e.preventDefault();
          if (changed) propose();
        }}
        {...form.getInputProps("address")}
        onBlur={() => !form.errors.address && void validate()}
      />
      {pending && !disabled && <ReplyToCode until={agency.reply_to || session.email} />}
    </div>
  );
}

function stateOf(changed: boolean, pending: boolean, confirmed: boolean): ReactNode {
  if (pending)
    return (
      <span className={css.state} data-waiting>
        <IconHourglass size={15} stroke={1.75} aria-hidden="true" />
        {t.brand.notConfirmed}
      </span>
    );
  if (changed || !confirmed) return null;
  return (
    <span className={css.state}>
      <IconCheck size={15} stroke={2} aria-hidden="true" />
      {t.brand.confirmed}
    </span>
  );
}
