// A hub with more requests than anybody types: every place of every order is
// reached, what is fetched and drawn stays small.
import { go, look, test } from "./hub.ts";
import { complain, expect, input, type Page, picture, place, settled } from "./page.ts";

const facts = input.mass;
const perCall = 50; // rows that a list asks for at a time
const mostDrawn = 60;

// Counts the calls for rows, and looks that none asks for too many.
function counted(page: Page): () => number {
  let calls = 0;
  page.on("response", async (reply) => {
    const [, method] = reply.url().match(/\/bridge\/call\/(requests|accounts|search)$/) ?? [];
    if (!method) return;
    calls++;
    const { result } = await reply.json().catch(() => ({}));
    const rows = result?.requests?.length ?? result?.accounts?.length ?? 0;
    const { limit } = reply.request().postDataJSON() as { limit?: number };
    if (rows > Math.max(limit ?? 0, perCall) || rows > 200) complain(`${method} gave ${rows} rows in one call`);
  });
  return () => calls;
}

const table = (page: Page, name: string) => page.getByRole("table", { name });
const bounded = async (page: Page, what: string) => {
  const rows = await page.locator("tr[data-row]").count();
  if (rows > mostDrawn) complain(`${what}: ${rows} rows are drawn`);
};
const said = (n: number) => n.toLocaleString("en-GB");

// The row at a place of the list, counted from 1, once it is there.
async function row(page: Page, n: number) {
  await page.evaluate((n) => {
    const list = document.querySelector(".tblwrap")!;
    const height = document.querySelector("tr[data-row]")!.getBoundingClientRect().height;
    list.scrollTop = Math.max(0, (n - 1) * height - list.clientHeight / 2);
  }, n);
  const there = page.locator(`tr[data-row][aria-rowindex="${n + 1}"]`);
  await there.waitFor({ timeout: 60_000 });
  return there;
}

test("every place of every order is reached", async ({ page }) => {
  const calls = counted(page);
  await page.getByRole("heading", { name: /^Good/ }).waitFor({ timeout: 60_000 });
  place("orders");
  await go(page, "#/collaboration");
  await table(page, "Onboarding requests").waitFor();
  await page.locator("tr[data-row]").first().waitFor();
  const rowcount = Number(await table(page, "Onboarding requests").getAttribute("aria-rowcount"));
  if (rowcount !== facts.total + 1) complain(`the table says that it has ${rowcount} rows, of ${facts.total}`);
  for (const order of facts.orders) {
    place(`by ${order.column || "date"}, ${order.ascending ? "up" : "down"}`);
    if (order.column) {
      const header = table(page, "Onboarding requests").getByRole("columnheader", { name: order.column });
      for (
        let n = 0;
        n < 3 && (await header.getAttribute("aria-sort")) !== (order.ascending ? "ascending" : "descending");
        n++
      ) {
        const before = await header.getAttribute("aria-sort");
        await header.getByRole("button").click();
        await expect(header).not.toHaveAttribute("aria-sort", before ?? "");
      }
      await page.waitForFunction(
        () => document.querySelector(".tblwrap")?.getAttribute("aria-busy") !== "true",
        undefined,
        { timeout: 60_000 },
      );
      if ((await page.evaluate(() => document.querySelector(".tblwrap")?.scrollTop)) !== 0)
        complain("another order does not begin at its top");
    }
    const before = calls();
    for (const [at, client] of Object.entries(order.clients)) {
      const there = await row(page, Number(at));
      const shown = await there.locator("td").nth(1).innerText();
      if (shown.trim() !== client) complain(`at place ${at} is ${shown}, by SQL it is ${client}`);
      await bounded(page, `place ${at}`);
    }
    if (calls() - before > 4 * Object.keys(order.clients).length)
      complain(`${calls() - before} calls for ${Object.keys(order.clients).length} places`);
  }
  await picture(page, "in the middle");
});

test("filters and searches find all", async ({ page }) => {
  counted(page);
  await page.getByRole("heading", { name: /^Good/ }).waitFor({ timeout: 60_000 });
  place("filters");
  await go(page, "#/collaboration");
  await page.locator("tr[data-row]").first().waitFor();
  for (const [name, n] of [
    ["Pending", facts.pending],
    ["attention", facts.attention],
  ] as const) {
    await page
      .getByRole("button", { name: new RegExp(name, "i") })
      .and(page.locator(".tile"))
      .click();
    await page
      .getByRole("status")
      .filter({ hasText: said(n) })
      .waitFor({ timeout: 60_000 });
    await bounded(page, name);
    await (await row(page, n)).waitFor();
    await page
      .getByRole("button", { name: new RegExp(name, "i") })
      .and(page.locator(".tile"))
      .click();
    await page
      .getByRole("status")
      .filter({ hasText: said(facts.total) })
      .waitFor({ timeout: 60_000 });
  }
  place("search");
  const field = page.getByLabel("Search recipients, clients, accounts");
  await field.fill("hotels");
  await page
    .getByRole("status")
    .filter({ hasText: said(facts.hotels) })
    .waitFor({ timeout: 60_000 });
  await page.waitForFunction(() =>
    [...document.querySelectorAll("tr[data-row]")].every((row) => /hotels/i.test(row.textContent ?? "")),
  );
  const last = await (await row(page, facts.hotels)).innerText();
  if (!/hotels/i.test(last)) complain(`the last of those found is ${last}`);
  await field.fill(facts.needle);
  await page.waitForFunction((needle) => {
    const rows = document.querySelectorAll("tr[data-row]");
    return rows.length === 1 && rows[0]?.textContent?.includes(needle);
  }, facts.needle);
  await field.fill("qqqqq");
  await page
    .getByText("“qqqqq”", { exact: false })
    .or(page.getByText("qqqqq", { exact: false }))
    .first()
    .waitFor();
  await field.fill("");
  await page
    .getByRole("status")
    .filter({ hasText: said(facts.total) })
    .waitFor({ timeout: 60_000 });
});

const rowOfFocus = (page: Page) =>
  page.evaluate(() => Number(document.activeElement?.getAttribute("aria-rowindex") ?? 0) - 1);
async function focusAt(page: Page, n: number) {
  await page
    .waitForFunction(
      (n) =>
        document.activeElement?.matches("tr[data-row]") &&
        document.activeElement.getAttribute("aria-rowindex") === String(n + 1),
      n,
      { timeout: 60_000 },
    )
    .catch(async () => complain(`the focus is at ${await rowOfFocus(page)} and not at ${n}`));
}

test("the keyboard reaches both ends", async ({ page }) => {
  counted(page);
  await page.getByRole("heading", { name: /^Good/ }).waitFor({ timeout: 60_000 });
  place("keyboard");
  await go(page, "#/");
  await go(page, "#/collaboration");
  await page.locator("tr[data-row]").first().waitFor();
  await page.locator('tr[data-row][tabindex="0"]').first().focus();
  await page.keyboard.press("End");
  await focusAt(page, facts.total);
  await page.keyboard.press("ArrowUp");
  await focusAt(page, facts.total - 1);
  await page.keyboard.press("PageUp");
  if ((await rowOfFocus(page)) >= facts.total) complain("PageUp leads nowhere");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").getByText("Timeline", { exact: false }).or(page.getByRole("dialog")).first().waitFor();
  await picture(page, "details of an old one");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.locator('tr[data-row][tabindex="0"]').first().focus();
  await page.keyboard.press("Home");
  await focusAt(page, 1);
  await bounded(page, "after the keyboard");
});

test("finding, accounts, campaigns and the home know all", async ({ page }) => {
  counted(page);
  await page.getByRole("heading", { name: /^Good/ }).waitFor({ timeout: 60_000 });
  place("find");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find anything" }).fill(facts.needle);
  await page.getByRole("option").filter({ hasText: facts.needle }).first().waitFor();
  await page.keyboard.press("Escape");

  place("accounts");
  await go(page, "#/accounts");
  await table(page, "Accounts").waitFor();
  await page
    .getByRole("status")
    .filter({ hasText: said(facts.accounts) })
    .waitFor({ timeout: 60_000 });
  await page.locator('tr[data-row][tabindex="0"]').first().focus();
  await page.keyboard.press("End");
  await focusAt(page, facts.accounts);
  await bounded(page, "accounts");

  place("campaigns");
  await go(page, "#/campaigns");
  const field = page.getByRole("textbox", { name: /^Search .* ad accounts$/ });
  await field.fill(facts.ad);
  await page.getByRole("radio", { name: facts.ad }).first().waitFor();
  const options = await page.getByRole("radio").count();
  if (options > 500) complain(`${options} accounts can be chosen at once`);

  place("home");
  await go(page, "#/");
  await page
    .getByRole("link", { name: new RegExp(said(facts.pending)) })
    .first()
    .waitFor({ timeout: 60_000 });
  await settled(page);
  await look(page, "home");
});
