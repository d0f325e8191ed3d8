// Find anything: requests, accounts, commands. It works offline.
import { useFocusReturn } from "@mantine/hooks";
import {
  IconAddressBook,
  IconDownload,
  IconHelp,
  IconHome,
  IconInbox,
  IconPlus,
  IconRefresh,
  IconSearch,
  IconSettings,
  IconSpeakerphone,
  IconUsersGroup,
} from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useMemo, useRef, useState } from "react";
import { api } from "../../api/client";
import type { ItemRow, RequestRow } from "../../api/types";
import { localSearchDebounce, useFound, usePaused } from "../../lib/data";
import { keysOf } from "../../lib/keys";
import { blank, grouped } from "../../lib/request";
import { go, useApp } from "../../lib/shell";
import { kindName, t } from "../../strings/en";
import { Marked } from "../../ui/basics";
import { PlatformTile } from "../../ui/PlatformTile";
import { StateWord } from "../../ui/StatusPill";
import { useRequestActions } from "../requests/actions";

interface Command {
  id: string;
  word: string;
  place: string;
  icon: ReactNode;
  run: () => void;
}
type Entry =
  | { is: "request"; id: string; r: RequestRow }
  | { is: "account"; id: string; i: ItemRow }
  | { is: "command"; id: string; c: Command };

const icon = { size: 18, stroke: 1.75, "aria-hidden": true } as const;

function useCommands(typed: string): Command[] {
  const act = useRequestActions();
  return useMemo(() => {
    const all: Command[] = [
      {
        id: "new",
        word: t.request,
        place: typed ? t.find.forClient(typed) : "",
        icon: <IconPlus {...icon} />,
        run: () => void api.saveDraft({ ...blank, client: typed }).then(() => go({ at: "new" })),
      },
      { id: "home", word: t.nav.home, place: "", icon: <IconHome {...icon} />, run: () => go({ at: "home" }) },
      {
        id: "requests",
        word: t.tabs.requests,
        place: t.collaboration,
        icon: <IconInbox {...icon} />,
        run: () => go({ at: "requests", filter: "", open: "" }),
      },
      {
        id: "attention",
        word: t.totals.attention,
        place: t.tabs.requests,
        icon: <IconInbox {...icon} />,
        run: () => go({ at: "requests", filter: "attention", open: "" }),
      },
      {
        id: "accounts",
        word: t.nav.accounts,
        place: "",
        icon: <IconAddressBook {...icon} />,
        run: () => go({ at: "accounts", search: "", attention: false }),
      },
      {
        id: "campaign",
        word: t.campaigns.title,
        place: t.nav.campaigns,
        icon: <IconSpeakerphone {...icon} />,
        run: () => go({ at: "campaigns" }),
      },
      {
        id: "brand",
        word: t.brand.whitelabel,
        place: t.tabs.settings,
        icon: <IconUsersGroup {...icon} />,
        run: () => go({ at: "brand" }),
      },
      {
        id: "share",
        word: t.brand.share,
        place: t.tabs.settings,
        icon: <IconUsersGroup {...icon} />,
        run: () => go({ at: "brand" }),
      },
      {
        id: "team",
        word: t.settings.invite,
        place: t.nav.settings,
        icon: <IconSettings {...icon} />,
        run: () => go({ at: "settings", tab: "team" }),
      },
      {
        id: "fb",
        word: t.settings.fbConnect,
        place: t.nav.settings,
        icon: <IconSettings {...icon} />,
        run: () => go({ at: "settings", tab: "facebook" }),
      },
      {
        id: "computer",
        word: t.settings.computer,
        place: t.nav.settings,
        icon: <IconSettings {...icon} />,
        run: () => go({ at: "settings", tab: "computer" }),
      },
      {
        id: "check",
        word: t.accounts.checkAll,
        place: t.nav.accounts,
        icon: <IconRefresh {...icon} />,
        run: () => act.run(t.accounts.checkAll, () => api.checkNow({ items: [] }), t.toast.checked),
      },
      {
        id: "export",
        word: t.accounts.export,
        place: t.nav.accounts,
        icon: <IconDownload {...icon} />,
        run: () => go({ at: "accounts", search: "", attention: false }),
      },
      { id: "help", word: t.nav.help, place: "", icon: <IconHelp {...icon} />, run: () => go({ at: "help" }) },
    ];
    const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (c: Command) => words.every((word) => `${c.word} ${c.place}`.toLowerCase().includes(word));
    return words.length === 0 ? all.slice(0, 5) : all.filter((c) => c.id === "new" || matches(c)).slice(0, 5);
  }, [typed, act]);
}

export function Palette({ onClose }: { onClose: () => void }) {
  const { mac } = useApp();
  const act = useRequestActions();
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useFocusReturn({ opened: true });
  const word = usePaused(typed.trim(), localSearchDebounce);
  const found = useFound(word);
  const commands = useCommands(typed.trim());
  const entries = useMemo<Entry[]>(() => {
    const data = word === "" ? undefined : found.data;
    return [
      ...(data?.requests.map((r): Entry => ({ is: "request", id: `r${r.id}`, r })) ?? []),
      ...(data?.accounts.map((i): Entry => ({ is: "account", id: `a${i.id}`, i })) ?? []),
      ...commands.map((c): Entry => ({ is: "command", id: `c${c.id}`, c })),
    ];
  }, [word, found.data, commands]);
  const here = Math.min(at, entries.length - 1);
  const chosen = entries[here];
  const run = (entry: Entry) => {
    onClose();
    switch (entry.is) {
      case "request":
        go({ at: "requests", filter: "", open: entry.r.id });
        break;
      case "account":
        go({ at: "accounts", search: entry.i.name, attention: false });
        break;
      case "command":
        entry.c.run();
    }
  };
  const move = (to: number) => {
    const next = (to + entries.length) % Math.max(1, entries.length);
    setAt(next);
    list.current?.querySelector(`[data-n="${next}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const pressed = (e: KeyboardEvent) => {
    switch (e.key) {
      case "ArrowDown":
        move(here + 1);
        break;
      case "ArrowUp":
        move(here - 1);
        break;
      case "Escape":
        onClose();
        break;
      case "Tab":
        break; // the field is all there is to focus
      case "Enter":
        if (!chosen) return;
        if ((e.ctrlKey || e.metaKey) && chosen.is === "request") {
          onClose();
          act.copyLink(chosen.r);
        } else run(chosen);
        break;
      default:
        return;
    }
    e.preventDefault();
    e.stopPropagation();
  };
  const groups: [string, Entry["is"]][] = [
    [t.find.requests, "request"],
    [t.find.accounts, "account"],
    [t.find.commands, "command"],
  ];
  return (
    <>
      <div className="scrim" onClick={onClose} />
      <div className="palette" role="dialog" aria-modal="true" aria-label={t.find.label} onKeyDown={pressed}>
        <div className="in">
          <IconSearch size={19} stroke={1.75} aria-hidden="true" />
          <input
            autoFocus
            role="combobox"
            aria-label={t.find.label}
            aria-expanded="true"
            aria-controls="found"
            aria-activedescendant={chosen ? `found-${chosen.id}` : undefined}
            placeholder={t.find.placeholder}
            value={typed}
            onChange={(e) => {
              setTyped(e.currentTarget.value);
              setAt(0);
            }}
          />
          <kbd aria-hidden="true">Esc</kbd>
        </div>
        <div className="results" id="found" role="listbox" aria-label={t.find.label} ref={list}>
          {groups.map(([name, is]) => {
            const some = entries.filter((e) => e.is === is);
            if (some.length === 0) return null;
            return (
              <div key={is} role="group" aria-label={name}>
                <div className="ph" aria-hidden="true">
                  {name}
                </div>
                {some.map((entry) => {
                  const n = entries.indexOf(entry);
                  return (
                    <div
                      key={entry.id}
                      id={`found-${entry.id}`}
                      data-n={n}
                      role="option"
                      tabIndex={-1}
                      aria-selected={n === here}
                      className={`pr${n === here ? " on" : ""}`}
                      onClick={() => run(entry)}
                      onPointerMove={() => setAt(n)}
                    >
                      <EntryRow entry={entry} typed={word} on={n === here} mac={mac} />
                    </div>
                  );
                })}
              </div>
            );
          })}
          {word !== "" && found.data && found.data.requests.length + found.data.accounts.length === 0 && (
            <p className="t3 mid" style={{ padding: "10px 18px" }} role="status">
              {t.find.none(word)}
            </p>
          )}
        </div>
        <div className="pf" aria-hidden="true">
          <span>
            <kbd>↑</kbd>
            <kbd>↓</kbd> {t.find.move}
          </span>
          <span>
            <kbd>Enter</kbd> {t.find.open}
          </span>
          <span>
            {keysOf("Mod+Enter", mac).map((k) => (
              <kbd key={k}>{k}</kbd>
            ))}{" "}
            {t.find.copyLink}
          </span>
          <span className="sp" />
          <span>{t.find.offline}</span>
        </div>
      </div>
    </>
  );
}

function EntryRow({ entry, typed, on, mac }: { entry: Entry; typed: string; on: boolean; mac: boolean }) {
  switch (entry.is) {
    case "request":
      return (
        <>
          <IconInbox {...icon} />
          <span className="trunc" style={{ flex: 1 }}>
            <b>
              <Marked text={entry.r.client} typed={typed} />
            </b>{" "}
            <span className="t3">
              <Marked text={entry.r.recipient_name || entry.r.recipient || t.list.linkOnly} typed={typed} />
            </span>
          </span>
          <StateWord of={entry.r.status}>{entry.r.status === "connected" ? t.connected : t.pending}</StateWord>
          {on && <kbd aria-hidden="true">{mac ? "↩" : "Enter"}</kbd>}
        </>
      );
    case "account":
      return (
        <>
          <PlatformTile
            of={entry.i.service}
            badge={entry.i.attention ? "attention" : entry.i.waiting ? "waiting" : "none"}
            badgeWord={entry.i.attention ? t.needsAttention : entry.i.waiting ? t.waiting : ""}
          />
          <span className="trunc" style={{ flex: 1 }}>
            <b>
              <Marked text={entry.i.name} typed={typed} />
            </b>{" "}
            <span className="t3">
              {kindName[entry.i.kind].toLowerCase()} · <Marked text={grouped(entry.i.account)} typed={typed} />
            </span>
          </span>
          <span className="t3 mid nowrap">{entry.i.client}</span>
        </>
      );
    case "command":
      return (
        <>
          {entry.c.icon}
          <span className="trunc" style={{ flex: 1 }}>
            <b>
              <Marked text={entry.c.word} typed={typed} />
            </b>{" "}
            <span className="t3">{entry.c.place}</span>
          </span>
        </>
      );
  }
}
