// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { NewsSettings as Settings } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
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

it("shows what is stored again after a choice that failed", async () => {
  const stored = [settings(), new Refusal("unavailable")];
  bridge({ news: () => stored.shift(), chooseNews: () => new Refusal("unavailable") });
  const { user } = renderScreen(<NewsSettings />);
  const completed = await screen.findByRole("radiogroup", { name: t.settings.newsKinds.completed });
  await user.click(within(completed).getByText(t.settings.newsModes.off));
  await screen.findByRole("dialog");
  expect(within(completed).getByRole("radio", { name: t.settings.newsModes.now, hidden: true })).toHaveProperty(
    "checked",
    true,
  );
});

it("keeps one choice on the screen while another is stored", async () => {
  const first = deferred<null>();
  const second = deferred<null>();
  const calls = bridge({
    news: () => settings(),
    chooseNews: ({ kind }: { kind: string }) => (kind === "completed" ? first.promise : second.promise),
  });
  const { user } = renderScreen(<NewsSettings />);
  const completed = await screen.findByRole("radiogroup", { name: t.settings.newsKinds.completed });
  const signIn = screen.getByRole("radiogroup", { name: t.settings.newsKinds.sign_in_ends });
  await user.click(within(completed).getByText(t.settings.newsModes.off));
  await user.click(within(signIn).getByText(t.settings.newsModes.off));
  first.resolve(null);
  await screen.findByText(t.settings.newsSaved);
  expect(within(signIn).getByRole("radio", { name: t.settings.newsModes.off })).toHaveProperty("checked", true);
  expect(calls.filter((c) => c.name === "news")).toHaveLength(1);
  second.resolve(null);
  await waitFor(() => expect(calls.filter((c) => c.name === "news")).toHaveLength(2));
});

it("says why the settings cannot be read, and reads them again", async () => {
  const answers = [new Refusal("suspended"), settings()];
  bridge({ news: () => answers.shift() });
  const { user } = renderScreen(<NewsSettings />);
  await screen.findByText(t.errors.suspended as string);
  await user.click(screen.getByRole("button", { name: t.tryAgain }));
  await screen.findByRole("radiogroup", { name: t.settings.newsKinds.completed });
});
