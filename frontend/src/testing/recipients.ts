import type { RecipientsParams, TypedRecipient } from "../api/types";

/** What Go reads of a field of recipients that holds plain addresses only, with whom the request went to before. */
export const readRecipients =
  (before: string[] = []) =>
  ({ texts, failed }: RecipientsParams): TypedRecipient[] => {
    const taken = new Set(before);
    return texts
      .flatMap((text) => text.split(/[,;\s]+/))
      .filter((address) => address !== "")
      .map((address) => {
        const verdict = !/^[^<>@]+@[^<>@]+\.\w+$/.test(address)
          ? "invalid"
          : failed.includes(address)
            ? "failed"
            : taken.has(address)
              ? "duplicate"
              : "valid";
        taken.add(address);
        return { address, verdict, message: "" };
      });
  };
