import type { RequestRow } from "../../api/types";
import { useServices } from "../../lib/app";
import type { PagedRows } from "../../lib/data";
import { periods, type RequestsSearch } from "../../lib/search";
import type { SearchText } from "../../lib/useSearchText";
import { t } from "../../strings/en";
import { FilterMenu } from "../../ui/FilterMenu";
import { SearchField } from "../../ui/SearchField";

interface RequestsToolsProps {
  at: RequestsSearch;
  text: SearchText;
  rows: PagedRows<RequestRow>;
  /** How many requests are archived. */
  archived: number;
  onChange: (part: RequestsSearch) => void;
}

const periodName = { 7: t.list.last7, 30: t.list.last30, 90: t.list.last90 } as const;

/** What narrows the list, and how many rows are left. */
export function RequestsTools({ at, text, rows, archived, onChange }: RequestsToolsProps) {
  const services = useServices();
  return (
    <div className="tools" role="search">
      <SearchField label={t.list.search} text={text} />
      <FilterMenu
        label={t.list.service}
        value={at.service}
        options={[[undefined, t.list.any], ...services.all.map((s) => [s.id, s.name] as const)]}
        onChange={(service) => onChange({ service })}
      />
      <FilterMenu
        label={t.list.requested}
        value={at.days}
        options={[[undefined, t.list.anyTime], ...periods.map((days) => [days, periodName[days]] as const)]}
        onChange={(days) => onChange({ days })}
      />
      {(at.show === "expiring" || at.show === "archived") && (
        <button
          type="button"
          className="chip"
          aria-pressed="true"
          onClick={() => onChange({ show: undefined, open: undefined })}
        >
          {at.show === "archived" ? t.list.archived : t.list.expiring} <b aria-hidden="true">×</b>
        </button>
      )}
      <span className="sp" />
      {at.show !== "archived" && archived > 0 && (
        <button type="button" className="link mid" onClick={() => onChange({ show: "archived", open: undefined })}>
          {t.list.showArchived(archived)}
        </button>
      )}
      <span className="t3 mid num" role="status">
        {rows.is === "shown" ? t.list.count(rows.total) : ""}
      </span>
    </div>
  );
}
