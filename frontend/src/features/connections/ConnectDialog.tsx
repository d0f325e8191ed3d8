// Connecting one of the agency's own users: the system's browser signs in, the
// screen waits.
import { Button, Loader } from "@mantine/core";
import { IconBrowser } from "@tabler/icons-react";
import { api } from "../../api/client";
import type { ConnectionView, Platform } from "../../api/types";
import { useServices } from "../../lib/app";
import type { UiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { PlatformTile } from "../../ui/PlatformTile";
import css from "./ConnectDialog.module.css";
import { useSignIn } from "./useSignIn";

interface ConnectDialogProps {
  platform: Platform;
  /** At a CRM, which makes an account; otherwise a Facebook user. */
  account?: boolean;
  onClose: () => void;
  onDone?: (c: ConnectionView) => void;
}

export function ConnectDialog({ platform, account = false, onClose, onDone }: ConnectDialogProps) {
  const { name } = useServices().of(platform);
  const { state, retry } = useSignIn({ platform, account, onClose, onDone });
  const open = (address: string) => void api.browse({ address }).catch(() => {});
  return (
    <Dialog
      open
      title={platform === "meta" ? t.settings.fbConnect : `${t.accounts.connect}: ${name}`}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          {state.is === "failed" && (
            <Button variant="filled" onClick={retry}>
              {t.tryAgain}
            </Button>
          )}
          {state.is === "waiting" && (
            <Button
              leftSection={<IconBrowser size={16} stroke={1.75} aria-hidden="true" />}
              onClick={() => open(state.started.address)}
            >
              {t.settings.fbOpenAgain}
            </Button>
          )}
        </>
      }
    >
      {state.is === "failed" ? (
        <ErrorLine message={sentenceOf(state.error)} reference={state.error.reference} />
      ) : (
        <p className={css.waiting} role="status">
          {state.is === "starting" ? <Loader /> : <PlatformTile of={platform} size={20} />}
          {t.settings.fbWaiting}
        </p>
      )}
    </Dialog>
  );
}

function sentenceOf(error: UiError): string {
  return error.field === "sign_in" ? error.message : `${t.settings.fbFailed} ${error.message}`;
}
