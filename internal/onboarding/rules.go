package onboarding

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The limits of what a person can type.
const (
	MaxMessage    = 5000 // characters
	MaxName       = 120
	MaxClient     = 160
	MaxCompany    = 80
	MaxAddress    = 254
	MaxReason     = 500
	MaxRecipients = 20 // of one request
)

// DefaultMessage stands where the requester wrote none.
const DefaultMessage = "To work on your campaigns we need access to the accounts listed here. " +
	"You choose what to share, and you can take it back at any time. It takes about five minutes."

// LinkEnds is when a link accepted at that moment ends: one calendar month
// later in UTC, clamped to the month's last day.
func LinkEnds(accepted Timestamp) Timestamp {
	from := accepted.Time()
	ends := from.AddDate(0, 1, 0)
	if ends.Day() != from.Day() { // AddDate rolled over into the month after
		ends = ends.AddDate(0, 0, -ends.Day())
	}
	return TimestampOf(ends)
}

// LinkState is what a request's link does at a moment: nil when the wizard
// works, else ErrWithdrawn, ErrCompleted or ErrExpired, in that order. A
// request that was finished with waiting items does not expire.
func (r Request) LinkState(now Timestamp) error {
	switch {
	case r.Withdrawn != 0:
		return ErrWithdrawn
	case r.Status == Connected, r.Finished != 0:
		return ErrCompleted
	case now >= r.Expires:
		return ErrExpired
	}
	return nil
}

// MaySee says whether a member may see what belongs to owner: their own, and
// everything when the agency shares its requests. Main users do not see
// sub-users' requests, nor the reverse.
func (a Agency) MaySee(member Member, owner string) bool {
	return a.ShareRequests || member.ID == owner
}

// HasService says whether the request names the service.
func (r Request) HasService(service Service) bool {
	for _, asked := range r.Services {
		if asked == service {
			return true
		}
	}
	return false
}

// ValidateRequest says what is wrong with a request as somebody saves it: an
// InvalidError with the field, or nil. It does not know the agency; known says
// what can be asked for.
func ValidateRequest(r Request, known func(Service) bool) error {
	if _, err := ValidateLine("client", r.Client, MaxClient, "Enter the client's name."); err != nil {
		return err
	}
	if utf8.RuneCountInString(r.Message) > MaxMessage {
		return Invalid("message", fmt.Sprintf("The message is longer than %d characters. Shorten it.", MaxMessage))
	}
	if !utf8.ValidString(r.Message) || strings.ContainsRune(r.Message, 0) {
		return Invalid("message", "The message has characters that cannot be used here. Type it again.")
	}
	if len(r.Services) == 0 {
		return Invalid("services", "Choose at least one service to ask for.")
	}
	seen := map[Service]bool{}
	for _, service := range r.Services {
		if !known(service) || seen[service] {
			return Invalid("services", fmt.Sprintf("%q cannot be asked for. Choose from the list.", service))
		}
		seen[service] = true
	}
	if err := validateKinds(r); err != nil {
		return err
	}
	if r.HasService(Facebook) && (r.Connection == "" || r.Business.ID == "") {
		return Invalid("business", "Choose the Facebook user who gets access and the Business Manager the accounts go to.")
	}
	return nil
}

// validateKinds says what is wrong with what is asked for at Facebook.
func validateKinds(r Request) error {
	seen := map[Kind]bool{}
	for _, kind := range r.Kinds {
		if !slices.Contains(ExtraKinds(), kind) || seen[kind] {
			return Invalid("kinds", fmt.Sprintf("%q cannot be asked for. Choose from the list.", shorten(string(kind), 60)))
		}
		seen[kind] = true
	}
	switch {
	case r.Level != "" && r.Level != LevelAdvertise && r.Level != LevelView:
		return Invalid("level", "Choose to run ads and see results, or to see results only.")
	case r.HasService(Facebook):
		return nil
	case len(r.Kinds) > 0:
		return Invalid("kinds", "Datasets, Instagram accounts and catalogues are shared at Facebook. Ask for Facebook too.")
	case r.Level == LevelView:
		return Invalid("level", "Seeing results only is asked for at Facebook. Ask for Facebook too.")
	}
	return nil
}

// MaxCapabilities is how many things an item can be said to give.
const MaxCapabilities = 20

// ValidateCapabilities checks what a hub reports that an item gives: an
// InvalidError of the field, or nil. A name and a level that this program does
// not know are taken if they look like one, since the hub may be newer.
func ValidateCapabilities(field string, all []Capability) error {
	const letters = "abcdefghijklmnopqrstuvwxyz_"
	if len(all) > MaxCapabilities {
		return Invalid(field, "This is more than an item can give.")
	}
	for _, c := range all {
		if c.Name == "" || len(c.Name) > 40 || len(c.Level) > 20 || c.Count < 0 ||
			strings.Trim(c.Name, letters) != "" || strings.Trim(string(c.Level), letters) != "" {
			return Invalid(field, "This is not what an item can give.")
		}
	}
	return nil
}

// SortKinds gives the kinds in the order in which a client meets them.
func SortKinds(asked []Kind) []Kind {
	var ordered []Kind
	for _, kind := range ExtraKinds() {
		if slices.Contains(asked, kind) {
			ordered = append(ordered, kind)
		}
	}
	return ordered
}

// ValidateLine trims what a person typed into a field of one line and refuses
// control characters, invalid text, too much of it, and nothing at all
// (with the sentence missing; an empty missing allows nothing).
func ValidateLine(field, typed string, most int, missing string) (string, error) {
	text := strings.TrimSpace(typed)
	if missing != "" && strings.IndexFunc(text, isVisible) < 0 && utf8.ValidString(text) {
		return "", Invalid(field, missing)
	}
	if !utf8.ValidString(text) || strings.IndexFunc(text, isForbidden) >= 0 {
		return "", Invalid(field, "This has characters that cannot be used here. Type it again.")
	}
	if utf8.RuneCountInString(text) > most {
		return "", Invalid(field, fmt.Sprintf("This is longer than %d characters. Shorten it.", most))
	}
	return text, nil
}

// isVisible finds what leaves a mark on paper: a name of invisible characters is none.
func isVisible(r rune) bool { return unicode.IsGraphic(r) && !unicode.IsSpace(r) }

// isForbidden finds what could forge a line or turn text around: control
// characters and the directional overrides.
func isForbidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		(r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

// ValidateAddress checks an email address and gives it trimmed, its domain in lower
// case. Only the bare form is taken: no name, no comment, one address.
func ValidateAddress(field, typed string) (string, error) {
	text := strings.TrimSpace(typed)
	if text == "" {
		return "", Invalid(field, "Enter an email address.")
	}
	parsed, err := mail.ParseAddress(text)
	at := strings.LastIndexByte(text, '@')
	if err != nil || parsed.Address != text || at < 1 || len(text) > MaxAddress ||
		strings.IndexFunc(text, isForbidden) >= 0 {
		return "", Invalid(field, fmt.Sprintf("%s is not a full address.", shorten(text, 60)))
	}
	domain := strings.ToLower(text[at+1:])
	if !strings.Contains(domain, ".") || strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") ||
		strings.ContainsAny(domain, " []\"") {
		return "", Invalid(field, fmt.Sprintf("%s is not a full address.", shorten(text, 60)))
	}
	return text[:at+1] + domain, nil
}

// SameAddress says whether two addresses are one, written in whichever case.
func SameAddress(a, b string) bool { return strings.ToLower(a) == strings.ToLower(b) }

func shorten(text string, most int) string {
	runes := []rune(strings.Map(func(r rune) rune {
		if isForbidden(r) {
			return -1
		}
		return r
	}, text))
	if len(runes) <= most {
		return string(runes)
	}
	return string(runes[:most-1]) + "…"
}

// MaskAddress shows just enough of an address for its owner to know it:
// "m•••@harbourpine.example".
func MaskAddress(address string) string {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "•••"
	}
	_, size := utf8.DecodeRuneInString(address)
	return address[:size] + "•••" + address[at:]
}

// Day writes a moment as people read it, with weekday and time zone.
func Day(m Timestamp) string { return m.Time().Format("Monday, 2 January 2006") + " (UTC)" }

// DayAndTime writes a moment with its time, weekday and time zone.
func DayAndTime(m Timestamp) string { return m.Time().Format("Monday, 2 January 2006, 15:04") + " UTC" }

// Since is how long ago m was.
func (m Timestamp) Since(now Timestamp) time.Duration { return time.Duration(now-m) * time.Millisecond }

// Add is the moment d later.
func (m Timestamp) Add(d time.Duration) Timestamp { return m + Timestamp(d/time.Millisecond) }
