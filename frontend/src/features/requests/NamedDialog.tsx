// What a client named and shares by hand at Facebook: which account it is, or that it has arrived.

import { Button } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import type { Candidate, CandidatesView, ItemRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { fullMoment, when } from "../../lib/dates";
import { toUiError, type UiError } from "../../lib/errors";
import { grouped } from "../../lib/request";
import { kindName, t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { FormDialog } from "../../ui/FormDialog";
import { KindIcon } from "../../ui/KindIcon";
import { useRequestActions } from "./actions";
import classes from "./NamedDialog.module.css";

interface NamedDialogProps {
  i: ItemRow;
  onClose: () => void;
}

type Doing = "nothing" | "choose" | "confirm" | "check";

const keyOf = (c: Candidate) => `${c.kind}/${c.account}`;

/** Looks now: what is certain is found at once. */
async function look(i: ItemRow, found: (name: string) => void): Promise<void> {
  await api.checkNow({ items: [i.id] });
  const after = await api.item({ id: i.id });
  if ((i.named && !after.named) || !after.waiting) found(after.name);
}

/** What the dialog does, and what went wrong. */
function useNamed(i: ItemRow, onClose: () => void, refetch: () => void) {
  const act = useRequestActions();
  const [busy, setBusy] = useState<Doing>("nothing");
  const [error, setError] = useState<UiError | null>(null);
  const run = async (doing: Doing, call: () => Promise<unknown>, success: string) => {
    if (busy !== "nothing") return;
    setBusy(doing);
    setError(null);
    try {
      await call();
      if (success) {
        onClose();
        act.notify(success);
      }
    } catch (cause) {
      setError(toUiError(cause));
    }
    setBusy("nothing");
  };
  const on = i.confirmed === 0;
  const found = (name: string) => {
    onClose();
    act.notify(t.named.here(name));
  };
  return {
    busy,
    error,
    choose: (c: Candidate) =>
      run(
        "choose",
        () => api.chooseCandidate({ item: i.id, kind: c.kind, account: c.account }),
        t.named.chosen(i.name, c.name),
      ),
    confirm: () =>
      run(
        "confirm",
        () => api.confirmItem({ id: i.id, on }),
        on ? t.named.confirmed(i.name) : t.named.unconfirmed(i.name),
      ),
    check: () => run("check", () => look(i, found).finally(refetch), ""),
  };
}

export function NamedDialog({ i, onClose }: NamedDialogProps) {
  const view = useQuery({ queryKey: ["candidates", i.id], queryFn: () => api.candidates({ id: i.id }), gcTime: 0 });
  const [picked, setPicked] = useState("");
  const { busy, error, choose, confirm, check } = useNamed(i, onClose, view.refetch);
  const list = view.data?.candidates ?? [];
  const chosen = list.find((c) => keyOf(c) === picked);
  return (
    <FormDialog
      title={i.named ? t.named.title(i.name) : t.named.arrived(i.name)}
      words={t}
      submit={list.length > 0 ? t.named.choose : confirmLabel(i)}
      busy={busy === (list.length > 0 ? "choose" : "confirm")}
      disabled={list.length > 0 && !chosen}
      error={error ?? (view.isError ? toUiError(view.error) : null)}
      width={560}
      onSubmit={(e) => {
        e.preventDefault();
        if (list.length === 0) void confirm();
        else if (chosen) void choose(chosen);
      }}
      onClose={onClose}
      aside={
        list.length > 0 && (
          <BusyButton busy={busy === "confirm"} onClick={() => void confirm()}>
            {confirmLabel(i)}
          </BusyButton>
        )
      }
    >
      {i.named && <p className="t2">{t.named.lead(i.by || t.named.client, kindName[i.kind])}</p>}
      {i.confirmed > 0 && <p className="t2">{t.named.confirmedBy(i.confirmed_by, fullMoment(i.confirmed))}</p>}
      {view.data && <Found view={view.data} i={i} busy={busy === "check"} onCheck={() => void check()} />}
      <Candidates list={list} picked={picked} onPick={setPicked} />
    </FormDialog>
  );
}

const confirmLabel = (i: ItemRow) => (i.confirmed > 0 ? t.named.unconfirm : t.named.confirm);

interface FoundProps {
  view: CandidatesView;
  i: ItemRow;
  busy: boolean;
  onCheck: () => void;
}

/** What is known of the list, and when it was read. */
function Found({ view, i, busy, onCheck }: FoundProps) {
  const { now } = useApp();
  if (!view.able) return <p className="t2 mid">{t.named.noUser}</p>;
  const read = view.read > 0 ? when(view.read, now) : "";
  return (
    <p className="t3 mid">
      {view.candidates.length > 0 ? t.named.which : t.named.nothing(i.named, read)}{" "}
      <Button
        size="compact-xs"
        variant="subtle"
        loading={busy}
        leftSection={<IconRefresh size={14} stroke={1.75} aria-hidden="true" />}
        onClick={onCheck}
      >
        {t.named.check}
      </Button>
    </p>
  );
}

interface CandidatesProps {
  list: Candidate[];
  picked: string;
  onPick: (key: string) => void;
}

/** How many are shown at first: what fits comes first. */
const shownFirst = 20;

function Candidates({ list, picked, onPick }: CandidatesProps) {
  const [all, setAll] = useState(false);
  if (list.length === 0) return null;
  return (
    <fieldset className={`choices ${classes.list}`}>
      <legend className="sr">{t.named.which}</legend>
      {list.slice(0, all ? list.length : shownFirst).map((c) => (
        <label key={keyOf(c)} className={`pick${picked === keyOf(c) ? " on" : ""}`}>
          <input type="radio" name="candidate" checked={picked === keyOf(c)} onChange={() => onPick(keyOf(c))} />
          <span className="radio" aria-hidden="true" />
          <span className={`wraps ${classes.candidate}`}>
            <b>
              <KindIcon of={c.kind} size={15} /> {c.name}
            </b>
            <span className="t3 small">{dotted([c.owner, kindName[c.kind], grouped(c.account)])}</span>
            <span className="t2 small">{t.named.why[c.why]}</span>
          </span>
        </label>
      ))}
      {list.length > shownFirst && !all && (
        <button type="button" className="link" onClick={() => setAll(true)}>
          {t.named.more(list.length - shownFirst)}
        </button>
      )}
    </fieldset>
  );
}
