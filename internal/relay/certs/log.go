package certs

import (
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// zapLog is a zap core that writes warnings and errors of certmagic and its ACME
// client into the relay's log, as one message, so that repeats are bounded. Nothing is
// written of who called, and nothing once the relay ends.
type zapLog struct {
	to     *slog.Logger
	ended  *atomic.Bool
	fields []zapcore.Field
}

func newZap(to *slog.Logger, ended *atomic.Bool) *zap.Logger {
	return zap.New(&zapLog{to: to, ended: ended})
}

// Enabled reports whether a level is written.
func (l *zapLog) Enabled(level zapcore.Level) bool {
	return level >= zapcore.WarnLevel && !l.ended.Load()
}

// With adds fields to every line.
func (l *zapLog) With(fields []zapcore.Field) zapcore.Core {
	return &zapLog{to: l.to, ended: l.ended, fields: append(slices.Clip(l.fields), fields...)}
}

// Check adds this core to what is written.
func (l *zapLog) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if l.Enabled(entry.Level) && !isReported(entry.Message) {
		return checked.AddCore(entry, l)
	}
	return checked
}

// Write writes one line.
func (l *zapLog) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	encoded := zapcore.NewMapObjectEncoder()
	for _, field := range append(slices.Clip(l.fields), fields...) {
		if !isOfCaller(field.Key) && (entry.Message != retryStep || isOfRetry(field.Key)) {
			field.AddTo(encoded)
		}
	}
	for key, value := range encoded.Fields {
		if duration, is := value.(time.Duration); is {
			encoded.Fields[key] = duration.String()
		}
	}
	write := l.to.Warn
	if entry.Level >= zapcore.ErrorLevel {
		write = l.to.Error
	}
	write("managing the certificate", "step", entry.Message, "details", encoded.Fields)
	return nil
}

// Sync does nothing: the relay's log has no buffer.
func (l *zapLog) Sync() error { return nil }

// retryStep says when it is tried again. The error has its line already, and how long
// certmagic goes on is of no use.
const retryStep = "will retry"

func isOfRetry(key string) bool { return key == "attempt" || key == "retrying_in" }

// isReported reports whether Manager.report says the same, or another line. A handshake
// for a challenge that nobody waits for is a stranger's, and counted with those that fail.
func isReported(step string) bool {
	return slices.Contains([]string{"validating authorization", "could not get certificate from issuer",
		"HTTP request failed; retrying", "job failed", "tls-alpn challenge"}, step)
}

// isOfCaller reports whether a field says who called or what they asked for, or names
// the operator's address.
func isOfCaller(key string) bool {
	return slices.Contains([]string{"uri", "remote", "remote_addr", "remote_ip", "user_agent", "server_name", "contact",
		"account_contact", "cache"}, key)
}
