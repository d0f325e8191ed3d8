// Connecting one of the agency's own users: the system's browser signs in, the
// screen waits.
import { notifications } from "@mantine/notifications";
import { IconBrowser } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { Platform } from "../../api/enums";
import type { ConnectionView, SignInStarted } from "../../api/types";
import { queries } from "../../lib/data";
import { toUiError, type UiError } from "../../lib/errors";
import { platformName, t } from "../../strings/en";
import { Spinner } from "../../ui/basics";
import { Dialog } from "../../ui/Dialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";

type SigningIn = { is: "starting" } | { is: "waiting"; started: SignInStarted } | { is: "failed"; told: UiError };

/** Of a Facebook user; with account, at a CRM, which makes an account. */
export function ConnectDialog({
  platform,
  open,
  onClose,
  onDone,
  account = false,
}: {
  platform: Platform;
  open: boolean;
  onClose: () => void;
  onDone?: (c: ConnectionView) => void;
  account?: boolean;
}) {
  return open ? (
    <Connecting platform={platform} account={account} onClose={onClose} {...(onDone ? { onDone } : {})} />
  ) : null;
}

function Connecting({
  platform,
  account,
  onClose,
  onDone,
}: {
  platform: Platform;
  account: boolean;
  onClose: () => void;
  onDone?: (c: ConnectionView) => void;
}) {
  const [state, setState] = useState<SigningIn>({ is: "starting" });
  const [tries, setTries] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins again for another try or platform alone
  useEffect(() => {
    let here = true;
    let id = "";
    setState({ is: "starting" });
    api
      .startConnection({ platform })
      .then((started): Promise<string | ConnectionView> | null => {
        id = started.id;
        if (!here) {
          void api.cancelConnection({ id }).catch(() => {});
          return null;
        }
        setState({ is: "waiting", started });
        return account ? api.waitAccount({ id }) : api.waitConnection({ id });
      })
      .then(
        (made) => {
          if (!here || made === null) return;
          void queries.invalidateQueries({ queryKey: [account ? "accounts" : "connections"] });
          notifications.show({ message: t.toast.connected(typeof made === "string" ? made : made.user) });
          onClose();
          if (typeof made !== "string") onDone?.(made);
        },
        (cause: unknown) => here && setState({ is: "failed", told: toUiError(cause) }),
      );
    return () => {
      here = false;
      if (id) void api.cancelConnection({ id }).catch(() => {});
    };
    // One sign-in for each opening and each retry, whatever else changes meanwhile.
  }, [platform, tries]);
  return (
    <Dialog
      open
      title={platform === "meta" ? t.settings.fbConnect : `${t.accounts.connect}: ${platformName[platform]}`}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t.cancel}
          </button>
          {state.is === "failed" && (
            <button type="button" className="btn primary" onClick={() => setTries(tries + 1)}>
              {t.tryAgain}
            </button>
          )}
          {state.is === "waiting" && (
            <button
              type="button"
              className="btn"
              onClick={() => void api.browse({ address: state.started.address }).catch(() => {})}
            >
              <IconBrowser size={16} stroke={1.75} aria-hidden="true" />
              {t.settings.fbOpenAgain}
            </button>
          )}
        </>
      }
    >
      {state.is === "failed" ? (
        <ErrorLine
          sentence={
            state.told.field === "sign_in" ? state.told.sentence : `${t.settings.fbFailed} ${state.told.sentence}`
          }
          reference={state.told.reference}
        />
      ) : (
        <p className="row gap12 t2" role="status">
          {state.is === "starting" ? <Spinner /> : <PlatformTile of={platform} size={20} />}
          {t.settings.fbWaiting}
        </p>
      )}
    </Dialog>
  );
}
