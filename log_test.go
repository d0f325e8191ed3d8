package main

import (
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/desktop"
	"github.com/latchkeyhq/latchkey/internal/logfile"
)

func TestTheLevelOfTheLogIsOneOfFour(t *testing.T) {
	for text, want := range map[string]slog.Level{
		"": slog.LevelInfo, "debug": slog.LevelDebug, "warn": slog.LevelWarn, "error": slog.LevelError,
	} {
		if level, err := fileLevel(nil, func(string) (string, bool) { return text, true }); err != nil || level != want {
			t.Errorf("%q: got %v and %v", text, level, err)
		}
	}
	if _, err := fileLevel(nil, func(string) (string, bool) { return "loud", true }); err == nil {
		t.Error("loud is taken for a level")
	}
	level, err := fileLevel(slog.LevelError, func(string) (string, bool) { return "debug", true })
	if err != nil || level != slog.LevelError {
		t.Errorf("beside a policy: got %v and %v", level, err)
	}
}

func TestTheLogGoesWithWhatIsWiped(t *testing.T) {
	dir := t.TempDir()
	var config desktop.Config
	if err := useLog(&config, logfile.In(dir), func(io.Writer) slog.Handler { return slog.DiscardHandler }); err != nil {
		t.Fatal(err)
	}
	config.Log.Error("of a client")
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Fatalf("the log is %v and %v", left, err)
	}
	config.OnWiped()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left are %v and %v", left, err)
	}
}
