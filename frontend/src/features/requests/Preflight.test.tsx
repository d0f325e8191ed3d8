// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { PreflightReason } from "../../api/enums";
import type { PreflightRow, RequestDetails } from "../../api/types";
import { fullDay } from "../../lib/dates";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { readRecipients } from "../../testing/recipients";
import { now, renderAt } from "../../testing/render";
import { requestDetails, requestRow, totals } from "../../testing/rows";

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

  it.each([
    ["no_device", "device", t.preflight.team, "/settings/team"],
    ["app_broken", "platform", t.preflight.accounts, "/accounts"],
    ["keychain", "admin", t.preflight.unlock, "/collaboration/send/R1"],
  ] as const)("leads to what mends %s", async (reason, check, word, leadsTo) => {
    const { calls, render } = opened([row({ check, state: "warning", reason })]);
    const { user, router } = await render();
    await user.click(await within(await checks()).findByRole("button", { name: word }));
    await waitFor(() => expect(router.state.location.pathname).toBe(leadsTo));
    if (reason === "keychain") expect(calls.filter((call) => call.name === "preflight")).toHaveLength(2);
  });

  it.each([
    ["resend", t.actions.resend, t.resendDialog.yes],
    ["renew", t.actions.renewSend, t.home.renewSend],
    ["reopen", t.actions.reopen, t.confirmReopen.yes],
  ] as const)("stops what is sent once more by %s, until it is mended", async (call, item, yes) => {
    const lost = row({ check: "admin", state: "stop", reason: "not_admin" });
    const lostOnly = [lost];
    let found = lostOnly;
    const can = { ...requestRow().can, resend: true, renew: true, reopen: true, send_link: true };
    const to = { id: "T1", address: "kim@harbour.example", name: "", state: "sent", resend: true };
    const recipients = [{ ...requestDetails().recipients[0], ...to }] as RequestDetails["recipients"];
    const calls = bridge({
      totals: () => totals(),
      relay: () => relay,
      requests: () => ({ requests: [requestRow({ can })], next: "" }),
      countRequests: () => 1,
      request: () => requestDetails({ can, recipients }),
      preflight: () => ({ lines: found, stops: found === lostOnly }),
      [call]: () => (call === "resend" ? { sent: 1, delayed: 0, failed: 0 } : null),
    });
    const { user } = await renderAt("/collaboration");
    (await screen.findByRole("row", { name: /Harbour/ })).focus();
    await user.keyboard(".");
    await user.click(await screen.findByRole("menuitem", { name: new RegExp(item) }));
    const sent = () => calls.filter(({ name }) => name === call);
    if (call !== "renew") {
      const dialog = within(await screen.findByRole("dialog"));
      if (call === "reopen") await user.click(dialog.getByRole("checkbox", { name: t.confirmReopen.send }));
      const button = await dialog.findByRole<HTMLButtonElement>("button", { name: yes });
      await waitFor(() => expect(button.disabled).toBe(false));
      await user.click(button);
    }
    await screen.findByText(t.preflight.sentence.not_admin("Ana Ruiz", "Northlight Media"));
    const dialog = within(screen.getByRole("dialog"));
    expect(dialog.getByRole<HTMLButtonElement>("button", { name: yes }).disabled).toBe(true);
    expect(sent()).toEqual([]);
    found = [row({})];
    await user.click(dialog.getByRole("button", { name: t.preflight.again }));
    await dialog.findByText(t.preflight.ready);
    await user.click(dialog.getByRole("button", { name: yes }));
    await waitFor(() => expect(sent()).toHaveLength(1));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
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
