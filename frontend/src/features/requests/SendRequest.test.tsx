// @vitest-environment jsdom
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { RecipientsParams } from "../../api/types";
import { sendLink } from "../../lib/links";
import { explainReply } from "../../lib/serverReply";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { readRecipients } from "../../testing/recipients";
import { renderAt } from "../../testing/render";
import { requestDetails, totals } from "../../testing/rows";

const relay = { operator: "", contact: "", mail_from: "", address: "", platforms: [] };
const recipient = { id: "T1", address: "kim@harbour.example", name: "", state: "opened", resend: false, unseen: false };

/** The second step of a request that kim@harbour.example has got already. */
function saved() {
  return {
    totals: () => totals(),
    relay: () => relay,
    request: () => requestDetails({ recipients: [recipient as never] }),
    readRecipients: readRecipients([recipient.address]),
    preflight: () => ({ lines: [], stops: false }),
  };
}

const field = () => screen.findByRole<HTMLInputElement>("textbox", { name: t.form.recipients });
const send = () => screen.getByRole("button", { name: t.form.send });
const tag = (address: string) => screen.queryByRole("button", { name: t.form.remove(address) });
const taken = (address: string) => screen.findByRole("button", { name: t.form.remove(address) });
const sent = (calls: { name: string; params: unknown }[]) => calls.filter((call) => call.name === "send");

describe("the recipients of a request", () => {
  it("are taken one by one and sent with Enter, each once", async () => {
    const calls = bridge({ ...saved(), send: () => null });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@harbour.example,lin@harbour.example;ana@harbour.example{Enter}");
    await screen.findByText(t.form.double);
    await user.type(await field(), "{Enter}");
    await screen.findByText(t.toast.sent(2));
    const addresses = ["ana@harbour.example", "lin@harbour.example"];
    expect(sent(calls)).toEqual([{ name: "send", params: { id: "R1", addresses } }]);
    await waitFor(() => expect(tag("ana@harbour.example")).toBeNull());
  });

  it("are counted once, however often an address is in the list", async () => {
    bridge({ ...saved() });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.click(await field());
    await user.paste("ana@harbour.example, ana@harbour.example, ana@harbour.example");
    await screen.findByText(t.form.double);
    await user.paste(", lin@harbour.example, lin@harbour.example");
    await screen.findByText(t.form.doubleMany(2));
  });

  it("are taken from a pasted list, and the last one goes with Backspace", async () => {
    bridge(saved());
    const { user } = await renderAt("/collaboration/send/R1");
    await user.click(await field());
    await user.paste("ana@harbour.example\nlin@harbour.example");
    await taken("lin@harbour.example");
    expect(tag("ana@harbour.example")).toBeTruthy();
    await user.keyboard("{Backspace}");
    await waitFor(() => expect(tag("lin@harbour.example")).toBeNull());
    expect(tag("ana@harbour.example")).toBeTruthy();
  });

  it("that were typed and not sent are not left behind without a word", async () => {
    const calls = bridge({ ...saved() });
    const { user, router } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "lin@harbour.example");
    await user.click(screen.getByRole("button", { name: t.done }));
    const dialog = await screen.findByRole("dialog", { name: t.form.leaveTitle });
    expect(dialog.textContent).toContain("lin@harbour.example");
    await user.click(within(dialog).getByRole("button", { name: t.cancel }));
    await taken("lin@harbour.example");
    await user.click(screen.getByRole("button", { name: t.done }));
    await user.click(await screen.findByRole("button", { name: t.form.leave }));
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration"));
    expect(sent(calls)).toEqual([]);
  });

  it("who got it before get it once", async () => {
    const calls = bridge(saved());
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "kim@harbour.example{Enter}{Enter}");
    expect(await screen.findByText(new RegExp(t.form.enterAddress))).toBeTruthy();
    expect(sent(calls)).toEqual([]);
  });

  it("are not sent while one of them is no full address", async () => {
    const calls = bridge(saved());
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@harbour.example office@harbour");
    await user.click(send());
    const told = await screen.findByText(new RegExp(t.form.correct));
    expect(told.parentElement?.textContent).toContain(t.form.notFull(["office@harbour"]));
    expect((await field()).getAttribute("aria-invalid")).toBe("true");
    expect(sent(calls)).toEqual([]);
  });

  it("that are no full addresses are named, and no longer once they are removed", async () => {
    const calls = bridge({ ...saved(), send: () => null });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@harbour.example,office@harbour,<b>x</b>{Enter}");
    await user.click(send());
    await screen.findByText(new RegExp(t.form.correct));
    expect(screen.getByText(t.form.notFull(["office@harbour", "<b>x</b>"]))).toBeTruthy();
    for (const wrong of ["office@harbour", "<b>x</b>"]) {
      await user.click(screen.getByRole("button", { name: t.form.remove(wrong) }));
      expect(screen.queryByText(new RegExp(t.form.correct))).toBeNull();
    }
    await screen.findByText(t.form.recipientsHint);
    await user.click(send());
    await screen.findByText(t.toast.sent(1));
    expect(sent(calls)).toMatchObject([{ params: { addresses: ["ana@harbour.example"] } }]);
    expect(screen.getByText(t.form.recipientsHint)).toBeTruthy();
  });

  it("that are removed faster than Go reads the list are the ones that go", async () => {
    const read = readRecipients([recipient.address]);
    const slow = deferred<void>();
    bridge({
      ...saved(),
      readRecipients: (params: RecipientsParams) =>
        params.texts.length === 2 ? slow.promise.then(() => read(params)) : read(params),
    });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.click(await field());
    await user.paste("ana@harbour.example\nlin@harbour.example\nmo@harbour.example");
    await taken("mo@harbour.example");
    await user.click(await taken("ana@harbour.example"));
    await user.click(await taken("lin@harbour.example"));
    slow.resolve();
    await waitFor(() => expect(tag("lin@harbour.example")).toBeNull());
    expect(tag("ana@harbour.example")).toBeNull();
    expect(tag("mo@harbour.example")).toBeTruthy();
  });

  it("go back to where they are typed with a click, to be corrected", async () => {
    bridge(saved());
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@harbour,lin@harbour.example,");
    await user.click(await screen.findByTitle(t.form.editAddress("ana@harbour")));
    expect((await field()).value).toBe("ana@harbour");
    expect(document.activeElement).toBe(await field());
    await user.type(await field(), ".example{Enter}");
    await taken("ana@harbour.example");
    expect(tag("lin@harbour.example")).toBeTruthy();
    expect(tag("ana@harbour")).toBeNull();
  });

  it("with a name and a comma in it are typed to the end, and Go reads them", async () => {
    const calls = bridge({
      ...saved(),
      readRecipients: ({ texts }: { texts: string[] }) =>
        texts.map(() => ({ address: "ana@harbour.example", verdict: "valid", message: "" })),
    });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "Silva, Ana <ana@harbour.example>;");
    await taken("ana@harbour.example");
    screen.getByText(new RegExp(t.form.nameNotKept));
    const texts = ["Silva, Ana <ana@harbour.example>"];
    expect(calls.filter((call) => call.name === "readRecipients")).toMatchObject([{ params: { texts } }]);
  });

  it("that have something hidden inside stay, with a sentence", async () => {
    const message = "ana@harbour.example has an invisible character inside.";
    bridge({
      ...saved(),
      readRecipients: ({ texts }: { texts: string[] }) =>
        texts.map((address) => ({ address, verdict: "invalid", message })),
    });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@har\u200bbour.example{Enter}");
    await screen.findByText(message);
    expect((await field()).getAttribute("aria-invalid")).toBe("true");
  });

  it("are asked for where there is none, with the focus in their field", async () => {
    const calls = bridge(saved());
    const { user } = await renderAt("/collaboration/send/R1");
    await field();
    await user.click(send());
    await screen.findByText(new RegExp(t.form.enterAddress));
    expect(document.activeElement).toBe(await field());
    expect(sent(calls)).toEqual([]);
  });

  it("stay when the relay refuses them, with what it says and its reference", async () => {
    bridge({ ...saved(), send: () => new Refusal("rate_limited", "", "Too many today.", "K7Q2M4XA") });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@harbour.example{Enter}{Enter}");
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("Too many today.");
    expect(alert.textContent).toContain("K7Q2M4XA");
    expect(tag("ana@harbour.example")).toBeTruthy();
    await user.click(within(alert).getByRole("button", { name: t.close }));
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });

  it("are sent once when the button is pressed twice, which is busy meanwhile", async () => {
    const answer = deferred<null>();
    const calls = bridge({ ...saved(), send: () => answer.promise });
    const { user } = await renderAt("/collaboration/send/R1");
    await user.type(await field(), "ana@harbour.example{Enter}");
    await user.dblClick(send());
    await waitFor(() => expect(send().getAttribute("aria-busy")).toBe("true"));
    answer.resolve(null);
    await screen.findByText(t.toast.sent(1));
    expect(sent(calls)).toHaveLength(1);
  });

  it("are sent later while there is no network", async () => {
    bridge({ ...saved(), send: () => null });
    const { user } = await renderAt("/collaboration/send/R1", { online: false });
    await user.type(await field(), "ana@harbour.example{Enter}{Enter}");
    await screen.findByText(t.toast.sentOffline);
  });
});

it("a request that cannot be read is read again", async () => {
  let refused = true;
  bridge({ ...saved(), request: () => (refused ? new Refusal("unexpected", "", "", "K7Q2M4XA") : requestDetails()) });
  const { user } = await renderAt("/collaboration/send/R1");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain(t.reference("K7Q2M4XA"));
  refused = false;
  await user.click(within(alert).getByRole("button", { name: t.tryAgain }));
  await field();
});

describe("a send page that is opened", () => {
  /** Opens it from another screen. */
  const opened = async (...link: Parameters<typeof sendLink>) => {
    const shown = await renderAt("/help");
    await act(() => shown.router.navigate(sendLink(...link)));
    await field();
    return shown;
  };

  it("says what a refusal means, with the mail server's own words and the whole address", async () => {
    const reply = "5.1.1 mailbox unavailable";
    const failed = { ...recipient, state: "failed", server_reply: reply } as never;
    bridge({ ...saved(), request: () => requestDetails({ recipients: [failed] }) });
    await opened("R1");
    const list = within(screen.getByRole("region", { name: t.form.sentTo }));
    expect(list.getByText(t.recipient.failedWith(explainReply(reply)))).toBeTruthy();
    expect(list.getByTitle(recipient.address)).toBeTruthy();
  });

  it("names the client", async () => {
    bridge(saved());
    await opened("R1");
    expect(screen.getByRole("heading", { level: 1 }).textContent).toBe(t.form.sendTitle(requestDetails().client));
  });

  it("says that the request is saved only after it was", async () => {
    bridge(saved());
    const { router } = await opened("R1");
    expect(screen.queryByText(t.form.saved)).toBeNull();
    await act(() => router.navigate(sendLink("R1", { saved: true })));
    expect(await screen.findByText(t.form.saved)).toBeTruthy();
  });

  it("to correct an address has that one marked in the list, and sends only another", async () => {
    const calls = bridge({ ...saved(), send: () => null });
    const { user } = await opened("R1", { correct: ["kim@harbour.example"] });
    await screen.findByText(t.form.failedBefore(["kim@harbour.example"]));
    expect((await field()).getAttribute("aria-invalid")).toBe("true");
    await user.click(send());
    await screen.findByText(new RegExp(t.form.correct));
    await user.click(screen.getByTitle(t.form.editAddress("kim@harbour.example")));
    await user.type(await field(), "{Control>}a{/Control}kim.lee@harbour.example");
    await user.click(send());
    await screen.findByText(t.toast.sent(1));
    expect(sent(calls)).toMatchObject([{ params: { addresses: ["kim.lee@harbour.example"] } }]);
  });

  it("for a request that is asked again has its recipients, and marks whom no email reached", async () => {
    const to = (address: string, state: string) => ({ ...recipient, id: address, address, state }) as never;
    const earlier = [to("kim@harbour.example", "opened"), to("lee@harbour.example", "failed")];
    bridge({
      ...saved(),
      request: ({ id }: { id: string }) => requestDetails({ recipients: id === "R0" ? earlier : [] }),
      readRecipients: readRecipients(),
    });
    await opened("R1", { again: "R0" });
    await taken("lee@harbour.example");
    expect(tag("kim@harbour.example")).toBeTruthy();
    expect(screen.getByText(t.form.failedBefore(["lee@harbour.example"]))).toBeTruthy();
  });

  it("does not ask again whoever wants no more email", async () => {
    const stopped = [{ ...recipient, state: "stopped" } as never];
    bridge({
      ...saved(),
      request: ({ id }: { id: string }) => requestDetails({ recipients: id === "R0" ? stopped : [] }),
      readRecipients: readRecipients(),
    });
    await opened("R1", { again: "R0" });
    expect(tag("kim@harbour.example")).toBeNull();
  });
});
