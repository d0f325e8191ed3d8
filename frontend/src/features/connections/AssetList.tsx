import { Checkbox } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useId, useState } from "react";
import type { OwnAsset } from "../../api/types";
import { dotted } from "../../lib/bidi";
import { matchesSearch } from "../../lib/fold";
import { kindName, t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import css from "./AssetList.module.css";

interface AssetListProps {
  assets: OwnAsset[];
  isPicked: (asset: OwnAsset) => boolean;
  onPick: (asset: OwnAsset) => void;
}

/** What a user can share, to be searched and picked. */
export function AssetList({ assets, isPicked, onPick }: AssetListProps) {
  const [typed, setTyped] = useState("");
  const shown = assets.filter((a) => matchesSearch(`${a.name} ${a.account} ${a.business}`, typed));
  return (
    <div className={css.box}>
      <div className={css.search}>
        <IconSearch size={15} stroke={1.75} aria-hidden="true" />
        <input
          aria-label={t.own.search}
          placeholder={t.own.search}
          value={typed}
          onChange={(e) => setTyped(e.currentTarget.value)}
          onKeyDown={(e) => {
            if (e.key !== "Enter" && (e.key !== "Escape" || typed === "")) return;
            e.preventDefault(); // neither submits the dialog nor closes it
            if (e.key === "Escape") setTyped("");
          }}
        />
      </div>
      <ul>
        {shown.length === 0 && <li className={css.none}>{assets.length === 0 ? t.own.none : t.campaigns.noMatch}</li>}
        {shown.map((a) => (
          <li key={a.kind + a.account}>
            <AssetRow asset={a} picked={isPicked(a)} onPick={() => onPick(a)} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function AssetRow({ asset, picked, onPick }: { asset: OwnAsset; picked: boolean; onPick: () => void }) {
  const id = useId();
  const possible = asset.usable || asset.picked;
  const detail = dotted([kindName[asset.kind], asset.detail, asset.business]);
  return (
    <label htmlFor={id} className={css.row} data-picked={picked || undefined} data-possible={possible || undefined}>
      <PlatformTile of="facebook" size={22} />
      <span className="two grow">
        <b>{asset.name}</b>
        <span className="l2">{asset.usable ? detail : asset.message}</span>
      </span>
      <Checkbox id={id} className={css.check} checked={picked} disabled={!possible} onChange={onPick} />
    </label>
  );
}
