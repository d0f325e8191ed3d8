import { Button } from "@mantine/core";
import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import { useApp } from "../../lib/app";
import { useCampaigns } from "../../lib/data";
import { t } from "../../strings/en";
import { BusyButton } from "../../ui/BusyButton";
import { CreatedCampaigns } from "./CreatedCampaigns";

interface CampaignBarProps {
  ready: boolean;
  busy: boolean;
  created: boolean;
  onCreate: () => void;
  onClear: () => void;
  onAnother: () => void;
}

export function CampaignBar({ ready, busy, created, onCreate, onClear, onAnother }: CampaignBarProps) {
  return (
    <div className="bar">
      <History />
      <span className="sp" />
      {!created && !busy && !ready && <span className="t3 mid">{t.campaigns.chooseBoth}</span>}
      <Button variant="subtle" onClick={onClear}>
        {t.campaigns.clear}
      </Button>
      {created ? (
        <Button onClick={onAnother}>{t.campaigns.another}</Button>
      ) : (
        <BusyButton variant="filled" onClick={onCreate} disabled={!ready} busy={busy}>
          {busy ? t.campaigns.creating : t.campaigns.create}
        </BusyButton>
      )}
    </div>
  );
}

/** How many campaigns were created here before, and that the relay is needed for one more. */
function History() {
  const { online } = useApp();
  const list = useCampaigns().data ?? [];
  const [open, setOpen] = useState(false);
  return (
    <span className="t3 mid row gap8">
      {list.length > 0 && (
        <>
          <IconHistory size={16} stroke={1.75} aria-hidden="true" />
          {t.campaigns.madeHere(list.length)}
          <button type="button" className="link" onClick={() => setOpen(true)}>
            {t.campaigns.showThem}
          </button>
        </>
      )}
      {!online && <span className="wait">{t.campaigns.needsRelay}</span>}
      <CreatedCampaigns open={open} list={list} onClose={() => setOpen(false)} />
    </span>
  );
}
