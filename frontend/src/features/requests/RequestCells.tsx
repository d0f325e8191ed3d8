import { IconLink } from "@tabler/icons-react";
import type { RequestRow, ServiceCell } from "../../api/types";
import { useServices } from "../../lib/app";
import { isolate } from "../../lib/bidi";
import { recipientLines, secondLine } from "../../lib/request";
import { t } from "../../strings/en";
import { PlatformTile } from "../../ui/PlatformTile";
import { StatusPill } from "../../ui/StatusPill";
import { ServiceProblem } from "./Problem";
import classes from "./RequestCells.module.css";

export function RecipientCell({ r, now }: { r: RequestRow; now: number }) {
  const lines = recipientLines(r, now);
  return (
    <div className="two">
      <span className="row">
        {r.link_only && <IconLink size={15} stroke={1.75} aria-hidden="true" className={classes.link} />}
        <b>{lines.first}</b>
        {r.link_only && lines.first !== t.list.linkOnly && <span className="sr">{t.list.byLink}</span>}
        {r.more_recipients > 0 && <span className="more">{t.list.more(r.more_recipients)}</span>}
      </span>
      {lines.second && <span className="l2">{lines.second}</span>}
    </div>
  );
}

export function StatusCell({ r, now, online }: { r: RequestRow; now: number; online: boolean }) {
  const line = secondLine(r, online, now, useServices());
  return (
    <div className={`statuscell ${classes.status}`}>
      <StatusPill of={r.status}>{r.status === "connected" ? t.connected : t.pending}</StatusPill>
      <div className={`l2 small trunc ${line.tone === "plain" ? "t3" : line.tone}`} title={line.text}>
        {line.text}
      </div>
    </div>
  );
}

export function ServiceCells({ r }: { r: RequestRow }) {
  const many = r.services.length > 4;
  const narrow = many ? " many" : r.services.length === 4 ? " four" : "";
  return (
    <div className={`services${narrow}`}>
      {r.services.map((cell) => (
        <OneService key={cell.service} r={r} cell={cell} size={many ? 22 : 24} />
      ))}
    </div>
  );
}

function OneService({ r, cell, size }: { r: RequestRow; cell: ServiceCell; size: number }) {
  const { name } = useServices().of(cell.service);
  const badge = cell.attention ? "attention" : cell.waiting > 0 ? "waiting" : "none";
  const badgeText = { attention: `, ${t.needsAttention}`, waiting: `, ${t.waiting}`, none: "" }[badge];
  const inside = (
    <>
      <PlatformTile of={cell.service} size={size} badge={badge} />
      <span className="count" aria-hidden="true">
        {cell.waiting > 0 ? `${cell.connected}/${cell.connected + cell.waiting}` : cell.connected || "–"}
      </span>
    </>
  );
  if (cell.attention) {
    return (
      <ServiceProblem request={r.id} service={cell.service} label={t.list.showError(name, cell.connected)}>
        {inside}
      </ServiceProblem>
    );
  }
  const skipped = cell.skipped && cell.connected === 0 && cell.waiting === 0;
  return (
    <span
      className={`service${cell.connected === 0 && cell.waiting === 0 ? " off" : ""}`}
      title={
        cell.names.length > 0
          ? `${name}: ${cell.names.map(isolate).join(", ")}`
          : skipped
            ? t.list.cellSkipped(name)
            : name
      }
    >
      {inside}
      <span className="sr">{skipped ? t.list.cellSkipped(name) : t.list.cell(name, cell.connected) + badgeText}</span>
    </span>
  );
}
