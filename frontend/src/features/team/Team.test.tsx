// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { DeviceView, Member, OpenCode, PendingDevice } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, Refusal } from "../../testing/bridge";
import { now, renderScreen, session } from "../../testing/render";
import { device, member } from "../../testing/team";
import { Team } from "./Team";

const ana = member({});
const lin = member({ id: "M2", name: "Lin Berg", email: "lin@northlight.example", role: "sub" });

interface Shown {
  members?: Member[];
  devices?: () => DeviceView[] | Refusal;
  codes?: OpenCode[];
  pending?: PendingDevice[];
}

function team({ members = [ana, lin], devices = () => [device({})], codes = [], pending = [] }: Shown = {}) {
  return {
    members: () => members,
    devices,
    openCodes: () => codes,
    pendingDevices: () => pending,
  };
}

const shown = () => renderScreen(<Team inviting={false} onInvited={() => {}} />);
const members = () => screen.getByRole("region", { name: /^Members/ });

describe("the team", () => {
  it("lists no member as long as they are being read", () => {
    bridge({});
    shown();
    expect(within(members()).getByRole("heading").textContent).toMatch(/^Members0/);
  });

  it("lists each member with their computers, and who has none", async () => {
    bridge(team({ codes: [{ id: "C1", member: "M2", until: now + 86_400_000 }] }));
    shown();
    await within(members()).findByText("Lin Berg");
    expect(within(members()).getByText("Ana's laptop")).toBeTruthy();
    expect(
      await within(members()).findByText(/lin@northlight.example · invited today, code not used yet/),
    ).toBeTruthy();
  });

  it("says where a member has neither a computer nor a code", async () => {
    bridge(team());
    shown();
    expect(await within(members()).findByText(/no computer, and no valid code/)).toBeTruthy();
  });

  it("says that computers are not known while the relay does not answer", async () => {
    bridge(team({ devices: () => new Refusal("unavailable") }));
    shown();
    expect(await within(members()).findByText(t.settings.needRelay)).toBeTruthy();
  });

  it("shows a sub-user themselves alone, without a menu", async () => {
    bridge(team());
    renderScreen(<Team inviting={false} onInvited={() => {}} />, {
      session: { ...session, role: "sub", member_id: "M2" },
    });
    await within(members()).findByText("Lin Berg");
    expect(screen.queryByText("Ana Silva")).toBeNull();
    expect(screen.queryByRole("button", { name: /^Actions for/ })).toBeNull();
  });

  it("opens a member's menu with Enter, and a dialog from it", async () => {
    bridge(team());
    const { user } = shown();
    const menu = await screen.findByRole("button", { name: "Actions for Lin Berg" });
    menu.focus();
    await user.keyboard("{Enter}");
    await user.click(await screen.findByRole("menuitem", { name: t.settings.edit }));
    expect(await screen.findByRole("dialog", { name: "Change Lin Berg" })).toBeTruthy();
  });

  it("keeps the only main user in the agency", async () => {
    bridge(team());
    const { user } = shown();
    await user.click(await screen.findByRole("button", { name: "Actions for Ana Silva" }));
    expect(await screen.findByText(t.settings.lastMain)).toBeTruthy();
    expect(screen.queryByRole("menuitem", { name: t.settings.removeMember })).toBeNull();
  });

  it("shows a code once it is made, until it is withdrawn", async () => {
    const code = { id: "C1", code: "K7Q2-M4XD", until: now + 600_000 };
    const calls = bridge({
      ...team({ codes: [{ id: "C1", member: "M1", until: code.until }] }),
      issueCode: () => code,
      withdrawCode: () => null,
    });
    const { user } = shown();
    await user.click(await screen.findByRole("button", { name: t.settings.makeCode }));
    const region = await screen.findByRole("region", { name: t.settings.codeOwn });
    expect(region.textContent).toContain(t.settings.ownShownOnce);
    expect(within(region).getByText("K7Q2-M4XD")).toBeTruthy();
    await user.click(within(region).getByRole("button", { name: /^Withdraw/ }));
    await waitFor(() => expect(calls).toContainEqual({ name: "withdrawCode", params: { id: "C1" } }));
  });

  it("passes credentials on to a computer whose number is the same", async () => {
    const asking: PendingDevice = {
      id: "D9",
      name: "New Mac",
      member_id: "M1",
      member: "Ana Silva",
      own: true,
      created: now,
      fingerprint: "482 917",
      wants: 3,
      in_progress: false,
    };
    const calls = bridge({ ...team({ pending: [asking] }), approve: () => null });
    const { user } = shown();
    const card = await screen.findByRole("region", { name: "New Mac asks for 3 credentials" });
    expect(within(card).getByText("482 917")).toBeTruthy();
    await user.click(within(card).getByRole("button", { name: t.settings.pass }));
    await waitFor(() => expect(calls).toContainEqual({ name: "approve", params: { id: "D9", number: "482 917" } }));
    await screen.findByText(t.toast.passed);
  });

  it("does not ask about a computer again once the answer is Later", async () => {
    const asking = { id: "D9", name: "New Mac", member: "Ana Silva", fingerprint: "482 917", wants: 3 };
    bridge(team({ pending: [{ ...asking, member_id: "M1", own: true, created: now, in_progress: false }] }));
    const { user } = shown();
    await user.click(await screen.findByRole("button", { name: t.settings.later }));
    expect(screen.queryByText("482 917")).toBeNull();
  });

  it("lists revoked computers, the newest first, and shows what one held", async () => {
    const revoked = [
      device({ id: "D2", name: "Old Mac", revoked: now - 90_000_000 }),
      device({ id: "D3", name: "Lost Mac", revoked: now }),
    ];
    bridge({
      ...team({ devices: () => revoked }),
      deviceCredentials: () => ({ credentials: [], hidden: 0 }),
    });
    const { user } = shown();
    const region = await screen.findByRole("region", { name: /^Revoked computers/ });
    const names = within(region).getAllByRole("listitem");
    expect(names.map((n) => n.querySelector("b")?.textContent)).toEqual(["Lost Mac", "Old Mac"]);
    await user.click(within(region).getByRole("button", { name: "What it held: Lost Mac" }));
    expect(await screen.findByRole("dialog", { name: "What Lost Mac held" })).toBeTruthy();
    expect(await screen.findByText(t.settings.holdsNone)).toBeTruthy();
  });

  it("closes the invitation and shows its code", async () => {
    const onInvited = vi.fn();
    const code = { id: "C2", code: "LIN7-0000", until: now + 86_400_000 };
    bridge({
      ...team({ codes: [{ id: "C2", member: "M2", until: code.until }] }),
      inviteMember: () => code,
    });
    const { user } = renderScreen(<Team inviting onInvited={onInvited} />);
    await user.type(await screen.findByLabelText("Name"), "Lin Berg");
    await user.type(screen.getByLabelText("Email"), "lin@northlight.example");
    await user.click(within(screen.getByRole("dialog")).getByRole("button", { name: t.settings.inviteYes }));
    await waitFor(() => expect(onInvited).toHaveBeenCalled());
    const region = await screen.findByRole("region", { name: /^Code for Lin Berg/ });
    expect(within(region).getByText("LIN7-0000")).toBeTruthy();
  });
});
