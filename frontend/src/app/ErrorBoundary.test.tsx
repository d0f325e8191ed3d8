// @vitest-environment jsdom
import { MantineProvider } from "@mantine/core";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { t } from "../strings/en";
import { ErrorBoundary } from "./ErrorBoundary";

const calls: { path: string; params: Record<string, string> }[] = [];
let broken = true;

function Screen() {
  if (broken) throw new Error("a list of nothing");
  return <p>Eleven requests</p>;
}

function renderScreen() {
  render(
    <MantineProvider env="test">
      <ErrorBoundary>
        <Screen />
      </ErrorBoundary>
    </MantineProvider>,
  );
}

/** Go's side of the bridge, as far as these screens see it. */
function answerWith(body: object) {
  vi.stubGlobal("fetch", async (path: string, request: { body: string }) => {
    calls.push({ path, params: JSON.parse(request.body) });
    return new Response(JSON.stringify(body));
  });
}

beforeEach(() => {
  calls.length = 0;
  broken = true;
  vi.spyOn(console, "error").mockImplementation(() => {}); // React writes out what it caught
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe("a screen that fails", () => {
  it("shows an error with the reference under which Go has it", async () => {
    answerWith({ result: "K7Q2M4XA" });
    location.hash = "#/accounts";
    renderScreen();
    expect(screen.getByRole("alert").textContent).toContain(t.errors.unexpected);
    await screen.findByText(t.reference("K7Q2M4XA"));
    expect(calls).toHaveLength(1);
    expect(calls[0]?.path).toBe("/bridge/call/reportError");
    expect(calls[0]?.params).toMatchObject({ message: "Error: a list of nothing", route: "#/accounts" });
    expect(calls[0]?.params.stack).toContain("Screen");
  });

  it("shows an error when Go does not answer either", async () => {
    answerWith({ result: null, error: { code: "unexpected", field: "", message: "", reference: "" } });
    renderScreen();
    await vi.waitFor(() => expect(calls).toHaveLength(1));
    expect(screen.getByRole("alert").textContent).toContain(t.errors.unexpected);
  });

  it("is shown again when it is tried again and works", async () => {
    answerWith({ result: "K7Q2M4XA" });
    renderScreen();
    broken = false;
    await userEvent.click(screen.getByRole("button", { name: t.tryAgain }));
    expect(screen.getByText("Eleven requests")).toBeTruthy();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});
