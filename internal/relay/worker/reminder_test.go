package worker

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestAReminderSaysWhoHasBegun(t *testing.T) {
	for name, c := range map[string]struct {
		opened, byThem onboarding.Timestamp
		item           onboarding.ItemState
		want           mail.ReminderProgress
	}{
		"nobody":                              {want: mail.NotBegun},
		"they":                                {opened: 1, byThem: 1, want: mail.BegunByThem},
		"a colleague":                         {opened: 1, want: mail.BegunByAnother},
		"a colleague, with a former link":     {item: onboarding.ItemConnected, want: mail.BegunByAnother},
		"the same, and it waits":              {item: onboarding.ItemWaiting, want: mail.BegunByAnother},
		"they, with a former link":            {byThem: 1, item: onboarding.ItemConnected, want: mail.BegunByThem},
		"what a former link brought is ended": {item: onboarding.ItemEnded, want: mail.NotBegun},
	} {
		if got := progressOf(c.opened, c.byThem, []onboarding.Item{{State: c.item}}); got != c.want {
			t.Errorf("%s has begun: got %d, want %d", name, got, c.want)
		}
	}
}
