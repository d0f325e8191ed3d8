// The questions before something is done with a request, and what is shown when it failed.

import { Button, Checkbox, Loader, TextInput } from "@mantine/core";
import { IconMailForward } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { api } from "../../api/client";
import type { RecipientRow, RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { copyText } from "../../lib/clipboard";
import { useRequest } from "../../lib/data";
import { detailsOf, type UiError } from "../../lib/errors";
import { fold } from "../../lib/fold";
import { t } from "../../strings/en";
import { CheckBox } from "../../ui/CheckBox";
import { DangerDialog } from "../../ui/DangerDialog";
import { Dialog } from "../../ui/Dialog";
import classes from "./ActionDialogs.module.css";
import { useRequestActions } from "./actions";
import { ConnectedNames } from "./ConnectedNames";

export function DeleteDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
  const act = useRequestActions();
  const { online } = useApp();
  const stays = r.services.reduce((n, s) => n + s.connected, 0);
  const title = t.confirmDelete.title(r.client);
  return (
    <DangerDialog
      title={title}
      words={t}
      yes={t.confirmDelete.yes}
      onYes={() =>
        act.run(title, () => api.withdraw({ id: r.id }), online ? t.toast.deleting : t.confirmDelete.offline)
      }
      onClose={onClose}
    >
      <p className="t2">
        {t.confirmDelete.text} {stays > 0 ? t.confirmDelete.stays(stays) : t.confirmDelete.nothing}{" "}
        {!online && t.confirmDelete.offline}
      </p>
      <ConnectedNames r={r} />
    </DangerDialog>
  );
}

/** Asks before a request gets a new link, and says what happens to the old one and to what is connected. */
export function ReopenDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
  const act = useRequestActions();
  const { online } = useApp();
  const stays = r.services.reduce((n, s) => n + s.connected, 0);
  const title = t.confirmReopen.title(r.client);
  const [send, setSend] = useState(false);
  const reopen = () => {
    onClose();
    act.reopenNow(r, send);
  };
  return (
    <Dialog
      open
      title={title}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button variant="filled" onClick={reopen} data-autofocus>
            {t.confirmReopen.yes}
          </Button>
        </>
      }
    >
      <p className="t2">
        {t.confirmReopen.text} {stays > 0 && t.confirmReopen.stays(stays)} {!online && t.confirmReopen.offline}
      </p>
      <ConnectedNames r={r} />
      {r.can.send_link && (
        <Checkbox
          size="xs"
          label={t.confirmReopen.send}
          checked={send}
          onChange={(e) => setSend(e.currentTarget.checked)}
        />
      )}
    </Dialog>
  );
}

export function DeleteClientDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
  const act = useRequestActions();
  const [typed, setTyped] = useState("");
  const title = t.confirmDeleteClient.title(r.client);
  return (
    <DangerDialog
      title={title}
      words={t}
      yes={t.confirmDeleteClient.yes}
      possible={fold(typed.trim()) === fold(r.client.trim())}
      onYes={() => act.run(title, () => api.deleteClient({ id: r.id }), t.toast.deleted)}
      onClose={onClose}
    >
      <p className="t2">{t.confirmDeleteClient.text}</p>
      <ConnectedNames r={r} />
      <p className="t3 mid">{t.confirmDeleteClient.note}</p>
      <TextInput
        label={t.confirmDeleteClient.type(r.client)}
        value={typed}
        onChange={(e) => setTyped(e.currentTarget.value)}
      />
    </DangerDialog>
  );
}

/** Asks to whom a request is sent once more. */
export function ResendDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
  const act = useRequestActions();
  const details = useRequest(r.id);
  const possible = useMemo(() => details.data?.recipients.filter((to) => to.resend) ?? [], [details.data]);
  const [changed, setLeft] = useState<readonly string[]>();
  // an address that a client typed may be a stranger's: staff choose it themselves
  const typed = possible.filter((to) => to.scoped && to.state !== "opened").map((to) => to.id);
  const left = changed ?? typed;
  const chosen = possible.filter((to) => !left.includes(to.id)).map((to) => to.id);
  const toggle = (id: string) => setLeft(left.includes(id) ? left.filter((other) => other !== id) : [...left, id]);
  const resend = () => {
    onClose();
    act.resendNow(t.resendDialog.title(r.client), [{ id: r.id, to: chosen }]);
  };
  return (
    <Dialog
      open
      title={t.resendDialog.title(r.client)}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t.cancel}</Button>
          <Button
            variant="filled"
            disabled={chosen.length === 0}
            data-autofocus
            onClick={resend}
            leftSection={<IconMailForward size={16} stroke={1.75} aria-hidden="true" />}
          >
            {t.resendDialog.yes}
          </Button>
        </>
      }
    >
      <p className="t2">{t.resendDialog.text}</p>
      {details.isPending && <Loader />}
      <div className={classes.recipients}>
        {possible.map((to) => (
          <Recipient key={to.id} to={to} on={!left.includes(to.id)} onToggle={() => toggle(to.id)} />
        ))}
      </div>
      {chosen.length === 0 && !details.isPending && <p className="hint wait">{t.resendDialog.everybody}</p>}
    </Dialog>
  );
}

function Recipient({ to, on, onToggle }: { to: RecipientRow; on: boolean; onToggle: () => void }) {
  return (
    <label className={`pick${on ? " on" : ""}`}>
      <input type="checkbox" checked={on} onChange={onToggle} />
      <span className="trunc">{to.address}</span>
      <CheckBox on={on} />
    </label>
  );
}

interface FailedDialogProps {
  error: UiError;
  doing: string;
  onRetry: () => void;
  onClose: () => void;
}

/** What went wrong, and to try it once more. */
export function FailedDialog({ error, doing, onRetry, onClose }: FailedDialogProps) {
  const { version } = useApp().session;
  const copy = () => copyText(detailsOf(error, doing, version));
  const retry = () => {
    onClose();
    onRetry();
  };
  return (
    <Dialog
      open
      title={doing}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <Button variant="subtle" onClick={onClose}>
            {t.close}
          </Button>
          <Button variant="subtle" onClick={() => void copy()}>
            {t.copyDetails}
          </Button>
          <Button variant="filled" onClick={retry}>
            {t.tryAgain}
          </Button>
        </>
      }
    >
      <p role="alert">{error.message}</p>
      {error.reference && <p className="t3 small num">{t.reference(error.reference)}</p>}
    </Dialog>
  );
}
