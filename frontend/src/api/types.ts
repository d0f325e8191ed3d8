// Written by internal/desktop/gen from internal/desktop/methods.go. Do not edit.

import type {
  AccessLevel,
  AccessState,
  AlertKind,
  AuditFindingKind,
  CandidateReason,
  CheckupCheck,
  CheckupState,
  DeliveryError,
  DeliveryState,
  DomainProblem,
  DomainState,
  EmailState,
  EndingWay,
  EntryKind,
  EventKind,
  Fix,
  HubState,
  ItemState,
  KeychainReason,
  Kind,
  NewsKind,
  NewsMode,
  Obstacle,
  OffboardedLinkState,
  OffboardedOutcome,
  OperatorActKind,
  Phase,
  PreflightCheck,
  PreflightReason,
  PreflightState,
  PreviewKind,
  RecipientState,
  RecipientVerdict,
  RelayState,
  RequestFilter,
  Role,
  Sort,
  Status,
  TodoKind,
  WebhookForm,
  WithdrawnWay,
} from "./enums";

/** AccountPage is one page of Accounts. */
export interface AccountPage {
  accounts: ItemRow[];
  next: string;
}

/** AccountsParams selects a page of Accounts. The zero AccountsParams selects all, by name. */
export interface AccountsParams {
  search: string;
  platform: "" | Platform;
  managed: string; // "yes", "no"; empty: both
  attention: boolean; // only items that need attention
  kind: "" | Kind;
  advertise: boolean; // only items with the right to advertise
  results: boolean; // only items with the right to see results alone
  sort: Sort; // ByName, ByClient, ByState, ByCheck
  descending: boolean;
  after: string;
  skip: number;
  limit: number;
}

/** Actions are the actions that a request permits now. */
export interface Actions {
  edit: boolean;
  send: boolean;
  resend: boolean;
  copy_link: boolean; // false while the relay has not returned the link
  delete: boolean;
  renew: boolean;
  reopen: boolean;
  archive: boolean;
  send_link: boolean; // SendLink is that a new link can be mailed: somebody was invited who wants emails.
}

/** AddressParams has the entered address of an account. */
export interface AddressParams {
  service: Service;
  address: string;
}

/** AgencyView is the agency and its brand. */
export interface AgencyView {
  id: string;
  name: string;
  company: string; // the name that clients read
  brand_on: boolean;
  brand_company: string;
  colour: string;
  reply_to: string;
  pending_reply_to: string;
  show_requester: boolean;
  share_requests: boolean;
  logo: string; // its preview address
  default_message: string;
}

/** Alert is worth a notification while the app is in the background. An initial sync produces none. */
export interface Alert {
  kind: AlertKind;
  request: string;
  client: string;
  item: string;
  name: string; // of the item
  confirmed_by: string; // ConfirmedBy is who confirmed what completed a request, without a check.
  received: number; // Received and Awaited count the accounts of a request that is connected.
  awaited: number;
  title: string; // of a cause that somebody has to fix
  connection: string; // whose sign-in that is; empty: it is not about one
}

/** ApproveParams has a device and the number that the user compared. */
export interface ApproveParams {
  id: string;
  number: string;
}

/** ArchiveParams hides a request, or shows it again. */
export interface ArchiveParams {
  id: string;
  on: boolean;
}

/** Arrival is an asset that an agency's Business Manager was given. */
export interface Arrival {
  kind: Kind;
  account: string;
  name: string;
  detail: string;
  owner: string; // the name of the business that gave it; empty: not known
  missing: Timestamp; // Missing is when the list was last read without it. Zero: it was in the first list.
}

/** AuditFinding is one thing that is wrong, with the entries that it is about. */
export interface AuditFinding {
  kind: AuditFindingKind;
  from: number;
  to: number;
}

/** AuditFindingView is a finding with the times that its sentence names. */
export interface AuditFindingView extends AuditFinding {
  at: Timestamp; // when it was seen, given back, or accepted
  who: string; // who gave it back, or accepted it
}

/** AuditView is what was found about a history. */
export interface AuditView {
  length: number; // how many entries it has
  code: string; // of its last entry, to compare
  since: Timestamp; // of its first entry
  whole: boolean; // nothing was removed or changed
  findings: AuditFindingView[];
  /**
   * Acceptable: all that is wrong is that the relay lacks what this computer has seen, as after a restore. A main user
   * can accept that.
   */
  acceptable: boolean;
  lost: Event[]; // what this computer knows of that, the newest first
}

/** BrandForm is the form of Collaboration Settings. */
export interface BrandForm {
  company: string;
  colour: string;
  show_requester: boolean;
  logo: string; // a new file in base64
  keep_logo: boolean;
}

/** BrowseParams has an address for the system's browser. */
export interface BrowseParams {
  address: string;
}

/** BusinessView is a Business Manager of a platform user. */
export interface BusinessView {
  id: string;
  name: string;
  admin: boolean;
}

/** Campaign is a campaign that was created on this computer, paused. */
export interface Campaign {
  id: string; // at the platform
  name: string;
  objective: string;
  ad_account: string;
  page: string;
  user: string; // the platform user who created it
  at: Timestamp;
  open: string; // the platform's page for it
}

/** CampaignForm is the input for a campaign. */
export interface CampaignForm {
  ad_account: string; // an item's id
  page: string; // an item's id
  name: string;
  objective: string; // as the platform writes it
}

/** Candidate is an arrival that may be what a client named. */
export interface Candidate extends Arrival {
  why: CandidateReason;
  client?: string; // Client is whose request has it or named it as well; empty: the agency's own, or this one's.
}

/** CandidatesView is what an item that a client named can be. */
export interface CandidatesView {
  candidates: Candidate[];
  read: Timestamp; // when the list was read last; zero: never here
  able: boolean; // this computer can read the list
}

/**
 * CauseView is a cause as the screens show it. The texts of a cause of the relay, the keychain or an unclear answer are
 * the screens' own.
 */
export interface CauseView {
  subject: string;
  service: Service;
  connection: string; // of a sign-in that has ended; else empty
  user: string; // its platform user's name
  failure: string;
  code: string; // the platform's own
  title: string;
  message: string;
  who: string;
  next: string;
  fix: "" | Fix;
  note: string;
  open: string;
  since: Timestamp;
  items: number; // how many accounts were not checked
  checked: Timestamp; // the oldest of their last results; zero: one has none
}

/** Change lists the ids of what changed, each once. All means that there are too many to list. */
export interface Change {
  all: boolean;
  session: boolean; // the session or the outbox
  agency: boolean; // its brand and switches
  requests: string[];
  items: string[];
  members: string[];
  devices: string[];
  connections: string[];
  alerts: Alert[]; // worth a notification
  offboardings: boolean; // Offboardings is whether one of them has changed.
}

/** CheckParams names accounts; none means all. */
export interface CheckParams {
  items: string[];
}

/** CheckRow is the result of one check of an item. */
export interface CheckRow {
  at: Timestamp;
  state: AccessState;
  title: string; // what failed, or is pending; empty if it works
  code: string; // the platform's own
  gives: string; // in one line; may be empty
}

/** CheckupLine is the result of one check, for an agency: without names of hosts, paths or what a server replied. */
export interface CheckupLine {
  check: CheckupCheck;
  service?: Service; // of CheckupApp
  state: CheckupState;
}

/** CheckupView has a line for each check. */
export interface CheckupView {
  lines: CheckupLine[];
  checked: Timestamp; // zero: the relay is older, and examines nothing
}

/** ChooseParams names the arrival that an item is. */
export interface ChooseParams {
  item: string;
  kind: Kind;
  account: string;
}

/** CodeView is a code that is shown once. */
export interface CodeView {
  id: string;
  code: string;
  until: Timestamp;
}

/** ColourParams has an entered colour. */
export interface ColourParams {
  colour: string;
}

/** ColoursView has the colours derived from the agency's colour. */
export interface ColoursView {
  light: PaletteView;
  dark: PaletteView;
  error: string; // a sentence; empty: the colour is valid
}

/** ConfirmItemParams confirms an item without a check, or takes that back. */
export interface ConfirmItemParams {
  id: string;
  on: boolean;
}

/** ConfirmParams has an emailed code. */
export interface ConfirmParams {
  code: string;
}

/** ConnectKeyParams has an account's address and key. */
export interface ConnectKeyParams {
  service: Service;
  address: string;
  key: string;
}

/** ConnectedAccount is what a sign-in at a CRM brought. */
export interface ConnectedAccount {
  name: string; // of the first account
  left_out: string; // what was picked and is not connected, each with its reason; empty: nothing
}

/** ConnectionView is a platform user of the agency. */
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
  cause?: CauseView; // Cause is why nothing can be checked with its token; nil: it can.
  replaced: boolean; // Replaced means that the same user has signed in again: that sign-in is used.
}

/** CopyParams is text for the clipboard. */
export interface CopyParams {
  text: string;
}

/** Day counts the events of one day. */
export interface Day {
  day: Timestamp; // its beginning
  sent: number;
  connected: number;
}

/** DaysParams bounds days. */
export interface DaysParams {
  bounds: Timestamp[]; // Bounds are the beginnings of days, oldest first, and the end of the last one.
}

/** DeliveryParams names a delivery of a webhook. */
export interface DeliveryParams {
  id: string; // the webhook
  delivery: string;
}

/** Device is a computer of a member. */
export interface Device {
  id: string;
  member: string;
  name: string; // the computer's own name
  public_key: string;
  created: Timestamp;
  last_seen: Timestamp; // accurate to a quarter of an hour
  approved: Timestamp; // when older credentials were sealed for it, or none had to be
  revoked: Timestamp;
}

/** DeviceCredentialRow is one credential on a device: of an account, or of a platform user. */
export interface DeviceCredentialRow {
  id: string;
  service: Service;
  user: boolean; // of a platform user
  name: string;
  detail: string;
  client: string; // empty: the agency itself
  lost: boolean; // Lost: of a revoked device, no other has it, so the client has to connect it again.
  address: string; // of who connected it; may be empty
  repair?: RepairRow;
}

/** DeviceCredentials are the credentials on a device. */
export interface DeviceCredentials {
  credentials: DeviceCredentialRow[];
  hidden: number; // count of requests that this member may not see
}

/** DeviceView is a device with the count of its credentials. */
export interface DeviceView extends Device {
  credential_count: number; // acknowledged credentials
  waiting: number; // credentials not sealed for it yet
}

/** Domain is a domain of an agency's own, at which its links open. */
export interface Domain {
  name: string; // Name is as the DNS has it: lower case, and ASCII.
  token: string; // Token is what the TXT record has behind DomainProofPrefix.
  state: DomainState;
  proposed: Timestamp;
  verified: Timestamp; // when its records were right first; zero: never
  ready: Timestamp; // since when links open there; zero: not yet
  failing: Timestamp; // since when its records are wrong; zero: they are right
  left: Timestamp; // when it was removed; zero: it was not
  checked: Timestamp; // zero: never
  problem: "" | DomainProblem; // Problem is what the last check met; empty: nothing.
  found: string;
}

/** DomainParams names a domain. */
export interface DomainParams {
  name: string;
}

/** DomainRecord is a record in the DNS. */
export interface DomainRecord {
  type: string; // CNAME, TXT
  name: string;
  value: string;
  ok: boolean; // the last check found it
}

/** EndingResult is the outcome of EndAccess. */
export interface EndingResult {
  proven: boolean; // a call verified that the access is gone
  title: string;
  message: string;
  who: string; // who ends what remains; empty: nothing remains
  next: string; // what they have to do
  note: string; // a text to send them; may be empty
  note_for: string;
  queued: boolean; // the report to the relay is in the outbox
}

/** EndingView is shown before the access to an item is ended. Each text is a sentence. */
export interface EndingView {
  ends: string[];
  stays: string[]; // what remains, or the agency cannot end
  steps: string[]; // how the user ends it at the platform; may be empty
  open: string; // the platform's page for it; may be empty
  kept: boolean; // Kept means that something else uses the grant: the platform is not asked.
  by_hand: boolean; // ByHand means that only a user at the platform can end it.
  nothing: boolean; // Nothing means that a client only named it, and nobody has found it: there is no access.
}

/** EnrolParams joins an agency; an empty name is the computer's own. */
export interface EnrolParams {
  address: string;
  code: string;
  name: string;
}

/** EntryParams names an entry of the outbox. */
export interface EntryParams {
  seq: number;
}

/** EntryRow is a queued or refused entry. */
export interface EntryRow {
  seq: number;
  request: string; // empty: the agency's settings or a device
  kind: EntryKind;
  title: string;
  created: Timestamp;
  attempts: number;
  not_before: Timestamp; // of the next attempt; zero: as soon as the relay is reachable
  refused: Timestamp; // for good, by the relay or by something on the way
  code: string;
  field: string;
  message: string;
  reference: string;
}

/** ErrorReport is an error of a screen. */
export interface ErrorReport {
  message: string;
  stack: string;
  route: string; // the screen's address
}

/** Event is one entry of a request's timeline. Who is a client's or member's name; empty: the relay. */
export interface Event {
  id: string;
  at: Timestamp;
  kind: EventKind;
  who: string;
  detail: string;
  service?: Service; // Service is the service of the item; empty: the event has no item.
}

/** EventRow is one event of the agency's history. */
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

/** FindRelayParams has the entered address of a relay. */
export interface FindRelayParams {
  address: string;
}

/** HubRelease is a version of the hub, and where it is to be had. */
export interface HubRelease {
  version: string; // three numbers
  url: string; // an https address
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

/** IssueCodeParams names a member; empty: this computer's. */
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
  failure: string; // the catalog's code of the failure, or of what is pending
  code: string; // the platform's own
  title: string; // what failed, from the catalog
  message: string;
  who: string; // who can fix it, as text
  by_client: boolean; // the client can fix it
  next: string; // what to do
  fix: "" | Fix; // the action that the screens offer
  note: string; // a text to send to them; may be empty
  note_for: string;
  open: string; // the platform's page for the fix; may be empty
  since: Timestamp;
  checked: Timestamp;
  next_check: Timestamp;
  tasks: string[];
  gives: string; // from the last successful check, in one line; may be empty
  checks: CheckRow[]; // the last three, newest first
  by: string;
  by_email: string;
  connected: Timestamp;
  endable: boolean; // its access can be ended
  ended: Timestamp;
  ended_by: string;
  proven: boolean; // a call verified that the ended access is gone
  withdrawn: Timestamp; // by the client; the hub ends the access
  named: boolean; // the client only named it: which account it is was not found yet
  confirmed: Timestamp; // Confirmed is when a member confirmed without a check that it has arrived; zero: nobody did.
  confirmed_by: string;
  namings: Naming[]; // Namings are what clients typed for it before it was found, which can be undone.
  here: boolean; // its credential is on this computer, or it needs none
  reference: string;
  repair?: RepairRow; // Repair is the open link by which the client repairs it; nil: there is none.
  unchecked?: CauseView; // Unchecked is why it could not be checked since Checked; nil: it was.
}

/** KeyView describes where the user finds an address and a key. */
export interface KeyView {
  place: string; // a sentence
  example: string; // an example of the address
}

/** LimitParams bounds a list. */
export interface LimitParams {
  limit: number;
}

/** ListParams selects a page of requests. The zero ListParams selects the newest. */
export interface ListParams {
  filter: RequestFilter;
  search: string; // words that must all occur: in clients, addresses, accounts
  service: "" | Service;
  since: Timestamp; // the request's date
  until: Timestamp;
  sort: Sort;
  ascending: boolean; // else descending
  after: string; // Next of the page before
  skip: number; // offset in rows, for a scrollbar
  limit: number; // zero: 50
}

/**
 * LostItem is a connection or an account of this member that a restored relay has lost: it was made after the backup.
 */
export interface LostItem {
  id: string; // of the lost Connection or item
  user: boolean;
  of: Platform;
  account: string; // the platform's id
  name: string;
  at: Timestamp;
}

/** Member is a person of the agency. */
export interface Member {
  id: string;
  name: string;
  email: string;
  role: Role;
  created: Timestamp;
  removed: Timestamp;
}

/** MemberParams changes a member's name or role. */
export interface MemberParams {
  id: string;
  name: string;
  role: Role;
}

/** Naming is what a client typed for an account that was found since. */
export interface Naming {
  kind: Kind;
  name: string;
  by: Person;
  created: Timestamp;
  found: Timestamp;
  chosen?: string; // the member who chose the account; empty: it was certain
  joined?: boolean; // the request had an item of the account without this
  not?: string[]; // accounts that a member had said it is not
}

/** NewLinkParams makes a new link for a request. */
export interface NewLinkParams {
  id: string;
  send: boolean; // mail it to the people who were invited
}

/** NewsChoice is how a member gets the news of a kind. */
export interface NewsChoice {
  kind: NewsKind;
  mode: NewsMode;
}

/**
 * NewsSettings are how a member gets news by email. UTCOffset is the time of their computer, in minutes east of UTC:
 * the daily email is made by it.
 */
export interface NewsSettings {
  choices: NewsChoice[];
  utc_offset: number;
}

/** OffboardedDevice is a computer that had credentials of the client. */
export interface OffboardedDevice {
  id: string;
  name: string;
  member: string;
  here: boolean; // this computer
  erased: boolean; // it has none any more; else it erases them when it is next online
  seen: Timestamp; // its last contact, when this was last asked
}

/** OffboardedItem is an account or asset of the client. */
export interface OffboardedItem {
  id: string;
  request: string;
  service: Service;
  platform: Platform;
  kind: Kind;
  account: string;
  name: string;
  detail: string;
  connected: Timestamp;
  alone: boolean; // Alone means that the platform is not asked: this computer cannot, or the user went on without it.
  half: boolean; // Half means that sharing it was begun and not finished: something may be at the platform.
  /** Tried is when the platform was first asked. A call whose answer was lost may have ended the access. */
  tried: Timestamp;
  asked?: PlatformAnswer; // nil: the platform has not answered yet
  outcome: "" | OffboardedOutcome; // empty: it is not done yet
  done: Timestamp;
  done_by: string; // who had ended it before; may be empty
  withdrawn: Timestamp; // Withdrawn is when its client had withdrawn it before; zero: they had not.
  title: string; // Of an outcome: sentences of the catalog.
  message: string;
  who: string; // who ends what remains
  next: string;
  note: string;
  note_for: string;
  steps: string[];
  open: string;
  kept_for: string[]; // what else uses the grant, as far as the member may see it
  erased: boolean; // its credential is not on this computer
  problem: Problem; // why it is not done yet
}

/** OffboardedLink is a request of the client. */
export interface OffboardedLink {
  request: string;
  created: Timestamp;
  state: OffboardedLinkState;
  done: Timestamp; // zero: it is still to be withdrawn
  length: number; // zero: it was not read
  code: string;
  whole: boolean;
}

/**
 * Offboarding is the end of all that the agency has of a client: what is to be done, what has been done, and in the end
 * the report of it. It is on the computer that does it, and nowhere else.
 */
export interface Offboarding {
  id: string;
  client: string;
  agency: string; // as clients read it
  by: string; // the member
  started: Timestamp;
  ended: Timestamp; // zero: it goes on
  links: OffboardedLink[];
  items: OffboardedItem[];
  devices: OffboardedDevice[];
  listed: boolean; // Devices has who held a credential before
  own_devices: boolean; // OwnDevices means that the member sees their own computers alone: Devices has no others.
  problem: Problem; // why it does not go on for now
  next_try: Timestamp; // when it goes on by itself, if it has a problem
}

/** OffboardingItemParams names an account of an offboarding. */
export interface OffboardingItemParams {
  id: string; // the offboarding
  item: string;
}

/**
 * OffboardingParams select a client by one of its requests. Without are items that are left as they are; First means
 * those that this computer cannot ask its platforms about.
 */
export interface OffboardingParams {
  request: string;
  first: boolean;
  without: string[];
}

/** OffboardingPlan is what ending a client would do. */
export interface OffboardingPlan {
  client: string;
  links: OffboardedLink[];
  items: PlannedEnding[];
  reports: OffboardingSummary[]; // of this client, the newest first
}

/** OffboardingSummary is an offboarding in a list. */
export interface OffboardingSummary {
  id: string;
  client: string;
  started: Timestamp;
  ended: Timestamp; // zero: it goes on
  done: number; // of Total steps
  total: number;
  problem: Problem;
}

/** OfferedPlatform reports whether requests can include a platform. */
export interface OfferedPlatform {
  platform: Platform;
  offered: boolean;
  why: string; // a sentence, if it is not offered
  /**
   * ByHand: clients can share by hand, also where the platform is not offered. ByHandFirst: new requests ask for that,
   * since the relay has no approved app.
   */
  by_hand?: boolean;
  by_hand_first?: boolean;
  /**
   * Version is the version of the platform's API that the operator configured; empty: the driver's default. The hub
   * validates its form: it must never become part of another host or path.
   */
  version?: string;
}

/** OpenCode describes an unused code, without the code. */
export interface OpenCode {
  id: string;
  member: string; // for whom it is
  until: Timestamp;
}

/** OperatorAct is something that whoever runs the relay did to an agency by a command. */
export interface OperatorAct {
  at: Timestamp;
  kind: OperatorActKind;
  name: string;
}

/**
 * OwnAsset is an ad account or Page of a platform user of the agency. Picked ones are in Accounts with Managed = Yes.
 */
export interface OwnAsset {
  kind: Kind;
  account: string;
  name: string;
  detail: string;
  business: string; // its Business Manager; empty: none
  item: string; // its id in Accounts; empty: not picked
  picked: boolean;
  usable: boolean;
  message: string; // why it cannot be picked
}

/** OwnAssetList is what a platform user of the agency has. */
export interface OwnAssetList {
  assets: OwnAsset[];
  unread: string; // the lists that the platform refused, in a sentence; empty: none
}

/** OwnDomain is the agency's domain with what has to be in the DNS. */
export interface OwnDomain {
  offered: boolean; // the relay serves agencies' domains
  domain: Domain | null; // Domain is nil without one.
  records: DomainRecord[]; // Records are those that the domain needs; empty without one.
  leaving: string[]; // Leaving are removed ones at which links still open.
}

/** PaletteView has the colours of one theme. */
export interface PaletteView {
  fill: string;
  on_fill: string;
  text: string;
  border: boolean;
}

/**
 * PendingDevice is another device that needs credentials of this one. The user approves it after comparing the numbers
 * on both screens.
 */
export interface PendingDevice {
  id: string;
  name: string;
  member_id: string;
  member: string;
  own: boolean; // of the same member
  created: Timestamp;
  fingerprint: string; // must equal the number on the other screen
  wants: number; // credentials that this device can reseal for it
  in_progress: boolean; // approved, not resealed yet
}

/** Person is a user of the wizard, as entered. */
export interface Person {
  name: string;
  email: string;
}

/** PickParams has the picked assets of a connected user. */
export interface PickParams {
  id: string;
  accounts: string[];
}

/** PlannedEnding is an access before anybody decides. */
export interface PlannedEnding extends OffboardedItem {
  way: EndingWay;
}

/** Platform is the operator of a service. */
export type Platform = string;

/** PlatformAnswer is what a platform answered when it was asked to end an access. */
export interface PlatformAnswer {
  at: Timestamp;
  proven: boolean; // a call verified that the access is gone
  remaining: string; // a code of the catalog; empty: nothing
  code: string; // the platform's own
}

/** PlatformParams names a platform. */
export interface PlatformParams {
  platform: Platform;
}

/** PolicyView is what the administrator of this computer has set. */
export interface PolicyView {
  relay_url: string; // the relay to join; empty: the user enters it
  allow_demo: boolean;
  allow_csv_export: boolean;
  managed: string[]; // the names of the settings
}

/** Preferences are the user's preferences on this computer. */
export interface Preferences {
  compact: boolean;
  single_keys: boolean;
  notify_connected: boolean;
  notify_clients: boolean;
  notify_broken: boolean;
  notify_devices: boolean;
  hide_first_steps: boolean;
}

/** PreflightLine is the result of one check. */
export interface PreflightLine {
  check: PreflightCheck;
  state: PreflightState;
  reason?: PreflightReason; // empty: PreflightOK
  service?: Service; // of PreflightPlatform
  detail?: string; // what a server replied, for whoever mends it
}

/** PreflightRow is a line with what its sentence names. */
export interface PreflightRow extends PreflightLine {
  user: string; // the request's Facebook user
  business: string; // its Business Manager
  until: Timestamp; // when the sign-in ends
  address: string; // where the link leads
}

/** PreflightView has every check of a request, in the order of lists. */
export interface PreflightView {
  lines: PreflightRow[];
  stops: boolean; // an invitation would lead nowhere
}

/** PreviewParams selects a preview. */
export interface PreviewParams {
  kind: PreviewKind;
  dark: boolean;
  form: RequestForm;
  request: string; // an existing request, instead of the form
  brand: BrandForm | null; // an unsaved brand
  brand_on: boolean;
}

/** PreviewView has a preview's address, and an email's header fields. */
export interface PreviewView {
  address: string;
  from: string;
  reply_to: string;
  subject: string;
}

/**
 * Problem is an error as the screens have it: its code, and a sentence where the code is not enough. The zero value is
 * none.
 */
export interface Problem {
  code: string;
  message: string;
}

/** RecipientRow is one address of a request. */
export interface RecipientRow {
  id: string;
  address: string;
  state: RecipientState;
  at: Timestamp; // since when; zero: unknown
  server_reply: string; // their mail server's
  count: number; // emails that it accepted
  resend: boolean;
  unseen: boolean; // sent days ago, not opened
  reminds: Timestamp; // when they are reminded next; zero: not any more
  /** Services are what a colleague asked them to look after; none: nobody did. Scoped: their link opens those alone. */
  services: Service[];
  scoped: boolean;
  handed_by: string; // the colleague's name or address; empty: it was forgotten
}

/** RecipientsParams is what stands in the field of recipients of a request. */
export interface RecipientsParams {
  id: string; // of the request
  texts: string[]; // as typed or pasted, each one or several addresses
  failed: string[]; // addresses that an email did not reach
}

/**
 * RejectedCredential is a credential of an account that did not pass the check when it arrived, and of which none has
 * arrived since.
 */
export interface RejectedCredential {
  request: string; // empty: of the agency's own
  client: string;
  name: string; // of the account, or of a Connection's user
  at: Timestamp;
}

/** RelayProbe describes what was found at an address. */
export interface RelayProbe {
  state: RelayState;
  address: string; // the relay's public address, where it publishes one
  operator: string;
}

/** RelayView is the relay's description of itself. */
export interface RelayView {
  operator: string;
  contact: string;
  mail_from: string;
  address: string;
  platforms: OfferedPlatform[];
}

/** RemindersParams chooses when recipients of a request are reminded. */
export interface RemindersParams {
  id: string;
  days: number[]; // after their invitation; none: never
}

/** RemoveMemberParams names a member and the successor for their requests. */
export interface RemoveMemberParams {
  id: string;
  successor: string;
}

/** RepairInput is one item to repair. */
export interface RepairInput {
  id: string;
  address: string; // whom the link is emailed to; empty: nobody
}

/** RepairPerson is somebody to whom a repair link can go. */
export interface RepairPerson {
  name: string; // as they gave it; empty: not known
  address: string;
  connected: boolean; // they connected the account
}

/** RepairRow is the open repair link of an item. */
export interface RepairRow {
  address: string; // whom it was emailed to; empty: nobody
  state: EmailState; // of that email
  created: Timestamp;
  sent: Timestamp;
  opened: Timestamp; // by a client
  expires: Timestamp;
}

/** RepairsInput asks for links to repair items. */
export interface RepairsInput {
  repairs: RepairInput[];
  lost: boolean; // Lost: their credentials were only on a computer that is gone.
}

/** RepairsOutcome is what became of them. */
export interface RepairsOutcome {
  prepared: number; // links that can be copied
  sent: number; // of them on their way by email
  unsent: UnsentRepair[]; // that should have been sent, or were not prepared
  working: number; // items that work meanwhile, and need none
}

/** ReplyToParams has an address for replies. */
export interface ReplyToParams {
  address: string;
}

/** RequestDetails is the full view of a request. */
export interface RequestDetails extends RequestRow {
  message: string;
  link: string; // empty until the relay has stored the request
  connection_id: string;
  facebook_user: string;
  business_id: string;
  business: string;
  kinds: Kind[]; // Facebook asset kinds besides ad accounts and Pages
  level: AccessLevel; // Level is the requested access level at Facebook.
  by_hand: boolean; // ByHand: the client shares at Facebook without a sign-in.
  verification_words: string[]; // shown to the client below "Is this genuine?"
  confirmed: boolean; // CompletedBy used the link from the email to that address
  email: string; // of who completed it
  recipients: RecipientRow[];
  items: ItemRow[];
  skipped: SkippedService[];
  events: Event[]; // newest first
  outbox: EntryRow[];
  declined_by: string; // who cannot do any of it; empty: nobody said so
  decline_reason: string; // in their words
  reminders: number[]; // days after the invitation; none: nobody is reminded
  /**
   * Approval is when who finished it is reminded next of what an admin of theirs has to approve; zero: not any more, or
   * nothing waits for that.
   */
  approval: Timestamp;
  by_link: Person[]; // ByLink are who identified themselves in the wizard and are no recipients.
}

/** RequestForm is the form of a request. An empty ID is a new request. */
export interface RequestForm {
  id: string;
  client: string;
  message: string;
  services: Service[];
  connection: string; // the Facebook user who gets access
  business: string; // the Business Manager's id
  kinds: Kind[]; // Kinds are Facebook asset kinds to request besides ad accounts and Pages.
  level: AccessLevel; // Level is the requested access level at Facebook; empty: advertise.
  /**
   * ByHand: the client shares at Facebook without a sign-in. Without a Connection the member types the Business
   * Manager: its id is Business.
   */
  by_hand: boolean;
  business_name: string;
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
  /** Recipient is the first address; of a request that no email was sent for: of who identified themselves. */
  recipient: string;
  recipient_name: string;
  more_recipients: number;
  link_only: boolean; // no email was sent
  status: Status;
  phase: Phase;
  created: Timestamp;
  changed: Timestamp;
  sent: Timestamp; // when a mail server last accepted an email
  opened: Timestamp;
  expires: Timestamp;
  link_asked: Timestamp; // a client asks for a new link; zero: nobody does
  reminds: Timestamp; // when the next recipient is reminded; zero: nobody is
  finished: Timestamp;
  completed: Timestamp;
  completed_by: string;
  confirmed_by: string; // who confirmed all that arrived, without a check
  asked: number; // number of services
  connected_count: number; // services with something connected: "2 of 3 connected"
  received: number; // accounts
  awaited: number; // accounts that are still to come: it is not all there
  services: ServiceCell[];
  attention: boolean;
  archived: boolean;
  refusal_code: string; // of the last refusal by the relay
  delayed_until: Timestamp; // the relay's limits delay emails until then
  can: Actions;
}

/** ResendParams names recipients of a request; none means all. */
export interface ResendParams {
  id: string;
  recipients: string[];
}

/** ResendResult describes emails that are sent again. */
export interface ResendResult {
  emails: number;
  not_before: Timestamp; // the earliest time of sending; zero: now
}

/** SearchParams has the text of the search. */
export interface SearchParams {
  text: string;
}

/** SearchResult holds the first matches of each kind. */
export interface SearchResult {
  requests: RequestRow[];
  accounts: ItemRow[];
}

/** SendParams adds addresses to a request. */
export interface SendParams {
  id: string;
  addresses: string[];
}

/** Service is what a request asks access to. */
export type Service = string;

/** ServiceCell is one requested service of a row and its result. */
export interface ServiceCell {
  service: Service;
  platform: Platform;
  connected: number; // what has arrived
  waiting: number; // what is still awaited
  attention: boolean;
  skipped: boolean;
  names: string[]; // of what has arrived
  kinds?: Kind[]; // of each of them
  gives: string; // their access in one line; may be empty
}

/** ServiceView is a service for the screens. It includes the icon, so that the first screen needs no further call. */
export interface ServiceView {
  id: Service;
  platform: Platform;
  name: string;
  level: string; // what was granted, if the platform names no tasks
  icon: string; // an SVG; a monogram if the platform's mark must not be shown
  key: KeyView | null; // the fields instead of a sign-in
}

/** SessionInfo describes this computer's session with the relay. */
export interface SessionInfo {
  state: HubState;
  detail: string; // more about the state, for details to copy
  keychain: KeychainReason; // why it is unavailable; empty: available
  online: boolean; // whether the last call reached the relay
  obstacle: "" | Obstacle; // why it did not; empty: it did, or there was none
  relay: string; // its address
  agency_id: string;
  agency: string; // the company name that clients read
  member_id: string;
  member: string;
  email: string;
  role: "" | Role;
  device: string;
  fingerprint: string; // of this computer's key, while it waits for approval
  read_until: Timestamp; // last complete sync; zero: never
  mail_fails: Timestamp; // since when emails wait for the relay's mail server
  waiting: number; // queued outbox entries
  refused: number; // refused entries, neither retried nor discarded
}

/** SessionView is the session's state, for every screen. */
export interface SessionView extends SessionInfo {
  demo: boolean;
  mailbox: string; // the demo's
  control: string; // the demo's
  web: boolean;
  version: string;
  platform: string;
  link_relay: string; // from the last latchkey://enrol link
  link_code: string;
  policy: PolicyView;
  update?: HubRelease; // Update is a newer version that the relay's operator allows; nil: there is none.
}

/** SignInStarted is a sign-in of the agency itself that waits for the browser. */
export interface SignInStarted {
  id: string; // of the sign-in, and of the Connection that it creates
  address: string; // for the system browser; valid once
  until: Timestamp;
}

/** SkippedService is a service that the client skipped, with the client's reason. */
export interface SkippedService {
  service: Service;
  reason: string;
}

/**
 * StartOffboardingParams ends a client. Items are those to end; all others of the client are left as they are. Typed is
 * the client's name, as the user typed it.
 */
export interface StartOffboardingParams {
  request: string;
  typed: string;
  items: string[];
}

/** SwitchParams turns something on or off. */
export interface SwitchParams {
  on: boolean;
}

/** Timestamp is a point in time in milliseconds since 1970, UTC; zero: never. Databases and the wire use it. */
export type Timestamp = number;

/** Todo is one thing for the user to do. */
export interface Todo {
  kind: TodoKind;
  request: string;
  client: string;
  cause?: CauseView;
  item?: ItemRow;
  recipient?: RecipientRow;
  entry?: EntryRow;
  device?: PendingDevice;
  sealed?: RejectedCredential;
  lost?: LostItem;
  row?: RequestRow; // whose client asks for a link or gives the account
  user: string; // a platform user's name
  webhook?: string; // its name
  domain?: string;
  operator?: OperatorAct;
  times?: number; // how often the operator did it lately
  ending?: OffboardingSummary;
  way?: WithdrawnWay; // of what a client withdrew
  ends: Timestamp; // when that user's sign-in expires
  since: Timestamp;
}

/** Totals are the counts above the lists. */
export interface Totals {
  all: number;
  pending: number;
  connected: number;
  attention: number;
  awaited: number; // with accounts that are still to come
  expiring: number; // within seven days
  newly_done: number; // connected in the last seven days
  archived: number;
  broken_items: number; // accounts with a red dot
  waiting_items: number;
  accounts: number;
  waiting: number; // to send
  refused: number; // by the relay
  devices_to_see: number; // devices that wait for approval; the hub counts them
  next_check: Timestamp; // of any account
}

/** TypedRecipient is one entry of the field of recipients. */
export interface TypedRecipient {
  address: string; // as it is stored; what is none: as it was typed
  verdict: RecipientVerdict;
  message: string; // what is wrong with it beside not being a full address; may be empty
}

/** UnmatchParams names what a client typed for an item. */
export interface UnmatchParams {
  item: string;
  kind: Kind;
  name: string;
}

/** UnsentRepair is a link that has to be copied. */
export interface UnsentRepair {
  id: string;
  name: string;
  why: string; // as wire has it
}

/** Webhook posts the agency's news to an address. The relay gives neither the address nor the secret out again. */
export interface Webhook {
  id: string;
  name: string;
  form: WebhookForm;
  host: string; // of the address
  kinds: NewsKind[];
  on: boolean;
  owner: string; // Owner is the member who saved it last: it gets the news that they may see.
  off: "" | DeliveryError; // Off is why the relay switched it off; empty: it did not.
  off_since: Timestamp;
  failing: Timestamp; // since when deliveries fail; zero: the last one succeeded
  created: Timestamp;
}

/** WebhookDelivery is one piece of news on its way to a webhook. */
export interface WebhookDelivery {
  id: string; // the webhook-id, the same at every attempt
  kind: string; // a NewsKind, or WebhookTest
  state: DeliveryState;
  attempts: number;
  status: number; // of the last attempt; zero: no answer
  error: "" | DeliveryError; // of the last attempt; empty: none
  reply: string; // the beginning of the last answer
  created: Timestamp;
  tried: Timestamp; // zero: not yet
  next: Timestamp; // when it is tried again; zero: it is not
}

/** WebhookInput is a webhook as the user fills it in. */
export interface WebhookInput {
  id: string; // of a new one, the screen makes it; empty: the hub does
  name: string;
  form: WebhookForm;
  address: string; // empty: as before
  kinds: NewsKind[];
  on: boolean;
  new_secret: boolean; // replace the secret
}

/** WebhookList has the agency's webhooks. Secret is shown this once. */
export interface WebhookList {
  webhooks: Webhook[];
  secret: string; // empty: there is no new one
  off: boolean; // whoever runs the relay allows none
}
