// A link opened on what is not a computer, each with script and without.
import { axe, button, complain, input, place, test, tooWide } from "./page.ts";

const kinds = {
  phone: {
    userAgent:
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36",
    viewport: { width: 390, height: 844 },
    isMobile: true,
    hasTouch: true,
  },
  // A tablet that says it is a Macintosh: only its finger gives it away.
  tablet: {
    userAgent:
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
    viewport: { width: 1024, height: 768 },
    isMobile: true,
    hasTouch: true,
  },
  // And a Macintosh, which has to get in.
  macintosh: {
    userAgent:
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15",
    viewport: { width: 1280, height: 800 },
  },
};

for (const [kind, options] of Object.entries(kinds)) {
  for (const script of [true, false]) {
    const name = `${kind} ${script ? "with" : "without"} script`;
    test(name, async ({ browser }) => {
      place(name);
      const context = await browser.newContext({ ...options, javaScriptEnabled: script });
      const page = await context.newPage();
      await page.goto(input.link, { waitUntil: "networkidle" });
      const grant = button(page, "Grant Permission Now");
      const refused = page.getByRole("heading", { name: "Please open this on a computer" });

      // The tablet is known only after its first page; what counts is that no step follows.
      if (await grant.isVisible()) await grant.click();
      const name2 = page.getByLabel("Your name");
      await refused.or(name2).first().waitFor();
      if (kind === "macintosh") {
        if (await refused.isVisible()) complain(`it is refused`);
      } else {
        if (!(await refused.isVisible())) complain(`it may go on`);
        await page.goto(`${input.link}/about`);
        if (!(await refused.isVisible())) complain(`it may type an address`);
        if (script) {
          for (const found of await axe(page)) complain(found);
          for (const found of await tooWide(page)) complain(found);
        }
      }

      if (input.pictures) await page.screenshot({ path: `${input.pictures}/${name.replaceAll(" ", "-")}.png` });
      await context.close();
    });
  }
}
