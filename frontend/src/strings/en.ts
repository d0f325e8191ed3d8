// Every label and sentence of the screens, keyed. The labels that users know
// already are exactly as the requirements write them.
import type {
  CandidateReason,
  Fix,
  KeychainReason,
  Kind,
  NewsKind,
  NewsMode,
  Obstacle,
  RecipientState,
} from "../api/enums";
import type { RelayProbe } from "../api/types";
import { isolating } from "../lib/bidi";
import { plural } from "../lib/dates";

type KeychainErrors = Record<`keychain_${Exclude<KeychainReason, "">}`, string>;
type ObstacleErrors = Record<Exclude<Obstacle, "silence">, string>;

export const kindName: Record<Kind, string> = {
  ad_account: "Ad account",
  page: "Page",
  dataset: "Dataset",
  instagram_account: "Instagram account",
  catalogue: "Catalogue",
  crm_account: "Account",
  sheet: "Sheet",
};

/** The same within a sentence. */
export const kindWord: Record<Kind, string> = {
  ...kindName,
  ad_account: "ad account",
  dataset: "dataset",
  catalogue: "catalogue",
  crm_account: "account",
  sheet: "sheet",
};

/** What a request asks for at Facebook beside ad accounts and Pages. */
export type ExtraKind = Extract<Kind, "dataset" | "instagram_account" | "catalogue">;

/** The extra kinds as the choice names them, in the order in which a client meets them. */
export const extraKinds: Record<ExtraKind, string> = {
  dataset: "Datasets (pixels)",
  instagram_account: "Instagram accounts",
  catalogue: "Catalogues",
};

/** Names in a sentence. */
const listed = (names: string[]): string => new Intl.ListFormat("en-GB").format(names);

/**
 * How many accounts could not be checked, and since when; "" if no check ever had a result. Without accounts, only
 * other computers of the agency check what depends on it.
 */
function notChecked(accounts: number, since: string): string {
  if (accounts === 0) return "";
  const many = accounts === 1 ? "1 account has" : `${accounts} accounts have`;
  return since ? `${many} not been checked since ${since}` : `${many} not been checked yet`;
}

/** What a platform's error page said, as a client chose it. */
const errorPages: Record<string, (platform: string) => string> = {
  unavailable: (platform) => `a page of ${platform} said that the app is not active or not available`,
  denied: (platform) => `a page of ${platform} said that they may not use this or have no permission`,
  later: (platform) => `a page of ${platform} said that something went wrong`,
};

export const t = isolating({
  product: "Latchkey",
  skip: "Skip to main content",
  mainNav: "Main",
  nav: {
    home: "Home",
    collaboration: "Collaboration",
    accounts: "Accounts",
    campaigns: "Campaigns",
    settings: "Settings",
    help: "Help",
  },
  needsAttention: "needs attention",
  waiting: "waiting",
  pending: "Pending",
  connected: "Connected",
  close: "Close",
  cancel: "Cancel",
  dropTyped: "Discard what you entered?",
  drop: "Discard",
  keepTyping: "Keep editing",
  back: "Back",
  copy: "Copy",
  copied: "Copied.",
  done: "Done",
  tryAgain: "Try again",
  managed: "Managed by your organisation",
  copyDetails: "Copy details",
  reference: (r: string) => `Reference ${r}`,
  loading: "Loading",
  find: {
    label: "Find anything",
    placeholder: "Requests, accounts, commands",
    requests: "Requests",
    accounts: "Accounts",
    commands: "Commands",
    move: "move",
    open: "open",
    copyLink: "copy its link",
    offline: "works offline",
    none: (typed: string) => `Nothing matches “${typed}”.`,
    forClient: (typed: string) => `for a client named “${typed}”`,
  },
  sync: {
    upToDate: "Up to date",
    offline: "Offline",
    unreached: "Relay not reached",
    connecting: "Connecting…",
    toSend: (line: string, n: number) => `${line} · ${n} to send`,
    sending: (n: number) => `Sending ${n}…`,
    refused: (n: number) => `${plural(n, "change was", "changes were")} refused`,
    now: "Sync now",
    band: (why: string, at: string) => `${why} Showing data from ${at}.`,
    bandNever: (why: string) => `${why} No data has been synced yet.`,
    keepWorking: "You can keep working. Emails are sent once your relay can be reached.",
  },
  update: {
    line: (version: string) => `Version ${version} is available`,
    title: "Open the page with the new version. Whoever looks after your computers may install it for you.",
  },
  demo: {
    label: "Demo",
    band: "Demo. The platforms are simulated, nobody here is real, and everything is forgotten when you close it.",
    mailbox: "Open the mailbox",
    control: "Make something go wrong",
  },
  updateNeeded: {
    title: "Latchkey is too old for this relay",
    text:
      "Your relay uses a newer version. Pending changes are kept and sent after the update. Ask whoever looks after " +
      "this computer to update Latchkey.",
  },
  suspended: {
    title: "Your agency is paused",
    text:
      "The operator of the relay has paused your agency and its links. Pending changes are kept. Ask the operator " +
      "why.",
  },

  totals: {
    label: "Totals",
    hint: {
      "": "All requests but archived ones",
      pending: "Requests that no client has finished, or of which nothing has arrived; expired ones too",
      connected: "Finished requests of which something has arrived",
      awaited: "Requests with accounts that a client shared or named and that have not arrived",
      attention: "Requests with an account that does not work, an email that was refused, or a refused change",
    },
    all: "All requests",
    pending: "Pending",
    connected: "Connected",
    attention: "Needs attention",
    expiring: (n: number) =>
      n === 0 ? "none expires this week" : n === 1 ? "1 expires this week" : `${n} expire this week`,
    newly: (n: number) => (n === 0 ? "none in the last 7 days" : `${n} in the last 7 days`),
    awaited: "Incomplete",
    awaitedSome: (n: number) => (n === 0 ? "nothing is awaited" : n === 1 ? "awaits accounts" : "await accounts"),
    attentionNone: "everything works",
    attentionItems: (n: number) => (n === 1 ? "1 account to look at" : `${n} accounts to look at`),
    attentionSome: "something to do",
  },

  collaboration: "Collaboration",
  tabs: { requests: "Onboarding Requests", settings: "Collaboration Settings" },
  request: "Request onboarding",
  list: {
    columns: {
      recipient: "Recipient",
      client: "Client",
      services: "Services",
      status: "Status",
      date: "Request date",
      actions: "Actions",
    },
    caption: "Onboarding requests",
    search: "Search recipients, clients, accounts",
    service: "Service",
    requested: "Requested",
    any: "any",
    anyTime: "any time",
    last7: "last 7 days",
    last30: "last 30 days",
    last90: "last 90 days",
    count: (n: number) => plural(n, "request"),
    linkOnly: "Link only",
    byLink: "by the link",
    nobodyOpened: "Nobody has opened it yet",
    opened: (when: string) => `Opened ${when}`,
    more: (n: number) => `+${n} more`,
    archived: "Archived",
    expiring: "Expiring this week",
    nextCheck: (soon: string) => `Next check of an account ${soon}`,
    showArchived: (n: number) => `Archived · ${n}`,
    move: "move",
    details: "details",
    empty: {
      title: "Ask your first client for access",
      text: "Choose the services and send one link. What the client connects appears here at once.",
    },
    emptyFilter: {
      pending: "Nothing is pending.",
      connected: "Nothing is connected yet.",
      awaited: "Nothing is awaited: all that clients shared or named has arrived.",
      attention: "Nothing needs attention. Everything that was shared works.",
      expiring: "Nothing expires in the next seven days.",
      archived: "Nothing is archived.",
      "": "No request matches.",
    },
    noMatch: (typed: string) => `No request matches “${typed}”.`,
    clearSearch: "Clear search",
    clearFilter: "Show all requests",
    cellSkipped: (service: string) => `${service}: not provided`,
    cell: (service: string, n: number) =>
      `${service}: ${n === 0 ? "nothing connected" : `${plural(n, "item")} connected`}`,
    showError: (service: string, n: number) => `${n > 0 ? n : "–"} ${service}, needs attention, show the error`,
  },
  progress: {
    services: (got: number, asked: number) => `${got} of ${asked} connected`,
    accounts: (got: number, of: number) => `${got} of ${of} accounts connected`,
    both: (accounts: string, got: number, asked: number) => `${accounts}, ${got} of ${asked} services`,
  },
  phase: {
    refused: "A change was refused · see why",
    deletingOffline: "Deleting once your relay can be reached",
    deleting: "Deleting…",
    savingOffline: "Will be saved once your relay can be reached",
    saving: "Saving…",
    sendingOffline: "Will be sent once your relay can be reached",
    sending: "Sending…",
    held: (at: string) => `Delayed by your relay’s sending limit · next try at ${at}`,
    emailRefused: "Email not delivered · see why",
    attention: (n: number) => `Needs attention · ${plural(n, "service")}`,
    connectedBy: (name: string, day: string) => `by ${name}, ${day}`,
    connectedOn: (day: string) => `since ${day}`,
    confirmedBy: (who: string) => `Confirmed by ${who}, not checked`,
    notProvided: (services: string[]) => `Not provided: ${services.join(", ")}`,
    finishedWaiting: "Finished; nothing is connected yet",
    over: (day: string) => `Expired ${day}`,
    expired: (day: string) => `Expired ${day} · renew for a new link`,
    declined: "Declined · see why",
    linkAsked: (when: string) => `Expired · asked for a new link ${when}`,
    partly: (progress: string, expires: string) => `${progress} · expires ${expires}`,
    awaited: (n: number, of: number) =>
      n < of ? `${n} of ${plural(of, "account")} still awaited` : `${plural(n, "account")} still awaited`,
    started: (expires: string) => `Started, nothing connected · expires ${expires}`,
    opened: (when: string, expires: string) => `Opened ${when} · expires ${expires}`,
    sent: (when: string) => `Sent ${when} · not opened yet`,
    unseen: (when: string) => `Sent ${when} · no sign that it arrived`,
    notSent: "Email not sent · send it again",
    queued: "Email on its way",
    linkOnly: (expires: string) => `Not sent · expires ${expires}`,
  },
  actions: {
    label: "Actions",
    for: (client: string) => `Actions for ${client}`,
    resend: "Resend the onboarding email",
    copyLink: "Copy the onboarding link",
    del: "Delete the request",
    renewSend: "Renew and send the new link",
    renew: "Renew: a new month, a new link",
    reopen: "Reopen with a new link",
    archive: "Archive",
    unarchive: "Take out of the archive",
    edit: "Edit the request",
    addRecipients: "Add recipients",
    deleteClient: "Delete this client’s data",
    none: "Nothing can be done while it is being deleted.",
  },
  toast: {
    linkCopied: "Link copied.",
    linkLater: "The link is available once the request has been synced.",
    resent: (n: number) => (n === 1 ? "One email is being sent." : `${n} emails are being sent.`),
    resentLater: (n: number) =>
      n === 1
        ? "One email will be sent in a minute: an address gets at most one email a minute."
        : `${n} emails will be sent in a minute: an address gets at most one email a minute.`,
    resentOffline: "The email will be sent once your relay can be reached.",
    renewed: "Renewed: the new link works for a month. The old one says that there is a newer link.",
    renewedSent: "Renewed: the new link works for a month and goes to the people you invited.",
    renewedOffline: "It is renewed once your relay can be reached.",
    reopened: "Reopened with a new link. What was connected stays.",
    reopenedSent: "Reopened. The new link goes to the people you invited. What was connected stays.",
    archived: "Archived.",
    undo: "Undo",
    unarchived: "Back in the list.",
    deleting: "The link stops working.",
    deleted: "Deleted.",
    sent: (n: number) => (n === 1 ? "The email is being sent." : `${n} emails are being sent.`),
    sentOffline: "Saved. The emails will be sent once your relay can be reached.",
    applied: "Settings applied.",
    appliedOffline: "Saved. Your relay gets the settings once it can be reached.",
    brandOn: "Your brand is on.",
    brandOff: "Your brand is off.",
    shareOn: "Everyone in the team sees every request.",
    shareOff: "Everyone sees only their own requests.",
    checked: "Checked.",
    exported: (path: string) => `Saved: ${path}`,
    replyTo: "A code is on its way to that address.",
    replyToDone: "Confirmed. Replies go to that address from now on.",
    replyToGone: "Replies go to the address of the requester.",
    memberChanged: "Changed.",
    memberRemoved: (name: string) => `${name} was removed.`,
    revoked: "Revoked. That computer deletes everything of this agency as soon as it is online.",
    codeWithdrawn: "Withdrawn. The code no longer works.",
    passed: "The credentials are on their way.",
    connected: (name: string) => `${name} is connected.`,
    leftOut: (what: string) => `Not connected: ${what}.`,
    disconnected: "Disconnected.",
    preferences: "Saved on this computer.",
  },
  confirmDelete: {
    title: (client: string) => `Delete the request to ${client}?`,
    text: "Their link stops working.",
    stays: (n: number) => `What they connected stays in Accounts: ${plural(n, "account")}.`,
    nothing: "They have not connected anything.",
    offline: "Your relay cannot be reached. It is deleted once it can be.",
    yes: "Delete the request",
  },
  confirmReopen: {
    title: (client: string) => `Reopen the request to ${client}?`,
    text:
      "The request goes back to Pending and gets a new link that works for a month. The old link stays dead. " +
      "Nobody gets an email unless you send it.",
    stays: (n: number) => `What they connected stays and works on: ${plural(n, "account")}.`,
    offline: "Your relay cannot be reached. It is reopened once it can be.",
    send: "Send the new link to the people you invited",
    yes: "Reopen with a new link",
  },
  followUp: {
    label: "Follow-up request",
    message: (missing: string[]) => `Hello, to go on we still need access to ${listed(missing)}. Thank you.`,
  },
  reminders: {
    after: (days: number[]) =>
      `Who has not finished is reminded after ${listed(days.map(String))} ${days.at(-1) === 1 ? "day" : "days"}.`,
    none: "Nobody is reminded.",
    /** Of what an admin at the client has to approve at Facebook. */
    approval: (who: string, day: string) => `${who || "Who shared it"} is reminded of the approval ${day}.`,
    change: "Change",
    changeOf: (client: string) => `Change the reminders of ${client}`,
    title: (client: string) => `Reminders for ${client}`,
    text:
      "The people you invited get an email while nobody has finished, at nine in the morning. Never after the link " +
      "has ended, and not if they said that it was not meant for them.",
    on: "Remind who has not finished",
    days: "Days after the invitation",
    hint: "Separate them with commas.",
    missing: "Enter a day, or switch the reminders off.",
    notDays: (last: number) => `Enter days from 1 to ${last}: the link works for a month.`,
    tooMany: (most: number) => `At most ${most} reminders.`,
    save: "Save",
    saved: "The reminders are changed.",
  },
  /** The accounts that a question is about. */
  connectedNames: {
    list: "What they connected",
    more: (n: number) => `and ${n} more`,
  },
  confirmDeleteClient: {
    title: (client: string) => `Delete everything about ${client}?`,
    text:
      "This deletes the request, the people in it, the accounts they connected and this agency’s access to them: " +
      "here, on every computer of the agency and on the relay. You cannot undo it.",
    note: "Some access can only be ended at the platform itself. The receipt that the client got says how.",
    type: (client: string) => `Type ${client} to confirm`,
    yes: "Delete this client’s data",
  },
  resendDialog: {
    title: (client: string) => `Resend the email to ${client}`,
    text: "It has the same link, valid until the same day. An address gets at most one email a minute.",
    yes: "Resend",
    everybody: "Choose at least one address.",
  },
  details: {
    title: "Request details",
    requested: (day: string) => `Requested ${day}`,
    services: "Services and accounts",
    checked: (ago: string) => `checked ${ago}`,
    to: (business: string) => `to ${business}`,
    notYet: "nothing yet",
    notProvided: "not provided",
    reason: (text: string) => `“${text}”`,
    declined: (who: string) => `${who || "Somebody"} cannot do this`,
    declinedNext:
      "Nothing is closed: the link works on, and connecting something undoes it. Nobody is reminded until then.",
    recipients: "Recipients and delivery",
    linkOnly: "No email was sent. You share the link yourself.",
    linkUsed: "No email was sent. These people opened the link and said who they are:",
    byLink: "by the link",
    checkWords: "check words",
    message: "Message",
    timeline: "Timeline",
    showAll: (n: number) => `Show all ${n}`,
    showLess: "Show less",
    validUntil: (exact: string) => `The link works until ${exact}.`,
    expired: (exact: string) => `The link expired on ${exact}.`,
    deadLink: "The link no longer works.",
    completedBy: (name: string, email: string) => `Completed by ${name} (${email})`,
    /** While nothing has arrived. */
    finishedBy: (name: string, email: string) => `Finished by ${name} (${email}); nothing has arrived yet`,
    unconfirmed: "as typed, not confirmed",
    confirmed: "used the link in the email to that address",
    waits: "Waits for the network",
    refused: "Your relay refused this change",
    blocked: "Something on the way to your relay refused this change",
    edit: "Edit",
    retry: "Send again",
    discard: "Discard",
    copyLink: "Copy link",
    asks: (user: string, business: string) => `Facebook access goes to ${user}, Business Manager ${business}.`,
    asksFor: (what: string) => `Asked for: ${what}.`,
  },
  problem: {
    since: "Since",
    says: (platform: string) => `${platform} says`,
    who: "Who can fix",
    next: "Next",
    found: "The check found",
    noCode: {
      share_removed: "no longer in its list of what is shared with you",
      level_lowered: "only the right to see results is left",
      credential_refused: "the sign-in is no longer valid",
    } as Record<string, string>,
    connectedBy: (who: string, by: string) => `${who}. ${by} connected it.`,
    details: "Copy details",
    fix: {
      check: () => "Check now",
      request: () => "Request it again",
      repair: () => "Repair link",
      note: (name: string) => (name ? `Copy a note for ${name}` : "Copy a note"),
      users: () => "Sign in again",
      connect: () => "Connect it again",
      open: () => "Open Business settings",
    } satisfies Record<Exclude<Fix, "">, (name: string) => string>,
    noteCopied: "The note is copied. Paste it into an email or a chat.",
    someone: "Something that was shared does not work.",
  },
  repair: {
    label: "Repair link",
    title: (name: string) => `Have ${name} repaired`,
    lead:
      "The client gets a link to this account alone and reads there what happened. The request, its history and " +
      "everything else stay as they are. The link closes itself once a check passes.",
    to: "Send the link to",
    people: "Who has to do with this request",
    person: (name: string, connected: boolean) => (connected ? `${name} (connected it)` : name),
    nobodyKnown: "Nobody of this request is known any more. Enter an address, or copy the link.",
    enterAddress: "Enter an address, or copy the link.",
    send: "Send link",
    copy: "Copy link",
    close: "Close the link",
    closed: "The link is closed: it leads to nothing any more.",
    opened: (day: string) => `opened ${day}`,
    state: {
      sent: (day: string, to: string) => `Repair link sent ${day} to ${to}`,
      queued: (_: string, to: string) => `Repair link on its way to ${to}`,
      refused: (_: string, to: string) => `Repair link: ${to} refused the email`,
      /** There was nothing to repair when it was due, or they want no emails. */
      unsent: (_: string, to: string) => `Repair link: no email was sent to ${to}`,
      copied: (day: string, _: string) => `Repair link copied ${day}`,
    },
    copied: (n: number) => (n === 1 ? "Repair link copied." : `${n} repair links copied.`),
    sent: (n: number) => (n === 1 ? "The repair link is on its way." : `${n} repair links are on their way.`),
    unsent: {
      limit: (n: number, name: string) =>
        `${n === 1 ? `The link for ${name} was` : `${n} links were`} not sent: enough emails went there today. ` +
        "Copy it instead.",
      suppressed: (n: number, name: string) =>
        `${n === 1 ? `The link for ${name} was` : `${n} links were`} not sent: the address asked for no emails. ` +
        "Copy it instead.",
      not_theirs: (n: number, name: string) =>
        `${n === 1 ? `${name} needs` : `${n} accounts need`} something else than a repair link: see there what helps.`,
      ended: (n: number, name: string) => `${n === 1 ? `${name} was` : `${n} accounts were`} ended meanwhile.`,
    },
    working: (n: number) => (n === 1 ? "One account works meanwhile." : `${n} accounts work meanwhile.`),
    lost: (n: number) =>
      `${plural(n, "account")} ${n === 1 ? "is" : "are"} on no other computer: nobody can use or check ` +
      `${n === 1 ? "it" : "them"}. Have the clients connect ${n === 1 ? "it" : "them"} again.`,
    sendAll: (n: number) => (n === 1 ? "Send the repair link" : `Send all ${n} repair links`),
    noAddress: (n: number) =>
      `${n === 1 ? "Of one account nobody’s address is known" : `Of ${n} accounts nobody’s address is known`}: ` +
      "copy " +
      `${n === 1 ? "its link" : "their links"}.`,
    copyAll: (n: number) => (n === 1 ? "Copy the repair link" : "Copy all"),
  },
  item: {
    ended: "Access ended",
    withdrawn: "Withdrawn",
    /** Below it, while it has not ended. */
    withdrawnOn: (when: string) =>
      `The client withdrew it on ${when}. Latchkey ends the access by itself, on a computer that has its credential.`,
    connected: "Connected",
    waiting: "Waiting",
    failed: "Failed",
    sharing: "Being shared",
    attention: "Needs attention",
    confirmed: (who: string) => `Confirmed by ${who || "a person"}, not checked`,
  },
  /** The relay's mail server takes no emails. */
  mailFails: {
    main: (since: string) =>
      `Emails have been waiting since ${since}: your relay’s mail server takes none. They go out by themselves when ` +
      "it works again. Tell whoever runs the relay. Links that you copy work.",
    sub: (since: string) =>
      `Emails have been waiting since ${since}, those to your clients too. They go out by themselves when your ` +
      "relay’s mail server works again. Links that you copy work.",
    recipient: "Waits for your relay’s mail server",
  },
  recipient: {
    waiting: "Waits for the network",
    queued: "On its way",
    not_sent: "Not sent: your relay was restored or paused first",
    notSentEnded: "Not sent: the link had ended",
    delayed: "Delayed by a mail server; will be retried",
    sent: (at: string) => `Sent ${at}`,
    unseen: (at: string) => `No sign that it arrived · sent ${at}`,
    reminds: (day: string) => `reminds ${day}`,
    again: "Send it again",
    another: "Another address",
    opened: (at: string) => `Opened ${at}`,
    failed: "Failed",
    failedWith: (words: string) => `Failed: ${words}`,
    stopped: "Wants no more email",
    /** What a colleague asked them to look after; without who that was, it was forgotten. */
    handed: (what: string[], by: string) => `For ${listed(what)}, asked by ${by || "a colleague"}`,
    scoped: "Their link opens just that.",
    /** Of a service that nobody but they are asked for now. */
    with: (who: string) => `with ${who}`,
    meant: (meaning: string, words: string) => `${meaning} (${words})`,
    /** What a mail server's refusal means and what to do, by the code of RFC 3463 behind "5." */
    replies: {
      "1.1": "There is no such mailbox. Correct the address.",
      "1.2": "There is no such domain. Correct what is behind the @.",
      "1.3": "It is not written like an address. Correct it.",
      "1.10": "This domain takes no email. Use another address.",
      "2.1": "This mailbox takes no email. Use another address.",
      "2.2": "The mailbox is full. Send it again later, or use another address.",
      "7.1": "Their server did not let it through. Use another address, or send the link yourself.",
    } as Record<string, string>,
  } satisfies Record<Exclude<RecipientState, "sent" | "opened">, string> & Record<string, unknown>,

  form: {
    step1: "Request",
    step2: "Send",
    client: "Client",
    message: "Message to the client",
    messageHint: "If empty, the default message is used.",
    services: "Services you ask for",
    enterClient: "Enter the client’s name.",
    clientTooLong: (most: number) => `This is longer than ${most} characters. Shorten it.`,
    pickOne: "Choose at least one service: without one there is nothing to ask for.",
    asksTo: { advertise: "to advertise and see results", view: "to see results only" },
    alsoAsk: "Also ask for",
    byHand:
      "Most clients have to share catalogues by hand, at Facebook. Their page shows them how, and Latchkey notices " +
      "when it is done.",
    level: "Level",
    levels: { advertise: "Run ads and see results", view: "See results only" },
    user: "Facebook user",
    chooseUser: "Choose a Facebook user",
    business: "Business Manager",
    chooseBusiness: "Choose a Business Manager",
    enterUser: "Choose a Facebook user, or connect one.",
    enterBusiness: "Choose a Business Manager.",
    notAdmin: "not Admin there",
    adminOf: (name: string, n: number, of: number) => `${name} is Admin of ${n} of ${plural(of, "Business Manager")}.`,
    whyGrey: "Why is one greyed out?",
    whyGreyText:
      "The accounts of your client are added to this Business Manager. Facebook lets only an Admin of it do " +
      "that. Somebody who is Admin there can give this user the role, or connect their own Facebook user here.",
    noUser: "To ask for Facebook, connect one of your own Facebook users: the one who gets access.",
    connectUser: "Connect a Facebook user",
    nowhereAdmin: (name: string) =>
      `${name} is not Admin of any Business Manager, so you cannot ask for Facebook. An Admin can change the ` +
      "role in Meta Business settings, or connect their own Facebook user.",
    notHere: "Connected on another computer: this one cannot check what is shared.",
    preview: "Preview",
    email: "Email",
    landing: "Landing page",
    wizard: "Wizard",
    light: "Light",
    dark: "Dark",
    from: "From",
    replyTo: "Reply to",
    subject: "Subject",
    brandOn: "Your brand is on.",
    brandOff: "Your brand is off: clients see a neutral design without the name Latchkey.",
    changeBrand: "Change it in Collaboration Settings",
    seeBrand: "See it in Collaboration Settings",
    draft: "Draft kept on this computer",
    discard: "Discard",
    save: "Save your request",
    saved: "Request saved.",
    savedUntil: (day: string) => `The link works until ${day}.`,
    savedOffline: "It is sent to your relay once that can be reached. The link is made then, and works for a month.",
    savedSoon: "It is being sent to your relay.",
    recipients: "Recipients",
    recipientsPlaceholder: "name@company.example",
    recipientsHint: "Separate them with commas, semicolons or new lines, or paste a list.",
    nameNotKept: "Only addresses are kept: who opens the link says their name.",
    leaveTitle: "Leave without sending?",
    leave: "Leave without sending",
    leaveText: (addresses: string[]) => `Nothing was sent to ${listed(addresses)} yet, and the list is not kept.`,
    remove: (address: string) => `Remove ${address}`,
    editAddress: (address: string) => `Correct ${address}`,
    notFull: (addresses: string[]) =>
      `${listed(addresses)} ${addresses.length === 1 ? "is not a full address" : "are not full addresses"}.`,
    failedBefore: (addresses: string[]) => `Email to ${listed(addresses)} was refused before.`,
    double: "One address is in the list more than once and gets one email.",
    doubleMany: (n: number) => `${n} addresses are in the list more than once and get one email each.`,
    send: "Send Email",
    each: "Each person gets their own email.",
    tooMany: (n: number, most: number) =>
      `One request goes to at most ${most} addresses, and ${n} are in the list. Remove ${n - most}, or make a ` +
      "second request.",
    enterAddress: "Enter an email address.",
    correct: "Correct or remove the marked addresses first.",
    orShare: "or share the link yourself",
    link: "Link",
    noLink: "The link is made when your relay has the request.",
    copyLink: "Copy link",
    asked: "What is asked",
    goes: (user: string, business: string) => `Facebook access goes to ${user}, Business Manager ${business}.`,
    goesByHand: (business: string) => `The client shares at Facebook by hand, with Business Manager ${business}.`,
    way: "How the client gives it",
    waySignIn: "With a sign-in at Facebook",
    wayByHand: "By hand in their Business settings",
    byHandHint:
      "The client adds your Business Manager as a partner and tells the name of what they shared. That needs no app, " +
      "so it works before Meta has approved your relay’s.",
    onlyByHand:
      "Your relay has no app at Facebook, so the client shares by hand: they add your Business Manager as a partner " +
      "and tell the name of what they shared.",
    businessID: "Id of your Business Manager",
    businessName: "Its name",
    businessHint:
      "Business settings shows both at Business info. Where a Facebook user who is Admin there is connected, " +
      "Latchkey finds what arrives. Otherwise you confirm it yourself.",
    otherBusiness: "Type another Business Manager",
    ofUser: "Choose a Business Manager of a connected Facebook user",
    noAdminByHand: (user: string) => `${user} is not Admin there, so you confirm yourself what has arrived.`,
    enterBusinessID: "Enter the id of your Business Manager.",
    businessIDDigits:
      "Enter the id of your Business Manager: digits only. Business settings shows it at Business info.",
    enterBusinessName: "Enter the name of your Business Manager.",
    later: "You can add recipients later. The request itself can no longer change after the first email.",
    sentTo: "Sent to",
    edit: "Edit the request",
    title: "Request onboarding",
    sendTitle: (client: string) => `Request onboarding · ${client}`,
    editTitle: "Edit the request",
    resumed: "Your draft is back.",
    counter: (n: number, most: number) => `${n.toLocaleString("en-GB")} / ${most.toLocaleString("en-GB")}`,
    notOffered: "not set up on your relay",
    notOfferedText: (operator: string) =>
      operator
        ? `Your relay is not set up for this. ${operator} runs the relay and can switch it on.`
        : "Your relay is not set up for this. Who runs the relay can switch it on.",
    notOfferedMain: (contact: string) => (contact ? `Write to ${contact}.` : ""),
    notOfferedSub: (mains: string[], contact: string) =>
      (mains.length > 0 ? `Tell a main user of your agency: ${listed(mains)}.` : "Tell a main user.") +
      (contact ? ` The relay’s contact is ${contact}.` : ""),
  },

  named: {
    title: (kind: string, name: string) => `Which ${kind} is “${name}”?`,
    arrived: (name: string) => `Has ${name} arrived?`,
    find: "Find it",
    has: "Has it arrived?",
    client: "The client",
    lead: (who: string, kind: string) =>
      `${who} typed this name or id of an asset (${kind}) and shares it in Business settings, by hand.`,
    which: "Which of these is it?",
    nothing: (named: boolean, read: string) =>
      (named ? "Nothing like it is among what your Business Manager was given" : "It is not checked yet") +
      (read ? `, as of ${read}.` : ". The list was not read yet.") +
      " It is looked for by itself.",
    looked: (at: string, n: number) =>
      `Looked at ${at}: ` +
      (n === 0 ? "nothing like it has arrived yet." : n === 1 ? "one may be it." : `${n} may be it.`),
    lookedHere: (at: string) => `Looked at ${at}: it has not arrived yet.`,
    noUser:
      "No Facebook user who is Admin of the Business Manager is connected on this computer, so Latchkey cannot look. " +
      "Look in Business settings. If you see it there, confirm it.",
    check: "Look now",
    choose: "This is it",
    confirm: "Confirm without a check",
    confirmHint:
      "Confirm it only if you see it in Business settings: it then counts as connected, marked as not checked, and " +
      "the requester is told. You can take that back here.",
    unconfirm: "Take the confirmation back",
    confirmedBy: (who: string, when: string) => `${who || "A member"} confirmed it on ${when}. No check has shown it.`,
    chosen: (typed: string, name: string) => `${typed} is ${name}`,
    confirmed: (name: string) => `${name} is confirmed, not checked`,
    unconfirmed: (name: string) => `${name} waits again`,
    here: (name: string) => `${name} has arrived`,
    more: (n: number) => `Show ${n} more`,
    why: {
      before: "It fits, and may have been there before this request.",
      taken: "It fits, and is your agency’s own.",
      several: "It fits, and so does another one.",
      other: "It fits, and another client may mean it too, or can still share.",
      near: "Its name is similar.",
      new: "It is new since this request. Nobody named it.",
      wrong: "Somebody of your agency said that it is not this one. You can choose it all the same.",
      same: "This request has it already. Choose it if the client typed the same one twice.",
    } as Record<CandidateReason, string>,
    whyOf: {
      taken: (client: string) => `It fits, and ${client} has shared it already.`,
      other: (client: string) => `It fits, and ${client} has named it too.`,
    } as Partial<Record<CandidateReason, (client: string) => string>>,
    typed: (text: string, who: string) =>
      who
        ? `The client typed “${text}”. ${who} chose this one.`
        : `The client typed “${text}”. It was found by itself.`,
    wrong: "That was the wrong one",
    undone: (text: string) => `“${text}” waits again`,
  },

  checkup: {
    title: "How your relay is",
    mainOnly: "Only main users see how the relay is.",
    asking: "The relay examines itself …",
    older: "This relay is an older one: it does not examine itself. That says nothing about how it is.",
    good: (operator: string) => `${operator} runs your relay. It has examined itself, and nothing needs care.`,
    wrong: (operator: string) =>
      `${operator} runs your relay and can mend this: the command latchkey-relay doctor says how.`,
    unknown: (operator: string) =>
      `${operator} runs your relay. It has examined itself, and could not find out how it is.`,
    checked: (at: string) => `Examined ${at}.`,
    again: "Examine again",
    lines: {
      database: {
        ok: () => "Its database is sound.",
        wrong: () => "Its database is damaged, or does not answer.",
        unknown: () => "Its database is too large to be read through here.",
        next: () => "What clients share may be lost. Send nothing before it is mended.",
      },
      key_file: {
        ok: () => "Its key file is there, and nobody else can read it.",
        wrong: () => "Its key file cannot be read, or others can read it.",
        unknown: () => "Whether its key file is safe could not be found out.",
        next: () => "Whoever has the key file can make links to your requests.",
      },
      disk: {
        ok: () => "Its disk has enough space.",
        wrong: () => "Its disk is nearly full.",
        unknown: () => "How much space its disk has could not be found out.",
        next: () => "On a full disk nothing that clients share can be stored.",
      },
      backup: {
        ok: () => "It was backed up in the last seven days.",
        wrong: () => "The relay has written no backup in the last seven days.",
        unknown: () => "Its backups are made by another program, which the relay does not see.",
        next: () =>
          "If its disk fails, requests and what your team set up are lost. Credentials are on your computers.",
      },
      clock: {
        ok: () => "Its clock is right.",
        wrong: () => "Its clock is not kept right.",
        unknown: () => "Whether its clock is kept right could not be found out.",
        next: () => "Links and codes may end too early or too late.",
      },
      mail: {
        ok: () => "Its mail server takes emails.",
        wrong: () => "Its mail server takes no emails now.",
        unknown: () => "Whether its mail server takes emails could not be found out.",
        next: () => "Emails wait and go out later. Until then copy links and send them yourself.",
      },
      sender: {
        ok: () => "Its emails can be told from forged ones.",
        wrong: () => "Its emails cannot be told from forged ones.",
        unknown: () => "Whether its emails can be told from forged ones is seen only where they arrive.",
        next: () => "They may arrive as spam. Ask clients to look there, or copy links and send them yourself.",
      },
      app: {
        ok: (service: string) => `${service} knows its app.`,
        wrong: (service: string) => `${service} refuses its app.`,
        unknown: (service: string) => `Whether ${service} knows its app could not be found out now.`,
        next: (service: string) => `Clients cannot sign in there. Leave ${service} out of requests until it is mended.`,
      },
    },
  },
  preflight: {
    title: "Before you send",
    checking: "Checking what the client will need …",
    ready: "Checked: the client can begin as soon as they have the link.",
    others: (n: number) => (n === 1 ? "1 other check passed." : `${n} other checks passed.`),
    again: "Look again",
    notChecked: "This could not be checked now. You can send all the same.",
    stops: "First mend what is marked above.",
    notSent: "Nothing was sent: the client could not do what you ask for.",
    notSentOf: (client: string) => `Nothing was sent to ${client}: they could not do what you ask for.`,
    linkStops: "Not yet: with this link the client could not do all that you ask for. See above.",
    signIn: "Sign in again",
    openBusiness: "Open Business settings",
    unlock: "Unlock",
    team: "Show computers",
    accounts: "Show in Accounts",
    copyLink: "Copy link",
    runner: "whoever runs the relay",
    says: (reply: string) => `It says: ${reply}`,
    write: (contact: string) => (contact ? ` Write to ${contact}.` : ""),
    sentence: {
      not_admin: (user: string, business: string) => `${user} is no longer Admin of ${business}.`,
      no_business: (user: string, business: string) => `${user} is no longer in ${business}.`,
      role_unknown: (user: string, business: string) =>
        `Facebook does not say now whether ${user} is still Admin of ${business}.`,
      elsewhere: (user: string, business: string) =>
        `Whether ${user} is still Admin of ${business} can be checked only where they signed in.`,
      keychain: (user: string, business: string) =>
        `Not checked: whether ${user} is still Admin of ${business}. This computer’s keychain does not open.`,
      sign_in_ended: (user: string) => `The sign-in of ${user} at Facebook has ended.`,
      sign_in_ends: (user: string, day: string) =>
        `The sign-in of ${user} at Facebook ends on ${day}, before the link does.`,
      no_user: (_: string, business: string) => `No Facebook user who is Admin of ${business} is connected here.`,
      not_offered: (service: string) => `Your relay is not set up for ${service}.`,
      app_broken: (service: string) => `${service} does not accept your relay’s app at the moment.`,
      platform_down: (service: string) => `${service} does not answer now.`,
      no_mail: "Your relay cannot send email.",
      mail_down: "The mail server of your relay takes no email now.",
      unreachable: (address: string) => `Nothing answers this computer at ${address}, where the link leads.`,
      other_relay: (address: string) => `At ${address}, where the link leads, something else answers.`,
      certificate: (address: string) => `This computer does not get the relay’s own certificate at ${address}.`,
      no_device: "No computer can receive what the client shares.",
      restored: "A backup of your relay was restored, and that is not confirmed yet.",
      offline: "Not checked: your relay cannot be asked now.",
    },
    next: {
      not_admin: (user: string) =>
        `The client could share nothing with it. An Admin there can give ${user} the role back; or choose another ` +
        "Business Manager.",
      no_business: (user: string) =>
        `The client could share nothing with it. An Admin there can add ${user} again; or choose another Business ` +
        "Manager.",
      role_unknown: "Look again in a minute. Without the role, the client can share nothing at Facebook.",
      elsewhere: "Look there before you send, if you are not sure.",
      keychain: "Choose Unlock, and enter your login password when your system asks for it.",
      sign_in_ended: "What the client shares could not be checked. Sign in again; everything else stays.",
      sign_in_ends: "Sign in again now, and it lasts longer than the link.",
      no_user: "What the client shares cannot be checked here: you confirm it yourself.",
      not_offered: (operator: string) => `Take it out of the request, or ask ${operator} to switch it on.`,
      not_offered_sent: (operator: string) => `The client can skip it. ${operator} can switch it on.`,
      app_broken: (operator: string) => `Clients cannot sign in there until ${operator} has repaired it.`,
      platform_down: "The client can do everything else meanwhile; the link works for a month.",
      no_mail: (operator: string) => `Copy the link and send it yourself, or ask ${operator} for a mail server.`,
      mail_down: (operator: string) =>
        `Emails wait and go out by themselves. ${operator} can see in the relay’s log why.`,
      unreachable: (operator: string) =>
        `Open it on a phone, for example. If nothing comes there either, tell ${operator} before you send.`,
      certificate: (operator: string) =>
        "A network that looks into what goes through it does that, too. Open the link on a phone that is not in this " +
        `network. If it warns you there as well, tell ${operator} before you send.`,
      other_relay: (operator: string) => `Clients would come to it. ${operator} has to correct the relay’s address.`,
      no_device: "Enrol a computer of the person whose request it is, or share requests in your agency.",
      restored: "Nothing is received until Latchkey is opened by a main user of your agency.",
      offline: "What you send waits until then. The relay refuses what would lead nowhere, and you see why.",
    },
  },

  history: {
    whole: (n: number) => `Nothing was removed or changed in this history (${plural(n, "entry", "entries")}).`,
    notWhole: "This history is not as it was recorded.",
    removed: (from: number, to: number) =>
      from === to ? `Entry ${from} was removed.` : `Entries ${from} to ${to} were removed.`,
    changed: (n: number) => `Entry ${n}, or the one before it, was changed.`,
    unsigned: "Its end was not written by the relay.",
    rewritten: (n: number, seen: string) =>
      `Entry ${n} is not the one that this computer has seen before${seen ? ` (${seen})` : ""}. A restored backup ` +
      "can be the reason.",
    resubmitted: (when: string) =>
      `A restored relay had lost all or some of this request. A computer of your agency gave it back on ${when}: ` +
      "entries that are new before that are as it had them. Nothing was restored? Ask who gave it back.",
    accepted: (who: string, when: string) =>
      `A restored relay had lost entries. ${who || "A main user"} accepted that on ${when}.`,
    accept: "Accept what is missing…",
    acceptTitle: "Accept what the restore lost",
    acceptText:
      "Accept this only where a backup of the relay was restored. Your name and the time become an entry of the " +
      "history, and it is shown in order again. What is missing stays missing.",
    acceptYes: "Accept",
    acceptDone: "Accepted.",
    lost: (n: number) => `Missing, as this computer knew it (${plural(n, "entry", "entries")}):`,
    lostUnknown: "This computer has seen that entries are missing, and does not know which.",
    next: (operator: string, id: string) =>
      `Ask ${operator} whether a backup was restored, and what "latchkey-relay audit verify --request ${id}" says.`,
    unread: "The history could not be verified now.",
    code: "Code of its last entry:",
    export: "Export as JSON",
    exported: (path: string) => `Saved as ${path}.`,
  },

  home: {
    hello: {
      morning: (n: string) => `Good morning, ${n}`,
      afternoon: (n: string) => `Good afternoon, ${n}`,
      evening: (n: string) => `Good evening, ${n}`,
    },
    todos: "Needs you today",
    atLeast: (n: number) => `${n}+`,
    todosCut: (n: number) => `These are ${n} of each kind at most.`,
    todosAll: "Show every request that needs attention",
    begin: "Begin here",
    beginCount: (done: number, all: number) => `${done} of ${all} done`,
    beginHide: "Hide this list",
    beginFacebook: "Connect a Facebook user",
    beginFacebookText: "The user who gets access: an Admin of one of your Business Managers",
    beginBrand: "Show your brand",
    beginBrandText: "Logo, company name and colour in emails and pages",
    beginRequest: "Send a first request to yourself",
    beginRequestText: "Your own address is filled in: you see what your clients will see",
    beginInvite: "Invite a colleague",
    beginInviteText: "They see what you share with them, each on their own computer",
    beginDone: "done",
    todosNothing: "Nothing to do.",
    todosNone: "Nothing to do. All shared access works.",
    recent: "Recent",
    recentNone: "What your clients do appears here.",
    showAll: "Show all",
    expiring: "Expiring soon",
    expiringNone: "No link ends in the next seven days.",
    resendAll: (n: number) => (n === 1 ? "Resend it" : `Resend to all ${n}`),
    chart: "Last 30 days",
    sent: "made",
    connected: "connected",
    chartLabel: (sent: number, connected: number) =>
      `In the last 30 days: ${plural(sent, "request")} made, ${connected} connected.`,
    chartNone: "No request was made in the last 30 days.",
    chartSentence: (sent: number, connected: number) =>
      connected === 0
        ? `${plural(sent, "request")} made, none connected yet.`
        : `${plural(sent, "request")} made, ${connected} connected.`,
    today: "today",
    show: "Show it",
    correctAddress: "Correct the address",
    compare: "Compare",
    remind: "Remind them",
    emailRefused: (address: string) => `The email to ${address} was refused`,
    serverSays: (client: string, words: string) => `${client} · their server says: ${words}`,
    serverMeans: (client: string, meaning: string) => `${client} · ${meaning}`,
    entryRefused: (client: string) => `A change for ${client} was refused`,
    deviceWaits: (name: string, n: number) => `${name} waits for ${plural(n, "credential")}`,
    asked: (ago: string) => `Asked ${ago} · compare one number on both screens`,
    broken: (client: string, name: string) => `${name} of ${client} does not work`,
    waits: (client: string, name: string) => `${name} of ${client} waits`,
    since: (when: string) => `since ${when}`,
    unseen: (address: string) => `No sign that ${address} got the email`,
    unchecked: (user: string, accounts: number, since: string, next: string) =>
      [user, notChecked(accounts, since), next.replace(/\.$/, "")].filter(Boolean).join(" · "),
    userEnds: (name: string, day: string) =>
      day ? `The Facebook sign-in of ${name} ends on ${day}` : `The Facebook sign-in of ${name} has ended`,
    webhookOff: (name: string) => `The webhook ${name} was switched off`,
    domainLost: (name: string) => `Links no longer open at ${name}`,
    domainLostLine: "Its records were wrong for a day. New links have the relay’s own address; see what to set",
    operator: {
      renamed: (before: string, _: number) => `Your agency was renamed; it was ${before}`,
      removed_member: (name: string, _: number) => `${name} was removed from your agency`,
      issued_code: (name: string, n: number) =>
        n > 1 ? `${name}: ${n} codes for more computers were made` : `${name}: a code for one more computer was made`,
    },
    operatorLine: (when: string) => `${when} · by whoever runs your relay: ask them if you did not expect it`,
    webhookOffLine: "See there why, send a test, and switch it on again if it is still wanted",
    userEndsLine: "Sign in again. What clients shared stays shared",
    unseenLine: (client: string, sent: string) => `${client} · sent ${sent} · try another address, or copy the link`,
    anotherAddress: "Another address",
    sealed: (name: string, client: string) =>
      `The access to ${client ? `${name} of ${client}` : name} did not arrive intact`,
    sealedLine: (relay: string) =>
      `What ${relay} sent belongs to another account or computer, so Latchkey did not take it. Tell whoever runs it.`,
    lostComputer: (name: string) => `${name} is gone`,
    lost: (name: string) => `Your relay no longer knows ${name}`,
    lostLine: "The relay was restored from an older backup. Connect it again if you use it.",
    withdrew: (client: string, name: string) => `${client} withdrew ${name}`,
    withdrewLine: "Not ended yet · start a computer that has its credential",
    withdrewSignIn: (user: string) => `Not ended yet · sign in again here as ${user}`,
    linkAsked: (client: string) => `${client} asks for a new link`,
    linkAskedLine: (when: string, invited: boolean) =>
      `Asked ${when} · ${invited ? "it goes to the people you invited" : "nobody was invited by email: copy it"}`,
    renewSend: "Renew and send",
    renew: "Renew",
    resend: "Resend",
    notNeeded: "Not needed",
    notNeededHint: (name: string) => `${name} is not needed any more`,
    more: (n: number) => `Show ${n} more`,
    less: "Show less",
    notOpened: "not opened yet",
    noSign: "no sign that the email arrived",
    openedNothing: (day: string) => `opened ${day}, nothing connected`,
  },

  event: {
    saved: "Request saved",
    edited: "Request edited",
    sent: (d: string) => `Email sent to ${d}`,
    reminded: (d: string) => `Reminder sent to ${d}`,
    email_refused: (d: string) => `Email to ${d} refused`,
    opened: "Grant Permission Now was pressed",
    started: (who: string) => `${who || "Somebody"} started`,
    item_connected: (who: string, d: string) => `${who || "Somebody"} connected ${d}`,
    item_waiting: (d: string) => `${d} is waiting`,
    item_named: (who: string, d: string) => `${who || "Somebody"} shares ${d} by hand`,
    item_unnamed: (who: string, d: string) => `${who || "Somebody"} took back ${d}`,
    item_found: (who: string, d: string, typed: string) => {
      const what =
        typed && !d.startsWith(`${typed} (`) && typed !== d
          ? `${d} has arrived: “${typed}” is that`
          : `${d} has arrived`;
      return who ? `${what}; ${who} chose it` : `${what}; it was found by itself`;
    },
    match_undone: (who: string, d: string, typed: string) =>
      `${who || "Somebody"} took back that ${typed ? `“${typed}”` : "it"} is ${d}`,
    item_confirmed: (who: string, d: string) => `${who || "Somebody"} confirmed that ${d} has arrived, without a check`,
    unconfirmed: (who: string, d: string) => `${who || "Somebody"} took back that ${d} has arrived`,
    item_failed: (d: string) => `${d} could not be shared`,
    skipped: (who: string, d: string) => `${who || "Somebody"} skipped ${d}`,
    declined: (who: string) => `${who || "Somebody"} declined the request`,
    /** The client's word: nobody else saw that page. */
    error_page: (who: string, platform: string, said: string, words: string) => {
      const by = who ? `${who} says` : "The client says";
      if (words) return `${by} that a page of ${platform} said: “${words}”`;
      return `${by} that ${errorPages[said]?.(platform) ?? `a page of ${platform} said something else`}`;
    },
    finished: (who: string) => `${who || "Somebody"} finished`,
    finished_waiting: (who: string) => `${who || "Somebody"} finished; everything is still waiting`,
    finished_part: (who: string) => `${who || "Somebody"} finished their part`,
    handed_over: (who: string, d: string, what: string[]) =>
      `${who || "Somebody"} asked ${d} to look after ${listed(what)}`,
    handed_more: (who: string, d: string, what: string[]) =>
      `${who || "Somebody"} asked ${d} to look after ${listed(what)}, too`,
    handed_over_part: "a part of the request",
    handed_over_colleague: "a colleague",
    finished_empty: (who: string) => `${who || "Somebody"} finished without connecting anything`,
    completed: (who: string) => (who ? `Connected: ${who} confirmed it, without a check` : "Connected"),
    expired: "The link expired",
    renewed: "Renewed: a new link",
    link_asked: (who: string) => `${who || "Somebody"} asked for a new link`,
    link_sent_again: (d: string) => `An older link was opened; the newest was sent to ${d} again`,
    reopened: "Reopened",
    withdrawn: "Withdrawn",
    suppressed: (d: string) => `${d}: “This was not meant for me”`,
    access_broken: (d: string) => `Access to ${d} stopped working`,
    access_works: (d: string) => `${d} works`,
    access_withdrawn: (who: string, d: string) => `${who || "Somebody"} withdrew ${d}`,
    withdrawal_done: (who: string, d: string) =>
      `The access to ${d} ended, as the client had withdrawn it${who ? `: ${who}’s computer carried it out` : ""}`,
    unawaited: (who: string, d: string) => `${who || "Somebody"} no longer waits for ${d}, which had not arrived`,
    client_ended: (who: string) => `${who || "Somebody"} ended this client`,
    access_ended: (who: string, d: string) => `${who || "Somebody"} ended the access to ${d}`,
    repair_prepared: (who: string, d: string) => `${who || "Somebody"} prepared a link to repair ${d}`,
    repair_sent: (d: string) => `Repair link sent to ${d}`,
    repair_withdrawn: (who: string, d: string) =>
      who ? `${who} closed the link to repair ${d}` : `The link to repair ${d} was closed`,
    repaired: (d: string) => `${d} works again: its repair link is closed`,
    people_forgotten: "Names and addresses were deleted, as planned",
    resubmitted: (who: string) =>
      `Given back by ${who ? `${who}’s computer` : "a computer of yours"}: ` +
      "a restored relay had lost all or some of it",
    history_accepted: (who: string) => `${who || "Somebody"} accepted that a restored relay had lost entries`,
    credential_fetched: (who: string, d: string) =>
      `${who ? `${who}’s computer` : "A computer of yours"} fetched the credential of ${d}`,
    credential_passed_on: (who: string, d: string) =>
      `The credential of ${d} was passed on to ${who ? `${who}’s new computer` : "a new computer of yours"}`,
    renewal_failed: (platform: string, d: string) => `${platform} refused to renew the credential of ${d}`,
    renewal_works: (platform: string, d: string) => `${platform} renews the credential of ${d} again`,
    reported: "Somebody pressed Report",
  },

  accounts: {
    title: "Accounts",
    lead: "Everything you can use: what clients shared with you, and what you connected yourselves.",
    export: "Export CSV",
    connect: "Connect an account",
    search: "Search accounts, clients, ids",
    platform: "Platform",
    managed: "Managed",
    yesNo: "Yes and No",
    yes: "Yes",
    no: "No",
    needAttention: (n: number) => (n === 1 ? "needs attention" : "need attention"),
    columns: {
      account: "Account",
      client: "Client",
      managed: "Managed",
      state: "State",
      access: "Access",
      check: "Last check",
    },
    caption: "Accounts",
    count: (n: number) => plural(n, "account"),
    cameByRequest: "came through a request",
    connectedBy: (agency: string) => `connected by ${agency}`,
    nextCheck: (soon: string) => `Next check ${soon}`,
    empty: { title: "No account yet", text: "What a client shares appears here at once." },
    noMatch: (typed: string) => `No account matches “${typed}”.`,
    noFilter: "No account matches these filters.",
    never: "not yet",
    checkAll: "Check now",
    access: { works: "Works", waiting: "Waits", broken: "Stopped working", "": "Not checked yet" },
    notHere: "Its credential is not on this computer.",
    unchecked: {
      relay: "Your relay did not answer.",
      keychain: "The keychain of this computer does not open.",
      unclear: "The platform’s answer was unclear. It is checked again in ten minutes.",
    } as Record<string, string>,
    uncheckedSince: (when: string) => (when ? `Not checked since ${when}` : "Not checked yet"),
    uncheckedWhy: (title: string) => (title.endsWith(".") ? title : `${title}.`),
    lastKnown: (accounts: number, since: string) => `${notChecked(accounts, since)}: what is shown is the last result.`,
    showError: (name: string) => `${name} needs attention, show the error`,
    showWaiting: (name: string) => `${name} waits, show why`,
    actions: (name: string) => `Actions for ${name}`,
    showRequest: "Show the request",
    copyId: "Copy the id",
    tasks: { ADVERTISE: "Advertise", ANALYZE: "analyse", MANAGE: "manage", DRAFT: "draft" } as Record<string, string>,
  },

  checks: {
    title: "Last checks",
    gave: (gives: string) => `Until then: ${gives}`,
    show: "Show the last checks",
    of: (when: string, name: string) => `${when}, show the last checks of ${name}`,
  },
  ending: {
    menu: "End access…",
    title: (name: string, what: string) => `End the access to ${name} (${what})?`,
    yes: "End access",
    stays: "What this does not end",
    open: (platform: string) => `Open ${platform}`,
    forever: "You cannot undo this. The client can connect it again.",
    offline: "Your relay cannot be reached. Ending an access needs your relay and the platform. Nothing was changed.",
    running: "Asking the platform to end it…",
    queued: "Your relay does not answer at the moment. This is sent to it as soon as it does.",
    ended: (when: string, who: string) => `Access ended on ${when} by ${who}.`,
    deleted: (when: string, who: string) => `Ended at your agency on ${when}${who ? ` by ${who}` : ""}.`,
    withdrawn: (when: string, ended: string, who: string) =>
      `The client withdrew it on ${when}. The access ended on ${ended}${who ? `, by ${who}’s computer` : ""}.`,
    neverWithdrawn: (when: string) => `The client withdrew it on ${when}. It had not arrived.`,
    never: (when: string, who: string) =>
      `It had not arrived. Your agency no longer waits for it since ${when}${who ? `: ${who} ended that` : ""}.`,
    without: {
      menu: (platform: string) => `End without ${platform}…`,
      title: (name: string, platform: string) => `End the access to ${name} without ${platform}?`,
      yes: "End without it",
      erased: "Latchkey erases the credential on every computer of your agency.",
      client: (platform: string) =>
        `${platform} is not asked. The client reads in their receipt that a user of theirs ends what is left there.`,
      better:
        "If a computer that has the credential is only switched off, start it instead: it ends the access itself.",
    },
  },
  offboarding: {
    menu: "End this client…",
    planTitle: (client: string) => `End ${client}`,
    lead:
      "Open links stop working, each platform is asked to end your access and then whether it has ended, and the " +
      "credentials are erased on every computer of your agency. You get a report to keep.",
    forever:
      "You cannot undo this, nor stop it once it has begun: the links are withdrawn and the platforms asked at once, " +
      "and what a platform has ended only the client can give again. You can send the client a new request " +
      "at any time.",
    offline: "Your relay cannot be reached. Ending a client needs your relay and the platforms. Nothing was changed.",
    nothing: "Nothing of this client is left to end.",
    accounts: "Accounts",
    none: "No account is connected.",
    ending: (n: number, all: number) => (n === all ? `all ${all} end` : `${n} of ${all} end`),
    tick: (name: string) => `End the access to ${name}`,
    way: {
      asked: (platform: string) => `${platform} is asked to end and to confirm it.`,
      by_hand: (platform: string) => `Only a user at ${platform} can end it. The report says how.`,
      nothing: () => "Nothing of it was found here. If it stands in your Business settings, remove it there.",
      kept: (platform: string) => `It stays at ${platform}: something else uses the same access.`,
      not_here: (platform: string) =>
        `Its credential is not on this computer, which cannot ask ${platform}. Tick it to erase the credential ` +
        "everywhere; the client then ends the access.",
    },
    left: "It is left as it is.",
    usedBy: (names: string[]) => `Used by ${listed(names)}.`,
    usedElse: "Something else that the agency has uses it.",
    requests: "Requests",
    requestOf: (day: string) => `Request of ${day}`,
    linkOpen: "Its link is withdrawn.",
    linkOver: "Its link has ended.",
    type: (client: string) => `Type ${client} to confirm`,
    yes: "End this client",
    report: (day: string) => `Report of ${day}`,
    running: "It goes on",
    reports: "Ended before",

    title: (client: string) => `End of access: ${client}`,
    goesOn: (done: number, total: number) => `${done} of ${total} done`,
    close: "You can close Latchkey: it goes on when it is open again.",
    problem: "It cannot go on for now.",
    again: (when: string) => `Latchkey tries again ${when}.`,
    without: (platform: string) => `Go on without ${platform}`,
    withoutHint: "The credential is erased everywhere, and a user there ends the access.",
    outcome: {
      proven: "Gone, confirmed",
      remains: "To be ended there",
      kept: "Kept",
      left: "Left as it is",
      ended_before: "Ended before",
      nothing: "Nothing to end",
      unknown: "Not known",
    },
    unknown: (platform: string) =>
      `This computer no longer sees it. Look at ${platform} whether anything of the access is left.`,
    half: (platform: string) =>
      `Sharing it was begun and not finished. Look at ${platform} whether anything of the access is left.`,
    waits: "Waits",
    asking: "Is asked…",
    confirmed: (when: string) => `Confirmed on ${when}.`,
    answered: (code: string) => `It answered ${code}.`,
    endedBefore: (when: string, who: string) => `Ended on ${when} by ${who}.`,
    withdrawnBefore: (withdrawn: string, when: string, who: string) =>
      `The client withdrew it on ${withdrawn}.${who ? ` Ended on ${when} by ${who}’s computer.` : ""}`,
    all: (n: number) => `The access to ${plural(n, "account")} is gone.`,
    some: (gone: number, n: number) => `The access to ${gone} of ${plural(n, "account")} is gone.`,
    noAccounts: "No account was connected.",
    count: {
      remains: (n: number) => `${n === 1 ? "1 has" : `${n} have`} to be ended by a user at the platform.`,
      kept: (n: number) => `${n === 1 ? "1 stays" : `${n} stay`} since something else uses it.`,
      left: (n: number) => `${n === 1 ? "1 was" : `${n} were`} left as before.`,
      nothing: (n: number) => `${n === 1 ? "1 was" : `${n} were`} only named, and had not arrived.`,
      unknown: (n: number) =>
        `${n === 1 ? "1 is" : `${n} are`} not known: look at the platform whether anything of the access is left.`,
    },
    facts: { agency: "Agency", by: "Ended by", started: "Begun", ended: "Finished" },
    withdrawn: (when: string) => `Withdrawn on ${when}.`,
    over: "Its link had ended before.",
    linkUnknown: "This computer no longer sees it, and does not know whether its link has ended.",
    linkRefused: "Your relay has not withdrawn it: its link may still work. Latchkey goes on trying.",
    history: (n: number, code: string) =>
      `Its history has ${plural(n, "entry", "entries")}, unchanged, with the code ${code}.`,
    historyNot: (n: number, code: string) =>
      `Its history has ${plural(n, "entry", "entries")} and is not as it was recorded; code ${code}.`,
    credentials: "Credentials",
    noDevices: "No computer had a credential of these accounts.",
    noOwnDevices: (who: string) => `None of the computers of ${who} had a credential of these accounts.`,
    ownDevices: "The agency’s other computers are not listed: only a main user sees them.",
    here: "Erased, and looked for in its keychain.",
    elsewhere: "Its copy is erased when it is next online, and it gets no other.",
    seen: (when: string) => `It was last online on ${when}.`,
    still: "A credential is still there.",
    print: "Print or save as PDF",
    save: "Save as file",
    saved: (path: string) => `Saved as ${path}.`,
    kept: "This report is on this computer alone. Deleting the client’s data deletes it, too: save it before that.",
    del: "Delete this report",
    deleted: "The report was deleted.",
    homeTitle: (client: string) => `The end of ${client} is not finished`,
    show: "Show",
  },
  own: {
    pickTitle: "What appears in Accounts",
    pickText:
      "Choose the ad accounts and Pages of this Facebook user that you work with. They appear in Accounts with " +
      "Managed: Yes. What clients share appears there by itself.",
    pickYes: (n: number) => `Show ${n} in Accounts`,
    picked: (n: number) => (n === 0 ? "None of them is in Accounts now." : `${n} in Accounts.`),
    search: "Search ad accounts and Pages",
    none: "This user has no ad account and no Page of its own.",
    unread: (lists: string) =>
      `Facebook did not show ${lists}. What you picked there before stays in Accounts. Close and try again later.`,
    choose: "Choose accounts",
    keyText: (where: string) =>
      `${where} Latchkey tries the address and the key at once, and keeps the key only in your keychains.`,
    url: "API URL",
    key: "API key",
    connect: "Connect",
    use: (address: string) => `Use ${address}`,
    remove: "Take out of Accounts",
    removed: (name: string) => `${name} was taken out of Accounts.`,
  },
  brand: {
    whitelabel: "Whitelabel",
    on: "On: emails and pages carry your brand. Takes effect at once.",
    off: "Off: emails and pages are neutral. Takes effect at once.",
    needLogo: "Upload a logo first. Then your brand can be switched on.",
    needApply: "Apply the logo first. Then your brand can be switched on.",
    logo: "Logo",
    drop: "Drop a logo here",
    dropHint: "PNG, JPEG or WebP, at most 2 MB. Wide ones look best.",
    choose: "Choose a file",
    replace: "Replace",
    remove: "Remove",
    grounds: "On light and dark",
    company: "Company name",
    companyHint: "Optional. Also in the subject of emails.",
    companyEmpty: "If empty, the name of your account is used.",
    colour: "Agency colour",
    colourHint: "Choose one colour. The others follow from it.",
    noColour: (typed: string) => `“${typed}” is no colour. Enter one as in #0B6478, or choose it.`,
    colourNone: "Latchkey’s own until you choose one.",
    button: "Button",
    link: "Link",
    readable: "Readable on light and dark",
    lightened: "Lightened for dark screens",
    replyTo: "Reply-to",
    replyToHint: "Optional. If empty, replies go to the address of the requester.",
    replyToUnsaved: "The reply-to address is not saved yet: use the button beside it.",
    confirmed: "Confirmed",
    notConfirmed: "Not confirmed yet",
    enterDigits: "Enter the 8 digits we mailed there.",
    untilThen: (address: string) => `Until then: ${address}`,
    digits: "The 8 digits",
    confirm: "Confirm",
    sendCode: "Send the code",
    requester: "Include requester’s name",
    requesterAccessible: "Include requester's name",
    requesterOn: (name: string) => `Clients see ${name} in the email and on the pages.`,
    requesterOff: "Off: clients see only the company name.",
    share: "Share requests with the team",
    shareOn: "On: everyone sees every request. Takes effect at once.",
    shareOff: "Off: everyone sees only their own. Takes effect at once.",
    changes: (n: number) =>
      n === 0
        ? "No changes."
        : `${plural(n, "change")}, not applied yet. The preview shows ${n === 1 ? "it." : "them."}`,
    notApplied: "Nothing is applied yet: correct the marked field first.",
    apply: "Apply Settings",
    discard: "Discard",
    readOnly: "Only main users can change these settings. The settings apply to what you send.",
    lightCap: (on: boolean) => (on ? "Light" : "Light · without your brand"),
    darkCap: "Dark",
    damaged: "This file is damaged, or no PNG, JPEG or WebP. Export the logo again.",
    tooBig: "This file is larger than 2 MB. Choose a smaller one.",
    svg: "An SVG file can contain a program. Save the logo as PNG, JPEG or WebP.",
    wrongType: "Choose a PNG, JPEG or WebP file.",
    frame: (what: string, theme: string) => `${theme} preview of the ${what}`,
  },

  domain: {
    title: "Own address",
    text:
      "Links and emails to clients can have a domain of your own instead of the relay’s. Links that are out at the " +
      "relay’s address go on working. Sign-ins at platforms start and end at the relay’s address.",
    mainOnly: "Main users choose the domain of your own that links and emails to clients have.",
    notOffered:
      "Your relay serves no domains of agencies: whoever runs it has to switch that on. Your links open at the " +
      "relay’s own address.",
    name: "Domain",
    nameHint: "A name of your own that nothing else uses, such as access.your-agency.com",
    use: "Use this domain",
    record: (type: string) => `${type} record`,
    recordName: "Name",
    recordValue: "Value",
    copyName: (type: string) => `Copy the name of the ${type} record`,
    copyValue: (type: string) => `Copy the value of the ${type} record`,
    found: "found",
    missing: "not found yet",
    checked: (ago: string) => `Checked ${ago}.`,
    check: "Check now",
    remove: "Remove",
    removed: "Removed.",
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText:
      "New links and emails have the relay’s own address. Links that are out open at the domain for 60 days more, " +
      "as long as you leave its records in place.",
    leaving: (names: string) =>
      `Links that are out still open at ${names}. Leave the records in place for 60 days from when you removed it.`,
    waiting: "Waiting for the records",
    setRecords:
      "Set these two records where your domain is managed, and leave them there. It may take an hour until they are " +
      "seen; your relay looks every ten minutes.",
    preparing: "Getting ready",
    preparingText: "Both records are right. Your relay fetches a certificate; that takes a minute or two.",
    used: "In use",
    usedText:
      "Links and emails have this address. Leave both records in place: your relay looks again every six hours.",
    failing: "Not right any more",
    failingText:
      "New links and emails have the relay’s own address. After a day, links that are out no longer open here.",
    lost: "Lost",
    lostText:
      "Links no longer open here; new ones have the relay’s own address. It comes back once the records are right.",
    problems: {
      no_address: () =>
        "The CNAME record is not there yet. Set both records where your domain is managed. It may take an hour until " +
        "they are seen; your relay looks every ten minutes.",
      elsewhere: (found: string) =>
        `The domain leads to ${found}. Replace that by the CNAME record below. If your provider puts a proxy in ` +
        "front, switch it off for this name.",
      no_proof: () => "The CNAME record is right. The TXT record is missing: it proves that the domain is yours.",
      wrong_proof: (found: string) => `The TXT record is “${found}”. Add one with the value below.`,
      no_answer: () => "The name server of your domain does not answer. Ask whoever manages it.",
      unknown: () => "Your relay could not look just now. It looks again by itself.",
      taken: () =>
        "Another agency of your relay uses this domain. Remove its TXT record; a day later the domain is free.",
      certificate: () =>
        "There is no certificate yet; your relay tries again by itself. If your domain has a CAA record, it has " +
        "to allow the authority that your relay uses: ask whoever runs it.",
      unreachable: () =>
        "Both records are right, but your relay’s server does not serve the name yet. Ask whoever runs it.",
    } as Record<string, (found: string) => string>,
    otherProblem: () => "Something is not right yet. Update Latchkey: a newer one can say what.",
  },
  webhooks: {
    title: "Webhooks",
    text:
      "Your relay posts news to Slack, Microsoft Teams or a program of yours, also while no computer is on. A " +
      "webhook gets news of the requests that whoever saved it last may see.",
    none: "No webhook yet",
    mainOnly: "Main users manage the webhooks: news that the relay posts to Slack, Microsoft Teams or a program.",
    forbidden: "Whoever runs your relay allows no webhooks. Nothing is posted.",
    add: "Add a webhook",
    addTitle: "Add a webhook",
    edit: "Change",
    editTitle: (name: string) => `Change ${name}`,
    form: "Where to",
    forms: { slack: "Slack", teams: "Microsoft Teams", program: "Your own program" },
    nameHint: "Such as the channel",
    address: "Address",
    addressHint: {
      slack: "In Slack: Apps, Incoming Webhooks, Add to Slack. Copy the address of the webhook; it is like a password.",
      teams:
        "In Teams: the channel’s menu, Workflows, “Post to a channel when a webhook request is received”. Copy its " +
        "address; it is like a password.",
      program: "It gets a POST with JSON and a signature (Standard Webhooks). The secret is shown once you have saved.",
    },
    keepAddress: "Unchanged",
    addressLooks: { slack: "https://hooks.slack.com/services/T…/B…/…", teams: "https://", program: "https://" },
    news: "News",
    newsHint: "With the client’s name, as you typed it, and a link. Never with an address or a credential.",
    kinds: {
      completed: "A request is completed",
      nothing_connected: "A request was finished with nothing connected",
      skipped: "A client skips a service",
      declined: "A client declines a request",
      withdrawn: "A client withdraws access",
      link_asked: "A client asks for a new link",
      needs_attention: "An account needs attention",
      expiring: "Something is about to expire",
      sign_in_ends: "A sign-in of yours ends",
    },
    saved: "Saved.",
    test: "Send a test",
    testOf: (name: string) => `Send a test to ${name}`,
    aTest: "Test",
    log: "Deliveries",
    logTitle: (name: string) => `Deliveries to ${name}`,
    logNone: "Nothing was posted yet.",
    logKept: "The newest 50 are kept here. One that fails is tried again for about 18 hours.",
    again: "Send again",
    againOf: (kind: string, at: string) => `Send again: ${kind}, ${at}`,
    attempt: (n: number) => `attempt ${n}`,
    waits: "Waits to be sent",
    arrived: (status: number) => `Arrived (${status})`,
    next: (at: string) => `Next try: ${at}.`,
    errors: {
      status: (status: number) => `The answer was ${status}, which is no success.`,
      gone: () => "The answer was 410: nobody wants news at this address any more.",
      redirect: (status: number) =>
        `The answer was ${status}, a redirect, which is not followed. Paste the new address.`,
      timeout: () => "There was no answer within ten seconds.",
      name: () => "There is no host of this name.",
      tls: () => "The host has no valid certificate.",
      connection: () => "Nothing answers at this address.",
      address: () => "The address is on a private network, which your relay does not post to.",
      proxy: () => "The proxy on your relay’s side let nothing out. Ask whoever runs the relay.",
      forbidden: () => "Whoever runs your relay allows no webhooks.",
      suspended: () => "Your agency was paused by whoever runs your relay.",
      deleted: () => "Not sent: what it was about was deleted.",
      switched: () => "Not sent: the webhook was switched off.",
      too_many: () => "Not sent: too many others were waiting.",
      restored: () => "Not sent: the relay was restored from a backup.",
      unreadable: () => "Not sent: the relay cannot read the address. Paste it again.",
      failing: () => "Nothing arrived for three days.",
    },
    otherError: "It did not arrive. Update Latchkey: a newer one can say why.",
    switchOn: "Switch on",
    switchOff: "Switch off",
    isOff: "switched off",
    failing: (since: string) => `failing since ${since}`,
    offBecause: {
      gone: (day: string) => `switched off ${day}: nobody wants news there any more (410)`,
      failing: (day: string) => `switched off ${day}: nothing arrived for three days`,
      restored: (day: string) =>
        `switched off ${day} when the relay was restored: switch it on again if it is still wanted`,
    },
    newSecret: "Replace the secret",
    newSecretTitle: (name: string) => `Replace the secret of ${name}?`,
    newSecretText:
      "The new secret is shown once, and your program needs it. The one before signs too for one more day: after " +
      "that, a program without the new one refuses what your relay posts. If you do not get to see it, replace it " +
      "once more.",
    secretOf: (name: string) => `Secret of ${name}`,
    secretOnce:
      "Shown only once. Your program checks the signature with it; a replaced secret signs too for one more day.",
    remove: "Delete",
    removeTitle: (name: string) => `Delete the webhook ${name}?`,
    removeText: "Nothing is posted to it any more. Its list of deliveries is deleted.",
  },
  settings: {
    title: "Settings",
    policies: {
      RelayURL: "the relay",
      AllowedRelays: "the relays that may be joined",
      AllowDemo: "the demo",
      AllowCsvExport: "Export CSV",
      LogLevel: "the log",
      Proxy: "the proxy",
      ExtraCA: "the authorities to trust",
      CheckForUpdates: "newer versions",
    } as Record<string, string>,
    tabs: {
      team: "Team",
      facebook: "Facebook users",
      notifications: "Notifications",
      webhooks: "Webhooks",
      domain: "Own address",
      relay: "Relay",
      computer: "This computer",
      data: "Data",
    },
    invite: "Invite a colleague",
    members: "Members",
    you: "you",
    main: "Main",
    sub: "Sub",
    mainUser: "Main user",
    subUser: "Sub-user",
    thisComputer: "this computer",
    credentials: (n: number) => plural(n, "credential"),
    waitsFor: (n: number) => `waits for ${plural(n, "credential")}`,
    notSeen: (days: number) => `not seen for ${plural(days, "day")}`,
    invited: (day: string) => `invited ${day}, code not used yet`,
    noCode: "no computer, and no valid code",
    revoke: "Revoke",
    revokeTitle: (name: string) => `Revoke ${name}?`,
    revokeText: "It loses its access at once, and deletes everything of this agency as soon as it is online.",
    revokeHeld: "Other computers keep their credentials. The revoked one holds:",
    holdsTitle: (name: string) => `What ${name} holds`,
    heldTitle: (name: string) => `What ${name} held`,
    holdsNone: "No credentials.",
    heldHint:
      "If the computer was lost or stolen, ask these clients to connect again: that ends the older access at the " +
      "platform. Facebook ad accounts and Pages are not in the list: they are shared between Business Managers, " +
      "without a credential.",
    heldHidden: (n: number) => `and ${plural(n, "account")} of requests that you do not see`,
    heldUser: (by: string) => (by ? `Facebook user, connected by ${by}` : "Facebook user"),
    heldOwn: "your agency’s own",
    copyList: "Copy the list",
    showHeld: (name: string) => `, show what ${name} holds`,
    whatHeld: (name: string) => `What it held: ${name}`,
    revokedTitle: "Revoked computers",
    revokedOn: (member: string, day: string) => `${member}, ${day}`,
    whatItHeld: "What it held",
    lastSeen: "last seen",
    edit: "Change name or role",
    editTitle: (name: string) => `Change ${name}`,
    onlyMain: "The only main user: make another member a main user first.",
    removeDevices: (n: number) =>
      n === 0
        ? ""
        : n === 1
          ? "One computer is revoked; what it held stays listed here."
          : `${n} computers are revoked; what they held stays listed here.`,
    revokeThis: "This is the computer you are using. Everything of this agency is deleted from it.",
    wants: (name: string, n: number) => `${name} asks for ${plural(n, "credential")}`,
    both: (ago: string, member: string) =>
      `Do both screens show this number, all five groups? It joined ${ago} as ${member}.`,
    onThis: "on this screen",
    pass: "Yes, pass them on",
    passing: "Passing them on…",
    removeComputer: "No, remove that computer",
    later: "Later",
    waitsHere: "This computer waits for credentials",
    waitsHereText:
      "Open Latchkey on a computer that has them. It shows this number and asks whether both are the same.",
    codeFor: (name: string) => `Code for ${name}`,
    codeOwn: "Code for your other computer",
    codesOpen: "Codes not used yet",
    codesOther: "Other codes not used yet",
    ownComputer: "Your other computer",
    withdraw: "Withdraw",
    withdrawCode: (code: string, end: string) => `Withdraw: ${code}, until ${end}`,
    shownOnce: "This code is shown only once. Give it to them yourself, together with",
    ownShownOnce: "This code is shown only once. Enter it on your other computer, together with",
    worksUntil: (day: string) => `Works once, until ${day}`,
    another: "Another computer of yours",
    anotherText:
      "Make a code and enter it on the other computer within 10 minutes. This computer then asks you to compare a " +
      "number, and passes your credentials on.",
    makeCode: "Make a code",
    revokeNote:
      "A revoked computer deletes everything of this agency as soon as it is online. Before you decide, you see " +
      "what it holds; the list stays here.",
    needRelay: "This list comes from your relay, which does not answer at the moment.",
    memberActions: (name: string) => `Actions for ${name}`,
    newCode: "Make a new code",
    removeMember: "Remove from the agency",
    removeTitle: (name: string) => `Remove ${name}?`,
    removeText:
      "They lose access at once, and their computers delete everything of this agency. Choose who takes over their " +
      "requests and accounts.",
    successor: "Who takes over",
    lastMain: "The last main user cannot be removed.",
    name: "Name",
    email: "Email",
    role: "Role",
    roleHint: "Main users manage the team and the brand. Sub-users send requests.",
    inviteTitle: "Invite a colleague",
    inviteYes: "Make a code",
    enterName: "Enter a name.",
    enterEmail: "Enter an email address.",
    save: "Save",
    fbSignInAgain: (name: string) => `Sign in again as ${name}`,
    fbTitle: "Facebook users",
    fbText: "Clients share with a Business Manager of yours. Connect a Facebook user who is Admin there.",
    fbConnect: "Connect a Facebook user",
    fbNone: "No Facebook user is connected",
    fbAdmin: "Admin",
    fbNotAdmin: "not Admin",
    fbReplaced: "replaced by a newer sign-in",
    fbEnds: (day: string) => `sign in again before ${day}`,
    fbBy: (name: string, day: string) => `connected by ${name}, ${day}`,
    fbEnd: "Disconnect",
    fbEndTitle: (name: string) => `Disconnect ${name}?`,
    fbEndText: "What clients shared stays with your Business Manager. Checks and campaigns by this user stop.",
    fbWaiting: "Sign in in the browser that has opened. This screen then continues by itself.",
    fbOpenAgain: "Open the browser again",
    fbFailed: "Nothing was connected.",
    notifications: "Notifications of this computer",
    notifyConnected: "A request is connected",
    notifyConnectedHint: "With the client’s name. A click opens it.",
    notifyClients: "A client needs something from you",
    notifyClientsHint: "They skip a service, decline, ask for a new link, or ask a colleague.",
    notifyBroken: "An account stops working",
    notifyBrokenHint: "With what to do about it.",
    notifyDevices: "A computer waits for credentials",
    notifyDevicesHint: "You then compare a number on both screens.",
    news: "News by email",
    newsLead:
      "For you alone: your colleagues choose for themselves. News of a request goes to whoever sent it, news of a " +
      "sign-in to whose it is and to the main users. When a client is stopped by something on your side, Latchkey " +
      "always writes at once.",
    newsDailyHint: "The daily email comes at 8:00 by this computer’s clock, if there is any news.",
    newsKinds: {
      completed: "A request is connected",
      nothing_connected: "A client finished with nothing",
      skipped: "A client skips a service",
      declined: "A client declines a request",
      withdrawn: "A client withdraws access",
      link_asked: "A client asks for a new link",
      needs_attention: "An account stops working",
      expiring: "A link or an access ends soon, unused",
      sign_in_ends: "A sign-in of your agency’s own ends",
    } as Record<NewsKind, string>,
    newsModes: { off: "Off", now: "At once", daily: "Once a day" } as Record<NewsMode, string>,
    newsSaved: "Your news by email is changed",
    computer: "This computer",
    joined: "Agency",
    relay: "Relay",
    operator: "Run by",
    sender: "Emails are sent from",
    member: "You",
    version: "Version",
    compact: "Compact lists",
    compactHint: "One line per row.",
    single: "Single-letter shortcuts",
    singleHint: "N, / and the keys of Actions. Off: single letters and / do nothing.",
    closing:
      "While the window is closed, this computer checks nothing. Your colleagues’ computers keep checking. Your " +
      "relay emails you when nothing has been checked for a day.",
    closingTitle: "What closing the window means",
    outboxTitle: "Waits to be sent",
    outboxNone: "Nothing is waiting.",
    leave: "Leave this agency",
    leaveText:
      "Everything of this agency is deleted from this computer and its keychain. What your relay has stays there.",
    leaveOnlyHere:
      "Nowhere else are the reports of clients you ended here, the campaigns made here, and credentials that no " +
      "other computer of yours holds.",
    leaveWaiting: (n: number) => `${plural(n, "change")} not sent yet would be lost.`,
    leaveTitle: (agency: string) => `Leave ${agency} on this computer?`,
    leaveYes: "Leave and delete",
    leaveDemo: "Leave the demo",
    dataTitle: "Your clients’ data",
    dataText:
      "“Delete this client’s data” is in the Actions of every request. It deletes the request, its people, its " +
      "accounts and their credentials, here and on the relay.",
    keptTitle: "What is kept, and how long",
    kept: [
      "An account and the request it came through: as long as the account is in Accounts.",
      "A connected request without accounts: 13 months. An expired or withdrawn one: 90 days.",
      "Names and addresses of the people in a request: deleted at those times in any case.",
      "Credentials: in the keychains of your computers, and nowhere else.",
      "The report of a client’s end: on the computer that ended it, until you delete it.",
    ],
    kinds: {
      save: "Save the request",
      edit: "Change the request",
      resubmit: "Restore the request on the relay",
      send: "Send emails",
      resend: "Resend emails",
      renew: "Renew",
      reopen: "Reopen",
      reminders: "Change the reminders",
      withdraw: "Delete the request",
      archive: "Archive",
      delete_client: "Delete the client’s data",
      end_access: "End the access",
      save_brand: "Apply Settings",
      switch_brand: "Whitelabel",
      share_requests: "Share requests with the team",
      approve: "Pass credentials on",
    } as Record<string, string>,
  },

  campaigns: {
    title: "New campaign",
    nothingSpent: "Nothing is spent: campaigns are made paused, without ads.",
    adAccount: "Ad account",
    page: "Page",
    searchAds: (n: number) => `Search ${plural(n, "ad account")}`,
    searchPages: (n: number) => `Search ${plural(n, "Page")}`,
    cannot: (n: number) => `Cannot be used now · ${n}`,
    resultsOnly: "Shared to see results only",
    more: (n: number) => `These are the first ${n} by name. Search to find the others.`,
    name: "Campaign name",
    bring: "What should it bring?",
    objectives: [
      ["OUTCOME_AWARENESS", "Awareness", "Many people see the brand"],
      ["OUTCOME_TRAFFIC", "Traffic", "Visits to a website or app"],
      ["OUTCOME_ENGAGEMENT", "Engagement", "Comments and messages"],
      ["OUTCOME_LEADS", "Leads", "Names and addresses"],
      ["OUTCOME_APP_PROMOTION", "App promotion", "Installs of an app"],
      ["OUTCOME_SALES", "Sales", "Orders and purchases"],
    ] as const,
    create: "Create the campaign",
    another: "Create another",
    creating: "Creating…",
    created: "Campaign created, paused",
    id: "Campaign id",
    objective: "Objective",
    as: "As",
    when: "When",
    open: "Open in Ads Manager",
    proves: "This proves that the access works. Budget, audience and ads are added in Ads Manager.",
    madeHere: (n: number) => `${plural(n, "campaign")} made here`,
    showThem: "Show them",
    openIt: "Open",
    clear: "Clear the form",
    failed: "The campaign was not created",
    emptyTitle: "No ad account and no Page yet",
    emptyText:
      "Send a request that asks for Facebook access. Your own appear here once you have chosen them in Accounts.",
    noneAds: "No ad account that may run ads yet. Send a request that asks for Facebook access.",
    nonePages: "No Page that may run ads yet. Send a request that asks for Facebook access.",
    noMatch: "Nothing matches.",
    chooseBoth: "Choose an ad account and a Page, and give it a name.",
    needsRelay: "Your relay cannot be reached. A campaign needs it, and Facebook.",
  },

  first: {
    claim: ["A key to the door,", "not to the safe."],
    lead:
      "Ask clients for access to ad accounts, Pages and CRMs. They choose what to share. " +
      "No password changes hands.",
    points: [
      "One link per request, valid for a month",
      "Clients sign in at the platform itself",
      "You see at once when access stops working",
    ],
    version: (v: string) => `Version ${v}`,
    join: "Join your agency",
    joinLead: "You get both from a main user, or from whoever set up your relay.",
    relay: "Relay address",
    relayLooking: "Looking for a relay…",
    relayUse: "Use that address",
    relayAt: {
      found: (operator: string) => (operator ? `Relay found, run by ${operator}` : "Relay found"),
      elsewhere: (address: string) => `Relay found. It calls itself ${address}.`,
      silent: () => "Nothing answers at this address. Compare it with the one you were given; is this computer online?",
      other: () =>
        "Something answers at this address, but it is no relay. If your network has a sign-in page, sign in there " +
        "first.",
      gateway: () => "A server answers at this address, but the relay behind it does not. Try again in a minute.",
      proxy: () =>
        "Your company’s proxy asks for a sign-in that Latchkey does not have. Ask whoever runs the network to let " +
        "Latchkey through without one.",
      inspection: () =>
        "What answers is signed by an authority that this computer does not know. If your company’s proxy inspects " +
        "what passes, ask your admin to set ExtraCA. If not, this may not be your relay: do not join.",
      clock: () =>
        "This relay’s certificate is not valid on this computer’s date. Set date and time; if they are right, tell " +
        "whoever runs the relay.",
      certificate: () =>
        "This may not be your relay: its certificate is not valid. Do not join, and tell whoever runs the relay.",
      too_new: () => "Relay found, but this Latchkey is too old for it. Update Latchkey first.",
      busy: () => "Relay found, but it cannot answer just now. Try again in a minute.",
    } satisfies Record<RelayProbe["state"], (name: string) => string>,
    relayPlaceholder: "https://access.agency.example",
    code: "One-time code",
    codeHint: "Works once, for 7 days after it was made.",
    submit: "Join",
    joining: "Joining…",
    keys: "Your keys are made on this computer and kept in its keychain.",
    noRelay: "no relay yet?",
    demo: "Explore the demo",
    demoText: "A whole agency with simulated platforms. Nothing leaves this computer.",
    demoStarting: "Starting a relay, platforms and a mailbox on this computer…",
    fromLink: "Filled in from your link. Check the address before you join.",
    revoked: (agency: string) => `This computer was removed from ${agency} and has deleted everything of that agency.`,
    enrolAgain: "This computer has lost its key",
    enrolAgainText:
      "The key is not in the keychain any more, so this computer cannot open what was sent to it. Ask a main user " +
      "for a new code and join again. Changes that were not sent yet are kept.",
    starting: "Starting…",
    notAddress: "Enter the address of your relay, as in https://access.agency.example.",
    enterCode: "Enter the code.",
  },
  keychain: {
    title: "This computer’s keychain does not open",
    text: "Latchkey keeps what clients gave you in the system’s keychain, and nowhere else.",
    why: {
      locked: "It is locked. Choose Unlock, and enter your login password when your system asks for it.",
      denied: "Your system refused Latchkey. Choose Try again, and allow Latchkey when your system asks.",
      absent: "This computer has no keychain that answers. Install or start one, then choose Try again.",
      timeout:
        "It does not answer. Your system may be asking something in a window behind this one. Answer it, then " +
        "choose Try again.",
      "": "Latchkey could not read what it keeps there. Choose Try again.",
    },
    locked: "It is locked",
    lockedText: "Choose Unlock. Your system, not Latchkey, asks for your login password.",
    denied: "It was denied",
    deniedText: "Choose Try again, and allow Latchkey when your system asks.",
    none: "There is none on this computer",
    get: "To get one",
    noneText: "Install one, sign out and in again, then try again.",
    command: "sudo apt install gnome-keyring",
    unlock: "Unlock",
    safe: "What is safe",
    safeList: [
      "Every request, account and setting is on your relay and on this computer.",
      "Clients notice nothing. Their links and your emails keep working.",
      "Your colleagues’ computers keep checking.",
    ],
    safeJoining: ["Your code still works, and what you typed is kept."],
    until: "Until then",
    untilJoining: ["This computer cannot join your agency. Nothing is written to a file instead."],
    untilList: ["This computer cannot use or check any account. Nothing is written to a file instead."],
    help: "Whoever looks after this computer can help.",
    looking: "Only looking around?",
    forgets: "It keeps its secrets in memory and forgets them.",
    still: "It still does not open.",
  },
  help: {
    title: "Help",
    lead: "Who can help, and how things are done.",
    keys: "Shortcuts",
    keysList: [
      ["Mod+K", "Find anything"],
      ["N", "Request onboarding"],
      ["/", "Search the list"],
      ["↑", "Move in the list, with ↓"],
      ["Enter", "Show details"],
      [".", "Actions, then R, C or Del"],
      ["Esc", "Close"],
      ["Mod+S", "Save your request, Apply Settings"],
    ] as const,
    diagnosisTitle: "Something is wrong with this computer?",
    diagnosis: "Copy diagnosis",
    diagnosisText:
      "What is set on this computer and whether your relay is reached, for whoever looks after it. No secret is in " +
      "it, and nobody’s name.",
    diagnosing: "Looking…",
    operator: "Who runs your relay",
    operatorText: (name: string) => `${name} runs the relay and sees its log. After an error, give them its reference.`,
    noOperator: "Your relay does not say who runs it.",
    contact: "Contact",
    how: "How it works",
    steps: [
      "Request onboarding: choose the client and the services, and save.",
      "Send the email, or copy the link. The link works for a month.",
      "The client signs in at each platform, or shares at Facebook by hand, and picks what to share.",
      "Latchkey shows what was connected, and tells you at once when it stops working.",
    ],
    about: "About Latchkey",
    aboutText:
      "A key to the door, not to the safe. Latchkey never asks for a password, and keeps credentials only in your " +
      "computers’ keychains.",
  },

  errors: {
    not_found: "This no longer exists.",
    invalid: "Something in the form is not right. Check it and try again.",
    unauthenticated: "This computer has to join its agency again.",
    revoked: "This computer was removed from the agency.",
    forbidden: "Only a main user can do that.",
    suspended: "Your agency is paused by the relay’s operator.",
    expired: "The link has expired. Renew the request for a new one.",
    withdrawn: "The request was deleted in the meantime.",
    completed: "The client has finished in the meantime, so this is no longer possible.",
    link_superseded: "A newer link was made in the meantime.",
    conflict: "This was changed in the meantime. Check it and try again.",
    rate_limited: "Too many attempts. Try again in a minute.",
    update_needed: "Latchkey is too old for this relay.",
    stale_version: "A newer credential is being delivered. Try again in a moment.",
    busy: "This is being done already. Try again in a moment.",
    no_device: "The credential is not on this computer.",
    platform_refused: "The platform refused.",
    platform_down: "The platform does not answer.",
    not_offered: "Your relay has no app for this platform.",
    unavailable: "Your relay does not answer. Nothing was changed; try again in a moment.",
    keychain_locked: "This computer’s keychain is locked. Unlock it, then try again.",
    keychain_denied:
      "Your system did not let Latchkey use its keychain. Try again, and allow it when your system asks.",
    keychain_absent: "This computer has no keychain that answers. Install or start one, then try again.",
    keychain_timeout:
      "This computer’s keychain does not answer. Your system may be asking something: answer it, then try again.",
    demo_failed: "The demo did not start.",
    // What stood between this computer and its relay.
    page:
      "A web page answers in place of your relay. If this network has a sign-in page, open any website in your " +
      "browser and sign in. If not, ask whoever runs the network to let Latchkey through.",
    proxy:
      "Your company’s proxy asks for a sign-in that Latchkey does not have. Ask whoever runs the network to let " +
      "Latchkey through without one.",
    filter:
      "Something between this computer and your relay refuses Latchkey, probably a firewall. Ask whoever runs the " +
      "network to let it through.",
    size: "Something between this computer and your relay refuses this: it is too large for it.",
    gateway:
      "Your relay’s server answers, but not the relay behind it. Latchkey tries again by itself. If it stays like " +
      "this, tell whoever runs your relay.",
    inspection:
      "What answers is signed by an authority that this computer does not know: something on the network may be " +
      "reading along. Nothing was sent. If your company’s proxy inspects what passes, ask your admin to set " +
      "ExtraCA, or to let Latchkey pass without inspection.",
    certificate:
      "What answers at your relay’s address has a certificate for another name. Nothing was sent. If this network " +
      "has a sign-in page, sign in there first. If not, tell whoever runs your relay.",
    clock:
      "Your relay’s certificate is not valid on this computer’s date. Set date and time. If they are right, tell " +
      "whoever runs your relay.",
    no_key:
      "Open the address that latchkey-web printed when it started. It works once, in one browser: if it was opened " +
      "before, end latchkey-web and start it again.",
    unexpected: "Something went wrong in Latchkey. Nothing was lost; try again.",
    // Each reason why a keychain does not open, and each obstacle on the way to the relay, has its message, or this
    // does not compile.
  } satisfies KeychainErrors & ObstacleErrors & Record<string, string> as Record<string, string>,
  /** Why the relay is not reached, in one sentence. */
  obstacle: {
    silence: "You are offline.",
    page: "A web page answers in place of your relay. Does this network have a sign-in page?",
    proxy: "Your company’s proxy asks for a sign-in.",
    filter: "A firewall on this network refuses Latchkey.",
    size: "Something on the way to your relay refuses Latchkey.",
    gateway: "Your relay’s server answers, but not the relay behind it.",
    inspection: "Something on this network reads along, signed by an authority that this computer does not know.",
    certificate: "What answers at your relay’s address is not your relay.",
    clock: "Your relay’s certificate is not valid on this computer’s date. Check date and time.",
  } satisfies Record<Obstacle, string>,
  /** Why one change does not pass while others do. */
  blocked: {
    refused:
      "Probably a firewall takes a part of its text for an attack. Write it in other words, or ask whoever runs this " +
      "network to let Latchkey through. Then send it again.",
    size:
      "It is too large for something on the way: a firewall or a proxy. Use a smaller picture or a shorter text, " +
      "or ask whoever runs this network to let Latchkey through. Then send it again.",
    cut:
      "The connection breaks each time this change is sent, while others pass: probably a firewall takes a part " +
      "of its text for an attack. Write it in other words, or ask whoever runs this network to let Latchkey " +
      "through. Then send it again.",
  },
  errorTitle: {
    list: "This list cannot be shown",
    details: "This request cannot be shown",
    gone: "This request is gone",
    goneText: "It was deleted here or on another computer.",
    start: "Latchkey could not open its data",
    noKey: "This browser has no key to Latchkey",
  },
});
