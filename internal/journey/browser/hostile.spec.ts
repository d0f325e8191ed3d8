// Texts that would run (each of a hundred, or each EVERYth), in every field that
// a person can fill, on every page and screen that shows it. None of them may
// run, and no content policy may have had to stop one.
import type { Browser, BrowserContext } from "@playwright/test";
import { call, go, test } from "./hub.ts";
import { complain, expect, input, listen, type Page, place, settled } from "./page.ts";

const starts = [
  "",
  '"',
  "'",
  '">',
  "'>",
  "</p>",
  "</title>",
  "</textarea>",
  "</script>",
  "</style>",
  "-->",
  "]]>",
  "`",
  "{{",
  "\\u0022>",
  "&#34;>",
  "&lt;",
  "%22%3E",
  ' autofocus onfocus=canary() x="',
  "' onmouseover='canary()",
];
const ends = [
  "<script>canary()</script>",
  "<img src=x onerror=canary()>",
  "<svg onload=canary()>",
  '<a href="javascript:canary()">x</a>',
  '<iframe srcdoc="<script>parent.canary()</script>"></iframe>',
];
const hostile = starts.flatMap((start) => ends.map((end) => start + end)).filter((_, n) => n % input.every === 0);

// Whatever runs says so: in a window of the hub's, and in a client's.
async function watch(context: BrowserContext) {
  await context.addInitScript(() => {
    Object.assign(window, { canary: () => console.error("a hostile text runs") });
  });
}

function noDialogs(page: Page) {
  page.on("dialog", (dialog) => {
    complain("a hostile text opens a dialog");
    void dialog.dismiss();
  });
}

async function client(browser: Browser) {
  const context = await browser.newContext();
  await watch(context);
  await context.addInitScript(() => {
    addEventListener("securitypolicyviolation", (e) => console.error(`policy: ${e.violatedDirective} ${e.blockedURI}`));
  });
  const page = await context.newPage();
  listen(page, (what) => {
    if (!/status of (4|5)\d\d/.test(what)) complain(what);
  });
  noDialogs(page);
  return page;
}

test("no text that somebody types runs", async ({ page, browser }) => {
  const linkOf = async (id = "") => (await call(page, "request", { id })).link;
  await watch(page.context());
  noDialogs(page);
  await page.reload();
  await page
    .getByRole("heading", { name: /^Good (morning|afternoon|evening)/ })
    .first()
    .waitFor();
  const agency = await call(page, "agency", {});
  await call(page, "saveBrand", {
    company: '</title>"><svg onload=canary()>',
    logo: "",
    keep_logo: true,
    colour: agency.colour,
    show_requester: true,
  });
  await call(page, "inviteMember", {
    name: `'"><img src=x onerror=canary()>`,
    email: "eve@northlight.example",
    role: "sub",
  });

  const ids: string[] = [];
  for (const text of hostile)
    ids.push(
      await call(page, "saveRequest", {
        id: "",
        client: text,
        message: `${text}\n${hostile.join("\n").slice(0, 4800)}`,
        services: ["hubspot", "activecampaign"],
        connection: "",
        business: "",
      }),
    );
  await expect
    .poll(
      async () => {
        await call(page, "sync", {});
        return linkOf(ids.at(-1));
      },
      { message: "the requests arrive" },
    )
    .toBeTruthy();

  // What runs would be noticed.
  const proof = await page.context().newPage();
  const ran = proof.waitForEvent("console", { predicate: (said) => said.text() === "a hostile text runs" });
  await proof.goto("data:text/html,<svg onload=canary()>");
  await ran;
  await proof.close();

  // A client with such a name, who skips with such a reason.
  const visitor = await client(browser);
  for (const [n, text] of hostile.entries()) {
    place(`a client's pages with ${text}`);
    const link = await linkOf(ids[n]);
    await visitor.goto(link);
    if (!(await visitor.locator("body").innerText()).includes(text))
      complain("the landing page does not show the text as it is");
    if (n % 9) continue; // the steps behind it with some of each
    await visitor.getByRole("button", { name: "Grant Permission Now" }).click();
    await visitor.getByLabel("Your name").fill(hostile[(n * 7 + 3) % hostile.length]!.slice(0, 120));
    await visitor.getByLabel("Your work email").fill(`"${"<svg>"}"@client.example`);
    // This address is none: it comes back in its field.
    await visitor.getByRole("button", { name: "View request" }).click();
    await visitor.getByLabel("Your work email").fill('o\'hara+"x"@client.example'.replaceAll('"', ""));
    await visitor.getByRole("button", { name: "View request" }).click();
    await visitor.waitForURL(/\/w\//);
    const visit = visitor.url().match(/^.*\/w\/[^/]+/)![0];
    await visitor.goto(`${visit}/platforms/activecampaign/key`);
    await visitor.getByLabel("API URL").fill(text);
    await visitor.getByLabel("API key").fill(text);
    await visitor.getByRole("button", { name: "Connect" }).click();
    await visitor.waitForLoadState();
    for (const service of ["hubspot", "activecampaign"]) {
      await visitor.goto(`${visit}/skip/${service}`);
      const reason = visitor.locator("textarea, input[type=text]").first();
      if (await reason.count()) await reason.fill(text);
      const radio = visitor.locator("input[type=radio]").last();
      if (await radio.count()) await radio.check();
      await visitor.locator("main form button").first().click();
    }
    for (const at of ["summary", "platforms", "help", "genuine", "report"]) await visitor.goto(`${visit}/${at}`);
    const reply = visitor.locator("form textarea").first();
    if (await reply.count()) {
      await reply.fill(text);
      await visitor.locator("form input[autocomplete=email]").first().fill("x<svg>@y");
      await visitor.locator("main form button").first().click();
    }
    await visitor.goto(link); // somebody who has been here before
  }

  // The hub's screens and previews.
  await call(page, "sync", {});
  for (const [n, text] of hostile.entries()) {
    if (n % 3) continue;
    place(`the hub with ${text}`);
    await go(page, `#/collaboration?open=${ids[n]}`);
    await page.getByRole("dialog").waitFor();
    if (n % 15 === 0) {
      await settled(page);
      for (const kind of ["email", "landing", "wizard"] as const) {
        const { address } = await call(page, "preview", {
          kind,
          dark: false,
          form: {
            id: "",
            client: text,
            message: text,
            services: ["hubspot"],
            kinds: [],
            level: "advertise",
            connection: "",
            business: "",
            business_name: "",
            by_hand: false,
          },
          request: "",
          brand: null,
          brand_on: true,
        });
        const frame = await page.context().newPage();
        // Its own script is stopped, by the policy of every preview; it has no icon.
        listen(frame, (what) => {
          if (!/\/preview\/light\/assets\/script-|404 \(Not Found\)/.test(what)) complain(`a preview: ${what}`);
        });
        await frame.goto(new URL(address, page.url()).href);
        await frame.close();
      }
    }
  }
  for (const hash of [
    "#/",
    "#/collaboration",
    "#/accounts",
    "#/settings/team",
    "#/collaboration/settings",
    "#/collaboration/new",
  ]) {
    place(`the hub at ${hash}`);
    await go(page, hash);
    await settled(page);
  }
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Find anything" }).fill("canary");
  await page.getByRole("option").first().waitFor();
  await settled(page);
});
