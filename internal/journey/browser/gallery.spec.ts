// Every page and email of the gallery that Go serves, in light and dark, wide
// and narrow. Where pictures are wanted it only takes them.
import { axe, complain, contrast, cutOff, expect, input, listen, type Page, place, test, tooWide } from "./page.ts";

// Hundreds of pages would make a trace of hundreds of megabytes.
test.use({ trace: "off" });

const wide = { width: 1280, height: 800 };
const narrow = { width: 320, height: 640 }; // what a wide window has at a zoom of 400 %

async function check(page: Page) {
  await page.setViewportSize(wide);
  for (const found of await axe(page)) complain(found);
  for (const found of await tooWide(page)) complain(found);
  await page.emulateMedia({ colorScheme: "dark" }); // which changes colours and nothing else
  for (const found of await axe(page, contrast)) complain(`dark: ${found}`);
  await page.setViewportSize(narrow);
  for (const found of [...(await tooWide(page)), ...(await cutOff(page))]) complain(`zoomed in: ${found}`);
}

/** Every button that copies puts what it stands beside on the clipboard. */
async function copies(page: Page) {
  for (const b of await page.locator("[data-copy]:visible").all()) {
    const beside = page.locator(`#${await b.getAttribute("data-copy")}`);
    const want = await beside.evaluate((e: HTMLElement) => e.dataset.value ?? (e as HTMLTextAreaElement).value);
    await b.click();
    const got = await page.evaluate(() => navigator.clipboard.readText());
    if (!want || got !== want) complain(`${await b.textContent()} copies ${JSON.stringify(got)}, not ${want}`);
  }
}

async function pictures(page: Page, name: string) {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${input.pictures}/${name}-${colorScheme}.png`, fullPage: true });
  }
}

// Two browsers share the work.
test.describe.configure({ mode: "parallel" });

const parts = [
  { title: "every page is in order, the first half", kind: "page", half: 0 },
  { title: "every page is in order, the second half", kind: "page", half: 1 },
  { title: "every email is in order", kind: "email" },
];

for (const { title, kind, half } of parts) {
  test(title, async ({ context }) => {
    const all = (await (await fetch(`${input.url}/states`)).json()) as { name: string; address: string }[];
    const states = all
      .filter((state) => state.address.startsWith(`/${kind}/`))
      .filter((_, n) => half === undefined || n % 2 === half);
    expect(states).not.toHaveLength(0);
    await context.addInitScript(() => {
      // What looks again by itself stands still here.
      window.setInterval = (() => 0) as unknown as typeof window.setInterval;
    });
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await context.newPage();
    listen(page);
    for (const { name, address } of states) {
      place(name);
      await page.emulateMedia({ colorScheme: "light" });
      const reply = await page.goto(input.url + address);
      if (reply?.status() !== 200) complain(`answered ${reply?.status()}`);
      // From an address the browser compiles axe once, not for each page. An email allows no script.
      if (kind === "page") await page.addScriptTag({ url: "/axe.js" });
      await (input.pictures ? pictures(page, name) : check(page));
      if (kind === "page" && !input.pictures) await copies(page);
    }
  });
}
