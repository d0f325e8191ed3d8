import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { IconCheck, IconHourglass } from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { api } from "../../api/client";
import type { AgencyView } from "../../api/types";
import { useApp } from "../../lib/app";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import css from "./ReplyTo.module.css";
import { ReplyToCode } from "./ReplyToCode";

/** Where answers of clients go. A new address counts once it is confirmed. */
export function ReplyTo({ agency, disabled }: { agency: AgencyView; disabled: boolean }) {
  const { session, online } = useApp();
  const current = agency.pending_reply_to || agency.reply_to;
  const form = useForm({ initialValues: { address: current } });
  const { submit } = useSubmit({
    call: api.proposeReplyTo,
    form,
    success: (_, { address }: { address: string }) => (address === "" ? t.toast.replyToGone : t.toast.replyTo),
    onError: ({ message }) => {
      form.setFieldError("address", message);
      return true;
    },
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: another address came in
  useEffect(() => form.setValues({ address: current }), [current]);
  const address = form.values.address.trim();
  const changed = address.toLowerCase() !== current.toLowerCase();
  const pending = agency.pending_reply_to !== "" && !changed;
  const propose = () => submit({ address });
  const send = (
    <Button size="xs" onClick={propose} disabled={!online}>
      {address === "" ? t.brand.remove : t.brand.sendCode}
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
