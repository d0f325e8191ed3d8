import { describe, expect, it } from "vitest";
import { CallError, readError } from "../api/transport";
import type { AgencyView, Change, CheckRow, ItemRow, RequestRow } from "../api/types";
import { serviceViews } from "../testing/services";
import { changes, colourOf, formOf } from "./brand";
import { type Key, serialize, staleKeys } from "./changes";
import { ago, ahead, daysBetween, momentOf, onDay, when } from "./dates";
import { toUiError } from "./errors";
import { checkAddresses, isFull, split, validAddresses } from "./recipients";
import { mayBeRelay } from "./relay";
import {
  accessOf,
  checkText,
  facebookAsks,
  grouped,
  needLine,
  recipientLines,
  resentSentence,
  secondLine,
} from "./request";
import { servicesOf } from "./services";

describe("recipients", () => {
  it("takes a pasted list apart at commas, semicolons and lines", () => {
    expect(split("ana@a.example, ben@b.example;\ncy@c.example\n")).toEqual([
      "ana@a.example",
      "ben@b.example",
      "cy@c.example",
    ]);
  });
  it("keeps the address of a name with an address", () => {
    expect(split('"Lindqvist" <marta@pine.example>, Lars Holm <lars@pine.example>')).toEqual([
      "marta@pine.example",
      "lars@pine.example",
    ]);
  });
  it("takes addresses apart that only spaces divide", () => {
    expect(split("a@a.example b@b.example")).toEqual(["a@a.example", "b@b.example"]);
  });
  it.each([
    "marta",
    "office@harbourpine",
    "a@b@c.example",
    "a b@c.example",
    "@c.example",
    "a@.example",
    ".a@c.example",
    "a..b@c.example",
    "a@c.example.",
    "a@-c.example",
  ])("marks %s as not full", (address) => {
    expect(isFull(address)).toBe(false);
  });
  it.each([
    "marta.lindqvist@harbourpine.example",
    "a+b@c.example",
    "o'hara@c.example",
    "a@xn--bcher-kva.example",
    "a@bücher.example",
  ])("takes %s", (address) => {
    expect(isFull(address)).toBe(true);
  });
  it("marks the second of two that differ only in case, and one that was sent before", () => {
    const checked = checkAddresses(
      ["Marta@pine.example", "marta@pine.example", "old@pine.example"],
      ["OLD@pine.example"],
    );
    expect(checked.map((m) => m.verdict)).toEqual(["valid", "duplicate", "duplicate"]);
    expect(validAddresses(checked)).toEqual(["Marta@pine.example"]);
  });
});

describe("checks", () => {
  const now = new Date(2026, 10, 23, 15, 0).getTime();
  const at = new Date(2026, 10, 23, 14, 32).getTime();
  const check = (of: Partial<CheckRow>): CheckRow => ({ at, state: "works", title: "", code: "", gives: "", ...of });
  it("says what was found and when", () => {
    expect(checkText(check({}), now)).toBe("Works, today 14:32");
    expect(checkText(check({ at: at - 86_400_000, state: "waiting" }), now)).toBe("Waits, yesterday 14:32");
    expect(checkText(check({ at: at - 3 * 86_400_000, state: "broken", title: "Pine removed access" }), now)).toBe(
      "Pine removed access, 20 Nov 14:32",
    );
    expect(momentOf(at, now)).toBe("today 14:32");
  });
  const item = {
    service: "hubspot",
    attention: false,
    waiting: false,
    title: "",
    access: "works",
    tasks: [] as string[],
    gives: "3 lists",
  } as unknown as ItemRow;
  const services = servicesOf(serviceViews);
  it("shows what an account gives before the level of its service, and what is wrong before both", () => {
    expect(accessOf(item, services)).toBe("3 lists");
    expect(accessOf({ ...item, gives: "" }, services)).toBe(services.of("hubspot").level);
    expect(accessOf({ ...item, attention: true, title: "Pine removed access" }, services)).toBe("Pine removed access");
  });
});

describe("dates", () => {
  const now = new Date(2026, 10, 23, 10, 42).getTime();
  const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();
  it("counts calendar days, not hours", () => {
    expect(daysBetween(at(22, 23, 59), at(23, 0, 1))).toBe(1);
  });
  it("says when", () => {
    expect(when(at(23, 9, 12), now)).toBe("today, 09:12");
    expect(when(at(22, 17, 52), now)).toBe("yesterday, 17:52");
    expect(when(at(5, 8), now)).toBe("5 Nov");
    expect(onDay(at(23, 9, 12), now)).toBe("today");
    expect(onDay(at(22, 17, 52), now)).toBe("yesterday");
    expect(onDay(at(5, 8), now)).toBe("5 Nov");
    expect(ago(now - 4 * 60_000, now)).toBe("4 minutes ago");
    expect(ago(now - 1000, now)).toBe("just now");
    expect(ahead(at(24, 9), now)).toBe("tomorrow");
    expect(ahead(at(30, 9), now)).toBe("in 7 days");
  });
});

describe("errors", () => {
  it("reads code, field, sentence and reference of Go's text", () => {
    const e = readError(
      new Error('{"code":"invalid","field":"client","message":"Enter the client\'s name.","reference":""}'),
    );
    expect(e).toBeInstanceOf(CallError);
    expect(toUiError(e)).toEqual({
      code: "invalid",
      field: "client",
      message: "Enter the client's name.",
      reference: "",
    });
  });
  it("shows no raw text of what it cannot read", () => {
    const told = toUiError(new Error("dial tcp 127.0.0.1: connection refused"));
    expect(told.code).toBe("unexpected");
    expect(told.message).not.toContain("dial");
  });
  it("has a sentence for a code without words", () => {
    expect(toUiError(new CallError("rate_limited")).message).toContain("minute");
    expect(toUiError(new CallError("something_newer")).message).not.toBe("");
  });
});

describe("changes", () => {
  const nothing: Change = {
    all: false,
    session: false,
    agency: false,
    requests: [],
    items: [],
    members: [],
    devices: [],
    connections: [],
    alerts: [],
  };
  it("asks for nothing when nothing changed", () => {
    expect(staleKeys(nothing)).toEqual([]);
  });
  it("asks for a changed request by its id, and for the lists it is in", () => {
    const keys = staleKeys({ ...nothing, requests: ["A"] });
    expect(keys).toContainEqual(["request", "A"]);
    expect(keys).toContainEqual(["requests"]);
    expect(keys).toContainEqual(["totals"]);
    expect(keys).not.toContainEqual(["accounts"]);
  });
  it("asks for everything when naming it would be too much", () => {
    expect(staleKeys({ ...nothing, all: true }).length).toBeGreaterThan(10);
  });
  it("asks for nothing twice", () => {
    const keys = staleKeys({ ...nothing, session: true, requests: ["A"], items: ["I"], devices: ["D"] }).map((key) =>
      key.join(" "),
    );
    expect(new Set(keys).size).toBe(keys.length);
  });
  it("lets an answer arrive, and asks once more for all that changed meanwhile", async () => {
    const asked: { key: Key; answer: () => void; fail: () => void }[] = [];
    const again = serialize(
      (key) => new Promise<void>((answer, fail) => asked.push({ key, answer, fail: () => fail(new Error("away")) })),
    );
    const settled = () => new Promise((done) => setTimeout(done));
    again(["requests"]);
    again(["requests"]);
    again(["requests"]);
    again(["totals"]);
    expect(asked.map((a) => a.key[0])).toEqual(["requests", "totals"]);
    asked[0]?.fail();
    await settled();
    expect(asked.map((a) => a.key[0])).toEqual(["requests", "totals", "requests"]);
    asked[2]?.answer();
    await settled();
    again(["requests"]);
    expect(asked.length).toBe(4);
  });
});

describe("a request's row", () => {
  const now = new Date(2026, 10, 23, 10, 42).getTime();
  const row: RequestRow = {
    id: "A",
    client: "Harbour & Pine",
    owner_id: "",
    owner: "",
    recipient: "marta@pine.example",
    recipient_name: "",
    more_recipients: 0,
    link_only: false,
    status: "pending",
    phase: "partly",
    created: now,
    changed: now,
    sent: 0,
    opened: 0,
    expires: now + 12 * 86_400_000,
    finished: 0,
    completed: 0,
    completed_by: "",
    asked: 3,
    connected_count: 2,
    services: [],
    attention: false,
    archived: false,
    refusal_code: "",
    delayed_until: 0,
    can: {
      edit: false,
      send: true,
      resend: true,
      copy_link: true,
      delete: true,
      renew: false,
      reopen: false,
      archive: false,
    },
  };
  it("says how much is connected and when the link ends", () => {
    expect(secondLine(row, true, now)).toEqual({ text: "2 of 3 connected · expires in 12 days", tone: "plain" });
  });
  it("says what will happen when there is no network", () => {
    expect(secondLine({ ...row, phase: "deleting" }, false, now).text).toBe("Deleting when you are back online");
    expect(secondLine({ ...row, phase: "deleting" }, true, now).text).toBe("Deleting…");
  });
  it("says until when the relay holds an email back", () => {
    const sending: RequestRow = { ...row, phase: "sending", delayed_until: now + 50_000 };
    expect(secondLine(sending, true, now)).toEqual({
      text: "Delayed by your relay’s sending limit · next try at 10:42",
      tone: "wait",
    });
    expect(secondLine(sending, true, now + 51_000).text).toBe("Sending…");
    expect(secondLine(sending, false, now).text).toBe("Will be sent when you are back online");
  });
  it("says of emails that go out again which of them wait", () => {
    expect(resentSentence([{ emails: 2, not_before: 0 }])).toBe("2 emails are being sent.");
    expect(resentSentence([{ emails: 1, not_before: now }])).toMatch(/^One email is sent in a minute/);
    expect(
      resentSentence([
        { emails: 1, not_before: 0 },
        { emails: 3, not_before: now },
      ]),
    ).toMatch(/^One email is being sent\. 3 emails are sent in a minute/);
  });
  it("shows the address until the name is known", () => {
    expect(recipientLines(row, now).first).toBe("marta@pine.example");
    expect(recipientLines({ ...row, recipient_name: "Marta" }, now)).toEqual({
      first: "Marta",
      second: "marta@pine.example",
    });
    expect(recipientLines({ ...row, link_only: true, recipient: "" }, now).first).toBe("Link only");
  });
  it("says after three days that there is no sign of the email", () => {
    const sent: RequestRow = { ...row, phase: "sent", connected_count: 0, sent: now - 2 * 86_400_000 };
    expect(secondLine(sent, true, now).tone).toBe("plain");
    expect(secondLine({ ...sent, sent: now - 4 * 86_400_000 }, true, now)).toEqual({
      text: "Sent 19 Nov · no sign that it arrived",
      tone: "wait",
    });
  });
  it("says what a person does, and what the title leaves out", () => {
    const i = {
      title: "Cedar Dental removed access to an ad account",
      name: "Cedar Dental Berlin",
      client: "Cedar Dental",
      next: "Ask Samir Haddad to share it again.",
    };
    expect(needLine(i, "yesterday, 18:30")).toBe(
      "Cedar Dental Berlin · Ask Samir Haddad to share it again · since yesterday, 18:30",
    );
    expect(needLine({ ...i, name: "Cedar Dental" }, "")).toBe("Ask Samir Haddad to share it again");
    expect(
      needLine(
        {
          title: "HubSpot asks to wait",
          name: "Portal 7",
          client: "Fjord Bikes",
          next: "Nothing to do: it is tried again by itself.",
        },
        "",
      ),
    ).toBe("Fjord Bikes, Portal 7 · Nothing to do: it is tried again by itself");
  });
  it("groups long numbers and leaves other ids alone", () => {
    expect(grouped("1184209033175520")).toBe("1184 2090 3317 5520");
    expect(grouped("00D7Q000004xTz")).toBe("00D7Q000004xTz");
  });
});

describe("the brand's form", () => {
  const agency: AgencyView = {
    id: "",
    name: "Northlight",
    company: "Northlight",
    brand_on: false,
    brand_company: "Northlight Media",
    colour: "#7a2672",
    reply_to: "",
    pending_reply_to: "",
    show_requester: false,
    share_requests: false,
    logo: "/preview/logo",
    default_message: "",
  };
  it("counts what differs", () => {
    const form = formOf(agency);
    expect(changes(form, agency)).toBe(0);
    expect(changes({ ...form, company: "N", colour: "#0B6478", keep_logo: false }, agency)).toBe(3);
    expect(changes({ ...form, colour: "#7A2672" }, agency)).toBe(0);
  });
  it("takes colours with and without #, and short ones", () => {
    expect(colourOf("7A2672")).toBe("#7a2672");
    expect(colourOf("#abc")).toBe("#aabbcc");
    expect(colourOf("red")).toBe("");
  });
});

describe("the address of a relay", () => {
  it("is asked for as soon as it can be one", () => {
    for (const full of [
      "access.northlight.example",
      "https://access.northlight.example",
      "https://access.northlight.example/",
      "http://localhost:7420",
      "127.0.0.1:7420",
      "http://[::1]:7420",
    ])
      expect(mayBeRelay(full), full).toBe(true);
  });
  it("is left alone while it is half of one", () => {
    for (const half of [
      "",
      "access",
      "https://",
      "https://access",
      "access.",
      "ana@northlight.example",
      "https://access.example/r/AQE",
      "two words.example",
      "localhost:",
    ])
      expect(mayBeRelay(half), half).toBe(false);
  });
});

describe("what a request asks for at Facebook", () => {
  it("is ad accounts and Pages, to advertise, unless more is chosen", () => {
    expect(facebookAsks({ kinds: [], level: "advertise" })).toBe("ad accounts and Pages, to advertise and see results");
  });
  it("names every kind that is chosen besides", () => {
    expect(facebookAsks({ kinds: ["dataset", "instagram_account", "catalogue"], level: "advertise" })).toBe(
      "ad accounts, Pages, datasets, Instagram accounts and catalogues, to advertise and see results",
    );
  });
  it("says when results are all that is asked for", () => {
    expect(facebookAsks({ kinds: ["catalogue"], level: "view" })).toBe(
      "ad accounts, Pages and catalogues, to see results only",
    );
  });
});
