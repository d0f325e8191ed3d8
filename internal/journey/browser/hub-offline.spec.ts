// A request is made and sent without a network; what waits is said to wait,
// and goes out once when the network is back.
import { go, join, look, test } from "./hub.ts";
import { button, complain, emails, expect, input, type Locator, type Page, picture, place } from "./page.ts";

const client = "Tidewater Kayaks";
const network = (what: "cut" | "restore") => fetch(`${input.network}/${what}`, { method: "POST" });

async function copyLink(page: Page, row: Locator, said: string) {
  await row.getByRole("button", { name: /^Actions for/ }).click();
  await page.getByRole("menuitem", { name: /^Copy the onboarding link/ }).click();
  await page.getByText(said).first().waitFor();
}

test("a request is prepared offline and goes out once", async ({ page }) => {
  const row = page.locator("tr[data-row]", { hasText: client });
  place("joining");
  await join(page);
  await page.getByText("Up to date").first().waitFor({ timeout: 60_000 });

  place("offline");
  await network("cut");
  await page.getByText("You are offline.", { exact: false }).first().waitFor({ timeout: 60_000 });
  await go(page, "#/collaboration/new");
  await page.getByLabel("Client", { exact: true }).fill(client);
  await page.getByRole("checkbox", { name: "HubSpot" }).check();
  await page.getByRole("button", { name: /^Save your request/ }).click();
  await button(page, "Send Email").waitFor();
  await page.getByRole("textbox", { name: "Recipients" }).fill(input.to);
  await button(page, "Send Email").click();
  await picture(page, "sent offline");
  await go(page, "#/collaboration");
  await row.waitFor();
  await look(page, "requests offline");
  await copyLink(page, row, "The link is available once the request has been synced");
  if ((await emails()).length) complain("an email went out without a network");
  await page.reload();
  await row.waitFor();

  place("online");
  await network("restore");
  await page.getByText("You are offline.", { exact: false }).first().waitFor({ state: "detached", timeout: 60_000 });
  await expect.poll(async () => (await emails()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  await page.waitForFunction(
    (name) => {
      const text =
        [...document.querySelectorAll("tr[data-row]")].find((r) => r.textContent?.includes(name))?.textContent ?? "";
      return /Sent/.test(text);
    },
    client,
    { timeout: 60_000 },
  );
  await copyLink(page, row, "Link copied.");
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  if (!/\/r\/[\w-]+$/.test(copied)) complain(`what was copied is ${copied}`);
  const got = await emails();
  if (got.length !== 1) complain(`there are ${got.length} emails`);
  if ((await row.count()) !== 1) complain(`the request is there ${await row.count()} times`);
  await picture(page, "sent");
});
