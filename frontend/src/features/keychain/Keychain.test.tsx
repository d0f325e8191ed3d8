// @vitest-environment jsdom
import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { SessionView } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { renderScreen, session } from "../../testing/render";
import { Keychain } from "./Keychain";

const shown = (values: Partial<SessionView>) =>
  renderScreen(<Keychain />, { session: { ...session, state: "keychain_away", ...values } });

const again = () => screen.getByRole("button", { name: t.tryAgain });

describe("a keychain that does not open", () => {
  it("is asked again, and says that it still does not open", async () => {
    const answer = deferred<Refusal>();
    const calls = bridge({ sync: () => answer.promise });
    const { user } = shown({ keychain: "locked" });
    await user.click(again());
    const unlock = screen.getByRole("button", { name: t.keychain.unlock });
    await waitFor(() => expect(unlock.getAttribute("aria-busy")).toBe("true"));
    answer.resolve(new Refusal("keychain_locked"));
    expect(await screen.findByText(t.keychain.still)).toBeTruthy();
    expect(calls.map((c) => c.name)).toEqual(["sync"]);
  });

  it("says nothing more while there is no network: the keychain may have opened", async () => {
    bridge({ sync: () => new Refusal("unavailable") });
    const { user } = shown({ keychain: "locked" });
    await user.click(again());
    await waitFor(() =>
      expect(screen.getByRole("button", { name: t.keychain.unlock }).getAttribute("aria-busy")).toBe("false"),
    );
    expect(screen.queryByText(t.keychain.still)).toBeNull();
  });

  it("names the command that installs one where there is none", async () => {
    const calls = bridge({ copy: () => null });
    const { user } = shown({ keychain: "absent" });
    expect(screen.queryByRole("button", { name: t.keychain.unlock })).toBeNull();
    await user.click(screen.getByRole("button", { name: t.copy }));
    await screen.findByText(t.copied);
    expect(calls).toEqual([{ name: "copy", params: { text: t.keychain.command } }]);
  });

  it("names each way where the reason is not known", () => {
    bridge({});
    shown({ keychain: "" });
    for (const way of [t.keychain.locked, t.keychain.denied, t.keychain.none])
      expect(screen.getByText(way)).toBeTruthy();
  });

  it("copies what the system said with the details", async () => {
    const calls = bridge({ copy: () => null });
    const { user } = shown({ keychain: "denied", detail: "access denied by policy" });
    await user.click(screen.getByRole("button", { name: t.copyDetails }));
    await screen.findByText(t.copied);
    expect(calls[0]?.params.text).toContain("access denied by policy");
  });

  it("leaves the demo open, and says why that does not start", async () => {
    bridge({ exploreDemo: () => new Refusal("unexpected", "", "No port is free.") });
    const { user } = shown({ keychain: "absent" });
    await user.click(screen.getByRole("button", { name: t.first.demo }));
    expect(await screen.findByText("No port is free.")).toBeTruthy();
  });

  it("takes Try again from who shows it while joining", async () => {
    const onAgain = vi.fn();
    bridge({});
    const { user } = renderScreen(<Keychain why="locked" onAgain={onAgain} />);
    await user.click(again());
    expect(onAgain).toHaveBeenCalledOnce();
  });
});
