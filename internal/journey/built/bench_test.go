//go:build built

package built

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httputil"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// Figures are ratios within one run, so that other load affects both sides.
// Each is the median of some rounds, and is stored in build/figures.json.
const (
	rounds = 5
	round  = 3 * time.Second
	lines  = 64 // connections of a generator
)

type figures = journey.Figures

func note(b *testing.B, all figures) { b.Helper(); journey.Note(b, all) }

func median(values []float64) float64 { return journey.Median(values) }

// load is the result of a load generator.
type load struct {
	perSecond float64
	p99       time.Duration
}

// wrk requests the addresses in turn, each with its own cookie, and fails if a
// status is not 200.
func wrk(b *testing.B, base, cookie string, paths []string) load {
	b.Helper()
	list := filepath.Join(b.TempDir(), "paths")
	must(b, os.WriteFile(list, []byte(strings.Join(paths, "\n")+"\n"), 0o600))
	arguments := []string{
		"-t1", "-c" + strconv.Itoa(lines), "-d" + round.String(), "--latency", "-s", filepath.Join("testdata", "wrk.lua"),
		"-H", "User-Agent: " + webtest.DesktopBrowser,
	}
	if cookie != "" {
		arguments = append(arguments, "-H", "Cookie: "+cookie)
	}
	command := exec.CommandContext(b.Context(), "wrk", append(arguments, base)...)
	command.Env = append(os.Environ(), "PATHS="+list)
	said, err := command.CombinedOutput()
	if err != nil {
		b.Fatalf("wrk: %v: %s", err, said)
	}
	if strings.Contains(string(said), "Non-2xx") || strings.Contains(string(said), "Socket errors") {
		b.Fatalf("not everything was answered well: %s", said)
	}
	found := regexp.MustCompile(`Requests/sec:\s+([\d.]+)`).FindSubmatch(said)
	slow := regexp.MustCompile(`99%\s+([\d.]+[mu]?s)`).FindSubmatch(said)
	if found == nil || slow == nil {
		b.Fatalf("wrk says nothing that can be read: %s", said)
	}
	rate, err := strconv.ParseFloat(string(found[1]), 64)
	must(b, err)
	p99, err := time.ParseDuration(string(slow[1]))
	must(b, err)
	return load{rate, p99}
}

// against measures the relay and the limit in turn.
func against(b *testing.B, relay, limit func() load) (ratio, rate, p99 float64) {
	b.Helper()
	relay() // warm up both
	limit()
	var ratios, rates, slow []float64
	for range rounds {
		here, there := relay(), limit()
		ratios, rates, slow = append(
			ratios, here.perSecond/there.perSecond,
		), append(rates, here.perSecond), append(slow, here.p99.Seconds()*1000)
	}
	return median(ratios), median(rates), median(slow)
}

// memory always serves the same bytes, as fast as net/http can.
func memory(b *testing.B, content []byte) string {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(b, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(content) // the generator counts failures
	})}
	go func() { _ = server.Serve(listener) }() // it ends with the benchmark
	b.Cleanup(func() { _ = server.Close() })
	return "http://" + listener.Addr().String()
}

func page(b *testing.B, address, cookie string) []byte {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
	must(b, err)
	r.Header.Set("User-Agent", webtest.DesktopBrowser)
	r.Header.Set("Accept-Encoding", "identity")
	if cookie != "" {
		r.Header.Set("Cookie", cookie)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	must(b, err)
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(answer.Body)
	must(b, err)
	if answer.StatusCode != http.StatusOK {
		b.Fatalf("%s answers %d", address, answer.StatusCode)
	}
	return content
}

// requests saves many requests and returns their links.
func requests(b *testing.B, h *hub.Hub, many int, form outbox.RequestForm) []string {
	b.Helper()
	ids := make([]string, many)
	for n := range ids {
		var err error
		form.Client = fmt.Sprintf("Client %d", n)
		ids[n], err = h.Outbox.SaveRequest(b.Context(), form)
		must(b, err)
	}
	must(b, h.Sync(b.Context()))
	links := make([]string, many)
	for n, id := range ids {
		d, err := h.Replica.Request(b.Context(), id)
		must(b, err)
		links[n] = d.Link
	}
	return links
}

func BenchmarkP1Landing(b *testing.B) {
	for range b.N {
		s := newSite(b, "", "")
		s.start()
		h := s.hub()
		links := requests(b, h, 10_000, outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
		paths := make([]string, len(links))
		for n, link := range links {
			paths[n] = strings.TrimPrefix(link, s.url)
		}
		content := page(b, links[0], "")
		limit := memory(b, content)
		ratio, rate, p99 := against(b,
			func() load { return wrk(b, "http://"+s.listen, "", paths) },
			func() load { return wrk(b, limit, "", []string{"/"}) })
		note(b, figures{"P1 ratio": ratio, "P1 landings/s": rate, "P1 p99 ms": p99, "P1 bytes": float64(len(content))})
	}
}

func BenchmarkP2Assets(b *testing.B) {
	for range b.N {
		s := newSite(b, "", "")
		s.start()
		h := s.hub()
		connection, _ := connectFacebook(b, h)
		_, link := save(b, h, outbox.RequestForm{
			Client: "Forty", Connection: connection, Business: business, Services: []onboarding.Service{onboarding.Facebook},
		})
		client := sandbox.Client{Person: "Julie Moreau", Email: "julie@client.example", Business: "Maison Claire"}
		for n := range 20 {
			client.AdAccounts = append(client.AdAccounts, fmt.Sprintf("Ad account %d", n))
			client.Pages = append(client.Pages, fmt.Sprintf("Page %d", n))
		}
		julie := journey.NewClient("Julie Moreau", "julie@client.example")
		must(b, s.world.SignIn(julie.Jar(), s.world.AddClient(client)))
		must(b, julie.Enter(link))
		must(b, julie.SignInAtFacebook("Julie Moreau"))
		if boxes := len(julie.Page.Boxes()); boxes != 40 {
			b.Fatalf("the page has %d assets", boxes)
		}
		cookie := julie.Jar().Cookies(julie.Page.URL)[0]
		header := cookie.Name + "=" + cookie.Value
		limit := memory(b, []byte("ok"))
		ratio, rate, p99 := against(b,
			func() load { return wrk(b, "http://"+s.listen, header, []string{julie.Page.URL.Path}) },
			func() load { return wrk(b, limit, "", []string{"/"}) })
		note(b, figures{
			"P2 ratio": ratio, "P2 pages/s": rate, "P2 p99 ms": p99,
			"P2 bytes": float64(len(page(b, julie.Page.URL.String(), header))),
		})
	}
}

// gate is a proxy before a relay that holds back callbacks, so that many
// clients can return from a platform in the same second.
type gate struct {
	to   string
	mu   sync.Mutex
	kept []*http.Request
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/callback/hubspot") {
		g.mu.Lock()
		g.kept = append(g.kept, r.Clone(context.Background()))
		g.mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
		return
	}
	(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) { p.Out.URL.Scheme, p.Out.URL.Host = "http", g.to }, FlushInterval: -1,
	}).ServeHTTP(w, r)
}

func BenchmarkP3Callbacks(b *testing.B) {
	const each = 300
	for range b.N {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		must(b, err)
		_, port, err := net.SplitHostPort(listener.Addr().String())
		must(b, err)
		s := newSite(b, "", "http://localhost:"+port)
		g := &gate{to: s.listen}
		server := &http.Server{Handler: g}
		go func() { _ = server.Serve(listener) }() // it ends with the benchmark
		b.Cleanup(func() { _ = server.Close() })
		s.start()
		// Three active devices, none of which reads during the measurement.
		computers := []*hub.Hub{
			s.openHub(keychain.NewMemory()), s.openHub(keychain.NewMemory()), s.openHub(keychain.NewMemory()),
		}
		must(b, computers[0].Enrol(b.Context(), s.url, s.addAgency(), "Ana's laptop"))
		for _, h := range computers[1:] {
			own, err := computers[0].IssueCode(b.Context(), "")
			must(b, err)
			must(b, h.Enrol(b.Context(), s.url, own.Code.Secret(), "Another computer"))
		}
		links := requests(b, computers[0], each*(rounds+1), outbox.RequestForm{
			Services: []onboarding.Service{onboarding.HubSpot},
		})
		for _, h := range computers {
			must(b, h.Close())
		}
		var ratios, rates, commits, slow []float64
		for n := range rounds + 1 {
			signIn(b, s, n*each, links[n*each:(n+1)*each])
			kept := g.take()
			if len(kept) != each {
				b.Fatalf("%d people came back, of %d", len(kept), each)
			}
			rate, p99 := comeBack(b, s, kept)
			limit := commitsPerSecond(b)
			if n > 0 { // the first round warms up
				ratios, rates, commits, slow = append(ratios, rate/limit), append(rates, rate), append(commits, limit),
					append(slow, p99)
			}
		}
		must(b, s.running.Stop())
		if stored := count(b, filepath.Join(s.dir, "relay.db"), `
			SELECT count(*) FROM items WHERE state = 'connected'`); stored != len(links) {
			b.Fatalf("%d were answered with success, %d are stored", len(links), stored)
		}
		note(b, figures{
			"P3 ratio": median(ratios), "P3 callbacks/s": median(rates), "P3 commits/s": median(commits),
			"P3 p99 ms": median(slow),
		})
	}
}

// take returns and clears the callbacks that were held back.
func (g *gate) take() []*http.Request {
	g.mu.Lock()
	defer g.mu.Unlock()
	kept := g.kept
	g.kept = nil
	return kept
}

// signIn signs the owner of each link in at HubSpot, up to the callback, just
// before the measurement: a code expires after a minute.
func signIn(b *testing.B, s *site, first int, links []string) {
	b.Helper()
	var people errgroup.Group
	people.SetLimit(8)
	for n, link := range links {
		owner := s.owner(first + n)
		people.Go(func() error {
			for _, step := range []func() error{
				func() error { return owner.Enter(link) }, func() error { return owner.Press("Add HubSpot") },
				func() error { return owner.Follow("Proceed") }, func() error { return owner.Press("Allow") },
			} {
				if err := step(); err != nil {
					return err
				}
			}
			return nil
		})
	}
	must(b, people.Wait())
}

// comeBack sends the callbacks, 32 concurrently.
func comeBack(b *testing.B, s *site, kept []*http.Request) (perSecond, p99 float64) {
	b.Helper()
	var mu sync.Mutex
	var took []float64
	var group errgroup.Group
	group.SetLimit(32)
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	defer transport.CloseIdleConnections()
	began := time.Now()
	for _, r := range kept {
		group.Go(func() error {
			back, err := http.NewRequest(http.MethodGet, "http://"+s.listen+r.URL.RequestURI(), nil)
			if err != nil {
				return err
			}
			back.Header, back.Host = r.Header.Clone(), r.Host
			start := time.Now()
			answer, err := transport.RoundTrip(back)
			if err != nil {
				return err
			}
			_, _ = io.Copy(io.Discard, answer.Body) // so that the connection is reused
			_ = answer.Body.Close()                 // it was only read
			if to := answer.Header.Get("Location"); answer.StatusCode != http.StatusSeeOther ||
				!strings.HasSuffix(to, "/result") {
				return fmt.Errorf("a callback is answered %d and leads to %q", answer.StatusCode, to)
			}
			mu.Lock()
			took = append(took, time.Since(start).Seconds()*1000)
			mu.Unlock()
			return nil
		})
	}
	must(b, group.Wait())
	whole := time.Since(began).Seconds()
	slices.Sort(took)
	return float64(len(kept)) / whole, took[len(took)*99/100]
}

// commitsPerSecond commits one row of 2 kB at a time to a SQLite file.
func commitsPerSecond(b *testing.B) float64 {
	b.Helper()
	db, err := sqldb.Open(b.Context(), sqldb.Config{Source: filepath.Join(b.TempDir(), "limit.db")})
	must(b, err)
	defer func() { _ = db.Close() }() // removed with the benchmark
	must(b, db.InTx(b.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(b.Context(), `CREATE TABLE rows (id BIGINT PRIMARY KEY, content BYTEA NOT NULL)`)
		return err
	}))
	row := bytes.Repeat([]byte{7}, 2048)
	began, n := time.Now(), 0
	for ; time.Since(began) < 2*time.Second; n++ {
		must(b, db.InTx(b.Context(), func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(b.Context(), `INSERT INTO rows (id, content) VALUES ($1, $2)`, n, row)
			return err
		}))
	}
	return float64(n) / time.Since(began).Seconds()
}

func count(b *testing.B, path, query string) int {
	b.Helper()
	db, err := sqldb.Open(b.Context(), sqldb.Config{Source: path})
	must(b, err)
	defer func() { _ = db.Close() }() // it was only read
	var n int
	must(b, db.QueryRowContext(b.Context(), query).Scan(&n))
	return n
}

func BenchmarkP5Journeys(b *testing.B) {
	const each, atOnce = 100, 16
	for range b.N {
		s := newSite(b, "", "")
		s.start()
		h := s.hub()
		connection, _ := connectFacebook(b, h)
		links := requests(b, h, each*4, outbox.RequestForm{
			Connection: connection, Business: business, Services: []onboarding.Service{onboarding.Facebook},
		})
		people := make([]*journey.Actor, len(links))
		for n := range people {
			people[n] = journey.NewClient(fmt.Sprintf("Owner%d Client", n), fmt.Sprintf("owner%d@client.example", n))
			key := s.world.AddClient(sandbox.Client{
				Person: fmt.Sprintf("Owner %d", n), Email: people[n].Email, Business: fmt.Sprintf("Client %d", n),
				AdAccounts: []string{"Ads"}, Pages: []string{"The Page"},
			})
			must(b, s.world.SignIn(people[n].Jar(), key))
		}
		must(b, h.Close()) // the hub's own work is not measured
		var rates []float64
		for n := range 4 {
			var group errgroup.Group
			group.SetLimit(atOnce)
			began := time.Now()
			for i := n * each; i < (n+1)*each; i++ {
				group.Go(func() error {
					for _, step := range []func() error{
						func() error { return people[i].Enter(links[i]) },
						func() error { return people[i].SignInAtFacebook("") },
						func() error { return people[i].Share("Ads", "The Page") },
						people[i].Finish,
					} {
						if err := step(); err != nil {
							return err
						}
					}
					return nil
				})
			}
			must(b, group.Wait())
			if n > 0 { // the first round warms up
				rates = append(rates, each/time.Since(began).Seconds())
			}
		}
		note(b, figures{"P5 journeys/s": median(rates)})
	}
}

func BenchmarkP10Program(b *testing.B) {
	for range b.N {
		info, err := os.Stat(journey.Program(b))
		must(b, err)
		s := newSite(b, "", "")
		s.start() // the first start creates database and keys
		must(b, s.running.Stop())
		var starts, idle []float64
		for range 7 {
			starts = append(starts, s.start().Seconds()*1000)
			time.Sleep(2 * time.Second)
			status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.running.Process.Pid))
			must(b, err)
			found := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
			if found == nil {
				b.Fatal("the system does not say how much memory it takes")
			}
			kB, err := strconv.ParseFloat(string(found[1]), 64)
			must(b, err)
			idle = append(idle, kB/1024)
			must(b, s.running.Stop())
		}
		note(b, figures{"P10 bytes": float64(info.Size()), "P10 start ms": median(starts), "P10 idle MiB": median(idle)})
	}
}

// BenchmarkP12Weight measures every page of the story with its assets,
// compressed, without the agency's logo.
func BenchmarkP12Weight(b *testing.B) {
	for range b.N {
		s := newSite(b, "", "")
		s.start()
		h := s.hub()
		connection, _ := connectFacebook(b, h)
		_, link := save(b, h, outbox.RequestForm{Client: "Harbour & Pine", Connection: connection, Business: business,
			Services: []onboarding.Service{onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign}})
		w := &scale{b: b, files: map[string]int{}, all: figures{}}
		mina := journey.NewClient("Mina Ito", "mina@harbourpine.example")
		account := s.world.Keys("activecampaign")[0]
		for _, step := range []struct {
			page string
			do   func() error
		}{
			{"landing", func() error { return mina.Open(link) }},
			{"about you", func() error { return mina.Press("Grant Permission Now") }},
			{"", func() error { return mina.Fill("Your name", mina.Name) }},
			{"", func() error { return mina.Fill("Your work email", mina.Email) }},
			{"facebook", func() error { return mina.Press("View request") }},
			{"leaving for facebook", func() error { return mina.Press("Add Facebook") }},
			{"", func() error { return mina.Follow("Log In") }},
			{"", func() error { return mina.Press("Mina Ito") }},
			{"assets", func() error { return mina.Press("Allow") }},
			{"platforms", func() error { return mina.Share("Harbour & Pine EU", "Harbour Garden") }},
			{"proceed", func() error { return mina.Press("Add HubSpot") }},
			{"", func() error { return mina.Follow("Proceed") }},
			{"", func() error { return mina.Press("Lars Holm") }},
			{"", func() error { return mina.Press("Harbour & Pine AB") }},
			{"result", func() error { return mina.Press("Allow") }},
			{"", func() error { return mina.Follow("Close") }},
			{"", func() error { return mina.ConnectActiveCampaign(account.URL, account.Key) }},
			{"summary", mina.NextStep},
			{"done", mina.Finish},
		} {
			must(b, step.do())
			if step.page != "" {
				w.weigh(step.page, mina.Page)
			}
		}
		note(b, w.all)
	}
}

type scale struct {
	b     *testing.B
	files map[string]int
	all   figures
}

func (w *scale) weigh(name string, p webtest.Page) {
	w.b.Helper()
	weight := packed([]byte(p.HTML))
	for _, found := range regexp.MustCompile(`(?:href|src)="([^"]+\.(?:css|js))"`).FindAllStringSubmatch(p.HTML, -1) {
		at, err := p.URL.Parse(found[1])
		must(w.b, err)
		if _, known := w.files[at.Path]; !known {
			w.files[at.Path] = packed(page(w.b, at.String(), ""))
		}
		weight += w.files[at.Path]
	}
	w.all["P12 "+name] = float64(weight)
	w.all["P12 heaviest"] = max(w.all["P12 heaviest"], float64(weight))
	if weight > 30*1024 {
		w.b.Errorf("%s weighs %d bytes", name, weight)
	}
}

func packed(content []byte) int {
	var into bytes.Buffer
	z := gzip.NewWriter(&into)
	_, _ = z.Write(content) // into memory
	_ = z.Close()           // into memory
	return into.Len()
}
