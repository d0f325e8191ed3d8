// Every screen of the hub on the demo, then a request by the keyboard alone.
import { readFile } from "node:fs/promises";
import type { Browser } from "@playwright/test";
import { call, go, look, test } from "./hub.ts";
import {
  axe,
  button,
  complain,
  cutOff,
  emails,
  expect,
  type Locator,
  link,
  type Page,
  picture,
  place,
  settled,
  tooWide,
} from "./page.ts";

const heading = (page: Page, name: string | RegExp) => page.getByRole("heading", { name }).first();

test("every screen is in order, in light and dark", async ({ page }) => {
  await heading(page, /^Good (morning|afternoon|evening), Ana/).waitFor();
  await look(page, "home");

  await page.getByRole("link", { name: /^Collaboration/ }).click();
  const table = page.getByRole("table", { name: "Onboarding requests" });
  await table.waitFor();
  await look(page, "onboarding requests");
  for (const name of ["Recipient", "Client", "Services", "Status", "Request date"])
    await table.getByRole("columnheader", { name }).waitFor();
  for (const filter of ["pending", "connected", "attention", "expiring", "archived"]) {
    await go(page, `#/collaboration?show=${filter}`);
    await look(page, `requests ${filter}`);
  }
  await go(page, "#/collaboration?show=attention");
  await page
    .getByRole("button", { name: /needs attention, show the error/ })
    .first()
    .click();
  await page.getByText("Who can fix").first().waitFor();
  await look(page, "an error");
  await page.keyboard.press("Escape");
  await go(page, "#/collaboration");
  await page.locator("tr[data-row]").first().click();
  await page.getByRole("dialog").waitFor();
  await look(page, "request details");
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page
    .getByRole("button", { name: /^Actions for/ })
    .first()
    .click();
  await page.getByRole("menuitem", { name: "Delete the request" }).waitFor();
  await look(page, "actions");
  await page.getByRole("menuitem", { name: "Delete the request" }).click();
  await page.getByRole("dialog").waitFor();
  await look(page, "delete the request");
  await page.getByRole("button", { name: "Cancel" }).click();

  await go(page, "#/collaboration/new");
  await heading(page, "Request onboarding").waitFor();
  await look(page, "request onboarding");
  await page.getByLabel("Client", { exact: true }).fill("Tidewater Kayaks");
  await page.getByLabel("Message to the client").fill("We need these to start on Monday.");
  for (const name of ["Facebook", "HubSpot"]) await page.getByRole("checkbox", { name }).check();
  await page.frameLocator("iframe").getByText("We need these to start on Monday.").first().waitFor();
  await look(page, "request onboarding filled in");
  await page.getByText("Landing page", { exact: true }).click();
  await look(page, "preview of the landing page");
  await page.getByRole("button", { name: /^Save your request/ }).click();
  await page.getByRole("button", { name: "Send Email" }).waitFor();
  await page
    .getByRole("textbox", { name: "Recipients" })
    .fill("kim@tidewater.example, kim@tidewater.example; not an address,");
  await page.keyboard.press("Enter");
  await look(page, "send with a mistake");
  await page.getByRole("button", { name: "Send Email" }).click();
  await page.getByText("Correct or remove the marked addresses first.").waitFor();
  for (const remove of await page.getByRole("button", { name: /^Remove (not|an|address)/ }).all()) await remove.click();
  await page
    .getByRole("button", { name: /^Remove (not|an|address)/ })
    .first()
    .waitFor({ state: "detached" });

  await go(page, "#/collaboration/settings");
  await page.getByRole("button", { name: "Apply Settings" }).waitFor();
  await look(page, "collaboration settings");
  await go(page, "#/accounts");
  await page.getByRole("table", { name: "Accounts" }).waitFor();
  await look(page, "accounts");
  await go(page, "#/campaigns");
  await heading(page, "New campaign").waitFor();
  await look(page, "campaigns");
  for (const tab of ["team", "facebook", "notifications", "computer", "data"]) {
    await go(page, `#/settings/${tab}`);
    await heading(page, "Settings").waitFor();
    await look(page, `settings ${tab}`);
  }
  await go(page, "#/help");
  await heading(page, "Help").waitFor();
  await look(page, "help");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find anything" }).fill("harb");
  await page.getByRole("option").first().waitFor();
  await look(page, "find anything");
  await page.keyboard.press("Escape");

  // A wide window shares its width out.
  await page.setViewportSize({ width: 1920, height: 1080 });
  for (const [name, hash] of [
    ["home", "#/"],
    ["requests", "#/collaboration"],
    ["accounts", "#/accounts"],
  ] as const) {
    await go(page, hash);
    await look(page, `wide ${name}`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});

// The smallest window, and a window of 1280×800 at 200 %: nothing is cut off.
test("a small window cuts nothing off", async ({ page }) => {
  for (const [width, height] of [
    [960, 600],
    [640, 400],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const [hash, name] of [
      ["#/", /^Request onboarding/],
      ["#/collaboration", /^Request onboarding/],
      ["#/collaboration/new", /^Save your request/],
      ["#/collaboration/settings", "Apply Settings"],
      ["#/accounts", "Connect an account"],
      ["#/campaigns", "Create the campaign"],
      ["#/settings/team", "Invite a colleague"],
      ["#/settings/computer", "Leave the demo"],
      ["#/help", "Find anything"],
    ] as [string, string | RegExp][]) {
      await go(page, hash);
      place(`${width} wide ${hash}`);
      await settled(page);
      for (const found of await tooWide(page)) complain(found);
      if (width < 700) for (const found of await axe(page)) complain(found);
      await picture(page, `${width} wide ${hash.slice(2).replaceAll("/", " ") || "home"}`);
      const main = page.getByRole("button", { name }).first();
      // Playwright's own scrolling leaves a border outside the window.
      await main.evaluate((button) => button.scrollIntoView({ block: "nearest" }));
      const box = await main.boundingBox();
      // A page scrolls by whole pixels, so half of one may be left.
      if (!box || box.x < 0 || box.x + box.width > width || box.y + box.height >= height + 1)
        complain(`${name} is cut off: ${JSON.stringify(box)}`);
    }
  }
  await page.setViewportSize({ width: 1280, height: 800 });
});

/** Nothing of it is beyond the right edge of what shows it, nor cut off by it. */
async function inSight(page: Page, name: string, of: Locator) {
  place(`a word of 80 characters: ${name}`);
  await of.first().waitFor();
  await settled(page);
  for (const found of [...(await tooWide(page)), ...(await cutOff(page))]) complain(found);
  await of.first().evaluate((element) => element.scrollIntoView({ block: "nearest", inline: "nearest" }));
  for (const element of await of.all()) {
    const [right, edge, moved] = await element.evaluate((it) => {
      let edge = document.documentElement.clientWidth;
      let moved = 0;
      for (let outer = it.parentElement; outer; outer = outer.parentElement) {
        if (getComputedStyle(outer).overflowX !== "visible") edge = Math.min(edge, outer.getBoundingClientRect().right);
        moved += outer.scrollLeft;
      }
      return [it.getBoundingClientRect().right, edge, moved];
    });
    if (right > edge + 1 || moved > 0) complain(`it ends at ${right} px, ${moved} px beyond, in ${edge} px`);
  }
  await picture(page, `a long word ${name}`);
}

/** A client shares a HubSpot account. */
async function connect(browser: Browser, address: string, name: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(address);
  await button(page, "Grant Permission Now").click();
  await page.getByLabel("Your name").fill(name);
  await page.getByLabel("Your work email").fill("lars@longword.example");
  await button(page, "View request").click();
  await button(page, "Add HubSpot").click();
  await link(page, "Proceed").click();
  await button(page, "Lars Holm").click();
  await button(page, "Harbour & Pine AB").click();
  await button(page, "Allow").click();
  await page.getByRole("heading", { name: "HubSpot is connected" }).waitFor();
  await context.close();
}

// At the smallest width, what somebody typed or named at a platform pushes nothing out of sight.
test("a word of 80 characters pushes nothing out of sight", async ({ page, browser }) => {
  const word = "Wasserschutzgebietsverordnung".repeat(3).slice(0, 80);
  place("a word of 80 characters");
  await heading(page, /^Good/).waitFor();
  const id = await call(page, "saveRequest", { client: word, services: ["hubspot"] });
  await expect
    .poll(async () => {
      await call(page, "sync", {});
      return (await call(page, "request", { id })).link;
    })
    .toBeTruthy();
  await connect(browser, (await call(page, "request", { id })).link, word);
  await expect
    .poll(async () => {
      await call(page, "sync", {});
      return (await call(page, "accounts", { search: word, sort: "name", limit: 5 })).accounts.length;
    })
    .toBe(1);
  await call(page, "inviteMember", { name: word, email: `${word.slice(0, 60)}@northlight.example`, role: "sub" });
  await page.route("**/bridge/call/connections", async (route) => {
    const reply = await route.fetch();
    const { result } = await reply.json();
    const rename = (of: { user: string; businesses: { name: string }[] }) => ({
      ...of,
      user: word,
      businesses: of.businesses.map((b) => ({ ...b, name: word })),
    });
    await route.fulfill({ response: reply, json: { result: result.map(rename) } });
  });

  await page.setViewportSize({ width: 960, height: 600 });
  await page.reload();
  await heading(page, /^Good/).waitFor();
  await go(page, `#/collaboration?find=${word}`);
  await inSight(page, "requests", page.getByRole("button", { name: /^Actions for/ }));
  await go(page, `#/accounts?find=${word}`);
  await inSight(page, "accounts", page.getByRole("button", { name: /^Actions for/ }));
  await go(page, `#/collaboration?open=${id}`);
  await inSight(page, "timeline", page.getByRole("dialog").locator(".timeline time"));
  await go(page, "#/settings/facebook");
  await inSight(page, "connections", page.getByRole("button", { name: /^Disconnect/ }));
  await go(page, "#/settings/team");
  await inSight(page, "team", page.getByRole("main").getByRole("button"));

  await go(page, `#/collaboration/end/${id}`);
  await inSight(page, "plan of an end", page.getByRole("checkbox"));
  const [account] = (await call(page, "planOffboarding", { request: id, first: true })).items;
  const end = await call(page, "startOffboarding", { request: id, typed: word, items: [account!.id] });
  await go(page, `#/collaboration/ended/${end}`);
  await inSight(page, "end", button(page, "Save as file"));
  const report = await page.context().newPage();
  await report.setViewportSize({ width: 960, height: 600 });
  await report.setContent(await readFile(await call(page, "saveReport", { id: end }), "utf8"));
  await inSight(report, "report", report.locator(".result"));
  await report.close();
  await page.setViewportSize({ width: 1280, height: 800 });
});

const focused = (page: Page) =>
  page.evaluate(
    () =>
      document.activeElement?.getAttribute("aria-label") ??
      document.activeElement?.id ??
      document.activeElement?.tagName,
  );

// No mouse from here on.
test("a request is made by the keyboard alone", async ({ page }) => {
  place("keyboard");
  await go(page, "#/");
  await heading(page, /^Good/).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find anything" }).waitFor();
  await page.keyboard.type("onboarding req");
  await page
    .getByRole("option", { name: /Onboarding Requests/ })
    .first()
    .waitFor();
  for (
    let n = 0;
    n < 10 && !/Onboarding Requests/.test(await page.locator("[role=option][aria-selected=true]").innerText());
    n++
  )
    await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByRole("table", { name: "Onboarding requests" }).waitFor();
  await settled(page);

  await page.keyboard.press("/");
  if ((await focused(page)) !== "Search recipients, clients, accounts") complain(`/ leads to ${await focused(page)}`);
  await page.keyboard.type("fjord");
  await page.waitForFunction(() =>
    [...document.querySelectorAll("tr[data-row]")].every((row) => /fjord/i.test(row.textContent ?? "")),
  );
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll("tr[data-row]").length > 5);
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.activeElement?.matches("tr[data-row]"));
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(
    () =>
      document.activeElement?.matches("tr[data-row]") && document.activeElement?.getAttribute("aria-rowindex") === "3",
  );
  const row = await page.evaluate(() => (document.activeElement as HTMLElement).dataset.row!);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  if (!page.url().includes(row)) complain("Enter opens another request than the current one");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page
    .waitForFunction((id) => (document.activeElement as HTMLElement | null)?.dataset.row === id, row)
    .catch(() => complain("after Esc the row has not the focus"));
  await page.keyboard.press(".");
  await page.getByRole("menu").waitFor();
  await page
    .waitForFunction(() => document.activeElement?.closest("[role=menu]"))
    .catch(() => complain("Actions has not the focus"));
  await page.keyboard.press("Escape");
  await page.getByRole("menu").waitFor({ state: "detached" });

  // A request from N to Send Email.
  await page
    .waitForFunction((id) => (document.activeElement as HTMLElement | null)?.dataset.row === id, row)
    .catch(async () => complain(`after Actions the focus is at ${await focused(page)}`));
  await page.keyboard.press("n");
  await heading(page, "Request onboarding").waitFor();
  await page
    .waitForFunction(() => document.activeElement?.id === "client")
    .catch(async () => complain(`N leads to ${await focused(page)}`));
  await page.keyboard.type("Keyboard Pianos");
  const hubspot = page.getByRole("checkbox", { name: "HubSpot" });
  for (let n = 0; n < 30 && !(await hubspot.evaluate((e) => e === document.activeElement)); n++)
    await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  if (!(await hubspot.isChecked())) complain("HubSpot is not checked by the space bar");
  await page.keyboard.press("Control+s");
  await page.getByRole("button", { name: "Send Email" }).waitFor();
  await page
    .waitForFunction(() => document.activeElement?.id === "recipients")
    .catch(async () => complain(`the second step begins at ${await focused(page)}`));
  await page.keyboard.type("pia@keyboard.example");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page
    .getByText(/^(Sent|Email on its way|On its way)/)
    .first()
    .waitFor();
  await expect.poll(async () => (await emails("pia@keyboard.example")).length).toBe(1);
});

// Who dictates, or has a cat, switches single letters off: then no single-letter shortcut acts or is shown.
test("single letters that are off do nothing and are not shown", async ({ page }) => {
  place("single letters off");
  await go(page, "#/settings/computer");
  await page.getByRole("switch", { name: "Single-letter shortcuts" }).click();
  await expect.poll(async () => (await call(page, "preferences", {})).single_keys).toBe(false);
  await go(page, "#/collaboration");
  await page.getByRole("table", { name: "Onboarding requests" }).waitFor();
  await settled(page);
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.activeElement?.matches("tr[data-row]"));
  for (const key of ["n", "/", "r", "c"]) await page.keyboard.press(key);
  if ((await page.getByRole("dialog").count()) || !page.url().includes("#/collaboration") || page.url().includes("new"))
    complain("a single-letter shortcut has acted");
  if ((await focused(page)) === "Search recipients, clients, accounts") complain("/ has acted");
  await page.keyboard.press(".");
  await page.getByRole("menu").waitFor();
  const shown = await page.locator("kbd").allInnerTexts();
  for (const key of ["N", "/", "R", "C"]) if (shown.includes(key)) complain(`${key} is shown, and does nothing`);
  await page.keyboard.press("c");
  if (await page.getByText("Link copied.").isVisible()) complain("a single-letter shortcut in Actions has acted");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find anything" }).waitFor();
  await page.keyboard.press("Escape");
});
