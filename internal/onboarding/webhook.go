package onboarding

// WebhookForm is the form that a webhook's news have.
type WebhookForm string

// The forms.
const (
	WebhookSlack   WebhookForm = "slack"
	WebhookTeams   WebhookForm = "teams"
	WebhookProgram WebhookForm = "program" // the agency's own: JSON with a signature
)

// The bounds of an agency's webhooks.
const (
	MaxWebhooks      = 10
	MaxWebhookLog    = 50 // deliveries of one that are listed
	MaxWebhookPerMin = 60 // deliveries of an agency
)

// Webhook posts the agency's news to an address. The relay gives neither the address
// nor the secret out again.
type Webhook struct {
	ID    string      `json:"id"`
	Name  string      `json:"name"`
	Form  WebhookForm `json:"form"`
	Host  string      `json:"host"` // of the address
	Kinds []NewsKind  `json:"kinds"`
	On    bool        `json:"on"`
	// Owner is the member who saved it last: it gets the news that they may see.
	Owner string `json:"owner"`
	// Off is why the relay switched it off; empty: it did not.
	Off      DeliveryError `json:"off" ts:"empty"`
	OffSince Timestamp     `json:"off_since"`
	Failing  Timestamp     `json:"failing"` // since when deliveries fail; zero: the last one succeeded
	Created  Timestamp     `json:"created"`
}

// WebhookTest is the kind of a test, beside the kinds of news.
const WebhookTest = "test"

// DeliveryState is how far a delivery is.
type DeliveryState string

// The states of a delivery.
const (
	DeliveryWaiting   DeliveryState = "waiting" // to be sent, or sent again
	DeliveryDelivered DeliveryState = "delivered"
	DeliveryFailed    DeliveryState = "failed" // and not tried again by itself
)

// DeliveryError is why a delivery did not succeed.
type DeliveryError string

// The reasons.
const (
	DeliveryStatus     DeliveryError = "status"     // the status is no success
	DeliveryGone       DeliveryError = "gone"       // 410: nobody wants them any more
	DeliveryRedirect   DeliveryError = "redirect"   // which is not followed
	DeliveryTimeout    DeliveryError = "timeout"    // no answer within ten seconds
	DeliveryName       DeliveryError = "name"       // there is no such host
	DeliveryTLS        DeliveryError = "tls"        // its certificate is not valid
	DeliveryConnection DeliveryError = "connection" // nothing answers there
	DeliveryAddress    DeliveryError = "address"    // it is on a private network
	DeliveryProxy      DeliveryError = "proxy"      // the relay's own proxy let nothing out
	DeliveryForbidden  DeliveryError = "forbidden"  // the operator allows no webhooks
	DeliverySuspended  DeliveryError = "suspended"  // the operator has suspended the agency
	DeliveryDeleted    DeliveryError = "deleted"    // what it is about was deleted
	DeliverySwitched   DeliveryError = "switched"   // the webhook was switched off before
	DeliveryTooMany    DeliveryError = "too_many"   // too many others waited
	DeliveryUnreadable DeliveryError = "unreadable" // the relay cannot open the webhook's address
	DeliveryRestored   DeliveryError = "restored"   // a backup was restored meanwhile
	DeliveryFailing    DeliveryError = "failing"    // of a webhook: nothing succeeded for three days
)

// WebhookDelivery is one piece of news on its way to a webhook.
type WebhookDelivery struct {
	ID       string        `json:"id"`   // the webhook-id, the same at every attempt
	Kind     string        `json:"kind"` // a NewsKind, or WebhookTest
	State    DeliveryState `json:"state"`
	Attempts int           `json:"attempts"`
	Status   int           `json:"status"`           // of the last attempt; zero: no answer
	Error    DeliveryError `json:"error" ts:"empty"` // of the last attempt; empty: none
	Reply    string        `json:"reply"`            // the beginning of the last answer
	Created  Timestamp     `json:"created"`
	Tried    Timestamp     `json:"tried"` // zero: not yet
	Next     Timestamp     `json:"next"`  // when it is tried again; zero: it is not
}
