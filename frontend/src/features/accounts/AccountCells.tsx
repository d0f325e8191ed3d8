import { Menu } from "@mantine/core";
import { IconChevronDown, IconCopy, IconInbox, IconPlugConnectedX, IconRefresh, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { api } from "../../api/client";
import type { ItemRow } from "../../api/types";
import { useServices } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { copyText } from "../../lib/clipboard";
import { endClientLink, requestLink } from "../../lib/links";
import { grouped, itemState } from "../../lib/request";
import { kindName, t } from "../../strings/en";
import { KindIcon } from "../../ui/KindIcon";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusPill } from "../../ui/StatusPill";
import { useRequestActions } from "../requests/actions";
import { ProblemPopover } from "../requests/Problem";
import classes from "./AccountCells.module.css";
import { LastCheck } from "./Checks";
import { EndAccessItem, NamedItem } from "./EndAccess";

const icon = { size: 17, stroke: 1.75, "aria-hidden": true } as const;

export function AccountCell({ i }: { i: ItemRow }) {
  const detail = dotted([kindName[i.kind], i.kind === "crm_account" && i.detail ? i.detail : grouped(i.account)]);
  return (
    <div className={classes.account}>
      <AccountTile i={i} />
      <div className="two">
        <b>{i.name}</b>
        <span className="l2 num">
          <KindIcon of={i.kind} size={14} /> {detail}
        </span>
      </div>
    </div>
  );
}

/** The platform's tile; where something is wrong, it opens what. */
function AccountTile({ i }: { i: ItemRow }) {
  const { name } = useServices().of(i.platform);
  const badge = i.attention ? "attention" : i.waiting ? "waiting" : "none";
  const badgeWord = { attention: t.needsAttention, waiting: t.waiting, none: "" }[badge];
  const tile = <PlatformTile of={i.service} size={28} badge={badge} badgeWord={badgeWord} />;
  if (badge === "none") {
    return (
      <span className="service" title={name}>
        {tile}
        <span className="sr">{name}</span>
      </span>
    );
  }
  const label = badge === "attention" ? t.accounts.showError(i.name) : t.accounts.showWaiting(i.name);
  return (
    <ProblemPopover items={[i]} label={label}>
      {tile}
    </ProblemPopover>
  );
}

export function StatePill({ i }: { i: ItemRow }) {
  switch (itemState(i)) {
    case "failed":
    case "attention":
      return <StatusPill of="failed">{t.item.attention}</StatusPill>;
    case "waiting":
      return <StatusPill of="waiting">{t.item.waiting}</StatusPill>;
    case "sharing":
      return <StatusPill of="pending">{t.item.sharing}</StatusPill>;
    case "confirmed":
      return <StatusPill of="waiting">{t.item.confirmed(i.confirmed_by)}</StatusPill>;
    case "ended":
      return <StatusPill of="expired">{t.item.ended}</StatusPill>;
    case "withdrawn":
      return <StatusPill of="expired">{t.item.withdrawn}</StatusPill>;
    case "connected":
      return <StatusPill of="connected">{t.item.connected}</StatusPill>;
  }
}

export function CheckCell({ i }: { i: ItemRow }) {
  return (
    <span className={classes.check}>
      <LastCheck i={i} />
      <AccountMenu i={i} />
    </span>
  );
}

function AccountMenu({ i }: { i: ItemRow }) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const check = t.problem.fix.check();
  const copy = () => void copyText(i.account);
  return (
    <Menu width={220} position="bottom-end" withinPortal>
      <Menu.Target>
        <button
          type="button"
          className={`actions-btn ${classes.menu}`}
          aria-label={t.accounts.actions(i.name)}
          onClick={(e) => e.stopPropagation()}
        >
          <IconChevronDown size={14} stroke={1.75} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown aria-label={t.actions.label} onClick={(e) => e.stopPropagation()}>
        <Menu.Item
          leftSection={<IconRefresh {...icon} />}
          onClick={() => act.run(check, () => api.checkNow({ items: [i.id] }), t.toast.checked)}
        >
          {check}
        </Menu.Item>
        {i.request && (
          <Menu.Item leftSection={<IconInbox {...icon} />} onClick={() => navigate(requestLink(i.request))}>
            {t.accounts.showRequest}
          </Menu.Item>
        )}
        {!i.named && (
          <Menu.Item leftSection={<IconCopy {...icon} />} onClick={copy}>
            {t.accounts.copyId}
          </Menu.Item>
        )}
        <NamedItem i={i} />
        <EndAccessItem i={i} />
        {i.request && (
          <Menu.Item
            className="danger"
            leftSection={<IconPlugConnectedX {...icon} />}
            onClick={() => navigate(endClientLink(i.request))}
          >
            {t.offboarding.menu}
          </Menu.Item>
        )}
        {i.managed && (
          <Menu.Item
            className="danger"
            leftSection={<IconTrash {...icon} />}
            onClick={() => act.run(t.own.remove, () => api.removeAccount({ id: i.id }), t.own.removed(i.name))}
          >
            {t.own.remove}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
