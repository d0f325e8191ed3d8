// hub-visible.mjs CONFIG: says when each row of the list shows a connected
// account, one line of JSON a row, until it is asked to end.
import { browser, go, openHub } from "./measure.mjs";

const page = await openHub();
await page.exposeFunction("seen", (line) => console.log(line));
await go(page, "#/collaboration");
await page.getByRole("table", { name: "Onboarding requests" }).or(page.getByRole("heading")).first().waitFor();
await page.evaluate(() => {
  const said = new Set();
  const look = () => {
    const at = performance.timeOrigin + performance.now();
    for (const row of document.querySelectorAll("tr[data-row]")) {
      if (said.has(row.dataset.row) || !/, 1 connected|\b1\b/.test(row.querySelector(".services")?.textContent ?? ""))
        continue;
      said.add(row.dataset.row);
      window.seen(JSON.stringify({ id: row.dataset.row, at }));
    }
  };
  new MutationObserver(look).observe(document.body, {
    childList: true,
    subtree: true,
    characterData: true,
    attributes: true,
  });
});
console.log(JSON.stringify({ id: "ready", at: 0 }));
process.on("SIGINT", () => browser.close().then(() => process.exit(0)));
