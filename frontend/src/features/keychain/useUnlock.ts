import { useState } from "react";
import { api } from "../../api/client";
import { queries } from "../../lib/data";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";

/** Asks the keychain again. still: why it does not open yet. */
export function useUnlock() {
  const [still, setStill] = useState("");
  const { submit, busy } = useSubmit({
    call: async () => {
      setStill("");
      try {
        await api.sync();
      } finally {
        void queries.invalidateQueries({ queryKey: ["session"] });
      }
    },
    onError: ({ code }) => {
      // Without a network the keychain may have opened all the same: the session shows it.
      if (code !== "unavailable") setStill(t.keychain.still);
      return true;
    },
  });
  return { submit, busy, still };
}
