import { Button, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api } from "../../api/client";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import css from "./ReplyTo.module.css";

/** The digits that were mailed to a new address. */
export function ReplyToCode({ until }: { until: string }) {
  const form = useForm({ initialValues: { digits: "" } });
  const { submit, error, reset } = useSubmit({
    call: api.confirmReplyTo,
    success: t.toast.replyToDone,
    onSuccess: () => form.reset(),
  });
  const code = form.values.digits.replace(/\s/g, "");
  const confirm = () => submit({ code });
  return (
    <div className={css.code}>
      <span className={css.words}>
        {t.brand.enterDigits}
        <br />
        <span className="t2">{t.brand.untilThen(until)}</span>
        {error && (
          <span className={css.error} role="alert">
            {error.message}
          </span>
        )}
      </span>
      <TextInput
        aria-label={t.brand.digits}
        className="num"
        classNames={{ input: css.digits }}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={9}
        w={118}
        value={form.values.digits}
        onChange={(e) => {
          reset();
          form.setFieldValue("digits", e.currentTarget.value.replace(/[^\d ]/g, ""));
        }}
        onKeyDown={(e) => e.key === "Enter" && confirm()}
      />
      <Button onClick={confirm} disabled={code.length !== 8}>
        {t.brand.confirm}
      </Button>
    </div>
  );
}
