// What a client named and shares by hand at Facebook: which account it is, or that it has arrived.

import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { api } from "../../api/client";
import type { Candidate, CandidatesView, ItemRow } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { clockSeconds, fullMoment, when } from "../../lib/dates";
import { toUiError, type UiError } from "../../lib/errors";
import { grouped } from "../../lib/request";
import { kindName, kindWord, t } from "../../strings/en";
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
function useNamed(i: ItemRow, onClose: () => void, refetch: () => Promise<unknown>) {
  const act = useRequestActions();
  const [busy, setBusy] = useState<Doing>("nothing");
  const [error, setError] = useState<UiError | null>(null);
  const [looked, setLooked] = useState(0);
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
    looked,
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
    check: () => run("check", () => look(i, found).finally(() => refetch().then(() => setLooked(Date.now()))), ""),
  };
}

type Named = ReturnType<typeof useNamed>;

/** The answers: to look, or to choose once something is there, before what nobody checks. */
function answers(named: Named, i: ItemRow, view: CandidatesView | undefined, chosen: Candidate | undefined) {
  const { busy, choose, confirm, check } = named;
  const aside = (word: string, doing: Doing, press: () => Promise<void>, icon?: ReactNode) => (
    <BusyButton busy={busy === doing} onClick={() => void press()} leftSection={icon}>
      {word}
    </BusyButton>
  );
  const look = <IconRefresh size={16} stroke={1.75} aria-hidden="true" />;
  const confirmed = i.confirmed > 0;
  const risky = aside(confirmed ? t.named.unconfirm : t.named.confirm, "confirm", confirm);
  if (view && !view.able)
    return { submit: confirmed ? t.named.unconfirm : t.named.confirm, doing: "confirm" as Doing, press: confirm };
  if (view && view.candidates.length > 0)
    return {
      submit: t.named.choose,
      doing: "choose" as Doing,
      press: async () => chosen && choose(chosen),
      disabled: !chosen,
      aside: (
        <span className="row gap8">
          {risky}
          {aside(t.named.check, "check", check, look)}
        </span>
      ),
    };
  return { submit: t.named.check, doing: "check" as Doing, press: check, disabled: !view, aside: risky };
}

export function NamedDialog({ i, onClose }: NamedDialogProps) {
  const view = useQuery({ queryKey: ["candidates", i.id], queryFn: () => api.candidates({ id: i.id }), gcTime: 0 });
  const [picked, setPicked] = useState("");
  const named = useNamed(i, onClose, view.refetch);
  const list = view.data?.candidates ?? [];
  const answer = answers(
    named,
    i,
    view.data,
    list.find((c) => keyOf(c) === picked),
  );
  return (
    <FormDialog
      title={i.named ? t.named.title(kindWord[i.kind], i.name) : t.named.arrived(i.name)}
      words={t}
      submit={answer.submit}
      busy={named.busy === answer.doing}
      disabled={answer.disabled ?? false}
      error={named.error ?? (view.isError ? toUiError(view.error) : null)}
      width={600}
      onSubmit={(e) => {
        e.preventDefault();
        void answer.press();
      }}
      onClose={onClose}
      aside={answer.aside}
    >
      {i.named && <p className="t2">{t.named.lead(i.by || t.named.client, kindName[i.kind])}</p>}
      {i.confirmed > 0 && <p className="t2">{t.named.confirmedBy(i.confirmed_by, fullMoment(i.confirmed))}</p>}
      {view.data && <Found view={view.data} i={i} looked={named.looked} />}
      <Candidates list={list} picked={picked} onPick={setPicked} focus={named.busy === "check" || named.looked > 0} />
      {view.data && i.confirmed === 0 && <p className="t3 small">{t.named.confirmHint}</p>}
    </FormDialog>
  );
}

interface FoundProps {
  view: CandidatesView;
  i: ItemRow;
  /** When Look now has ended; 0: it was not pressed. */
  looked: number;
}

/** What is known of the list, and when it was read. */
function Found({ view, i, looked }: FoundProps) {
  const { now } = useApp();
  if (!view.able) return <p className="t2 mid">{t.named.noUser}</p>;
  const read = view.read > 0 ? when(view.read, now) : "";
  const count = view.candidates.filter((c) => c.why !== "same" && c.why !== "wrong").length;
  const result = i.named ? t.named.looked(clockSeconds(looked), count) : t.named.lookedHere(clockSeconds(looked));
  return (
    <>
      <p className={looked > 0 ? "t2 mid" : "sr"} role="status">
        {looked > 0 && <b>{result}</b>}
      </p>
      {looked === 0 && count === 0 && <p className="t2 mid">{t.named.nothing(i.named, read)}</p>}
      {view.candidates.length > 0 && <p className="t2 mid">{t.named.which}</p>}
    </>
  );
}

interface CandidatesProps {
  list: Candidate[];
  picked: string;
  onPick: (key: string) => void;
  /** Look now has found them: its button is another one now. */
  focus: boolean;
}

const whyOf = (c: Candidate) => (c.client && t.named.whyOf[c.why]?.(c.client)) || t.named.why[c.why];

/** How many are shown at first: what fits comes first. */
const shownFirst = 20;

function Candidates({ list, picked, onPick, focus }: CandidatesProps) {
  const [all, setAll] = useState(false);
  if (list.length === 0) return null;
  return (
    <fieldset className={`choices ${classes.list}`}>
      <legend className="sr">{t.named.which}</legend>
      {list.slice(0, all ? list.length : shownFirst).map((c, n) => (
        <label key={keyOf(c)} className={`pick${picked === keyOf(c) ? " on" : ""}`}>
          <input
            type="radio"
            name="candidate"
            autoFocus={focus && n === 0}
            checked={picked === keyOf(c)}
            onChange={() => onPick(keyOf(c))}
          />
          <span className="radio" aria-hidden="true" />
          <span className={`wraps ${classes.candidate}`}>
            <b>
              <KindIcon of={c.kind} size={15} /> {c.name}
            </b>
            <span className="t3 small">{dotted([c.owner, kindName[c.kind], grouped(c.account)])}</span>
            <span className="t2 small">{whyOf(c)}</span>
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
