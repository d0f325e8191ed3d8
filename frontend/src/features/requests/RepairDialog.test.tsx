// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { now, renderScreen } from "../../testing/render";
import { itemRow } from "../../testing/rows";
import { LostCredentials } from "../team/LostCredentials";
import { FixButton } from "./Problem";

const people = [
  { name: "Kim Lee", address: "kim@harbour.example", connected: true },
  { name: "", address: "lars@harbour.example", connected: false },
];
const done = { prepared: 1, sent: 1, unsent: [], working: 0 };
const broken = itemRow({ id: "I1", name: "Harbour Ads", attention: true, fix: "repair" });

describe("a link to repair an account", () => {
  it("goes to who connected it, to another of the request, or is only copied", async () => {
    const calls = bridge({ repairPeople: () => people, prepareRepairs: () => done, copyRepairs: () => true });
    const { user } = renderScreen(<FixButton i={broken} />);
    const open = () => user.click(screen.getByRole("button", { name: t.problem.fix.repair() }));
    await open();
    await waitFor(() => expect(screen.getByLabelText(t.repair.to)).toHaveProperty("value", "kim@harbour.example"));
    await user.click(screen.getByRole("button", { name: t.repair.send }));
    expect(await screen.findByText(t.repair.sent(1))).toBeTruthy();
    await open();
    await user.click(await screen.findByRole("button", { name: "lars@harbour.example" }));
    await user.keyboard("{Tab}");
    await user.click(screen.getByRole("button", { name: t.repair.copy }));
    expect(await screen.findByText(t.repair.copied(1))).toBeTruthy();
    expect(calls.filter((c) => c.name !== "repairPeople").map((c) => c.params)).toEqual([
      { repairs: [{ id: "I1", address: "kim@harbour.example" }], lost: false },
      { repairs: [{ id: "I1", address: "" }], lost: false },
      { items: ["I1"] },
    ]);
  });

  it("says what is wrong with an address, and keeps it", async () => {
    bridge({ repairPeople: () => [], prepareRepairs: () => new Refusal("invalid", "address", "kim@ is not full.") });
    const { user } = renderScreen(<FixButton i={broken} />);
    await user.click(screen.getByRole("button", { name: t.problem.fix.repair() }));
    await user.type(await screen.findByLabelText(t.repair.to), "{Enter}");
    await screen.findByText(t.repair.enterAddress);
    await user.type(screen.getByLabelText(t.repair.to), "kim@{Enter}");
    await screen.findByText("kim@ is not full.");
    expect(screen.getByLabelText(t.repair.to)).toHaveProperty("value", "kim@");
  });

  it("shows to whom it went, and is closed from there", async () => {
    const repair = {
      address: "kim@harbour.example",
      state: "accepted" as const,
      created: now,
      sent: now,
      opened: 0,
      expires: now + 86_400_000,
    };
    const calls = bridge({ repairPeople: () => people, closeRepair: () => null });
    const { user } = renderScreen(<FixButton i={{ ...broken, repair }} />);
    await user.click(screen.getByRole("button", { name: t.problem.fix.repair() }));
    await screen.findByText(/Repair link sent Mon 15 Jun to kim@harbour.example/);
    await user.click(screen.getByRole("button", { name: t.repair.close }));
    await screen.findByText(t.repair.closed);
    expect(calls.at(-1)?.params).toEqual({ id: "I1" });
  });
});

describe("what a lost computer had", () => {
  it("gets all repair links in one click", async () => {
    const row = (id: string, address: string, lost = true) => ({
      id,
      service: "hubspot" as const,
      user: false,
      name: id,
      detail: "",
      client: "Harbour",
      lost,
      address,
    });
    const calls = bridge({ prepareRepairs: () => ({ ...done, prepared: 2 }) });
    const rows = [row("A", "a@x.example"), row("B", ""), row("C", "c@x.example", false)];
    const { user } = renderScreen(<LostCredentials rows={rows} />);
    await user.click(screen.getByRole("button", { name: t.repair.sendAll(2) }));
    await screen.findByText(`${t.repair.sent(1)} ${t.repair.noAddress(1)}`);
    expect(calls[0]?.params).toEqual({
      repairs: [
        { id: "A", address: "a@x.example" },
        { id: "B", address: "" },
      ],
      lost: true,
    });
  });
});
