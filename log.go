package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"

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

// newLog writes to standard error as other does, and to the file; nil: there is none.
// managed is the policy's level; nil: it sets none.
func newLog(file *logfile.File, managed slog.Leveler, other func(io.Writer) slog.Handler) (*slog.Logger, error) {
	level, err := fileLevel(managed, os.LookupEnv)
	if err != nil {
		return nil, err
	}
	if file == nil {
		return slog.New(other(os.Stderr)), nil
	}
	return slog.New(slog.NewMultiHandler(other(os.Stderr), file.Handler(level))), nil
}
