// Onboarding Requests: the totals that filter, the search, the table, and the details of one beside it.

import { Button } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ListParams } from "../../api/types";
import { useApp, useTitle } from "../../lib/app";
import { useShownSearch } from "../../lib/backToRequests";
import { defaultListParams, useRequests, useTotals } from "../../lib/data";
import { startOfDay } from "../../lib/dates";
import { links } from "../../lib/links";
import type { RequestsSearch } from "../../lib/search";
import { useSearchText } from "../../lib/useSearchText";
import { t } from "../../strings/en";
import { Empty } from "../../ui/Empty";
import { CollaborationHead } from "./Collaboration";
import { MailBand } from "./MailBand";
import { OfflineBand } from "./OfflineBand";
import { RequestDrawer } from "./RequestDrawer";
import classes from "./Requests.module.css";
import { RequestsFoot } from "./RequestsFoot";
import { RequestsList } from "./RequestsList";
import { RequestsTools } from "./RequestsTools";
import { TotalsFilter } from "./Totals";

const route = getRouteApi("/collaboration");

export function Requests() {
  useTitle(t.tabs.requests);
  const navigate = route.useNavigate();
  const at = route.useSearch();
  useShownSearch(at);
  const totals = useTotals().data;
  const change = (part: RequestsSearch) =>
    void navigate({ to: ".", search: (before) => ({ ...before, ...part }), replace: true });
  const text = useSearchText(at.find ?? "", (find) => change({ find }));
  const params = useListParams(at, text.search);
  const rows = useRequests(params);
  const show = (open: string | undefined) =>
    void navigate({
      to: ".",
      search: (before) => ({ ...before, open }),
      replace: open !== undefined && at.open !== undefined,
    });
  const narrowed = text.search !== "" || at.service !== undefined || at.days !== undefined;
  const nothing = totals !== undefined && totals.all === 0 && totals.archived === 0 && !narrowed;
  return (
    <>
      <CollaborationHead primary={!nothing} />
      <OfflineBand />
      <MailBand />
      {nothing ? (
        <NoRequests />
      ) : (
        <>
          <TotalsFilter
            totals={totals}
            filter={at.show ?? ""}
            onFilter={(filter) => change({ show: filter || undefined, open: undefined })}
          />
          <RequestsTools at={at} text={text} rows={rows} archived={totals?.archived ?? 0} onChange={change} />
          <RequestsList at={at} text={text} params={params} rows={rows} onChange={change} onOpen={show} />
          <RequestsFoot />
        </>
      )}
      <RequestDrawer id={at.open ?? ""} onClose={() => show(undefined)} />
    </>
  );
}

/** What the list asks for, by the address and the text that is searched. */
function useListParams({ show, service, days, sort, order }: RequestsSearch, search: string): ListParams {
  const { now } = useApp();
  const since = days ? startOfDay(now, -days) : 0; // the same for as long as it is today
  return useMemo(
    () => ({
      ...defaultListParams,
      filter: show ?? "",
      search,
      service: service ?? "",
      since,
      sort: sort ?? "",
      ascending: order === "asc",
    }),
    [show, search, service, since, sort, order],
  );
}

function NoRequests() {
  const navigate = useNavigate();
  return (
    <div className={`ground ${classes.nothing}`}>
      <Empty
        icon={<IconUserPlus size={24} stroke={1.75} />}
        title={t.list.empty.title}
        actions={
          <Button variant="filled" onClick={() => navigate(links.newRequest)}>
            {t.request}
          </Button>
        }
      >
        {t.list.empty.text}
      </Empty>
    </div>
  );
}
