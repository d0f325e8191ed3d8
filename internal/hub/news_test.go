package hub_test

import (
	"sync"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestKindsOfNewsThatAreChosenAtOnceDoNotUndoEachOther(t *testing.T) {
	s := relaytest.NewScene(t)
	var all sync.WaitGroup
	for _, kind := range onboarding.AllNewsKinds() {
		all.Go(func() {
			choice := onboarding.NewsChoice{Kind: kind, Mode: onboarding.NewsOff}
			if err := s.Hub.News.Choose(t.Context(), choice); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	settings, err := s.Hub.News.Read(t.Context())
	must(t, err)
	for _, kind := range onboarding.AllNewsKinds() {
		if mode := settings.ModeOf(kind); mode != onboarding.NewsOff {
			t.Errorf("%s comes %q, want off", kind, mode)
		}
	}
}
