import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import type { OwnDomain } from "../../api/types";
import { useApp } from "../../lib/app";
import { useOwnDomain } from "../../lib/data";
import { toUiError } from "../../lib/errors";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { SkeletonRows } from "../../ui/SkeletonRows";
import { CardBody, CardLead, NoticeCard, TitledCard } from "../../ui/TitledCard";
import { DomainForm } from "./DomainForm";
import { DomainState } from "./DomainState";
import css from "./OwnAddress.module.css";

/** The domain of the agency's own, at which its links open. */
export function OwnAddress() {
  const { session } = useApp();
  if (session.role !== "main") return <NoticeCard title={t.domain.title} text={t.domain.mainOnly} />;
  return <OwnDomainCard />;
}

function OwnDomainCard() {
  const own = useOwnDomain();
  const client = useQueryClient();
  const changed = (result: OwnDomain) => client.setQueryData(["domain"], result);
  return (
    <div className="settings-col">
      <TitledCard title={t.domain.title}>
        {own.isPending && <SkeletonRows rows={2} label={t.loading} />}
        {own.isError && <Failure cause={own.error} onAgain={() => void own.refetch()} />}
        {own.data && !own.data.offered && (
          <CardBody>
            <p className={css.notice}>{t.domain.notOffered}</p>
          </CardBody>
        )}
        {own.data?.offered && (
          <>
            <CardLead text={t.domain.text} />
            <CardBody>
              {own.data.domain ? (
                <DomainState domain={own.data.domain} records={own.data.records} onChanged={changed} />
              ) : (
                <DomainForm onChanged={changed} />
              )}
            </CardBody>
          </>
        )}
        {own.data && own.data.leaving.length > 0 && (
          <CardBody>
            <p className="t2">{t.domain.leaving(own.data.leaving.join(", "))}</p>
          </CardBody>
        )}
      </TitledCard>
    </div>
  );
}

function Failure({ cause, onAgain }: { cause: unknown; onAgain: () => void }) {
  const { message, reference } = toUiError(cause);
  return (
    <CardBody>
      <ErrorLine message={message} reference={reference} />
      <Button size="xs" className={css.again ?? ""} onClick={onAgain}>
        {t.tryAgain}
      </Button>
    </CardBody>
  );
}
