// Written by internal/desktop/gen from internal/desktop/methods.go. Do not edit.

/** AccessLevel is the access to Facebook assets that a request asks for. */
export type AccessLevel = "advertise" | "view";
/** AccessState is the result of a check. */
export type AccessState = "" | "works" | "waiting" | "broken";
/** AlertKind is the kind of an alert. */
export type AlertKind =
  | "request_connected"
  | "link_asked"
  | "request_skipped"
  | "request_declined"
  | "item_withdrawn"
  | "request_finished_empty"
  | "request_handed_over"
  | "item_broke"
  | "device_waits"
  | "entry_refused"
  | "checks_stopped";
/** AuditFindingKind is what is wrong with a chain. */
export type AuditFindingKind = "removed" | "changed" | "unsigned" | "rewritten" | "resubmitted" | "accepted";
/** CandidateReason is why a person has to decide about an arrival. */
export type CandidateReason = "before" | "taken" | "several" | "other" | "near" | "new" | "wrong" | "same";
/** CheckupCheck is one thing that whoever runs a relay has to look after. */
export type CheckupCheck = "database" | "key_file" | "disk" | "backup" | "clock" | "mail" | "sender" | "app";
/** CheckupState is the result of a check. */
export type CheckupState = "ok" | "unknown" | "warning" | "failed";
/** DeliveryError is why a delivery did not succeed. */
export type DeliveryError =
  | "status"
  | "gone"
  | "redirect"
  | "timeout"
  | "name"
  | "tls"
  | "connection"
  | "address"
  | "proxy"
  | "forbidden"
  | "suspended"
  | "deleted"
  | "switched"
  | "too_many"
  | "unreadable"
  | "restored"
  | "failing";
/** DeliveryState is how far a delivery is. */
export type DeliveryState = "waiting" | "delivered" | "failed";
/** DomainProblem is why a domain's records are not right, or why nothing is served there. */
export type DomainProblem =
  | "no_address"
  | "elsewhere"
  | "no_proof"
  | "wrong_proof"
  | "no_answer"
  | "unknown"
  | "taken"
  | "certificate"
  | "unreachable";
/** DomainState is how far an agency's own domain is. */
export type DomainState = "proposed" | "verified" | "lost" | "leaving";
/** EmailState is the state of an email. */
export type EmailState = "queued" | "sending" | "accepted" | "refused" | "cancelled";
/** EndingWay is how an access of a client would end. */
export type EndingWay = "asked" | "by_hand" | "kept" | "nothing" | "not_here";
/** EntryKind is the call that an entry makes. */
export type EntryKind =
  | "save"
  | "edit"
  | "resubmit"
  | "send"
  | "resend"
  | "renew"
  | "reopen"
  | "reminders"
  | "withdraw"
  | "archive"
  | "delete_client"
  | "end_access"
  | "save_brand"
  | "switch_brand"
  | "share_requests"
  | "approve";
/** EventKind is the kind of an event. */
export type EventKind =
  | "saved"
  | "edited"
  | "sent"
  | "reminded"
  | "email_refused"
  | "opened"
  | "started"
  | "item_connected"
  | "item_waiting"
  | "item_failed"
  | "item_named"
  | "item_unnamed"
  | "item_found"
  | "match_undone"
  | "item_confirmed"
  | "unconfirmed"
  | "skipped"
  | "declined"
  | "error_page"
  | "finished"
  | "finished_waiting"
  | "finished_empty"
  | "finished_part"
  | "handed_over"
  | "handed_more"
  | "completed"
  | "expired"
  | "renewed"
  | "link_asked"
  | "link_sent_again"
  | "reopened"
  | "withdrawn"
  | "suppressed"
  | "access_broken"
  | "access_works"
  | "access_ended"
  | "client_ended"
  | "access_withdrawn"
  | "withdrawal_done"
  | "unawaited"
  | "repair_prepared"
  | "repair_sent"
  | "repair_withdrawn"
  | "repaired"
  | "people_forgotten"
  | "reported"
  | "resubmitted"
  | "history_accepted"
  | "credential_fetched"
  | "credential_passed_on"
  | "renewal_failed"
  | "renewal_works";
/** Fix is what the hub offers beside a failure: the one thing that helps. */
export type Fix = "check" | "request" | "repair" | "note" | "users" | "connect" | "open";
/** HubState is the state of this computer's session with its relay. */
export type HubState =
  | "not_enrolled"
  | "enrolled"
  | "enrol_again"
  | "keychain_away"
  | "update_needed"
  | "suspended"
  | "revoked"
  | "starting"
  | "failed";
/** ItemState is the state of an item. */
export type ItemState = "sharing" | "connected" | "waiting" | "failed" | "ended";
/** KeychainReason is why a keychain is unavailable. The screens have a sentence for each. */
export type KeychainReason = "absent" | "locked" | "denied" | "timeout" | "";
/** Kind is the kind of an item. */
export type Kind = "ad_account" | "page" | "crm_account" | "sheet" | "dataset" | "instagram_account" | "catalogue";
/** NewsKind is what members want to hear of wherever they are: by email, and by the agency's webhooks. */
export type NewsKind =
  | "completed"
  | "nothing_connected"
  | "needs_attention"
  | "expiring"
  | "withdrawn"
  | "link_asked"
  | "skipped"
  | "declined"
  | "sign_in_ends";
/** NewsMode is how a member gets news of a kind by email. */
export type NewsMode = "off" | "now" | "daily";
/**
 * Obstacle is what kept a call from the relay, or its reply from the caller. Its value is also the code of such an
 * error.
 */
export type Obstacle =
  | "silence"
  | "page"
  | "proxy"
  | "filter"
  | "size"
  | "gateway"
  | "inspection"
  | "certificate"
  | "clock";
/** OffboardedLinkState is what becomes of a request. */
export type OffboardedLinkState = "open" | "withdrawn" | "over" | "unknown" | "refused";
/** OffboardedOutcome is what became of an access. */
export type OffboardedOutcome = "proven" | "remains" | "kept" | "left" | "ended_before" | "nothing" | "unknown";
/** OperatorActKind is what an operator did to an agency. */
export type OperatorActKind = "renamed" | "removed_member" | "issued_code";
/** Phase refines a request's status. */
export type Phase =
  | "refused"
  | "deleting"
  | "saving"
  | "sending"
  | "email_refused"
  | "attention"
  | "awaiting"
  | "connected"
  | "finished_waiting"
  | "link_asked"
  | "expired"
  | "declined"
  | "partly"
  | "started"
  | "opened"
  | "not_sent"
  | "sent"
  | "queued"
  | "link_only";
/** PreflightCheck is one thing that has to be so before a request is sent. */
export type PreflightCheck = "admin" | "sign_in" | "platform" | "mail" | "address" | "device";
/** PreflightReason is why a check is not PreflightOK. The screens have a sentence for each, and a way to mend it. */
export type PreflightReason =
  | "not_admin"
  | "no_business"
  | "role_unknown"
  | "elsewhere"
  | "keychain"
  | "sign_in_ended"
  | "sign_in_ends"
  | "no_user"
  | "not_offered"
  | "app_broken"
  | "platform_down"
  | "no_mail"
  | "mail_down"
  | "unreachable"
  | "other_relay"
  | "certificate"
  | "no_device"
  | "restored"
  | "offline";
/** PreflightState is the result of a check. */
export type PreflightState = "ok" | "unknown" | "warning" | "stop";
/** PreviewKind is what a preview shows. */
export type PreviewKind = "email" | "landing" | "wizard";
/** RecipientState is the state of the emails to one address. */
export type RecipientState = "waiting" | "queued" | "delayed" | "sent" | "opened" | "failed" | "stopped" | "not_sent";
/** RecipientVerdict is whether an entry can be sent to. */
export type RecipientVerdict = "valid" | "invalid" | "duplicate" | "failed";
/** RelayState is the result of probing an address. */
export type RelayState =
  | "found"
  | "elsewhere"
  | "silent"
  | "other"
  | "certificate"
  | "inspection"
  | "clock"
  | "proxy"
  | "gateway"
  | "too_new"
  | "busy";
/** RequestFilter selects the requests of a list. */
export type RequestFilter = "" | "pending" | "connected" | "attention" | "awaited" | "expiring" | "archived";
/** Role is a member's role in the agency. */
export type Role = "main" | "sub";
/** Sort is the order of a list. */
export type Sort = "" | "client" | "recipient" | "status" | "change" | "end" | "name" | "state" | "check";
/** Status is a request's status. */
export type Status = "pending" | "connected";
/** TodoKind is why something needs the user. */
export type TodoKind =
  | "ending"
  | "cause"
  | "item"
  | "email"
  | "entry"
  | "asked"
  | "device"
  | "sealed"
  | "lost"
  | "withdrawn"
  | "waiting"
  | "unseen"
  | "user"
  | "webhook"
  | "domain"
  | "operator";
/** WebhookForm is the form that a webhook's news have. */
export type WebhookForm = "slack" | "teams" | "program";
/** WithdrawnWay is how the user ends what a client has withdrawn and no computer could end. */
export type WithdrawnWay = "sign_in" | "without";
