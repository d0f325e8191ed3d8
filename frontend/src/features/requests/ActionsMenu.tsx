import { Menu } from "@mantine/core";
import {
  IconArchive,
  IconArchiveOff,
  IconChevronDown,
  IconEdit,
  IconEyeOff,
  IconLink,
  IconMailForward,
  IconMailPlus,
  IconMessageReply,
  IconPlugConnectedX,
  type IconProps,
  IconRefresh,
  IconRotate,
  IconTrash,
} from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { ComponentType } from "react";
import type { RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { editLink, endClientLink, sendLink } from "../../lib/links";
import { t } from "../../strings/en";
import { Keys } from "../../ui/Keys";
import { type RequestActions, useRequestActions } from "./actions";
import { canFollowUp, useFollowUp } from "./followUp";

interface ActionsMenuProps {
  r: RequestRow;
  solid?: boolean;
  opened?: boolean;
  onChange?: (open: boolean) => void;
}

/** The menu named Actions: by mouse, by keyboard, as a context menu. */
export function ActionsMenu({ r, solid = false, opened, onChange }: ActionsMenuProps) {
  const act = useRequestActions();
  const single = useApp().preferences.single_keys;
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
        <Items r={r} />
      </Menu.Dropdown>
    </Menu>
  );
}

interface Action {
  label: string;
  Icon: ComponentType<IconProps>;
  can: boolean;
  run: () => void;
  shortcut?: string;
  danger?: boolean;
}

function useActions(r: RequestRow): Action[] {
  const navigate = useNavigate();
  const act = useRequestActions();
  const followUp = useFollowUp();
  const { can } = r;
  const [archive, Archive] = r.archived ? [t.actions.unarchive, IconArchiveOff] : [t.actions.archive, IconArchive];
  return [
    { label: t.actions.edit, Icon: IconEdit, can: can.edit, run: () => navigate(editLink(r.id)) },
    { label: t.actions.resend, Icon: IconMailForward, can: can.resend, run: () => act.resend(r), shortcut: "R" },
    { label: t.actions.copyLink, Icon: IconLink, can: can.copy_link, run: () => act.copyLink(r), shortcut: "C" },
    { label: t.actions.addRecipients, Icon: IconMailPlus, can: can.send, run: () => navigate(sendLink(r.id)) },
    {
      label: t.actions.renewSend,
      Icon: IconMailForward,
      can: can.renew && can.send_link,
      run: () => act.renew(r, true),
    },
    { label: t.actions.renew, Icon: IconRefresh, can: can.renew, run: () => act.renew(r, false) },
    { label: t.followUp.label, Icon: IconMessageReply, can: canFollowUp(r), run: () => followUp(r) },
    { label: t.actions.reopen, Icon: IconRotate, can: can.reopen, run: () => act.reopen(r) },
    { label: archive, Icon: Archive, can: can.archive, run: () => act.archive(r, !r.archived) },
    { label: t.actions.del, Icon: IconTrash, can: can.delete, run: () => act.remove(r), shortcut: "Del", danger: true },
    {
      label: t.offboarding.menu,
      Icon: IconPlugConnectedX,
      can: Object.values(can).some(Boolean),
      run: () => navigate(endClientLink(r.id)),
      danger: true,
    },
    {
      label: t.actions.deleteClient,
      Icon: IconEyeOff,
      can: Object.values(can).some(Boolean),
      run: () => act.deleteClient(r),
      danger: true,
    },
  ];
}

function Items({ r }: { r: RequestRow }) {
  const all = useActions(r).filter((action) => action.can);
  if (all.length === 0) return <Menu.Label>{t.actions.none}</Menu.Label>;
  return (
    <>
      {all
        .filter((action) => !action.danger)
        .map((action) => (
          <Item key={action.label} {...action} />
        ))}
      <Menu.Divider />
      {all
        .filter((action) => action.danger)
        .map((action) => (
          <Item key={action.label} {...action} />
        ))}
    </>
  );
}

function Item({ label, Icon, run, shortcut, danger }: Action) {
  const single = useApp().preferences.single_keys;
  const shown = shortcut && (single || shortcut.length > 1);
  return (
    <Menu.Item
      className={danger ? "danger" : ""}
      leftSection={<Icon size={17} stroke={1.75} aria-hidden="true" />}
      rightSection={shown && <Keys keys={[shortcut]} />}
      onClick={run}
    >
      {label}
    </Menu.Item>
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
 * R, C and Del, in the menu and on a row; single keys only where they are switched on. True when the key was one of
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
