import { type UseFormReturnType, useForm } from "@mantine/form";
import { useEffect } from "react";
import { api } from "../../api/client";
import type { AgencyView } from "../../api/types";
import { toUiError } from "../../lib/errors";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

export interface ReplyToEditing {
  form: UseFormReturnType<{ address: string }>;
  /** The address as it is typed differs from what is saved. */
  changed: boolean;
  /** Says at the field what is wrong with the address; true: nothing. */
  validate: () => Promise<boolean>;
  propose: () => void;
  discard: () => void;
}

/** Where answers of clients go. A new address counts once it is confirmed. */
export function useReplyTo(agency: AgencyView): ReplyToEditing {
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
  const validate = async () => {
    if (address === "") return true;
    try {
      await api.checkAddress({ address });
      return true;
    } catch (cause) {
      if (form.getValues().address.trim() === address) form.setFieldError("address", toUiError(cause).message);
      return false;
    }
  };
  return {
    form,
    changed: address.toLowerCase() !== current.toLowerCase(),
    validate,
    propose: async () => {
      if (await validate()) submit({ address });
    },
    discard: () => {
      form.setValues({ address: current });
      form.clearErrors();
    },
  };
}
