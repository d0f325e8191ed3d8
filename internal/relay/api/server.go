// Package api is what hubs call: one type for each noun.
//
// It opens no credential: it seals what is renewed and hands on what is sealed.
package api

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/pubsub"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Config is what a Server needs.
type Config struct {
	Store    *store.Store
	Keys     *keyset.Keyset
	Sealer   *sealing.Sealer
	Links    link.Links
	Broker   *pubsub.Broker
	Drivers  []platform.Driver
	Log      *slog.Logger
	Limits   onboarding.Limits
	ID       string     // the relay's
	Owner    store.Life // of the leases on credentials
	Public   *url.URL
	Operator Operator
}

// Server answers hubs.
type Server struct {
	*core
	requests    *requests
	members     *members
	devices     *devices
	deliveries  *deliveries
	credentials *credentials
	accounts    *accounts
	connections *connections
	brand       *brand
	handler     *wire.Server
}

// New makes a Server. It fails when a method of the API has no answer.
func New(config Config) (*Server, error) {
	c := &core{
		store: config.Store, keys: config.Keys, sealer: config.Sealer, links: config.Links, broker: config.Broker,
		drivers: config.Drivers, log: config.Log, limits: config.Limits, id: config.ID, public: config.Public,
		operator: config.Operator,
	}
	d := &devices{c}
	s := &Server{
		core:        c,
		requests:    &requests{c},
		members:     &members{c},
		devices:     d,
		deliveries:  &deliveries{core: c, devices: d},
		credentials: &credentials{core: c, owner: config.Owner},
		accounts:    &accounts{c},
		connections: &connections{c},
		brand:       &brand{c},
	}
	s.handler = s.routes()
	if missing := s.handler.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("serving the API: nothing answers %v", missing)
	}
	return s, nil
}

// ServeHTTP answers a hub.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Close waits for what must not be lost. The listener has to be closed before.
func (s *Server) Close() { s.credentials.renewals.Wait() }

// probe says that a relay is here. It tells nobody who its agencies are.
func (s *Server) probe(context.Context, wire.Empty) (wire.ProbeResult, error) {
	return wire.ProbeResult{Operator: s.operator.Name, Address: s.public.String(), Version: wire.Version}, nil
}

func (s *Server) readRelay(ctx context.Context, _ wire.Empty) (wire.RelayResult, error) {
	c := principalFrom(ctx)
	answer := wire.RelayResult{
		Relay: s.id, Operator: s.operator.Name, Contact: s.operator.Contact, Member: c.Member, Device: c.Device.ID,
		MailFrom: s.operator.From, Address: s.public.String(), Limits: s.limits,
	}
	for _, service := range onboarding.Services() {
		offered := wire.OfferedPlatform{Platform: service.Platform(), Offered: true}
		driver, err := s.driverOf(service.Platform())
		if err != nil {
			offered.Offered, offered.Why = false, "This relay does not offer it. Ask whoever runs it."
		}
		if versioned, able := driver.(platform.Versioned); able {
			offered.Version = versioned.APIVersion()
		}
		answer.Platforms = append(answer.Platforms, offered)
	}
	return answer, nil
}
