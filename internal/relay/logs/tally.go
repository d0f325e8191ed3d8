package logs

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Tally counts what strangers cause: who has no token, link or code can cause
// it without end. It logs the sums once a window. It is safe for concurrent use.
type Tally struct {
	log    *slog.Logger
	window time.Duration

	mu   sync.Mutex
	sums map[string]int
}

// NewTally makes a Tally that logs once in so long; zero: a minute.
func NewTally(log *slog.Logger, window time.Duration) *Tally {
	if window == 0 {
		window = time.Minute
	}
	return &Tally{log: log, window: window, sums: map[string]int{}}
}

// Count counts one refusal. The reasons are constants of the program: none is
// a stranger's text.
func (t *Tally) Count(reason string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.sums) == 0 {
		time.AfterFunc(t.window, t.Flush)
	}
	t.sums[reason]++
}

// Flush logs what was counted since the last time.
func (t *Tally) Flush() {
	t.mu.Lock()
	sums := t.sums
	t.sums = map[string]int{}
	t.mu.Unlock()
	if len(sums) == 0 {
		return
	}
	var counts []slog.Attr
	for _, reason := range slices.Sorted(maps.Keys(sums)) {
		counts = append(counts, slog.Int(reason, sums[reason]))
	}
	t.log.LogAttrs(context.Background(), slog.LevelInfo, "refused strangers", slog.GroupAttrs("counts", counts...))
}
