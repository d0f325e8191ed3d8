import { Button } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import type { Domain, DomainRecord, OwnDomain } from "../../api/types";
import { useApp } from "../../lib/app";
import { ago } from "../../lib/dates";
import { useSubmit } from "../../lib/useSubmit";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { CopyLine } from "../../ui/CopyLine";
import { DangerDialog } from "../../ui/DangerDialog";
import { ErrorLine } from "../../ui/ErrorCard";
import { StateWord, type Status, StatusPill } from "../../ui/StatusPill";
import css from "./OwnAddress.module.css";

interface DomainStateProps {
  domain: Domain;
  records: DomainRecord[];
  onChanged: (own: OwnDomain) => void;
}

/** The agency's domain: how far it is, the records that it needs, and what can be done. */
export function DomainState({ domain, records, onChanged }: DomainStateProps) {
  const { online, now } = useApp();
  const [removing, setRemoving] = useState(false);
  const check = useSubmit({ call: () => api.checkDomain({ name: domain.name }), onSuccess: onChanged });
  const remove = useSubmit({
    call: () => api.removeDomain({ name: domain.name }),
    success: t.domain.removed,
    onSuccess: onChanged,
  });
  const error = check.error ?? remove.error;
  const { status, word, text } = describe(domain);
  return (
    <div>
      <div className={css.head}>
        <b>{domain.name}</b>
        <StatusPill of={status}>{word}</StatusPill>
      </div>
      <p className="t2" aria-live="polite">
        {text}
        {domain.checked > 0 && ` ${t.domain.checked(ago(domain.checked, now))}`}
      </p>
      <ul className={css.records}>
        {records.map((r) => (
          <Record key={r.type} record={r} checked={domain.checked > 0} />
        ))}
      </ul>
      {error && <ErrorLine message={error.message} reference={error.reference} />}
      <div className={css.actions}>
        <BusyButton busy={check.busy} disabled={!online} onClick={() => check.submit()}>
          {t.domain.check}
        </BusyButton>
        <Button variant="subtle" disabled={!online} onClick={() => setRemoving(true)}>
          {t.domain.remove}
        </Button>
      </div>
      {removing && (
        <DangerDialog
          title={t.domain.removeTitle(domain.name)}
          words={t}
          yes={t.domain.remove}
          onYes={() => remove.submit()}
          onClose={() => setRemoving(false)}
        >
          <p className="t2">{t.domain.removeText}</p>
        </DangerDialog>
      )}
    </div>
  );
}

function Record({ record, checked }: { record: DomainRecord; checked: boolean }) {
  const { type, name, value, ok } = record;
  return (
    <li className={css.record}>
      <span className={css.kind}>
        {t.domain.record(type)}
        {checked && <StateWord of={ok ? "connected" : "waiting"}>{ok ? t.domain.found : t.domain.missing}</StateWord>}
      </span>
      <span className={css.label}>{t.domain.recordName}</span>
      <CopyLine value={name} copyWord={t.domain.copyName(type)} />
      <span className={css.label}>{t.domain.recordValue}</span>
      <CopyLine value={value} copyWord={t.domain.copyValue(type)} />
    </li>
  );
}

/** How far a domain is, in words. */
function describe(domain: Domain): { status: Status; word: string; text: string } {
  const problem =
    domain.problem === "" ? "" : (t.domain.problems[domain.problem] ?? t.domain.otherProblem)(domain.found);
  if (domain.state === "lost")
    return { status: "failed", word: t.domain.lost, text: `${t.domain.lostText} ${problem}` };
  if (domain.state === "proposed")
    return { status: "waiting", word: t.domain.waiting, text: problem || t.domain.setRecords };
  if (domain.failing > 0)
    return { status: "failed", word: t.domain.failing, text: `${problem} ${t.domain.failingText}` };
  if (domain.ready === 0)
    return { status: "waiting", word: t.domain.preparing, text: problem || t.domain.preparingText };
  return { status: "connected", word: t.domain.used, text: t.domain.usedText };
}
