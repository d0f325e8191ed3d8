package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

type serveCommand struct{}

// How long what was begun may take after SIGTERM.
const graceful = 10 * time.Second

func (serveCommand) Run(s *surroundings) (err error) {
	set, err := readSettings(s.lookup, s.all)
	if err != nil {
		return err
	}
	keys, err := relay.OpenKeyFile(set.keyFile, time.Now())
	if err != nil {
		return err
	}
	db, err := sqldb.Open(s.ctx, sqldb.Config{Source: set.source, Migrations: store.Migrations()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	sender, err := mail.NewSender(mail.Config{URL: set.smtp, Password: set.smtpPassword, From: set.mailFrom})
	if err != nil {
		return err
	}
	drivers, err := all.ForRelay(set.apps, time.Now)
	if err != nil {
		return err
	}
	rl, err := relay.New(relay.Config{
		URL: set.url, DB: db, Source: set.source, KeyFile: keys, Operator: set.operator, OperatorContact: set.operatorContact,
		Mailer: sender, MailFrom: set.mailFrom, Drivers: drivers, Log: s.log, TrustedProxy: set.trustedProxies, Instance: set.listen,
	})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", set.listen)
	if err != nil {
		return fmt.Errorf("listening on %s: %w", set.listen, err)
	}
	s.log.Info("the relay is running", "url", set.url, "listen", listener.Addr().String(), "database", db.Engine().String(), "platforms", len(drivers), "version", version)
	return serve(s.ctx, rl, listener)
}

// serve answers until ctx ends, then finishes what was begun.
func serve(ctx context.Context, rl *relay.Relay, listener net.Listener) error {
	server := &http.Server{
		Handler: rl.Handler(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return rl.Run(ctx) })
	group.Go(func() error {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serving: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), graceful)
		defer cancel()
		server.RegisterOnShutdown(rl.Close) // the streams of news would not end by themselves
		if err := server.Shutdown(limit); err != nil {
			return errors.Join(fmt.Errorf("ending what was begun: %w", err), server.Close())
		}
		rl.Close()
		return nil
	})
	return group.Wait()
}
