import { describe, expect, it } from "vitest";
import type { RepairRow } from "../api/types";
import { outcomeSentence, repairText } from "./repair";

const repair: RepairRow = {
  address: "lena@harbour.example",
  state: "queued",
  created: 1,
  sent: 0,
  opened: 0,
  expires: 100,
};

describe("a repair link", () => {
  it("says what became of its email", () => {
    expect(repairText(repair, 50)).toContain("on its way to lena@harbour.example");
    expect(repairText({ ...repair, state: "cancelled" }, 50)).toBe(
      "Repair link: no email was sent to lena@harbour.example",
    );
    expect(repairText({ ...repair, state: "cancelled", sent: 2 }, 50)).toContain("Repair link sent");
    expect(repairText(repair, 100)).toBe("");
  });

  it("says why there is none", () => {
    const unsent = (why: string, ...names: string[]) =>
      outcomeSentence(
        { prepared: 0, sent: 0, working: 0, unsent: names.map((name) => ({ id: name, name, why })) },
        false,
      );
    expect(unsent("not_theirs", "Harbour")).toBe(
      "Harbour needs something else than a repair link: see there what helps.",
    );
    expect(unsent("not_theirs", "a", "b")).toMatch(/^2 accounts need something else/);
    expect(unsent("ended", "Harbour")).toBe("Harbour was ended meanwhile.");
  });
});
