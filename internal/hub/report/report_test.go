package report

import (
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAReportSaysWhatBecameOfEachAccessAndLoadsNothing(t *testing.T) {
	at := onboarding.TimestampOf(time.Date(2026, 11, 30, 9, 14, 0, 0, time.UTC))
	text, err := Write(t.Context(), replica.Offboarding{
		ID: "X", Client: "Harbour <b> & Pine", Agency: "Northlight Media", By: "Ana Ruiz", Started: at, Ended: at,
		Links: []replica.OffboardedLink{
			{Request: "R1", Created: at, State: replica.LinkWithdrawn, Done: at, Length: 6, Code: "HT88-TCCQ", Whole: true},
			{Request: "R3", Created: at, State: replica.LinkUnknown, Done: at},
			{Request: "R2", Created: at, State: replica.LinkOver, Length: 4, Code: "AAAA-BBBB"},
		},
		Items: []replica.OffboardedItem{
			{
				Name: "Harbour & Pine AB", Service: onboarding.HubSpot, Account: "8812034", Outcome: replica.OutcomeProven,
				Done: at, Message: "HubSpot was asked once more: the access is gone.",
				Asked: &replica.PlatformAnswer{At: at, Proven: true, Code: "INVALID_AUTHENTICATION"},
			},
			{
				Name: "Leads", Service: onboarding.GoogleSheets, Outcome: replica.OutcomeKept, Message: "It stays.",
				KeptFor: []string{"Waiting list, Northwind"}, Steps: []string{"Open your Google Account."},
			},
			{Name: "Kept Page", Service: onboarding.Facebook, Outcome: replica.OutcomeLeft},
			{Name: "A key", Service: onboarding.ActiveCampaign, Outcome: replica.OutcomeRemains, Next: "Ask Nadia to reset it."},
			{
				Name: "Old portal", Service: onboarding.HubSpot, Outcome: replica.OutcomeEndedBefore, Done: at, DoneBy: "Ben Cole",
			},
			{Name: "Lost key", Service: onboarding.Mailchimp, Outcome: replica.OutcomeUnknown, Done: at},
			{Name: "Half Page", Service: onboarding.Facebook, Outcome: replica.OutcomeUnknown, Half: true, Done: at},
		},
		Devices: []replica.OffboardedDevice{
			{Name: "Ana’s laptop", Member: "Ana Ruiz", Here: true, Erased: true},
			{Name: "Kim’s laptop", Member: "Kim Lee", Erased: true, Seen: at},
		},
	}, catalogtest.New(t), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	said := string(text)
	for _, want := range []string{
		"Harbour &lt;b&gt; &amp; Pine", "Ana Ruiz", "30 November 2026, 09:14 UTC",
		"The access to 2 of 7 accounts is gone. 1 has to be ended by a user at the platform. 1 stays since something " +
			"else uses it. 1 was left as before. 2 are not known: look at the platform whether anything of the access is left.",
		"Not known", "Look at Mailchimp whether anything of the access is left.",
		"Sharing it was begun and not finished. Look at Facebook whether", "does not know whether its link has ended",
		"Gone, confirmed", "Confirmed on 30", "It answered INVALID_AUTHENTICATION.",
		"Something else that the agency has uses it.",
		"Open your Google Account.",
		"Left as it is", "Ask Nadia to reset it.", "To be ended there", "Ended before", "Ben Cole",
		"Erased, and looked for in its keychain.", "it gets no other. It was last online on 30 November",
		"Its history has 6 entries, unchanged, with the code HT88-TCCQ.", "is not as it was recorded; code AAAA-BBBB.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(said, "Northwind") {
		t.Error("the report names another client")
	}
	for _, loads := range []string{"<script", "src=", "href=", "url("} {
		if strings.Contains(said, loads) {
			t.Errorf("the report has %q", loads)
		}
	}
}

func TestASubUsersReportSpeaksOfTheirOwnComputers(t *testing.T) {
	text, err := Write(t.Context(), replica.Offboarding{
		Client: "Fjord", By: "Ben Cole", OwnDevices: true, Links: []replica.OffboardedLink{{State: replica.LinkRefused}},
	}, catalogtest.New(t), time.UTC)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"<bdi>Ben Cole</bdi> " + textNoOwnEnd, textOwnOnly, "its link may still work"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(string(text), textNoComputer) {
		t.Error("it speaks of computers that a sub-user does not see")
	}
}

func TestAnAccountThatIsNotKnownIsNotNamedByItsHash(t *testing.T) {
	texts := printer{texts: catalogtest.New(t), zone: time.UTC}
	named := replica.OffboardedItem{
		Name: "Acme Ads", Service: onboarding.Facebook, Account: onboarding.NamedAccount("Acme Ads"),
	}
	if about := texts.about(named); about != "Facebook" {
		t.Errorf("what a client only named is shown as %q", about)
	}
	known := replica.OffboardedItem{Name: "Acme Ads", Service: onboarding.Facebook, Account: "44712096118"}
	if about := texts.about(known); !strings.Contains(about, "44712096118") {
		t.Errorf("an account is shown as %q", about)
	}
}
