// @vitest-environment jsdom
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AuditView, RequestDetails } from "../../api/types";
import { exact } from "../../lib/dates";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { now, renderAt, session } from "../../testing/render";
import { requestDetails, totals } from "../../testing/rows";

const whole: AuditView = {
  length: 12,
  code: "7QKM-4M2X",
  since: now,
  whole: true,
  findings: [],
  acceptable: false,
  lost: [],
};

const opened = async (
  history: () => unknown,
  d: Partial<RequestDetails> = {},
  state = {},
  acceptHistory: () => unknown = () => whole,
) => {
  const calls = bridge({
    totals: () => totals(),
    requests: () => ({ requests: [], total: 0, next: "" }),
    countRequests: () => 0,
    relay: () => ({ operator: "Kestrel Hosting", contact: "", mail_from: "", address: "", platforms: [] }),
    request: () =>
      requestDetails({ events: [{ id: "E1", at: now, kind: "saved", who: "Ana", detail: "", service: "" }], ...d }),
    history,
    acceptHistory,
    exportHistory: () => "/home/ana/latchkey-history.json",
  });
  return { calls, ...(await renderAt("/collaboration?open=R1", state)) };
};

describe("the history of a request", () => {
  it("says that it is whole, its code, and is exported", async () => {
    const { user } = await opened(() => whole);
    await screen.findByText(t.history.whole(12));
    expect(screen.getByText("7QKM-4M2X")).toBeTruthy();
    await user.click(screen.getByRole("button", { name: t.history.export }));
    await screen.findByText(t.history.exported("/home/ana/latchkey-history.json"));
  });

  it("shows what computers did with credentials behind the button for all entries only", async () => {
    const entry = { at: now, who: "Ana", detail: "Portal", service: "hubspot" as const };
    const { user } = await opened(() => whole, {
      events: [
        { ...entry, id: "E3", kind: "credential_fetched" },
        { ...entry, id: "E2", kind: "renewal_failed", who: "" },
        { ...entry, id: "E1", kind: "item_connected" },
      ],
    });
    await screen.findByText(t.event.item_connected("Ana", "Portal (HubSpot)"));
    expect(screen.queryByText(t.event.credential_fetched("Ana", "Portal (HubSpot)"))).toBeNull();
    await user.click(screen.getByRole("button", { name: t.details.showAll(3) }));
    screen.getByText(t.event.credential_fetched("Ana", "Portal (HubSpot)"));
    screen.getByText(t.event.renewal_failed("HubSpot", "Portal"));
  });

  it("says what was removed or changed, and who can find out why", async () => {
    const findings = [
      { kind: "removed" as const, from: 3, to: 5, at: 0, who: "" },
      { kind: "changed" as const, from: 2, to: 2, at: 0, who: "" },
      { kind: "unsigned" as const, from: 12, to: 12, at: 0, who: "" },
      { kind: "rewritten" as const, from: 9, to: 9, at: now, who: "" },
    ];
    await opened(() => ({ ...whole, whole: false, findings }));
    await screen.findByText(t.history.next("Kestrel Hosting", "R1"));
    const alert = within(screen.getByRole("alert"));
    for (const text of [
      t.history.removed(3, 5),
      t.history.changed(2),
      t.history.unsigned,
      t.history.rewritten(9, exact(now)),
    ]) {
      expect(alert.getByText(text)).toBeTruthy();
    }
    expect(screen.queryByText(t.history.whole(12))).toBeNull();
  });

  it("is whole where a computer has given the request back, and says so", async () => {
    const findings = [{ kind: "resubmitted" as const, from: 4, to: 4, at: now, who: "" }];
    await opened(() => ({ ...whole, findings }));
    await screen.findByText(t.history.resubmitted(exact(now)));
    await screen.findByText(t.history.whole(12));
  });

  it("lacks what a restore lost until a main user accepts it", async () => {
    const lost = [
      { id: "L1", at: now, kind: "item_connected" as const, who: "", detail: "Pine AB", service: "hubspot" as const },
    ];
    const rewritten = { kind: "rewritten" as const, from: 9, to: 9, at: now, who: "" };
    const accepted = { kind: "accepted" as const, from: 8, to: 8, at: now, who: "Ana" };
    const { calls, user } = await opened(
      () => ({ ...whole, whole: false, findings: [rewritten], acceptable: true, lost }),
      {},
      {},
      () => ({ ...whole, findings: [accepted] }),
    );
    await screen.findByText(t.history.lost(1));
    await user.click(screen.getByRole("button", { name: t.history.accept }));
    const dialog = await screen.findByRole("dialog", { name: t.history.acceptTitle });
    expect(dialog.textContent).toContain("Pine AB");
    await user.click(within(dialog).getByRole("button", { name: t.history.acceptYes }));
    await screen.findByText(t.history.acceptDone);
    expect(calls.find((call) => call.name === "acceptHistory")?.params).toEqual({ id: "R1" });
    await screen.findByText(t.history.accepted("Ana", exact(now)));
  });

  it("is accepted by no sub-user", async () => {
    const rewritten = { kind: "rewritten" as const, from: 9, to: 9, at: now, who: "" };
    await opened(
      () => ({ ...whole, whole: false, findings: [rewritten], acceptable: true }),
      {},
      { session: { ...session, role: "sub" } },
    );
    await screen.findByText(t.history.lostUnknown);
    expect(screen.queryByRole("button", { name: t.history.accept })).toBeNull();
  });

  it("is read again where that failed", async () => {
    let fails = true;
    const { user } = await opened(() => (fails ? new Refusal("unavailable") : whole));
    await screen.findByText(t.history.unread);
    fails = false;
    await user.click(screen.getByRole("button", { name: t.tryAgain }));
    await screen.findByText(t.history.whole(12));
  });

  it("is not asked for without the relay", async () => {
    const { calls } = await opened(() => whole, {}, { online: false });
    await screen.findByText(t.details.timeline);
    expect(calls.filter((call) => call.name === "history")).toEqual([]);
  });
});
