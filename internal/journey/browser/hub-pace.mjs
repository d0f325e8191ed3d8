// hub-pace.mjs CONFIG: how long it takes from a key to the painted result, and
// how smoothly a long list scrolls. One line of JSON.
import { browser, go, openHub } from "./measure.mjs";

const page = await openHub();
await go(page, "#/collaboration");
await page.locator("tr[data-row]").first().waitFor();
await page.waitForTimeout(1000);
await page.evaluate(() => {
  // A key counts from its event to the paint of the rows that were found for it.
  const waiting = new Map();
  window.took = [];
  addEventListener("input", (e) => waiting.set(e.target.value.trim(), performance.now()), true);
  const fetched = window.fetch;
  window.fetch = async (...args) => {
    const answer = await fetched(...args);
    if (String(args[0]).endsWith("/bridge/call/requests")) {
      const { search, skip } = JSON.parse(args[1].body);
      const begun = waiting.get(search);
      if (skip === 0 && begun !== undefined) {
        waiting.delete(search);
        const whole = answer.json.bind(answer);
        answer.json = async () => {
          const said = await whole();
          setTimeout(() =>
            requestAnimationFrame(() => {
              // after React has put the rows in
              const painted = new MessageChannel();
              painted.port1.onmessage = () => window.took.push(performance.now() - begun);
              painted.port2.postMessage(0);
            }),
          );
          return said;
        };
      }
    }
    return answer;
  };
});
const field = page.getByLabel("Search recipients, clients, accounts");
const words = ["hotels", "fjord bikes", "mina.", "example", "zoo & park", "harbour 10", "tanaka", "4321@"];
for (const word of words) {
  for (const char of word) {
    await field.press(char === " " ? "Space" : char);
    await page.waitForTimeout(120); // a quick typist
  }
  await page.waitForTimeout(300);
  await field.fill("");
  await page.waitForTimeout(300);
}
const keys = (await page.evaluate(() => window.took)).sort((a, b) => a - b);
const scroll = await page.evaluate(
  () =>
    new Promise((done) => {
      const list = document.querySelector(".tblwrap");
      const frames = [];
      let last = performance.now();
      const begun = last;
      const step = (now) => {
        frames.push(now - last);
        last = now;
        list.scrollTop += 160;
        if (now - begun < 5000) requestAnimationFrame(step);
        else done({ fps: frames.length / ((now - begun) / 1000), longest: Math.max(...frames.slice(1)) });
      };
      requestAnimationFrame(step);
    }),
);
const at = (q) => keys[Math.min(keys.length - 1, Math.floor(keys.length * q))];
console.log(
  JSON.stringify({
    keys: keys.length,
    p50: at(0.5),
    p95: at(0.95),
    p99: at(0.99),
    fps: scroll.fps,
    longest: scroll.longest,
  }),
);
await browser.close();
