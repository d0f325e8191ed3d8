// The story's way through the platforms and back, in another engine than
// Chromium: there the cookie has to come back too. Playwright drives only
// builds of Firefox and WebKit of its own; these are the system's.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, input, test } from "./page.ts";

interface Engine {
  goto(address: string): Promise<unknown>;
  run(script: string, ...args: string[]): Promise<unknown>;
  close(): Promise<void>;
}

// Both engines give no more than this: go to an address, and run a function in
// the page. What a person does is made of it.
async function firefox(profile: string): Promise<Engine> {
  const { default: puppeteer } = await import("puppeteer-core");
  const executablePath = ["/usr/bin/firefox-esr", "/usr/bin/firefox"].find(existsSync);
  if (!executablePath) throw new Error("no Firefox found");
  const browser = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    userDataDir: profile,
    waitForInitialPage: true,
  });
  const page = await browser.newPage();
  return {
    goto: (address: string) => page.goto(address),
    run: (script: string, ...args: string[]) => page.evaluate(`(${script})(...${JSON.stringify(args)})`),
    close: () => browser.close(),
  };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function webkit(profile: string): Promise<Engine> {
  const places = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"].flatMap((lib) =>
    ["4.1", "4.0"].map((v) => `${lib}/webkit2gtk-${v}/MiniBrowser`),
  );
  const binary = places.find(existsSync);
  const port = await freePort();
  // It draws on a screen; where there is none, on one that nobody sees.
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? [] : ["xvfb-run", "-a"];
  const [command = "", ...args] = [...screen, "WebKitWebDriver", "--host=127.0.0.1", `--port=${port}`];
  const driver = spawn(command, args, {
    stdio: "ignore",
    detached: true,
    env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1", HOME: profile, XDG_DATA_HOME: profile },
  });
  const call = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method, body: body ? JSON.stringify(body) : null });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error} ${value.message}`);
    return value;
  };
  await expect(async () => call("GET", "/status")).toPass({ timeout: 30_000, intervals: [100] });
  const { sessionId } = await call("POST", "/session", {
    capabilities: {
      alwaysMatch: { browserName: "MiniBrowser", "webkitgtk:browserOptions": { binary, args: ["--automation"] } },
    },
  });
  const session = `/session/${sessionId}`;
  return {
    goto: (url: string) => call("POST", `${session}/url`, { url }),
    run: (script: string, ...args: string[]) =>
      call("POST", `${session}/execute/sync`, { script: `return (${script})(...arguments)`, args }),
    close: async () => {
      await call("DELETE", session).catch(() => undefined);
      try {
        process.kill(-driver.pid!);
      } catch {
        /* it has gone already */
      }
    },
  };
}

// What can be pressed is found by its words, as a person finds it. Each press
// leaves the page, so a page that was pressed once is on its way out: what the
// engine does with a second press depends on how far it has come.
function press(words: string) {
  if (document.body.dataset.pressed) return false;
  const name = (e: Element) => (e.getAttribute("aria-label") ?? e.textContent ?? "").replace(/\s+/g, " ").trim();
  const found = [...document.querySelectorAll<HTMLButtonElement>("button, a[href]")].filter(
    (e) => !e.disabled && e.checkVisibility?.() !== false,
  );
  const one = found.find((e) => name(e) === words) ?? found.find((e) => name(e).startsWith(words));
  if (!one) return false;
  document.body.dataset.pressed = words;
  one.click();
  return true;
}
function fill(label: string, text: string) {
  const one = [...document.querySelectorAll("label")].find((e) => e.textContent?.trim() === label)?.control as
    | HTMLInputElement
    | undefined;
  if (one) one.value = text;
  return Boolean(one);
}
function tick(label: string) {
  const one = [...document.querySelectorAll("label")].find((e) =>
    e.textContent?.replace(/\s+/g, " ").trim().startsWith(label),
  )?.control as HTMLInputElement | undefined;
  if (one) one.checked = true;
  return Boolean(one);
}
function reads(sentence: string) {
  return document.readyState === "complete" && document.body.innerText.replace(/\s+/g, " ").includes(sentence);
}

test("the cookie comes back with the client", async () => {
  const profile = mkdtempSync(join(tmpdir(), "latchkey-browser-"));
  const engine = await (input.engine === "firefox" ? firefox(profile) : webkit(profile));
  // A page that is going away cannot be asked.
  const until = (what: string, script: string, ...args: string[]) =>
    expect.poll(() => engine.run(script, ...args).catch(() => false), { message: what, intervals: [100] }).toBe(true);
  const see = (sentence: string) => until(`reading “${sentence}”`, reads.toString(), sentence);
  const go = (words: string) => until(`pressing “${words}”`, press.toString(), words);
  const type = (label: string, text: string) => until(`filling “${label}”`, fill.toString(), label, text);
  const choose = (label: string) => until(`ticking “${label}”`, tick.toString(), label);
  try {
    await engine.goto(input.link);
    await go("Grant Permission Now");
    await see("Who is granting access?");
    await type("Your name", "Mina Ito");
    await type("Your work email", input.to);
    await go("View request");
    await see("Connect Facebook");
    await go("Add Facebook");
    await go("Log In");
    await go("Mina Ito");
    await go("Allow");
    await see("Choose what to share"); // the cookie came back with her
    await choose("Harbour & Pine UK");
    await choose("Pine Kids");
    await go("Connect Assets");
    await see("Connected");
    await go("Next Step");
    await see("Connect your other platforms");
    await go("Add Mailchimp");
    await go("Proceed");
    await go("Marta Lindqvist");
    await go("Allow");
    await see("Mailchimp is connected");
    await go("Close");
    await go("Add Salesforce");
    await type("Your Salesforce address", "harbourpine.my.salesforce.com");
    await go("Continue");
    await go("Proceed");
    await go("Lars Holm");
    await go("Allow");
    await see("Salesforce is connected");
    await go("Close");
    await go("Add Google Sheets");
    await choose("Pick sheets I have");
    await go("Continue");
    await go("Proceed");
    await go("Lars Holm");
    await go("Allow");
    await choose("Leads autumn campaign");
    await go("Select");
    await see("Google Sheets is connected");
    await go("Close");
    await see("Connect your other platforms");
    await go("Add HubSpot");
    await go("Proceed");
    await go("Lars Holm");
    await go("Harbour & Pine AB");
    await go("Allow");
    await see("HubSpot is connected");
    await go("Close");
    await go("Add ActiveCampaign");
    await see("Where to find them");
    await type("API URL", input.account.url);
    await type("API key", input.account.key);
    await go("Connect");
    await see("ActiveCampaign is connected");
    await go("Close");
    await see("Connect your other platforms");
    await go("Next Step");
    await see("Is this everything?");
    await go("Finish");
    await see("You are done.");
  } catch (e) {
    const shown = 'function () { return location.pathname.slice(0, 3) + " " + document.body.innerText.slice(0, 800) }';
    throw new Error(`${e}\nThe page then: ${await engine.run(shown).catch(String)}`);
  } finally {
    await engine.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
});
