package onboarding_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestOnlyWhatFitsAloneAndIsNewIsCertain(t *testing.T) {
	ads, page := onboarding.AdAccount, onboarding.Page
	named := func(item string, kind onboarding.Kind, name string) onboarding.NamedAsset {
		return onboarding.NamedAsset{Item: item, Request: "request of " + item, Kind: kind, Name: name, Since: 100}
	}
	arrived := func(kind onboarding.Kind, account, name string, missing onboarding.Timestamp) onboarding.Arrival {
		return onboarding.Arrival{Kind: kind, Account: account, Name: name, Missing: missing}
	}
	type arrivals = []onboarding.Arrival
	type assets = []onboarding.NamedAsset
	check := func(about string, named assets, arrived arrivals, taken, want string) { // of the first that was named
		t.Helper()
		match := onboarding.MatchArrivals(named, arrived, map[string]string{taken: "another", "act_9": "request of a"})["a"]
		got := match.Account
		for _, candidate := range match.Candidates {
			got = strings.TrimSpace(fmt.Sprintf("%s [%s %s]", got, candidate.Account, candidate.Why))
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", about, got, want)
		}
	}
	check("nothing has arrived", assets{named("a", ads, "Alpenblick")}, nil, "", "")
	check("something else was there before", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Bergmann", 0)}, "", "")
	check("an id of a missing account", assets{named("a", ads, "123456")},
		arrivals{arrived(ads, "act_1234567", "1", 0)}, "", "")
	check("it was there in the first list", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 0)}, "", "[act_1 before]")
	check("it was there in a list before the request", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 99)}, "", "[act_1 before]")
	check("an id that was there before", assets{named("a", ads, "123456")},
		arrivals{arrived(ads, "act_123456", "Alpenblick", 0)}, "", "[act_123456 before]")
	check("it belongs to another request", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 100)}, "act_1", "[act_1 taken]")
	check("two of the name arrived", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 100), arrived(ads, "act_2", "alpenblick", 100)},
		"", "[act_1 several] [act_2 several]")
	check("one is new, one was there", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 0), arrived(ads, "act_2", "Alpenblick", 100)},
		"", "[act_1 several] [act_2 several]")
	check("two clients named it", assets{named("a", ads, "Alpenblick"), named("b", ads, "ALPENBLICK")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 100)}, "", "[act_1 other]")
	check("one named it, one has its id", assets{named("a", ads, "Alpenblick"), named("b", ads, "123456")},
		arrivals{arrived(ads, "act_123456", "Alpenblick", 100)}, "", "[act_123456 other]")
	check("the name is another kind's", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(page, "1", "Alpenblick", 100)}, "", "[1 near]")
	check("the name is near", assets{named("a", ads, "Alpenblick Ads")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 100)}, "", "[act_1 near]")
	check("the owner has the name", assets{named("a", ads, "Alpenblick")},
		arrivals{{Kind: ads, Account: "act_1", Name: "Main", Owner: "Alpenblick GmbH", Missing: 0}}, "", "[act_1 near]")
	check("a short name resembles nothing", assets{named("a", ads, "Al")},
		arrivals{arrived(ads, "act_1", "Alpenblick", 0)}, "", "")
	check("nobody named what is new", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Bergmann", 100)}, "", "[act_1 new]")
	check("what is near stands before what is new", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_1", "Bergmann", 100), arrived(ads, "act_2", "Alpenblick AG", 0)},
		"", "[act_2 near] [act_1 new]")
	check("a request that the relay has not accepted", assets{{Item: "a", Kind: ads, Name: "Alpenblick"}},
		arrivals{arrived(ads, "act_1", "Alpenblick", 100)}, "", "[act_1 before]")
	check("what is another's for certain is no candidate",
		assets{named("a", ads, "Alpenblick"), named("b", ads, "Bergmann")},
		arrivals{arrived(ads, "act_1", "Bergmann", 100)}, "", "")
	check("the request has it already", assets{named("a", ads, "Alpenblick")},
		arrivals{arrived(ads, "act_9", "Alpenblick", 100)}, "", "act_9")
	check("its name", assets{named("a", ads, " alpenblick  ＧmbH")},
		arrivals{arrived(ads, "act_1", "Alpenblick GmbH", 100)}, "", "act_1")
	check("its id", assets{named("a", ads, "123456")},
		arrivals{arrived(ads, "act_123456", "Alpenblick", 100), arrived(page, "123456", "Alpenblick", 100)},
		"", "act_123456")
	check("a Page's id", assets{named("a", page, "123456")},
		arrivals{arrived(page, "123456", "Alpenblick", 100)}, "", "123456")
	check("an ad account and a Page of one name", assets{named("a", page, "Alpenblick"), named("b", ads, "Alpenblick")},
		arrivals{arrived(page, "1", "Alpenblick", 100), arrived(ads, "act_1", "Alpenblick", 100)}, "", "1")
}

func TestWhatAClientTypesIsAnIDOrAName(t *testing.T) {
	business := onboarding.Account{ID: "118420903317552", Name: "Northlight"}
	for typed, want := range map[string]string{
		"Alpenblick GmbH":                     "Alpenblick GmbH",
		" Alpenblick   GmbH ":                 "Alpenblick GmbH",
		"act_1234567890":                      "1234567890",
		"1234 567 890":                        "1234567890",
		"Hotel 1234":                          "Hotel 1234",
		"1234":                                "1234", // too short for an id: a name
		"https://www.facebook.com/alpenblick": "https://www.facebook.com/alpenblick",
		"https://adsmanager.facebook.com/adsmanager/manage?act=1234567890": "1234567890",
		"https://www.facebook.com/profile.php?id=100000123456789":          "100000123456789",
		"https://x.example/?id=12345":                                      "https://x.example/?id=12345",
		"act_abcdef":                                                       "!",
		"act_12":                                                           "!", // digits are missing
		"Act _ 1234 567 890":                                               "1234567890",
		"1184 2090 3317 552":                                               "!", // the agency's Business Manager
		"https://business.facebook.com/settings/partners?business_id=118420903317552": "!",
		"https://business.facebook.com/settings/ad-accounts/?asset_id=1234567890":     "1234567890",
		"":                          "!",
		" \u200b ":                  "!",
		"a\x00b":                    "!",
		strings.Repeat("a", 201):    "!",
		"\xff":                      "!",
		"Alpen" + "\u202e" + "knil": "!",
	} {
		got, err := onboarding.ValidateNamed("name", typed, onboarding.AdAccount, business)
		if err != nil {
			got = "!"
		}
		if got != want {
			t.Errorf("typing %q gave %q, want %q (%v)", typed, got, want, err)
		}
	}
	if _, err := onboarding.ValidateNamed("name", "act_1234567890", onboarding.Page, business); err == nil {
		t.Error("an ad account's id is taken as a Page's")
	}
	if onboarding.NamedAccount("Alpenblick  GmbH") != onboarding.NamedAccount("alpenblick gmbh") ||
		onboarding.NamedAccount("Alpenblick") == onboarding.NamedAccount("Bergmann") {
		t.Error("the same name gives another account, or another name the same")
	}
}
