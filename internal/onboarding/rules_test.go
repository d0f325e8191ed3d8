package onboarding

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestALinkEndsOneMonthLaterOnTheMonthsLastDayAtMost(t *testing.T) {
	for accepted, want := range map[string]string{
		"2026-01-31T10:00:00Z": "2026-02-28T10:00:00Z",
		"2028-01-31T10:00:00Z": "2028-02-29T10:00:00Z",
		"2026-03-31T23:59:59Z": "2026-04-30T23:59:59Z",
		"2026-12-05T00:00:00Z": "2027-01-05T00:00:00Z",
		"2026-01-28T00:00:00Z": "2026-02-28T00:00:00Z",
		"2026-10-25T01:30:00Z": "2026-11-25T01:30:00Z", // the clocks change in Europe
	} {
		from, err := time.Parse(time.RFC3339, accepted)
		if err != nil {
			t.Fatal(err)
		}
		if got := LinkEnds(TimestampOf(from)).Time().Format(time.RFC3339); got != want {
			t.Errorf("a link accepted at %s ends at %s, want %s", accepted, got, want)
		}
	}
}

func TestALinkWorksUntilTheSecondItExpires(t *testing.T) {
	r := Request{Status: Pending, Expires: 10_000}
	if err := r.LinkState(9_999); err != nil {
		t.Errorf("just before the end: got %v, want the wizard", err)
	}
	if err := r.LinkState(10_000); !errors.Is(err, ErrExpired) {
		t.Errorf("at the end: got %v, want ErrExpired", err)
	}
	r.Finished = 5_000
	if err := r.LinkState(20_000); !errors.Is(err, ErrCompleted) {
		t.Errorf("finished, waiting: got %v, want ErrCompleted for ever", err)
	}
	r.Withdrawn = 6_000
	if err := r.LinkState(1); !errors.Is(err, ErrWithdrawn) {
		t.Errorf("withdrawn: got %v, want ErrWithdrawn first of all", err)
	}
}

func TestAddressesThatAreNotWholeAreRefused(t *testing.T) {
	for _, typed := range []string{
		"", "office@harbourpine", "@x.example", "a b@x.example", "Ana <ana@x.example>", "a@x.example,b@x.example",
		"a@x.example\r\nBcc: b@x.example", "a@.example", "a@x.", "a@[127.0.0.1]", strings.Repeat("a", 250) + "@x.example",
		"a@x..example", "\u202eana@x.example"} {
		if got, err := ValidateAddress("email", typed); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q: got %q and %v, want a sentence", typed, got, err)
		}
	}
	for typed, want := range map[string]string{
		" ana@x.example ": "ana@x.example", "Ana+test@Mail.X.Example": "Ana+test@mail.x.example",
		"o'neil@x.example": "o'neil@x.example",
	} {
		if got, err := ValidateAddress("email", typed); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
}

func TestARequestWithNothingToAskIsRefused(t *testing.T) {
	good := Request{Client: "Harbour & Pine", Services: []Service{HubSpot}}
	if err := ValidateRequest(good, known); err != nil {
		t.Errorf("a plain request: %v", err)
	}
	for field, spoil := range map[string]func(*Request){
		"client":   func(r *Request) { r.Client = "  " },
		"services": func(r *Request) { r.Services = nil },
		"business": func(r *Request) { r.Services = []Service{Facebook} },
		"message":  func(r *Request) { r.Message = strings.Repeat("é", MaxMessage+1) },
	} {
		r := good
		spoil(&r)
		var wrong *InvalidError
		if err := ValidateRequest(r, known); !errors.As(err, &wrong) || wrong.Field != field {
			t.Errorf("spoiled %s: got %v", field, err)
		}
	}
	for _, message := range []string{"a\x00b", "\xff\xfe"} {
		r := good
		r.Message = message
		if err := ValidateRequest(r, known); !errors.Is(err, ErrInvalid) {
			t.Errorf("message %q: got %v, want a refusal", message, err)
		}
	}
	for _, services := range [][]Service{{HubSpot, HubSpot}, {"myspace"}} {
		r := good
		r.Services = services
		if err := ValidateRequest(r, known); !errors.Is(err, ErrInvalid) {
			t.Errorf("services %v: got %v, want a refusal", services, err)
		}
	}
}

func TestOneLineRefusesWhatForgesLines(t *testing.T) {
	for _, typed := range []string{
		"", "a\nb", "a\x00b", "a\u202eb", "a\u2028b", "\xff\xfe", "\u200b\ufeff", "\u2060", strings.Repeat("x", 11),
	} {
		if _, err := ValidateLine("name", typed, 10, "Enter it."); !errors.Is(err, ErrInvalid) {
			t.Errorf("%q was taken", typed)
		}
	}
}

func TestMoreOfFacebookIsAskedForOnlyWithFacebookAndOnce(t *testing.T) {
	asks := func(change func(r *Request)) Request {
		r := Request{Client: "Harbour & Pine", Services: []Service{Facebook}, Connection: "c", Business: Account{ID: "1"}}
		change(&r)
		return r
	}
	for name, r := range map[string]Request{
		"nothing more":       asks(func(*Request) {}),
		"every kind":         asks(func(r *Request) { r.Kinds = ExtraKinds() }),
		"to advertise":       asks(func(r *Request) { r.Level = LevelAdvertise }),
		"to see results":     asks(func(r *Request) { r.Level = LevelView }),
		"a CRM to advertise": {Client: "Harbour & Pine", Services: []Service{HubSpot}, Level: LevelAdvertise},
	} {
		if err := ValidateRequest(r, known); err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for name, refused := range map[string]struct {
		request Request
		field   string
	}{
		"a kind twice":          {asks(func(r *Request) { r.Kinds = []Kind{Dataset, Dataset} }), "kinds"},
		"what is always asked":  {asks(func(r *Request) { r.Kinds = []Kind{Page} }), "kinds"},
		"another platform's":    {asks(func(r *Request) { r.Kinds = []Kind{Sheet} }), "kinds"},
		"a kind nobody knows":   {asks(func(r *Request) { r.Kinds = []Kind{"group"} }), "kinds"},
		"a level nobody knows":  {asks(func(r *Request) { r.Level = "manage" }), "level"},
		"a kind of no Facebook": {Request{Client: "x", Services: []Service{HubSpot}, Kinds: []Kind{Dataset}}, "kinds"},
		"results of a CRM":      {Request{Client: "x", Services: []Service{HubSpot}, Level: LevelView}, "level"},
	} {
		var wrong *InvalidError
		if err := ValidateRequest(refused.request, known); !errors.As(err, &wrong) || wrong.Field != refused.field {
			t.Errorf("%s: got %v, want it refused at %s", name, err, refused.field)
		}
	}
	if got := SortKinds([]Kind{Catalogue, "group", Dataset}); len(got) != 2 || got[0] != Dataset || got[1] != Catalogue {
		t.Errorf("in order: got %v", got)
	}
}
