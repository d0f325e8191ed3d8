// What can be done with a request, from wherever it is shown: the menu, its
// shortcuts, and the questions that come first.

import { Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import {
  IconArchive,
  IconArchiveOff,
  IconChevronDown,
  IconEdit,
  IconEyeOff,
  IconLink,
  IconMailForward,
  IconMailPlus,
  IconRefresh,
  IconRotate,
  IconTrash,
} from "@tabler/icons-react";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { api } from "../../api/client";
import type { EndingResult, ItemRow, RequestRow } from "../../api/types";
import { useRequest } from "../../lib/data";
import { detailsOf, toUiError, type UiError } from "../../lib/errors";
import { resentSentence } from "../../lib/request";
import { go, useApp } from "../../lib/shell";
import { t } from "../../strings/en";
import { Field, Keys, Spinner } from "../../ui/basics";
import { DangerDialog } from "../../ui/DangerDialog";
import { Dialog } from "../../ui/Dialog";
import { EndAccessDialog, EndedDialog, EndingDialog } from "../accounts/EndAccess";

interface RequestActions {
  resend: (r: RequestRow) => void;
  /** Sends once more, and says what becomes of it. No recipients named: to all. */
  resendNow: (doing: string, what: { id: string; to: string[] }[]) => void;
  copyLink: (r: RequestRow) => void;
  remove: (r: RequestRow) => void;
  renew: (r: RequestRow) => void;
  reopen: (r: RequestRow) => void;
  archive: (r: RequestRow, on: boolean) => void;
  deleteClient: (r: RequestRow) => void;
  endAccess: (i: ItemRow) => void;
  /** Runs something and shows what went wrong, with what can be done about it. */
  run: (doing: string, what: () => Promise<unknown>, said?: string) => void;
}

const Context = createContext<RequestActions | null>(null);
export function useRequestActions(): RequestActions {
  const act = useContext(Context);
  if (!act) throw new Error("actions outside their provider");
  return act;
}

type Asked =
  | { is: "nothing" }
  | { is: "delete"; r: RequestRow }
  | { is: "deleteClient"; r: RequestRow }
  | { is: "resend"; r: RequestRow }
  | { is: "endAccess" | "ending"; i: ItemRow }
  | { is: "ended"; result: EndingResult }
  | { is: "failed"; told: UiError; doing: string; again: () => void };

export function ActionsProvider({ children }: { children: ReactNode }) {
  const { online, session } = useApp();
  const [asked, setAsked] = useState<Asked>({ is: "nothing" });

  const act = useMemo<RequestActions>(() => {
    const run = (doing: string, what: () => Promise<unknown>, said?: string) => {
      what().then(
        () => said && notifications.show({ message: said }),
        (cause: unknown) =>
          setAsked({ is: "failed", told: toUiError(cause), doing, again: () => run(doing, what, said) }),
      );
    };
    return {
      run,
      resend: (r) => setAsked({ is: "resend", r }),
      resendNow: (doing, what) =>
        run(doing, async () => {
          const all = await Promise.all(what.map((r) => api.resend({ id: r.id, recipients: r.to })));
          notifications.show({ message: online ? resentSentence(all) : t.toast.resentOffline });
        }),
      copyLink: (r) =>
        run(t.actions.copyLink, async () => {
          notifications.show({ message: (await api.copyLink({ id: r.id })) ? t.toast.linkCopied : t.toast.linkLater });
        }),
      remove: (r) => setAsked({ is: "delete", r }),
      renew: (r) => run(t.actions.renew, () => api.renew({ id: r.id }), t.toast.renewed),
      reopen: (r) => run(t.actions.reopen, () => api.reopen({ id: r.id }), t.toast.reopened),
      archive: (r, on) =>
        run(
          on ? t.actions.archive : t.actions.unarchive,
          () => api.archive({ id: r.id, on }),
          on ? t.toast.archived : t.toast.unarchived,
        ),
      deleteClient: (r) => setAsked({ is: "deleteClient", r }),
      endAccess: (i) => setAsked({ is: "endAccess", i }),
    };
  }, [online]);

  const close = () => setAsked({ is: "nothing" });
  const end = (i: ItemRow) => {
    setAsked({ is: "ending", i });
    api.endAccess({ id: i.id }).then(
      (result) => {
        if (!result.proven || result.next || result.queued) return setAsked({ is: "ended", result });
        close();
        notifications.show({ message: `${result.title}.` });
      },
      (cause: unknown) =>
        setAsked({ is: "failed", told: toUiError(cause), doing: t.ending.title(i.name), again: () => end(i) }),
    );
  };
  return (
    <Context.Provider value={act}>
      {children}
      {asked.is === "delete" && <DeleteDialog r={asked.r} onClose={close} />}
      {asked.is === "deleteClient" && <DeleteClientDialog r={asked.r} onClose={close} />}
      {asked.is === "resend" && <ResendDialog r={asked.r} onClose={close} />}
      {asked.is === "endAccess" && <EndAccessDialog i={asked.i} onYes={() => end(asked.i)} onClose={close} />}
      {asked.is === "ending" && <EndingDialog i={asked.i} onClose={close} />}
      {asked.is === "ended" && <EndedDialog result={asked.result} onClose={close} />}
      {asked.is === "failed" && (
        <Dialog
          open
          title={asked.doing}
          closeWord={t.close}
          onClose={close}
          actions={
            <>
              <button type="button" className="btn quiet" onClick={close}>
                {t.close}
              </button>
              <button
                type="button"
                className="btn quiet"
                onClick={() =>
                  void api
                    .copy({ text: detailsOf(asked.told, asked.doing, session.version) })
                    .then(() => notifications.show({ message: t.copied }))
                }
              >
                {t.copyDetails}
              </button>
              <button
                type="button"
                className="btn primary"
                onClick={() => {
                  close();
                  asked.again();
                }}
              >
                {t.tryAgain}
              </button>
            </>
          }
        >
          <p role="alert">{asked.told.sentence}</p>
          {asked.told.reference && <p className="t3 small num">{t.reference(asked.told.reference)}</p>}
        </Dialog>
      )}
    </Context.Provider>
  );
}

function DeleteDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
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
    </DangerDialog>
  );
}

function DeleteClientDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
  const act = useRequestActions();
  const [typed, setTyped] = useState("");
  const title = t.confirmDeleteClient.title(r.client);
  return (
    <DangerDialog
      title={title}
      words={t}
      yes={t.confirmDeleteClient.yes}
      possible={typed.trim().toLowerCase() === r.client.trim().toLowerCase()}
      onYes={() => act.run(title, () => api.deleteClient({ id: r.id }), t.toast.deleted)}
      onClose={onClose}
    >
      <p className="t2">{t.confirmDeleteClient.text}</p>
      <p className="t3 mid">{t.confirmDeleteClient.note}</p>
      <Field label={t.confirmDeleteClient.type(r.client)} value={typed} onChange={setTyped} />
    </DangerDialog>
  );
}

function ResendDialog({ r, onClose }: { r: RequestRow; onClose: () => void }) {
  const act = useRequestActions();
  const details = useRequest(r.id);
  const possible = useMemo(() => details.data?.recipients.filter((to) => to.resend) ?? [], [details.data]);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const chosen = possible.filter((to) => !left.has(to.id)).map((to) => to.id);
  return (
    <Dialog
      open
      title={t.resendDialog.title(r.client)}
      closeWord={t.close}
      onClose={onClose}
      actions={
        <>
          <button type="button" className="btn" onClick={onClose}>
            {t.cancel}
          </button>
          <button
            type="button"
            className="btn primary"
            disabled={chosen.length === 0}
            data-autofocus
            onClick={() => {
              onClose();
              act.resendNow(t.resendDialog.title(r.client), [{ id: r.id, to: chosen }]);
            }}
          >
            <IconMailForward size={16} stroke={1.75} aria-hidden="true" />
            {t.resendDialog.yes}
          </button>
        </>
      }
    >
      <p className="t2">{t.resendDialog.text}</p>
      {details.isPending && <Spinner />}
      <div style={{ display: "grid", gap: 6 }}>
        {possible.map((to) => (
          <label key={to.id} className={`pick${left.has(to.id) ? "" : " on"}`}>
            <input
              type="checkbox"
              checked={!left.has(to.id)}
              onChange={() =>
                setLeft((before) => {
                  const after = new Set(before);
                  if (!after.delete(to.id)) after.add(to.id);
                  return after;
                })
              }
            />
            <span className="trunc">{to.address}</span>
            <CheckBox on={!left.has(to.id)} />
          </label>
        ))}
      </div>
      {chosen.length === 0 && !details.isPending && <p className="hint wait">{t.resendDialog.everybody}</p>}
    </Dialog>
  );
}

export function CheckBox({ on }: { on: boolean }) {
  return (
    <span className="check" aria-hidden="true">
      {on && (
        <svg
          aria-hidden="true"
          width="12"
          height="12"
          viewBox="0 0 12 12"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.8"
          strokeLinecap="round"
          strokeLinejoin="round"
        >
          <path d="M2.5 6.2 5 8.7l4.5-5" />
        </svg>
      )}
    </span>
  );
}

/** The menu named Actions: by mouse, by keyboard, as a context menu. */
export function ActionsMenu({
  r,
  solid = false,
  opened,
  onChange,
}: {
  r: RequestRow;
  solid?: boolean;
  opened?: boolean;
  onChange?: (open: boolean) => void;
}) {
  const act = useRequestActions();
  const single = useApp().preferences.single_keys;
  const { can } = r;
  const nothing = !Object.values(can).some(Boolean);
  const icon = { size: 17, stroke: 1.75, "aria-hidden": true } as const;
  return (
    <Menu
      width={308}
      position="bottom-end"
      offset={4}
      withinPortal
      transitionProps={{ duration: 180, transition: "pop-top-right" }}
      {...(opened === undefined ? {} : { opened })}
      onChange={(open) => onChange?.(open)}
    >
      <Menu.Target>
        <button
          type="button"
          className={`actions-btn${solid ? " solid" : ""}`}
          aria-label={t.actions.for(r.client)}
          tabIndex={solid ? 0 : -1}
          onClick={(e) => e.stopPropagation()}
        >
          {t.actions.label}
          <IconChevronDown size={14} stroke={1.75} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown
        aria-label={t.actions.label}
        onClick={(e) => e.stopPropagation()}
        onKeyDown={(e) => menuKeys(e, r, act, single, () => onChange?.(false))}
      >
        {nothing && <Menu.Label>{t.actions.none}</Menu.Label>}
        {can.edit && (
          <Menu.Item leftSection={<IconEdit {...icon} />} onClick={() => go({ at: "edit", id: r.id })}>
            {t.actions.edit}
          </Menu.Item>
        )}
        {can.resend && (
          <Menu.Item
            leftSection={<IconMailForward {...icon} />}
            rightSection={single && <Keys keys={["R"]} />}
            onClick={() => act.resend(r)}
          >
            {t.actions.resend}
          </Menu.Item>
        )}
        {can.copy_link && (
          <Menu.Item
            leftSection={<IconLink {...icon} />}
            rightSection={single && <Keys keys={["C"]} />}
            onClick={() => act.copyLink(r)}
          >
            {t.actions.copyLink}
          </Menu.Item>
        )}
        {can.send && (
          <Menu.Item leftSection={<IconMailPlus {...icon} />} onClick={() => go({ at: "send", id: r.id })}>
            {t.actions.addRecipients}
          </Menu.Item>
        )}
        {can.renew && (
          <Menu.Item leftSection={<IconRefresh {...icon} />} onClick={() => act.renew(r)}>
            {t.actions.renew}
          </Menu.Item>
        )}
        {can.reopen && (
          <Menu.Item leftSection={<IconRotate {...icon} />} onClick={() => act.reopen(r)}>
            {t.actions.reopen}
          </Menu.Item>
        )}
        {can.archive && (
          <Menu.Item
            leftSection={r.archived ? <IconArchiveOff {...icon} /> : <IconArchive {...icon} />}
            onClick={() => act.archive(r, !r.archived)}
          >
            {r.archived ? t.actions.unarchive : t.actions.archive}
          </Menu.Item>
        )}
        {!nothing && <Menu.Divider />}
        {can.delete && (
          <Menu.Item
            className="danger"
            leftSection={<IconTrash {...icon} />}
            rightSection={<Keys keys={["Del"]} />}
            onClick={() => act.remove(r)}
          >
            {t.actions.del}
          </Menu.Item>
        )}
        {!nothing && (
          <Menu.Item className="danger" leftSection={<IconEyeOff {...icon} />} onClick={() => act.deleteClient(r)}>
            {t.actions.deleteClient}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

interface KeyLike {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  preventDefault: () => void;
  stopPropagation: () => void;
}

/**
 * R, C and Del, in the menu and on a row; the letters only where single ones are on. True when the key was one of
 * them.
 */
export function menuKeys(e: KeyLike, r: RequestRow, act: RequestActions, single: boolean, then: () => void): boolean {
  if (e.ctrlKey || e.metaKey || e.altKey) return false;
  const acts: Record<string, [boolean, (r: RequestRow) => void]> = {
    r: [r.can.resend, act.resend],
    c: [r.can.copy_link, act.copyLink],
    delete: [r.can.delete, act.remove],
  };
  const found = acts[e.key.toLowerCase()];
  if (!found?.[0] || (!single && e.key.length === 1)) return false;
  e.preventDefault();
  e.stopPropagation();
  then();
  found[1](r);
  return true;
}

/** Runs on a key combination wherever it is pressed on this screen. */
export function useSaveKey(save: () => void) {
  useEffect(() => {
    const pressed = () => save();
    addEventListener("latchkey:save", pressed);
    return () => removeEventListener("latchkey:save", pressed);
  }, [save]);
}
