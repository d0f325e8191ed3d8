// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { RecipientRow } from "../../api/types";
import { comingDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { bridge } from "../../testing/bridge";
import { now, renderAt } from "../../testing/render";
import { requestDetails, requestRow, totals } from "../../testing/rows";

const recipient: RecipientRow = {
  id: "T1",
  address: "kim@harbour.example",
  state: "not_sent",
  at: 0,
  server_reply: "",
  count: 0,
  resend: true,
  unseen: false,
  reminds: 0,
  services: [],
  scoped: false,
  handed_by: "",
};

const can = { ...requestRow().can, send: true, resend: true };

const shown = (part: Partial<RecipientRow>, may = can) => {
  bridge({
    totals: () => totals(),
    requests: () => ({ requests: [requestRow({ phase: "not_sent" })], next: "", total: 1 }),
    request: () => requestDetails({ can: may, recipients: [{ ...recipient, ...part }] }),
  });
  return renderAt("/collaboration?open=R1");
};

describe("an email that the relay did not send", () => {
  it("is not said to be on its way, and is sent again", async () => {
    const { user } = await shown({});
    await screen.findByText(t.recipient.not_sent);
    await screen.findByText(t.phase.notSent);
    expect(screen.queryByText(t.recipient.queued)).toBeNull();
    expect(screen.queryByRole("button", { name: t.recipient.another })).toBeNull();
    await user.click(screen.getByRole("button", { name: t.recipient.again }));
    await screen.findByRole("dialog", { name: t.resendDialog.title("Harbour & Pine") });
  });

  it("has no way on once its link has ended", async () => {
    await shown({ resend: false }, { ...can, send: false, resend: false });
    await screen.findByText(t.recipient.notSentEnded);
    expect(screen.queryByRole("button", { name: t.recipient.again })).toBeNull();
  });
});

it("says when who shared it is reminded of what waits for an approval, also once all is done", async () => {
  const approval = now + 2 * 86_400_000;
  bridge({
    totals: () => totals(),
    requests: () => ({ requests: [requestRow({ status: "connected" })], next: "", total: 1 }),
    request: () => requestDetails({ status: "connected", finished: now, completed_by: "Marta Lind", approval }),
  });
  await renderAt("/collaboration?open=R1");
  await screen.findByText(t.reminders.approval("Marta Lind", comingDay(approval, now)));
  expect(screen.queryByText(t.reminders.after([3, 10, 21]))).toBeNull();
});

it("says who was asked by a colleague, and for what", async () => {
  const [cell] = requestDetails().services;
  if (cell === undefined) throw new Error("the request has no service");
  const to = { ...recipient, services: ["hubspot" as const], scoped: true, handed_by: "Marta Lind" };
  bridge({
    totals: () => totals(),
    requests: () => ({ requests: [requestRow()], next: "", total: 1 }),
    request: () => requestDetails({ can, recipients: [to], items: [], services: [{ ...cell, service: "hubspot" }] }),
  });
  await renderAt("/collaboration?open=R1");
  await screen.findByText(`${t.recipient.handed(["HubSpot"], "Marta Lind")}. ${t.recipient.scoped}`);
  expect(screen.getByText(t.recipient.with(recipient.address))).toBeTruthy();
});

it("says nothing of what a colleague's link opens once it opens nothing", async () => {
  await shown({ services: ["hubspot"], scoped: true, handed_by: "Marta Lind" }, { ...can, copy_link: false });
  await screen.findByText(t.recipient.handed(["HubSpot"], "Marta Lind"));
  expect(screen.queryByText(new RegExp(t.recipient.scoped))).toBeNull();
});

it("says when somebody is reminded, and changes the days or switches them off", async () => {
  const to = { ...recipient, state: "sent" as const, at: now, reminds: now + 86_400_000 };
  const calls = bridge({
    totals: () => totals(),
    requests: () => ({ requests: [requestRow()], next: "", total: 1 }),
    request: () => requestDetails({ can, recipients: [to] }),
    setReminders: () => null,
  });
  const { user } = await renderAt("/collaboration?open=R1");
  await screen.findByText(new RegExp(t.recipient.reminds(comingDay(to.reminds, now))));
  await screen.findByText(t.reminders.after([3, 10, 21]));
  const change = screen.getByRole("button", { name: t.reminders.changeOf("Harbour & Pine") });
  await user.click(change);
  const dialog = await screen.findByRole("dialog", { name: t.reminders.title("Harbour & Pine") });
  const days = within(dialog).getByRole("textbox", { name: t.reminders.days });
  await user.clear(days);
  expect(within(dialog).getByText(t.reminders.missing)).toBeTruthy();
  await user.type(days, "5, 2");
  await user.click(within(dialog).getByRole("button", { name: t.reminders.save }));
  await user.click(change);
  await user.click(await screen.findByRole("checkbox", { name: t.reminders.on }));
  await user.click(screen.getByRole("button", { name: t.reminders.save }));
  const sent = () => calls.filter((call) => call.name === "setReminders").map((call) => call.params);
  await waitFor(() =>
    expect(sent()).toEqual([
      { id: "R1", days: [2, 5] },
      { id: "R1", days: [] },
    ]),
  );
});

it("tells two people apart who came by the link under one name", async () => {
  const said = vi.spyOn(console, "error");
  const kim = { name: "Kim", email: "" };
  bridge({
    totals: () => totals(),
    requests: () => ({ requests: [requestRow()], next: "", total: 1 }),
    request: () => requestDetails({ by_link: [kim, kim, { name: "Ana", email: "ana@harbour.example" }] }),
  });
  await renderAt("/collaboration?open=R1");
  expect(await screen.findByTitle("Ana ana@harbour.example")).toBeTruthy();
  expect(screen.getAllByTitle("Kim")).toHaveLength(2);
  expect(said.mock.calls.filter(([text]) => String(text).includes("same key"))).toEqual([]);
  said.mockRestore();
});
