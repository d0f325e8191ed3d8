// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { PreflightReason } from "../../api/enums";
import type { PreflightRow } from "../../api/types";
import { fullDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { readRecipients } from "../../testing/recipients";
import { now, renderAt } from "../../testing/render";
import { requestDetails, totals } from "../../testing/rows";

const relay = {
  operator: "Kestrel Hosting",
  contact: "help@kestrel.example",
  mail_from: "",
  address: "https://access.example",
  platforms: [],
};

const row = (part: Partial<PreflightRow>): PreflightRow => ({
  check: "mail",
  state: "ok",
  user: "Ana Ruiz",
  business: "Northlight Media",
  until: 0,
  address: "https://access.example",
  ...part,
});

/** The second step of a request, with what the checks find, one answer after the other. */
function opened(...found: PreflightRow[][]) {
  let asked = 0;
  const calls = bridge({
    totals: () => totals(),
    relay: () => relay,
    request: () => requestDetails({ recipients: [], business_id: "118420903317552" }),
    readRecipients: readRecipients(),
    browse: () => null,
    preflight: () => ({ lines: found[Math.min(asked++, found.length - 1)], stops: false }),
  });
  return { calls, render: () => renderAt("/collaboration/send/R1") };
}

const checks = () => screen.findByRole("region", { name: t.preflight.title });
const send = () => screen.getByRole<HTMLButtonElement>("button", { name: t.form.send });

describe("what is checked before a request is sent", () => {
  it("is one line where nothing is wrong", async () => {
    await opened([row({}), row({ check: "device" })]).render();
    await screen.findByText(t.preflight.ready);
    expect(send().disabled).toBe(false);
  });

  it("keeps the email back while it would lead nowhere, says who can mend it, and lets it go after that", async () => {
    const lost = row({ check: "admin", state: "stop", reason: "not_admin" });
    const { calls, render } = opened([lost, row({})], [row({}), row({})]);
    const { user } = await render();
    await screen.findByText(t.preflight.sentence.not_admin("Ana Ruiz", "Northlight Media"));
    expect(send().disabled).toBe(true);
    await screen.findByText(t.preflight.stops);
    await screen.findByText(t.preflight.linkStops);
    await screen.findByText(t.preflight.others(1));
    const region = within(await checks());
    await user.click(region.getByRole("button", { name: t.preflight.openBusiness }));
    expect(calls.find((call) => call.name === "browse")?.params).toEqual({
      address: "https://business.facebook.com/settings/people?business_id=118420903317552",
    });
    expect(region.getByRole("button", { name: t.form.edit })).toBeTruthy();
    await user.click(region.getByRole("button", { name: t.preflight.again }));
    await screen.findByText(t.preflight.ready);
    expect(send().disabled).toBe(false);
  });

  it("only warns of what does not stop it, the worst first", async () => {
    await opened([
      row({ check: "sign_in", state: "warning", reason: "sign_in_ends", until: now }),
      row({ check: "platform", state: "warning", reason: "platform_down", service: "hubspot" }),
      row({ state: "warning", reason: "mail_down", detail: "454 not now" }),
    ]).render();
    const region = await checks();
    await waitFor(() => expect(region.textContent).toContain("help@kestrel.example"));
    expect(region.textContent).toContain(t.preflight.sentence.platform_down("HubSpot"));
    expect(region.textContent).toContain(t.preflight.sentence.sign_in_ends("Ana Ruiz", fullDay(now)));
    expect(region.textContent).toContain(t.preflight.says("454 not now"));
    expect(within(region).getByRole("button", { name: t.preflight.signIn })).toBeTruthy();
    expect(send().disabled).toBe(false);
  });

  it("leaves the link to be copied where only emails cannot be sent", async () => {
    await opened([row({ state: "stop", reason: "no_mail" })]).render();
    await screen.findByText(t.preflight.sentence.no_mail);
    expect(send().disabled).toBe(true);
    expect(screen.queryByText(t.preflight.linkStops)).toBeNull();
    expect(within(await checks()).getByRole("button", { name: t.preflight.copyLink })).toBeTruthy();
  });

  it("is waited for when Send Email is pressed before it is known", async () => {
    const slow = deferred<null>();
    const lost = row({ state: "stop", reason: "no_mail" });
    const calls = bridge({
      totals: () => totals(),
      relay: () => relay,
      request: () => requestDetails(),
      readRecipients: readRecipients(),
      send: () => null,
      preflight: () => slow.promise.then(() => ({ lines: [lost], stops: true })),
    });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await screen.findByRole("textbox", { name: t.form.recipients }), "ana@harbour.example,");
    await user.click(send());
    await waitFor(() => expect(send().getAttribute("aria-busy")).toBe("true"));
    slow.resolve(null);
    await screen.findByText(t.preflight.stops);
    expect(calls.filter((call) => call.name === "send")).toEqual([]);
    expect(calls.filter((call) => call.name === "preflight")).toHaveLength(1);
  });

  it("keeps nobody from sending where it cannot be made", async () => {
    bridge({
      totals: () => totals(),
      relay: () => relay,
      request: () => requestDetails(),
      readRecipients: readRecipients(),
      preflight: () => new Refusal("unexpected"),
    });
    await renderAt("/collaboration/send/R1");
    await screen.findByText(t.preflight.notChecked);
    expect(send().disabled).toBe(false);
  });

  it("has a sentence for every reason, and one for a reason of a newer relay", async () => {
    const reasons = Object.keys(t.preflight.sentence) as PreflightReason[];
    const all = [...reasons, "of_tomorrow" as PreflightReason];
    await opened(
      all.map((reason, n) => row({ check: "address", state: "warning", reason, service: `s${n}` })),
    ).render();
    const region = await checks();
    await waitFor(() => expect(within(region).getByText(t.preflight.notChecked)).toBeTruthy());
    expect(region.querySelectorAll(".problem")).toHaveLength(reasons.length + 1);
  });
});
