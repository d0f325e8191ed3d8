// Written by internal/desktop/gen from internal/desktop/methods.go. Do not edit.

import type {
  AccessLevel,
  AccessState,
  AlertKind,
  EntryKind,
  EventKind,
  Fix,
  HubState,
  ItemState,
  KeychainReason,
  Kind,
  Phase,
  PreviewKind,
  RecipientState,
  RelayState,
  RequestFilter,
  Role,
  Sort,
  Status,
  TodoKind,
} from "./enums";

/** AccountPage is one page of Accounts. */
export interface AccountPage {
  accounts: ItemRow[];
  next: string;
}

/** AccountsParams asks for a page of Accounts. The zero AccountsParams is all, by name. */
export interface AccountsParams {
  search: string;
  platform: "" | Platform;
  managed: string; // "yes", "no"; empty: both
  attention: boolean; // only what needs it
  kind: "" | Kind;
  advertise: boolean; // only what the agency may run ads with
  results: boolean; // only what it may see results of and not run ads with
  sort: Sort; // ByName, ByClient, ByState, ByCheck
  descending: boolean;
  after: string;
  skip: number;
  limit: number;
}

/** Actions are what can be done with a request now. */
export interface Actions {
  edit: boolean;
  send: boolean;
  resend: boolean;
  copy_link: boolean; // offline before the relay has it, the link is still empty
  delete: boolean;
  renew: boolean;
  reopen: boolean;
  archive: boolean;
}

/** AddressParams is an account's address as it was typed. */
export interface AddressParams {
  service: Service;
  address: string;
}

/** AgencyView is the agency and its brand. */
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
  logo: string; // where it can be looked at
  default_message: string;
}

/**
 * Alert is something a person wants to be told while the app is in the background. The first reading of everything
 * tells nothing.
 */
export interface Alert {
  kind: AlertKind;
  request: string;
  client: string;
  item: string;
  name: string; // of the item
}

/** ApproveParams are a computer and the number that was compared. */
export interface ApproveParams {
  id: string;
  number: string;
}

/** ArchiveParams hides a request, or shows it again. */
export interface ArchiveParams {
  id: string;
  on: boolean;
}

/** BrandForm is the form of Collaboration Settings. */
export interface BrandForm {
  company: string;
  colour: string;
  show_requester: boolean;
  logo: string; // the new file in base64
  keep_logo: boolean;
}

/** BrowseParams is an address for the system's browser. */
export interface BrowseParams {
  address: string;
}

/** BusinessView is a Business Manager as a connected user sees it. */
export interface BusinessView {
  id: string;
  name: string;
  admin: boolean;
}

/** Campaign is one that was made, paused. */
export interface Campaign {
  id: string; // at the platform
  name: string;
  objective: string;
  ad_account: string;
  page: string;
  user: string; // as whom
  at: Timestamp;
  open: string; // where the platform shows it
}

/** CampaignForm is what a person chooses for a campaign. */
export interface CampaignForm {
  ad_account: string; // an item
  page: string; // an item
  name: string;
  objective: string; // as the platform writes it
}

/**
 * Change says what is different now, by ids, for whoever shows it. A list names each thing once; All means that naming
 * them would be too many.
 */
export interface Change {
  all: boolean;
  session: boolean; // where this computer stands, what waits
  agency: boolean; // its brand and switches
  requests: string[];
  items: string[];
  members: string[];
  devices: string[];
  connections: string[];
  alerts: Alert[]; // worth a notification
}

/** CheckParams names accounts; none means all. */
export interface CheckParams {
  items: string[];
}

/** CheckRow is the result of one check of an item. */
export interface CheckRow {
  at: Timestamp;
  state: AccessState;
  title: string; // what failed, or is waited for; empty where it works
  code: string; // the platform's own
  gives: string; // in one line; may be empty
}

/** CodeView is a code that is shown once. */
export interface CodeView {
  id: string;
  code: string;
  until: Timestamp;
}

/** ColourParams is a colour as it was typed. */
export interface ColourParams {
  colour: string;
}

/** ColoursView is what becomes of the agency's colour. */
export interface ColoursView {
  light: PaletteView;
  dark: PaletteView;
  error: string; // a sentence; empty: it is a colour
}

/** ConfirmParams is a code that was mailed. */
export interface ConfirmParams {
  code: string;
}

/** ConnectKeyParams are an account's address and its key. */
export interface ConnectKeyParams {
  service: Service;
  address: string;
  key: string;
}

/** ConnectionView is one of the agency's own users. */
export interface ConnectionView {
  id: string;
  platform: Platform;
  member_id: string;
  member: string;
  user: string;
  businesses: BusinessView[];
  ends: Timestamp;
  created: Timestamp;
  here: boolean;
}

/** CopyParams is text for the clipboard. */
export interface CopyParams {
  text: string;
}

/** Day is what happened on one day, in UTC. */
export interface Day {
  day: Timestamp; // its beginning
  sent: number;
  connected: number;
}

/** DaysParams says how many days back. */
export interface DaysParams {
  days: number;
}

/** Device is one computer of a member. */
export interface Device {
  id: string;
  member: string;
  name: string; // as the computer calls itself
  public_key: string;
  created: Timestamp;
  last_seen: Timestamp; // to the quarter of an hour
  approved: Timestamp; // when older credentials were passed on, or none were needed
  revoked: Timestamp;
}

/** DeviceCredentialRow is one credential that a computer holds: of an account, or of a connected user. */
export interface DeviceCredentialRow {
  id: string;
  service: Service;
  user: boolean; // of a connected user
  name: string;
  detail: string;
  client: string; // empty: the agency's own
}

/** DeviceCredentials is what a computer holds. */
export interface DeviceCredentials {
  credentials: DeviceCredentialRow[];
  hidden: number; // of requests that this member does not see
}

/** DeviceView is a device with what it may hold. */
export interface DeviceView extends Device {
  credential_count: number; // credentials it acknowledged
  waiting: number; // credentials nobody has sealed for it yet
}

/** EndingResult is how ending the access to an item went. */
export interface EndingResult {
  proven: boolean; // a call has proved that the access is gone
  title: string;
  message: string;
  who: string; // who ends what is left; empty: nothing is
  next: string; // what they do
  note: string; // to copy for them; may be empty
  note_for: string;
  queued: boolean; // the relay is told when it answers again
}

/** EndingView is what a member reads before the access to an item is ended. Each text is a sentence. */
export interface EndingView {
  ends: string[];
  stays: string[]; // what is not ended, or not by the agency
  steps: string[]; // how a user at the platform ends it; may be empty
  open: string; // the platform's page for that; may be empty
}

/** EnrolParams join an agency; an empty name means the computer's own. */
export interface EnrolParams {
  address: string;
  code: string;
  name: string;
}

/** EntryParams names an entry of the outbox. */
export interface EntryParams {
  seq: number;
}

/** EntryRow is something that waits to be sent, or that the relay refused. */
export interface EntryRow {
  seq: number;
  request: string; // empty: the agency's settings or a computer
  kind: EntryKind;
  title: string;
  created: Timestamp;
  attempts: number;
  not_before: Timestamp; // tried again then; zero: as soon as there is a network
  refused: Timestamp; // by the relay, for good
  code: string;
  field: string;
  message: string;
  reference: string;
}

/** ErrorReport is a screen that failed. */
export interface ErrorReport {
  message: string;
  stack: string;
  route: string; // the screen's address
}

/** Event is one line of a request's history. Who is a person's or member's name, empty for the relay itself. */
export interface Event {
  id: string;
  at: Timestamp;
  kind: EventKind;
  who: string;
  detail: string;
  service?: Service; // Service is that of the item it happened to; empty: it is of no item.
}

/** EventRow is a line of the agency's history. */
export interface EventRow extends Event {
  request: string;
  client: string;
}

/** What the screens are told of, by name. */
export interface Events {
  "hub:changed": Change;
  "hub:show": null;
  "hub:command": string;
}

/** FindRelayParams is a relay's address as it was typed. */
export interface FindRelayParams {
  address: string;
}

/** IDParams names one thing. */
export interface IDParams {
  id: string;
}

/** InviteParams describe a new member. */
export interface InviteParams {
  name: string;
  email: string;
  role: Role;
}

/** IssueCodeParams name a member; empty: the one at this computer. */
export interface IssueCodeParams {
  member: string;
}

/** ItemRow is one account or asset, in Accounts and in a request's details. */
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
  state: ItemState;
  access: AccessState;
  attention: boolean; // the red dot
  waiting: boolean; // the ring
  failure: string; // the catalog's code of what is wrong, or waited for
  code: string; // the platform's own
  title: string; // what failed, from the catalog
  message: string;
  who: string; // who can fix it, in words
  next: string; // what to do
  fix: "" | Fix; // what the screens offer for it
  note: string; // to copy for who can fix it; may be empty
  note_for: string;
  open: string; // the platform's page on which it is fixed; may be empty
  since: Timestamp;
  checked: Timestamp;
  next_check: Timestamp;
  tasks: string[];
  gives: string; // in one line, as the last check that works showed it; may be empty
  checks: CheckRow[]; // the last three, newest first
  by: string;
  by_email: string;
  connected: Timestamp;
  endable: boolean; // its access can be ended
  ended: Timestamp;
  ended_by: string;
  proven: boolean; // a call has proved that the ended access is gone
  here: boolean; // its credential is on this computer, or it needs none
  reference: string;
}

/** KeyView says where an address and a key are found. */
export interface KeyView {
  place: string; // a sentence
  example: string; // what the address looks like
}

/** LimitParams says how many are wanted. */
export interface LimitParams {
  limit: number;
}

/** ListParams asks for a page of requests. The zero ListParams is the newest of all. */
export interface ListParams {
  filter: RequestFilter;
  search: string; // words that all have to occur: clients, addresses, accounts
  service: "" | Service;
  since: Timestamp; // the request's date
  until: Timestamp;
  sort: Sort;
  ascending: boolean; // else the greatest first
  after: string; // Next of the page before
  skip: number; // rows to pass over first: a scrollbar leads anywhere
  limit: number; // zero: 50
}

/**
 * LostItem is a user or an account of this member's own that a restored relay no longer knows: it was connected after
 * the backup.
 */
export interface LostItem {
  id: string; // of the Connection or the item that is gone
  user: boolean;
  of: Platform;
  account: string; // the platform's id of it
  name: string;
  at: Timestamp;
}

/** Member is one person of the agency. */
export interface Member {
  id: string;
  name: string;
  email: string;
  role: Role;
  created: Timestamp;
  removed: Timestamp;
}

/** MemberParams give a member another name or role. */
export interface MemberParams {
  id: string;
  name: string;
  role: Role;
}

/** OfferedPlatform says whether a platform can be asked for here. */
export interface OfferedPlatform {
  platform: Platform;
  offered: boolean;
  why: string; // a sentence, when it is not
  /**
   * Version is that of the platform's API which the operator wants called, where the platform has such. A hub takes it
   * as a version only, never as an address.
   */
  version?: string;
}

/** OpenCode is a code that nobody has used yet, without the code. */
export interface OpenCode {
  id: string;
  member: string; // whom it is for
  until: Timestamp;
}

/** OwnAsset is an ad account or Page of the agency's own user: in Accounts with Managed = Yes once it is picked. */
export interface OwnAsset {
  kind: Kind;
  account: string;
  name: string;
  detail: string;
  business: string; // whose it is; empty: no Business Manager's
  item: string; // in Accounts; empty: not picked
  picked: boolean;
  usable: boolean;
  message: string; // why it is not usable
}

/** PaletteView is what one theme makes of the agency's colour. */
export interface PaletteView {
  fill: string;
  on_fill: string;
  text: string;
  border: boolean;
}

/**
 * PendingDevice is another computer that wants the credentials which this one has. Only a person who sees both screens
 * can say whether it is theirs.
 */
export interface PendingDevice {
  id: string;
  name: string;
  member_id: string;
  member: string;
  own: boolean; // of the same person
  created: Timestamp;
  fingerprint: string; // has to be the number on the other screen
  wants: number; // credentials that this computer can pass on to it
  in_progress: boolean; // approved; they are on their way
}

/** PickParams are the accounts of a connected user that stand in Accounts. */
export interface PickParams {
  id: string;
  accounts: string[];
}

/** Platform is who answers for a service. */
export type Platform = string;

/** PlatformParams names a platform. */
export interface PlatformParams {
  platform: Platform;
}

/** Preferences are the user's, on this computer. */
export interface Preferences {
  compact: boolean;
  single_keys: boolean;
  notify_connected: boolean;
  notify_broken: boolean;
  notify_devices: boolean;
}

/** PreviewParams ask for what a client would see. */
export interface PreviewParams {
  kind: PreviewKind;
  dark: boolean;
  form: RequestForm;
  request: string; // an existing one, instead of the form
  brand: BrandForm | null; // not applied yet
  brand_on: boolean;
}

/** PreviewView is where a preview can be looked at, and an email's head. */
export interface PreviewView {
  address: string;
  from: string;
  reply_to: string;
  subject: string;
}

/** RecipientRow is one address of a request. */
export interface RecipientRow {
  id: string;
  address: string;
  state: RecipientState;
  at: Timestamp; // since when, where that is known
  server_reply: string; // their mail server's
  count: number; // emails that it took
  resend: boolean;
  unseen: boolean; // sent days ago, and no sign that it arrived
}

/** RelayProbe is what was found at an address. */
export interface RelayProbe {
  state: RelayState;
  address: string; // where a relay is, its own where it names another
  operator: string;
}

/** RelayView is what the relay says about itself. */
export interface RelayView {
  operator: string;
  contact: string;
  mail_from: string;
  address: string;
  platforms: OfferedPlatform[];
}

/** RemoveMemberParams name a member and who takes over their requests. */
export interface RemoveMemberParams {
  id: string;
  successor: string;
}

/** ReplyToParams is an address for answers. */
export interface ReplyToParams {
  address: string;
}

/** RequestDetails is all about one request. */
export interface RequestDetails extends RequestRow {
  message: string;
  link: string; // empty until the relay has the request
  connection_id: string;
  facebook_user: string;
  business_id: string;
  business: string;
  kinds: Kind[]; // asked for at Facebook beside ad accounts and Pages
  level: AccessLevel; // Level is what is asked to be allowed at Facebook.
  verification_words: string[]; // the four that the client finds below "Is this genuine?"
  confirmed: boolean; // CompletedBy came by the email to that address
  email: string; // of who completed it
  recipients: RecipientRow[];
  items: ItemRow[];
  skipped: SkippedService[];
  events: Event[]; // newest first
  outbox: EntryRow[];
}

/** RequestForm is what a requester fills in. An empty ID is a new request. */
export interface RequestForm {
  id: string;
  client: string;
  message: string;
  services: Service[];
  connection: string; // whose Facebook user gets access
  business: string; // the Business Manager's id
  kinds: Kind[]; // Kinds are asked for at Facebook beside ad accounts and Pages.
  level: AccessLevel; // Level is what may be done at Facebook; empty: advertise.
}

/** RequestPage is one page of a list. Next is empty at its end. */
export interface RequestPage {
  requests: RequestRow[];
  next: string;
}

/** RequestRow is a request in a list. */
export interface RequestRow {
  id: string;
  client: string;
  owner_id: string;
  owner: string;
  recipient: string; // the first address
  recipient_name: string;
  more_recipients: number;
  link_only: boolean;
  status: Status;
  phase: Phase;
  created: Timestamp;
  changed: Timestamp;
  sent: Timestamp; // the newest email that a server took
  opened: Timestamp;
  expires: Timestamp;
  finished: Timestamp;
  completed: Timestamp;
  completed_by: string;
  asked: number; // services
  connected_count: number; // of them with something connected: "2 of 3 connected"
  services: ServiceCell[];
  attention: boolean;
  archived: boolean;
  refusal_code: string; // the code of what the relay refused last
  delayed_until: Timestamp; // the relay's limits hold emails back, which are tried again then
  can: Actions;
}

/** ResendParams names recipients of a request; none means all. */
export interface ResendParams {
  id: string;
  recipients: string[];
}

/** ResendResult says what becomes of emails that are sent once more. */
export interface ResendResult {
  emails: number;
  not_before: Timestamp; // they do not go before; zero: at once
}

/** SearchParams is what was typed into the search. */
export interface SearchParams {
  text: string;
}

/** SearchResult is what the search of everything found: a few of each. */
export interface SearchResult {
  requests: RequestRow[];
  accounts: ItemRow[];
}

/** SendParams adds addresses to a request. */
export interface SendParams {
  id: string;
  addresses: string[];
}

/** Service is what can be asked for. */
export type Service = string;

/** ServiceCell is one asked service of a row: what has come of it. */
export interface ServiceCell {
  service: Service;
  platform: Platform;
  connected: number;
  waiting: number;
  attention: boolean;
  skipped: boolean;
  names: string[]; // of what is connected
  gives: string; // what that gives together, in one line; may be empty
}

/**
 * ServiceView is a service as the screens show it. Its mark is in the answer: it is there when the first screen is
 * painted, and needs no address of its own.
 */
export interface ServiceView {
  id: Service;
  platform: Platform;
  name: string;
  level: string; // what was given, where the platform names no tasks
  icon: string; // an SVG file; where a mark is nobody's to show, it is a monogram
  key: KeyView | null; // what is typed in place of a sign-in
}

/** SessionInfo is where this computer stands. */
export interface SessionInfo {
  state: HubState;
  detail: string; // more about the state, for details to copy
  keychain: KeychainReason; // why it does not open; empty: it does
  online: boolean; // the newest call reached the relay
  relay: string; // its address
  agency_id: string;
  agency: string; // the company name that clients read
  member_id: string;
  member: string;
  email: string;
  role: "" | Role;
  device: string;
  fingerprint: string; // this computer's number, while it waits to be approved
  read_until: Timestamp; // the copy was complete then; zero: never yet
  waiting: number; // entries of the outbox that are to go
  refused: number; // entries that the relay refused and nobody has answered
}

/** SessionView is the state of this computer, for every screen. */
export interface SessionView extends SessionInfo {
  demo: boolean;
  mailbox: string; // of the demo
  control: string; // of the demo
  web: boolean;
  version: string;
  platform: string;
  link_relay: string; // of the newest latchkey://enrol link
  link_code: string;
}

/** SignInStarted is a sign-in of the agency's own that waits in the browser. */
export interface SignInStarted {
  id: string; // of the sign-in, and of the Connection to be
  address: string; // for the system browser: one use
  until: Timestamp;
}

/** SkippedService is a service that the client did not provide, in the client's words. */
export interface SkippedService {
  service: Service;
  reason: string;
}

/** SwitchParams turns something on or off. */
export interface SwitchParams {
  on: boolean;
}

/**
 * Timestamp is a point in time in milliseconds since 1970, UTC. Zero is never. It is what the databases keep and what
 * goes over the wire.
 */
export type Timestamp = number;

/** Todo is one thing for a person to do. */
export interface Todo {
  kind: TodoKind;
  request: string;
  client: string;
  item?: ItemRow;
  recipient?: RecipientRow;
  entry?: EntryRow;
  device?: PendingDevice;
  lost?: LostItem;
  user: string; // a connected user's name
  ends: Timestamp; // that user's sign-in
  since: Timestamp;
}

/** Totals are the numbers above the list. */
export interface Totals {
  all: number;
  pending: number;
  connected: number;
  attention: number;
  expiring: number; // in the next seven days
  newly_done: number; // connected in the last seven days
  archived: number;
  broken_items: number; // accounts with a red dot
  waiting_items: number;
  accounts: number;
  waiting: number; // to be sent
  refused: number; // by the relay
  devices_to_see: number; // computers that wait for a person: counted by the hub
  refused_sealed: number; // deliveries that were not what they say
  next_check: Timestamp; // the next account is tried for real
}
