// A main user looks after the team on the demo: names, roles, computers and
// what they hold, and who takes over.
import { go, look, test } from "./hub.ts";
import { button, complain, place, settled } from "./page.ts";

test("a main user looks after the team", async ({ page }) => {
  const dialog = page.getByRole("dialog");
  const gone = () => dialog.waitFor({ state: "detached" });
  const menu = async (member: string, item: string) => {
    await button(page, `Actions for ${member}`).click();
    await page.getByRole("menuitem", { name: item }).click();
  };
  // The innermost of all that have the button.
  const rowOf = (member: string) => page.locator("div", { has: button(page, `Actions for ${member}`) }).last();

  await go(page, "#/settings/team");
  await page.getByText("Chloé Martin").waitFor();
  await settled(page);

  place("a name and a role");
  await menu("Chloé Martin", "Change name or role");
  await look(page, "change a member");
  await dialog.getByLabel("Name").fill("");
  if (await button(dialog, "Save").isEnabled()) complain("a member without a name can be saved");
  await dialog.getByLabel("Name").fill("Chloé Martin-Roux");
  await dialog
    .getByRole("combobox", { name: "Role" })
    .or(dialog.getByRole("textbox", { name: "Role" }))
    .first()
    .click();
  await page.getByRole("option", { name: "Main user" }).click();
  await button(dialog, "Save").click();
  await gone();
  await rowOf("Chloé Martin-Roux").getByText("Main", { exact: true }).waitFor();
  if (!(await page.evaluate(() => document.activeElement?.getAttribute("aria-label")?.startsWith("Actions for Chloé"))))
    complain(
      `after the dialog the focus is at ${await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80))}`,
    );

  place("who takes over");
  await menu("Ravi Patel", "Remove from the agency");
  await look(page, "remove a member");
  await dialog
    .getByRole("combobox", { name: "Who takes over" })
    .or(dialog.getByRole("textbox", { name: "Who takes over" }))
    .first()
    .click();
  await page.getByRole("option", { name: "Jonas Weber" }).click();
  await button(dialog, "Remove from the agency").click();
  await gone();
  await page.getByText("Ravi Patel was removed.").waitFor();
  await rowOf("Ravi Patel").waitFor({ state: "detached" });

  place("a code that is withdrawn");
  await button(page, "Invite a colleague").click();
  await dialog.getByLabel("Name").fill("Elin Strand");
  await dialog.getByLabel("Email").fill("elin@northlight.example");
  await button(dialog, "Make a code").click();
  await gone();
  const elin = page.getByRole("region", { name: /^Code for Elin Strand/ });
  await elin.waitFor();
  const withdraw = (code: string) => page.getByRole("button", { name: `Withdraw: Code for ${code}` });
  const row = rowOf("Elin Strand");
  await row.getByText("invited today, code not used yet").waitFor();
  await look(page, "a code");
  await button(page, "Make a code").click();
  await page.getByRole("region", { name: "Code for your other computer" }).waitFor();
  await elin.waitFor({ state: "detached" });
  await withdraw("your other computer, until today").waitFor();
  await look(page, "codes");
  await withdraw("Elin Strand").click();
  await page.getByText("Withdrawn. The code no longer works.").waitFor();
  await withdraw("Elin Strand").waitFor({ state: "detached" });
  await row.getByText("no computer, and no valid code").waitFor();
  await withdraw("your other computer, until today").click();
  await page.getByRole("region", { name: "Code for your other computer" }).waitFor({ state: "detached" });
  await look(page, "no codes");

  place("what a computer holds");
  await page.getByRole("button", { name: /show what Ana’s iMac at the office holds/ }).click();
  await dialog.getByText(/^Facebook user, connected by Ana Ruiz/).waitFor();
  const held = await dialog.locator("li").count();
  if (held < 5) complain(`only ${held} credentials are listed`);
  await look(page, "what a computer holds");
  await button(dialog.locator(".mantine-Modal-body"), "Close").click();
  await gone();
  await button(page, "Revoke Ana’s iMac at the office").click();
  await dialog.getByText(/^Facebook user, connected by Ana Ruiz/).waitFor();
  await look(page, "revoke a computer");
  await button(dialog, "Revoke").click();
  await page.getByRole("heading", { name: "What Ana’s iMac at the office held" }).waitFor();
  await dialog.getByText(/^Facebook user, connected by Ana Ruiz/).waitFor();
  if ((await dialog.locator("li").count()) !== held)
    complain(`it held ${await dialog.locator("li").count()}, before it were ${held}`);
  await look(page, "what a revoked computer held");
  await button(dialog.locator(".mantine-Modal-body"), "Close").click();
  await gone();
  await page.getByRole("heading", { name: /^Revoked computers/ }).waitFor();
  await button(page, "What it held: Ana’s iMac at the office").click();
  await dialog.getByText(/^Facebook user, connected by Ana Ruiz/).waitFor();
  await page.keyboard.press("Escape");
  await gone();
  await look(page, "the team afterwards");
});
