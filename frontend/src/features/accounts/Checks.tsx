// What an account gives, in one line, as its last check showed it; opened, the
// results of the last three checks.
import { Popover } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { ItemRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { ago, exact, when } from "../../lib/dates";
import { checkText, checkTone, givesText } from "../../lib/request";
import { t } from "../../strings/en";
import { causeTitle } from "./Causes";

/** The last three results, newest first: "Works, today 14:32". */
function CheckList({ i, id }: { i: ItemRow; id?: string }) {
  const { now } = useApp();
  return (
    <ol className="checks" aria-label={t.checks.title} {...(id ? { id } : {})}>
      {i.checks.map((c) => (
        <li key={c.at} className={checkTone(c)} title={[exact(c.at), c.code].filter(Boolean).join(" · ")}>
          {checkText(c, now)}
          {c.gives && c.gives !== i.gives && <span className="t3"> · {c.gives}</span>}
        </li>
      ))}
    </ol>
  );
}

/** A line that opens the results below it. */
export function Gives({ i, label = givesText(i), className = "" }: { i: ItemRow; label?: string; className?: string }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  if (!label) return null;
  if (i.checks.length === 0) return <p className={`gives ${className}`}>{label}</p>;
  return (
    <div className={`gives ${className}`}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        title={t.checks.show}
        onClick={() => setOpen(!open)}
      >
        {label}
        <IconChevronDown size={13} stroke={2} aria-hidden="true" />
      </button>
      {open && <CheckList i={i} id={id} />}
    </div>
  );
}

/** For a table: the moment of the last check, which opens what it found. */
export function LastCheck({ i }: { i: ItemRow }) {
  const { now } = useApp();
  const [open, setOpen] = useState(false);
  const last = i.checked ? ago(i.checked, now) : t.accounts.never;
  const words = i.unchecked ? t.accounts.uncheckedSince(i.checked ? when(i.checked, now) : "") : last;
  const hint = i.unchecked ? causeTitle(i.unchecked) : i.here ? "" : t.accounts.notHere;
  if (i.checks.length === 0)
    return (
      <span className={`t3 num mid${i.unchecked ? "" : " trunc"}`} title={hint}>
        {words}
      </span>
    );
  return (
    <Popover
      opened={open}
      onChange={setOpen}
      position="bottom-end"
      withArrow
      arrowSize={10}
      arrowOffset={14}
      offset={6}
      trapFocus
      returnFocus
      withinPortal
    >
      <Popover.Target>
        <button
          type="button"
          className={`lastcheck t3 num mid${i.unchecked ? "" : " trunc"}`}
          title={hint || t.checks.show}
          aria-label={t.checks.of(words, i.name)}
          onClick={(e) => {
            e.stopPropagation();
            setOpen((before) => !before);
          }}
        >
          {words}
        </button>
      </Popover.Target>
      <Popover.Dropdown
        aria-label={t.checks.title}
        onClick={(e) => e.stopPropagation()}
        onKeyDown={(e) => e.stopPropagation()}
      >
        <div className="pop" tabIndex={-1} data-autofocus>
          <h3>{givesText(i) || t.checks.title}</h3>
          <p className="t3 small">{i.name}</p>
          <CheckList i={i} />
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
