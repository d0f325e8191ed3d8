// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import type { UserEvent } from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import type { Webhook, WebhookDelivery } from "../../api/types";
import { until } from "../../lib/dates";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { now, renderScreen, session } from "../../testing/render";
import { Webhooks } from "./Webhooks";

const hook = (values: Partial<Webhook> = {}): Webhook => ({
  id: "W1",
  name: "#clients",
  form: "slack",
  host: "hooks.slack.com",
  kinds: ["completed"],
  on: true,
  owner: "M1",
  off: "",
  off_since: 0,
  failing: 0,
  created: now,
  ...values,
});

const delivery = (values: Partial<WebhookDelivery> = {}): WebhookDelivery => ({
  id: "d1",
  kind: "completed",
  state: "delivered",
  attempts: 1,
  status: 200,
  error: "",
  reply: "",
  created: now,
  tried: now,
  next: 0,
  ...values,
});

const list = (webhooks: Webhook[], secret = "", off = false) => ({ webhooks, secret, off });

/** Chooses in the menu of the webhook. */
async function act(user: UserEvent, name: string) {
  await user.click(await screen.findByRole("button", { name: t.settings.memberActions("#clients") }));
  await user.click(await screen.findByRole("menuitem", { name }));
}

async function choose(user: UserEvent, form: string) {
  await user.click(await screen.findByRole("combobox", { name: t.webhooks.form }));
  await user.click(await screen.findByRole("option", { name: form }));
}

describe("webhooks", () => {
  it("adds one, and shows its secret once", async () => {
    const calls = bridge({ webhooks: () => list([]), saveWebhook: () => list([hook()], "whsec_c2VjcmV0") });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.webhooks.add }));
    const dialog = await screen.findByRole("dialog", { name: t.webhooks.addTitle });
    await user.click(within(dialog).getByLabelText(t.settings.name));
    await user.paste("Our CRM");
    await user.click(within(dialog).getByLabelText(t.webhooks.address));
    await user.paste("https://crm.example/hook");
    await user.click(within(dialog).getByLabelText(t.webhooks.kinds.expiring));
    await user.click(within(dialog).getByRole("button", { name: t.settings.save }));
    expect(await screen.findByText("whsec_c2VjcmV0")).toBeTruthy();
    expect(calls.find((c) => c.name === "saveWebhook")?.params).toEqual({
      id: expect.stringMatching(/^[A-Z2-7]{26}$/),
      name: "Our CRM",
      form: "slack",
      address: "https://crm.example/hook",
      kinds: Object.keys(t.webhooks.kinds).filter((kind) => kind !== "expiring"),
      on: true,
      new_secret: false,
    });
  });

  it("is one webhook when it is saved again after an answer that got lost", async () => {
    const answers = [new Refusal("unavailable"), list([hook({ form: "program" })], "whsec_c2VjcmV0")];
    const calls = bridge({ webhooks: () => list([]), saveWebhook: () => answers.shift() });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.webhooks.add }));
    await choose(user, t.webhooks.forms.program);
    const save = screen.getByRole("button", { name: t.settings.save });
    await user.click(save);
    await screen.findByText(t.errors.unavailable as string);
    await user.click(save);
    expect(await screen.findByText("whsec_c2VjcmV0")).toBeTruthy();
    const [first, second] = calls.filter((c) => c.name === "saveWebhook");
    expect(second?.params).toEqual(first?.params);
    expect(second?.params.new_secret).toBe(true);
  });

  it("gives a secret to one that becomes a program", async () => {
    const calls = bridge({
      webhooks: () => list([hook()]),
      saveWebhook: () => list([hook({ form: "program" })], "whsec_c2VjcmV0"),
    });
    const { user } = renderScreen(<Webhooks />);
    await act(user, t.webhooks.edit);
    await choose(user, t.webhooks.forms.program);
    await user.click(screen.getByRole("button", { name: t.settings.save }));
    expect(await screen.findByText("whsec_c2VjcmV0")).toBeTruthy();
    expect(calls.find((c) => c.name === "saveWebhook")?.params).toMatchObject({ id: "W1", new_secret: true });
  });

  it("replaces a secret after a question", async () => {
    const calls = bridge({
      webhooks: () => list([hook({ form: "program" })]),
      saveWebhook: () => list([hook({ form: "program" })], "whsec_c2VjcmV0"),
    });
    const { user } = renderScreen(<Webhooks />);
    await act(user, t.webhooks.newSecret);
    const dialog = await screen.findByRole("dialog", { name: t.webhooks.newSecretTitle("#clients") });
    expect(within(dialog).getByText(t.webhooks.newSecretText)).toBeTruthy();
    expect(calls.some((c) => c.name === "saveWebhook")).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: t.webhooks.newSecret }));
    expect(await screen.findByText("whsec_c2VjcmV0")).toBeTruthy();
    expect(calls.find((c) => c.name === "saveWebhook")?.params).toMatchObject({ address: "", new_secret: true });
  });

  it("posts one test at a time, whose answer replaces no dialog", async () => {
    const answer = deferred<WebhookDelivery[]>();
    const calls = bridge({ webhooks: () => list([hook()]), testWebhook: () => answer.promise });
    const { user } = renderScreen(<Webhooks />);
    const test = await screen.findByRole("button", { name: t.webhooks.testOf("#clients") });
    await user.click(test);
    await user.click(test);
    expect(test.getAttribute("aria-busy")).toBe("true");
    await act(user, t.webhooks.edit);
    await screen.findByRole("dialog", { name: t.webhooks.editTitle("#clients") });
    answer.resolve([delivery()]);
    await waitFor(() => expect(test.getAttribute("aria-busy")).toBe("false"));
    expect(screen.getByRole("dialog", { name: t.webhooks.editTitle("#clients") })).toBeTruthy();
    expect(calls.filter((c) => c.name === "testWebhook")).toHaveLength(1);
  });

  it("says beside the webhook why a test was not posted", async () => {
    bridge({ webhooks: () => list([hook()]), testWebhook: () => new Refusal("unavailable") });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.webhooks.testOf("#clients") }));
    expect((await screen.findByRole("alert")).textContent).toContain(t.errors.unavailable);
  });

  it("shows what a newer relay says that it does not know", async () => {
    const tomorrow = now + 13 * 3_600_000;
    bridge({
      webhooks: () => list([hook({ form: "zulip" as never })]),
      webhookLog: () => [delivery({ state: "waiting", status: 0, error: "moon" as never, next: tomorrow })],
    });
    const { user } = renderScreen(<Webhooks />);
    expect(await screen.findByText(/zulip/)).toBeTruthy();
    await act(user, t.webhooks.log);
    const next = t.webhooks.next(until(tomorrow, now));
    expect(next).toMatch(/^Next try: tomorrow/);
    expect(await screen.findByText(`${t.webhooks.otherError} ${next}`)).toBeTruthy();
  });

  it("reads the list again where it could not be read", async () => {
    const answers = [new Refusal("unavailable"), list([hook()])];
    bridge({ webhooks: () => answers.shift() });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.tryAgain }));
    expect(await screen.findByText("#clients")).toBeTruthy();
  });

  it("says at the field what is wrong with an address", async () => {
    bridge({ webhooks: () => list([]), saveWebhook: () => new Refusal("invalid", "address", "Use a public one.") });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.webhooks.add }));
    await user.click(await screen.findByRole("button", { name: t.settings.save }));
    expect(await screen.findByText("Use a public one.")).toBeTruthy();
    expect(screen.getByLabelText(t.webhooks.address).getAttribute("aria-invalid")).toBe("true");
  });

  it("shows the answer to a test, and sends a delivery again", async () => {
    const failed = delivery({
      id: "d2",
      kind: "test",
      state: "failed",
      status: 404,
      error: "status",
      reply: "no_team",
    });
    const calls = bridge({
      webhooks: () => list([hook()]),
      testWebhook: () => [failed, delivery()],
      webhookLog: () => [failed, delivery()],
      resendDelivery: () => [delivery({ id: "d2", state: "waiting", status: 0 })],
    });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.webhooks.testOf("#clients") }));
    const dialog = await screen.findByRole("dialog", { name: t.webhooks.logTitle("#clients") });
    const first = within(dialog).getAllByRole("listitem")[0] as HTMLElement;
    expect(first.textContent).toContain(t.webhooks.aTest);
    expect(first.textContent).toContain(t.webhooks.errors.status(404));
    expect(first.textContent).toContain("no_team");
    await user.click(within(first).getByRole("button", { name: /^Send again/ }));
    await waitFor(() => expect(calls).toContainEqual({ name: "resendDelivery", params: { id: "W1", delivery: "d2" } }));
    expect(await within(dialog).findByText(t.webhooks.waits)).toBeTruthy();
    expect(document.activeElement).toBe(within(dialog).getByRole("region", { name: t.webhooks.log }));
  });

  it("says why one was switched off, and switches it on again", async () => {
    const calls = bridge({
      webhooks: () => list([hook({ on: false, off: "gone", off_since: now })]),
      saveWebhook: () => list([hook()]),
    });
    const { user } = renderScreen(<Webhooks />);
    expect(await screen.findByText(/nobody wants news there any more \(410\)/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: t.webhooks.switchOn }));
    await waitFor(() => expect(calls.find((c) => c.name === "saveWebhook")?.params.on).toBe(true));
    expect(calls.find((c) => c.name === "saveWebhook")?.params.address).toBe("");
  });

  it("says that a restored relay switched one off", async () => {
    bridge({ webhooks: () => list([hook({ on: false, off: "restored", off_since: now })]) });
    renderScreen(<Webhooks />);
    expect(await screen.findByText(/when the relay was restored: switch it on again/)).toBeTruthy();
  });

  it("deletes one after a question", async () => {
    const calls = bridge({ webhooks: () => list([hook()]), deleteWebhook: () => null });
    const { user } = renderScreen(<Webhooks />);
    await user.click(await screen.findByRole("button", { name: t.settings.memberActions("#clients") }));
    await user.click(await screen.findByRole("menuitem", { name: t.webhooks.remove }));
    const dialog = await screen.findByRole("dialog", { name: t.webhooks.removeTitle("#clients") });
    await user.click(within(dialog).getByRole("button", { name: t.webhooks.remove }));
    await waitFor(() => expect(calls).toContainEqual({ name: "deleteWebhook", params: { id: "W1" } }));
  });

  it("says so where the operator allows none", async () => {
    bridge({ webhooks: () => list([], "", true) });
    renderScreen(<Webhooks />);
    expect(await screen.findByText(t.webhooks.forbidden)).toBeTruthy();
    expect(screen.queryByRole("button", { name: t.webhooks.add })).toBeNull();
  });

  it("asks the relay nothing for a sub-user", async () => {
    const calls = bridge({});
    renderScreen(<Webhooks />, { session: { ...session, role: "sub" } });
    expect(await screen.findByText(t.webhooks.mainOnly)).toBeTruthy();
    expect(calls).toEqual([]);
  });
});
