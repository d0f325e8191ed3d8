// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AgencyView, PreviewParams } from "../../api/types";
import { t } from "../../strings/en";
import { bridge, deferred, Refusal } from "../../testing/bridge";
import { renderScreen, session } from "../../testing/render";
import { agencyView, requestRow } from "../../testing/rows";
import { serviceViews } from "../../testing/services";
import { BrandForm } from "./BrandForm";
import { ReplyTo } from "./ReplyTo";
import { useReplyTo } from "./useReplyTo";

const agency = agencyView();

const company = () => screen.getByLabelText(t.brand.company) as HTMLInputElement;
const colour = () => screen.getByRole("textbox", { name: t.brand.colour }) as HTMLInputElement;
const apply = () => screen.getByRole("button", { name: t.brand.apply }) as HTMLButtonElement;
const toggle = (name: string) => screen.getByRole("switch", { name }) as HTMLInputElement;
const shown = (values: Partial<AgencyView> = {}, role: "main" | "sub" = "main") =>
  renderScreen(<BrandForm agency={{ ...agency, ...values }} />, { session: { ...session, role } });

beforeEach(() => {
  // jsdom has no layout: a preview has no width, and draws nothing.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      disconnect() {}
    },
  );
});

describe("the preview of a brand", () => {
  const asked = (calls: { name: string; params: unknown }[]) =>
    calls.filter((call) => call.name === "preview").map((call) => (call.params as PreviewParams).form.services);
  const relay = () => ({ platforms: [{ platform: "meta", offered: false, why: "" }] });

  it("asks for what the newest request asks for", async () => {
    const calls = bridge({ relay, requests: () => ({ requests: [requestRow()], next: "" }) });
    shown();
    await waitFor(() => expect(asked(calls).at(-1)).toEqual(["facebook"]));
  });

  it("asks for what the relay offers, before there is a request", async () => {
    const calls = bridge({ relay, requests: () => ({ requests: [], next: "" }) });
    shown();
    const offered = serviceViews.filter((s) => s.platform !== "meta").map((s) => s.id);
    await waitFor(() => expect(asked(calls).at(-1)).toEqual(offered.slice(0, 3)));
  });
});

describe("Collaboration Settings", () => {
  it("count what differs, and go back to what is applied", async () => {
    bridge({});
    const { user } = shown();
    expect(apply().disabled).toBe(true);
    await user.type(company(), " Studio");
    await user.click(toggle(t.brand.requesterAccessible));
    expect(await screen.findByText(t.brand.changes(2))).toBeTruthy();
    await user.click(screen.getByRole("button", { name: t.brand.discard }));
    expect(await screen.findByText(t.brand.changes(0))).toBeTruthy();
    expect(company().value).toBe("Northlight");
  });

  it("are applied, busy meanwhile, and confirmed", async () => {
    const answer = deferred<null>();
    const calls = bridge({ saveBrand: () => answer.promise });
    const { user } = shown();
    await user.type(company(), " Studio");
    await user.click(apply());
    await waitFor(() => expect(apply().getAttribute("aria-busy")).toBe("true"));
    answer.resolve(null);
    await screen.findByText(t.toast.applied);
    expect(calls.find((c) => c.name === "saveBrand")?.params).toEqual({
      company: "Northlight Studio",
      colour: "#7a2672",
      show_requester: true,
      logo: "",
      keep_logo: true,
    });
  });

  it("show an error on the field that it names, until that is changed", async () => {
    bridge({ saveBrand: () => new Refusal("invalid", "company", "That name is too long.") });
    const { user } = shown();
    await user.type(company(), "!");
    await user.click(apply());
    await screen.findByText("That name is too long.");
    expect(company().getAttribute("aria-invalid")).toBe("true");
    await user.type(company(), "!");
    expect(screen.queryByText("That name is too long.")).toBeNull();
  });

  it("show any other error above the form, until it is closed", async () => {
    bridge({ saveBrand: () => new Refusal("unavailable", "", "", "R4T7") });
    const { user } = shown();
    await user.type(company(), "!");
    await user.click(apply());
    expect((await screen.findByRole("alert")).textContent).toContain("R4T7");
    await user.click(screen.getByRole("button", { name: t.close }));
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("take a colour as soon as it is one, and apply nothing until then", async () => {
    const calls = bridge({ saveBrand: () => null });
    const { user } = shown();
    await user.clear(colour());
    await user.type(colour(), "#0F");
    await user.click(apply());
    await screen.findByText(t.brand.noColour("#0F"));
    expect(screen.getByText(t.brand.notApplied)).toBeTruthy();
    await user.type(colour(), "0");
    await screen.findByText(t.brand.changes(1));
    await user.click(apply());
    await waitFor(() =>
      expect(calls.filter((c) => c.name === "saveBrand").map((c) => c.params.colour)).toEqual(["#00ff00"]),
    );
  });

  it("keep what is typed as a colour and is none, count it, and leave the sample as it was", async () => {
    const palette = { fill: "#7a2672", border: "", on_fill: "#ffffff", text: "#7a2672" };
    bridge({ colours: () => ({ error: "", light: palette, dark: palette }) });
    const { user, container } = shown();
    await screen.findByText(t.brand.readable);
    fireEvent.change(colour(), { target: { value: "purple" } });
    expect(await screen.findByText(t.brand.changes(1))).toBeTruthy();
    await user.click(colour());
    await user.tab();
    await screen.findByText(t.brand.noColour("purple"));
    expect(colour().value).toBe("purple");
    expect(colour().getAttribute("aria-invalid")).toBe("true");
    expect(screen.queryByText(t.brand.readable)).toBeNull();
    expect(container.querySelector<HTMLInputElement>("[type=color]")?.value).toBe("#7a2672");
  });

  it("can be read by a sub-user, and not changed", async () => {
    bridge({});
    shown({}, "sub");
    expect(screen.getByText(t.brand.readOnly)).toBeTruthy();
    expect(company().disabled).toBe(true);
    for (const name of [t.brand.whitelabel, t.brand.requesterAccessible, t.brand.share]) {
      expect(toggle(name).disabled).toBe(true);
    }
  });
});

describe("a switch that acts at once", () => {
  it("calls, and confirms", async () => {
    const calls = bridge({ shareRequests: () => null });
    const { user } = shown();
    await user.click(toggle(t.brand.share));
    await screen.findByText(t.toast.shareOn);
    expect(calls.find((c) => c.name === "shareRequests")?.params).toEqual({ on: true });
  });

  it("says what went wrong in a dialog, and stays as it was", async () => {
    bridge({ shareRequests: () => new Refusal("unavailable", "", "", "R4T7") });
    const { user } = shown();
    await user.click(toggle(t.brand.share));
    expect((await screen.findByRole("dialog")).textContent).toContain("R4T7");
    expect(toggle(t.brand.share).checked).toBe(false);
  });

  it("waits for a logo where it switches the brand on", () => {
    bridge({});
    shown({ brand_on: false, logo: "" });
    expect(toggle(t.brand.whitelabel).disabled).toBe(true);
    expect(screen.getByText(t.brand.needLogo)).toBeTruthy();
  });
});

describe("the logo", () => {
  const file = (type: string, size = 4) => new File([new Uint8Array(size)], "logo", { type });
  const choose = () => screen.getByLabelText(t.brand.logo) as HTMLInputElement;

  it.each([
    ["an SVG", "image/svg+xml", 4, t.brand.svg],
    ["another file", "application/pdf", 4, t.brand.wrongType],
    ["a file over 2 MB", "image/png", 2 * 1024 * 1024 + 1, t.brand.tooBig],
  ])("is not taken from %s", async (_, type, size, message) => {
    bridge({});
    shown({ logo: "", brand_on: false });
    fireEvent.change(choose(), { target: { files: [file(type, size)] } });
    expect(await screen.findByText(message)).toBeTruthy();
    expect(screen.getByText(t.brand.changes(0))).toBeTruthy();
  });

  it("is shown on both grounds before it is applied", async () => {
    bridge({});
    const { user, container } = shown({ logo: "", brand_on: false });
    await user.upload(choose(), file("image/png"));
    expect(await screen.findByText(t.brand.grounds)).toBeTruthy();
    const sources = [...container.querySelectorAll("img")].map((i) => i.getAttribute("src"));
    expect(sources).toEqual(["data:image/png;base64,AAAAAA==", "data:image/png;base64,AAAAAA=="]);
    expect(screen.getByText(t.brand.needApply)).toBeTruthy();
  });

  it("stays the applied one when a file cannot be read", async () => {
    bridge({});
    const { user, container } = shown({ logo: "/preview/logo" });
    await user.upload(choose(), file("image/png"));
    await screen.findByText(t.brand.changes(1));
    fireEvent.error(container.querySelector("img") as HTMLImageElement);
    expect(await screen.findByText(t.brand.damaged)).toBeTruthy();
    expect(container.querySelector("img")?.getAttribute("src")).toBe("/preview/logo");
    expect(screen.getByText(t.brand.changes(0))).toBeTruthy();
  });
});

function ReplyToAlone({ agency }: { agency: AgencyView }) {
  return <ReplyTo agency={agency} editing={useReplyTo(agency)} disabled={false} />;
}

const notFull = ({ address }: { address: string }) => new Refusal("invalid", "address", t.form.notFull([address]));

describe("the reply-to address", () => {
  const address = () => screen.getByLabelText(t.brand.replyTo) as HTMLInputElement;
  const replyTo = (values: Partial<AgencyView> = {}) =>
    renderScreen(<ReplyToAlone agency={{ ...agency, ...values }} />);

  it("is proposed with Enter, and confirmed", async () => {
    const calls = bridge({ checkAddress: () => null, proposeReplyTo: () => null });
    const { user } = replyTo();
    expect(screen.getByText(t.brand.confirmed)).toBeTruthy();
    await user.clear(address());
    await user.type(address(), " new@northlight.example {Enter}");
    await screen.findByText(t.toast.replyTo);
    expect(calls).toEqual(
      ["checkAddress", "proposeReplyTo"].map((name) => ({ name, params: { address: "new@northlight.example" } })),
    );
  });

  it("shows why it is refused", async () => {
    bridge({
      checkAddress: () => null,
      proposeReplyTo: () => new Refusal("invalid", "reply_to", "That server takes no email."),
    });
    const { user } = replyTo();
    await user.clear(address());
    await user.type(address(), "new@northlight.example");
    await user.click(screen.getByRole("button", { name: t.brand.sendCode }));
    await screen.findByText("That server takes no email.");
    expect(address().getAttribute("aria-invalid")).toBe("true");
  });

  it("that is not full is kept, said at its field and not proposed, until it is corrected", async () => {
    const calls = bridge({ checkAddress: notFull, proposeReplyTo: () => null });
    const { user } = replyTo();
    await user.clear(address());
    await user.type(address(), "foo@bar{Enter}");
    await screen.findByText(t.form.notFull(["foo@bar"]));
    expect(address().value).toBe("foo@bar");
    expect(calls.map((call) => call.name)).toEqual(["checkAddress"]);
    await user.type(address(), ".example");
    expect(screen.queryByText(t.form.notFull(["foo@bar"]))).toBeNull();
  });

  it("is said to be unsaved when the other settings are applied, and goes back with Discard", async () => {
    bridge({ checkAddress: notFull, saveBrand: () => null });
    const { user } = shown();
    await user.type(company(), "!");
    await user.clear(address());
    await user.type(address(), "foo@bar");
    await user.keyboard("{Control>}s{/Control}");
    await screen.findByText(`${t.toast.applied} ${t.brand.replyToUnsaved}`);
    expect(screen.getByText(t.form.notFull(["foo@bar"]))).toBeTruthy();
    expect(address().value).toBe("foo@bar");
    await user.click(screen.getByRole("button", { name: t.brand.discard }));
    expect(address().value).toBe(agency.reply_to);
    expect(screen.queryByText(t.form.notFull(["foo@bar"]))).toBeNull();
  });

  it("alone is not called no changes", async () => {
    bridge({});
    const { user } = shown();
    await user.type(address(), "x");
    const bar = await screen.findByText(new RegExp(t.brand.replyToUnsaved));
    expect(bar.textContent).not.toContain(t.brand.changes(0));
  });

  it("waits for the eight digits that were mailed", async () => {
    const calls = bridge({ confirmReplyTo: () => null });
    const { user } = replyTo({ pending_reply_to: "new@northlight.example" });
    const confirm = screen.getByRole("button", { name: t.brand.confirm }) as HTMLButtonElement;
    await user.type(screen.getByLabelText(t.brand.digits), "1234a 567");
    expect(confirm.disabled).toBe(true);
    await user.type(screen.getByLabelText(t.brand.digits), "8");
    await user.click(confirm);
    await screen.findByText(t.toast.replyToDone);
    expect(calls).toEqual([{ name: "confirmReplyTo", params: { code: "12345678" } }]);
  });

  it("says that the digits are wrong, until others are typed", async () => {
    bridge({ confirmReplyTo: () => new Refusal("invalid", "code", "These are not the digits.") });
    const { user } = replyTo({ pending_reply_to: "new@northlight.example" });
    await user.type(screen.getByLabelText(t.brand.digits), "12345678{Enter}");
    expect((await screen.findByRole("alert")).textContent).toBe("These are not the digits.");
    await user.type(screen.getByLabelText(t.brand.digits), "{Backspace}");
    await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  });
});
