// The hub of somebody whose keychain is away.
import { look, test } from "./hub.ts";

test("a keychain that does not open is said", async ({ page }) => {
  await page.getByRole("heading", { name: "This computer’s keychain does not open" }).waitFor();
  await page.getByText("This computer has no keychain that answers.", { exact: false }).waitFor();
  await look(page, "keychain away");
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("It still does not open.").waitFor();
});
