// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { Obstacle } from "../../api/enums";
import type { EntryRow, SessionView } from "../../api/types";
import { when } from "../../lib/dates";
import { t } from "../../strings/en";
import { bridge } from "../../testing/bridge";
import { now, renderScreen, session } from "../../testing/render";
import { MailBand } from "./MailBand";
import { OfflineBand } from "./OfflineBand";
import { Refused } from "./Refused";

const entry = (changes: Partial<EntryRow>): EntryRow => ({
  seq: 7,
  request: "R1",
  kind: "save",
  title: "Velvet",
  created: now,
  attempts: 1,
  not_before: 0,
  refused: now,
  code: "filter",
  field: "",
  message: "",
  reference: "",
  ...changes,
});

describe("a change that was refused", () => {
  it.each<[string, Partial<EntryRow>, string, string]>([
    ["by a firewall", {}, t.details.blocked, t.blocked.refused],
    ["by a page in its place", { code: "page" }, t.details.blocked, t.blocked.refused],
    ["for its size", { code: "size" }, t.details.blocked, t.blocked.size],
    ["by cutting the connection", { code: "silence" }, t.details.blocked, t.blocked.cut],
    ["by a server before the relay", { code: "gateway" }, t.details.blocked, t.blocked.cut],
    ["by the relay", { code: "invalid", message: "Enter a name." }, t.details.refused, "Enter a name."],
    ["by a code", { code: "forbidden" }, t.details.refused, t.errors.forbidden ?? ""],
  ])("%s says by whom and why", (_, changes, by, why) => {
    bridge({});
    renderScreen(<Refused entries={[entry(changes)]} />);
    expect(screen.getByRole("alert")).toHaveProperty("textContent", expect.stringContaining(by));
    screen.getByText(why);
  });

  it("is edited, sent again or discarded", async () => {
    const calls = bridge({ retryEntry: () => null, discardEntry: () => null });
    const { user } = renderScreen(<Refused entries={[entry({})]} />);
    screen.getByRole("button", { name: t.details.edit });
    await user.click(screen.getByRole("button", { name: t.details.retry }));
    await user.click(screen.getByRole("button", { name: t.details.discard }));
    expect(calls.map(({ name, params }) => [name, params.seq])).toEqual([
      ["retryEntry", 7],
      ["discardEntry", 7],
    ]);
  });

  it("offers to edit only what has a form", () => {
    bridge({});
    renderScreen(
      <Refused entries={[entry({ kind: "withdraw" }), entry({ seq: 8, kind: "share_requests", request: "" })]} />,
    );
    expect(screen.queryByRole("button", { name: t.details.edit })).toBeNull();
  });
});

describe("the line about the relay's mail", () => {
  const band = (part: Partial<SessionView>) =>
    renderScreen(<MailBand />, { session: { ...session, ...part } }).container.querySelector(".banner")?.textContent;

  it("says to each role what waits, and nothing while mail works", () => {
    expect(band({ mail_fails: now, role: "main" })).toBe(t.mailFails.main(when(now, now)));
    expect(band({ mail_fails: now, role: "sub" })).toBe(t.mailFails.sub(when(now, now)));
    expect(band({ mail_fails: 0 })).toBeUndefined();
  });
});

describe("the line above the lists", () => {
  const band = (obstacle: Obstacle | "") =>
    renderScreen(<OfflineBand />, { online: false, session: { ...session, online: false, obstacle } }).container;

  it("says offline only when nothing answers", () => {
    for (const [obstacle, sentence] of Object.entries(t.obstacle)) {
      const { textContent } = band(obstacle as Obstacle);
      expect(textContent).toContain(sentence);
      expect(/offline/i.test(textContent ?? "")).toBe(obstacle === "silence");
    }
  });

  it("says nothing before the first call has ended", () => {
    expect(band("").querySelector(".banner")).toBeNull();
  });
});
