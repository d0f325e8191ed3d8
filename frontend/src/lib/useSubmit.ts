import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useRef } from "react";
import { toUiError, type UiError } from "./errors";

/** What useSubmit needs of a form of @mantine/form. */
export interface SubmitForm {
  getValues: () => object;
  setFieldError: (field: string, error: string) => void;
  getInputNode: (field: string) => HTMLElement | null;
}

export interface SubmitOptions<P, R> {
  call: (params: P) => Promise<R>;
  /** Its fields get the errors that name them; every other error is the general one. */
  form?: SubmitForm;
  /** A field of the form by the call's name of it, where the two differ. */
  fields?: Readonly<Record<string, string>>;
  /** The notification after a success. Empty: none. */
  success?: string | ((result: R, params: P) => string);
  onSuccess?: (result: R, params: P) => unknown;
  /** Sees every error; true: it is handled, and no field or general error is set. */
  onError?: (error: UiError, params: P) => boolean;
}

export interface Submit<P> {
  /** Starts the call. Does nothing while one is running. */
  submit: (params: P) => void;
  busy: boolean;
  /** What went wrong, unless a field of the form shows it. */
  error: UiError | null;
  /** Removes the general error. */
  reset: () => void;
}

/**
 * A call that changes something: busy while it runs, then a notification, or the error on its field or beside the form.
 */
export function useSubmit<P = void, R = unknown>(options: SubmitOptions<P, R>): Submit<P> {
  const { call, form, fields, success, onSuccess, onError } = options;
  const running = useRef(false); // known before the next render, so that two clicks are one call
  const mutation = useMutation<R, ShownError, P>({
    mutationFn: async (params) => {
      try {
        return await call(params);
      } catch (cause) {
        const error = toUiError(cause);
        throw { error, shown: onError?.(error, params) || showOnField(error, form, fields) } satisfies ShownError;
      }
    },
    onSuccess: (result, params) => {
      const message = typeof success === "function" ? success(result, params) : success;
      if (message) notifications.show({ message });
      return onSuccess?.(result, params);
    },
    onSettled: () => {
      running.current = false;
    },
  });
  return {
    submit: (params) => {
      if (running.current) return;
      running.current = true;
      mutation.mutate(params);
    },
    busy: mutation.isPending,
    error: mutation.error && !mutation.error.shown ? mutation.error.error : null,
    reset: mutation.reset,
  };
}

interface ShownError {
  error: UiError;
  shown: boolean;
}

/** Sets the error on the field that it names and puts the focus there; false: the form has no such field. */
function showOnField(error: UiError, form?: SubmitForm, fields: Readonly<Record<string, string>> = {}): boolean {
  const field = fields[error.field] ?? error.field;
  if (!form || field === "" || !(field in form.getValues())) return false;
  form.setFieldError(field, error.message);
  form.getInputNode(field)?.focus();
  return true;
}
