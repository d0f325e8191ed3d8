package onboarding

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// At Facebook a client can share without an app: an admin adds the agency's Business
// Manager as a partner and names here what they shared. The agency's hub finds it among
// what its Business Manager was given.

// The limits of what a client names.
const (
	MaxNamed     = 50  // of one request
	maxNamedText = 200 // characters
)

// namedPrefix begins the account of an item that a client named, until its id is known.
const namedPrefix = "named:"

// IsNamed reports whether a client only named the item: its name is their text, and which
// account it is has not been found yet.
func (i Item) IsNamed() bool { return IsNamedAccount(i.Account) }

// IsNamedAccount reports whether an account stands for an item that a client named: nobody
// reads it.
func IsNamedAccount(account string) bool { return strings.HasPrefix(account, namedPrefix) }

// IsConfirmed reports whether a person of the agency has confirmed that the access works,
// and no check has.
func (i Item) IsConfirmed() bool { return i.Confirmed != 0 }

// HasNotArrived reports whether a client named the item, and nobody of the agency has found it
// or confirmed that it is there: there is no access to end.
func (i Item) HasNotArrived() bool { return i.IsNamed() && i.State == ItemWaiting && !i.IsConfirmed() }

// ConfirmedBy names the people of the agency who have confirmed, without a check, all that is
// connected of items; nobody: nothing is, or a check has shown something of it.
func ConfirmedBy(items []Item) (who []string) {
	for _, i := range items {
		switch {
		case i.State != ItemConnected:
		case !i.IsConfirmed():
			return nil
		case !slices.Contains(who, i.ConfirmedBy):
			who = append(who, i.ConfirmedBy)
		}
	}
	return who
}

// NamedAccount is the account of an item that a client named: the same text gives the same
// account.
func NamedAccount(text string) string {
	sum := sha256.Sum256([]byte(foldName(text)))
	return namedPrefix + fmt.Sprintf("%x", sum[:8])
}

// ValidateNamed validates what a client typed to name an asset of a kind: its name, its id, or
// its address at Facebook, of which the id is kept. What names no asset of theirs is refused:
// the agency's Business Manager, whose id stands on the same page, a part of an ad account's
// id, an address of another page. The error is an InvalidError of the field.
func ValidateNamed(field, typed string, kind Kind, business Account) (string, error) {
	text, err := ValidateLine(field, typed, maxNamedText, "")
	if err != nil {
		return "", err
	}
	if strings.IndexFunc(text, isVisible) < 0 {
		return "", &InvalidError{Field: field, Message: "Enter the name or the id.", MessageID: "invalid.named_missing"}
	}
	id := idIn(text)
	switch {
	case id != "" && id == business.ID:
		return "", &InvalidError{
			Field:     field,
			Message:   "This is the id of " + business.Name + ", which is added as a partner. Enter what is shared with it.",
			MessageID: "invalid.named_business",
			Args:      map[string]string{"business": business.Name},
		}
	case isAccountID(text) && kind != AdAccount:
		return "", &InvalidError{
			Field:     field,
			Message:   "An id that begins with act_ is an ad account’s. Choose Ad account, or enter another name or id.",
			MessageID: "invalid.named_kind",
		}
	case isAccountID(text) && id == "":
		return "", &InvalidError{
			Field:     field,
			Message:   "An ad account’s id is act_ and its digits, all of them. Enter it whole, or enter the name.",
			MessageID: "invalid.named_act",
		}
	case id == "" && isSettingsAddress(text):
		return "", &InvalidError{
			Field:     field,
			Message:   "This address names no ad account and no Page. Enter the name or the id.",
			MessageID: "invalid.named_address",
		}
	case id != "":
		return id, nil
	}
	return text, nil
}

// isAccountID reports whether a text is meant as an ad account's id: act_ and what follows.
func isAccountID(text string) bool {
	folded := strings.ReplaceAll(foldName(text), " ", "")
	return strings.HasPrefix(folded, "act_") || strings.HasPrefix(folded, "act=")
}

// isSettingsAddress reports whether a text is an address of Facebook's Business settings.
func isSettingsAddress(text string) bool {
	return strings.Contains(strings.ToLower(text), "business.facebook.com/")
}

// isID matches an ad account's or a Page's id as Facebook's pages show it.
var isID = regexp.MustCompile(`^(?:act_|act=|id ?[:=]? ?)?([0-9]{5,20})$`)

// idIn is the id that a text is or, as an address of Facebook's, has; empty: it is a name.
func idIn(text string) string {
	if digits := isID.FindStringSubmatch(strings.ToLower(strings.ReplaceAll(text, " ", ""))); digits != nil {
		return digits[1]
	}
	address, err := url.Parse(text)
	if err != nil || !strings.Contains(text, "facebook.com/") {
		return ""
	}
	query := address.Query()
	for _, name := range []string{"act", "selected_asset_id", "asset_id", "id"} {
		if digits := isID.FindStringSubmatch(query.Get(name)); digits != nil {
			return digits[1]
		}
	}
	return ""
}

// foldName is a name without what people type in different ways: case, width, spaces.
func foldName(name string) string {
	return strings.Join(strings.Fields(strings.ToLower(norm.NFKC.String(name))), " ")
}

// Naming is what a client typed for an account that was found since.
type Naming struct {
	Kind    Kind      `json:"kind"`
	Name    string    `json:"name"`
	By      Person    `json:"by"`
	Created Timestamp `json:"created"`
	Found   Timestamp `json:"found"`
	Chosen  string    `json:"chosen,omitempty"` // the member who chose the account; empty: it was certain
	Joined  bool      `json:"joined,omitempty"` // the request had an item of the account without this
	Not     []string  `json:"not,omitempty"`    // accounts that a member had said it is not
}

// NamedAsset is what a client named and no hub has found yet.
type NamedAsset struct {
	Item    string
	Request string
	Kind    Kind
	Name    string
	// Since is from when on an arrival is new: since the hub knows that the request is shared by
	// hand, by the clock of its computer, as Arrival.Missing is. Zero: it is not known.
	Since Timestamp
	Not   []string // accounts that a member has said it is not
}

// Fits reports whether an asset has exactly the id or the name that the client typed.
func (n NamedAsset) Fits(kind Kind, account, name string) bool {
	if n.Kind != kind {
		return false
	}
	if id := idIn(n.Name); id != "" {
		return id == strings.TrimPrefix(account, "act_")
	}
	return foldName(n.Name) == foldName(name)
}

// resembles reports whether a name is near enough to be shown as a candidate.
func (n NamedAsset) resembles(name string) bool {
	plain := func(text string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" .,-_&'’|/()", r) {
				return -1
			}
			return r
		}, foldName(text))
	}
	a, b := plain(n.Name), plain(name)
	const enough = 4
	return len(a) >= enough && len(b) >= enough && (strings.Contains(a, b) || strings.Contains(b, a))
}

// Arrival is an asset that an agency's Business Manager was given.
type Arrival struct {
	Kind    Kind   `json:"kind"`
	Account string `json:"account"`
	Name    string `json:"name"`
	Detail  string `json:"detail"`
	Owner   string `json:"owner"` // the name of the business that gave it; empty: not known
	// Missing is when the list was last read without it. Zero: it was in the first list.
	Missing Timestamp `json:"missing"`
}

// isNewSince reports whether an arrival came after a request was known: it was missing in a
// list that was read later than that.
func (a Arrival) isNewSince(known Timestamp) bool { return known != 0 && a.Missing >= known }

// CandidateReason is why a person has to decide about an arrival.
type CandidateReason string

// The reasons.
const (
	CandidateBefore  CandidateReason = "before"  // it fits, and may have been there before the request
	CandidateTaken   CandidateReason = "taken"   // it fits, and belongs to a request or to the agency already
	CandidateSeveral CandidateReason = "several" // several arrivals fit
	CandidateOther   CandidateReason = "other"   // what another client named fits as well
	CandidateNear    CandidateReason = "near"    // the name is like it
	CandidateNew     CandidateReason = "new"     // new since the request, and nobody named it
	CandidateWrong   CandidateReason = "wrong"   // a member has said that it is another one
	CandidateSame    CandidateReason = "same"    // the request has it: the client may have typed it twice
)

// Candidate is an arrival that may be what a client named.
type Candidate struct {
	Arrival
	Why CandidateReason `json:"why"`
	// Client is whose request has it or named it as well; empty: the agency's own, or this one's.
	Client string `json:"client,omitempty"`
	// With is the request of CandidateTaken and CandidateOther; empty: the agency's own.
	With string `json:"-"`
}

// IsHint reports whether the arrival itself suggests that it is meant. What the request has, and
// what a member said that it is not, is offered without one.
func (c Candidate) IsHint() bool { return c.Why != CandidateSame && c.Why != CandidateWrong }

// ArrivalMatch is what was found for one asset that a client named. Without an Account a
// person chooses among the candidates, if there are any.
type ArrivalMatch struct {
	Account    string
	Candidates []Candidate
}

// MatchArrivals finds what clients named among what a Business Manager was given. It is
// certain only of what fits alone, is new since its request and belongs to nobody: anyone
// with a link could name what another client shared. taken has the request of each account that
// an item has, which is no obstacle for that request itself.
func MatchArrivals(named []NamedAsset, arrivals []Arrival, taken map[string]string) map[string]ArrivalMatch {
	matches := map[string]ArrivalMatch{}
	found := map[string]bool{}
	for _, one := range named {
		match := one.exact(named, arrivals, taken)
		matches[one.Item] = match
		if match.Account != "" {
			found[match.Account] = true
		}
	}
	for _, one := range named {
		match := matches[one.Item]
		if match.Account != "" {
			continue
		}
		for _, a := range arrivals {
			isListed := slices.ContainsFunc(match.Candidates, func(c Candidate) bool { return c.Account == a.Account })
			if isListed || found[a.Account] || one.isTaken(taken, a) {
				continue
			}
			switch {
			case slices.Contains(one.Not, a.Account):
				match.Candidates = append(match.Candidates, Candidate{Arrival: a, Why: CandidateWrong})
			case taken[a.Account] == one.Request && taken[a.Account] != "":
				match.Candidates = append(match.Candidates, Candidate{Arrival: a, Why: CandidateSame})
			case one.resembles(a.Name) || one.resembles(a.Owner):
				match.Candidates = append(match.Candidates, Candidate{Arrival: a, Why: CandidateNear})
			case a.isNewSince(one.Since):
				match.Candidates = append(match.Candidates, Candidate{Arrival: a, Why: CandidateNew})
			}
		}
		slices.SortStableFunc(match.Candidates, func(a, b Candidate) int { return a.order() - b.order() })
		matches[one.Item] = match
	}
	return matches
}

// exact finds the arrivals that fit exactly.
func (n NamedAsset) exact(named []NamedAsset, arrivals []Arrival, taken map[string]string) ArrivalMatch {
	var fitting []Arrival
	for _, a := range arrivals {
		if n.Fits(a.Kind, a.Account, a.Name) {
			fitting = append(fitting, a)
		}
	}
	var match ArrivalMatch
	for _, a := range fitting {
		why, with := CandidateReason(""), ""
		isOthers := func(other NamedAsset) bool { return other.Item != n.Item && other.Fits(a.Kind, a.Account, a.Name) }
		switch other := slices.IndexFunc(named, isOthers); {
		case n.isTaken(taken, a):
			why, with = CandidateTaken, taken[a.Account]
		case slices.Contains(n.Not, a.Account):
			why = CandidateWrong
		case len(fitting) > 1:
			why = CandidateSeveral
		case other >= 0:
			why, with = CandidateOther, named[other].Request
		case !a.isNewSince(n.Since):
			why = CandidateBefore
		default:
			return ArrivalMatch{Account: a.Account}
		}
		match.Candidates = append(match.Candidates, Candidate{Arrival: a, Why: why, With: with})
	}
	return match
}

func (n NamedAsset) isTaken(taken map[string]string, a Arrival) bool {
	request, is := taken[a.Account]
	return is && request != n.Request
}

// order is where a candidate stands: what fits first.
func (c Candidate) order() int {
	switch c.Why {
	case CandidateNear:
		return 1
	case CandidateNew:
		return 2
	case CandidateWrong, CandidateSame:
		return 3
	}
	return 0
}

// isBusinessID matches the id of a Business Manager.
var isBusinessID = regexp.MustCompile(`^[0-9]{6,20}$`)

// ValidateBusiness validates a Business Manager that a member typed, and cleans it: spaces
// within the id go. The error is an InvalidError of the field.
func ValidateBusiness(b Account) (Account, error) {
	id := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, b.ID)
	if isAccountID(id) {
		return Account{}, Invalid("business", "This is an ad account’s id. Enter the id of your Business Manager: "+
			"digits only. Business settings shows it at Business info.")
	}
	if !isBusinessID.MatchString(id) {
		return Account{}, Invalid("business",
			"Enter the id of your Business Manager: digits only. Business settings shows it at Business info.")
	}
	name, err := ValidateLine("business_name", b.Name, MaxClient, "Enter the name of your Business Manager.")
	return Account{ID: id, Name: name}, err
}
