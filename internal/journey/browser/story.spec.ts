// A client's whole way, by what stands on buttons and links. Where the visit's
// cookie is made SameSite=Strict, the way back must fail.
import { gzipSync } from "node:zlib";
import type { Response } from "@playwright/test";
import {
  axe,
  button,
  complain,
  emails,
  input,
  link,
  listen,
  type Page,
  picture,
  place,
  test,
  tooWide,
} from "./page.ts";

test.use({ javaScriptEnabled: input.script });

// What each address weighs, compressed: of the document and what it loads of
// ours. The agency's logo is the agency's.
const parts = new Map<string, number>();
const relay = input.relay && new URL(input.relay).origin;

async function weigh(response: Response) {
  const kind = response.request().resourceType();
  if (new URL(response.url()).origin !== relay || !["document", "stylesheet", "script"].includes(kind)) return;
  if (response.status() >= 300 && response.status() < 400) return;
  const body = await response.body().catch(() => undefined);
  if (body) parts.set(response.url(), gzipSync(body).length);
}

let page: Page;

// Every page of the wizard on the way is looked at like those of the gallery.
async function look(name: string) {
  place(name);
  await page.waitForLoadState("load");
  if (input.script) {
    for (const found of await axe(page)) complain(found);
    for (const found of await tooWide(page)) complain(found);
    const loaded = await page.evaluate(() => [
      location.href,
      ...performance.getEntriesByType("resource").map((e) => e.name),
    ]);
    const bytes = loaded.reduce((sum, address) => sum + (parts.get(address) ?? 0), 0);
    if (bytes > 30 * 1024) complain(`${bytes} bytes compressed`);
  }
  await picture(page, name);
}

const heading = (name: string | RegExp) => page.getByRole("heading", { name });

async function strict() {
  const cookies = await page.context().cookies(input.relay);
  const visit = cookies.filter((c) => c.name.includes("visit-"));
  if (visit.length !== 1 || visit[0]?.sameSite !== "Lax" || !visit[0].httpOnly)
    complain(`the visit's cookie is ${JSON.stringify(visit.map(({ value: _, ...rest }) => rest))}`);
  if (input.strict) await page.context().addCookies(visit.map((c) => ({ ...c, sameSite: "Strict" })));
}

async function invitation() {
  const email = (await emails()).find((email) => email.subject.startsWith("Onboarding Request"));
  if (!email) throw new Error(`there is no invitation to ${input.to}`);
  await page.goto(`${input.mailbox}/mailbox/${email.id}`);
  const opened = page.context().waitForEvent("page");
  await page.frameLocator("iframe").getByRole("link", { name: "Grant Permission Now" }).click();
  page = await opened; // an email's link opens in a tab of its own
  if (!input.strict) listen(page);
}

async function facebook() {
  await heading("Connect Facebook").waitFor();
  await look("facebook");
  await button(page, "Add Facebook").click();
  await link(page, "Log In").waitFor();
  await look("facebook-leaving");
  await link(page, "Log In").click();
  await page.getByRole("button", { name: "Mina Ito" }).click();
  await button(page, "Allow").click();
  if (input.strict) {
    await page.waitForURL((url) => url.origin === relay);
    if (new URL(page.url()).pathname !== "/callback/meta")
      complain("with a strict cookie the client comes back signed in: the sites are not truly different");
    return false;
  }
  await heading("Choose what to share").waitFor();
  await look("facebook-assets");
  const tickFirst = page.getByText("Tick at least one ad account or Page first.");
  await button(page, "Connect Assets").click();
  await tickFirst.waitFor();
  for (const asset of ["Harbour & Pine EU", "Harbour Café Ads", "Harbour Garden"])
    await page.getByRole("checkbox", { name: asset }).first().check();
  if (input.script) await tickFirst.waitFor({ state: "detached" });
  await look("facebook-chosen");
  await button(page, "Connect Assets").click();
  await link(page, "Next Step").waitFor();
  await look("facebook-connected");
  await link(page, "Next Step").click();
  return true;
}

// What every platform with a sign-in has in common: Add, and our page before it.
async function leave(service: string) {
  await heading("Connect your other platforms").first().waitFor();
  await button(page, `Add ${service}`).click();
}

async function proceed(name: string) {
  await link(page, "Proceed").waitFor();
  await look(`${name}-proceed`);
  await link(page, "Proceed").click();
}

// Closes a result with its link or, where there is script, by what is no link: for
// that the browser does not wait by itself.
async function close(otherwise: () => Promise<void>) {
  if (!input.script) return link(page, "Close").click();
  const from = page.url();
  await otherwise();
  await page.waitForURL((to) => to.href !== from);
}

async function arrive(name: string, connected: string) {
  await heading(connected).waitFor();
  await look(`${name}-result`);
  await close(() => page.keyboard.press("Escape"));
}

async function mailchimp() {
  await leave("Mailchimp");
  await proceed("mailchimp");
  await page.getByRole("button", { name: "Marta Lindqvist" }).click();
  await button(page, "Allow").click();
  await arrive("mailchimp", "Mailchimp is connected");
}

async function salesforce() {
  await leave("Salesforce");
  await page.getByRole("radio", { name: /My Domain/ }).check();
  await page.getByLabel("Your Salesforce address").fill("harbourpine.my.salesforce.com");
  await look("salesforce-address");
  await button(page, "Continue").click();
  await proceed("salesforce");
  await page.getByRole("button", { name: "Lars Holm" }).click();
  await button(page, "Allow").click();
  await arrive("salesforce", "Salesforce is connected");
}

async function sheets() {
  await leave("Google Sheets");
  await page.getByRole("radio", { name: /Pick sheets I have/ }).check();
  await look("sheets-choice");
  await button(page, "Continue").click();
  await proceed("sheets");
  await page.getByRole("button", { name: "Lars Holm" }).click();
  await button(page, "Allow").click();
  for (const sheet of ["Leads autumn campaign", "Price list 2026"])
    await page.getByRole("checkbox", { name: sheet }).check();
  await button(page, "Select").click();
  await arrive("sheets", "2 sheets connected");
}

async function hubspot(portal: string) {
  await heading("Connect your other platforms").first().waitFor();
  await button(page, "Add HubSpot").click();
  await link(page, "Proceed").waitFor();
  await look("hubspot-proceed");
  await link(page, "Proceed").click();
  const person = page.getByRole("button", { name: "Lars Holm" });
  const chooser = page.getByRole("button", { name: portal });
  await person.or(chooser).first().waitFor();
  if (await person.isVisible()) await person.click();
  await chooser.click();
  await button(page, "Allow").click();
  await heading("HubSpot is connected").waitFor();
  await look("hubspot-result");
  await link(page, "Close").click();
}

async function activecampaign() {
  await button(page, "Add ActiveCampaign").click();
  await page.getByLabel("API URL").or(link(page, "Proceed")).first().waitFor();
  if (await link(page, "Proceed").isVisible()) await link(page, "Proceed").click();
  await look("activecampaign");
  await page.getByLabel("API URL").fill(input.account.url);
  await page.getByLabel("API key").fill(input.account.key);
  await button(page, "Connect").click();
  await heading("ActiveCampaign is connected").waitFor();
  await look("activecampaign-result");
  await close(() => page.mouse.click(5, 5)); // beside the dialog
}

test("a client goes from the invitation to the receipt", async ({ browser, context }) => {
  context.on("response", weigh);
  page = await context.newPage();
  await invitation();
  await button(page, "Grant Permission Now").waitFor();
  const address = page.url();
  await look("landing");
  await button(page, "Grant Permission Now").click();
  await look("about-you");
  await page.getByLabel("Your name").fill("Mina Ito");
  await page.getByLabel("Your work email").fill(input.to);
  await button(page, "View request").click();
  await heading("Connect Facebook").waitFor();
  await strict();
  if (!(await facebook())) return;
  await look("platforms");
  await mailchimp();
  await salesforce();
  await sheets();
  await hubspot("Harbour & Pine AB");
  await hubspot("Harbour & Pine Outlet");
  await look("platforms-two-portals");
  await activecampaign();
  await look("platforms-all");
  await link(page, "Next Step").click();
  await button(page, "Finish").waitFor();
  await look("summary");
  await button(page, "Finish").click();
  await heading(/You are done/).waitFor();
  await look("done");

  // The link is dead for a second browser, and the first one keeps its receipt.
  await page.reload();
  await heading(/You are done/).waitFor();
  const second = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  page = await second.newPage();
  const answer = await page.goto(address);
  if (answer?.status() !== 410) complain(`a second browser is answered ${answer?.status()}`);
  await page.getByText("Mina has finished this").waitFor();
  await picture(page, "second-browser");
});
