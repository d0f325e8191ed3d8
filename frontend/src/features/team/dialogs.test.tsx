// @vitest-environment jsdom
import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it, vi } from "vitest";
import type { Service } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { now, renderScreen, session } from "../../testing/render";
import { serviceViews } from "../../testing/services";
import { device, member } from "../../testing/team";
import { EditDialog } from "./EditDialog";
import { InviteDialog } from "./InviteDialog";
import { RemoveDialog } from "./RemoveDialog";
import { RevokeDialog } from "./RevokeDialog";

const button = (name: string) => screen.getByRole("button", { name });
const code = { id: "C1", code: "K7Q2-M4XD", until: now + 86_400_000 };
const lin = member({ id: "M2", name: "Lin Berg", role: "sub" });

describe("the invitation of a colleague", () => {
  it("sends what is typed, without spaces around it, and gives the code", async () => {
    const onInvited = vi.fn();
    const calls = bridge({ inviteMember: () => code });
    const { user } = renderScreen(<InviteDialog onClose={() => {}} onInvited={onInvited} />);
    await user.type(screen.getByLabelText("Name"), " Lin Berg ");
    await user.type(screen.getByLabelText("Email"), " lin@northlight.example{Enter}");
    await waitFor(() => expect(onInvited).toHaveBeenCalledWith({ code, name: "Lin Berg", role: "sub" }));
    expect(calls[0]).toEqual({
      name: "inviteMember",
      params: { name: "Lin Berg", email: "lin@northlight.example", role: "sub" },
    });
  });

  it("names all that is missing at once", async () => {
    const calls = bridge({ inviteMember: () => code });
    const { user } = renderScreen(<InviteDialog onClose={() => {}} onInvited={() => {}} />);
    await user.click(button(t.settings.inviteYes));
    await screen.findByText(t.settings.enterName);
    expect(screen.getByText(t.settings.enterEmail)).toBeTruthy();
    expect(calls).toEqual([]);
  });

  it("shows an error on the field that it names, until that is changed", async () => {
    bridge({ inviteMember: () => new Refusal("invalid", "email", "lin@ is not a full address.") });
    const { user } = renderScreen(<InviteDialog onClose={() => {}} onInvited={() => {}} />);
    await user.type(screen.getByLabelText("Name"), "Lin Berg");
    await user.type(screen.getByLabelText("Email"), "lin@");
    await user.click(button(t.settings.inviteYes));
    expect((await screen.findByRole("alert")).textContent).toBe("lin@ is not a full address.");
    expect(screen.getByLabelText("Email").getAttribute("aria-invalid")).toBe("true");
    await user.type(screen.getByLabelText("Email"), "n");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("shows any other error above the fields, with its reference", async () => {
    bridge({ inviteMember: () => new Refusal("unavailable", "", "", "R4T7") });
    const { user } = renderScreen(<InviteDialog onClose={() => {}} onInvited={() => {}} />);
    await user.type(screen.getByLabelText("Name"), "Lin Berg");
    await user.type(screen.getByLabelText("Email"), "lin@northlight.example");
    await user.click(button(t.settings.inviteYes));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toBe(`${t.errors.unavailable} · R4T7`);
  });

  it("is busy until the relay answers, and invites once", async () => {
    const answer = deferred<typeof code>();
    const calls = bridge({ inviteMember: () => answer.promise });
    const onInvited = vi.fn();
    const { user } = renderScreen(<InviteDialog onClose={() => {}} onInvited={onInvited} />);
    await user.type(screen.getByLabelText("Name"), "Lin Berg");
    await user.type(screen.getByLabelText("Email"), "lin@northlight.example");
    await user.dblClick(button(t.settings.inviteYes));
    await waitFor(() => expect(button(t.settings.inviteYes).getAttribute("aria-busy")).toBe("true"));
    answer.resolve(code);
    await waitFor(() => expect(onInvited).toHaveBeenCalled());
    expect(calls).toHaveLength(1);
  });
});

describe("a member's name and role", () => {
  it("cannot be saved while the name is empty or nothing differs", async () => {
    bridge({});
    const { user } = renderScreen(<EditDialog member={lin} only={false} onClose={() => {}} />);
    const save = button(t.settings.save) as HTMLButtonElement;
    expect(save.disabled).toBe(true);
    await user.clear(screen.getByLabelText("Name"));
    await waitFor(() => expect(save.disabled).toBe(true));
    await user.type(screen.getByLabelText("Name"), "Lin B.");
    await waitFor(() => expect(save.disabled).toBe(false));
  });

  it("are saved, confirmed, and the dialog closes", async () => {
    const onClose = vi.fn();
    const calls = bridge({ changeMember: () => null });
    const { user } = renderScreen(<EditDialog member={lin} only={false} onClose={onClose} />);
    await user.type(screen.getByLabelText("Name"), "-Roux{Enter}");
    await screen.findByText(t.toast.memberChanged);
    expect(onClose).toHaveBeenCalledOnce();
    expect(calls).toEqual([{ name: "changeMember", params: { id: "M2", name: "Lin Berg-Roux", role: "sub" } }]);
  });

  it("keep the dialog open with the error on the name", async () => {
    const onClose = vi.fn();
    bridge({ changeMember: () => new Refusal("invalid", "name", "That name is too long.") });
    const { user } = renderScreen(<EditDialog member={lin} only={false} onClose={onClose} />);
    await user.type(screen.getByLabelText("Name"), "!");
    await user.click(button(t.settings.save));
    await screen.findByText("That name is too long.");
    expect(screen.getByLabelText("Name").getAttribute("aria-invalid")).toBe("true");
    expect(onClose).not.toHaveBeenCalled();
  });

  it("leave the only main user the role", () => {
    bridge({});
    renderScreen(<EditDialog member={member({})} only onClose={() => {}} />);
    expect(screen.getByText(t.settings.onlyMain)).toBeTruthy();
    expect((screen.getByRole("combobox", { name: "Role" }) as HTMLInputElement).disabled).toBe(true);
  });
});

describe("the removal of a member", () => {
  it("names who takes over, and removes", async () => {
    const calls = bridge({ removeMember: () => null });
    const { user } = renderScreen(<RemoveDialog member={lin} devices={2} others={[member({})]} onClose={() => {}} />);
    expect(screen.getByText(/2 computers are revoked/)).toBeTruthy();
    await user.click(button(t.settings.removeMember));
    await screen.findByText(t.toast.memberRemoved("Lin Berg"));
    expect(calls).toEqual([{ name: "removeMember", params: { id: "M2", successor: "M1" } }]);
  });

  it("is not possible while nobody can take over", () => {
    bridge({});
    renderScreen(<RemoveDialog member={lin} devices={0} others={[]} onClose={() => {}} />);
    expect((button(t.settings.removeMember) as HTMLButtonElement).disabled).toBe(true);
  });
});

describe("the revocation of a computer", () => {
  const crm = serviceViews.at(-1)?.id as Service;
  const crmName = serviceViews.at(-1)?.name;
  const held = [
    { id: "K1", service: crm, user: false, name: "Harbour CRM", detail: "", client: "Harbour & Pine" },
    { id: "K2", service: "facebook", user: true, name: "Ana Silva", detail: "Ana", client: "" },
  ];

  it("lists what the computer holds before, and what it held after", async () => {
    bridge({ deviceCredentials: () => ({ credentials: held, hidden: 1 }), revoke: () => null });
    const { user } = renderScreen(<RevokeDialog device={device({ id: "D2" })} onClose={() => {}} />);
    const list = await screen.findByRole("list", { name: t.settings.credentials(3) });
    expect(within(list).getAllByRole("listitem")).toHaveLength(3);
    await user.click(button(t.settings.revoke));
    await screen.findByRole("dialog", { name: t.settings.heldTitle("Ana's laptop") });
    expect(await screen.findByText(t.settings.heldHint)).toBeTruthy();
  });

  it("warns where it is the computer in use", async () => {
    bridge({ deviceCredentials: () => ({ credentials: [], hidden: 0 }) });
    renderScreen(<RevokeDialog device={device({})} onClose={() => {}} />, {
      session: { ...session, device: "D1" },
    });
    expect(screen.getByText(t.settings.revokeThis)).toBeTruthy();
    expect(await screen.findByText(t.settings.holdsNone)).toBeTruthy();
  });

  it("says why the list cannot be read", async () => {
    bridge({ deviceCredentials: () => new Refusal("unavailable", "", "", "R4T7") });
    renderScreen(<RevokeDialog device={device({})} onClose={() => {}} />);
    expect((await screen.findByRole("alert")).textContent).toContain("R4T7");
  });

  it("says that the list is being read", () => {
    bridge({});
    renderScreen(<RevokeDialog device={device({})} onClose={() => {}} />);
    expect(screen.getByText(t.loading)).toBeTruthy();
  });

  it("copies the list, a line for each credential", async () => {
    const calls = bridge({ deviceCredentials: () => ({ credentials: held, hidden: 0 }), copy: () => null });
    const { user } = renderScreen(<RevokeDialog device={device({})} onClose={() => {}} />);
    await user.click(await screen.findByRole("button", { name: t.settings.copyList }));
    await screen.findByText(t.copied);
    expect(calls.at(-1)).toEqual({
      name: "copy",
      params: {
        text: `Harbour CRM · ${crmName} · Harbour & Pine\nAna Silva · Facebook user, connected by Ana`,
      },
    });
  });
});
