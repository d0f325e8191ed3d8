// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { AccountsParams, Campaign } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { now, renderAt } from "../../testing/render";
import { itemRow, totals } from "../../testing/rows";

const ads = itemRow({ id: "I1", name: "Harbour Ads" });
const page = itemRow({ id: "I2", name: "Harbour Page", kind: "page" });
const broken = itemRow({ id: "I3", name: "Fjord Ads", attention: true, title: "Fjord removed access" });

/** One of each kind that works, and an ad account that does not. */
function accounts() {
  const of = (p: AccountsParams) =>
    p.results ? [] : p.kind === "page" ? [page] : [ads, broken].filter((i) => i.name.includes(p.search));
  return {
    totals: () => totals(),
    accounts: (p: AccountsParams) => ({ accounts: of(p), next: "" }),
    countAccounts: (p: AccountsParams) => of(p).length,
    campaigns: () => [],
  };
}

const campaign: Campaign = {
  id: "1203",
  name: "Winter",
  objective: "OUTCOME_TRAFFIC",
  ad_account: "Harbour Ads",
  page: "Harbour Page",
  user: "Ana Silva",
  at: now,
  open: "",
};

const create = () => screen.getByRole("button", { name: t.campaigns.create });
const name = () => screen.getByRole<HTMLInputElement>("textbox", { name: t.campaigns.name });
const radio = (of: RegExp) => screen.findByRole("radio", { name: of });
const made = (calls: { name: string }[]) => calls.filter((call) => call.name === "createCampaign");

/** The form with all that it asks for. */
async function filled(answers: Parameters<typeof bridge>[0] = {}) {
  const calls = bridge({ ...accounts(), ...answers });
  const { user } = await renderAt("/campaigns");
  await user.click(await radio(/Harbour Ads/));
  await user.click(await radio(/Harbour Page/));
  await user.type(name(), " Winter ");
  return { calls, user };
}

describe("a new campaign", () => {
  it("cannot be created before all is chosen, and says what is missing", async () => {
    bridge(accounts());
    const { user } = await renderAt("/campaigns");
    await user.click(await radio(/Harbour Ads/));
    expect(create()).toHaveProperty("disabled", true);
    expect(screen.getByText(t.campaigns.chooseBoth)).toBeTruthy();
    await user.type(name(), "Winter");
    expect(create()).toHaveProperty("disabled", true);
    await user.click(await radio(/Harbour Page/));
    expect(create()).toHaveProperty("disabled", false);
  });

  it("can use an account whose payment is overdue, as its ads still run", async () => {
    const overdue = itemRow({ id: "I4", name: "Overdue Ads", attention: true, failure: "payment_overdue" });
    const of = (p: AccountsParams) => (p.results ? [] : [overdue, broken]);
    bridge({ ...accounts(), accounts: (p: AccountsParams) => ({ accounts: of(p), next: "" }) });
    await renderAt("/campaigns");
    expect(await screen.findAllByRole("radio", { name: /Overdue Ads/ })).not.toHaveLength(0);
    expect(screen.queryByRole("radio", { name: /Fjord Ads/ })).toBeNull();
  });

  it("is created with Enter, with its name trimmed, and shown by its id", async () => {
    const { calls, user } = await filled({ createCampaign: () => campaign });
    await user.type(name(), "{Enter}");
    await screen.findByText("1203");
    const params = { ad_account: "I1", page: "I2", name: "Winter", objective: "OUTCOME_TRAFFIC" };
    expect(made(calls)).toEqual([{ name: "createCampaign", params }]);
  });

  it("is created once when the button is pressed twice, which is busy meanwhile", async () => {
    const { calls, user } = await filled({ createCampaign: () => deferred<Campaign>().promise });
    await user.dblClick(create());
    const busy = await screen.findByRole("button", { name: t.campaigns.creating });
    expect(busy.getAttribute("aria-busy")).toBe("true");
    expect(made(calls)).toHaveLength(1);
  });

  it("keeps what was chosen when Facebook refuses it, and shows what it says", async () => {
    const refusal = new Refusal("platform_refused", "", "The ad account is closed.", "K7Q2M4XA");
    const { user } = await filled({ createCampaign: () => refusal });
    await user.click(create());
    await screen.findByText(/The ad account is closed/);
    expect(name().value.trim()).toBe("Winter");
    expect(await radio(/Harbour Ads/)).toHaveProperty("checked", true);
    await waitFor(() => expect(create()).toHaveProperty("disabled", false));
  });

  it("shows an error on the field that it names", async () => {
    const { user } = await filled({ createCampaign: () => new Refusal("invalid", "name", "This name is taken.") });
    await user.click(create());
    expect((await screen.findByText("This name is taken.")).getAttribute("role")).toBe("alert");
    expect(name().getAttribute("aria-invalid")).toBe("true");
  });

  it("does not offer an account that does not work, and says why", async () => {
    bridge(accounts());
    await renderAt("/campaigns");
    await radio(/Harbour Ads/);
    expect(screen.queryByRole("radio", { name: /Fjord Ads/ })).toBeNull();
    expect(screen.getByText("Fjord removed access")).toBeTruthy();
  });

  it("asks for a request where there is neither an ad account nor a Page", async () => {
    bridge({ ...accounts(), accounts: () => ({ accounts: [], next: "" }), countAccounts: () => 0 });
    await renderAt("/campaigns");
    await screen.findByRole("heading", { name: t.campaigns.emptyTitle });
  });
});
