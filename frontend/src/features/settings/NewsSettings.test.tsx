// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { NewsSettings as Settings } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { renderScreen } from "../../testing/render";
import { NewsSettings } from "./NewsSettings";

const settings = (): Settings => ({
  choices: [
    { kind: "completed", mode: "now" },
    { kind: "sign_in_ends", mode: "daily" },
  ],
  utc_offset: 60,
});

it("shows how each kind of news comes, and changes one", async () => {
  const chosen: unknown[] = [];
  let stored = settings();
  bridge({
    news: () => stored,
    chooseNews: (choice) => {
      chosen.push(choice);
      stored = { ...stored, choices: [{ kind: "completed", mode: "off" }, ...stored.choices.slice(1)] };
      return null;
    },
  });
  const { user } = renderScreen(<NewsSettings />);
  const completed = await screen.findByRole("radiogroup", { name: t.settings.newsKinds.completed });
  expect(within(completed).getByRole("radio", { name: t.settings.newsModes.now })).toHaveProperty("checked", true);
  const signIn = screen.getByRole("radiogroup", { name: t.settings.newsKinds.sign_in_ends });
  expect(within(signIn).getByRole("radio", { name: t.settings.newsModes.daily })).toHaveProperty("checked", true);
  await user.click(within(completed).getByText(t.settings.newsModes.off));
  await waitFor(() => expect(chosen).toEqual([{ kind: "completed", mode: "off" }]));
  expect(within(completed).getByRole("radio", { name: t.settings.newsModes.off })).toHaveProperty("checked", true);
});

it("says so where the relay cannot be reached", async () => {
  bridge({
    news: () => new Refusal("unavailable"),
  });
  renderScreen(<NewsSettings />);
  await screen.findByText(t.settings.newsUnavailable);
});
