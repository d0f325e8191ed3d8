// Dates as people here read them: in their own time zone, named where it
// matters. "Now" is always handed in.
import type { Timestamp } from "../api/types";

const day = 86_400_000;
const hour = 3_600_000;

const format = (options: Intl.DateTimeFormatOptions) => {
  const make = () => new Intl.DateTimeFormat("en-GB", options);
  let made = make();
  let offset = new Date().getTimezoneOffset();
  return (m: Timestamp) => {
    const here = new Date().getTimezoneOffset();
    if (here !== offset) [made, offset] = [make(), here]; // a computer travels while Latchkey is open
    return made.format(m).replace("Sept", "Sep");
  };
};

/** "23 Nov 2026" */
export const dayOf = format({ day: "numeric", month: "short", year: "numeric" });
/** "23 Nov" */
export const shortDay = format({ day: "numeric", month: "short" });
/** "Thu 26 Nov" */
export const weekday = (m: Timestamp) =>
  format({ weekday: "short", day: "numeric", month: "short" })(m).replace(",", "");
/** "Monday, 23 November" */
export const longDay = (m: Timestamp) =>
  format({ weekday: "long", day: "numeric", month: "long" })(m).replace(/^(\w+) /, "$1, ");
/** "5 December 2026" */
export const fullDay = format({ day: "numeric", month: "long", year: "numeric" });
/** "09:12" */
export const clock = format({ hour: "2-digit", minute: "2-digit" });
/** "09:12:45" */
export const clockSeconds = format({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
/** "Sat, 5 Dec 2026, 10:02 CET" */
export const exact = format({
  weekday: "short",
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  timeZoneName: "short",
});
/** "20 Nov 2026, 14:05" */
export const fullMoment = (m: Timestamp) => `${dayOf(m)}, ${clock(m)}`;

/** The beginning of the calendar day that is some days after a moment's. A day has 23 to 25 hours. */
export function startOfDay(m: Timestamp, days = 0): number {
  const d = new Date(m);
  return new Date(d.getFullYear(), d.getMonth(), d.getDate() + days).getTime();
}

/** Whole days between the calendar days of two moments; tomorrow is 1. */
export function daysBetween(from: Timestamp, to: Timestamp): number {
  return Math.round((startOfDay(to) - startOfDay(from)) / day);
}

/** "today, 09:12" · "yesterday, 17:52" · "21 Nov" */
export function when(m: Timestamp, now: Timestamp): string {
  switch (daysBetween(m, now)) {
    case 0:
      return `today, ${clock(m)}`;
    case 1:
      return `yesterday, ${clock(m)}`;
  }
  return new Date(m).getFullYear() === new Date(now).getFullYear() ? shortDay(m) : dayOf(m);
}

/** For a timeline, in the words of the lists: "today, 09:12" · "21 Nov, 14:05" · "21 Nov 2025, 14:05" */
export function whenExactly(m: Timestamp, now: Timestamp): string {
  const days = daysBetween(m, now);
  return days === 0 || days === 1 ? when(m, now) : `${when(m, now)}, ${clock(m)}`;
}

/** For what has just happened: "today 09:12" · "yesterday 17:52" · "21 Nov 14:05" */
export function timestampText(m: Timestamp, now: Timestamp): string {
  const days = daysBetween(m, now);
  return `${days === 0 ? "today" : days === 1 ? "yesterday" : shortDay(m)} ${clock(m)}`;
}

/** "today" · "yesterday" · "21 Nov" */
export function onDay(m: Timestamp, now: Timestamp): string {
  const days = daysBetween(m, now);
  return days === 0 ? "today" : days === 1 ? "yesterday" : when(m, now);
}

/** For a list of what happened: "10:31" · "yesterday" · "Sat 21 Nov" */
export function listed(m: Timestamp, now: Timestamp): string {
  switch (daysBetween(m, now)) {
    case 0:
      return clock(m);
    case 1:
      return "yesterday";
  }
  return weekday(m);
}

/** For what ends: "today, 09:40" · "tomorrow, 09:40" · "Thu 26 Nov" */
export function until(m: Timestamp, now: Timestamp): string {
  switch (daysBetween(now, m)) {
    case 0:
      return `today, ${clock(m)}`;
    case 1:
      return `tomorrow, ${clock(m)}`;
  }
  return weekday(m);
}

/** "today" · "tomorrow" · "on Thu 26 Nov" */
export function comingDay(m: Timestamp, now: Timestamp): string {
  const days = daysBetween(now, m);
  return days === 0 ? "today" : days === 1 ? "tomorrow" : `on ${weekday(m)}`;
}

/** "in 12 days" · "tomorrow" · "today, 09:40" */
export function ahead(m: Timestamp, now: Timestamp): string {
  const days = daysBetween(now, m);
  if (days <= 0) return `today, ${clock(m)}`;
  if (days === 1) return "tomorrow";
  return `in ${days} days`;
}

/** "now" · "4 minutes ago" · "2 hours ago" · "yesterday, 17:52" · "13 Oct" */
export function ago(m: Timestamp, now: Timestamp): string {
  const past = now - m;
  if (past < 60_000) return "just now";
  if (past < hour) return `${plural(Math.floor(past / 60_000), "minute")} ago`;
  if (past < 12 * hour && daysBetween(m, now) === 0) return `${plural(Math.floor(past / hour), "hour")} ago`;
  return when(m, now);
}

/** "in 26 minutes" · "in 5 hours" */
export function soon(m: Timestamp, now: Timestamp): string {
  const left = m - now;
  if (left < 60_000) return "in a moment";
  if (left < hour) return `in ${plural(Math.ceil(left / 60_000), "minute")}`;
  return `in ${plural(Math.round(left / hour), "hour")}`;
}

/** "1 minute", "4 minutes" */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${n.toLocaleString("en-GB")} ${n === 1 ? one : many}`;
}

/** "Good morning" */
export function greeting(now: Timestamp): "morning" | "afternoon" | "evening" {
  const h = new Date(now).getHours();
  return h < 12 ? "morning" : h < 18 ? "afternoon" : "evening";
}
