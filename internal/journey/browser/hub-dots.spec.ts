// What breaks at the platforms of the demo is a dot; the dot answers what,
// since when, who and what next, and its button works.
import type { Kind } from "../../../frontend/src/api/enums.ts";
import type { ItemRow, Platform } from "../../../frontend/src/api/types.ts";
import { call, go, look, test } from "./hub.ts";
import { complain, input, type Page, place, settled } from "./page.ts";

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
