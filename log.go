package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/latchkeyhq/latchkey/internal/desktop"
	"github.com/latchkeyhq/latchkey/internal/logfile"
)

// logLevelVariable names the least that latchkey.log gets.
const logLevelVariable = "LATCHKEY_LOG_LEVEL"

// fileLevel is the least that the file gets: the policy's, else the environment's, else info.
func fileLevel(managed slog.Leveler, lookup func(string) (string, bool)) (level slog.Level, err error) {
	if managed != nil {
		return managed.Level(), nil
	}
	text, set := lookup(logLevelVariable)
	if !set || text == "" {
		return slog.LevelInfo, nil
	}
	switch text {
	case "debug", "info", "warn", "error":
		return level, level.UnmarshalText([]byte(text))
	}
	return level, fmt.Errorf("%s must be debug, info, warn or error", logLevelVariable)
}

// useLog has the hub write to standard error as other does, and to the file, which goes with
// all else of the agency; nil: there is none.
func useLog(config *desktop.Config, file *logfile.File, other func(io.Writer) slog.Handler) error {
	level, err := fileLevel(config.Policy.LogLevel, os.LookupEnv)
	if err != nil {
		return err
	}
	if file == nil {
		config.Log = slog.New(other(os.Stderr))
		return nil
	}
	config.Log = slog.New(slog.NewMultiHandler(other(os.Stderr), file.Handler(level)))
	config.OnWiped = file.Remove
	return nil
}
