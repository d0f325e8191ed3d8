import { Button } from "@mantine/core";
import { api } from "../../api/client";
import type { Campaign } from "../../api/types";
import { useApp } from "../../lib/app";
import { dotted } from "../../lib/bidi";
import { when } from "../../lib/dates";
import { grouped } from "../../lib/request";
import { t } from "../../strings/en";
import { Dialog } from "../../ui/Dialog";
import classes from "./Campaigns.module.css";

interface CreatedCampaignsProps {
  open: boolean;
  list: Campaign[];
  onClose: () => void;
}

/** The campaigns that were created here. */
export function CreatedCampaigns({ open, list, onClose }: CreatedCampaignsProps) {
  return (
    <Dialog
      open={open}
      title={t.campaigns.madeHere(list.length)}
      closeWord={t.close}
      onClose={onClose}
      width={620}
      actions={<Button onClick={onClose}>{t.close}</Button>}
    >
      <ul className={classes.created}>
        {list.map((c) => (
          <Line key={c.id} campaign={c} />
        ))}
      </ul>
    </Dialog>
  );
}

function Line({ campaign: c }: { campaign: Campaign }) {
  const { now } = useApp();
  return (
    <li className={`line mid ${classes.line}`}>
      <span className="two grow">
        <b>{c.name}</b>
        <span className="l2">{dotted([c.ad_account, c.page, when(c.at, now)])}</span>
      </span>
      <span className="t2 mid num">{grouped(c.id)}</span>
      <Button size="xs" onClick={() => void api.browse({ address: c.open }).catch(() => {})}>
        {t.campaigns.openIt}
      </Button>
    </li>
  );
}
