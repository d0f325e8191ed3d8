package onboarding

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// saying is the field and message of an InvalidError; empty: err is nil.
func saying(err error) string {
	var wrong *InvalidError
	if !errors.As(err, &wrong) {
		return ""
	}
	return wrong.Field + ": " + wrong.Message
}

func TestEachRuleOfAnAddressRefusesByItself(t *testing.T) {
	of := func(length int) string { // two labels of 63 bytes, one of what is left
		label := strings.Repeat("b", 63)
		end := "@" + label + "." + label + "."
		return strings.Repeat("a", 60) + end + strings.Repeat("c", length-60-len(end)-len(".example")) + ".example"
	}
	if _, err := ValidateAddress("email", of(MaxAddress)); err != nil {
		t.Errorf("an address of %d bytes: %v", MaxAddress, err)
	}
	const deleteIt = "Delete it, or type the address again."
	for typed, want := range map[string]string{
		"":                  "email: Enter an email address.",
		" \t ":              "email: Enter an email address.",
		"@x.example":        "email: @x.example is not a full address.",
		"a@.example":        "email: a@.example is not a full address.",
		"a@x.example.":      "email: a@x.example. is not a full address.",
		"a@x":               "email: a@x is not a full address.",
		"a@[1.2.3.4]":       "email: a@[1.2.3.4] is not a full address.",
		"Ana <a@x.example>": "email: Ana <a@x.example> is not a full address.",
		of(MaxAddress + 1):  "email: " + strings.Repeat("a", 59) + "… is not a full address.",
		// directional overrides are not repeated
		"\u202ea@x.example": "email: a@x.example has an invisible character inside: direction mark (U+202E). " + deleteIt,
		"a@x.example\nb@x":  "email: a@x.example b@x has an invisible character inside: line break (U+000A). " + deleteIt,
	} {
		if _, err := ValidateAddress("email", typed); saying(err) != want {
			t.Errorf("%q: got %q, want %q", typed, saying(err), want)
		}
	}
}

func TestALineIsAsLongAsItMayBeAndNotOneLonger(t *testing.T) {
	const missing, strange, long = "name: Enter it.", "name: This has characters that cannot be used here. Type it again.",
		"name: This is longer than 10 characters. Shorten it."
	invisible := func(named string) string {
		return "name: This has an invisible character inside: " + named + ". Delete it, or type the text again."
	}
	for typed, want := range map[string]string{
		strings.Repeat("é", 10):       "",
		strings.Repeat("é", 11):       long,
		"\n":                          missing,
		" \u00a0\u3000 ":              missing,
		"\u2060\u00a0\u2060":          missing,
		"\xff":                        strange,
		"\u2060\xff":                  strange,
		"\u2028x":                     "",
		"a\u2028b":                    invisible("line break (U+2028)"),
		"a\u2029b":                    invisible("line break (U+2029)"),
		"a\u202ab":                    invisible("direction mark (U+202A)"),
		"a\u202eb":                    invisible("direction mark (U+202E)"),
		"a\u2066b":                    invisible("direction mark (U+2066)"),
		"a\u2069b":                    invisible("direction mark (U+2069)"),
		"a\u0000b":                    invisible("character (U+0000)"),
		"\u0000":                      missing,
		"a\u007fb":                    invisible("character (U+007F)"),
		"a\u202fb\u2065c\u206ad":      "", // the neighbours of the directional overrides
		"\u2027\u2030":                "",
		"  " + "Ana" + "\t":           "",
		strings.Repeat("x", 10) + " ": "",
	} {
		if _, err := ValidateLine("name", typed, 10, "Enter it."); saying(err) != want {
			t.Errorf("%q: got %q, want %q", typed, saying(err), want)
		}
	}
	if text, err := ValidateLine("name", " ", 10, ""); text != "" || err != nil {
		t.Errorf("nothing, where nothing may stand: got %q and %v", text, err)
	}
	if _, err := ValidateLine("name", "a\nb", 10, ""); saying(err) != invisible("line break (U+000A)") {
		t.Errorf("two lines, where nothing may stand: %v", err)
	}
}

func TestWhatIsRepeatedOfAWrongWordIsShortAndHarmless(t *testing.T) {
	for text, want := range map[string]string{
		strings.Repeat("é", 5):            strings.Repeat("é", 5),
		strings.Repeat("é", 6):            strings.Repeat("é", 4) + "…",
		"a\r\nb\u202ec":                   "abc",
		"\u2066" + strings.Repeat("é", 5): strings.Repeat("é", 5),
	} {
		if got := shorten(text, 5); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for address, want := range map[string]string{
		"marta@harbourpine.example": "m•••@harbourpine.example", "émile@x.example": "é•••@x.example",
		"@x.example": "•••", "nothing": "•••", "": "•••", "a@x.example": "a•••@x.example",
	} {
		if got := MaskAddress(address); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}

func TestARequestIsRefusedForOneThingAtATime(t *testing.T) {
	whole := Request{Client: "Harbour & Pine", Services: []Service{Facebook}, Connection: "c", Business: Account{ID: "1"}}
	const choose = "business: Choose the Facebook user who gets access and the Business Manager the accounts go to."
	for want, change := range map[string]func(*Request){
		"": func(r *Request) {
			r.Client, r.Message = strings.Repeat("é", MaxClient), strings.Repeat("é", MaxMessage)
		},
		"client: This is longer than 160 characters. Shorten it.": func(r *Request) {
			r.Client = strings.Repeat("é", MaxClient+1)
		},
		"message: The message is longer than 5000 characters. Shorten it.": func(r *Request) {
			r.Message = strings.Repeat("é", MaxMessage+1)
		},
		"services: Choose at least one service to ask for.": func(r *Request) { r.Services = nil },
	} {
		r := whole
		change(&r)
		if got := saying(ValidateRequest(r, known)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	for _, spoil := range []func(*Request){
		func(r *Request) { r.Connection = "" },
		func(r *Request) { r.Business.ID = "" },
	} {
		r := whole
		spoil(&r)
		if got := saying(ValidateRequest(r, known)); got != choose {
			t.Errorf("without one half of what Facebook needs: got %q", got)
		}
	}
}

func TestALinkOfACompletedRequestIsFinishedHoweverItWasCompleted(t *testing.T) {
	for name, r := range map[string]Request{
		"completed":             {Status: Connected, Expires: 10},
		"finished and waiting":  {Status: Pending, Finished: 1, Expires: 10},
		"completed and expired": {Status: Connected, Expires: 1},
	} {
		if err := r.LinkState(5); !errors.Is(err, ErrCompleted) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestWhatAnItemGivesIsShortNamesAndNoLessThanNothing(t *testing.T) {
	const wrong, many = "access: This is not what an item can give.", "access: This is more than an item can give."
	alone := func(c Capability) []Capability { return []Capability{c} }
	whole := Capability{Name: CapabilityName(strings.Repeat("x", 40)), Level: longestLevel, Count: 0}
	for name, c := range map[string]struct {
		all  []Capability
		want string
	}{
		"nothing":             {nil, ""},
		"at its longest":      {alone(whole), ""},
		"a newer hub's":       {alone(Capability{Name: "leads_of_tomorrow"}), ""},
		"no name":             {alone(Capability{Count: 1}), wrong},
		"a long name":         {alone(Capability{Name: CapabilityName(strings.Repeat("x", 41))}), wrong},
		"a long level":        {alone(Capability{Name: "x", Level: longestLevel + "x"}), wrong},
		"less than nothing":   {alone(Capability{Name: "x", Count: -1}), wrong},
		"a name with spaces":  {alone(Capability{Name: "a b"}), wrong},
		"a level in capitals": {alone(Capability{Name: "x", Level: "Read"}), wrong},
		"the second is none":  {[]Capability{{Name: "x"}, {}}, wrong},
		"as many as may be":   {slices.Repeat(alone(whole), MaxCapabilities), ""},
		"one too many":        {slices.Repeat(alone(whole), MaxCapabilities+1), many},
	} {
		if got := saying(ValidateCapabilities("access", c.all)); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// longestLevel has the maximal length.
const longestLevel = "xxxxxxxxxxxxxxxxxxxx"

func TestTheLastChecksAreKeptAndOneReportedTwiceCountsOnce(t *testing.T) {
	at := func(times ...Timestamp) (records []CheckRecord) {
		for _, one := range times {
			records = append(records, CheckRecord{Checked: one})
		}
		return records
	}
	for _, c := range []struct {
		older  []CheckRecord
		newest Timestamp
		want   []CheckRecord
	}{
		{nil, 1, at(1)},
		{at(1), 2, at(2, 1)},
		{at(2, 1), 2, at(2, 1)},
		{at(3, 2, 1), 4, at(4, 3, 2)},
		{at(3, 2, 1), 3, at(3, 2, 1)},
	} {
		got := WithCheckRecord(c.older, CheckRecord{Checked: c.newest})
		if !slices.EqualFunc(got, c.want, func(a, b CheckRecord) bool { return a.Checked == b.Checked }) {
			t.Errorf("%v and %d: got %v, want %v", c.older, c.newest, got, c.want)
		}
	}
}

func TestWhatAnOperatorLeavesOpenIsBounded(t *testing.T) {
	usual := Limits{AgencyAddressesPerDay: 300, RequestAddresses: 20, AddressEmails: 6, LinkEmailsPerDay: 3}
	if got := (Limits{}).OrDefault(); got != usual {
		t.Errorf("nothing set: got %+v, want %+v", got, usual)
	}
	own := Limits{AgencyAddressesPerDay: 1, RequestAddresses: 2, AddressEmails: 5, LinkEmailsPerDay: 4}
	if got := own.OrDefault(); got != own {
		t.Errorf("all set: got %+v, want %+v", got, own)
	}
}

func TestTheNamesOfThingsFollowFromEachOther(t *testing.T) {
	for service, platform := range map[Service]Platform{Facebook: Meta, HubSpot: "hubspot", "other": "other"} {
		if service.Platform() != platform || platform.Service() != service {
			t.Errorf("%s and %s: got %s and %s", service, platform, service.Platform(), platform.Service())
		}
	}
	shared := map[Kind]bool{
		AdAccount: true, Page: true, Dataset: true, InstagramAccount: true, Catalogue: true, CRMAccount: false, Sheet: false,
	}
	for _, kind := range Kinds() {
		if want, listed := shared[kind]; !listed || kind.IsShared() != want {
			t.Errorf("%s: shared %v, want %v (listed: %v)", kind, kind.IsShared(), want, listed)
		}
	}
	if AccessLevel("").OrDefault() != LevelAdvertise || LevelView.OrDefault() != LevelView {
		t.Error("what is asked for when nothing is said is not to advertise")
	}
	for want, brand := range map[string]Brand{
		"Acme Media": {Company: "Acme Group"}, "Acme Group": {On: true, Company: "Acme Group"},
	} {
		if got := (Agency{Name: "Acme Media", Brand: brand}).CompanyName(); got != want {
			t.Errorf("%+v: got %q, want %q", brand, got, want)
		}
	}
	if got := (Agency{Name: "Acme Media", Brand: Brand{On: true}}).CompanyName(); got != "Acme Media" {
		t.Errorf("a brand without a name: got %q", got)
	}
	later := time.UnixMilli(7)
	if TimestampOf(time.Time{}) != 0 || !Timestamp(0).Time().IsZero() || TimestampOf(later) != 7 ||
		!Timestamp(7).Time().Equal(later) {
		t.Error("never is not the zero time, or a moment not its time")
	}
}

func TestACompanyNameIsFoldedAndBounded(t *testing.T) {
	for typed, want := range map[string]string{
		"Harbour\r\nPine\tMedia":           "Harbour Pine Media",
		"Har\u200bbour\u202e":              "Harbour",
		strings.Repeat("é", MaxCompany):    strings.Repeat("é", MaxCompany),
		"a\u2028b":                         "a b",
		strings.Repeat("a ", MaxCompany/2): strings.TrimSpace(strings.Repeat("a ", MaxCompany/2)),
	} {
		if got, err := ValidateCompany(typed, serviceNames()); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
	long := "company: The company name is longer than 80 characters. Shorten it."
	if _, err := ValidateCompany(strings.Repeat("é", MaxCompany+1), serviceNames()); saying(err) != long {
		t.Errorf("one character too many: %v", err)
	}
	for _, name := range []string{"F@cebook Ads", "Faceb00k", "|nstagram", "Goog!e", "Face book"} {
		_, err := ValidateCompany(name, serviceNames())
		if !strings.HasPrefix(saying(err), "company: Clients would take this for ") {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestOneColourIsTheNeutralOneHoweverItIsWritten(t *testing.T) {
	neutral, err := DerivePalettes("")
	if err != nil {
		t.Fatal(err)
	}
	for _, colour := range []string{NeutralColour, strings.ToUpper(NeutralColour)} {
		if got, err := DerivePalettes(colour); err != nil || got != neutral {
			t.Errorf("%s: got %+v and %v", colour, got, err)
		}
	}
}
