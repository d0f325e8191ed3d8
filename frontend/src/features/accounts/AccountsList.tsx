import { Button } from "@mantine/core";
import { IconAddressBook, IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { AccountsParams, ItemRow } from "../../api/types";
import type { PagedRows } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { links } from "../../lib/links";
import type { AccountsSearch } from "../../lib/search";
import type { SearchText } from "../../lib/useSearchText";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { ErrorCard } from "../../ui/ErrorCard";
import { SkeletonRows } from "../../ui/SkeletonRows";
import classes from "./Accounts.module.css";
import { AccountsTable } from "./AccountsTable";

interface AccountsListProps {
  text: SearchText;
  params: AccountsParams;
  rows: PagedRows<ItemRow>;
  /** There is no account at all. */
  nothing: boolean;
  onChange: (part: AccountsSearch) => void;
}

/** The table, or why there is none. */
export function AccountsList({ text, params, rows, nothing, onChange }: AccountsListProps) {
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
  if (nothing) return <NoAccounts />;
  if (rows.total === 0) return <NoMatch text={text} onChange={onChange} />;
  return <AccountsTable params={params} rows={rows} onChange={onChange} />;
}

function NoAccounts() {
  const navigate = useNavigate();
  return (
    <Empty
      icon={<IconAddressBook size={24} stroke={1.75} />}
      title={t.accounts.empty.title}
      actions={
        <Button variant="filled" onClick={() => navigate(links.newRequest)}>
          {t.request}
        </Button>
      }
    >
      {t.accounts.empty.text}
    </Empty>
  );
}

function NoMatch({ text, onChange }: Pick<AccountsListProps, "text" | "onChange">) {
  const clear = () => {
    text.setText("");
    onChange({ find: undefined, platform: undefined, managed: undefined, show: undefined });
  };
  return (
    <Empty
      icon={<IconSearch size={24} stroke={1.75} />}
      title={text.search ? t.accounts.noMatch(text.search) : t.accounts.noFilter}
      actions={<Button onClick={clear}>{t.list.clearSearch}</Button>}
    />
  );
}
