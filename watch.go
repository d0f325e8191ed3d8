package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/latchkeyhq/latchkey/internal/desktop"
	"github.com/latchkeyhq/latchkey/internal/logfile"
)

// watchCommand is the hub without screens.
type watchCommand struct {
	Enrol  bool `help:"Join an agency: reads the relay's address and the code, a line each." xor:"what"`
	Status bool `help:"Say whether watch works. Exits with 1 if it does not." xor:"what"`
}

func (c *watchCommand) run(config desktop.Config, asJSON bool) error {
	if c.Status {
		return printStatus(config.Dir, asJSON)
	}
	level := slog.LevelInfo
	if c.Enrol {
		level = slog.LevelWarn // beside the questions
	}
	file := logfile.In(config.Dir)
	if err := useLog(&config, file, func(to io.Writer) slog.Handler {
		return slog.NewJSONHandler(to, &slog.HandlerOptions{Level: level})
	}); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if c.Enrol {
		return desktop.EnrolWatch(ctx, config, os.Stdin, os.Stdout)
	}
	return desktop.Watch(ctx, config)
}

func printStatus(dir string, asJSON bool) error {
	status, text, err := desktop.ReadWatch(dir)
	if !asJSON {
		if err == nil {
			fmt.Println(text)
		}
		return err
	}
	problem := ""
	if err != nil {
		problem = err.Error()
	}
	if err := json.NewEncoder(os.Stdout).Encode(struct {
		Works   bool   `json:"works"`
		Problem string `json:"problem"`
		desktop.WatchStatus
	}{err == nil, problem, status}); err != nil {
		return fmt.Errorf("printing the status: %w", err)
	}
	return err
}
