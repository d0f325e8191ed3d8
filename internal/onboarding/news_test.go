package onboarding_test

import (
	"errors"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheDailyEmailIsMadeAtEightByTheMembersClock(t *testing.T) {
	at := func(text string) onboarding.Timestamp {
		parsed, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return onboarding.TimestampOf(parsed)
	}
	for _, c := range []struct {
		now    string
		offset int
		want   string
	}{
		{"2026-03-02T07:59:00Z", 0, "2026-03-02T08:00:00Z"},
		{"2026-03-02T08:00:00Z", 0, "2026-03-03T08:00:00Z"},
		{"2026-03-02T06:59:00Z", 60, "2026-03-02T07:00:00Z"},
		{"2026-03-02T07:00:00Z", 60, "2026-03-03T07:00:00Z"},
		{"2026-03-02T22:30:00Z", 5*60 + 30, "2026-03-03T02:30:00Z"},
		{"2026-03-02T01:00:00Z", -8 * 60, "2026-03-02T16:00:00Z"},
	} {
		if got := (onboarding.NewsSettings{UTCOffset: c.offset}).NextSummary(at(c.now)); got != at(c.want) {
			t.Errorf("after %s, %d minutes from UTC, the next is at %s, want %s", c.now, c.offset, got.Time(), c.want)
		}
	}
}

func TestSettingsOfNewsThatNoHubMakesAreRefused(t *testing.T) {
	choose := func(all ...onboarding.NewsChoice) onboarding.NewsSettings {
		return onboarding.NewsSettings{Choices: all}
	}
	daily := onboarding.NewsChoice{Kind: onboarding.NewsCompleted, Mode: onboarding.NewsDaily}
	if err := onboarding.ValidateNews(choose(daily)); err != nil {
		t.Errorf("a choice is refused: %v", err)
	}
	for _, wrong := range []onboarding.NewsSettings{
		choose(daily, daily),
		choose(onboarding.NewsChoice{Kind: "gossip", Mode: onboarding.NewsNow}),
		choose(onboarding.NewsChoice{Kind: onboarding.NewsCompleted, Mode: "hourly"}),
		{UTCOffset: 15*60 + 1},
		{UTCOffset: -15*60 - 1},
	} {
		if err := onboarding.ValidateNews(wrong); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%+v: got %v, want ErrInvalid", wrong, err)
		}
	}
}

func TestNewsComeAtOnceUnlessTheMemberChose(t *testing.T) {
	off := onboarding.NewsChoice{Kind: onboarding.NewsExpiring, Mode: onboarding.NewsOff}
	s := onboarding.NewsSettings{Choices: []onboarding.NewsChoice{off}}
	for _, choice := range s.Complete().Choices {
		want := onboarding.NewsNow
		if choice.Kind == onboarding.NewsExpiring {
			want = onboarding.NewsOff
		}
		if choice.Mode != want {
			t.Errorf("news of kind %s come %s, want %s", choice.Kind, choice.Mode, want)
		}
	}
}
