package onboarding

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/latchkeyhq/latchkey/internal/grapheme"
)

// The limits of user input.
const (
	MaxMessage    = 5000 // characters
	MaxName       = 120
	MaxClient     = 160
	MaxCompany    = 80
	MaxReason     = 500
	MaxRecipients = 20 // per request
)

// LinkEnds is when a link expires: one calendar month after it was accepted, in
// UTC, clamped to the month's last day.
func LinkEnds(accepted Timestamp) Timestamp {
	from := accepted.Time()
	ends := from.AddDate(0, 1, 0)
	if ends.Day() != from.Day() { // AddDate overflowed into the next month
		ends = ends.AddDate(0, 0, -ends.Day())
	}
	return TimestampOf(ends)
}

// LinkState returns the state of a request's link: nil while the wizard works,
// else ErrWithdrawn, ErrCompleted or ErrExpired, in that order. A request that
// was finished with waiting items does not expire.
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

// IsAheadOf reports whether another copy of the same request lacks an ending that this
// one has: a newer link, a withdrawal, a finish, or a recipient who wants no emails. A
// relay that was restored from a backup has such copies.
func (r Request) IsAheadOf(other Request) bool {
	for _, ended := range [][2]Timestamp{
		{r.Withdrawn, other.Withdrawn}, {r.Finished, other.Finished}, {r.Completed, other.Completed},
	} {
		if r.LinkVersion >= other.LinkVersion && ended[0] != 0 && ended[1] == 0 {
			return true
		}
	}
	for _, mine := range r.Recipients {
		for _, theirs := range other.Recipients {
			if mine.ID == theirs.ID && mine.Stopped != 0 && theirs.Stopped == 0 {
				return true
			}
		}
	}
	return r.LinkVersion > other.LinkVersion
}

// HasService reports whether the request includes the service.
func (r Request) HasService(service Service) bool {
	for _, asked := range r.Services {
		if asked == service {
			return true
		}
	}
	return false
}

// ValidateRequest validates a request before it is saved: an InvalidError with
// the field, or nil. known reports whether a service exists; the agency's own
// rules are the caller's.
func ValidateRequest(r Request, known func(Service) bool) error {
	if _, err := ValidateClient(r.Client); err != nil {
		return err
	}
	if utf8.RuneCountInString(r.Message) > MaxMessage {
		return Invalid("message", fmt.Sprintf("The message is longer than %d characters. Shorten it.", MaxMessage))
	}
	if !utf8.ValidString(r.Message) || strings.ContainsRune(r.Message, 0) {
		return Invalid("message", "The message has characters that cannot be used here. Type it again.")
	}
	if err := checkMarks("message", r.Message); err != nil {
		return err
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
	return validateShare(r)
}

// validateShare validates with whom a client shares at Facebook.
func validateShare(r Request) error {
	if r.ByHand && r.Connection == "" {
		_, err := ValidateBusiness(r.Business)
		return err
	}
	if r.HasService(Facebook) && (r.Connection == "" || r.Business.ID == "") {
		return Invalid("business", "Choose the Facebook user who gets access and the Business Manager the accounts go to.")
	}
	return nil
}

// validateKinds validates what is requested at Facebook.
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
	case r.ByHand:
		return Invalid("by_hand", "Sharing by hand is done at Facebook. Ask for Facebook too.")
	case len(r.Kinds) > 0:
		return Invalid("kinds", "Datasets, Instagram accounts and catalogues are shared at Facebook. Ask for Facebook too.")
	case r.Level == LevelView:
		return Invalid("level", "Seeing results only is asked for at Facebook. Ask for Facebook too.")
	}
	return nil
}

// MaxCapabilities bounds the capabilities of an item.
const MaxCapabilities = 20

// ValidateCapabilities validates capabilities that a hub reports: an
// InvalidError of the field, or nil. It accepts well-formed unknown names and
// levels, since the hub may be newer.
func ValidateCapabilities(field string, all []Capability) error {
	const allowed = "abcdefghijklmnopqrstuvwxyz_"
	if len(all) > MaxCapabilities {
		return Invalid(field, "This is more than an item can give.")
	}
	for _, c := range all {
		if c.Name == "" || len(c.Name) > 40 || len(c.Level) > 20 || c.Count < 0 ||
			strings.Trim(string(c.Name), allowed) != "" || strings.Trim(string(c.Level), allowed) != "" {
			return Invalid(field, "This is not what an item can give.")
		}
	}
	return nil
}

// SortKinds returns the kinds in the order of the wizard.
func SortKinds(asked []Kind) []Kind {
	var ordered []Kind
	for _, kind := range ExtraKinds() {
		if slices.Contains(asked, kind) {
			ordered = append(ordered, kind)
		}
	}
	return ordered
}

// ValidateLine returns the input of a one-line field without what is not seen at
// its ends or spells nothing inside. It refuses control characters, invalid text,
// more than limit characters, and empty input with the sentence ifEmpty (if
// ifEmpty is empty, empty input is valid).
func ValidateLine(field, typed string, limit int, ifEmpty string) (string, error) {
	text := trimLine(typed)
	if ifEmpty != "" && strings.IndexFunc(text, isVisible) < 0 && utf8.ValidString(text) {
		return "", Invalid(field, ifEmpty)
	}
	if !utf8.ValidString(text) {
		return "", &InvalidError{
			Field:     field,
			Message:   "This has characters that cannot be used here. Type it again.",
			MessageID: "invalid.characters",
		}
	}
	if err := checkMarks(field, text); err != nil {
		return "", err
	}
	if at := strings.IndexFunc(text, isForbidden); at >= 0 {
		found, _ := utf8.DecodeRuneInString(text[at:])
		return "", invisibleInText(field, found)
	}
	text = CleanLine(text)
	if utf8.RuneCountInString(text) > limit {
		return "", &InvalidError{
			Field:     field,
			Message:   fmt.Sprintf("This is longer than %d characters. Shorten it.", limit),
			MessageID: "invalid.too_long",
			Args:      map[string]string{"limit": strconv.Itoa(limit)},
		}
	}
	return text, nil
}

// checkMarks refuses characters under a pile of marks.
func checkMarks(field, text string) error {
	if ClipMarks(text) == norm.NFC.String(text) {
		return nil
	}
	return &InvalidError{
		Field: field,
		Message: fmt.Sprintf(
			"A character of this has more than %d marks above or below it. Type it again without them.", maxMarks,
		),
		MessageID: "invalid.marks",
		Args:      map[string]string{"limit": strconv.Itoa(maxMarks)},
	}
}

// isVisible excludes spaces, format characters and the blank of Braille: a name
// must have a visible character.
func isVisible(r rune) bool {
	return unicode.IsGraphic(r) && !unicode.IsSpace(r) && !isInvisible(r) && r != '\u2800'
}

// isForbidden matches characters that could forge a line or reorder text:
// control characters and the directional overrides.
func isForbidden(r rune) bool {
	return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' ||
		(r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069')
}

func shorten(text string, most int) string {
	return grapheme.Truncate(strings.Map(func(r rune) rune {
		if isForbidden(r) {
			return -1
		}
		return r
	}, text), most)
}

// Since is the time from m to now.
func (m Timestamp) Since(now Timestamp) time.Duration { return time.Duration(now-m) * time.Millisecond }

// Add returns m plus d.
func (m Timestamp) Add(d time.Duration) Timestamp { return m + Timestamp(d/time.Millisecond) }
