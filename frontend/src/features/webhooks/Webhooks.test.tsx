// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Webhook, WebhookDelivery } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
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
      id: "",
      name: "Our CRM",
      form: "slack",
      address: "https://crm.example/hook",
      kinds: ["completed", "nothing_connected", "needs_attention", "sign_in_ends"],
      on: true,
      new_secret: false,
    });
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
