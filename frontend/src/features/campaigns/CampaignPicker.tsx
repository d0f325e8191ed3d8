import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { Kind } from "../../api/enums";
import type { ItemRow } from "../../api/types";
import { dotted } from "../../lib/bidi";
import { defaultAccountsParams, localSearchDebounce, useAccountCount, useFirstAccounts } from "../../lib/data";
import { grouped } from "../../lib/request";
import { t } from "../../strings/en";
import classes from "./Campaigns.module.css";

interface CampaignPickerProps {
  kind: Kind;
  label: string;
  search: (n: number) => string;
  none: string;
  value: string;
  error: string;
  onChange: (id: string) => void;
}

/** How many accounts are listed; a search finds the others. */
const maxListed = 200;

/** The accounts of a kind: what can be used, and what cannot be used now with the reason. */
function useChoices(kind: Kind, search: string) {
  const params = { ...defaultAccountsParams, kind, search, sort: "name" as const, limit: maxListed };
  const page = useFirstAccounts({ ...params, advertise: true }).data;
  const results = useFirstAccounts({ ...params, results: true }).data?.accounts ?? [];
  const all = useAccountCount({ ...defaultAccountsParams, kind, advertise: true }).data ?? 0;
  const accounts = page?.accounts ?? [];
  // Ads run while a payment is overdue.
  const works = (i: ItemRow) => !i.attention || i.failure === "payment_overdue";
  const isUsable = (i: ItemRow) => i.state === "connected" && works(i) && !i.waiting;
  const reason = (i: ItemRow) => i.title || i.message;
  return {
    all,
    loaded: page !== undefined,
    more: Boolean(page?.next),
    usable: accounts.filter(isUsable),
    unusable: [
      ...accounts.filter((i) => !isUsable(i)).map((i) => ({ i, reason: reason(i) || t.accounts.access[i.access] })),
      ...results.map((i) => ({ i, reason: reason(i) || t.campaigns.resultsOnly })),
    ],
  };
}

export function CampaignPicker({ kind, label, search, none, value, error, onChange }: CampaignPickerProps) {
  const id = useId();
  const [typed, setTyped] = useState("");
  const [settled] = useDebouncedValue(typed.trim(), localSearchDebounce);
  const choices = useChoices(kind, settled);
  return (
    <div role="radiogroup" aria-labelledby={id} aria-describedby={error ? `${id}-error` : undefined}>
      <span className="label" id={id}>
        {label}
      </span>
      <div className="listbox">
        <div className="search">
          <IconSearch size={15} stroke={1.75} aria-hidden="true" />
          <input
            aria-label={search(choices.all)}
            placeholder={search(choices.all)}
            value={typed}
            onChange={(e) => setTyped(e.currentTarget.value)}
          />
        </div>
        <ul>
          {choices.loaded && choices.usable.length + choices.unusable.length === 0 && (
            <li className={`t3 mid ${classes.note}`}>{choices.all === 0 ? none : t.campaigns.noMatch}</li>
          )}
          {choices.usable.map((i) => (
            <Usable key={i.id} i={i} name={kind} on={i.id === value} onChoose={() => onChange(i.id)} />
          ))}
          {choices.more && <li className={`t3 mid ${classes.note}`}>{t.campaigns.more(maxListed)}</li>}
          {choices.unusable.length > 0 && <li className="grouphead">{t.campaigns.cannot(choices.unusable.length)}</li>}
          {choices.unusable.map(({ i, reason }) => (
            <Unusable key={i.id} i={i} reason={reason} />
          ))}
        </ul>
      </div>
      {error && (
        <p id={`${id}-error`} className="hint fail" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}

interface UsableProps {
  i: ItemRow;
  name: string;
  on: boolean;
  onChoose: () => void;
}

function Usable({ i, name, on, onChoose }: UsableProps) {
  return (
    <li>
      <label className={`option${on ? " on" : ""}`}>
        <input type="radio" name={name} checked={on} onChange={onChoose} />
        <span className="radio" aria-hidden="true" />
        <span className="two">
          <b>{i.name}</b>
          <span className="l2">{dotted([i.detail || grouped(i.account), i.client !== i.name && i.client])}</span>
        </span>
      </label>
    </li>
  );
}

function Unusable({ i, reason }: { i: ItemRow; reason: string }) {
  return (
    <li className="option no" aria-disabled="true">
      <span className="radio" aria-hidden="true" />
      <span className="two">
        <b>{i.name}</b>
        <span className="l2" title={i.message}>
          {reason}
        </span>
      </span>
    </li>
  );
}
