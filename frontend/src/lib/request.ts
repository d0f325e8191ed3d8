// What a request's row shows: the second line below its status, in words and in
// a tone, and what an event reads like.

import type { AccessLevel, Kind } from "../api/enums";
import type { CheckRow, Event, ItemRow, RequestForm, RequestRow, ResendResult, Service } from "../api/types";
import { type ExtraKind, kindWord, t } from "../strings/en";
import { dotted, isolate } from "./bidi";
import { ahead, clock, comingDay, shortDay, timestampText, when } from "./dates";
import { capitalize } from "./grapheme";
import type { Services } from "./services";

export type Tone = "plain" | "fail" | "wait";

export interface SecondLine {
  text: string;
  tone: Tone;
}

/** How long an email may stay unopened before the user is asked to check it. */
const unseenAfter = 3 * 86_400_000;

/** What a person does about an account, with what the title lacks. */
export function todoText(i: Pick<ItemRow, "title" | "name" | "client" | "next">, since: string): string {
  const named = i.title.includes(i.name) ? "" : i.name;
  const whose = i.title.includes(i.client) || named.includes(i.client) ? "" : i.client;
  const next = i.next.replace(/\.$/, "");
  return dotted([[whose, named].filter(Boolean).map(isolate).join(", "), next, since && t.home.since(since)]);
}

/** What the client did not give of a request that is connected; nothing before that. */
function notProvided(r: RequestRow, services: Services): string {
  if (r.status !== "connected") return "";
  const missing = r.services.filter((s) => s.connected === 0 && s.waiting === 0 && !s.attention);
  return missing.length > 0 ? t.phase.notProvided(missing.map((s) => services.of(s.service).name)) : "";
}

/** Whether an email was sent days ago and nobody has opened its link. */
export const isUnseen = (r: RequestRow, now: number): boolean => r.phase === "sent" && now - r.sent > unseenAfter;

/** How much is there: of the accounts while some are awaited, else of the services. */
export function progressText(r: RequestRow): string {
  if (r.awaited === 0) return t.progress.services(r.connected_count, r.asked);
  const accounts = t.progress.accounts(r.received, r.received + r.awaited);
  return r.connected_count < r.asked ? t.progress.both(accounts, r.connected_count, r.asked) : accounts;
}

/** What is still to come, also of a request that is connected; nothing if all is there. */
export const awaitedText = (r: RequestRow): string =>
  r.awaited > 0 ? t.phase.awaited(r.awaited, r.received + r.awaited) : "";

/** That a request's link has expired, whatever else there is to say of it; nothing while it works. */
export const expiredText = (r: RequestRow, now: number): string =>
  r.status === "pending" && r.finished === 0 && r.expires > 0 && r.expires <= now
    ? t.phase.over(shortDay(r.expires))
    : "";

/** Who completed it, or confirmed what has arrived, and what is not there. */
function connectedLine(r: RequestRow, services: Services): SecondLine {
  const confirmed = r.confirmed_by && t.phase.confirmedBy(isolate(r.confirmed_by));
  const by = r.completed_by
    ? t.phase.connectedBy(r.completed_by, shortDay(r.completed))
    : t.phase.connectedOn(shortDay(r.completed || r.changed));
  const open = [awaitedText(r), confirmed, notProvided(r, services)];
  return { text: dotted([...open, confirmed ? "" : by]), tone: open.some(Boolean) ? "wait" : "plain" };
}

export function secondLine(r: RequestRow, online: boolean, now: number, services: Services): SecondLine {
  const expires = r.expires ? ahead(r.expires, now) : "";
  const plain = (text: string): SecondLine => ({ text, tone: "plain" });
  const wait = (text: string): SecondLine => ({ text, tone: "wait" });
  const fail = (text: string): SecondLine => ({ text, tone: "fail" });
  switch (r.phase) {
    case "refused":
      return fail(t.phase.refused);
    case "deleting":
      return wait(online ? t.phase.deleting : t.phase.deletingOffline);
    case "saving":
      return wait(online ? t.phase.saving : t.phase.savingOffline);
    case "sending":
      return wait(
        !online
          ? t.phase.sendingOffline
          : r.delayed_until > now
            ? t.phase.held(clock(r.delayed_until))
            : t.phase.sending,
      );
    case "email_refused":
      return fail(dotted([t.phase.emailRefused, expiredText(r, now)]));
    case "attention":
      return fail(
        dotted([
          t.phase.attention(Math.max(1, r.services.filter((s) => s.attention).length)),
          expiredText(r, now),
          awaitedText(r),
          notProvided(r, services),
        ]),
      );
    case "awaiting":
    case "connected":
      return connectedLine(r, services);
    case "finished_waiting":
      return wait(t.phase.finishedWaiting);
    case "declined":
      return fail(t.phase.declined);
    case "link_asked":
      return wait(t.phase.linkAsked(when(r.link_asked, now)));
    case "expired":
      return wait(t.phase.expired(shortDay(r.expires)));
    case "partly":
      return plain(t.phase.partly(progressText(r), expires));
    case "started":
      return plain(t.phase.started(expires));
    case "opened":
      return plain(t.phase.opened(when(r.opened, now), expires));
    case "not_sent":
      return wait(t.phase.notSent);
    case "sent":
      return isUnseen(r, now)
        ? wait(dotted([t.phase.unseen(when(r.sent, now)), remindsOn(r.reminds, now)]))
        : plain(dotted([t.phase.sent(when(r.sent, now)), remindsOn(r.reminds, now)]));
    case "queued":
      return plain(t.phase.queued);
    case "link_only":
      return plain(t.phase.linkOnly(expires));
  }
}

/**
 * "reminds today" · "reminds on Tue 1 Dec"; nothing if nobody is reminded. A relay that was down sends late, on the
 * day it is back.
 */
export const remindsOn = (at: number, now: number): string =>
  at > 0 ? t.recipient.reminds(comingDay(Math.max(at, now), now)) : "";

/** Emails that are sent once more: how many go now, and how many the relay holds back for a minute. */
export function resentSentence(all: ResendResult[]): string {
  const later = all.reduce((n, r) => n + (r.not_before > 0 ? r.emails : 0), 0);
  const now = all.reduce((n, r) => n + r.emails, 0) - later;
  return [now > 0 || later === 0 ? t.toast.resent(now) : "", later > 0 ? t.toast.resentLater(later) : ""]
    .filter(Boolean)
    .join(" ");
}

/** What a row is called: a person's name where one is known, else their address. */
export function recipientLines(r: RequestRow, now: number): { first: string; second: string } {
  if (r.link_only && !r.recipient_name && !r.recipient)
    return { first: t.list.linkOnly, second: r.opened ? t.list.opened(when(r.opened, now)) : t.list.nobodyOpened };
  return r.recipient_name ? { first: r.recipient_name, second: r.recipient } : { first: r.recipient, second: "" };
}

const bad = new Set([
  "email_refused",
  "item_failed",
  "access_broken",
  "reported",
  "finished_empty",
  "declined",
  "access_withdrawn",
]);
const fine = new Set(["item_connected", "completed", "finished", "access_works", "repaired", "item_found"]);

export function eventTone(kind: string): "good" | "bad" | "" {
  return bad.has(kind) ? "bad" : fine.has(kind) ? "good" : "";
}

/** An event's item with its platform and, where the request has it, its kind: "Harbour (Facebook ad account)". */
function thingOf(e: Event, services: Services, items: ItemRow[]): string {
  const [name] = matchOf(e);
  if (!e.service || name === "") return name;
  const platform = services.of(e.service).name;
  const of = items.filter((i) => i.service === e.service && i.service === "facebook" && isCalled(i, name));
  const kinds = [...new Set(of.map((i) => kindWord[i.kind]))];
  return `${name} (${[platform, kinds.join(" or ")].filter(Boolean).join(" ")})`;
}

const isCalled = (i: ItemRow, name: string): boolean => i.name === name || i.namings.some((n) => n.name === name);

/** What an event reads like. items are those of its request, as far as they are known. */
export function eventText(of: Event, services: Services, items: ItemRow[] = []): string {
  const text = t.event;
  const e = isAboutItem.has(of.kind) ? { ...of, detail: thingOf(of, services, items) } : of;
  switch (e.kind) {
    case "saved":
      return text.saved;
    case "edited":
      return text.edited;
    case "sent":
      return text.sent(e.detail);
    case "reminded":
      return text.reminded(e.detail);
    case "email_refused":
      return text.email_refused(e.detail);
    case "opened":
      return text.opened;
    case "started":
      return text.started(e.who);
    case "item_connected":
      return text.item_connected(e.who, e.detail);
    case "item_waiting":
      return text.item_waiting(e.detail);
    case "item_named":
      return text.item_named(e.who, e.detail);
    case "item_unnamed":
      return text.item_unnamed(e.who, e.detail);
    case "item_found":
      return text.item_found(e.who, thingOf(e, services, items), matchOf(e)[1]);
    case "match_undone":
      return text.match_undone(e.who, thingOf(e, services, items), matchOf(e)[1]);
    case "item_confirmed":
      return text.item_confirmed(e.who, e.detail);
    case "unconfirmed":
      return text.unconfirmed(e.who, e.detail);
    case "item_failed":
      return text.item_failed(services.of(e.detail).name);
    case "skipped":
      return text.skipped(e.who, services.of(e.detail).name);
    case "declined":
      return text.declined(e.who);
    case "error_page":
      return errorPageText(e, services);
    case "finished":
      return text.finished(e.who);
    case "finished_waiting":
      return text.finished_waiting(e.who);
    case "finished_part":
      return text.finished_part(e.who);
    case "handed_over":
    case "handed_more":
      return handedOverText(e, services);
    case "finished_empty":
      return text.finished_empty(e.who);
    case "completed":
      return text.completed(e.who);
    case "expired":
      return text.expired;
    case "renewed":
      return text.renewed;
    case "link_asked":
      return text.link_asked(e.who || e.detail);
    case "link_sent_again":
      return text.link_sent_again(e.detail);
    case "reopened":
      return text.reopened;
    case "withdrawn":
      return text.withdrawn;
    case "suppressed":
      return text.suppressed(e.detail);
    case "access_broken":
      return text.access_broken(e.detail);
    case "access_works":
      return text.access_works(e.detail);
    case "access_withdrawn":
      return text.access_withdrawn(e.who, e.detail);
    case "withdrawal_done":
      return text.withdrawal_done(e.who, e.detail);
    case "unawaited":
      return text.unawaited(e.who, e.detail);
    case "client_ended":
      return text.client_ended(e.who);
    case "access_ended":
      return text.access_ended(e.who, e.detail);
    case "resubmitted":
      return text.resubmitted(e.who);
    case "history_accepted":
      return text.history_accepted(e.who);
    case "repair_prepared":
      return text.repair_prepared(e.who, e.detail);
    case "repair_sent":
      return text.repair_sent(e.detail);
    case "repair_withdrawn":
      return text.repair_withdrawn(e.who, e.detail);
    case "repaired":
      return text.repaired(e.detail);
    case "people_forgotten":
      return text.people_forgotten;
    case "reported":
      return text.reported;
  }
  return (
    routineText(e, services) || [e.who, (e.kind as string).replaceAll("_", " "), e.detail].filter(Boolean).join(" ")
  );
}

/** The kinds whose detail is an item's name. */
const isAboutItem = new Set([
  "item_connected",
  "item_waiting",
  "item_named",
  "item_unnamed",
  "item_confirmed",
  "unconfirmed",
  "access_broken",
  "access_works",
  "access_withdrawn",
  "withdrawal_done",
  "unawaited",
  "access_ended",
  "repair_prepared",
  "repair_withdrawn",
  "repaired",
  "credential_fetched",
  "credential_passed_on",
]);

const routine = new Set(["credential_fetched", "credential_passed_on", "renewal_failed", "renewal_works"]);

/** What computers do with credentials: the timeline shows it with all the rest only. */
export const isRoutine = (e: Event): boolean => routine.has(e.kind);

function routineText(e: Event, services: Services): string {
  const { name } = services.of(e.service ?? "");
  switch (e.kind) {
    case "credential_fetched":
      return t.event.credential_fetched(e.who, e.detail);
    case "credential_passed_on":
      return t.event.credential_passed_on(e.who, e.detail);
    case "renewal_failed":
      return t.event.renewal_failed(name, e.detail);
    case "renewal_works":
      return t.event.renewal_works(name, e.detail);
  }
  return "";
}

/** The item's name, and what a client had typed for it. */
function matchOf(e: Event): [name: string, typed: string] {
  const [name = "", typed = ""] = e.detail.split("\n");
  return [name, typed];
}

/** Whom a client asked, and for what: the event's service, or those behind the address. */
function handedOverText(e: Event, services: Services): string {
  const text = t.event;
  const [address = "", several = ""] = e.detail.split("\n");
  const asked = e.service ? [e.service] : several.split(" ").filter(Boolean);
  const names = asked.map((service) => services.of(service).name);
  const say = e.kind === "handed_more" ? text.handed_more : text.handed_over;
  return say(e.who, address || text.handed_over_colleague, names.length > 0 ? names : [text.handed_over_part]);
}

/** What a client says that a platform's page said: their word, which nobody could see. */
function errorPageText(e: Event, services: Services): string {
  const [said = "", ...words] = e.detail.split(" ");
  const { name } = services.of(e.service ?? "");
  return t.event.error_page(e.who, name, said, words.join(" "));
}

/** "Works, today 14:32" */
export function checkText(c: CheckRow, now: number): string {
  return `${c.title || t.accounts.access[c.state]}, ${timestampText(c.at, now)}`;
}

export function checkTone(c: CheckRow): "good" | "bad" | "" {
  if (c.state === "works") return c.title ? "bad" : "good";
  return c.state === "broken" ? "bad" : "";
}

export type ItemState =
  | "connected"
  | "waiting"
  | "failed"
  | "attention"
  | "sharing"
  | "ended"
  | "withdrawn"
  | "confirmed";

export function itemState(i: ItemRow): ItemState {
  if (i.state === "failed" || i.state === "ended") return i.state;
  if (i.withdrawn > 0) return "withdrawn";
  if (i.attention) return "attention";
  if (i.waiting || i.state === "waiting") return "waiting";
  if (i.confirmed > 0) return "confirmed";
  return i.state === "sharing" ? "sharing" : "connected";
}

/** The items of one service, the broken ones first. */
export function itemsOf(items: ItemRow[], service: Service): ItemRow[] {
  const rank = (i: ItemRow) => (i.attention ? 0 : i.waiting ? 1 : i.state === "ended" ? 3 : 2);
  return items.filter((i) => i.service === service).sort((a, b) => rank(a) - rank(b));
}

/** What an account is at its platform: two of one client often have the same name. "Facebook Page" */
export const kindAt = (i: Pick<ItemRow, "platform" | "kind">, services: Services): string =>
  `${services.of(i.platform).name} ${kindWord[i.kind]}`;

/** A long number in groups of four, so that it can be compared by eye. */
export function grouped(id: string): string {
  const number = id.replace(/^act_/, "");
  return /^\d{8,}$/.test(number) ? number.replace(/(\d{4})(?=\d)/g, "$1 ") : number;
}

/** What an account gives; of one that is lost, what it gave. A lower level is what it gives now. */
export function givesText(i: ItemRow): string {
  return i.gives && i.access === "broken" && i.failure !== "level_lowered" ? t.checks.gave(i.gives) : i.gives;
}

export function accessOf(i: ItemRow, services: Services): string {
  if (i.attention || i.waiting) return i.title || t.accounts.access[i.access];
  if (i.gives) return i.gives;
  if (i.service === "facebook" && i.tasks.length > 0) {
    const words = i.tasks.map((task) => t.accounts.tasks[task] ?? task.toLowerCase());
    return capitalize(words.join(", "));
  }
  return services.of(i.service).level;
}

const inSentence: Record<ExtraKind, string> = {
  dataset: "datasets",
  instagram_account: "Instagram accounts",
  catalogue: "catalogues",
};

/** What a request asks for at Facebook, and to what end. */
export function facebookAsks(r: { kinds: Kind[]; level: AccessLevel }): string {
  const things = ["ad accounts", "Pages", ...r.kinds.filter(isExtra).map((kind) => inSentence[kind])];
  const last = things.pop();
  return `${things.join(", ")} and ${last}, ${t.form.asksTo[r.level]}`;
}

/** A request that nobody has begun. */
export const blank: RequestForm = {
  id: "",
  client: "",
  message: "",
  services: [],
  connection: "",
  business: "",
  business_name: "",
  by_hand: false,
  kinds: [],
  level: "advertise",
};

export const isExtra = (kind: Kind): kind is ExtraKind => kind in inSentence;
