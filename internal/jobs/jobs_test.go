package jobs_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/latchkeyhq/latchkey/internal/jobs"
)

// run starts a loop or a queue, and ends it with the test.
func run(t *testing.T, loop func(context.Context)) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { loop(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
}

func TestALoopDoesAllThatIsDueAndThenSleepsUntilMoreIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var due, done atomic.Int64
		due.Store(3)
		loop := &jobs.Loop{
			Do: func(context.Context) error {
				if due.Load() == 0 {
					return jobs.ErrNoneDue
				}
				due.Add(-1)
				done.Add(1)
				return nil
			},
			UntilNext: func(context.Context) time.Duration { return 10 * time.Second },
		}
		run(t, loop.Run)
		synctest.Wait()
		if done.Load() != 3 {
			t.Fatalf("%d of 3 are done at once", done.Load())
		}
		due.Store(1)
		time.Sleep(9 * time.Second)
		if done.Load() != 3 {
			t.Error("it looked before anything was due")
		}
		time.Sleep(2 * time.Second)
		if done.Load() != 4 {
			t.Error("it did not look when something was due")
		}
	})
}

func TestALoopSleepsNoLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		loop := &jobs.Loop{
			Do:        func(context.Context) error { looks.Add(1); return jobs.ErrNoneDue },
			UntilNext: func(context.Context) time.Duration { return time.Hour },
			MaxSleep:  time.Minute,
		}
		run(t, loop.Run)
		time.Sleep(10*time.Minute + time.Second)
		if looks.Load() != 11 {
			t.Errorf("it looked %d times in ten minutes, want 11", looks.Load())
		}
	})
}

func TestAWakeEndsASleepAlsoOneThatHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var looks atomic.Int64
		loop := &jobs.Loop{Do: func(context.Context) error { looks.Add(1); return jobs.ErrNoneDue }}
		loop.Wake()
		run(t, loop.Run)
		synctest.Wait()
		if looks.Load() != 2 {
			t.Fatalf("it looked %d times after a wake that came before it ran, want 2", looks.Load())
		}
		loop.Wake()
		synctest.Wait()
		if looks.Load() != 3 {
			t.Errorf("it looked %d times after a wake in its sleep, want 3", looks.Load())
		}
	})
}

func TestAnErrorIsReportedAndTriedAgainLaterEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wrong := errors.New("the database is away")
		var at []time.Duration
		began, fails := time.Now(), true
		loop := &jobs.Loop{
			Do: func(context.Context) error {
				if !fails {
					return jobs.ErrNoneDue
				}
				at = append(at, time.Since(began))
				return wrong
			},
			RetryDelay:    time.Second,
			MaxRetryDelay: 8 * time.Second,
			Failed: func(err error) {
				if !errors.Is(err, wrong) {
					t.Errorf("reported: %v", err)
				}
			},
		}
		run(t, loop.Run)
		time.Sleep(time.Minute)
		synctest.Wait()
		for i := 1; i < len(at); i++ {
			want := min(8*time.Second, time.Second<<(i-1))
			if pause := at[i] - at[i-1]; pause < want*8/10 || pause > want*12/10 {
				t.Errorf("pause %d is %v, want about %v", i, pause, want)
			}
		}
		if len(at) < 6 {
			t.Errorf("%d tries in a minute", len(at))
		}
	})
}

func TestALoopThatIsTornDownReportsNothingAndEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	loop := &jobs.Loop{
		Do:     func(ctx context.Context) error { cancel(); return ctx.Err() },
		Failed: func(err error) { t.Errorf("reported: %v", err) },
	}
	loop.Run(ctx)
}

func TestWorkersRunJobsAtOnceAndNoMoreThanThereAreWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		left, busy, most := 10, 0, 0
		var done atomic.Int64
		queue := &jobs.Queue[int]{
			Workers: 4,
			Claim: func(context.Context) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				if left == 0 {
					return 0, jobs.ErrNoneDue
				}
				left--
				return left, nil
			},
			Work: func(context.Context, int) error {
				mu.Lock()
				busy++
				most = max(most, busy)
				mu.Unlock()
				time.Sleep(time.Second)
				mu.Lock()
				busy--
				mu.Unlock()
				done.Add(1)
				return nil
			},
		}
		run(t, queue.Run)
		time.Sleep(3*time.Second + 500*time.Millisecond)
		synctest.Wait()
		if done.Load() != 10 || most != 4 {
			t.Errorf("%d of 10 jobs are done in three rounds, %d at once; want 4", done.Load(), most)
		}
		mu.Lock()
		left = 8
		mu.Unlock()
		queue.Wake() // each worker that finds a job wakes another
		time.Sleep(2*time.Second + 500*time.Millisecond)
		if done.Load() != 18 {
			t.Errorf("%d of 18 jobs are done after a wake", done.Load())
		}
	})
}
