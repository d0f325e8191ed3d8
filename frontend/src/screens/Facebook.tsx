// Connecting one of the agency's own users: the system's browser signs in, the
// screen waits.
import { IconBrowser } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { app, type ConnectionView, type Platform, type SignInView } from "../bridge";
import { Dialog } from "../parts/Dialog";
import { Spinner } from "../parts/basics";
import { ErrorLine } from "../parts/ErrorCard";
import { PlatformTile } from "../parts/PlatformTile";
import { useSay } from "../parts/toasts";
import { tell, type Told } from "../state/errors";
import { platformName, w } from "../words/words";
import { queries } from "./data";

type SigningIn = { is: "starting" } | { is: "waiting"; started: SignInView } | { is: "failed"; told: Told };

export function ConnectDialog({ platform, open, onClose, onDone }: { platform: Platform; open: boolean; onClose: () => void; onDone?: (c: ConnectionView) => void }) {
  return open ? <Connecting platform={platform} onClose={onClose} {...(onDone ? { onDone } : {})} /> : null;
}

function Connecting({ platform, onClose, onDone }: { platform: Platform; onClose: () => void; onDone?: (c: ConnectionView) => void }) {
  const say = useSay();
  const [state, setState] = useState<SigningIn>({ is: "starting" });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let here = true;
    let id = "";
    setState({ is: "starting" });
    app
      .startConnection(platform)
      .then((started) => {
        id = started.id;
        if (!here) {
          void app.cancelConnection(id).catch(() => {});
          return null;
        }
        setState({ is: "waiting", started });
        return app.waitConnection(id);
      })
      .then(
        (c) => {
          if (!here || !c) return;
          void queries.invalidateQueries({ queryKey: ["connections"] });
          say(w.toast.connected(c.user));
          onDone?.(c);
          onClose();
        },
        (cause: unknown) => here && setState({ is: "failed", told: tell(cause) }),
      );
    return () => {
      here = false;
      if (id) void app.cancelConnection(id).catch(() => {});
    };
    // One sign-in for each opening and each retry, whatever else changes meanwhile.
    // eslint-disable-next-line
  }, [platform, tries]);
  return (
    <Dialog
      open
      title={platform === "meta" ? w.settings.fbConnect : `${w.accounts.connect}: ${platformName[platform]}`}
      closeWord={w.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {w.cancel}
          </button>
          {state.is === "failed" && (
            <button type="button" className="btn primary" onClick={() => setTries(tries + 1)}>
              {w.tryAgain}
            </button>
          )}
          {state.is === "waiting" && (
            <button type="button" className="btn" onClick={() => void app.browse(state.started.address).catch(() => {})}>
              <IconBrowser size={16} stroke={1.75} aria-hidden="true" />
              {w.settings.fbOpenAgain}
            </button>
          )}
        </>
      }
    >
      {state.is === "failed" ? (
        <ErrorLine sentence={`${w.settings.fbFailed} ${state.told.sentence}`} reference={state.told.reference} />
      ) : (
        <p className="row gap12 t2" role="status">
          {state.is === "starting" ? <Spinner /> : <PlatformTile of={platform} size={20} />}
          {w.settings.fbWaiting}
        </p>
      )}
    </Dialog>
  );
}
