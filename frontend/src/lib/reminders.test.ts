import { expect, it } from "vitest";
import { t } from "../strings/en";
import { readDays } from "./reminders";

it.each([
  ["3, 10, 21", [3, 10, 21], ""],
  ["21 3;10", [3, 10, 21], ""],
  ["3 and 3", [3], ""],
  ["", [], t.reminders.missing],
  ["soon", [], t.reminders.notDays(28)],
  ["0", [], t.reminders.notDays(28)],
  ["29", [], t.reminders.notDays(28)],
  ["1.5", [], t.reminders.notDays(28)],
  ["1,2,3,4,5,6", [], t.reminders.tooMany(5)],
])("reads the days in %j", (typed, days, error) => {
  expect(readDays(typed)).toEqual({ days, error });
});
