// How a repair link stands, in words.
import type { RepairRow, RepairsOutcome } from "../api/types";
import { t } from "../strings/en";
import { weekday } from "./dates";

export const isRepairOpen = (repair: RepairRow | null | undefined, now: number): repair is RepairRow =>
  repair != null && repair.expires > now;

/** "Repair link sent Mon 23 Nov to marta@harbourpine.example · opened Tue 24 Nov"; nothing without an open one. */
export function repairText(repair: RepairRow | null | undefined, now: number): string {
  if (!isRepairOpen(repair, now)) return "";
  const state = repair.address ? t.repair.state[emailOf(repair)] : t.repair.state.copied;
  const said = state(weekday(repair.sent || repair.created), repair.address);
  return repair.opened ? `${said} · ${t.repair.opened(weekday(repair.opened))}` : said;
}

function emailOf(repair: RepairRow): "sent" | "refused" | "unsent" | "queued" {
  if (repair.state === "refused") return "refused";
  if (repair.sent > 0) return "sent";
  return repair.state === "cancelled" ? "unsent" : "queued";
}

/** What became of repair links that were asked for. */
export function outcomeSentence(o: RepairsOutcome, copied: boolean): string {
  const said: string[] = [];
  if (copied && o.prepared > 0) said.push(t.repair.copied(o.prepared));
  else if (o.sent > 0) said.push(t.repair.sent(o.sent));
  for (const why of ["limit", "suppressed", "not_theirs", "ended"] as const) {
    const names = o.unsent.filter((u) => u.why === why).map((u) => u.name);
    if (names.length > 0) said.push(t.repair.unsent[why](names.length, names[0] ?? ""));
  }
  if (o.working > 0) said.push(t.repair.working(o.working));
  return said.join(" ");
}
