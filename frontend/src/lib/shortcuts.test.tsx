// @vitest-environment jsdom
import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { preferences, renderScreen } from "../testing/render";
import type { AppState } from "./app";
import { type Command, keysOf, useCommand } from "./shortcuts";

const run: Command[] = [];

function Shortcuts() {
  useCommand("find", () => run.push("find"));
  useCommand("request", () => run.push("request"));
  useCommand("search", () => run.push("search"));
  useCommand("save", () => run.push("save"));
  useCommand("help", () => run.push("help"));
  return (
    <>
      <input aria-label="Client" />
      <div role="dialog">
        <button type="button">Yes</button>
      </div>
    </>
  );
}

/** What runs when keys are pressed, in the way of user-event. */
async function press(keys: string, state: Partial<AppState> = {}, focus?: () => HTMLElement) {
  run.length = 0;
  const { user, unmount } = renderScreen(<Shortcuts />, state);
  focus?.().focus();
  await user.keyboard(keys);
  unmount();
  return run.join();
}

const typing = () => screen.getByLabelText("Client");
const inDialog = () => screen.getByRole("button", { name: "Yes" });

describe("keys", () => {
  it("opens the palette with Ctrl+K, on macOS with Cmd+K", async () => {
    expect(await press("{Control>}k{/Control}", {}, typing)).toBe("find");
    expect(await press("{Meta>}k{/Meta}", { mac: true }, typing)).toBe("find");
    expect(await press("{Control>}k{/Control}", { mac: true })).toBe("");
    expect(await press("{Meta>}k{/Meta}")).toBe("");
  });
  it("saves with Ctrl+S, on macOS with Cmd+S, also from a field", async () => {
    expect(await press("{Control>}s{/Control}", {}, typing)).toBe("save");
    expect(await press("{Meta>}s{/Meta}", { mac: true }, typing)).toBe("save");
  });
  it("takes single letters only while nobody types and they are switched on", async () => {
    const off = { preferences: { ...preferences, single_keys: false } };
    expect(await press("n")).toBe("request");
    expect(await press("{Shift>}N{/Shift}")).toBe("request");
    expect(await press("n", {}, typing)).toBe("");
    expect(await press("n", {}, inDialog)).toBe("");
    expect(await press("n", off)).toBe("");
    expect(await press("{Control>}n{/Control}")).toBe("");
    expect(await press("/")).toBe("search");
    expect(await press("{Shift>}/{/Shift}")).toBe("search");
    expect(await press("{F1}", off, typing)).toBe("help");
  });
  it("writes keys as the system does", () => {
    expect(keysOf("Mod+K", true)).toEqual(["⌘", "K"]);
    expect(keysOf("Mod+K", false)).toEqual(["Ctrl", "K"]);
  });
});
