// Everything the agency can use: what clients shared, and what it connected.
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { AccountsParams } from "../../api/types";
import { useApp, useTitle } from "../../lib/app";
import { defaultAccountsParams, useAccounts, useTotals } from "../../lib/data";
import { soon } from "../../lib/dates";
import type { AccountsSearch } from "../../lib/search";
import { useSearchText } from "../../lib/useSearchText";
import { t } from "../../strings/en";
import { OfflineBand } from "../requests/OfflineBand";
import classes from "./Accounts.module.css";
import { AccountsHead } from "./AccountsHead";
import { AccountsList } from "./AccountsList";
import { AccountsTools } from "./AccountsTools";
import { Causes } from "./Causes";

const route = getRouteApi("/accounts");

export function Accounts() {
  useTitle(t.accounts.title);
  const navigate = route.useNavigate();
  const at = route.useSearch();
  const totals = useTotals().data;
  const change = (part: AccountsSearch) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...part }), replace: true });
  const text = useSearchText(at.find ?? "", (find) => change({ find }));
  const params = useAccountsParams(at, text.search);
  const rows = useAccounts(params);
  const narrowed = text.search !== "" || !!at.platform || !!at.managed || at.show !== undefined;
  const nothing = totals?.accounts === 0 && !narrowed;
  return (
    <>
      <AccountsHead
        params={params}
        nothing={nothing}
        connect={at.connect}
        onConnected={() => change({ connect: undefined })}
      />
      <p className={`t2 ${classes.lead}`}>{t.accounts.lead}</p>
      <OfflineBand />
      <Causes />
      <AccountsTools at={at} text={text} rows={rows} broken={totals?.broken_items ?? 0} onChange={change} />
      <AccountsList text={text} params={params} rows={rows} nothing={nothing} onChange={change} />
      <AccountsFoot nextCheck={totals?.next_check ?? 0} />
    </>
  );
}

/** What the list asks for, by the address and the text that is searched. */
function useAccountsParams({ platform, managed, show, sort, order }: AccountsSearch, search: string): AccountsParams {
  return useMemo(
    () => ({
      ...defaultAccountsParams,
      search,
      platform: platform ?? "",
      managed: managed ?? "",
      attention: show === "attention",
      sort: sort ?? "name",
      descending: order === "desc",
    }),
    [search, platform, managed, show, sort, order],
  );
}

function AccountsFoot({ nextCheck }: { nextCheck: number }) {
  const { now, session } = useApp();
  return (
    <div className="foot">
      <span>
        <span className="managed">{t.accounts.no}</span>&nbsp;{t.accounts.cameByRequest}
      </span>
      <span>
        <span className="managed yes">{t.accounts.yes}</span>&nbsp;{t.accounts.connectedBy(session.agency)}
      </span>
      <span className="sp" />
      {nextCheck > now && <span>{t.accounts.nextCheck(soon(nextCheck, now))}</span>}
    </div>
  );
}
