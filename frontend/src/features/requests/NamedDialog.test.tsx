// @vitest-environment jsdom
import { act, screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Candidate, CandidatesView } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { now, renderAt, renderScreen } from "../../testing/render";
import { itemRow, requestDetails, totals } from "../../testing/rows";
import { NamedItem } from "../accounts/EndAccess";
import { DetailsService } from "./DetailsService";
import { FixButton } from "./Problem";

const waiting = itemRow({
  id: "I1",
  service: "facebook",
  kind: "page",
  request: "R1",
  name: "Harbour shop",
  by: "Marta Lind",
  state: "waiting",
  waiting: true,
  named: true,
});
const candidate = (n: number, part: Partial<Candidate> = {}): Candidate => ({
  kind: "page",
  account: String(1000 + n),
  name: `Harbour ${n}`,
  detail: "",
  owner: "Harbour & Pine",
  missing: now,
  why: "near",
  ...part,
});
const view = (candidates: Candidate[], part: Partial<CandidatesView> = {}) => ({
  candidates: (): CandidatesView => ({ candidates, read: now, able: true, ...part }),
});

describe("what a client named", () => {
  it("is chosen by the keyboard among what has arrived", async () => {
    const calls = bridge({ ...view([candidate(1, { why: "before" }), candidate(2)]), chooseCandidate: () => null });
    const { user } = renderScreen(<FixButton i={waiting} />);
    await user.click(screen.getByRole("button", { name: t.named.find }));
    const choose = await screen.findByRole("button", { name: t.named.choose });
    await screen.findByText(t.named.why.before);
    expect(choose).toHaveProperty("disabled", true);
    const first = screen.getAllByRole("radio")[0] as HTMLElement;
    first.focus();
    await user.keyboard("{ArrowDown}{Enter}");
    expect(await screen.findByText(t.named.chosen("Harbour shop", "Harbour 2"))).toBeTruthy();
    expect(calls.at(-1)).toEqual({
      name: "chooseCandidate",
      params: { item: "I1", kind: "page", account: "1002" },
    });
  });

  it("names the client whose account it is, and what the request has already", async () => {
    bridge(
      view([
        candidate(1, { why: "other", client: "Nordlys" }),
        candidate(2, { why: "taken", client: "Nordlys" }),
        candidate(3, { why: "same" }),
      ]),
    );
    const { user } = renderScreen(<FixButton i={waiting} />);
    await user.click(screen.getByRole("button", { name: t.named.find }));
    await screen.findByText(t.named.whyOf.other?.("Nordlys") ?? "");
    screen.getByText(t.named.whyOf.taken?.("Nordlys") ?? "");
    screen.getByText(t.named.why.same);
    screen.getByRole("dialog", { name: t.named.title("Page", "Harbour shop") });
  });

  it("is undone where that was the wrong one", async () => {
    const calls = bridge({ unmatchItem: () => null });
    const typed = { kind: "page" as const, by: { name: "", email: "" }, created: now, found: now };
    const found = {
      ...waiting,
      name: "Harbour",
      named: false,
      namings: [
        { ...typed, name: "Harbour shop", chosen: "Ana Ruiz" },
        { ...typed, name: "The shop" },
      ],
    };
    const d = requestDetails({
      items: [found],
      services: [{ ...requestDetails({}).services[0], service: "facebook" }] as never,
    });
    const { user } = renderScreen(<DetailsService d={d} service="facebook" />);
    await screen.findByText(t.named.typed("Harbour shop", "Ana Ruiz"));
    screen.getByText(t.named.typed("The shop", ""));
    await user.click(screen.getByRole("button", { name: `${t.named.wrong}: The shop` }));
    await screen.findByText(t.named.undone("The shop"));
    expect(calls.at(-1)).toEqual({ name: "unmatchItem", params: { item: "I1", kind: "page", name: "The shop" } });
  });

  it("stays as it is where the relay refuses the choice, which is kept", async () => {
    bridge({ ...view([candidate(1)]), chooseCandidate: () => new Refusal("conflict", "", "It is another's.") });
    const { user } = renderScreen(<FixButton i={waiting} />);
    await user.click(screen.getByRole("button", { name: t.named.find }));
    await user.click(await screen.findByRole("radio"));
    await user.click(screen.getByRole("button", { name: t.named.choose }));
    expect(await screen.findByRole("alert")).toBeTruthy();
    expect(screen.getByRole("radio")).toHaveProperty("checked", true);
  });

  it("shows what fits first, and the rest at a click", async () => {
    bridge(view(Array.from({ length: 23 }, (_, n) => candidate(n))));
    const { user } = renderScreen(<FixButton i={waiting} />);
    await user.click(screen.getByRole("button", { name: t.named.find }));
    await user.click(await screen.findByRole("button", { name: t.named.more(3) }));
    expect(screen.getAllByRole("radio")).toHaveLength(23);
  });

  it("is looked for again: then it may be there, or found at once", async () => {
    let arrived: Candidate[] = [];
    let after = waiting;
    const calls = bridge({
      candidates: () => ({ candidates: arrived, read: now, able: true }),
      checkNow: () => null,
      item: () => after,
    });
    const { user } = renderScreen(<FixButton i={waiting} />);
    await user.click(screen.getByRole("button", { name: t.named.find }));
    const look = await screen.findByRole("button", { name: t.named.check });
    await screen.findByText(new RegExp(t.named.nothing(true, "").slice(0, 30)));
    const confirm = screen.getByRole("button", { name: t.named.confirm });
    expect([look, confirm].map((b) => b.getAttribute("type"))).toEqual(["submit", "button"]);
    expect(screen.getByText(t.named.confirmHint)).toBeTruthy();
    await user.click(look);
    expect((await screen.findByText(/nothing like it has arrived yet/)).closest('[role="status"]')).toBeTruthy();
    expect(calls.find((c) => c.name === "checkNow")?.params).toEqual({ items: ["I1"] });
    expect(document.activeElement).toBe(look);

    arrived = [candidate(7)];
    await user.click(look);
    expect(await screen.findByText(/one may be it/)).toBeTruthy();
    expect(document.activeElement).toBe(screen.getByRole("radio", { name: /Harbour 7/ }));
    after = { ...waiting, name: "Harbour 7", named: false };
    await user.click(screen.getByRole("button", { name: t.named.check }));
    expect(await screen.findByText(t.named.here("Harbour 7"))).toBeTruthy();
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("is confirmed by a person where nobody can look, and that is taken back", async () => {
    const calls = bridge({ ...view([], { able: false, read: 0 }), confirmItem: () => null });
    const { user } = renderScreen(
      <>
        <FixButton i={waiting} />
        <FixButton i={{ ...waiting, id: "I2", state: "connected", confirmed: now, confirmed_by: "Ana Ruiz" }} />
      </>,
    );
    const [find, taken] = screen.getAllByRole("button", { name: t.named.find });
    await user.click(find as HTMLElement);
    await screen.findByText(t.named.noUser);
    await user.click(screen.getByRole("button", { name: t.named.confirm }));
    expect(await screen.findByText(t.named.confirmed("Harbour shop"))).toBeTruthy();
    await user.click(taken as HTMLElement);
    await screen.findByText(/Ana Ruiz confirmed it on/);
    await user.click(screen.getByRole("button", { name: t.named.unconfirm }));
    await waitFor(() =>
      expect(calls.filter((c) => c.name === "confirmItem").map((c) => c.params)).toEqual([
        { id: "I1", on: true },
        { id: "I2", on: false },
      ]),
    );
  });

  it("is taken back in the details, which say what a lost account gave until then", async () => {
    const calls = bridge({ confirmItem: () => null });
    const confirmed = { ...waiting, state: "connected", waiting: false, named: false, confirmed: now } as const;
    const lost = itemRow({
      id: "I2",
      access: "broken",
      attention: true,
      failure: "share_removed",
      gives: "Ads can be read",
    });
    const { user } = renderScreen(
      <DetailsService d={requestDetails({ items: [confirmed, lost] })} service="facebook" />,
    );
    expect(screen.getByText(t.checks.gave("Ads can be read"))).toBeTruthy();
    await user.click(screen.getByRole("button", { name: t.named.unconfirm }));
    expect(calls.at(-1)).toEqual({ name: "confirmItem", params: { id: "I1", on: false } });
  });

  it("leaves the focus in the drawer when its button has gone with it", async () => {
    let items = [waiting];
    bridge({
      ...view([candidate(1)]),
      totals: () => totals(),
      requests: () => ({ requests: [], next: "" }),
      countRequests: () => 0,
      request: () => requestDetails({ id: "R1", items }),
      chooseCandidate: () => {
        items = [{ ...waiting, name: "Harbour 1", state: "connected", waiting: false, named: false, confirmed: now }];
        return null;
      },
      confirmItem: () => {
        items = [{ ...waiting, state: "connected", waiting: false, named: false }];
        return null;
      },
    });
    const { user, client } = await renderAt("/collaboration?open=R1");
    const reread = () => act(() => client.invalidateQueries({ queryKey: ["request", "R1"] }));
    await user.click(await screen.findByRole("button", { name: t.named.find }));
    await user.click(await screen.findByRole("radio"));
    await user.click(screen.getByRole("button", { name: t.named.choose }));
    await reread();
    const drawer = screen.getByRole("dialog", { name: new RegExp(t.details.title) });
    await waitFor(() => expect(drawer.contains(document.activeElement)).toBe(true));
    await user.click(await screen.findByRole("button", { name: t.named.unconfirm }));
    await reread();
    await waitFor(() => expect(screen.queryByRole("button", { name: t.named.unconfirm })).toBeNull());
    expect(drawer.contains(document.activeElement)).toBe(true);
    await user.keyboard("{Escape}");
    await waitFor(() => expect(document.activeElement?.id).toBe("main"));
  });

  it("has no menu entry once a check has shown it", () => {
    bridge({});
    renderScreen(<NamedItem i={{ ...waiting, state: "connected", named: false }} />);
    expect(screen.queryByText(t.named.has)).toBeNull();
  });
});
