import { IconHistory } from "@tabler/icons-react";
import { useState } from "react";
import { useApp } from "../../lib/app";
import { useCampaigns } from "../../lib/data";
import { t } from "../../strings/en";
import { Spinner } from "../../ui/basics";
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
      <button type="button" className="btn quiet" onClick={onClear}>
        {t.campaigns.clear}
      </button>
      {created ? (
        <button type="button" className="btn" onClick={onAnother}>
          {t.campaigns.another}
        </button>
      ) : (
        <button type="button" className="btn primary" onClick={onCreate} disabled={!ready} aria-busy={busy}>
          {busy && <Spinner />}
          {busy ? t.campaigns.creating : t.campaigns.create}
        </button>
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
