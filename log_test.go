package main

import (
	"log/slog"
	"testing"
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
