package catalog

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheLevelOfSheetsSaysWhichCanOnlyBeRead(t *testing.T) {
	changes := onboarding.Item{Detail: "ana@northlight.example"}
	reads := onboarding.Item{Detail: "ana@northlight.example · " + OnlyRead}
	sheets := Of(onboarding.GoogleSheets)
	for want, items := range map[string][]onboarding.Item{
		"read and change":                   {changes, changes},
		"read only":                         {reads},
		"read and change, 1 of 2 read only": {changes, reads},
	} {
		if got := sheets.LevelOf(items); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if of := Of(onboarding.HubSpot); of.LevelOf([]onboarding.Item{changes}) != of.Level {
		t.Error("another service’s level is not its own")
	}
}
