// What breaks at the platforms of the demo is a dot; the dot answers what,
// since when, who and what next, and its button works.
import type { Kind } from "../../../frontend/src/api/enums.ts";
import type { ItemRow, Platform } from "../../../frontend/src/api/types.ts";
import { call, go, look, test } from "./hub.ts";
import { button, complain, expect, input, link, type Page, place, settled } from "./page.ts";

// What the error behind a dot answers, and the button beside it.
interface Said {
  says: RegExp;
  who: RegExp;
  next: RegExp;
  button: string;
}

async function control(path: string, body: object) {
  const reply = await fetch(input.control + path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!reply.ok) throw new Error(`${path}: ${await reply.text()}`);
}

// The accounts of a platform that work; there have to be as many as are asked for.
async function working(page: Page, platform: Platform, kind: "" | Kind): Promise<[ItemRow, ItemRow, ItemRow]> {
  const { accounts } = await call(page, "accounts", { platform, kind, managed: "no", sort: "name", limit: 200 });
  return accounts.filter((i) => i.access === "works" && !i.attention && !i.waiting) as [ItemRow, ItemRow, ItemRow];
}

// Breaks it, has it checked, and opens the error from its dot in Accounts.
async function dot(
  page: Page,
  name: string,
  item: ItemRow,
  breaks: () => Promise<void>,
  { says, who, next, button }: Said,
) {
  place(name);
  await breaks();
  await call(page, "checkNow", { items: [item.id] });
  await go(page, `#/accounts?find=${encodeURIComponent(item.account.replace("act_", ""))}`);
  const row = page.locator(`tr[data-row="${item.id}"]`);
  await row.getByText("Needs attention", { exact: true }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll("tr[data-row]").length <= 5); // the search has arrived
  await settled(page);
  await row.getByRole("button", { name: /needs attention, show the error$/ }).click();
  const error = page.locator(".pop").first();
  await error.getByText("Since").waitFor();
  for (const [term, pattern] of [
    [/ says$|^The check found$/, says],
    ["Who can fix", who],
    ["Next", next],
  ] as const) {
    const answer = await error.locator("dt", { hasText: term }).locator("xpath=following-sibling::dd[1]").innerText();
    if (!pattern.test(answer)) complain(`${term}: ${answer}`);
  }
  await look(page, name);
  await control("/api/faults", { on: false }); // not before: the next check by itself would find all in order again
  await error.getByRole("button", { name: button, exact: true }).click();
}

test("a dot says what to do and its button does it", async ({ page }) => {
  await page.getByRole("heading", { name: /^Good/ }).waitFor();
  const [portal] = await working(page, "hubspot", "");
  await dot(
    page,
    "a token that was revoked",
    portal,
    () => control("/api/faults", { platform: "hubspot", fault: "token_revoked", on: true }),
    {
      says: /no longer valid|INVALID_AUTHENTICATION|BAD_REFRESH_TOKEN/,
      who: new RegExp(portal.client),
      next: new RegExp(`^Ask ${portal.by} to connect it again`),
      button: "Repair link",
    },
  );
  await page.getByRole("dialog").getByText("The client gets a link to this account alone").waitFor();
  await page.getByRole("button", { name: "Copy link", exact: true }).click();
  await page.getByText("Repair link copied.", { exact: false }).first().waitFor();
  const repaired = await call(page, "item", { id: portal.id });
  if (!repaired.repair) complain("the account has no repair link");

  const [key] = await working(page, "activecampaign", "");
  await dot(
    page,
    "a key that was reset",
    key,
    () => control("/api/faults", { platform: "activecampaign", fault: "token_revoked", on: true }),
    { says: /403|401/, who: new RegExp(key.client), next: /connect it again/, button: "Repair link" },
  );
  await page.keyboard.press("Escape");

  const [lowered, removed, ended] = await working(page, "meta", "ad_account");
  await dot(
    page,
    "a level that was lowered",
    lowered,
    () => control("/api/actions", { platform: "meta", action: "lower", asset: lowered.account }),
    { says: /results/, who: /An admin of/, next: /switch on Ads again/, button: "Repair link" },
  );
  await page.getByRole("dialog").getByText("The client gets a link to this account alone").waitFor();
  await page.keyboard.press("Escape");
  const copied = await call(page, "item", { id: lowered.id });
  if (!copied.note.startsWith(`Hello ${lowered.by.split(" ")[0]}, `) || !copied.note.includes(lowered.name))
    complain(`the note is ${copied.note}`);

  await dot(
    page,
    "an asset that was taken back",
    removed,
    () => control("/api/actions", { platform: "meta", action: "withdraw", asset: removed.account }),
    { says: /no longer in its list/, who: /An admin of/, next: /share it again/, button: "Check now" },
  );
  await page.getByText("Checked.").first().waitFor();

  place("a sign-in that ended");
  await control("/api/faults", { platform: "meta", fault: "token_revoked", on: true, person: "ana-ruiz" });
  await call(page, "checkNow", { items: [ended.id] }).then(
    () => complain("a check with a sign-in that has ended says nothing"),
    () => {},
  );
  await go(page, `#/accounts?find=${encodeURIComponent(ended.account.replace("act_", ""))}`);
  const row = page.locator(`tr[data-row="${ended.id}"]`);
  await row.getByText(/^Not checked since /).waitFor();
  await row.getByText("Connected", { exact: true }).waitFor();
  await settled(page);
  await look(page, "a sign-in that ended");
  await control("/api/faults", { on: false });
  await page.getByRole("status").getByRole("button", { name: "Sign in again", exact: true }).click();
  await page.getByRole("heading", { name: /^Facebook users/ }).waitFor();
  await page.keyboard.press("Escape");

  place("the same in Needs you today");
  await go(page, "#/");
  const needs = page.locator("section", { has: page.getByRole("heading", { name: /^Needs you today/ }) });
  await needs.getByRole("button", { name: /^Show \d+ more$/ }).click();
  await needs.locator("li", { hasText: lowered.client }).getByRole("button", { name: "Repair link" }).first().click();
  await page.getByRole("dialog").getByText("The client gets a link to this account alone").waitFor();
  await page.keyboard.press("Escape");
  await settled(page);
  await look(page, "needs you today");
});

// Staff ask by hand; the client shares without a sign-in and names it; the hub asks which it is. What
// nobody can look at, a person confirms.
test("what a client shares by hand is found or confirmed", async ({ page, browser }) => {
  place("a request by hand");
  await go(page, "#/collaboration/new");
  await page.getByLabel("Client", { exact: true }).fill("Xu Retail");
  await page.getByRole("checkbox", { name: "Facebook" }).check();
  await page.getByRole("radio", { name: "By hand in their Business settings" }).check();
  await page.getByText("so it works before Meta has approved your relay’s.", { exact: false }).waitFor();
  await page.getByRole("radio", { name: "By hand in their Business settings" }).scrollIntoViewIfNeeded();
  await look(page, "a request by hand");
  await page.getByRole("button", { name: /^Save your request/ }).click();
  await button(page, "Send Email").waitFor();
  const id = /[^/?]+$/.exec(page.url().split("?")[0] ?? "")![0];
  await expect
    .poll(async () => {
      await call(page, "sync", {});
      return (await call(page, "request", { id })).link;
    })
    .toBeTruthy();
  await call(page, "checkNow", { items: [] }).catch(() => {}); // what is there now is not new

  place("the client names it");
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const client = await context.newPage();
  await client.goto((await call(page, "request", { id })).link);
  await button(client, "Grant Permission Now").click();
  await client.getByLabel("Your name").fill("Sam Xu");
  await client.getByLabel("Your work email").fill("sam@xu.example");
  await button(client, "View request").click();
  await client.getByRole("heading", { name: "Share your ad accounts and Pages at Facebook" }).waitFor();
  await button(client, "Add").click();
  await client.getByText("Enter the name or the id, as Facebook shows it.").waitFor();
  for (const name of ["Xu Home Kiel", "Xu Home Lille"]) {
    await client.getByRole("radio", { name: "Page" }).check();
    await client.getByLabel("Its name or id").fill(name);
    await button(client, "Add").click();
    await client.getByRole("button", { name: `Remove ${name}` }).waitFor();
  }
  await look(client, "shared by hand");
  place("the client shares it in their Business settings");
  const [settings] = await Promise.all([
    context.waitForEvent("page"),
    link(client, "Open Business settings").click(),
  ]);
  await button(settings, "Sam Xu").click();
  await settings.getByLabel("Partner’s business id").fill("1184 2090 3317 552");
  await settings.getByRole("checkbox", { name: /^Xu Home Kiel/ }).check();
  await button(settings, "Give access").click();
  await settings.getByText("Shared with Northlight – Clients: Xu Home Kiel.").waitFor();
  await button(client, "Next Step").click();
  await button(client, "Finish").click();
  await context.close();

  place("which one is it");
  const named = async () => {
    await call(page, "sync", {});
    return (await call(page, "request", { id })).items;
  };
  await expect.poll(async () => (await named()).length).toBe(2);
  await call(page, "checkNow", { items: (await named()).map((i) => i.id) });
  await named();
  await go(page, `#/collaboration?open=${id}`);
  const items = page.getByRole("dialog");
  await items.getByRole("button", { name: "Find it" }).first().click();
  const choice = page.getByRole("dialog").last();
  await choice.getByText("Which of these is it?").first().waitFor();
  await look(page, "which one is it");
  await choice.getByRole("radio", { name: /Xu Home Kiel/ }).check();
  await button(choice, "This is it").click();
  await page.getByText("Xu Home Kiel is Xu Home Kiel").waitFor();

  place("confirmed by a person");
  await items.getByRole("button", { name: "Find it" }).first().click();
  await button(choice, "Confirm without a check").click();
  await items.getByText("Confirmed by Ana Ruiz, not checked").waitFor();
  await look(page, "confirmed by a person");
  await expect.poll(async () => (await named()).map((i) => i.confirmed > 0 || i.access)).toEqual(["works", true]);
});
