// @vitest-environment jsdom
import { screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Domain, OwnDomain } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { now, renderScreen, session } from "../../testing/render";
import { OwnAddress } from "./OwnAddress";

const name = "access.northlight.example";

const own = (values: Partial<Domain> = {}, ok = [false, false]): OwnDomain => ({
  offered: true,
  domain: {
    name,
    token: "abc",
    state: "proposed",
    proposed: now,
    verified: 0,
    ready: 0,
    failing: 0,
    left: 0,
    checked: now,
    problem: "no_address",
    found: "",
    ...values,
  },
  records: [
    { type: "CNAME", name, value: "relay.example", ok: ok[0] ?? false },
    { type: "TXT", name: `_latchkey.${name}`, value: "latchkey=abc", ok: ok[1] ?? false },
  ],
  leaving: [],
});

const none: OwnDomain = { offered: true, domain: null, records: [], leaving: [] };

describe("the agency's own address", () => {
  it("is entered, and shows the records to set", async () => {
    const calls = bridge({ ownDomain: () => none, proposeDomain: () => own() });
    const { user } = renderScreen(<OwnAddress />);
    await user.click(await screen.findByRole("textbox", { name: t.domain.name }));
    await user.paste(name);
    await user.click(screen.getByRole("button", { name: t.domain.use }));
    expect(await screen.findByText(`latchkey=abc`)).toBeTruthy();
    expect(screen.getByText("relay.example")).toBeTruthy();
    expect(screen.getByRole("button", { name: t.domain.copyValue("TXT") })).toBeTruthy();
    expect(calls.find((c) => c.name === "proposeDomain")?.params).toEqual({ name });
  });

  it("reads at the field why a name cannot be used", async () => {
    bridge({
      ownDomain: () => none,
      proposeDomain: () => new Refusal("invalid", "domain", "This is an IP address."),
    });
    const { user } = renderScreen(<OwnAddress />);
    await user.click(await screen.findByRole("textbox", { name: t.domain.name }));
    await user.paste("192.0.2.1");
    await user.click(screen.getByRole("button", { name: t.domain.use }));
    expect(await screen.findByText("This is an IP address.")).toBeTruthy();
  });

  it.each<[string, OwnDomain, string[]]>([
    ["a wrong record", own({ problem: "elsewhere", found: "203.0.113.9" }), [t.domain.waiting, "203.0.113.9"]],
    ["a missing proof", own({ problem: "no_proof" }, [true, false]), [t.domain.found, t.domain.missing]],
    ["no certificate", own({ state: "verified", problem: "certificate" }), [t.domain.preparing, "CAA"]],
    ["being used", own({ state: "verified", problem: "", ready: now }, [true, true]), [t.domain.used]],
    ["failing", own({ state: "verified", problem: "no_proof", ready: now, failing: now }), [t.domain.failing]],
    ["being lost", own({ state: "lost", problem: "no_address", failing: now }), [t.domain.lost]],
    ["a problem of a newer relay", own({ problem: "newer" as "taken" }), [t.domain.otherProblem()]],
  ])("shows %s", async (_, answer, words) => {
    bridge({ ownDomain: () => answer });
    renderScreen(<OwnAddress />);
    for (const word of words) expect((await screen.findAllByText(word, { exact: false })).length).toBeGreaterThan(0);
  });

  it("is checked now, and removed after a question", async () => {
    const calls = bridge({ ownDomain: () => own(), checkDomain: () => own(), removeDomain: () => none });
    const { user } = renderScreen(<OwnAddress />);
    await user.click(await screen.findByRole("button", { name: t.domain.check }));
    await user.click(screen.getByRole("button", { name: t.domain.remove }));
    const dialog = await screen.findByRole("dialog", { name: t.domain.removeTitle(name) });
    expect(calls.some((c) => c.name === "removeDomain")).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: t.domain.remove }));
    expect(await screen.findByText(t.domain.removed)).toBeTruthy();
    expect(calls.filter((c) => c.name === "checkDomain" || c.name === "removeDomain").map((c) => c.params)).toEqual([
      { name },
      { name },
    ]);
  });

  it("is the main users'", () => {
    bridge({});
    renderScreen(<OwnAddress />, { session: { ...session, role: "sub" } });
    expect(screen.getByText(t.domain.mainOnly)).toBeTruthy();
  });

  it("says so where the relay serves none, and which domain still opens links", async () => {
    bridge({ ownDomain: () => ({ ...none, offered: false, leaving: [name] }) });
    renderScreen(<OwnAddress />);
    expect(await screen.findByText(t.domain.notOffered)).toBeTruthy();
    expect(screen.getByText(t.domain.leaving(name))).toBeTruthy();
  });
});
