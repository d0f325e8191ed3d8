// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { OffboardedItem, Offboarding, PlannedEnding } from "../../api/types";
import { servicesOf } from "../../lib/services";
import { t } from "../../strings/en";
import { bridge } from "../../testing/bridge";
import { now, renderAt } from "../../testing/render";
import { totals } from "../../testing/rows";
import { serviceViews } from "../../testing/services";
import { aboutItem } from "./EndedItem";

const item = (part: Partial<OffboardedItem>): OffboardedItem => ({
  id: "I1",
  request: "R1",
  service: "hubspot",
  platform: "hubspot",
  kind: "crm_account",
  account: "8812034",
  name: "Harbour portal",
  detail: "",
  connected: now,
  alone: false,
  half: false,
  tried: 0,
  outcome: "",
  done: 0,
  done_by: "",
  withdrawn: 0,
  title: "",
  message: "",
  who: "",
  next: "",
  note: "",
  note_for: "",
  steps: [],
  open: "",
  kept_for: [],
  erased: false,
  problem: { code: "", message: "" },
  ...part,
});

const planned = (part: Partial<PlannedEnding>): PlannedEnding => ({ ...item(part), way: "asked", ...part });

const link = { request: "R1", created: now, state: "open", done: 0, length: 0, code: "", whole: false } as const;

const ends = (part: Partial<Offboarding>): Offboarding => ({
  id: "E1",
  client: "Harbour & Pine",
  agency: "Northlight Media",
  by: "Ana Ruiz",
  started: now,
  ended: 0,
  links: [{ ...link, state: "withdrawn", done: now, length: 6, code: "HT88-TCCQ", whole: true }],
  items: [],
  devices: [],
  listed: true,
  own_devices: false,
  problem: { code: "", message: "" },
  next_try: 0,
  ...part,
});

describe("the end of a client", () => {
  it("names no account that is not known yet", () => {
    const services = servicesOf(serviceViews);
    expect(aboutItem(item({ account: "named:34ece5d0597c1e1c" }), services)).not.toContain("34ece5d0597c1e1c");
    expect(aboutItem(item({}), services)).toContain("8812034");
  });

  it("begins with the client's name and the accounts that have a tick", async () => {
    const items = [
      planned({}),
      planned({ id: "I2", name: "Leads", way: "kept", kept_for: ["Waiting list, Northwind"] }),
      planned({ id: "I3", name: "Old sheet", way: "not_here" }),
    ];
    const calls = bridge({
      totals: () => totals(),
      planOffboarding: () => ({ client: "Harbour & Pine", links: [link], items, reports: [] }),
      startOffboarding: () => "E1",
      offboarding: () => ends({ items }),
    });
    const { user, router } = await renderAt("/collaboration/end/R1");
    await screen.findByText(t.offboarding.ending(2, 3));
    expect(screen.getByText(/Waiting list, Northwind/)).toBeTruthy();
    const yes = screen.getByRole<HTMLButtonElement>("button", { name: t.offboarding.yes });
    expect(yes.disabled).toBe(true);
    await user.click(screen.getByRole("checkbox", { name: t.offboarding.tick("Leads") }));
    await screen.findByText(t.offboarding.ending(1, 3));
    expect(calls.filter((call) => call.name === "planOffboarding").map((call) => call.params)).toEqual([
      { request: "R1", first: true, without: [] },
      { request: "R1", first: false, without: ["I2", "I3"] },
    ]);
    await user.type(screen.getByLabelText(t.offboarding.type("Harbour & Pine")), "harbour & pine{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/ended/E1"));
    expect(calls.find((call) => call.name === "startOffboarding")?.params).toEqual({
      request: "R1",
      typed: "harbour & pine",
      items: ["I1"],
    });
  });

  it("says why it does not go on, and offers to go on without the platform", async () => {
    const problem = { code: "platform_down", message: "" };
    const calls = bridge({
      totals: () => totals(),
      offboarding: () =>
        ends({
          problem,
          items: [
            item({ problem }),
            item({ id: "I2", outcome: "proven", done: now }),
            item({ id: "I3", service: "salesforce", asked: proof, problem }),
          ],
        }),
      offboardWithout: () => null,
      retryOffboarding: () => null,
    });
    const { user } = await renderAt("/collaboration/ended/E1");
    const alert = within(await screen.findByRole("alert"));
    expect(alert.getByText(t.offboarding.goesOn(2, 4))).toBeTruthy();
    expect(screen.queryByRole("button", { name: t.offboarding.without("Salesforce") })).toBeNull();
    await user.click(alert.getByRole("button", { name: t.tryAgain }));
    await user.click(screen.getByRole("button", { name: t.offboarding.without("HubSpot") }));
    expect(calls.find((call) => call.name === "offboardWithout")?.params).toEqual({ id: "E1", item: "I1" });
    expect(calls.some((call) => call.name === "retryOffboarding")).toBe(true);
    expect(screen.queryByRole("button", { name: t.offboarding.print })).toBeNull();
  });

  it("ends with a report to print and to save", async () => {
    const calls = bridge({
      totals: () => totals(),
      offboarding: () =>
        ends({
          ended: now,
          items: [
            item({ outcome: "proven", done: now, message: "The access is gone.", asked: proof }),
            item({
              id: "I2",
              name: "A key",
              outcome: "remains",
              message: "A user ends it.",
              steps: ["Reset the key."],
            }),
            item({ id: "I4", name: "Leads", outcome: "kept", message: "It stays.", kept_for: ["List, Northwind"] }),
            item({ id: "I3", name: "Lost portal", outcome: "unknown", done: now }),
          ],
          devices: [{ id: "D1", name: "Ana’s laptop", member: "Ana Ruiz", here: true, erased: true, seen: now }],
        }),
      print: () => null,
      saveReport: () => "/home/ana/report.html",
    });
    const { user } = await renderAt("/collaboration/ended/E1");
    const { count } = t.offboarding;
    await screen.findByText(`${t.offboarding.some(1, 4)} ${count.remains(1)} ${count.kept(1)} ${count.unknown(1)}`);
    expect(screen.getByText(t.offboarding.unknown("HubSpot"))).toBeTruthy();
    expect(screen.getByText(/It answered.*INVALID_TOKEN/)).toBeTruthy();
    expect(screen.getByText(t.offboarding.usedElse).className).toBe("");
    expect(screen.getByText(/Northwind/).className).toBe("noprint");
    expect(screen.getByText("Reset the key.")).toBeTruthy();
    expect(screen.getByText(t.offboarding.here)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: t.offboarding.print }));
    await user.click(screen.getByRole("button", { name: t.offboarding.save }));
    await screen.findByText(t.offboarding.saved("/home/ana/report.html"));
    expect(calls.some((call) => call.name === "print")).toBe(true);
  });
});

const proof = { at: now, proven: true, remaining: "", code: "INVALID_TOKEN" };
