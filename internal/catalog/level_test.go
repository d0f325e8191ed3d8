package catalog_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheLevelOfSheetsSaysWhichCanOnlyBeRead(t *testing.T) {
	texts := catalogtest.New(t)
	changes := onboarding.Item{Detail: "ana@northlight.example"}
	reads := onboarding.Item{Detail: "ana@northlight.example", ReadOnly: true}
	sheets := texts.Service(onboarding.GoogleSheets)
	for want, items := range map[string][]onboarding.Item{
		"read and change":                   {changes, changes},
		"read only":                         {reads},
		"read and change, 1 of 2 read only": {changes, reads},
	} {
		if got := sheets.LevelOf(items); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if of := texts.Service(onboarding.HubSpot); of.LevelOf([]onboarding.Item{changes}) != of.Level {
		t.Error("another service’s level is not its own")
	}
}
