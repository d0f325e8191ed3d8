package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/coreos/go-systemd/v22/daemon"
	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/certs"
	"github.com/latchkeyhq/latchkey/internal/relay/domains"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// certificates are where a certificate comes from: an authority, or files.
type certificates interface {
	// TLSConfig serves the certificate.
	TLSConfig() *tls.Config
	// Handler passes on what is for the relay's own host.
	Handler(next http.Handler) http.Handler
	// HTTPHandler answers plain HTTP.
	HTTPHandler() http.Handler
	// Run fetches, renews or reads again, until ctx ends.
	Run(ctx context.Context)
}

// listeners are where the relay is reached. Without TLS of its own there is one.
type listeners struct {
	main  net.Listener
	http  net.Listener // nil: none
	certs certificates // nil: plain HTTP
}

// openPorts listens where the settings say.
func openPorts(set settings) (at listeners, err error) {
	if at.main, err = net.Listen("tcp", set.listen); err != nil {
		return at, cannotListen("LATCHKEY_LISTEN", set.listen, err)
	}
	if set.tls.listenHTTP != "" {
		if at.http, err = net.Listen("tcp", set.tls.listenHTTP); err != nil {
			return at, errors.Join(cannotListen("LATCHKEY_LISTEN_HTTP", set.tls.listenHTTP, err), at.close())
		}
	}
	return at, nil
}

// certificates readies where the certificate comes from. Without TLS it returns nothing.
func (s *env) certificates(set settings, at listeners, rl *relay.Relay, keys *keyset.Keyset) (certificates, error) {
	served := rl.Domains()
	switch set.tls.mode {
	case tlsFiles:
		return certs.NewFiles(certs.FilesConfig{
			Address: set.url, Certificate: set.tls.certFile, PrivateKey: set.tls.keyFile, Log: s.log,
		})
	case tlsAuto:
		config := certs.Config{
			Address: set.url, Authority: set.tls.authority, Files: rl.Store().Certificates, Sealer: keys,
			Owner: store.LeaseOwner{Instance: instance(set.listen), Run: store.NewID()},
			TLS:   at.main.Addr().String(), Log: s.log, Route: set.egress.route(),
		}
		if at.http != nil {
			config.HTTP = at.http.Addr().String()
		}
		if served != nil {
			config.Domains = served
		}
		manager, err := certs.New(config)
		if err != nil {
			return nil, err
		}
		if served != nil {
			served.UsePreparer(fetchCertificate(manager))
		}
		return manager, nil
	case tlsPlain:
		if served != nil {
			served.UsePreparer(served.AskProxy)
		}
	}
	return nil, nil
}

// fetchCertificate makes a domain ready by its certificate.
func fetchCertificate(manager *certs.Manager) domains.Preparer {
	return func(ctx context.Context, d onboarding.Domain) (onboarding.DomainProblem, string) {
		switch err := manager.Obtain(ctx, d.Name); {
		case err == nil:
			return "", ""
		case ctx.Err() != nil:
			return onboarding.DomainUnknown, ""
		}
		return onboarding.DomainCertificate, ""
	}
}

// plainAddress is where plain HTTP is answered beside TLS; empty: nowhere.
func (l listeners) plainAddress() string {
	if l.http == nil {
		return ""
	}
	return l.http.Addr().String()
}

// close closes the ports that no server has closed already.
func (l listeners) close() error {
	err := l.main.Close()
	if l.http != nil {
		err = errors.Join(err, l.http.Close())
	}
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

// servers are a server for each listener, and what runs beside them.
func (l listeners) servers(rl *relay.Relay) []server {
	main := rl.HTTPServer()
	main.RegisterOnShutdown(rl.CloseStreams)
	if l.certs == nil {
		return []server{{main, rl.Listen(l.main)}}
	}
	// The limits of connections and time are below TLS: a handshake is within them.
	main.Handler = l.certs.Handler(main.Handler)
	servers := []server{{main, tls.NewListener(rl.Listen(l.main), l.certs.TLSConfig())}}
	if l.http != nil {
		plain := rl.HTTPServer()
		plain.Handler = l.certs.HTTPHandler()
		servers = append(servers, server{plain, rl.Listen(l.http)})
	}
	return servers
}

// server is an HTTP server with its listener.
type server struct {
	*http.Server
	at net.Listener
}

func (s server) run() error {
	if err := s.Serve(s.at); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving: %w", err)
	}
	return nil
}

// end finishes what was begun, until ctx ends.
func (s server) end(ctx context.Context) error {
	err := s.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("ending what was begun: %w", err), s.Close())
	}
	return err
}

// serve answers until ctx ends, then finishes what was begun.
func serve(ctx context.Context, rl *relay.Relay, at listeners) error {
	servers := at.servers(rl)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return rl.Run(ctx) })
	if at.certs != nil {
		group.Go(func() error {
			at.certs.Run(ctx)
			return nil
		})
	}
	for _, server := range servers {
		group.Go(server.run)
	}
	group.Go(func() error {
		notify(ctx, rl)
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		rl.BeginShutdown()
		_, _ = daemon.SdNotify(false, daemon.SdNotifyStopping) // without systemd there is nobody to tell
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), relay.ShutdownTimeout)
		defer cancel()
		var err error
		for _, server := range servers {
			err = errors.Join(err, server.end(limit))
		}
		rl.Close(limit)
		return err
	})
	return group.Wait()
}
