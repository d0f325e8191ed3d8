// Package logs bounds what goes into the operator's log: repeats, and what
// strangers cause, are counted.
//
// It changes no line's content.
package logs

import (
	"context"
	"log"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Limits are how much of the same goes into the log.
type Limits struct {
	// Lines of one message in a window; zero: 300.
	Lines int
	// Window is the time in which they are counted; zero: a minute.
	Window time.Duration
}

// Bound returns a handler that passes on so many lines of one message in a
// window. At its end one line counts how many more there were.
func Bound(next slog.Handler, limits Limits) slog.Handler {
	if limits.Lines == 0 {
		limits.Lines = 300
	}
	if limits.Window == 0 {
		limits.Window = time.Minute
	}
	return &bounded{Handler: next, repeats: &repeats{limits: limits, next: next, lines: map[line]int{}}}
}

// bounded is a handler that shares its counts with those derived of it.
type bounded struct {
	slog.Handler
	repeats *repeats
}

func (h *bounded) Handle(ctx context.Context, r slog.Record) error {
	if !h.repeats.pass(line{r.Level, r.Message}) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func (h *bounded) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &bounded{Handler: h.Handler.WithAttrs(attrs), repeats: h.repeats}
}

func (h *bounded) WithGroup(name string) slog.Handler {
	return &bounded{Handler: h.Handler.WithGroup(name), repeats: h.repeats}
}

// line is what counts as the same. Messages are constants of the program: there
// are few.
type line struct {
	level   slog.Level
	message string
}

// repeats counts the lines of a window.
type repeats struct {
	limits Limits
	next   slog.Handler

	mu    sync.Mutex
	lines map[line]int
}

func (r *repeats) pass(l line) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == 0 {
		time.AfterFunc(r.limits.Window, r.flush)
	}
	r.lines[l]++
	return r.lines[l] <= r.limits.Lines
}

func (r *repeats) flush() {
	r.mu.Lock()
	lines := r.lines
	r.lines = map[line]int{}
	r.mu.Unlock()
	for l, n := range lines {
		if n <= r.limits.Lines {
			continue
		}
		more := slog.NewRecord(time.Now(), l.level, "the same message again", 0)
		more.AddAttrs(slog.String("message", l.message), slog.Int("count", n-r.limits.Lines))
		_ = r.next.Handle(context.Background(), more) // nobody reads what cannot be logged
	}
}

// ForHTTP is the logger of net/http's server, whose lines are text: each becomes
// the error of one message. Handshakes that fail are only counted: every stranger who
// looks for open ports causes some.
func ForHTTP(to *slog.Logger, count func(reason string)) *log.Logger {
	return log.New(httpLines{to, count}, "", 0)
}

type httpLines struct {
	to    *slog.Logger
	count func(reason string)
}

func (h httpLines) Write(text []byte) (int, error) {
	line := strings.TrimSpace(string(text))
	if strings.HasPrefix(line, "http: TLS handshake error ") {
		h.count("tls_handshake")
		return len(text), nil
	}
	h.to.Warn("serving HTTP", "error", line)
	return len(text), nil
}
