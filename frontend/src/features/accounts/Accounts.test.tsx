// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AccountsParams } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { renderAt, session } from "../../testing/render";
import { itemRow, requestDetails, totals } from "../../testing/rows";

const rows = [itemRow(), itemRow({ id: "I2", name: "Fjord Ads", client: "Fjord Bikes", request: "R2" })];

function list(found = rows) {
  const matching = (p: AccountsParams) => found.filter((i) => i.name.toLowerCase().includes(p.search.toLowerCase()));
  return {
    totals: () => totals(),
    accounts: (p: AccountsParams) => ({ accounts: matching(p), next: "" }),
    countAccounts: (p: AccountsParams) => matching(p).length,
    request: () => requestDetails({ id: "R2", client: "Fjord Bikes" }),
  };
}

const row = (name: string) => screen.findByRole("row", { name: new RegExp(name) });

describe("the list of accounts", () => {
  it("shows still rows while it is read", async () => {
    bridge({ totals: () => totals() });
    await renderAt("/accounts");
    await screen.findByRole("status", { name: t.loading });
  });

  it("shows each account with its client, and how many there are", async () => {
    bridge(list());
    await renderAt("/accounts");
    expect((await row("Harbour Ads")).textContent).toContain("Harbour & Pine");
    expect((await row("Fjord Ads")).textContent).toContain("Fjord Bikes");
    expect(screen.getByText(t.accounts.count(2))).toBeTruthy();
  });

  it("promises what is to come when there is no account at all", async () => {
    bridge({ ...list([]), totals: () => totals({ accounts: 0 }) });
    await renderAt("/accounts");
    await screen.findByRole("heading", { name: t.accounts.empty.title });
    expect(screen.getByRole<HTMLButtonElement>("button", { name: t.accounts.checkAll }).disabled).toBe(true);
  });

  it("shows an error, and the rows once it is tried again", async () => {
    let refused = true;
    const answers = list();
    bridge({
      ...answers,
      accounts: (p) => (refused ? new Refusal("unexpected") : answers.accounts(p)),
      countAccounts: (p) => (refused ? new Refusal("unexpected") : answers.countAccounts(p)),
    });
    const { user } = await renderAt("/accounts");
    const alert = await screen.findByRole("alert");
    refused = false;
    await user.click(within(alert).getByRole("button", { name: t.tryAgain }));
    await row("Harbour Ads");
  });

  it("leads from a row to its request, by the keyboard", async () => {
    bridge(list());
    const { user, router } = await renderAt("/accounts");
    (await row("Harbour Ads")).focus();
    await user.keyboard("{ArrowDown}");
    await waitFor(async () => expect(document.activeElement).toBe(await row("Fjord Ads")));
    await user.keyboard("{Enter}");
    await waitFor(() => expect(router.state.location.href).toBe("/collaboration?open=R2"));
  });

  it("is narrowed by the address, and by what is chosen in the address", async () => {
    const calls = bridge(list());
    const { user, router } = await renderAt("/accounts?find=fjord&platform=meta&sort=client&order=desc");
    await row("Fjord Ads");
    expect(screen.queryByRole("row", { name: /Harbour/ })).toBeNull();
    const params = { search: "fjord", platform: "meta", sort: "client", descending: true };
    expect(calls.findLast((call) => call.name === "accounts")?.params).toMatchObject(params);
    await user.click(screen.getByRole("button", { name: new RegExp(`^${t.accounts.managed}:`) }));
    await user.click(await screen.findByRole("menuitem", { name: t.accounts.no }));
    await waitFor(() => expect(router.state.location.search).toMatchObject({ find: "fjord", managed: "no" }));
  });

  it("is brought back by Back, with its search, the filters and the order", async () => {
    const calls = bridge({ ...list(), totals: () => totals({ broken_items: 2 }) });
    const { user, router } = await renderAt("/accounts");
    await user.type(await screen.findByRole("textbox", { name: t.accounts.search }), "fjord");
    const choose = async (label: string, option: string) => {
      await user.click(screen.getByRole("button", { name: new RegExp(`^${label}:`) }));
      await user.click(await screen.findByRole("menuitem", { name: option }));
    };
    await choose(t.accounts.platform, "Facebook");
    await choose(t.accounts.managed, t.accounts.no);
    await user.click(screen.getByRole("button", { name: new RegExp(t.accounts.needAttention(2)) }));
    await user.click(within(await screen.findByRole("table")).getByRole("button", { name: t.accounts.columns.client }));
    await user.click(screen.getByRole("link", { name: t.nav.help }));
    await screen.findByRole("heading", { name: t.help.title });
    router.history.back();
    await row("Fjord Ads");
    expect(screen.getByRole<HTMLInputElement>("textbox", { name: t.accounts.search }).value).toBe("fjord");
    expect(screen.getByRole("button", { name: `${t.accounts.platform}: Facebook` })).toBeTruthy();
    expect(screen.getByRole("button", { name: `${t.accounts.managed}: ${t.accounts.no}` })).toBeTruthy();
    expect(screen.getByRole("button", { name: /need attention/, pressed: true })).toBeTruthy();
    const params = { search: "fjord", platform: "meta", managed: "no", attention: true, sort: "client" };
    expect(calls.findLast((call) => call.name === "accounts")?.params).toMatchObject(params);
  });

  it("is not saved as a file where the organisation does not allow it", async () => {
    bridge(list());
    const policy = { ...session.policy, allow_csv_export: false };
    await renderAt("/accounts", { session: { ...session, policy } });
    await row("Harbour Ads");
    const save = screen.getByRole("button", { name: t.accounts.export }) as HTMLButtonElement;
    expect(save.disabled).toBe(true);
    expect(save.title).toBe(t.managed);
  });

  it("checks all accounts once while it is busy", async () => {
    const calls = bridge(list());
    const { user } = await renderAt("/accounts");
    await row("Harbour Ads");
    const check = screen.getByRole("button", { name: t.accounts.checkAll });
    await user.click(check);
    await user.click(check);
    expect(check.getAttribute("aria-busy")).toBe("true");
    expect(calls.filter((call) => call.name === "checkNow")).toHaveLength(1);
  });
});
