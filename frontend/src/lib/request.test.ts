import { describe, expect, it } from "vitest";
import type { CheckRow, ItemRow, RequestRow, ServiceCell } from "../api/types";
import { serviceViews } from "../testing/services";
import { timestampText, weekday } from "./dates";
import {
  accessOf,
  checkText,
  eventText,
  facebookAsks,
  grouped,
  recipientLines,
  remindsOn,
  resentSentence,
  secondLine,
  todoText,
} from "./request";
import { servicesOf } from "./services";

it("names the day of a reminder: today for one that is late", () => {
  const now = new Date(2026, 10, 30, 7, 0).getTime();
  const day = 86_400_000;
  expect(remindsOn(now + 2 * day, now)).toBe(`reminds on ${weekday(now + 2 * day)}`);
  expect(remindsOn(now + day, now)).toBe("reminds tomorrow");
  expect(remindsOn(now - 24 * day, now)).toBe("reminds today");
  expect(remindsOn(0, now)).toBe("");
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
    expect(timestampText(at, now)).toBe("today 14:32");
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

it("names the platform of an account in a timeline, and its kind where the request has it", () => {
  const services = servicesOf(serviceViews);
  const event = {
    id: "e",
    at: 1,
    kind: "item_connected",
    who: "Marta",
    detail: "Harbour",
    service: "facebook",
  } as const;
  const item = { service: "facebook", name: "Harbour", kind: "ad_account", namings: [] } as unknown as ItemRow;
  expect(eventText(event, services, [item])).toBe("Marta connected Harbour (Facebook ad account)");
  expect(eventText(event, services)).toBe("Marta connected Harbour (Facebook)");
  expect(eventText(event, services, [item, { ...item, kind: "page" }])).toBe(
    "Marta connected Harbour (Facebook ad account or Page)",
  );
  expect(eventText({ ...event, service: "hubspot" }, services)).toBe("Marta connected Harbour (HubSpot)");
  const found = { ...event, kind: "item_found", who: "", detail: "Harbour\nHarbour" } as const;
  expect(eventText(found, services)).toBe("Harbour (Facebook) has arrived; it was found by itself");
});

describe("a request's row", () => {
  const services = servicesOf(serviceViews);
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
    link_asked: 0,
    reminds: 0,
    finished: 0,
    completed: 0,
    completed_by: "",
    confirmed_by: "",
    asked: 3,
    connected_count: 2,
    received: 2,
    awaited: 0,
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
      send_link: false,
      reopen: false,
      archive: false,
    },
  };
  it("says how much is connected and when the link ends", () => {
    expect(secondLine(row, true, now, services)).toEqual({
      text: "2 of 3 connected · expires in 12 days",
      tone: "plain",
    });
  });
  it("says that accounts are still awaited, also of what is connected or confirmed", () => {
    const part = { ...row, connected_count: 1, asked: 1, received: 1, awaited: 2 };
    expect(secondLine(part, true, now, services).text).toBe("1 of 3 accounts connected · expires in 12 days");
    expect(secondLine({ ...part, asked: 2 }, true, now, services).text).toBe(
      "1 of 3 accounts connected, 1 of 2 services · expires in 12 days",
    );
    const done: RequestRow = { ...part, status: "connected", phase: "awaiting", completed: now, completed_by: "Marta" };
    const line = secondLine(done, true, now, services);
    expect(line.text).toMatch(/^2 of 3 accounts still awaited · by Marta/);
    expect(line.tone).toBe("wait");
    expect(secondLine({ ...done, confirmed_by: "Ana" }, true, now, services).text).toBe(
      "2 of 3 accounts still awaited · Confirmed by Ana, not checked",
    );
    expect(secondLine({ ...done, phase: "attention", services: [] }, true, now, services).text).toBe(
      "Needs attention · 1 service · 2 of 3 accounts still awaited",
    );
  });
  it("says that it has expired, whatever else there is to say", () => {
    const late: RequestRow = { ...row, awaited: 0, expires: now - 1 };
    expect(secondLine({ ...late, phase: "expired" }, true, now, services).text).toMatch(/^Expired .* · renew/);
    expect(secondLine({ ...late, phase: "email_refused" }, true, now, services).text).toMatch(/see why · Expired/);
    expect(secondLine({ ...late, phase: "attention", services: [] }, true, now, services).text).toMatch(/ · Expired/);
    expect(secondLine({ ...row, phase: "email_refused" }, true, now, services).text).not.toContain("Expired");
  });
  it("says what the client did not provide of a request that is connected", () => {
    const cell = (service: string, part: Partial<ServiceCell> = {}): ServiceCell => ({
      ...{
        service,
        platform: service,
        connected: 0,
        waiting: 0,
        attention: false,
        skipped: true,
        names: [],
        gives: "",
      },
      ...part,
    });
    const cells = [cell("facebook", { connected: 2, skipped: false }), cell("hubspot"), cell("activecampaign")];
    const done: RequestRow = { ...row, status: "connected", phase: "connected", completed: now, services: cells };
    const by = secondLine({ ...done, services: cells.slice(0, 1) }, true, now, services);
    expect(by.tone).toBe("plain");
    const confirmed = { ...done, services: cells.slice(0, 1), confirmed_by: "Ana Ruiz" };
    expect(secondLine(confirmed, true, now, services)).toEqual({
      text: "Confirmed by Ana Ruiz, not checked",
      tone: "wait",
    });
    expect(secondLine(done, true, now, services)).toEqual({
      text: `Not provided: HubSpot, ActiveCampaign · ${by.text}`,
      tone: "wait",
    });
    expect(secondLine({ ...done, phase: "attention" }, true, now, services)).toEqual({
      text: "Needs attention · 1 service · Not provided: HubSpot, ActiveCampaign",
      tone: "fail",
    });
    expect(secondLine({ ...done, status: "pending", phase: "partly" }, true, now, services).tone).toBe("plain");
  });
  it("says what will happen when there is no network", () => {
    expect(secondLine({ ...row, phase: "deleting" }, false, now, services).text).toBe(
      "Deleting once your relay can be reached",
    );
    expect(secondLine({ ...row, phase: "deleting" }, true, now, services).text).toBe("Deleting…");
  });
  it("says until when the relay holds an email back", () => {
    const sending: RequestRow = { ...row, phase: "sending", delayed_until: now + 50_000 };
    expect(secondLine(sending, true, now, services)).toEqual({
      text: "Delayed by your relay’s sending limit · next try at 10:42",
      tone: "wait",
    });
    expect(secondLine(sending, true, now + 51_000, services).text).toBe("Sending…");
    expect(secondLine(sending, false, now, services).text).toBe("Will be sent once your relay can be reached");
  });
  it("says of emails that go out again which of them wait", () => {
    expect(resentSentence([{ emails: 2, not_before: 0 }])).toBe("2 emails are being sent.");
    expect(resentSentence([{ emails: 1, not_before: now }])).toMatch(/^One email will be sent in a minute/);
    expect(
      resentSentence([
        { emails: 1, not_before: 0 },
        { emails: 3, not_before: now },
      ]),
    ).toMatch(/^One email is being sent\. 3 emails will be sent in a minute/);
  });
  it("shows the address until the name is known", () => {
    expect(recipientLines(row, now).first).toBe("marta@pine.example");
    expect(recipientLines({ ...row, recipient_name: "Marta" }, now)).toEqual({
      first: "Marta",
      second: "marta@pine.example",
    });
    expect(recipientLines({ ...row, link_only: true, recipient: "" }, now).first).toBe("Link only");
  });
  it("says what a client saw on a page as the client's word", () => {
    const seen = (detail: string, who = "Marta Lind") =>
      eventText({ id: "e", at: now, kind: "error_page", who, detail, service: "facebook" }, services);
    expect(seen("later")).toBe("Marta Lind says that a page of Facebook said that something went wrong");
    expect(seen("other a red page")).toBe("Marta Lind says that a page of Facebook said: “a red page”");
    expect(seen("other", "")).toBe("The client says that a page of Facebook said something else");
  });
  it("shows who came by the link once they said who they are", () => {
    const shared: RequestRow = { ...row, link_only: true, recipient: "ana@pine.example", recipient_name: "Ana Lind" };
    expect(recipientLines(shared, now)).toEqual({ first: "Ana Lind", second: "ana@pine.example" });
    expect(recipientLines({ ...shared, recipient: "" }, now)).toEqual({ first: "Ana Lind", second: "" });
  });
  it("says after three days that there is no sign of the email", () => {
    const sent: RequestRow = { ...row, phase: "sent", connected_count: 0, sent: now - 2 * 86_400_000 };
    expect(secondLine(sent, true, now, services).tone).toBe("plain");
    expect(secondLine({ ...sent, sent: now - 4 * 86_400_000 }, true, now, services)).toEqual({
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
    expect(todoText(i, "yesterday, 18:30")).toBe(
      "Cedar Dental Berlin · Ask Samir Haddad to share it again · since yesterday, 18:30",
    );
    expect(todoText({ ...i, name: "Cedar Dental" }, "")).toBe("Ask Samir Haddad to share it again");
    expect(
      todoText(
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

it("names whom a client asked, and for what", () => {
  const of = (kind: string, detail: string, service = "") =>
    eventText({ id: "1", at: 0, kind, who: "Marta", detail, service } as never, servicesOf(serviceViews));
  expect(of("handed_over", "lars@x.example", "hubspot")).toBe("Marta asked lars@x.example to look after HubSpot");
  expect(of("handed_over", "lars@x.example\nhubspot activecampaign")).toBe(
    "Marta asked lars@x.example to look after HubSpot and ActiveCampaign",
  );
  expect(of("handed_more", "lars@x.example", "hubspot")).toBe("Marta asked lars@x.example to look after HubSpot, too");
  expect(of("handed_over", "")).toBe("Marta asked a colleague to look after a part of the request");
});
