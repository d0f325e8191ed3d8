package relay

import (
	"context"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
)

// examine has the doctor look at the relay from inside, for hubs. Its address is left out:
// the hub that asks has just used it.
func (s *Relay) examine(config Config) func(ctx context.Context) []onboarding.CheckupLine {
	sender, _ := config.Mailer.(*mail.Sender)
	return func(ctx context.Context) []onboarding.CheckupLine {
		backup, err := s.store.LastBackup(ctx)
		if err != nil {
			return []onboarding.CheckupLine{{Check: onboarding.CheckupDatabase, State: onboarding.CheckupFailed}}
		}
		examined := doctor.Config{
			DB: config.DB, Source: config.Source, Keys: config.Keyset.Path(), Backup: backup, Sender: sender,
			Drivers: withApps(config.Drivers), Now: config.Now, URL: config.URL,
		}
		if sender != nil && strings.HasPrefix(config.URL, "https:") { // on loopback the sender's domain is nobody's
			examined.From = config.MailFrom
		}
		return doctor.Short(doctor.Run(ctx, examined))
	}
}

// withApps are the drivers of platforms at which clients sign in, with an app of the relay's.
func withApps(drivers []platform.Driver) (list []platform.Driver) {
	for _, driver := range drivers {
		if _, able := driver.(platform.SignIn); able {
			list = append(list, driver)
		}
	}
	return list
}
