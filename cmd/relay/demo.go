package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/latchkeyhq/latchkey/internal/demo"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
)

type demoCommand struct {
	JSON bool   `name:"json" help:"Print one line of JSON when everything listens."`
	Dir  string `type:"path" help:"Keep the demo's data here. Without it, it goes at the end."`
	DB   string `name:"db" help:"The relay's database, as in LATCHKEY_DB. Without it, a file."`
	Log  bool   `help:"Print the relay's log."`
}

func (c demoCommand) Run(s *env) (err error) {
	texts, err := all.Catalog()
	if err != nil {
		return err
	}
	config := demo.Config{Catalog: texts, Dir: c.Dir, Source: c.DB, Log: slog.New(slog.DiscardHandler)}
	if c.Log {
		config.Log = s.log
	}
	if !c.JSON {
		config.Stderr = func(sentence string) { _ = s.printf("%s", sentence) } // a terminal that is gone reads nothing
	}
	d, err := demo.Start(s.ctx, config)
	if s.ctx.Err() != nil && err != nil {
		return nil // Ctrl+C while it started: what it had begun is put away
	}
	if errors.Is(err, keyset.ErrMismatch) {
		return userErrorf(
			"This database was made with another key file. Name an empty database, or with --dir the folder of the demo that " +
				"made it.",
		)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	if err := c.print(s, d.Info()); err != nil {
		return err
	}
	<-s.ctx.Done()
	return nil
}

func (c demoCommand) print(s *env, facts demo.Info) error {
	if c.JSON {
		line, err := json.Marshal(facts)
		if err != nil {
			return fmt.Errorf("writing what the demo is made of: %w", err)
		}
		return s.printf("%s", line)
	}
	link := ""
	for _, l := range facts.Links {
		if l.State == "pending" && len(l.Services) > 1 {
			link = l.URL
			break
		}
	}
	return s.printf(`
The demo runs on this computer alone; nobody in it is real. Ctrl+C ends it.

  A client's link   %s
  The mailbox       %s/mailbox
  What goes wrong   %s
  The relay         %s
  A code to enrol   %s`, link, facts.Mailbox, facts.Control, facts.Relay, facts.EnrolmentCode)
}
