package catalog_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestEveryCodeIsInTheList(t *testing.T) {
	listed := map[catalog.FailureCode]bool{}
	for _, code := range catalog.Codes() {
		if listed[code] {
			t.Errorf("%s is listed twice", code)
		}
		listed[code] = true
	}
	declared := declaredCodes(t)
	for _, code := range declared {
		if !listed[code] {
			t.Errorf("%s is declared, but catalog.Codes does not list it", code)
		}
	}
	if len(declared) != len(listed) {
		t.Errorf("%d codes are declared, %d listed", len(declared), len(listed))
	}
}

// declaredCodes are the values of the constants of the type catalog.FailureCode.
func declaredCodes(t *testing.T) []catalog.FailureCode {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "failure.go", nil, 0)
	if err != nil {
		t.Fatalf("reading failure.go: %v", err)
	}
	var codes []catalog.FailureCode
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "FailureCode" {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatalf("reading the constant %s: %v", spec.Names[0].Name, err)
			}
			codes = append(codes, catalog.FailureCode(value))
		}
		return true
	})
	return codes
}

func everyFact() catalog.Args {
	return catalog.Args{
		Agency: "Northlight Media", Name: "Marta Lindqvist", Asset: "Harbour Café", Other: "Kontor Werbung",
		People:  []string{"Lars Holm", "Ida Berg"},
		Service: onboarding.HubSpot, When: 1795613580000, Account: "Harbour AB", Address: "https://a.api-us1.com",
		Reason: "Reason.", Lists: "the Pages of Harbour AB", Feature: "custom objects", Done: 2, Waits: 1, Of: 4}
}

// With every fact and with none, for everybody who reads it.
func TestEveryFailureIsSaidInFull(t *testing.T) {
	texts := catalogtest.New(t)
	for _, code := range catalog.Codes() {
		for name, facts := range map[string]catalog.Args{"all facts": everyFact(), "no facts": {}} {
			f := texts.Describe(code, facts)
			if f.Code != code || f.Title == "" || f.Short == "" || f.Message == "" || f.ForAgency == "" || f.FixedBy == "" ||
				f.Severity == "" {
				t.Errorf("%s with %s: something is missing: %+v", code, name, f)
			}
			for _, said := range append([]string{
				f.Title, f.Short, f.Message, f.Explanation, f.NextStep, f.Note, f.ForAgency,
			}, f.Steps...) {
				checkVoice(t, string(code)+" with "+name, said)
			}
			if f.FixedBy == catalog.You && f.NextStep == "" && len(f.Recovery) == 0 {
				t.Errorf("%s: whoever reads it can do something, but is not told what", code)
			}
			if f.Severity == catalog.SeverityError && len(f.Recovery) == 0 {
				t.Errorf("%s: there is no way out", code)
			}
			if slices.Contains(f.Recovery, catalog.RecoverCopyNote) && f.Note == "" {
				t.Errorf("%s: it offers a note and has none", code)
			}
			if strings.Contains(f.Note, "the email from") && !strings.Contains(f.Note, ", which I forward to you.") {
				t.Errorf("%s: the colleague who reads the note never got that email: %q", code, f.Note)
			}
			if (f.Link.URL == "") != (f.Link.Label == "") || f.Link.URL != "" && !strings.HasPrefix(f.Link.URL, "https://") {
				t.Errorf("%s: the link is %+v", code, f.Link)
			}
		}
	}
}

// checkVoice keeps the voice: no exclamation, no blame, no seams of a template.
func checkVoice(t *testing.T, where, said string) {
	t.Helper()
	if said == "" {
		return
	}
	lower := strings.ToLower(said)
	for _, never := range []string{
		"!", "  ", "..", "%!", "{", "}", "<", "successfully", "oops", "error", "invalid", "failed", " ,", " .", "'s ",
		"OAuth", "null",
	} {
		if strings.Contains(lower, strings.ToLower(never)) {
			t.Errorf("%s: %q has %q in it", where, said, never)
		}
	}
	if said != strings.TrimSpace(said) {
		t.Errorf("%s: %q has space around it", where, said)
	}
	if first := said[:1]; first != strings.ToUpper(first) {
		t.Errorf("%s: %q begins small", where, said)
	}
}

func TestOnlyWhatTheAgencyReadsNamesTheProduct(t *testing.T) {
	texts := catalogtest.New(t)
	for _, code := range catalog.Codes() {
		f := texts.Describe(code, everyFact())
		for _, said := range append([]string{f.Title, f.Short, f.Message, f.Explanation, f.NextStep, f.Note}, f.Steps...) {
			if strings.Contains(strings.ToLower(said), "latchkey") {
				t.Errorf("%s: a client would read %q", code, said)
			}
		}
	}
}

func TestAnUnknownCodeIsSaidAllTheSame(t *testing.T) {
	texts := catalogtest.New(t)
	f := texts.Describe("from_a_newer_relay", catalog.Args{Agency: "Northlight Media"})
	if catalog.FailureCode("from_a_newer_relay").Known() ||
		f.Message != texts.Describe(catalog.Unexpected, catalog.Args{}).Message || f.Code != "from_a_newer_relay" {
		t.Errorf("it says %+v", f)
	}
}

func TestNamesAreFilledIn(t *testing.T) {
	texts := catalogtest.New(t)
	for code, wants := range map[catalog.FailureCode][]string{
		catalog.LinkCompleted:     {"Marta has finished this"},
		catalog.LinkWithdrawn:     {"Northlight Media has withdrawn this request"},
		catalog.AlsoStarted:       {"Marta has also started"},
		catalog.OtherOwner:        {"Kontor Werbung", "Harbour Café"},
		catalog.PartialAccess:     {"Lars Holm and Ida Berg have full control"},
		catalog.WrongFacebookUser: {"Marta Lindqvist"},
		catalog.AgencySide:        {"the side of Northlight Media"},
		catalog.PartlyDone:        {"2 of 4 are done, 1 waits. "},
		catalog.WhichAccount:      {"Harbour AB"},
		catalog.PlatformDown:      {"HubSpot does not answer"},
	} {
		f := texts.Describe(code, everyFact())
		all := strings.Join([]string{f.Title, f.Message, f.Explanation, f.NextStep}, " ")
		for _, want := range wants {
			if !strings.Contains(all, want) {
				t.Errorf("%s lacks %q: %s", code, want, all)
			}
		}
	}
}

func TestOnlyWhatCannotBeSharedBlocks(t *testing.T) {
	texts := catalogtest.New(t)
	blocks := map[catalog.FailureCode]bool{
		catalog.NotInBusinessManager: true, catalog.NoBusinessManager: true, catalog.OtherOwner: true,
		catalog.PartialAccess: true, catalog.NotBusinessAdmin: true,
	}
	for _, code := range catalog.Codes() {
		if got := texts.Describe(code, catalog.Args{}).Blocks; got != blocks[code] {
			t.Errorf("%s blocks: %v", code, got)
		}
	}
}

func TestServicesAreSortedAsAClientMeetsThem(t *testing.T) {
	texts := catalogtest.New(t)
	ids := texts.IDs()
	first, last := ids[0], ids[len(ids)-1]
	got := texts.Sort([]onboarding.Service{last, "myspace", first, last})
	if !slices.Equal(got, []onboarding.Service{first, last}) {
		t.Errorf("in order: got %v", got)
	}
	if !texts.Known(last) || texts.Known("myspace") {
		t.Error("the catalog knows what it does not have, or the other way round")
	}
}

func TestEveryServiceIsExplained(t *testing.T) {
	texts := catalogtest.New(t)
	all := texts.Services()
	if len(all) != len(texts.IDs()) || all[0].ID != onboarding.Facebook {
		t.Fatalf("the services are %v", all)
	}
	for _, s := range all {
		if s.Name == "" || s.Short == "" || s.Level == "" || s.From == "" || s.Lead == "" || len(s.Read) == 0 ||
			len(s.NotRead) == 0 ||
			s.Account == "" || s.Sign == "" || len(s.Withdraw) == 0 || s.Manage.URL == "" {
			t.Errorf("%s: something is missing: %+v", s.ID, s)
		}
		if (s.Host == "") != (s.Key != nil) {
			t.Errorf("%s: its host is %q", s.ID, s.Host)
		}
	}
	if s := texts.Service("something_newer"); s.Name != "something_newer" {
		t.Errorf("an unknown service is called %q", s.Name)
	}
}

func TestSmallWords(t *testing.T) {
	texts := catalogtest.New(t)
	for got, want := range map[string]string{
		texts.CountKind(0, onboarding.Page): "no Pages",
		texts.CountKind(1, onboarding.Page): "1 Page",
		texts.CountKind(2, onboarding.Page): "2 Pages",
		texts.List(nil):                     "",
		texts.List([]string{"a"}):           "a",
		texts.List([]string{"a", "b"}):      "a and b",
		texts.List([]string{"a", "b", "c"}): "a, b and c",

		catalog.GroupDigits("118420903317552"): "1184 2090 3317 552",
		catalog.GroupDigits("1234"):            "1234",
		catalog.GroupDigits("act_12345"):       "act_12345",
		catalog.GroupDigits("12345"):           "1234 5",
		catalog.FirstName(" Marta Lindqvist"):  "Marta",

		texts.Date(0) + texts.DateTime(0) + texts.Time(0): "",
		texts.DateTime(1796481120000):                     "Saturday, 5 December 2026, 14:32 UTC",
		texts.Time(1796481120000):                         "14:32 UTC",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestFeaturesNamesWhatIsMissingInWords(t *testing.T) {
	service := catalogtest.New(t).Service(onboarding.HubSpot)
	service.Optional = []catalog.Optional{{"a", "reading lists"}, {"b", "changing contacts"}, {"c", "sending"}}
	for _, c := range []struct {
		missing []string
		want    string
	}{
		{nil, ""},
		{[]string{"unknown"}, ""},
		{[]string{"b"}, "changing contacts"},
		{[]string{"b", "a"}, "reading lists and changing contacts"},
		{[]string{"a", "c", "b"}, "reading lists, changing contacts and sending"},
	} {
		if got := service.Features(c.missing); got != c.want {
			t.Errorf("without %q: got %q, want %q", c.missing, got, c.want)
		}
	}
}

// A repair link's page has no field for a colleague's email and skips nothing, and what it
// is about was connected.
func TestARepairSaysNothingThatIsOfARequestAlone(t *testing.T) {
	texts := catalogtest.New(t)
	for _, code := range catalog.Codes() {
		for _, service := range texts.Services() {
			if !code.IsRepairable() && code != catalog.AddressUnknown {
				continue
			}
			f := catalog.DescribeBroken(texts, onboarding.Item{
				Name: "Harbour & Pine AB", Service: service.ID, PlatformBy: "Ida Berg",
				Access: onboarding.Access{State: onboarding.AccessBroken, Failure: string(code), Since: 1795613580000},
			}, "Northlight Media", catalog.Asked{})
			said := strings.Join([]string{f.Title, f.Message, f.Explanation, f.NextStep}, " ")
			for _, never := range []string{"othing was connected", "not connected", "skip", "only this part", "ry again"} {
				if strings.Contains(said, never) {
					t.Errorf("%s at %s says %q in: %s", code, service.ID, never, said)
				}
			}
		}
	}
}
