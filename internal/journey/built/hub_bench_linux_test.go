//go:build built

package built

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/keychain/system"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// screen runs a script of the browser folder and returns its output lines.
func screen(b *testing.B, script string, config any) (lines <-chan string, end func()) {
	b.Helper()
	text, err := json.Marshal(config)
	must(b, err)
	command := exec.Command("node", script, string(text))
	command.Dir = filepath.Join("..", "browser")
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	must(b, err)
	must(b, command.Start())
	said := make(chan string, 1000)
	go func() {
		defer close(said)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			said <- scanner.Text()
		}
	}()
	return said, sync.OnceFunc(func() {
		_ = command.Process.Signal(os.Interrupt) // Playwright closes its browser
		_ = command.Wait()                       // its exit status does not matter
	})
}

// BenchmarkP6Visible: from the response to a client's sign-in until the account
// is in the agency's list: streamed, read, opened, stored and shown.
func BenchmarkP6Visible(b *testing.B) {
	const samples = 200
	for range b.N {
		s := newSite(b, "", "")
		s.start()
		first := s.hub()
		environment, data := journey.Session(b), filepath.Join(b.TempDir(), "data")
		for name, at := range s.platforms() {
			prefix := "LATCHKEY_" + strings.ToUpper(name) + "_"
			environment = append(environment, prefix+"API_URL="+at, prefix+"TOKEN_URL="+at)
		}
		screens, _ := journey.StartHub(b, environment, "--data", data)
		key := screens.Key(b)
		joinOther(b, screens.BridgeClientWith(b, key), first, s.url)
		lines, end := screen(b, "hub-visible.mjs", map[string]string{"url": screens.URL, "key": key})
		defer end()
		visible := make(chan sight, 1000)
		go func() {
			defer close(visible)
			for line := range lines {
				var seen sight
				if json.Unmarshal([]byte(line), &seen) == nil {
					visible <- seen
				}
			}
		}()
		await(b, visible, "ready")
		var took []float64
		for n := range samples {
			id, link := save(b, first, outbox.RequestForm{
				Client: fmt.Sprintf("Client %d", n), Services: []onboarding.Service{onboarding.HubSpot},
			})
			owner := s.owner(n)
			for _, step := range []func() error{
				func() error { return owner.Enter(link) }, func() error { return owner.Press("Add HubSpot") },
				func() error { return owner.Follow("Proceed") },
				func() error { return owner.Press("Allow") },
			} {
				must(b, step())
			}
			answered := float64(time.Now().UnixNano()) / 1e6
			took = append(took, await(b, visible, id).At-answered)
		}
		slices.Sort(took)
		note(b, figures{
			"P6 visible p50 ms": took[len(took)/2], "P6 visible p95 ms": took[len(took)*95/100],
			"P6 visible p99 ms": took[len(took)*99/100],
		})
	}
}

type sight struct {
	ID string  `json:"id"`
	At float64 `json:"at"` // milliseconds since 1970
}

func await(b *testing.B, visible <-chan sight, id string) sight {
	b.Helper()
	late := time.After(2 * time.Minute)
	for {
		select {
		case seen, more := <-visible:
			if !more {
				b.Fatal("the browser has ended")
			}
			if seen.ID == id {
				return seen
			}
		case <-late:
			b.Fatalf("%s is not to be seen", id)
		}
	}
}

// BenchmarkP7FirstSync: reading 10,000 requests on a new computer, divided by
// reading and decoding the same rows only.
func BenchmarkP7FirstSync(b *testing.B) {
	const requests = 10_000
	for range b.N {
		s := newSite(b, "", "")
		s.start()
		h := s.hub()
		code := func() onboarding.Secret {
			a, err := h.IssueCode(b.Context(), "")
			must(b, err)
			return a.Code.Secret()
		}
		// Raw wire calls save them, many concurrently.
		_, public, err := seal.NewKey()
		must(b, err)
		nobody, err := wire.NewClient(wire.ClientConfig{Relay: s.url})
		must(b, err)
		enrolled, err := wire.Call(b.Context(), nobody, wire.Enrol, wire.EnrolParams{
			Code: wire.NewSecretText(code()), PublicKey: public, Name: "The bench",
		})
		must(b, err)
		client, err := wire.NewClient(wire.ClientConfig{Relay: s.url, Token: enrolled.Token.Secret()})
		must(b, err)
		var group errgroup.Group
		group.SetLimit(16)
		for n := range requests {
			group.Go(func() error {
				_, err := wire.Call(b.Context(), client, wire.SaveRequest, wire.SaveRequestParams{Request: wire.RequestInput{
					ID: fmt.Sprintf("REQUEST%019d", n), Client: hubtest.ClientName(n),
					Services: []onboarding.Service{onboarding.HubSpot, onboarding.ActiveCampaign},

					Message: "We plan your next campaign and need your accounts. You choose what to share; it takes about five " +
						"minutes.", Created: onboarding.TimestampOf(time.Now()),
				}})
				return err
			})
		}
		must(b, group.Wait())
		must(b, h.Close())

		only := func() time.Duration {
			began, rows := time.Now(), 0
			for after := (wire.Cursor{}); ; {
				a, err := wire.Call(b.Context(), client, wire.ReadChanges, wire.ChangesParams{After: after})
				must(b, err)
				rows += len(a.Requests)
				if after = a.Next; !a.More {
					break
				}
			}
			if rows != requests {
				b.Fatalf("%d rows were read, of %d", rows, requests)
			}
			return time.Since(began)
		}
		only() // warm up the relay
		var ratios, seconds, memory []float64
		for n := range 3 {
			limit := only()
			issued, err := wire.Call(b.Context(), client, wire.IssueCode, wire.IssueCodeParams{})
			must(b, err)
			other, err := hub.Open(b.Context(), hub.Config{Catalog: catalogtest.New(b),
				Dir: filepath.Join(b.TempDir(), strconv.Itoa(n)), Keychain: keychain.NewMemory()})
			must(b, err)
			runtime.GC()
			var before, most runtime.MemStats
			runtime.ReadMemStats(&before)
			ctx, stop := context.WithCancel(b.Context())
			watched := make(chan uint64)
			go func() {
				var top uint64
				for ctx.Err() == nil {
					runtime.ReadMemStats(&most)
					top = max(top, most.HeapInuse)
					time.Sleep(20 * time.Millisecond)
				}
				watched <- top
			}()
			began := time.Now()
			must(b, other.Enrol(b.Context(), s.url, issued.Code.Secret(), "A new computer"))
			must(b, other.Sync(b.Context()))
			took := time.Since(began)
			stop()
			memory = append(memory, (float64(<-watched)-float64(before.HeapInuse))/(1<<20))
			if t, err := other.Totals(b.Context()); err != nil || t.All != requests {
				b.Fatalf("the new computer has %d requests: %v", t.All, err)
			}
			must(b, other.Close())
			ratios, seconds = append(ratios, took.Seconds()/limit.Seconds()), append(seconds, took.Seconds())
		}
		note(b, figures{"P7 first sync ÷ reading": median(ratios), "P7 seconds": median(seconds),
			"P7 memory MiB": median(memory)})
	}
}

// BenchmarkP8Mass: keys and scrolling with 100,000 requests, in Chromium.
func BenchmarkP8Mass(b *testing.B) {
	for range b.N {
		environment, data := journey.Session(b), filepath.Join(b.TempDir(), "data")
		for _, entry := range environment {
			if address, found := strings.CutPrefix(entry, "DBUS_SESSION_BUS_ADDRESS="); found {
				b.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
			}
		}
		hubtest.Fill(b, data, system.New(system.Config{}), 100_000)
		screens, running := journey.StartHub(b, environment, "--data", data)
		lines, end := screen(b, "hub-pace.mjs", map[string]string{"url": screens.URL, "key": screens.Key(b)})
		defer end()
		var found struct {
			Keys          int
			P50, P95, P99 float64
			FPS, Longest  float64
		}
		for line := range lines {
			if strings.HasPrefix(line, "{") {
				must(b, json.Unmarshal([]byte(line), &found))
			}
		}
		if found.Keys == 0 {
			b.Fatal("no key was measured")
		}
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", running.Process.Pid))
		must(b, err)
		resident := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
		kB, err := strconv.ParseFloat(string(resident[1]), 64)
		must(b, err)
		note(b, figures{"P8 key p50 ms": found.P50, "P8 key p95 ms": found.P95, "P8 key p99 ms": found.P99,
			"P8 scroll fps":       found.FPS,
			"P8 longest frame ms": found.Longest, "P8 Go memory MiB": kB / 1024})
	}
}
