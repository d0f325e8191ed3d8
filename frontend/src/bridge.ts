// The only door to Go: what the screens can call, in which shapes it comes,
// and how errors arrive. Nothing else names window.go or window.runtime.

import type { Platform, Service } from "./words/services";

export type Moment = number; // milliseconds since 1970, UTC; zero is never

export type { Platform, Service };
export type Role = "main" | "sub";
export type ExtraKind = "dataset" | "instagram_account" | "catalogue"; // of Facebook, where a request asks for them
export type Kind = "ad_account" | "page" | ExtraKind | "crm_account" | "sheet";
export type AccessLevel = "advertise" | "view"; // what may be done at Facebook

/** Why the system's keychain does not open; empty: it does. */
export type KeychainReason = "" | "absent" | "locked" | "denied" | "silent";
export type HubState =
  | "starting"
  | "not_enrolled"
  | "enrolled"
  | "enrol_again"
  | "keychain_away"
  | "update_needed"
  | "suspended"
  | "revoked"
  | "failed";

export interface Standing {
  state: HubState;
  detail: string; // for details to copy
  keychain: KeychainReason;
  online: boolean;
  relay: string;
  agency_id: string;
  agency: string;
  member_id: string;
  member: string;
  email: string;
  role: Role | "";
  device: string;
  comparison: string;
  read_until: Moment;
  waiting: number;
  refused: number;
  demo: boolean;
  mailbox: string; // of the demo
  control: string; // of the demo
  web: boolean;
  version: string;
  platform: "linux" | "darwin" | "windows";
  link_relay: string; // of a latchkey://enrol link that was opened
  link_code: string;
}

export interface Totals {
  all: number;
  pending: number;
  connected: number;
  attention: number;
  expiring: number;
  newly_done: number;
  archived: number;
  broken_items: number;
  waiting_items: number;
  accounts: number;
  waiting: number;
  refused: number;
  devices_to_see: number;
  refused_sealed: number;
  next_check: Moment; // the next account is tried for real
}

export type RequestFilter = "" | "pending" | "connected" | "attention" | "expiring" | "archived";
export type RequestSort = "" | "client" | "recipient" | "status" | "change" | "end";

export interface ListQ {
  filter: RequestFilter;
  search: string;
  service: Service | "";
  since: Moment;
  until: Moment;
  sort: RequestSort;
  ascending: boolean;
  after: string;
  skip: number;
  limit: number;
}

export type Phase =
  | "refused"
  | "deleting"
  | "saving"
  | "sending"
  | "letter_refused"
  | "attention"
  | "connected"
  | "finished_waiting"
  | "expired"
  | "partly"
  | "started"
  | "opened"
  | "sent"
  | "queued"
  | "link_only";

export interface ServiceCell {
  service: Service;
  platform: Platform;
  connected: number;
  waiting: number;
  attention: boolean;
  skipped: boolean;
  names: string[];
  gives: string; // what they give together, in one line
}

export interface Actions {
  edit: boolean;
  send: boolean;
  resend: boolean;
  copy_link: boolean;
  delete: boolean;
  renew: boolean;
  reopen: boolean;
  archive: boolean;
}

export interface RequestRow {
  id: string;
  client: string;
  owner_id: string;
  owner: string;
  recipient: string;
  recipient_name: string;
  more_recipients: number;
  link_only: boolean;
  status: "pending" | "connected";
  phase: Phase;
  created: Moment;
  changed: Moment;
  sent: Moment;
  opened: Moment;
  expires: Moment;
  finished: Moment;
  completed: Moment;
  completed_by: string;
  asked: number;
  got: number;
  services: ServiceCell[];
  attention: boolean;
  archived: boolean;
  trouble: string;
  held: Moment; // the relay's limits hold emails back, which are tried again then
  can: Actions;
}

export interface RequestPage {
  requests: RequestRow[];
  next: string;
}

export type RecipientState = "waiting" | "queued" | "delayed" | "sent" | "opened" | "failed" | "stopped";

export interface RecipientRow {
  id: string;
  address: string;
  state: RecipientState;
  at: Moment;
  words: string;
  count: number;
  resend: boolean;
  unseen: boolean;
}

/** What helps against a failure: the one thing a screen offers for it. */
export type Fix = "" | "check" | "request" | "note" | "users" | "connect" | "open";

/** The result of one check of an account. */
export interface CheckRow {
  at: Moment;
  state: "" | "works" | "waiting" | "broken";
  title: string;
  code: string;
  gives: string;
}

export interface ItemRow {
  id: string;
  request: string;
  client: string;
  service: Service;
  platform: Platform;
  kind: Kind;
  account: string;
  name: string;
  detail: string;
  managed: boolean;
  state: "sharing" | "connected" | "waiting" | "failed" | "ended";
  access: "" | "works" | "waiting" | "broken";
  attention: boolean;
  waiting: boolean;
  failure: string;
  code: string;
  title: string;
  sentence: string;
  who: string;
  next: string;
  fix: Fix;
  note: string;
  note_for: string;
  open: string;
  since: Moment;
  checked: Moment;
  next_check: Moment;
  tasks: string[];
  gives: string; // in one line, as the last check that works showed it
  checks: CheckRow[]; // the last three, newest first
  by: string;
  by_email: string;
  connected: Moment;
  endable: boolean; // its access can be ended
  ended: Moment;
  ended_by: string;
  proven: boolean; // a call has proved that the ended access is gone
  here: boolean;
  reference: string;
}

/** What ending an access does, in sentences, before it is decided. */
export interface EndingView {
  ends: string[];
  stays: string[];
  steps: string[];
  open: string;
}

/** How ending an access went; queued: the relay is told when it answers again. */
export interface EndingResult {
  proven: boolean;
  title: string;
  sentence: string;
  who: string;
  next: string;
  note: string;
  note_for: string;
  queued: boolean;
}

export interface AccountsQ {
  search: string;
  platform: Platform | "";
  managed: "" | "yes" | "no";
  attention: boolean;
  kind: Kind | "";
  advertise: boolean; // only what the agency may run ads with
  results: boolean; // only what it may see results of and not run ads with
  sort: "name" | "client" | "state" | "check";
  descending: boolean;
  after: string;
  skip: number;
  limit: number;
}

export interface AccountPage {
  accounts: ItemRow[];
  next: string;
}

/** What becomes of emails that are sent once more; waits: not before. */
export interface Resent {
  letters: number;
  waits: Moment;
}

export interface EntryRow {
  seq: number;
  request: string;
  kind: string;
  title: string;
  made: Moment;
  tries: number;
  next: Moment;
  refused: Moment;
  code: string;
  field: string;
  sentence: string;
  reference: string;
}

export interface Skip {
  service: Service;
  reason: string;
}
export interface EventRow {
  id: string;
  at: Moment;
  kind: string;
  who: string;
  detail: string;
  service?: Service;
  request?: string;
  client?: string;
}

export interface RequestDetails extends RequestRow {
  message: string;
  link: string;
  connection_id: string;
  facebook_user: string;
  business_id: string;
  business: string;
  kinds: ExtraKind[]; // asked for at Facebook beside ad accounts and Pages
  level: AccessLevel;
  check_words: string[];
  confirmed: boolean;
  email: string;
  recipients: RecipientRow[];
  items: ItemRow[];
  skipped: Skip[];
  events: EventRow[];
  outbox: EntryRow[];
}

export interface Found {
  requests: RequestRow[];
  accounts: ItemRow[];
}
export interface Day {
  day: Moment;
  sent: number;
  connected: number;
}

export interface PendingDevice {
  id: string;
  name: string;
  member_id: string;
  member: string;
  own: boolean;
  created: Moment;
  comparison: string;
  wants: number;
  passing: boolean;
}

export interface Need {
  kind: "item" | "letter" | "entry" | "device" | "lost" | "waiting" | "unseen" | "user";
  request: string;
  client: string;
  item?: ItemRow;
  recipient?: RecipientRow;
  entry?: EntryRow;
  device?: PendingDevice;
  lost?: { id: string; user: boolean; of: string; account: string; name: string; at: Moment };
  user: string; // a connected user, whose sign-in ends
  ends: Moment;
  since: Moment;
}

export interface RequestForm {
  id: string;
  client: string;
  message: string;
  services: Service[];
  connection: string;
  business: string;
  kinds: ExtraKind[]; // asked for at Facebook beside ad accounts and Pages
  level: AccessLevel;
}

export interface AgencyView {
  id: string;
  name: string;
  company: string; // what clients read
  brand_on: boolean;
  brand_company: string;
  colour: string;
  reply_to: string;
  pending_reply_to: string;
  show_requester: boolean;
  share_requests: boolean;
  logo: string; // its address, or empty
  default_message: string;
}

export interface BrandForm {
  company: string;
  colour: string;
  show_requester: boolean;
  logo: string; // base64 of the new file; empty with keep_logo keeps the old one
  keep_logo: boolean;
}

export interface PaletteView {
  fill: string;
  on_fill: string;
  text: string;
  border: boolean;
}
export interface ColoursView {
  light: PaletteView;
  dark: PaletteView;
  error: string;
}

export interface OfferedView {
  platform: Platform;
  offered: boolean;
  why: string;
}
export interface RelayView {
  operator: string;
  contact: string;
  mail_from: string;
  address: string;
  platforms: OfferedView[];
}

/** What is at an address that was typed on the first screen. */
export interface RelayAt {
  state: "found" | "elsewhere" | "silent" | "other" | "certificate" | "too_new" | "busy";
  address: string;
  operator: string;
}

export interface BusinessView {
  id: string;
  name: string;
  admin: boolean;
}
export interface ConnectionView {
  id: string;
  platform: Platform;
  member_id: string;
  member: string;
  user: string;
  businesses: BusinessView[];
  ends: Moment;
  created: Moment;
  here: boolean;
}
/** An ad account or Page of the agency's own user: in Accounts once it is picked. */
export interface OwnAssetView {
  kind: Kind;
  account: string;
  name: string;
  detail: string;
  business: string;
  item: string;
  picked: boolean;
  usable: boolean;
  sentence: string; // why it is not usable
}
export interface SignInView {
  id: string;
  address: string;
  until: Moment;
}

export interface MemberView {
  id: string;
  name: string;
  email: string;
  role: Role;
  created: Moment;
  removed: Moment;
}
export interface DeviceView {
  id: string;
  member: string;
  name: string;
  created: Moment;
  last_seen: Moment;
  approved: Moment;
  revoked: Moment;
  holds: number;
  waiting: number;
}
/** What a computer holds, or held before it was revoked. */
export interface HeldRow {
  id: string;
  service: Service;
  user: boolean;
  name: string;
  detail: string;
  client: string;
}
export interface Holdings {
  held: HeldRow[];
  hidden: number;
}
export interface CodeView {
  id: string;
  code: string;
  until: Moment;
}
export interface OpenCode {
  id: string;
  member: string;
  until: Moment;
}

export interface PreviewQ {
  what: "letter" | "landing" | "wizard";
  dark: boolean;
  form: RequestForm;
  request: string; // an existing one, instead of the form
  brand: BrandForm | null; // not applied yet
  brand_on: boolean; // with brand: whether it is shown as on
}
export interface PreviewView {
  address: string;
  from: string;
  reply_to: string;
  subject: string;
}

export interface CampaignForm {
  ad_account: string;
  page: string;
  name: string;
  objective: string;
}
export interface CampaignView {
  id: string;
  name: string;
  objective: string;
  ad_account: string;
  page: string;
  user: string;
  at: Moment;
  open: string;
}

export interface Preferences {
  compact: boolean;
  single_keys: boolean;
  notify_connected: boolean;
  notify_broken: boolean;
  notify_devices: boolean;
}

export interface Change {
  all: boolean;
  standing: boolean;
  agency: boolean;
  requests: string[] | null;
  items: string[] | null;
  members: string[] | null;
  devices: string[] | null;
  connections: string[] | null;
  happened: { what: string; request: string; client: string; item: string; name: string }[] | null;
}

/** What every failed call throws: a code that means something, and words where there are any. */
export class CallError extends Error {
  readonly code: string;
  readonly field: string;
  readonly sentence: string;
  readonly reference: string;

  constructor(code: string, field = "", sentence = "", reference = "") {
    super(code);
    this.code = code;
    this.field = field;
    this.sentence = sentence;
    this.reference = reference;
  }
}

/** Reads the text that Go's error becomes on its way here. */
export function readError(cause: unknown): CallError {
  if (cause instanceof CallError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  try {
    const told: unknown = JSON.parse(text);
    if (typeof told === "object" && told !== null && "code" in told) {
      const word = (name: string): string => {
        const value = (told as Record<string, unknown>)[name];
        return typeof value === "string" ? value : "";
      };
      return new CallError(word("code") || "unexpected", word("field"), word("sentence"), word("reference"));
    }
  } catch {
    // not ours: the window itself failed
  }
  return new CallError("unexpected", "", "", text.slice(0, 200));
}

type Method = (...args: unknown[]) => Promise<unknown>;
interface Surroundings {
  go?: { main?: { App?: Record<string, Method> } };
  runtime?: { EventsOn: (name: string, callback: (...data: unknown[]) => void) => () => void };
}
const surroundings = globalThis as unknown as Surroundings;

async function call<T>(name: string, ...args: unknown[]): Promise<T> {
  const method = surroundings.go?.main?.App?.[name];
  if (!method) throw new CallError("unexpected", "", "", `the window has no ${name}`);
  try {
    return (await method(...args)) as T;
  } catch (cause) {
    throw readError(cause);
  }
}

export const app = {
  standing: () => call<Standing>("Standing"),
  findRelay: (address: string) => call<RelayAt>("FindRelay", address),
  enrol: (address: string, code: string, name: string) => call<null>("Enrol", address, code, name),
  exploreDemo: () => call<null>("ExploreDemo"),
  leave: () => call<null>("Leave"),
  sync: () => call<null>("Sync"),
  wanted: () => call<string>("Wanted"),
  preferences: () => call<Preferences>("Preferences"),
  savePreferences: (p: Preferences) => call<null>("SavePreferences", p),

  totals: () => call<Totals>("Totals"),
  requests: (q: ListQ) => call<RequestPage>("Requests", q),
  countRequests: (q: ListQ) => call<number>("CountRequests", q),
  request: (id: string) => call<RequestDetails>("Request", id),
  find: (typed: string) => call<Found>("Find", typed),
  needs: (most: number) => call<Need[]>("Needs", most),
  recent: (most: number) => call<EventRow[]>("Recent", most),
  days: (most: number) => call<Day[]>("Days", most),
  outbox: () => call<EntryRow[]>("Outbox"),

  draft: () => call<RequestForm>("Draft"),
  keepDraft: (form: RequestForm) => call<null>("KeepDraft", form),
  saveRequest: (form: RequestForm) => call<string>("SaveRequest", form),
  editRequest: (form: RequestForm) => call<null>("EditRequest", form),
  send: (id: string, addresses: string[]) => call<null>("Send", id, addresses),
  resend: (id: string, recipients: string[]) => call<Resent>("Resend", id, recipients),
  renew: (id: string) => call<null>("Renew", id),
  reopen: (id: string) => call<null>("Reopen", id),
  withdraw: (id: string) => call<null>("Withdraw", id),
  archive: (id: string, on: boolean) => call<null>("Archive", id, on),
  deleteClient: (id: string) => call<null>("DeleteClient", id),
  copyLink: (id: string) => call<boolean>("CopyLink", id),
  copy: (text: string) => call<null>("Copy", text),
  browse: (address: string) => call<null>("Browse", address),
  retryEntry: (seq: number) => call<null>("RetryEntry", seq),
  dismissLost: (id: string) => call<null>("DismissLost", id),
  discardEntry: (seq: number) => call<null>("DiscardEntry", seq),

  accounts: (q: AccountsQ) => call<AccountPage>("Accounts", q),
  countAccounts: (q: AccountsQ) => call<number>("CountAccounts", q),
  item: (id: string) => call<ItemRow>("Item", id),
  checkNow: (items: string[]) => call<null>("CheckNow", items),
  exportAccounts: (q: AccountsQ) => call<string>("ExportAccounts", q),
  createCampaign: (form: CampaignForm) => call<CampaignView>("CreateCampaign", form),
  campaigns: () => call<CampaignView[]>("Campaigns"),

  agency: () => call<AgencyView>("Agency"),
  relay: () => call<RelayView>("Relay"),
  colours: (colour: string) => call<ColoursView>("Colours", colour),
  saveBrand: (form: BrandForm) => call<null>("SaveBrand", form),
  switchBrand: (on: boolean) => call<null>("SwitchBrand", on),
  shareRequests: (on: boolean) => call<null>("ShareRequests", on),
  proposeReplyTo: (address: string) => call<null>("ProposeReplyTo", address),
  confirmReplyTo: (code: string) => call<null>("ConfirmReplyTo", code),
  preview: (q: PreviewQ) => call<PreviewView>("Preview", q),

  connections: () => call<ConnectionView[]>("Connections"),
  startConnection: (platform: Platform) => call<SignInView>("StartConnection", platform),
  waitConnection: (id: string) => call<ConnectionView>("WaitConnection", id),
  waitAccount: (id: string) => call<string>("WaitAccount", id),
  suggestAddress: (service: Service, typed: string) => call<string>("SuggestAddress", service, typed),
  cancelConnection: (id: string) => call<null>("CancelConnection", id),
  endConnection: (id: string) => call<null>("EndConnection", id),
  ownAssets: (connection: string) => call<OwnAssetView[]>("OwnAssets", connection),
  pickAssets: (connection: string, accounts: string[]) => call<null>("PickAssets", connection, accounts),
  connectKey: (service: Service, address: string, key: string) => call<ItemRow>("ConnectKey", service, address, key),
  removeAccount: (item: string) => call<null>("RemoveAccount", item),
  planEnding: (item: string) => call<EndingView>("PlanEnding", item),
  endAccess: (item: string) => call<EndingResult>("EndAccess", item),

  members: () => call<MemberView[]>("Members"),
  devices: () => call<DeviceView[]>("Devices"),
  holdings: (device: string) => call<Holdings>("Holdings", device),
  pendingDevices: () => call<PendingDevice[]>("PendingDevices"),
  inviteMember: (name: string, email: string, role: Role) => call<CodeView>("InviteMember", name, email, role),
  changeMember: (id: string, name: string, role: Role) => call<null>("ChangeMember", id, name, role),
  removeMember: (id: string, heir: string) => call<null>("RemoveMember", id, heir),
  issueCode: (member: string) => call<CodeView>("IssueCode", member),
  openCodes: () => call<OpenCode[]>("OpenCodes"),
  withdrawCode: (code: string) => call<null>("WithdrawCode", code),
  approve: (device: string, number: string) => call<null>("Approve", device, number),
  revoke: (device: string) => call<string[]>("Revoke", device),
};

export interface Events {
  "hub:changed": (change: Change) => void;
  "hub:show": () => void; // a notification or a link leads somewhere: wanted() says where
  "window:clicked": (place: string) => void; // a notification, in a browser
  "hub:command": (name: string) => void; // of the menu: request, find, help, about
  "window:again": () => void; // events may have been missed
}

/** Listens until what it returns is called. */
export function on<E extends keyof Events>(event: E, callback: Events[E]): () => void {
  return surroundings.runtime?.EventsOn(event, callback as (...data: unknown[]) => void) ?? (() => {});
}

/** The nonce that this page's style elements bear. */
export function styleNonce(): string {
  return document.querySelector('meta[name="style-nonce"]')?.getAttribute("content") ?? "";
}
