import { TextInput } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useApp } from "../../lib/app";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { Keys } from "../../ui/Keys";
import css from "./FirstRun.module.css";
import { RelayLine } from "./RelayLine";
import type { Join } from "./useJoinForm";

interface JoinFormProps {
  join: Join;
  disabled: boolean;
  /** What went wrong, above the button. */
  children: ReactNode;
}

export function JoinForm({ join, disabled, children }: JoinFormProps) {
  const { session } = useApp();
  const { form, busy, touched, submit } = join;
  const fromLink = session.link_relay !== "";
  const isSet = session.policy.relay_url !== "";
  const relay = (
    <RelayLine
      typed={form.values.relay}
      ask={touched}
      otherwise={isSet ? t.managed : fromLink ? t.first.fromLink : ""}
      onUse={(address) => form.setFieldValue("relay", address)}
    />
  );
  return (
    <form noValidate className={css.form} onSubmit={form.onSubmit((values) => submit(values))}>
      <TextInput
        size="md"
        label={t.first.relay}
        placeholder={t.first.relayPlaceholder}
        inputMode="url"
        leftSection={<IconWorld size={16} stroke={1.75} aria-hidden="true" />}
        description={relay}
        readOnly={isSet}
        autoFocus={!fromLink && !isSet}
        {...form.getInputProps("relay")}
      />
      <TextInput
        size="md"
        className="num"
        label={t.first.code}
        description={t.first.codeHint}
        autoFocus={isSet}
        {...form.getInputProps("code")}
      />
      {children}
      <BusyButton
        type="submit"
        variant="filled"
        size="md"
        fullWidth
        busy={busy}
        disabled={disabled}
        rightSection={!busy && !disabled && <Keys keys={["Enter"]} />}
      >
        {busy ? t.first.joining : t.first.submit}
      </BusyButton>
    </form>
  );
}
