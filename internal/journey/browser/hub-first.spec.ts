// The first screen of all, and from it into the demo.
import { look, test } from "./hub.ts";
import { complain, input, place, settled } from "./page.ts";

test("the first screen leads into the demo", async ({ page, browser }) => {
  const join = page.getByRole("button", { name: /^Join/ });
  await page.getByRole("heading", { name: "Join your agency" }).waitFor();
  if (page.url().includes("key")) complain("the address still holds the key");
  await page.reload();
  await page.getByRole("heading", { name: "Join your agency" }).waitFor();

  place("the printed address in another browser");
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await stranger.goto(input.url);
  await stranger.getByText("This browser has no key to Latchkey").waitFor();
  await look(stranger, "no key");
  await other.close();

  place("start");
  await look(page, "first run");
  await join.click();
  await page.getByText("Enter the address of your relay", { exact: false }).waitFor();
  await page.getByLabel("Relay address").fill("http://relay.example");
  await join.click();
  await page.getByText("Enter the code.").waitFor();
  await look(page, "first run with a mistake");

  place("the relay is looked for");
  const relay = page.getByLabel("Relay address");
  await relay.fill("http://127.0.0.1:1");
  await page.getByText("Nothing answers at this address.", { exact: false }).waitFor();
  await relay.fill(new URL(input.url).origin);
  await page.getByText("Something answers at this address, but it is no relay.").waitFor();
  await relay.fill(input.relay);
  await page.getByText(/^Relay found, run by /).waitFor();
  await look(page, "relay found");

  place("into the demo");
  await page.getByRole("button", { name: /Explore the demo/ }).click();
  await page.getByText("Demo. The platforms are simulated", { exact: false }).waitFor({ timeout: 60_000 });
  await page.getByRole("heading", { name: /^Good (morning|afternoon|evening), Ana/ }).waitFor();
  await page.getByRole("link", { name: /^Collaboration/ }).click();
  await page.getByRole("table", { name: "Onboarding requests" }).waitFor();
  await settled(page);
  if ((await page.locator("tr[data-row]").count()) < 5) complain("the list of requests is all but empty");
});
