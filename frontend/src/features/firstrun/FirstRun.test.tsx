// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { SessionView } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { renderScreen, session } from "../../testing/render";
import { FirstRun } from "./FirstRun";

const shown = (values: Partial<SessionView> = {}) =>
  renderScreen(<FirstRun />, { session: { ...session, state: "not_enrolled", relay: "", ...values } });

const relay = () => screen.getByLabelText(t.first.relay) as HTMLInputElement;
const code = () => screen.getByLabelText(t.first.code) as HTMLInputElement;
const join = () => screen.getByRole("button", { name: t.first.submit });

describe("the form that joins an agency", () => {
  it("asks for the address first, then for the code, and sends nothing", async () => {
    const calls = bridge({});
    const { user } = shown();
    await user.click(join());
    expect(await screen.findByText(t.first.notAddress)).toBeTruthy();
    expect(relay().getAttribute("aria-invalid")).toBe("true");
    await user.type(relay(), "relay.example");
    expect(screen.queryByText(t.first.notAddress)).toBeNull();
    await user.click(join());
    expect(await screen.findByText(t.first.enterCode)).toBeTruthy();
    expect(calls.filter((c) => c.name === "enrol")).toEqual([]);
  });

  it("writes the code in capitals and enrols with both", async () => {
    const calls = bridge({
      enrol: () => null,
      findRelay: () => ({ state: "found", address: "", operator: "Hosting" }),
    });
    const { user } = shown();
    await user.type(relay(), " relay.example ");
    await user.type(code(), "k7q2-m4xd{Enter}");
    await waitFor(() =>
      expect(calls.find((c) => c.name === "enrol")?.params).toEqual({
        address: "relay.example",
        code: "K7Q2-M4XD",
        name: "",
      }),
    );
  });

  it("shows what the relay refuses on its field, also where the call names the address", async () => {
    let field = "code";
    bridge({ enrol: () => new Refusal("invalid", field, `Not this ${field}.`) });
    const { user } = shown({ link_relay: "https://relay.example", link_code: "K7Q2" });
    await user.click(join());
    await screen.findByText("Not this code.");
    expect(code().getAttribute("aria-invalid")).toBe("true");
    field = "address";
    await user.click(join());
    await screen.findByText("Not this address.");
    expect(relay().getAttribute("aria-invalid")).toBe("true");
    expect(document.activeElement).toBe(relay());
  });

  it("shows any other error above its button", async () => {
    bridge({ enrol: () => new Refusal("unavailable", "", "", "R4T7") });
    const { user } = shown({ link_relay: "https://relay.example", link_code: "K7Q2" });
    await user.click(join());
    expect((await screen.findByRole("alert")).textContent).toBe(`${t.errors.unavailable} · R4T7`);
  });

  it("is busy until the relay answers; the demo waits for it", async () => {
    const answer = deferred<null>();
    bridge({ enrol: () => answer.promise });
    const { user } = shown({ link_relay: "https://relay.example", link_code: "K7Q2" });
    await user.click(join());
    const busy = await screen.findByRole("button", { name: t.first.joining });
    expect(busy.getAttribute("aria-busy")).toBe("true");
    expect((screen.getByRole("button", { name: /Explore the demo/ }) as HTMLButtonElement).disabled).toBe(true);
    answer.resolve(null);
    await screen.findByRole("button", { name: t.first.submit });
  });

  it("is filled by a link, and asks no relay before something is typed", async () => {
    const calls = bridge({ findRelay: () => ({ state: "found", address: "", operator: "Hosting" }) });
    const { user } = shown({ link_relay: "https://relay.example", link_code: "K7Q2" });
    expect(relay().value).toBe("https://relay.example");
    expect(code().value).toBe("K7Q2");
    expect(screen.getByText(t.first.fromLink)).toBeTruthy();
    expect(calls).toEqual([]);
    await user.type(relay(), "/");
    expect(await screen.findByText(t.first.relayAt.found("Hosting"), {}, { timeout: 20_000 })).toBeTruthy();
  });

  it("offers the relay that an address names", async () => {
    bridge({ findRelay: () => ({ state: "elsewhere", address: "https://other.example", operator: "Hosting" }) });
    const { user } = shown();
    await user.type(relay(), "relay.example");
    await user.click(await screen.findByRole("button", { name: t.first.relayUse }, { timeout: 20_000 }));
    expect(relay().value).toBe("https://other.example");
  });

  it("gives way to the keychain's screen where that does not open, and comes back", async () => {
    bridge({ enrol: () => new Refusal("keychain_locked") });
    const { user } = shown({ link_relay: "https://relay.example", link_code: "K7Q2" });
    await user.click(join());
    await screen.findByRole("heading", { name: t.keychain.title });
    screen.getByText(t.keychain.safeJoining[0] ?? "");
    await user.click(screen.getByRole("button", { name: t.tryAgain }));
    expect(await screen.findByRole("heading", { name: t.first.join })).toBeTruthy();
    expect(code().value).toBe("K7Q2");
  });
});

describe("what the organisation manages", () => {
  const policy = { ...session.policy, relay_url: "https://access.example", allow_demo: false };

  it("fills in the relay for good, also where a link names another one", async () => {
    const calls = bridge({ enrol: () => null });
    const { user } = shown({ policy, link_relay: "https://relay.example", link_code: "K7Q2" });
    expect(relay().value).toBe("https://access.example");
    expect(relay().readOnly).toBe(true);
    expect(screen.getByText(t.managed)).toBeTruthy();
    await user.type(relay(), "x");
    await user.click(join());
    await waitFor(() =>
      expect(calls.find((c) => c.name === "enrol")?.params).toEqual({
        address: "https://access.example",
        code: "K7Q2",
        name: "",
      }),
    );
  });

  it("offers no demo", () => {
    bridge({});
    shown({ policy });
    expect(screen.queryByRole("button", { name: /Explore the demo/ })).toBeNull();
  });
});

describe("the demo", () => {
  it("starts at a click, and says so", async () => {
    const answer = deferred<null>();
    const calls = bridge({ exploreDemo: () => answer.promise });
    const { user } = shown();
    await user.click(screen.getByRole("button", { name: /Explore the demo/ }));
    expect(await screen.findByText(t.first.demoStarting)).toBeTruthy();
    answer.resolve(null);
    await screen.findByText(t.first.demoText);
    expect(calls.map((c) => c.name)).toEqual(["exploreDemo"]);
  });

  it("says why it does not start", async () => {
    bridge({ exploreDemo: () => new Refusal("unexpected", "", "No port is free.") });
    const { user } = shown();
    await user.click(screen.getByRole("button", { name: /Explore the demo/ }));
    expect((await screen.findByRole("alert")).textContent).toBe("No port is free.");
  });
});

it("a revoked computer reads why on the first screen", () => {
  bridge({});
  shown({ state: "revoked", detail: "Ana Ruiz" });
  expect(screen.getByText(t.first.revoked("Ana Ruiz"))).toBeTruthy();
});
