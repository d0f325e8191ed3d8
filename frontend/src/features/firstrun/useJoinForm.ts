import { type UseFormReturnType, useForm } from "@mantine/form";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { useApp } from "../../lib/app";
import { queries } from "../../lib/data";
import { type Submit, useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

interface JoinValues {
  relay: string;
  code: string;
}

export interface Join extends Submit<JoinValues> {
  form: UseFormReturnType<JoinValues>;
  /** Something was typed: until then no relay is asked, also where a link has filled the form. */
  touched: boolean;
}

export function useJoinForm(): Join {
  const { session } = useApp();
  const again = session.state === "enrol_again" ? session.relay : "";
  const [touched, setTouched] = useState(false);
  const form = useForm<JoinValues>({
    initialValues: { relay: session.policy.relay_url || session.link_relay || again, code: session.link_code },
    validate: {
      relay: (relay) => (relay.trim() === "" ? t.first.notAddress : null),
      code: (code) => (code.trim() === "" ? t.first.enterCode : null),
    },
    enhanceGetInputProps: ({ form, field, inputProps: { onChange } }) => ({
      onChange: (e: { currentTarget: { value: string } }) => {
        setTouched(true);
        form.clearErrors();
        submit.reset();
        onChange(field === "code" ? e.currentTarget.value.toUpperCase() : e);
      },
    }),
  });
  const submit = useSubmit<JoinValues>({
    call: ({ relay, code }) => api.enrol({ address: relay.trim(), code: code.trim(), name: "" }),
    form,
    fields: { address: "relay" },
    onSuccess: () => queries.invalidateQueries(),
  });
  // A link that is opened while this screen is shown.
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another link counts
  useEffect(() => {
    if (session.link_relay && !session.policy.relay_url) form.setFieldValue("relay", session.link_relay);
    if (session.link_code) form.setFieldValue("code", session.link_code);
  }, [session.link_relay, session.link_code]);
  return { ...submit, form, touched };
}
