// A member of staff at the hub's screens: what the hub's checks share.
import type { BrowserContext } from "@playwright/test";
import type { api } from "../../../frontend/src/api/client.ts";
import {
  axe,
  complain,
  inColours,
  input,
  listen,
  type Page,
  picture,
  place,
  test as plain,
  settled,
  tooWide,
} from "./page.ts";

/** A page that complains by itself, of broken policies too. */
export async function complaining(context: BrowserContext): Promise<Page> {
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
  });
  const page = await context.newPage();
  listen(page, (what) => {
    // The frame of a preview or an email runs nothing, which is as it should be.
    if (!/Blocked script execution in '[^']*\/(preview|mailbox)\//.test(what)) complain(what);
  });
  return page;
}

/** Gives a browser the key of the hub's screens, as if it had opened the printed address, which works once. */
async function holdKey(context: BrowserContext, key: string): Promise<void> {
  const origin = new URL(input.url).origin;
  await context.addInitScript(
    ([origin, key]) => {
      if (location.origin === origin) localStorage.setItem("latchkey-key", key);
    },
    [origin, key] as const,
  );
}

/** The page is the hub's screens, in a window of 1280×800. */
export const test = plain.extend<{ page: Page }>({
  page: async ({ context }, use) => {
    place("start");
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    const page = await complaining(context);
    if (input.key) await holdKey(context, input.key);
    await page.goto(input.key ? new URL("/", input.url).href : input.url);
    await use(page);
  },
});

/** A screen in light and dark, as axe sees it. */
export async function look(page: Page, name: string): Promise<void> {
  place(name);
  await settled(page);
  await page.evaluate(() => {
    // What fades has no colour of its own yet.
    const still = new CSSStyleSheet();
    still.replaceSync("*, *::before, *::after { transition: none !important }");
    document.adoptedStyleSheets = [still];
  });
  for (const colours of ["light", "dark"] as const) {
    await inColours(page, colours);
    for (const found of await axe(page)) complain(`${colours}: ${found}`);
    await picture(page, `${name}-${colours}`);
  }
  for (const found of await tooWide(page)) complain(found);
  await page.emulateMedia({ colorScheme: "light" });
}

type Api = typeof api;
/** What a call takes; what is left out is its zero value. */
type Params<M extends keyof Api> = Parameters<Api[M]> extends [infer P] ? Partial<P> : Record<string, never>;

/** Makes a call of the screens, as their script does; what fails throws. */
export function call<M extends keyof Api>(page: Page, method: M, params: Params<M>): ReturnType<Api[M]> {
  return page.evaluate(
    async ([name, body]) => {
      const reply = await fetch(`/bridge/call/${name}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${localStorage.getItem("latchkey-key")}`,
        },
        body,
      });
      const { result, error } = await reply.json();
      if (error) throw new Error(JSON.stringify(error));
      return result;
    },
    [method, JSON.stringify(params)] as const,
  ) as ReturnType<Api[M]>;
}

/** Goes to an address of the screens. */
export function go(page: Page, hash: string): Promise<void> {
  return page.evaluate((to) => {
    location.hash = to;
  }, hash);
}

/** Enrols an empty hub with Ana's code. */
export async function join(page: Page): Promise<void> {
  await page.getByLabel("Relay address").fill(input.relay);
  await page.getByLabel("One-time code").fill(input.code);
  await page.getByRole("button", { name: /^Join/ }).click();
  await page.getByRole("heading", { name: /^Good (morning|afternoon|evening), Ana/ }).waitFor({ timeout: 60_000 });
}
