import { notifications } from "@mantine/notifications";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { ConnectionView, Platform, SignInStarted } from "../../api/types";
import { queries } from "../../lib/data";
import { toUiError, type UiError } from "../../lib/errors";
import { t } from "../../strings/en";

export type SignInState =
  | { is: "starting" }
  | { is: "waiting"; started: SignInStarted }
  | { is: "failed"; error: UiError };

interface SignInOptions {
  platform: Platform;
  account: boolean;
  onClose: () => void;
  onDone?: ((c: ConnectionView) => void) | undefined;
}

/** One sign-in for each opening and each retry; it is cancelled when its dialog goes. */
export function useSignIn({ platform, account, onClose, onDone }: SignInOptions) {
  const [state, setState] = useState<SignInState>({ is: "starting" });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins again for another try or platform alone
  useEffect(() => {
    let here = true;
    let id = "";
    const cancel = () => void api.cancelConnection({ id }).catch(() => {});
    const signIn = async () => {
      const started = await api.startConnection({ platform });
      id = started.id;
      if (!here) return cancel();
      setState({ is: "waiting", started });
      const made = await (account ? api.waitAccount({ id }) : api.waitConnection({ id }));
      if (!here) return;
      void queries.invalidateQueries({ queryKey: [account ? "accounts" : "connections"] });
      if ("user" in made) {
        notifications.show({ message: t.toast.connected(made.user) });
      } else {
        notifications.show({ message: t.toast.connected(made.name) });
        if (made.left_out) notifications.show({ message: t.toast.leftOut(made.left_out), autoClose: false });
      }
      onClose();
      if ("user" in made) onDone?.(made);
    };
    setState({ is: "starting" });
    signIn().catch((cause: unknown) => here && setState({ is: "failed", error: toUiError(cause) }));
    return () => {
      here = false;
      if (id) cancel();
    };
  }, [platform, tries]);
  return { state, retry: () => setTries(tries + 1) };
}
