import { t } from "../strings/en";

const most = 5;
const lastDay = 28;

/** The days of reminders as a person types them, or what is wrong with them. */
export function readDays(typed: string): { days: number[]; error: string } {
  const words = typed.split(/[\s,;]+|\band\b/).filter(Boolean);
  const days = [...new Set(words.map(Number))].sort((a, b) => a - b);
  if (words.length === 0) return { days: [], error: t.reminders.missing };
  if (days.some((day) => !Number.isInteger(day) || day < 1 || day > lastDay))
    return { days: [], error: t.reminders.notDays(lastDay) };
  if (days.length > most) return { days: [], error: t.reminders.tooMany(most) };
  return { days, error: "" };
}
