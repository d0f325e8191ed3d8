package onboarding

import (
	"slices"
	"time"
)

// NewsKind is what members want to hear of wherever they are: by email, and by the
// agency's webhooks.
type NewsKind string

// The kinds of news.
const (
	NewsCompleted NewsKind = "completed"         // a request was completed
	NewsNothing   NewsKind = "nothing_connected" // a client finished a request with nothing
	NewsAttention NewsKind = "needs_attention"   // the access to an account stopped working
	NewsExpiring  NewsKind = "expiring"          // a request's link, or a credential, is about to expire unused
	NewsWithdrawn NewsKind = "withdrawn"         // a client withdrew what they had shared
	NewsLinkAsked NewsKind = "link_asked"        // a client with an expired link asks for a new one
	NewsSkipped   NewsKind = "skipped"           // a client does not provide a service
	NewsDeclined  NewsKind = "declined"          // a client cannot do any of a request
	NewsSignIn    NewsKind = "sign_in_ends"      // a sign-in of the agency's own ends soon, or has ended
)

// AllNewsKinds lists the kinds in the order in which they are shown.
func AllNewsKinds() []NewsKind {
	return []NewsKind{
		NewsCompleted, NewsNothing, NewsSkipped, NewsDeclined, NewsWithdrawn, NewsLinkAsked, NewsAttention, NewsExpiring,
		NewsSignIn,
	}
}

// NewsMode is how a member gets news of a kind by email.
type NewsMode string

// The modes.
const (
	NewsOff   NewsMode = "off"
	NewsNow   NewsMode = "now"   // an email each, at once
	NewsDaily NewsMode = "daily" // in one email a day
)

// NewsChoice is how a member gets the news of a kind.
type NewsChoice struct {
	Kind NewsKind `json:"kind"`
	Mode NewsMode `json:"mode"`
}

// NewsSettings are how a member gets news by email. UTCOffset is the time of their
// computer, in minutes east of UTC: the daily email is made by it.
type NewsSettings struct {
	Choices   []NewsChoice `json:"choices"`
	UTCOffset int          `json:"utc_offset"`
}

// ModeOf returns how news of a kind go out: at once, unless the member chose.
func (s NewsSettings) ModeOf(kind NewsKind) NewsMode {
	for _, choice := range s.Choices {
		if choice.Kind == kind {
			return choice.Mode
		}
	}
	return NewsNow
}

// Complete returns the settings with a choice for each kind, in the order in which
// they are shown.
func (s NewsSettings) Complete() NewsSettings {
	complete := NewsSettings{UTCOffset: s.UTCOffset}
	for _, kind := range AllNewsKinds() {
		complete.Choices = append(complete.Choices, NewsChoice{Kind: kind, Mode: s.ModeOf(kind)})
	}
	return complete
}

// maxUTCOffset is that of no place on Earth.
const maxUTCOffset = 15 * 60

// ValidateNews refuses settings that no hub makes.
func ValidateNews(s NewsSettings) error {
	seen := map[NewsKind]bool{}
	for _, choice := range s.Choices {
		if !slices.Contains(AllNewsKinds(), choice.Kind) || seen[choice.Kind] {
			return Invalid("choices", "This is no kind of news.")
		}
		seen[choice.Kind] = true
		switch choice.Mode {
		case NewsOff, NewsNow, NewsDaily:
		default:
			return Invalid("choices", "Choose Off, At once or Once a day.")
		}
	}
	if s.UTCOffset < -maxUTCOffset || s.UTCOffset > maxUTCOffset {
		return Invalid("utc_offset", "This computer's time zone is not one of this world.")
	}
	return nil
}

// summaryHour is when the daily email is made, by the member's own clock.
const summaryHour = 8

// NextSummary is when the next daily email is made, after now.
func (s NewsSettings) NextSummary(now Timestamp) Timestamp {
	local := now.Time().In(time.FixedZone("", s.UTCOffset*60))
	next := time.Date(local.Year(), local.Month(), local.Day(), summaryHour, 0, 0, 0, local.Location())
	if !next.After(local) {
		next = next.AddDate(0, 0, 1)
	}
	return TimestampOf(next)
}

// Outage is that a sign-in of the agency's own, or the relay's app at a platform, does
// not work: nothing that depends on it can be checked.
type Outage struct {
	Subject string    `json:"subject"` // "connection:" and its id, or "app:" and the platform
	Service Service   `json:"service"` // at which it was met
	Failure string    `json:"failure"` // a code of the catalog
	Code    string    `json:"code"`    // the platform's own
	Since   Timestamp `json:"since"`
}

// The subjects of outages.
const (
	OutageConnection = "connection:"
	OutageApp        = "app:"
)
