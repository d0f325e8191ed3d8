// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { bridge, Refusal } from "../../testing/bridge";
import { renderScreen } from "../../testing/render";
import { CopyDiagnosis } from "./CopyDiagnosis";

test("the diagnosis is copied, and says when it was not", async () => {
  let fails = false;
  const calls = bridge({ copyDiagnosis: () => (fails ? new Refusal("unexpected") : null) });
  const { user } = renderScreen(<CopyDiagnosis />);
  await user.click(screen.getByRole("button", { name: "Copy diagnosis" }));
  expect(await screen.findByText("Copied.")).toBeTruthy();
  await waitFor(() => expect(calls.map((call) => call.name)).toEqual(["copyDiagnosis"]));
  fails = true;
  await user.click(await screen.findByRole("button", { name: "Copy diagnosis" }));
  expect(await screen.findByText(/Something went wrong/)).toBeTruthy();
});
