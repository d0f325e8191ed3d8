// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { bridge } from "../testing/bridge";
import { renderScreen, session } from "../testing/render";
import { UpdateLine } from "./UpdateLine";

test("a newer version is one line that opens its page", async () => {
  const calls = bridge({ browse: () => null });
  const update = { version: "9.1.0", url: "https://downloads.example.com" };
  const { user } = renderScreen(<UpdateLine />, { session: { ...session, update } });
  await user.click(screen.getByRole("link", { name: "Version 9.1.0 is available" }));
  await waitFor(() => expect(calls.at(-1)).toEqual({ name: "browse", params: { address: update.url } }));
});

test("without a newer version there is no line", () => {
  renderScreen(<UpdateLine />);
  expect(screen.queryByRole("link")).toBeNull();
});
