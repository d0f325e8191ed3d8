// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { DeviceCredentialRow, EventRow, Todo } from "../../api/types";
import { todosPerKind } from "../../lib/data";
import { blank } from "../../lib/request";
import { explainReply } from "../../lib/serverReply";
import { t } from "../../strings/en";
import { bridge } from "../../testing/bridge";
import { now, preferences, renderAt } from "../../testing/render";
import { itemRow, requestDetails, requestRow, totals } from "../../testing/rows";
import { device } from "../../testing/team";

const broken = (id: string): Todo => ({
  kind: "item",
  request: "R1",
  client: "Harbour & Pine",
  item: itemRow({ id, name: `Account ${id}`, title: `Access to ${id} ended`, attention: true, fix: "check" }),
  user: "",
  ends: 0,
  since: now - 3_600_000,
});

const event: EventRow = {
  id: "E1",
  at: now - 60_000,
  kind: "skipped",
  service: "hubspot",
  who: "Kim Lee",
  detail: "hubspot",
  request: "R1",
  client: "Harbour & Pine",
};

/** A home with work: six accounts that broke, one event, one link that ends soon. */
function answers() {
  return {
    totals: () => totals({ all: 47, pending: 14 }),
    todos: () => ["A", "B", "C", "D", "E", "F"].map(broken),
    recent: () => [event],
    days: () => [],
    requests: () => ({
      requests: [requestRow({ id: "R2", client: "Fjord Bikes", expires: now + 3_600_000 })],
      next: "",
    }),
    request: () => requestDetails(),
    checkNow: () => null,
    resend: () => ({ sent: 1, delayed: 0, failed: 0 }),
    preflight: () => ({ lines: [], stops: false }),
  };
}

const part = (name: RegExp | string) => screen.findByRole("region", { name });

describe("the home", () => {
  it("says what whoever runs the relay did to the agency, and leads to the team", async () => {
    const act = { at: now - 86_400_000, kind: "removed_member", name: "Ben Okoro" } as const;
    const done: Todo = { kind: "operator", request: "", client: "", operator: act, user: "", ends: 0, since: act.at };
    bridge({ ...answers(), todos: (): Todo[] => [done] });
    const { user, router } = await renderAt("/");
    await screen.findByText(t.home.operator.removed_member("Ben Okoro", 1));
    await user.click(within(await part(/Needs you/)).getByRole("button", { name: t.home.show }));
    expect(router.state.location.href).toContain("team");
  });

  it("says of what waits how much of its request is there", async () => {
    const item = itemRow({ title: "Pine has not arrived yet", waiting: true, state: "waiting" });
    const row = requestRow({ status: "connected", phase: "awaiting", connected_count: 1, received: 1, awaited: 2 });
    const waits = { kind: "waiting", request: "R1", client: "Harbour", ends: 0, since: now, user: "" } as const;
    bridge({ ...answers(), todos: (): Todo[] => [{ ...waits, item, row }] });
    await renderAt("/");
    await within(await part(/Needs you/)).findByText(/1 of 3 accounts connected/);
  });

  it("says who withdrew what no computer could end yet, and leads to its end", async () => {
    const item = itemRow({
      id: "I1",
      name: "Harbour Leads",
      platform: "hubspot",
      service: "hubspot",
      withdrawn: now - 1,
    });
    const page = itemRow({ id: "I2", name: "Harbour", platform: "facebook", service: "facebook", withdrawn: now - 1 });
    const withdrawn = { kind: "withdrawn", request: "R1", client: "Harbour & Pine", ends: 0, since: now } as const;
    const calls = bridge({
      ...answers(),
      todos: (): Todo[] => [
        { ...withdrawn, item, user: "", way: "without" },
        { ...withdrawn, item: page, user: "Ana at Facebook", way: "sign_in" },
      ],
      endWithout: () => ({
        proven: false,
        title: "It stays",
        message: "",
        who: "",
        next: "Ask",
        note: "",
        note_for: "",
        queued: false,
      }),
    });
    const { user } = await renderAt("/");
    const todos = await part(new RegExp(`^${t.home.todos}`));
    await within(todos).findByText(t.home.withdrew("Harbour & Pine", "Harbour Leads"));
    within(todos).getByText(t.home.withdrewSignIn("Ana at Facebook"));
    within(todos).getByRole("button", { name: t.problem.fix.users() });
    await user.click(within(todos).getByRole("button", { name: t.ending.without.menu("HubSpot") }));
    await user.click(await screen.findByRole("button", { name: t.ending.without.yes }));
    await screen.findByRole("dialog", { name: "It stays" });
    expect(calls.find((c) => c.name === "endWithout")?.params).toEqual({ id: "I1" });
  });

  it("says of a credential that did not pass the check that it was not taken, and who can help", async () => {
    bridge({
      ...answers(),
      todos: (): Todo[] => [
        {
          kind: "sealed",
          request: "R1",
          client: "Harbour & Pine",
          sealed: { request: "R1", client: "Harbour & Pine", name: "Pine CRM", at: now },
          user: "",
          ends: 0,
          since: now,
        },
      ],
    });
    const { user, router } = await renderAt("/");
    const line = await within(await part(new RegExp(`^${t.home.todos}`))).findByRole("listitem");
    expect(line.textContent).toMatch(/Pine CRM.+Harbour & Pine.+did not arrive intact/);
    expect(line.textContent).toContain("Tell whoever runs it.");
    await user.click(within(line).getByRole("button", { name: t.home.show }));
    expect(router.state.location.search).toMatchObject({ open: "R1" });
  });

  it("leads from a lost computer to all repair links in one click", async () => {
    const row = (id: string, values: Partial<DeviceCredentialRow>): DeviceCredentialRow => ({
      id,
      service: "hubspot",
      user: false,
      name: id,
      detail: "",
      client: "Harbour & Pine",
      lost: true,
      address: "lena@harbour.example",
      ...values,
    });
    const calls = bridge({
      ...answers(),
      devices: () => [
        device({ id: "D1", name: "Lost Mac", revoked: now - 1000 }),
        device({ id: "D2", name: "Old Mac", revoked: now - 100 * 24 * 3_600_000 }),
        device({ id: "D3", name: "Here" }),
      ],
      deviceCredentials: () => ({ credentials: [row("I1", {}), row("I2", {}), row("I3", { lost: false })], hidden: 0 }),
      prepareRepairs: () => ({ prepared: 2, sent: 2, unsent: [], working: 0 }),
    });
    const { user } = await renderAt("/");
    const card = await part(t.home.lostComputer("Lost Mac"));
    await user.click(await within(card).findByRole("button", { name: t.repair.sendAll(2) }));
    await within(card).findByText(t.repair.sent(2));
    const repairs = ["I1", "I2"].map((id) => ({ id, address: "lena@harbour.example" }));
    expect(calls.find((c) => c.name === "prepareRepairs")?.params).toEqual({ repairs, lost: true });
    expect(calls.filter((c) => c.name === "deviceCredentials").map((c) => c.params)).toEqual([{ id: "D1" }]);
  });

  it("tells todos of one request apart", async () => {
    const said = vi.spyOn(console, "error");
    const sealed = (name: string): Todo => ({
      kind: "sealed",
      request: "R1",
      client: "Harbour & Pine",
      sealed: { request: "R1", client: "Harbour & Pine", name, at: now },
      user: "",
      ends: 0,
      since: now,
    });
    bridge({ ...answers(), todos: () => [sealed("Pine CRM"), sealed("Pine Ads"), sealed("Pine Ads")] });
    await renderAt("/");
    const todos = await part(new RegExp(`^${t.home.todos}`));
    await waitFor(() => expect(within(todos).getAllByRole("listitem")).toHaveLength(3));
    expect(said.mock.calls.filter(([text]) => String(text).includes("same key"))).toEqual([]);
    said.mockRestore();
  });

  it("shows the worst five of what needs the user, and the rest when asked", async () => {
    bridge(answers());
    const { user } = await renderAt("/");
    const todos = await part(new RegExp(`^${t.home.todos}`));
    await waitFor(() => expect(within(todos).getAllByRole("listitem")).toHaveLength(5));
    await user.click(within(todos).getByRole("button", { name: t.home.more(1) }));
    expect(within(todos).getAllByRole("listitem")).toHaveLength(6);
  });

  it("counts all that needs the user", async () => {
    const some = Array.from({ length: 26 }, (_, n) => broken(`N${n}`));
    bridge({ ...answers(), todos: ({ limit }: { limit: number }) => some.slice(0, limit) });
    const { user } = await renderAt("/");
    await screen.findByRole("heading", { name: new RegExp(`^${t.home.todos}\\s*26`) });
    await user.click(screen.getByRole("button", { name: t.home.more(21) }));
    expect(within(await part(new RegExp(`^${t.home.todos}`))).getAllByRole("listitem")).toHaveLength(26);
    expect(screen.queryByRole("link", { name: t.home.todosAll })).toBeNull();
  });

  it("says that there is more than it shows, and leads there", async () => {
    const many = Array.from({ length: 80 }, (_, n) => broken(`N${n}`));
    bridge({ ...answers(), todos: ({ limit }: { limit: number }) => many.slice(0, limit) });
    const { user } = await renderAt("/");
    await screen.findByText(t.home.atLeast(todosPerKind));
    await user.click(screen.getByRole("button", { name: t.home.more(todosPerKind - 5) }));
    const all = screen.getByRole("link", { name: t.home.todosAll });
    expect(all.getAttribute("href")).toContain("show=attention");
  });

  it("leads from a refused email to its address, to be corrected", async () => {
    const recipient = { id: "T1", address: "kim@a.example", server_reply: "" } as never;
    const refused: Todo = { ...broken("A"), kind: "email", recipient };
    bridge({ ...answers(), todos: () => [refused], relay: () => ({ platforms: [] }), agency: () => ({}) });
    const { user, router } = await renderAt("/");
    await user.click(await screen.findByRole("button", { name: t.home.correctAddress }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/send/R1"));
    expect(router.state.location.state.correct).toEqual(["kim@a.example"]);
  });

  it.each([
    ["5.1.1 mailbox unavailable", explainReply("5.1.1 mailbox unavailable")],
    ["blocked", "their server says: blocked"],
  ])("says why an email was refused: %s", async (server_reply, why) => {
    const recipient = { id: "T1", address: "kim@a.example", server_reply } as never;
    bridge({ ...answers(), todos: () => [{ ...broken("A"), kind: "email", recipient }] });
    await renderAt("/");
    expect(await screen.findByText(`Harbour & Pine · ${why}`)).toBeTruthy();
  });

  it("asks again for what is broken with the recipients of its request", async () => {
    const todo = broken("A");
    const item = itemRow({ id: "A", request: "R7", fix: "request" });
    const calls = bridge({
      ...answers(),
      todos: () => [{ ...todo, item }],
      saveDraft: () => null,
      draft: () => blank,
      agency: () => ({ default_message: "" }),
      relay: () => ({ platforms: [] }),
      connections: () => [],
    });
    const { user, router } = await renderAt("/");
    await user.click(await screen.findByRole("button", { name: t.problem.fix.request() }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/new"));
    expect(router.state.location.state.again).toBe("R7");
    expect(calls.find((call) => call.name === "saveDraft")?.params).toMatchObject({ client: item.client });
  });

  it("copies the note for the client", async () => {
    const note = "Hello Kim, can you approve the sharing?";
    const calls = bridge({
      ...answers(),
      todos: () => [{ ...broken("A"), item: itemRow({ id: "A", fix: "note", note, note_for: "Kim" }) }],
      copy: () => null,
    });
    const { user } = await renderAt("/");
    await user.click(await screen.findByRole("button", { name: t.problem.fix.note("Kim") }));
    await screen.findByText(t.problem.noteCopied);
    expect(calls.find((call) => call.name === "copy")?.params).toEqual({ text: note });
  });

  it("connects an own account again, and opens the platform's page", async () => {
    const item = (more: object) => itemRow({ ...more, attention: true });
    const own = { ...broken("A"), item: item({ id: "A", name: "Own portal", fix: "connect", platform: "hubspot" }) };
    const page = "https://business.facebook.com/settings";
    const opened = { ...broken("B"), item: item({ id: "B", fix: "open", open: page }) };
    const calls = bridge({
      ...answers(),
      todos: () => [own, opened],
      browse: () => null,
      accounts: () => ({ accounts: [], next: "" }),
    });
    const { user, router } = await renderAt("/");
    await user.click(await screen.findByRole("button", { name: t.problem.fix.open() }));
    await waitFor(() => expect(calls).toContainEqual({ name: "browse", params: { address: page } }));
    await user.click(screen.getByRole("button", { name: t.problem.fix.connect() }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/accounts"));
    expect(router.state.location.search).toMatchObject({ find: "Own portal", connect: "hubspot" });
  });

  it.each([
    [
      "one click renews and sends",
      { renew: true, send_link: true },
      t.home.renewSend,
      "renew",
      { id: "R1", send: true },
    ],
    ["nobody was invited", { renew: true, send_link: false }, t.home.renew, "renew", { id: "R1", send: false }],
    ["the newest link works", { renew: false, resend: false }, t.actions.copyLink, "copyLink", { id: "R1" }],
  ])("says who asks for a new link: %s", async (_, part, label, name, params) => {
    const row = requestRow({ link_asked: now - 60_000, can: { ...requestRow().can, ...part } });
    const asked: Todo = { ...broken("A"), kind: "asked", row, since: row.link_asked };
    const calls = bridge({ ...answers(), todos: () => [asked], renew: () => null, copyLink: () => true });
    const { user } = await renderAt("/");
    const line = (await screen.findByText(t.home.linkAsked("Harbour & Pine"))).closest("li") as HTMLElement;
    await user.click(within(line).getByRole("button", { name: label }));
    await waitFor(() => expect(calls.filter((call) => call.name === name)).toEqual([{ name, params }]));
  });

  it("repairs what is broken from its line", async () => {
    const calls = bridge(answers());
    const { user } = await renderAt("/");
    const line = (await screen.findByText("Access to A ended")).closest("li") as HTMLElement;
    await user.click(within(line).getByRole("button", { name: t.problem.fix.check() }));
    await screen.findByText(t.toast.checked);
    expect(calls.filter((call) => call.name === "checkNow")).toEqual([{ name: "checkNow", params: { items: ["A"] } }]);
  });

  it("says that there is nothing to do", async () => {
    bridge({ ...answers(), todos: () => [] });
    await renderAt("/");
    await screen.findByText(t.home.todosNone);
  });

  it("tells what happened last by the services' names, with a link to the request", async () => {
    bridge(answers());
    await renderAt("/");
    const recent = await part(new RegExp(`^${t.home.recent}`));
    const line = await within(recent).findByRole("link", { name: /Harbour & Pine/ });
    expect(line.textContent).toContain(t.event.skipped("Kim Lee", "HubSpot"));
    expect(line.getAttribute("href")).toContain("open=R1");
  });

  it("lists links that end soon", async () => {
    bridge(answers());
    await renderAt("/");
    const expiring = await part(new RegExp(`^${t.home.expiring}`));
    await within(expiring).findByRole("link", { name: /Fjord Bikes/ });
  });

  it("leads from a total to its requests", async () => {
    bridge({ ...answers(), countRequests: () => 0 });
    const { user, router } = await renderAt("/");
    await user.click(await screen.findByRole("link", { name: new RegExp(`^${t.totals.pending}`) }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ show: "pending" }));
  });

  const begun = {
    ...answers(),
    connections: () => [],
    agency: () => ({ brand_on: true, default_message: "" }),
    relay: () => ({ platforms: [{ platform: "meta", offered: true, why: "" }] }),
    members: () => [{ id: "M1" }],
    openCodes: (): unknown[] => [{ id: "C0", member: "M1", until: now }], // her own, for another computer
  };

  it("ticks the first steps of an agency, and leaves out what the relay does not offer", async () => {
    bridge({
      ...begun,
      totals: () => totals({ all: 0, accounts: 0 }),
      relay: () => ({ platforms: [{ platform: "meta", offered: false, why: "" }] }),
    });
    await renderAt("/");
    const begin = await part(/^Begin here/);
    expect(within(begin).queryByText(t.home.beginFacebook)).toBeNull();
    expect(within(begin).getByText(t.home.beginCount(1, 3))).toBeTruthy();
    expect(within(begin).getByText(t.home.beginBrand).textContent).toContain(t.home.beginDone);
    expect(within(begin).getByText(t.home.beginRequest).textContent).not.toContain(t.home.beginDone);
  });

  it("is without first steps once all are done", async () => {
    let members = [{ id: "M1" }];
    const calls = bridge({ ...begun, connections: () => [{ platform: "meta" }], members: () => members });
    const { unmount } = await renderAt("/");
    await part(/^Begin here/);
    unmount();
    calls.length = 0;
    members = [{ id: "M1" }, { id: "M2" }];
    await renderAt("/");
    await waitFor(() => expect(calls.map((c) => c.name)).toEqual(expect.arrayContaining(["members", "openCodes"])));
    expect(screen.queryByRole("region", { name: /^Begin here/ })).toBeNull();
  });

  it("counts a code that waits as an invited colleague, and nobody's while the relay does not answer", async () => {
    bridge({ ...begun, openCodes: () => [{ id: "C1", member: "M2", until: now }] });
    const { unmount } = await renderAt("/");
    expect(await within(await part(/^Begin here/)).findByText(t.home.beginCount(3, 4))).toBeTruthy();
    unmount();
    bridge({
      ...begun,
      openCodes: () => {
        throw new Error("offline");
      },
    });
    await renderAt("/");
    expect(await within(await part(/^Begin here/)).findByText(t.home.beginCount(2, 4))).toBeTruthy();
  });

  it("hides the first steps for good when told to", async () => {
    const calls = bridge({ ...begun, savePreferences: () => null });
    const { user, unmount } = await renderAt("/");
    await user.click(within(await part(/^Begin here/)).getByRole("button", { name: t.home.beginHide }));
    await waitFor(() =>
      expect(calls.find((c) => c.name === "savePreferences")?.params).toMatchObject({ hide_first_steps: true }),
    );
    unmount();
    await renderAt("/", { preferences: { ...preferences, hide_first_steps: true } });
    await part(new RegExp(`^${t.home.todos}`));
    expect(screen.queryByRole("region", { name: /^Begin here/ })).toBeNull();
  });

  it("fills in a first request to oneself", async () => {
    bridge({ ...begun, totals: () => totals({ all: 0, accounts: 0 }), draft: () => blank });
    const { user, router } = await renderAt("/");
    await user.click(within(await part(/^Begin here/)).getByRole("link", { name: new RegExp(t.home.beginRequest) }));
    expect(await screen.findByDisplayValue("Northlight")).toBeTruthy();
    expect(router.state.location.state.to).toEqual(["ana@northlight.example"]);
  });
});
