// Find anything: requests, accounts, commands. It works offline.
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import { localSearchDebounce, useSearch } from "../../lib/data";
import { accountLink, requestLink } from "../../lib/links";
import { t } from "../../strings/en";
import { useFocusBack } from "../../ui/useFocusBack";
import { useLayer } from "../../ui/useLayer";
import { useRequestActions } from "../requests/actions";
import { useCommands } from "./commands";
import { type Entry, EntryRow } from "./EntryRow";
import classes from "./Palette.module.css";
import { PaletteFoot } from "./PaletteFoot";

const groups = [
  ["request", t.find.requests],
  ["account", t.find.accounts],
  ["command", t.find.commands],
] as const;

export function Palette({ onClose }: { onClose: () => void }) {
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  useFocusBack(true);
  useLayer(true, onClose);
  const [search] = useDebouncedValue(typed.trim(), localSearchDebounce);
  const { entries, none } = useEntries(typed.trim(), search);
  const { run, copyLink } = useRun(onClose);
  const here = Math.min(at, entries.length - 1);
  const chosen = entries[here];
  const move = (to: number) => {
    const next = (to + entries.length) % Math.max(1, entries.length);
    setAt(next);
    list.current?.querySelector(`[data-n="${next}"]`)?.scrollIntoView({ block: "nearest" });
  };
  const enter = (withModifier: boolean) => {
    if (withModifier && chosen?.is === "request") copyLink(chosen);
    else if (chosen) run(chosen);
  };
  const press = (e: KeyboardEvent) => {
    if (e.key === "ArrowDown") move(here + 1);
    else if (e.key === "ArrowUp") move(here - 1);
    else if (e.key === "Enter") enter(e.ctrlKey || e.metaKey);
    else if (e.key !== "Tab") return; // the field is all there is to focus
    e.preventDefault();
    e.stopPropagation();
  };
  const type = (text: string) => {
    setTyped(text);
    setAt(0);
  };
  return (
    <>
      <div className="scrim" onClick={onClose} />
      <div className="palette" role="dialog" aria-modal="true" aria-label={t.find.label} onKeyDown={press}>
        <SearchBox typed={typed} onType={type} chosen={chosen} />
        <div className="results" id="found" role="listbox" aria-label={t.find.label} ref={list}>
          {groups.map(([is, name]) => (
            <Group
              key={is}
              name={name}
              entries={entries}
              is={is}
              search={search}
              here={here}
              onHover={setAt}
              onRun={run}
            />
          ))}
          {none && (
            <p className={`t3 mid ${classes.none}`} role="status">
              {t.find.none(search)}
            </p>
          )}
        </div>
        <PaletteFoot />
      </div>
    </>
  );
}

/** What is offered: the commands by what is typed, the rest by what was searched. */
function useEntries(typed: string, search: string): { entries: Entry[]; none: boolean } {
  const found = useSearch(search).data;
  const commands = useCommands(typed);
  return useMemo(() => {
    const data = search === "" ? undefined : found;
    return {
      entries: [
        ...(data?.requests.map((r): Entry => ({ is: "request", id: `r${r.id}`, r })) ?? []),
        ...(data?.accounts.map((i): Entry => ({ is: "account", id: `a${i.id}`, i })) ?? []),
        ...commands.map((c): Entry => ({ is: "command", id: `c${c.id}`, c })),
      ],
      none: data !== undefined && data.requests.length + data.accounts.length === 0,
    };
  }, [search, found, commands]);
}

function useRun(onClose: () => void) {
  const navigate = useNavigate();
  const act = useRequestActions();
  const run = (entry: Entry) => {
    onClose();
    if (entry.is === "request") void navigate(requestLink(entry.r.id));
    else if (entry.is === "account") void navigate(accountLink(entry.i.name));
    else entry.c.run();
  };
  const copyLink = (entry: Extract<Entry, { is: "request" }>) => {
    onClose();
    act.copyLink(entry.r);
  };
  return { run, copyLink };
}

interface SearchBoxProps {
  typed: string;
  onType: (text: string) => void;
  chosen: Entry | undefined;
}

function SearchBox({ typed, onType, chosen }: SearchBoxProps) {
  return (
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
        onChange={(e) => onType(e.currentTarget.value)}
      />
      <kbd aria-hidden="true">Esc</kbd>
    </div>
  );
}

interface GroupProps {
  name: string;
  is: Entry["is"];
  entries: Entry[];
  search: string;
  here: number;
  onHover: (n: number) => void;
  onRun: (entry: Entry) => void;
}

function Group({ name, is, entries, search, here, onHover, onRun }: GroupProps) {
  if (!entries.some((entry) => entry.is === is)) return null;
  return (
    <div role="group" aria-label={name}>
      <div className="ph" aria-hidden="true">
        {name}
      </div>
      {entries.map((entry, n) =>
        entry.is === is ? (
          <div
            key={entry.id}
            id={`found-${entry.id}`}
            data-n={n}
            role="option"
            tabIndex={-1}
            aria-selected={n === here}
            className={`pr${n === here ? " on" : ""}`}
            onClick={() => onRun(entry)}
            onPointerMove={() => onHover(n)}
          >
            <EntryRow entry={entry} search={search} on={n === here} />
          </div>
        ) : null,
      )}
    </div>
  );
}
