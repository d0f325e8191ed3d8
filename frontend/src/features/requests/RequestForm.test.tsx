// @vitest-environment jsdom
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { limits } from "../../api/limits";
import type { RequestForm } from "../../api/types";
import { links } from "../../lib/links";
import { blank } from "../../lib/request";
import { extraKinds, t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { now, renderAt, session } from "../../testing/render";
import { agencyView, requestDetails, totals } from "../../testing/rows";
import { serviceViews } from "../../testing/services";

const crm = serviceViews.find((s) => s.id === "hubspot") ?? blankService();

function blankService(): never {
  throw new Error("the example services have no HubSpot");
}

/** A new request, without a draft. */
function empty(draft: Partial<RequestForm> = {}) {
  return {
    totals: () => totals(),
    agency: () => ({ default_message: "We need these." }),
    draft: () => ({ ...blank, ...draft }),
    saveDraft: () => null,
    relay: () => ({ platforms: [] }),
    connections: () => [],
  };
}

const client = () => screen.findByRole<HTMLInputElement>("textbox", { name: t.form.client });
const service = (name: string) => screen.getByRole("checkbox", { name });
const save = () => screen.getByRole("button", { name: new RegExp(`^${t.form.save}`) });
const saved = (calls: { name: string }[]) => calls.filter((call) => call.name === "saveRequest");

describe("a new request", () => {
  it("is not saved without a client, whose field says so and gets the focus", async () => {
    const calls = bridge(empty());
    const { user } = await renderAt("/collaboration/new");
    await client();
    await user.click(save());
    await screen.findByText(t.form.enterClient);
    expect(document.activeElement).toBe(await client());
    expect((await client()).getAttribute("aria-invalid")).toBe("true");
    expect(saved(calls)).toEqual([]);
  });

  it("that lacks several things says all of them at once", async () => {
    const calls = bridge(empty());
    const { user } = await renderAt("/collaboration/new");
    await client();
    await user.click(save());
    await screen.findByText(t.form.enterClient);
    expect(screen.getByText(t.form.pickOne)).toBeTruthy();
    await user.click(service("Facebook"));
    await user.click(save());
    expect(await screen.findByText(t.form.enterUser)).toBeTruthy();
    expect(screen.getByText(t.form.enterClient)).toBeTruthy();
    expect(screen.queryByText(t.form.pickOne)).toBeNull();
    expect(saved(calls)).toEqual([]);
  });

  it("keeps a name that is too long, and says so", async () => {
    const calls = bridge(empty({ services: [crm.id] }));
    const { user } = await renderAt("/collaboration/new");
    const long = "é".repeat(limits.client + 1);
    await user.click(await client());
    await user.paste(long);
    await user.click(save());
    await screen.findByText(t.form.clientTooLong(limits.client));
    expect((await client()).value).toBe(long);
    await user.keyboard("{Backspace}");
    await user.click(save());
    await waitFor(() => expect(saved(calls)).toHaveLength(1));
  });

  it("is not saved for nothing", async () => {
    const calls = bridge(empty());
    const { user } = await renderAt("/collaboration/new");
    await user.type(await client(), "Fjord Bikes{Enter}");
    await screen.findByText(t.form.pickOne);
    expect(saved(calls)).toEqual([]);
  });

  it("is saved with Enter as it was typed, and leads to its recipients", async () => {
    const calls = bridge({ ...empty(), saveRequest: () => "R1", request: () => requestDetails() });
    const { user, router } = await renderAt("/collaboration/new");
    await client();
    await user.click(service(crm.name));
    await user.type(await client(), "Fjord Bikes{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/send/R1"));
    expect(saved(calls)).toHaveLength(1);
    const wanted = { client: "Fjord Bikes", message: "We need these.", services: [crm.id] };
    expect(saved(calls)[0]).toMatchObject({ params: wanted });
  });

  it("is saved with Ctrl+S from any field", async () => {
    const calls = bridge({ ...empty({ services: [crm.id] }), saveRequest: () => deferred<string>().promise });
    const { user } = await renderAt("/collaboration/new");
    await user.type(await client(), "Fjord Bikes");
    await user.keyboard("{Control>}s{/Control}");
    await waitFor(() => expect(saved(calls)).toHaveLength(1));
  });

  it("is saved once when the button is pressed twice, which is busy meanwhile", async () => {
    const calls = bridge({ ...empty({ services: [crm.id] }), saveRequest: () => deferred<string>().promise });
    const { user } = await renderAt("/collaboration/new");
    await user.type(await client(), "Fjord Bikes");
    await user.dblClick(save());
    await waitFor(() => expect(save().getAttribute("aria-busy")).toBe("true"));
    expect(saved(calls)).toHaveLength(1);
  });

  it("keeps what was typed when it is refused, with the error on the field that it names", async () => {
    bridge({
      ...empty({ services: [crm.id] }),
      saveRequest: () => new Refusal("invalid", "client", "This client is known by another name."),
    });
    const { user } = await renderAt("/collaboration/new");
    await user.type(await client(), "Fjord Bikes{Enter}");
    expect((await screen.findByText("This client is known by another name.")).getAttribute("role")).toBe("alert");
    expect((await client()).value).toBe("Fjord Bikes");
    expect(document.activeElement).toBe(await client());
    expect(service(crm.name)).toHaveProperty("checked", true);
  });

  it("keeps what was typed when saving fails, with the reference of the failure", async () => {
    bridge({ ...empty({ services: [crm.id] }), saveRequest: () => new Refusal("unexpected", "", "", "K7Q2M4XA") });
    const { user } = await renderAt("/collaboration/new");
    await user.type(await client(), "Fjord Bikes{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("K7Q2M4XA");
    expect((await client()).value).toBe("Fjord Bikes");
  });

  it("speaks of a draft only once something is written", async () => {
    bridge(empty());
    const { user } = await renderAt("/collaboration/new");
    await client();
    expect(screen.queryByText(t.form.draft)).toBeNull();
    await user.type(await client(), "F");
    expect(screen.getByText(t.form.draft)).toBeTruthy();
    await user.keyboard("{Backspace}");
    expect(screen.queryByText(t.form.draft)).toBeNull();
  });

  it("says that a draft is kept where only a client was written before", async () => {
    bridge(empty({ client: "Fjord Bikes" }));
    await renderAt("/collaboration/new");
    await client();
    expect(screen.getByText(t.form.draft)).toBeTruthy();
  });

  it.each([
    ["a message of one’s own", "Please look at this.", true],
    ["the usual message", "We need these.", false],
  ])("says of %s alone whether a draft is kept", async (_, message, kept) => {
    bridge(empty({ message }));
    await renderAt("/collaboration/new");
    await client();
    expect(screen.queryByText(t.form.draft) !== null).toBe(kept);
  });

  it("goes on with the draft that was left", async () => {
    bridge(empty({ client: "Fjord Bikes", services: [crm.id] }));
    await renderAt("/collaboration/new");
    expect((await client()).value).toBe("Fjord Bikes");
    expect(service(crm.name)).toHaveProperty("checked", true);
    expect(screen.getByText(t.form.resumed)).toBeTruthy();
  });

  it("says nothing of a draft when a request is asked again, and hands that on with what is saved", async () => {
    bridge({
      ...empty({ client: "Fjord Bikes", services: [crm.id] }),
      saveRequest: () => "R1",
      request: () => requestDetails(),
    });
    const { user, router } = await renderAt("/help");
    await act(() => router.navigate({ ...links.newRequest, state: { again: "R0" } }));
    await client();
    expect(screen.queryByText(t.form.resumed)).toBeNull();
    await user.click(save());
    await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/send/R1"));
    expect(router.state.location.state).toMatchObject({ again: "R0", saved: true });
  });

  it("says at Facebook what it covers: ad accounts and Pages only, until more is chosen", async () => {
    bridge(empty());
    const { user } = await renderAt("/collaboration/new");
    await client();
    await user.click(service("Facebook"));
    const facebook = within(await screen.findByRole("region", { name: "Facebook" }));
    expect(facebook.getByText("ad accounts and Pages, to advertise and see results")).toBeTruthy();
    await user.click(facebook.getByRole("checkbox", { name: extraKinds.instagram_account }));
    expect(facebook.getByText(/^ad accounts, Pages and Instagram accounts, /)).toBeTruthy();
  });

  describe("has a link to the white-label settings", () => {
    const opened = async (role: "main" | "sub", words: string) => {
      bridge({ ...empty(), agency: () => agencyView() });
      const { user, router } = await renderAt("/collaboration/new", { session: { ...session, role } });
      await user.click(await screen.findByRole("link", { name: words }));
      await waitFor(() => expect(router.state.location.pathname).toBe("/collaboration/settings"));
      return screen.findByRole<HTMLInputElement>("textbox", { name: t.brand.company });
    };

    it("where a main user changes them", async () => {
      const company = await opened("main", t.form.changeBrand);
      expect(company.disabled).toBe(false);
      expect(screen.queryByText(t.brand.readOnly)).toBeNull();
    });

    it("where a sub-user reads the brand that applies, and cannot change it", async () => {
      const company = await opened("sub", t.form.seeBrand);
      expect(company.value).toBe("Northlight");
      expect(screen.getByRole<HTMLInputElement>("textbox", { name: t.brand.colour }).value).toBe("#7A2672");
      expect(screen.getByText(t.brand.readOnly)).toBeTruthy();
      for (const field of [...screen.getAllByRole("textbox"), ...screen.getAllByRole("switch")]) {
        expect(field).toHaveProperty("disabled", true);
      }
    });
  });

  describe("for what the relay is not set up for", () => {
    const platforms = [{ platform: crm.platform, offered: false, why: "" }];
    const relay = { platforms, operator: "Example Operations", contact: "help@ops.example" };
    const answers = () => ({
      ...empty(),
      relay: () => relay,
      members: () => [
        { id: "M1", name: "Ana Silva", role: "main", removed: 0 },
        { id: "M2", name: "Ben Okafor", role: "sub", removed: 0 },
        { id: "M3", name: "Cleo Marsh", role: "main", removed: now },
      ],
    });

    it("is not offered, and tells a main user whom to write to", async () => {
      bridge(answers());
      await renderAt("/collaboration/new");
      await client();
      const hint = await screen.findByText(`${crm.name}:`);
      expect(hint.parentElement?.textContent).toContain(t.form.notOfferedText("Example Operations"));
      expect(hint.parentElement?.textContent).toContain(t.form.notOfferedMain("help@ops.example"));
      expect(screen.getByRole("checkbox", { name: new RegExp(`^${crm.name}`) })).toHaveProperty("disabled", true);
    });

    it("names the main users to a sub-user", async () => {
      bridge({ ...answers(), session: () => ({ ...session, role: "sub" }) });
      await renderAt("/collaboration/new", { session: { ...session, role: "sub" } });
      await client();
      await screen.findByText(
        (_, element) =>
          element?.tagName === "P" &&
          element.textContent?.includes(t.form.notOfferedSub(["Ana Silva"], "help@ops.example")) === true,
      );
    });
  });
});
