import type { ItemRow } from "../../api/types";
import { useServices } from "../../lib/app";
import type { PagedRows } from "../../lib/data";
import type { AccountsSearch } from "../../lib/search";
import type { SearchText } from "../../lib/useSearchText";
import { t } from "../../strings/en";
import { FilterMenu } from "../../ui/FilterMenu";
import { SearchField } from "../../ui/SearchField";
import classes from "./Accounts.module.css";

interface AccountsToolsProps {
  at: AccountsSearch;
  text: SearchText;
  rows: PagedRows<ItemRow>;
  /** How many accounts need attention. */
  broken: number;
  onChange: (part: AccountsSearch) => void;
}

const managedOptions = [
  [undefined, t.accounts.yesNo],
  ["yes", t.accounts.yes],
  ["no", t.accounts.no],
] as const;

/** What narrows the list, and how many rows are left. */
export function AccountsTools({ at, text, rows, broken, onChange }: AccountsToolsProps) {
  const services = useServices();
  const attention = at.show === "attention";
  return (
    <div className={`tools ${classes.tools}`} role="search">
      <SearchField label={t.accounts.search} text={text} />
      <FilterMenu
        label={t.accounts.platform}
        value={at.platform}
        options={[[undefined, t.list.any], ...services.all.map((s) => [s.platform, s.name] as const)]}
        onChange={(platform) => onChange({ platform })}
      />
      <FilterMenu
        label={t.accounts.managed}
        value={at.managed}
        options={managedOptions}
        onChange={(managed) => onChange({ managed })}
      />
      {(broken > 0 || attention) && (
        <button
          type="button"
          className="chip"
          aria-pressed={attention}
          onClick={() => onChange({ show: attention ? undefined : "attention" })}
        >
          <i className="reddot" />
          <b>{broken}</b> {t.accounts.needAttention(broken)}
        </button>
      )}
      <span className="sp" />
      <span className="t3 mid num" role="status">
        {rows.is === "shown" ? t.accounts.count(rows.total) : ""}
      </span>
    </div>
  );
}
