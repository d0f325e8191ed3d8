// The form of a request, as its parts share it.
import type { UseFormReturnType } from "@mantine/form";
import type { RequestForm } from "../../api/types";

export type RequestFormApi = UseFormReturnType<RequestForm>;

/** What a field's error is, as a text. */
export const errorOf = (form: RequestFormApi, field: keyof RequestForm): string =>
  (form.errors[field] as string | undefined) ?? "";
