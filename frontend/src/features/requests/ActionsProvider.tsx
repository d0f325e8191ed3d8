// Provides the actions on requests and accounts, with the dialog that is open.
import { notifications } from "@mantine/notifications";
import { type ReactNode, useMemo, useState } from "react";
import { api } from "../../api/client";
import type { EndingResult, ItemRow, RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { stopsSending } from "../../lib/data";
import { toUiError, type UiError } from "../../lib/errors";
import { resentSentence } from "../../lib/request";
import { kindWord, t } from "../../strings/en";
import { EndAccessDialog, EndedDialog, EndingDialog, EndWithoutDialog } from "../accounts/EndAccess";
import { DeleteClientDialog, DeleteDialog, FailedDialog, ReopenDialog, ResendDialog } from "./ActionDialogs";
import classes from "./ActionsProvider.module.css";
import { ActionsContext, type RequestActions } from "./actions";
import { NamedDialog } from "./NamedDialog";
import { RepairDialog } from "./RepairDialog";
import { type Stopped, StoppedDialog } from "./StoppedDialog";

type OpenDialog =
  | { is: "nothing" }
  | { is: "delete" | "deleteClient" | "resend" | "reopen"; r: RequestRow }
  | { is: "endAccess" | "endWithout" | "ending" | "repair" | "named"; i: ItemRow }
  | { is: "ended"; result: EndingResult }
  | ({ is: "stopped" } & Stopped)
  | { is: "failed"; error: UiError; doing: string; retry: () => void };

type SetDialog = (dialog: OpenDialog) => void;

export function ActionsProvider({ children }: { children: ReactNode }) {
  const { online } = useApp();
  const [dialog, setDialog] = useState<OpenDialog>({ is: "nothing" });
  const act = useMemo(() => createActions(setDialog, online), [online]);
  return (
    <ActionsContext.Provider value={act}>
      {children}
      <ActionDialog dialog={dialog} setDialog={setDialog} />
    </ActionsContext.Provider>
  );
}

/** Those of requests that an invitation would lead nowhere: checked as before the first one. */
async function stopped(ids: string[], online: boolean): Promise<string[]> {
  const show = () => notifications.show({ id: "preflight", loading: true, message: t.preflight.checking });
  const late = setTimeout(show, 400);
  try {
    const stops = await Promise.all(ids.map((id) => stopsSending(id, online)));
    return ids.filter((_, n) => stops[n]);
  } finally {
    clearTimeout(late);
    notifications.hide("preflight");
  }
}

/** That it is archived, with the way back. */
function showArchived(r: RequestRow, undo: () => void) {
  const id = `archived-${r.id}`;
  const press = () => {
    notifications.hide(id);
    undo();
  };
  const message = (
    <>
      {t.toast.archived}{" "}
      <button type="button" className={classes.undo} onClick={press}>
        {t.toast.undo}
      </button>
    </>
  );
  notifications.show({ id, message, autoClose: 10_000 });
}

function createActions(setDialog: SetDialog, online: boolean): RequestActions {
  const run: RequestActions["run"] = (doing, call, success) => {
    call().then(
      () => success && notifications.show({ message: success }),
      (cause: unknown) =>
        setDialog({ is: "failed", error: toUiError(cause), doing, retry: () => run(doing, call, success) }),
    );
  };
  const checked = async (doing: string, yes: string, ids: string[], send: Stopped["send"]) => {
    const kept = await stopped(ids, online);
    const others = ids.filter((id) => !kept.includes(id));
    if (others.length > 0) send(others);
    if (kept.length > 0) setDialog({ is: "stopped", doing, yes, ids: kept, send });
  };
  return {
    run,
    resend: (r) => setDialog({ is: "resend", r }),
    resendNow: (doing, requests) => {
      const send = (ids: string[]) =>
        run(doing, async () => {
          const wanted = requests.filter((r) => ids.includes(r.id));
          const all = await Promise.all(wanted.map((r) => api.resend({ id: r.id, recipients: r.to })));
          notifications.show({ message: online ? resentSentence(all) : t.toast.resentOffline });
        });
      const ids = requests.map((r) => r.id);
      void checked(doing, t.resendDialog.yes, ids, send);
    },
    copyLink: (r) =>
      run(t.actions.copyLink, async () => {
        const copied = await api.copyLink({ id: r.id });
        notifications.show({ message: copied ? t.toast.linkCopied : t.toast.linkLater });
      }),
    remove: (r) => setDialog({ is: "delete", r }),
    renew: (r, send) => {
      const done = send ? t.toast.renewedSent : t.toast.renewed;
      const renew = () =>
        run(t.actions.renew, () => api.renew({ id: r.id, send }), online ? done : t.toast.renewedOffline);
      if (send) void checked(t.actions.renewSend, t.home.renewSend, [r.id], renew);
      else renew();
    },
    reopen: (r) => setDialog({ is: "reopen", r }),
    reopenNow: (r, send) => {
      const title = t.confirmReopen.title(r.client);
      const done = send ? t.toast.reopenedSent : t.toast.reopened;
      const reopen = () => run(title, () => api.reopen({ id: r.id, send }), online ? done : t.confirmReopen.offline);
      if (send) void checked(title, t.confirmReopen.yes, [r.id], reopen);
      else reopen();
    },
    archive: (r, on) => {
      const call = () => api.archive({ id: r.id, on });
      if (!on) return run(t.actions.unarchive, call, t.toast.unarchived);
      const undo = () => run(t.actions.unarchive, () => api.archive({ id: r.id, on: false }), t.toast.unarchived);
      run(t.actions.archive, () => call().then(() => showArchived(r, undo)));
    },
    deleteClient: (r) => setDialog({ is: "deleteClient", r }),
    endAccess: (i) => setDialog({ is: "endAccess", i }),
    endWithout: (i) => setDialog({ is: "endWithout", i }),
    repair: (i) => setDialog({ is: "repair", i }),
    findNamed: (i) => setDialog({ is: "named", i }),
    notify: (message) => notifications.show({ message }),
  };
}

/** Ends the access to an account and shows how it went. */
function endAccess(i: ItemRow, setDialog: SetDialog, call = api.endAccess) {
  setDialog({ is: "ending", i });
  call({ id: i.id }).then(
    (result) => {
      if (!result.proven || result.next || result.queued) return setDialog({ is: "ended", result });
      setDialog({ is: "nothing" });
      notifications.show({ message: `${result.title}.` });
    },
    (cause: unknown) =>
      setDialog({
        is: "failed",
        error: toUiError(cause),
        doing: t.ending.title(i.name, kindWord[i.kind]),
        retry: () => endAccess(i, setDialog, call),
      }),
  );
}

function ActionDialog({ dialog, setDialog }: { dialog: OpenDialog; setDialog: SetDialog }) {
  const close = () => setDialog({ is: "nothing" });
  switch (dialog.is) {
    case "nothing":
      return null;
    case "delete":
      return <DeleteDialog r={dialog.r} onClose={close} />;
    case "deleteClient":
      return <DeleteClientDialog r={dialog.r} onClose={close} />;
    case "resend":
      return <ResendDialog r={dialog.r} onClose={close} />;
    case "reopen":
      return <ReopenDialog r={dialog.r} onClose={close} />;
    case "endAccess":
      return <EndAccessDialog i={dialog.i} onYes={() => endAccess(dialog.i, setDialog)} onClose={close} />;
    case "endWithout":
      return (
        <EndWithoutDialog i={dialog.i} onYes={() => endAccess(dialog.i, setDialog, api.endWithout)} onClose={close} />
      );
    case "ending":
      return <EndingDialog i={dialog.i} onClose={close} />;
    case "stopped":
      return <StoppedDialog {...dialog} onClose={close} />;
    case "ended":
      return <EndedDialog result={dialog.result} onClose={close} />;
    case "repair":
      return <RepairDialog i={dialog.i} onClose={close} />;
    case "named":
      return <NamedDialog i={dialog.i} onClose={close} />;
    case "failed":
      return <FailedDialog error={dialog.error} doing={dialog.doing} onRetry={dialog.retry} onClose={close} />;
  }
}
