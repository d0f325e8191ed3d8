// @vitest-environment jsdom
import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Kind } from "../../api/enums";
import type { ListParams, RequestRow } from "../../api/types";
import { startOfDay } from "../../lib/dates";
import { links } from "../../lib/links";
import { kindName, t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { now, renderAt, session } from "../../testing/render";
import { requestDetails, requestRow, totals } from "../../testing/rows";

const rows = [requestRow(), requestRow({ id: "R2", client: "Fjord Bikes", recipient: "kim@fjord.example" })];

/** The list as Go has it: a search finds by the client's name. */
function list(found = rows) {
  const matching = (p: ListParams) => found.filter((r) => r.client.toLowerCase().includes(p.search.toLowerCase()));
  return {
    totals: () => totals(),
    requests: (p: ListParams) => ({ requests: matching(p), next: "" }),
    countRequests: (p: ListParams) => matching(p).length,
    request: ({ id }: { id: string }) => requestDetails({ ...found.find((r) => r.id === id) }),
  };
}

const row = (client: string) => screen.findByRole("row", { name: new RegExp(client) });
const table = () => screen.queryByRole("table", { name: t.list.caption });

describe("the list of requests", () => {
  it("shows still rows while it is read", async () => {
    bridge({ totals: () => totals() });
    await renderAt("/collaboration");
    await screen.findByRole("status", { name: t.loading });
    expect(table()).toBeNull();
  });

  it("shows each request with its recipient, and how many there are", async () => {
    bridge(list());
    await renderAt("/collaboration");
    expect((await row("Harbour & Pine")).textContent).toContain("office@harbour.example");
    expect((await row("Fjord Bikes")).textContent).toContain("kim@fjord.example");
    expect(screen.getByText(t.list.count(2))).toBeTruthy();
  });

  it("says that accounts are still awaited of a request that is connected, and finds it by that", async () => {
    const [facebook] = rows[0]?.services ?? [];
    const part = requestRow({
      status: "connected",
      phase: "awaiting",
      connected_count: 1,
      received: 1,
      awaited: 2,
      services: facebook ? [{ ...facebook, connected: 1, waiting: 2, names: ["Harbour EU"] }] : [],
    });
    const calls = bridge({ ...list([part]), totals: () => totals({ connected: 1, awaited: 1 }) });
    const { user } = await renderAt("/collaboration");
    const text = (await row("Harbour & Pine")).textContent;
    expect(text).toContain(t.connected);
    expect(text).toContain("2 of 3 accounts still awaited");
    expect(text).toContain("1/3");
    await user.click(screen.getByRole("button", { name: new RegExp(t.totals.awaited) }));
    await waitFor(() => {
      const asked = calls.filter((c) => c.name === "requests").map((c) => c.params.filter);
      expect(asked.at(-1)).toBe("awaited");
    });
  });

  it("says when an account is checked next, and nothing of how old it is", async () => {
    bridge({ ...list(), totals: () => totals({ next_check: now + 4 * 60_000 }) });
    await renderAt("/collaboration", { session: { ...session, read_until: now - 7 * 60_000 } });
    expect(await screen.findByText(t.list.nextCheck("in 4 minutes"))).toBeTruthy();
    expect(screen.queryByText(/7 minutes ago/)).toBeNull();
  });

  it("promises what is to come when there is no request at all", async () => {
    bridge({ ...list([]), totals: () => totals({ all: 0 }) });
    await renderAt("/collaboration");
    await screen.findByRole("heading", { name: t.list.empty.title });
    expect(table()).toBeNull();
  });

  it("shows an error with its reference, and the rows once it is tried again", async () => {
    let refused = true;
    const answers = list();
    bridge({
      ...answers,
      requests: (p) => (refused ? new Refusal("unexpected", "", "", "K7Q2M4XA") : answers.requests(p)),
      countRequests: (p) => (refused ? new Refusal("unexpected") : answers.countRequests(p)),
    });
    const { user } = await renderAt("/collaboration");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain(t.errorTitle.list);
    expect(alert.textContent).toContain(t.reference("K7Q2M4XA"));
    refused = false;
    await user.click(within(alert).getByRole("button", { name: t.tryAgain }));
    await row("Harbour & Pine");
  });

  it("opens and walks the rows by the keyboard", async () => {
    bridge(list());
    const { user, router } = await renderAt("/collaboration");
    const first = await row("Harbour & Pine");
    first.focus();
    await user.keyboard("{ArrowDown}");
    await waitFor(async () => expect(document.activeElement).toBe(await row("Fjord Bikes")));
    await user.keyboard("{Enter}");
    await screen.findByRole("dialog", { name: /Fjord Bikes/ });
    expect(router.state.location.search).toMatchObject({ open: "R2" });
    await user.keyboard("{Escape}");
    await waitFor(() => expect(router.state.location.search).not.toHaveProperty("open", "R2"));
  });

  it("opens the menu of a row with a full stop, and asks before it deletes", async () => {
    bridge(list());
    const { user } = await renderAt("/collaboration");
    (await row("Fjord Bikes")).focus();
    await user.keyboard(".");
    await user.click(await screen.findByRole("menuitem", { name: new RegExp(t.actions.del) }));
    await screen.findByRole("dialog", { name: t.confirmDelete.title("Fjord Bikes") });
  });

  it("archives, which the details say and one press undoes", async () => {
    const calls = bridge({ ...list([requestRow({ archived: true }), requestRow({ id: "R2" })]), archive: () => null });
    const { user } = await renderAt("/collaboration?open=R2");
    const details = await screen.findByRole("dialog", { name: /Harbour & Pine/ });
    expect(within(details).queryByText(t.list.archived)).toBeNull();
    await user.click(await within(details).findByRole("button", { name: t.actions.for("Harbour & Pine") }));
    await user.click(await screen.findByRole("menuitem", { name: t.actions.archive }));
    await user.click(await screen.findByRole("button", { name: t.toast.undo }));
    await screen.findByText(t.toast.unarchived);
    expect(calls.filter((c) => c.name === "archive").map((c) => c.params)).toEqual([
      { id: "R2", on: true },
      { id: "R2", on: false },
    ]);
    cleanup();
    await renderAt("/collaboration?open=R1");
    const archived = await screen.findByRole("dialog", { name: /Harbour & Pine/ });
    expect(await within(archived).findByText(t.list.archived)).toBeTruthy();
  });
});

describe("Escape over the details", () => {
  it("closes the topmost alone: the menu, then a question, then the search, then the details", async () => {
    bridge({ ...list(), search: () => ({ requests: [], accounts: [] }) });
    const { user } = await renderAt("/collaboration?open=R2");
    const details = await screen.findByRole("dialog", { name: /Fjord Bikes/ });
    const stays = () => expect(screen.getByRole("dialog", { name: /Fjord Bikes/ })).toBe(details);
    const menu = await within(details).findByRole("button", { name: t.actions.for("Fjord Bikes") });
    const opened = () => screen.findByRole("menuitem", { name: new RegExp(t.actions.del) });

    await user.click(menu);
    await opened();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("menu")).toBeNull());
    stays();

    await user.click(menu);
    await user.click(await opened());
    const question = await screen.findByRole("dialog", { name: t.confirmDelete.title("Fjord Bikes") });
    await waitFor(() => expect(question.contains(document.activeElement)).toBe(true));
    await user.keyboard("{Escape}");
    await waitFor(() =>
      expect(screen.queryByRole("dialog", { name: t.confirmDelete.title("Fjord Bikes") })).toBeNull(),
    );
    stays();
    await waitFor(() => expect(details.contains(document.activeElement)).toBe(true));

    await user.keyboard("{Control>}k{/Control}");
    await screen.findByRole("combobox", { name: t.find.label });
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("combobox", { name: t.find.label })).toBeNull());
    stays();

    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });
});

describe("what an action asks first", () => {
  const names = Array.from({ length: 9 }, (_, n) => `Fjord Ads ${n + 1}`);
  const shared = (part: Partial<RequestRow>) => {
    const kinds = names.map((_, n): Kind => (n === 0 ? "page" : "ad_account"));
    const services = requestRow().services.map((s) => ({ ...s, connected: names.length, names, kinds }));
    const rows = [requestRow({ id: "R2", client: "Fjord Bikes", services, ...part })];
    const preflight = () => ({ lines: [], stops: false });
    return { ...list(), requests: () => ({ requests: rows, next: "" }), countRequests: () => 1, preflight };
  };
  const openMenu = async () => {
    const { user } = await renderAt("/collaboration");
    (await row("Fjord Bikes")).focus();
    await user.keyboard(".");
    return user;
  };

  it("before it reopens, it says what becomes of the links and of what is connected", async () => {
    const can = { ...requestRow().can, reopen: true, delete: false };
    const calls = bridge({ ...shared({ status: "connected", phase: "connected", can }), reopen: () => null });
    const user = await openMenu();
    await user.click(await screen.findByRole("menuitem", { name: new RegExp(t.actions.reopen) }));
    const dialog = await screen.findByRole("dialog", { name: t.confirmReopen.title("Fjord Bikes") });
    expect(dialog.textContent).toContain(t.confirmReopen.text);
    expect(dialog.textContent).toContain(t.confirmReopen.stays(9));
    expect(calls.filter((call) => call.name === "reopen")).toEqual([]);
    await user.click(within(dialog).getByRole("checkbox", { name: t.confirmReopen.send }));
    await user.click(within(dialog).getByRole("button", { name: t.confirmReopen.yes }));
    const reopened = () => calls.filter((call) => call.name === "reopen").map((call) => call.params);
    await waitFor(() => expect(reopened()).toEqual([expect.objectContaining({ send: true })]));
  });

  it("renews and sends the new link in one", async () => {
    const can = { ...requestRow().can, renew: true };
    const calls = bridge({ ...shared({ phase: "expired", can }), renew: () => null });
    const user = await openMenu();
    await user.click(await screen.findByRole("menuitem", { name: t.actions.renewSend }));
    const renewed = () => calls.filter((call) => call.name === "renew").map((call) => call.params);
    await waitFor(() => expect(renewed()).toEqual([expect.objectContaining({ send: true })]));
  });

  it("before it deletes, it names the accounts that stay: the first ones, and all when asked", async () => {
    bridge(shared({}));
    const user = await openMenu();
    await user.click(await screen.findByRole("menuitem", { name: new RegExp(t.actions.del) }));
    const dialog = await screen.findByRole("dialog", { name: t.confirmDelete.title("Fjord Bikes") });
    expect(within(dialog).getByText("Fjord Ads 6")).toBeTruthy();
    expect(within(dialog).getAllByText(kindName.page)).toHaveLength(1); // which may bear the name of an ad account
    expect(within(dialog).queryByText("Fjord Ads 7")).toBeNull();
    await user.click(within(dialog).getByRole("button", { name: t.connectedNames.more(3) }));
    expect(within(dialog).getByText("Fjord Ads 9")).toBeTruthy();
    const region = within(dialog).getByRole("region", { name: t.connectedNames.list });
    expect(document.activeElement).toBe(region);
    expect(region.tabIndex).toBe(0);
  });
});

describe("the search of the list", () => {
  it("narrows it, stays in the address, and is cleared with Esc", async () => {
    bridge(list());
    const { user, router } = await renderAt("/collaboration");
    await row("Harbour & Pine");
    await user.keyboard("/");
    const field = screen.getByRole("textbox", { name: t.list.search });
    expect(document.activeElement).toBe(field);
    await user.type(field, "fjord");
    await waitFor(() => expect(screen.queryByRole("row", { name: /Harbour/ })).toBeNull());
    await waitFor(() => expect(router.state.location.search).toMatchObject({ find: "fjord" }));
    await user.keyboard("{Escape}");
    await row("Harbour & Pine");
    await waitFor(() => expect(router.state.location.searchStr).toBe(""));
  });

  it("says what matches nothing, and shows all again", async () => {
    bridge(list());
    const { user } = await renderAt("/collaboration?find=salmon");
    await screen.findByRole("heading", { name: t.list.noMatch("salmon") });
    await user.click(screen.getByRole("button", { name: t.list.clearSearch }));
    await row("Harbour & Pine");
  });

  it("is brought back by Back, with the filters and the order", async () => {
    const calls = bridge(list());
    const address = "/collaboration?find=fjord&service=facebook&days=30&sort=client&order=asc";
    const { user, router } = await renderAt(address);
    (await row("Fjord Bikes")).focus();
    await user.click(screen.getByRole("link", { name: new RegExp(`^${t.nav.accounts}`) }));
    await screen.findByRole("heading", { name: t.accounts.title });
    router.history.back();
    await row("Fjord Bikes");
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: t.list.search }).value).toBe("fjord");
    const asked = calls.findLast((call) => call.name === "requests");
    const params = { search: "fjord", service: "facebook", sort: "client", ascending: true };
    expect(asked?.params).toMatchObject(params);
    expect(asked?.params.since).toBeGreaterThan(0);
  });
});

describe("the way back to the list", () => {
  it("keeps the search, the filters and the order", async () => {
    bridge(list());
    const { user, router } = await renderAt("/collaboration?find=fjord&service=facebook&sort=client&order=asc");
    await row("Fjord Bikes");
    await router.navigate(links.newRequest);
    await user.click(await screen.findByRole("button", { name: t.back }));
    await row("Fjord Bikes");
    expect(router.state.location.searchStr).toBe("?find=fjord&service=facebook&sort=client&order=asc");
  });
});

describe("the filters of the list", () => {
  it("begin a period on the day that it is now, however long Latchkey is open", async () => {
    const since = async (today: number) => {
      const calls = bridge(list());
      await renderAt("/collaboration?days=7", { now: today });
      await row("Harbour & Pine");
      cleanup();
      return calls.findLast((call) => call.name === "requests")?.params.since;
    };
    expect(await since(now)).toBe(startOfDay(now, -7));
    expect(await since(startOfDay(now, 2))).toBe(startOfDay(now, -5));
  });

  it("follow the totals and the menus, in the address", async () => {
    bridge(list());
    const { user, router } = await renderAt("/collaboration");
    await row("Harbour & Pine");
    await user.click(screen.getByRole("button", { name: new RegExp(`^${t.totals.pending}`) }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ show: "pending" }));
    await user.click(screen.getByRole("button", { name: new RegExp(`^${t.list.requested}`) }));
    await user.click(await screen.findByRole("menuitem", { name: t.list.last30 }));
    await waitFor(() => expect(router.state.location.searchStr).toBe("?show=pending&days=30"));
    await user.click(screen.getByRole("button", { name: t.list.columns.client }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ sort: "client", order: "asc" }));
  });
});
