import { ActionIcon, Button } from "@mantine/core";
import { IconCopy, IconInfoCircle } from "@tabler/icons-react";
import { api } from "../../api/client";
import type { Campaign } from "../../api/types";
import { useApp } from "../../lib/app";
import { copyText } from "../../lib/clipboard";
import { when } from "../../lib/dates";
import type { UiError } from "../../lib/errors";
import { grouped } from "../../lib/request";
import { t } from "../../strings/en";
import { ErrorLine } from "../../ui/ErrorCard";
import { StatusGlyph } from "../../ui/StatusPill";
import classes from "./Campaigns.module.css";

interface CampaignResultProps {
  created: Campaign | null;
  error: UiError | null;
}

/** Beside the form: what came of it. */
export function CampaignResult({ created, error }: CampaignResultProps) {
  return (
    <aside className={`preview ${classes.result}`} aria-live="polite" tabIndex={0}>
      {created && <Created campaign={created} />}
      {error && (
        <div>
          <h2 className="label">{t.campaigns.failed}</h2>
          <ErrorLine message={error.message} reference={error.reference} />
        </div>
      )}
      <p className={`t2 mid row gap8 ${classes.proves}`}>
        <IconInfoCircle size={17} stroke={1.75} aria-hidden="true" />
        {t.campaigns.proves}
      </p>
    </aside>
  );
}

function Created({ campaign: c }: { campaign: Campaign }) {
  return (
    <section className={`card ${classes.card}`}>
      <h2 className={`row gap12 ${classes.title}`}>
        <span className="ok">
          <StatusGlyph of="connected" size={20} />
        </span>
        {t.campaigns.created}
      </h2>
      <p className="t3 small">{t.campaigns.id}</p>
      <div className={`codetext ${classes.id}`}>
        <span className="grow">{grouped(c.id)}</span>
        <ActionIcon size={30} aria-label={t.copy} onClick={() => void copyText(c.id)}>
          <IconCopy size={16} stroke={1.75} aria-hidden="true" />
        </ActionIcon>
      </div>
      <Facts campaign={c} />
      {c.open && (
        <Button
          variant="filled"
          className={classes.open ?? ""}
          onClick={() => void api.browse({ address: c.open }).catch(() => {})}
        >
          {t.campaigns.open}
        </Button>
      )}
    </section>
  );
}

function Facts({ campaign: c }: { campaign: Campaign }) {
  const { now } = useApp();
  const objective = t.campaigns.objectives.find(([key]) => key === c.objective)?.[1] ?? c.objective;
  return (
    <dl className="facts">
      <dt>{t.campaigns.adAccount}</dt>
      <dd>{c.ad_account}</dd>
      <dt>{t.campaigns.page}</dt>
      <dd>{c.page}</dd>
      <dt>{t.campaigns.objective}</dt>
      <dd>{objective}</dd>
      <dt>{t.campaigns.as}</dt>
      <dd>{c.user}</dd>
      <dt>{t.campaigns.when}</dt>
      <dd>{when(c.at, now)}</dd>
    </dl>
  );
}
