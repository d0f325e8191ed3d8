// @vitest-environment jsdom
import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { ConnectionView, OwnAsset, OwnAssetList, Service } from "../../api/types";
import { links, signInLink } from "../../lib/links";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { now, renderAt, renderScreen } from "../../testing/render";
import { serviceViews } from "../../testing/services";
import { ConnectDialog } from "./ConnectDialog";
import { FacebookUsers } from "./FacebookUsers";
import { KeyDialog } from "./KeyDialog";
import { PickDialog } from "./PickDialog";

const ana: ConnectionView = {
  id: "C1",
  platform: "meta",
  member_id: "M1",
  member: "Ana Silva",
  user: "Ana on Facebook",
  businesses: [
    { id: "B1", name: "Northlight Media", admin: true },
    { id: "B2", name: "Harbour Café", admin: false },
  ],
  ends: now + 86_400_000,
  created: now,
  here: true,
  replaced: false,
};

function asset(values: Partial<OwnAsset>): OwnAsset {
  return {
    kind: "page",
    account: "1",
    name: "Harbour Café",
    detail: "",
    business: "Northlight Media",
    item: "",
    picked: false,
    usable: true,
    message: "",
    ...values,
  };
}

const button = (name: string) => screen.getByRole("button", { name }) as HTMLButtonElement;

describe("the key of an account", () => {
  const service = serviceViews.find((s) => s.key)?.id as Service;
  const shown = (onClose = () => {}) => renderScreen(<KeyDialog service={service} onClose={onClose} />);

  it("cannot be sent while the address or the key is missing", async () => {
    bridge({});
    const { user } = shown();
    expect(button(t.own.connect).disabled).toBe(true);
    await user.type(screen.getByLabelText(t.own.url), "https://x.api-us1.com");
    expect(button(t.own.connect).disabled).toBe(true);
    await user.type(screen.getByLabelText(t.own.key), " ");
    expect(button(t.own.connect).disabled).toBe(true);
  });

  it("connects, is busy meanwhile, and confirms with the account's name", async () => {
    const answer = deferred<{ name: string }>();
    const onClose = vi.fn();
    const calls = bridge({ connectKey: () => answer.promise });
    const { user } = shown(onClose);
    await user.type(screen.getByLabelText(t.own.url), "https://x.api-us1.com ");
    await user.type(screen.getByLabelText(t.own.key), "k1{Enter}");
    await waitFor(() => expect(button(t.own.connect).getAttribute("aria-busy")).toBe("true"));
    answer.resolve({ name: "Harbour CRM" });
    await screen.findByText(t.toast.connected("Harbour CRM"));
    expect(onClose).toHaveBeenCalledOnce();
    expect(calls).toEqual([{ name: "connectKey", params: { service, address: "https://x.api-us1.com", key: "k1" } }]);
  });

  it("shows an error on the field that it names, and the address that was meant", async () => {
    bridge({
      connectKey: () => new Refusal("invalid", "address", "This is the address of its pages."),
      suggestAddress: () => "https://x.api-us1.com",
    });
    const { user } = shown();
    await user.type(screen.getByLabelText(t.own.url), "x.activehosted.com");
    await user.type(screen.getByLabelText(t.own.key), "k1{Enter}");
    await screen.findByText("This is the address of its pages.");
    await user.click(await screen.findByRole("button", { name: t.own.use("https://x.api-us1.com") }));
    expect((screen.getByLabelText(t.own.url) as HTMLInputElement).value).toBe("https://x.api-us1.com");
    expect(screen.queryByText("This is the address of its pages.")).toBeNull();
    expect(screen.queryByRole("button", { name: t.own.use("https://x.api-us1.com") })).toBeNull();
  });

  it("shows any other error above the fields, until something else is typed", async () => {
    bridge({ connectKey: () => new Refusal("unavailable", "", "", "R4T7"), suggestAddress: () => "" });
    const { user } = shown();
    await user.type(screen.getByLabelText(t.own.url), "x");
    await user.type(screen.getByLabelText(t.own.key), "k1{Enter}");
    expect((await screen.findByRole("alert")).textContent).toContain("R4T7");
    await user.type(screen.getByLabelText(t.own.key), "2");
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });
});

const owned = (assets: OwnAsset[], unread = ""): OwnAssetList => ({ assets, unread });

describe("the accounts of a connected user", () => {
  const shown = (onClose = () => {}) => renderScreen(<PickDialog first="C1" users={[ana]} onClose={onClose} />);

  it("say that they are being read", () => {
    bridge({});
    shown();
    expect(screen.getByText(t.loading)).toBeTruthy();
    expect(button(t.own.pickYes(0)).disabled).toBe(true);
  });

  it("say that there are none", async () => {
    bridge({ ownAssets: () => owned([]) });
    shown();
    expect(await screen.findByText(t.own.none)).toBeTruthy();
  });

  it("say which of them Facebook did not show", async () => {
    bridge({ ownAssets: () => owned([asset({})], "the Pages that others gave to Harbour & Pine") });
    shown();
    expect(await screen.findByText(t.own.unread("the Pages that others gave to Harbour & Pine"))).toBeTruthy();
    expect(screen.getByText("Harbour Café")).toBeTruthy();
  });

  it("say why they cannot be read", async () => {
    bridge({ ownAssets: () => new Refusal("unavailable", "", "", "R4T7") });
    shown();
    expect((await screen.findByRole("alert")).textContent).toContain("R4T7");
  });

  it("are searched and picked with the keyboard, and saved", async () => {
    const onClose = vi.fn();
    const calls = bridge({
      ownAssets: () => owned([asset({ picked: true }), asset({ account: "2", name: "Fjord Kayaks" })]),
      pickAssets: () => null,
    });
    const { user } = shown(onClose);
    await user.type(await screen.findByLabelText(t.own.search), "fjord{Enter}");
    expect(screen.queryByText("Harbour Café")).toBeNull();
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole("checkbox", { name: /^Fjord Kayaks/ }));
    await user.keyboard(" ");
    await user.click(button(t.own.pickYes(2)));
    await screen.findByText(t.own.picked(2));
    expect(calls.at(-1)).toEqual({ name: "pickAssets", params: { id: "C1", accounts: ["1", "2"] } });
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("cannot be picked where they are not usable, and say why", async () => {
    bridge({ ownAssets: () => owned([asset({ usable: false, message: "Only Lars has full control." })]) });
    shown();
    expect(await screen.findByText("Only Lars has full control.")).toBeTruthy();
    expect((screen.getByRole("checkbox", { name: /^Harbour Café/ }) as HTMLInputElement).disabled).toBe(true);
  });

  it("say that no account matches what is typed", async () => {
    bridge({ ownAssets: () => owned([asset({})]) });
    const { user } = shown();
    await user.type(await screen.findByLabelText(t.own.search), "zzz");
    expect(await screen.findByText(t.campaigns.noMatch)).toBeTruthy();
  });

  it("stay picked with the error above them when saving fails", async () => {
    bridge({
      ownAssets: () => owned([asset({ picked: true })]),
      pickAssets: () => new Refusal("unavailable", "", "", "R4T7"),
    });
    const { user } = shown();
    await screen.findByText("Harbour Café");
    await user.click(button(t.own.pickYes(1)));
    expect((await screen.findByRole("alert")).textContent).toContain("R4T7");
    expect((screen.getByRole("checkbox", { name: /^Harbour Café/ }) as HTMLInputElement).checked).toBe(true);
  });
});

describe("a sign-in in the system's browser", () => {
  const started = { id: "S1", address: "https://facebook.example/sign-in", until: now };

  it("waits, opens the page again on request, and gives the connected user", async () => {
    const answer = deferred<ConnectionView>();
    const onDone = vi.fn();
    const onClose = vi.fn();
    const calls = bridge({ startConnection: () => started, waitConnection: () => answer.promise, browse: () => null });
    const { user } = renderScreen(<ConnectDialog platform="meta" onClose={onClose} onDone={onDone} />);
    await user.click(await screen.findByRole("button", { name: t.settings.fbOpenAgain }));
    await waitFor(() => expect(calls.at(-1)).toEqual({ name: "browse", params: { address: started.address } }));
    answer.resolve(ana);
    await screen.findByText(t.toast.connected(ana.user));
    expect(onClose).toHaveBeenCalledOnce();
    expect(onDone).toHaveBeenCalledWith(ana);
  });

  it("says what was picked and is not connected", async () => {
    const left_out = "Price list (in the bin)";
    bridge({ startConnection: () => started, waitAccount: () => ({ name: "Leads", left_out }), browse: () => null });
    renderScreen(<ConnectDialog platform="googlesheets" account onClose={() => {}} />);
    await screen.findByText(t.toast.connected("Leads"));
    await screen.findByText(t.toast.leftOut(left_out));
  });

  it("is cancelled when its dialog goes", async () => {
    const calls = bridge({ startConnection: () => started, cancelConnection: () => null });
    const { unmount } = renderScreen(<ConnectDialog platform="meta" onClose={() => {}} />);
    await screen.findByRole("button", { name: t.settings.fbOpenAgain });
    unmount();
    await waitFor(() => expect(calls).toContainEqual({ name: "cancelConnection", params: { id: "S1" } }));
  });

  it("says why it failed, and begins anew", async () => {
    const calls = bridge({ startConnection: () => new Refusal("unavailable", "", "", "R4T7") });
    const { user } = renderScreen(<ConnectDialog platform="meta" onClose={() => {}} />);
    expect((await screen.findByRole("alert")).textContent).toContain(t.settings.fbFailed);
    await user.click(button(t.tryAgain));
    await waitFor(() => expect(calls.filter((c) => c.name === "startConnection")).toHaveLength(2));
  });
});

describe("the agency's Facebook users", () => {
  it("are led to the dialog that signs in once: Back does not open it again", async () => {
    bridge({ connections: () => [ana] });
    const { user, router } = await renderAt("/help");
    await act(() => router.navigate(signInLink));
    const dialog = await screen.findByRole("dialog");
    await user.click(within(dialog).getByRole("button", { name: t.cancel }));
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    await act(() => router.navigate(links.accounts));
    await screen.findByRole("heading", { name: t.accounts.title });
    act(() => router.history.back());
    await screen.findByText("Northlight Media");
    expect(router.state.location.pathname).toBe("/settings/facebook");
    expect(screen.queryByRole("dialog")).toBeNull();
    act(() => router.history.back());
    await screen.findByRole("heading", { name: t.help.title });
  });

  it("are none at first, with the one action", async () => {
    bridge({ connections: () => [] });
    renderScreen(<FacebookUsers />);
    expect(await screen.findByRole("heading", { name: t.settings.fbNone })).toBeTruthy();
    expect(button(t.settings.fbConnect)).toBeTruthy();
  });

  it("ask for no sign-in where a newer one has replaced it", async () => {
    bridge({
      connections: () => [
        { ...ana, replaced: true },
        { ...ana, id: "C2", ends: 0 },
      ],
    });
    renderScreen(<FacebookUsers />);
    expect(await screen.findByText(t.settings.fbReplaced, { exact: false })).toBeTruthy();
    expect(screen.queryByText(/sign in again/)).toBeNull();
  });

  it("are listed with their Business Managers, and disconnected after a question", async () => {
    const calls = bridge({ connections: () => [ana], endConnection: () => null });
    const { user } = renderScreen(<FacebookUsers />);
    await screen.findByText("Northlight Media");
    expect(screen.getByText(t.settings.fbNotAdmin)).toBeTruthy();
    await user.click(button(`${t.settings.fbEnd} ${ana.user}`));
    const dialog = await screen.findByRole("dialog", { name: t.settings.fbEndTitle(ana.user) });
    await user.click(within(dialog).getByRole("button", { name: t.settings.fbEnd }));
    await screen.findByText(t.toast.disconnected);
    expect(calls).toContainEqual({ name: "endConnection", params: { id: "C1" } });
  });
});
