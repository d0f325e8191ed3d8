import { IconInbox } from "@tabler/icons-react";
import type { ItemRow, RequestRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { awaitedText, expiredText, grouped } from "../../lib/request";
import { kindName, t } from "../../strings/en";
import { Highlighted } from "../../ui/Highlighted";
import { PlatformTile } from "../../ui/PlatformTile";
import { StateWord } from "../../ui/StatusPill";
import type { PaletteCommand } from "./commands";

export type Entry =
  | { is: "request"; id: string; r: RequestRow }
  | { is: "account"; id: string; i: ItemRow }
  | { is: "command"; id: string; c: PaletteCommand };

interface EntryRowProps {
  entry: Entry;
  /** What was searched, marked in the names. */
  search: string;
  /** It is the one that Enter opens. */
  on: boolean;
}

export function EntryRow({ entry, search, on }: EntryRowProps) {
  switch (entry.is) {
    case "request":
      return <RequestEntry r={entry.r} search={search} on={on} />;
    case "account":
      return <AccountEntry i={entry.i} search={search} />;
    case "command":
      return <CommandEntry c={entry.c} search={search} />;
  }
}

function RequestEntry({ r, search, on }: { r: RequestRow; search: string; on: boolean }) {
  const { mac, now } = useApp();
  const fact = awaitedText(r) || expiredText(r, now);
  return (
    <>
      <IconInbox size={18} stroke={1.75} aria-hidden="true" />
      <span className="trunc grow">
        <b>
          <Highlighted text={r.client} typed={search} />
        </b>{" "}
        <span className="t3">
          <Highlighted text={r.recipient_name || r.recipient || t.list.linkOnly} typed={search} />
        </span>
      </span>
      {fact && <span className="wait small nowrap">{fact}</span>}
      <StateWord of={r.status}>{r.status === "connected" ? t.connected : t.pending}</StateWord>
      {on && <kbd aria-hidden="true">{mac ? "↩" : "Enter"}</kbd>}
    </>
  );
}

function AccountEntry({ i, search }: { i: ItemRow; search: string }) {
  const badge = i.attention ? "attention" : i.waiting ? "waiting" : "none";
  const badgeWord = { attention: t.needsAttention, waiting: t.waiting, none: "" }[badge];
  return (
    <>
      <PlatformTile of={i.service} badge={badge} badgeWord={badgeWord} />
      <span className="trunc grow">
        <b>
          <Highlighted text={i.name} typed={search} />
        </b>{" "}
        <span className="t3">
          {kindName[i.kind].toLowerCase()} · <Highlighted text={grouped(i.account)} typed={search} />
        </span>
      </span>
      <span className="t3 mid nowrap">{i.client}</span>
    </>
  );
}

function CommandEntry({ c, search }: { c: PaletteCommand; search: string }) {
  return (
    <>
      <c.Icon size={18} stroke={1.75} aria-hidden="true" />
      <span className="trunc grow">
        <b>
          <Highlighted text={c.name} typed={search} />
        </b>{" "}
        <span className="t3">{c.screen}</span>
      </span>
    </>
  );
}
