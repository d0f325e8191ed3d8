// The whole story from an empty hub to a campaign, with the client in a browser of their own.
import type { Browser } from "@playwright/test";
import { complaining, go, join, look, test } from "./hub.ts";
import { button, complain, emails, expect, input, link, type Page, picture, place, settled } from "./page.ts";

const client = "Story & Sons";
const services = ["Facebook", "Mailchimp", "Salesforce", "Google Sheets", "HubSpot", "ActiveCampaign"];

async function joins(page: Page) {
  place("joining");
  await page.getByLabel("Relay address").fill(input.relay);
  await page.getByText(/^Relay found, run by /).waitFor();
  await join(page);
  if (await page.getByText("Demo. The platforms are simulated", { exact: false }).isVisible())
    complain("a real agency is shown as the demo");
  await look(page, "home");
}

async function facebookUser(page: Page) {
  place("connecting a Facebook user");
  await page.getByRole("link", { name: /^Settings/ }).click();
  await page.getByText("Facebook users").first().click();
  const thinksBetter = page.context().waitForEvent("page");
  await page.getByRole("button", { name: "Connect a Facebook user" }).first().click();
  const given = await thinksBetter;
  await button(given, "Continue").click();
  await link(given, "Log In")
    .or(given.getByRole("link", { name: /Facebook/ }))
    .first()
    .click();
  await given.getByRole("button", { name: "Ana Ruiz" }).click();
  await button(given, "Cancel").click();
  await given.getByRole("heading", { name: "Nothing was connected" }).waitFor();
  await given.close();
  await page.getByText("The sign-in at Facebook was cancelled there.", { exact: false }).waitFor();
  await look(page, "a sign-in that was cancelled");
  const opened = page.context().waitForEvent("page");
  await button(page, "Try again").click();
  const tab = await opened;
  await button(tab, "Continue").click();
  await link(tab, "Log In")
    .or(tab.getByRole("link", { name: /Facebook/ }))
    .first()
    .click();
  await button(tab, "Allow").click(); // Facebook still has her session
  await tab.getByRole("heading", { name: "Signed in" }).waitFor();
  await tab.close();
  await page
    .getByText(/Ana Ruiz is connected/)
    .first()
    .waitFor();
  await picture(page, "connected user");
  await page.keyboard.press("Escape");
}

async function request(page: Page) {
  place("request");
  await go(page, "#/collaboration");
  await page.getByRole("button", { name: /^Request onboarding/ }).click();
  await page.getByLabel("Client", { exact: true }).fill(client);
  for (const name of services) await page.getByRole("checkbox", { name }).check();
  const user = page
    .getByRole("combobox", { name: "Facebook user" })
    .or(page.getByRole("textbox", { name: "Facebook user" }))
    .first();
  await user.waitFor();
  await settled(page);
  await picture(page, "request");
  await page.getByRole("button", { name: /^Save your request/ }).click();
  await button(page, "Send Email").waitFor();
  await page.getByRole("textbox", { name: "Recipients" }).fill(input.to);
  await button(page, "Send Email").click();
  await page
    .getByText(/^Sent /)
    .first()
    .waitFor();
  await picture(page, "sent");
  await button(page, "Done").click();
}

async function invitation() {
  await expect.poll(async () => (await emails()).length, { message: "emails for one press of Send Email" }).toBe(1);
  return (await emails())[0]!.id;
}

async function wizard(browser: Browser) {
  place("wizard");
  const email = await complaining(await browser.newContext());
  await email.goto(`${input.mailbox}/mailbox/${await invitation()}`);
  const opened = email.context().waitForEvent("page");
  await email.frameLocator("iframe").getByRole("link", { name: "Grant Permission Now" }).click();
  const wizard = await opened;
  await button(wizard, "Grant Permission Now").click();
  await wizard.getByLabel("Your name").fill("Mina Ito");
  await wizard.getByLabel("Your work email").fill(input.to);
  await button(wizard, "View request").click();
  await button(wizard, "Add Facebook").click();
  await link(wizard, "Log In").click();
  await wizard.getByRole("button", { name: "Mina Ito" }).click();
  await button(wizard, "Allow").click();
  for (const asset of ["Harbour & Pine EU", "Harbour Garden"])
    await wizard.getByRole("checkbox", { name: asset }).first().check();
  await button(wizard, "Connect Assets").click();
  await link(wizard, "Next Step").click();
  await signIns(wizard);
  await button(wizard, "Add HubSpot").click();
  await link(wizard, "Proceed").click();
  const person = wizard.getByRole("button", { name: "Lars Holm" });
  const portal = wizard.getByRole("button", { name: "Harbour & Pine AB" });
  await person.or(portal).first().waitFor();
  if (await person.isVisible()) await person.click();
  await portal.click();
  await button(wizard, "Allow").click();
  await link(wizard, "Close").click();
  await button(wizard, "Add ActiveCampaign").click();
  await wizard.getByLabel("API URL").or(link(wizard, "Proceed")).first().waitFor();
  if (await link(wizard, "Proceed").isVisible()) await link(wizard, "Proceed").click();
  await wizard.getByLabel("API URL").fill(input.account.url);
  await wizard.getByLabel("API key").fill(input.account.key);
  await button(wizard, "Connect").click();
  await link(wizard, "Close").click();
  await link(wizard, "Next Step").click();
  await button(wizard, "Finish").click();
  await wizard.getByRole("heading", { name: /You are done/ }).waitFor();
}

// Mailchimp, Salesforce and Google Sheets, each by its own way in.
async function signIns(wizard: Page) {
  await button(wizard, "Add Mailchimp").click();
  await link(wizard, "Proceed").click();
  await wizard.getByRole("button", { name: "Marta Lindqvist" }).click();
  await button(wizard, "Allow").click();
  await link(wizard, "Close").click();
  await button(wizard, "Add Salesforce").click();
  await wizard.getByLabel("Your Salesforce address").fill("harbourpine.my.salesforce.com");
  await button(wizard, "Continue").click();
  await link(wizard, "Proceed").click();
  await wizard.getByRole("button", { name: "Lars Holm" }).click();
  await button(wizard, "Allow").click();
  await link(wizard, "Close").click();
  await button(wizard, "Add Google Sheets").click();
  await button(wizard, "Continue").click();
  await link(wizard, "Proceed").click();
  await wizard.getByRole("button", { name: "Lars Holm" }).click();
  await button(wizard, "Allow").click();
  for (const sheet of ["Leads autumn campaign", "Price list 2026"])
    await wizard.getByRole("checkbox", { name: sheet }).check();
  await button(wizard, "Select").click();
  await link(wizard, "Close").click();
}

async function arrives(page: Page) {
  place("connected by itself");
  const row = page.locator("tr[data-row]", { hasText: client });
  await row.getByText("Connected", { exact: true }).waitFor({ timeout: 20_000 }); // nobody has pressed anything
  await settled(page);
  await look(page, "connected");

  place("accounts");
  await page.getByRole("link", { name: /^Accounts/ }).click();
  await page.getByRole("textbox", { name: "Search accounts, clients, ids" }).fill(client);
  const accounts = page.getByRole("table", { name: "Accounts" }).locator("tr[data-row]");
  await page.waitForFunction(
    (name) =>
      [...document.querySelectorAll("tr[data-row]")].length === 8 &&
      [...document.querySelectorAll("tr[data-row]")].every((r) => r.textContent?.includes(name)),
    client,
  );
  for (const one of await accounts.all()) {
    if ((await one.locator(".managed").innerText()) !== "No") complain(`${await one.innerText()}: not Managed = No`);
    await one.getByText("Connected", { exact: true }).waitFor();
    // A check has passed.
    await one.getByText("not yet", { exact: true }).waitFor({ state: "detached", timeout: 60_000 });
  }
  for (const gives of ["3 audiences, 41,207 contacts", /Leads can be read and changed/, /can only be read/]) {
    await accounts.filter({ hasText: gives }).first().waitFor(); // from the check's own call
  }
  await look(page, "accounts");
}

async function campaign(page: Page) {
  place("campaign");
  await page.getByRole("link", { name: /^Campaigns/ }).click();
  for (const [of, name] of [
    ["ad_account", "Harbour & Pine EU"],
    ["page", "Harbour Garden"],
  ] as const) {
    const choice = page
      .locator("label.option", { hasText: name })
      .filter({ hasText: client })
      .filter({ has: page.locator(`input[name=${of}]`) })
      .first();
    await choice.click();
  }
  await page.getByLabel("Campaign name").fill("Spring opening");
  await page.getByRole("button", { name: "Create the campaign" }).click();
  await page.getByRole("heading", { name: "Campaign created, paused" }).waitFor();
  await look(page, "campaign");
}

test("the story from an empty hub to a campaign", async ({ page, browser }) => {
  await test.step("joining", () => joins(page));
  await test.step("connecting a Facebook user", () => facebookUser(page));
  await test.step("a request", () => request(page));
  await test.step("the client in the wizard", () => wizard(browser));
  await test.step("what arrives by itself", () => arrives(page));
  await test.step("a campaign", () => campaign(page));
});
