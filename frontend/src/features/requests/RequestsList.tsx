import { Button } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { ListParams, RequestRow } from "../../api/types";
import type { PagedRows } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import type { RequestsSearch } from "../../lib/search";
import type { SearchText } from "../../lib/useSearchText";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { ErrorCard } from "../../ui/ErrorCard";
import { SkeletonRows } from "../../ui/SkeletonRows";
import classes from "./Requests.module.css";
import { RequestsTable } from "./RequestsTable";

interface RequestsListProps {
  at: RequestsSearch;
  text: SearchText;
  params: ListParams;
  rows: PagedRows<RequestRow>;
  onChange: (part: RequestsSearch) => void;
  onOpen: (id: string) => void;
}

/** The table, or why there is none. */
export function RequestsList({ at, text, params, rows, onChange, onOpen }: RequestsListProps) {
  if (rows.is === "failed") {
    const error = toUiError(rows.error);
    return (
      <ErrorCard
        title={t.errorTitle.list}
        message={error.message}
        reference={error.reference}
        referenceWord={t.reference}
        again={{ word: t.tryAgain, do: rows.refetch }}
      />
    );
  }
  if (rows.is === "loading") {
    return (
      <div className={classes.loading}>
        <SkeletonRows label={t.loading} />
      </div>
    );
  }
  if (rows.total === 0) return <NoMatch at={at} text={text} onChange={onChange} />;
  return <RequestsTable at={at} params={params} rows={rows} onChange={onChange} onOpen={onOpen} />;
}

function NoMatch({ at, text, onChange }: Pick<RequestsListProps, "at" | "text" | "onChange">) {
  const narrowed = text.search !== "" || at.service !== undefined || at.days !== undefined;
  const title = narrowed ? t.list.emptyFilter[""] : t.list.emptyFilter[at.show ?? ""];
  const clear = () => {
    text.setText("");
    if (narrowed) onChange({ find: undefined, service: undefined, days: undefined });
    else onChange({ show: undefined, open: undefined });
  };
  return (
    <Empty
      icon={<IconSearch size={24} stroke={1.75} />}
      title={text.search ? t.list.noMatch(text.search) : title}
      actions={<Button onClick={clear}>{text.search ? t.list.clearSearch : t.list.clearFilter}</Button>}
    />
  );
}
