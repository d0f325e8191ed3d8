// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { renderScreen } from "../../testing/render";
import { itemRow } from "../../testing/rows";
import { EndAccessDialog } from "./EndAccess";

describe("the question before an access ends", () => {
  const ask = (online = true) =>
    renderScreen(<EndAccessDialog i={itemRow()} onYes={() => {}} onClose={() => {}} />, { online });
  const yes = () => screen.getByRole<HTMLButtonElement>("button", { name: t.ending.yes });

  it("says what ends and what stays, and only then has a yes", async () => {
    bridge({ planEnding: () => ({ ends: ["The share ends."], stays: ["The app stays."], steps: [], open: "" }) });
    ask();
    expect(yes().disabled).toBe(true);
    expect(await screen.findByText("The share ends.")).toBeTruthy();
    expect(screen.getByText("The app stays.")).toBeTruthy();
    expect(yes().disabled).toBe(false);
  });

  it("has no yes when the relay does not answer", async () => {
    bridge({ planEnding: () => new Refusal("unavailable") });
    ask();
    expect((await screen.findByRole("alert")).textContent).toBe(t.errors.unavailable);
    expect(yes().disabled).toBe(true);
  });

  it("says while offline that ending needs a network", async () => {
    bridge({ planEnding: () => new Refusal("unavailable") });
    ask(false);
    expect((await screen.findByRole("alert")).textContent).toBe(t.ending.offline);
  });
});
