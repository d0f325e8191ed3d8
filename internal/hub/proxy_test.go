package hub_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/egress/egresstest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/logfile"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// relayName is where the relay is reached in a network whose only way out is a proxy.
const relayName = "access.agency.example"

// behindProxy is a network in which a scene's relay and platform have names that only the
// proxy finds.
func behindProxy(t *testing.T, s *relaytest.Scene) *egresstest.Network {
	t.Helper()
	through := func(address string) http.Handler {
		to, err := url.Parse(address)
		must(t, err)
		passed := httputil.NewSingleHostReverseProxy(to)
		passed.FlushInterval = -1 // the event stream must not be buffered
		passed.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
		return passed
	}
	platform, err := url.Parse(s.World.Keys("activecampaign")[1].URL)
	must(t, err)
	return egresstest.New(t, map[string]http.Handler{
		relayName:           through(s.URL),
		platform.Hostname(): through(relaytest.HubAddresses(s.World)[onboarding.ActiveCampaign.Platform()].API),
	})
}

func openRouted(t *testing.T, s *relaytest.Scene, c computer, route *egress.Route, log *slog.Logger) *hub.Hub {
	t.Helper()
	drivers, err := all.ForHub(all.WithRoute(nil, route)) // at the platforms' own addresses
	must(t, err)
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: c.dir, Keychain: c.keychain, Drivers: drivers, Now: s.Now, Poll: time.Hour,
		Route: route, Log: log,
	})
	must(t, err)
	return h
}

// The test's dialer refuses every address but the proxy's: a call that takes another way
// fails, and is found.
func TestTheWholeStoryPassesThroughAProxyAndNothingAroundIt(t *testing.T) {
	s := relaytest.NewScene(t)
	n := behindProxy(t, s)
	c := newComputer(t)
	c.keychain = &notedKeychain{Memory: keychain.NewMemory()}
	must(t, os.MkdirAll(c.dir, 0o700))
	log := slog.New(logfile.In(c.dir).Handler(slog.LevelDebug))
	h := openRouted(t, s, c, n.Route(t), log)
	defer func() { closed(t, h) }()
	probe, err := h.FindRelay(t.Context(), "https://"+relayName)
	if err != nil || probe.State != hub.RelayElsewhere { // the relay itself says its address on loopback
		t.Fatalf("looking for the relay: got %+v and %v", probe, err)
	}
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	must(t, h.Enrol(t.Context(), "https://"+relayName, code.Code.Secret(), "Behind a proxy"))
	synced(t, h)
	id, err := h.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Through the proxy", Services: hubSpot()})
	must(t, err)
	synced(t, h)
	synced(t, s.Hub)
	if d, err := s.Hub.Replica.Request(t.Context(), id); err != nil || d.Link == "" {
		t.Errorf("another computer has %+v and %v", d, err)
	}
	// Its polls are an hour apart: this arrives by the event stream.
	other, err := s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "Beside it", Services: hubSpot()})
	must(t, err)
	synced(t, s.Hub)
	until(t, "the news", func() bool { _, err := h.Replica.Request(t.Context(), other); return err == nil })
	account := s.World.Keys("activecampaign")[1]
	_, err = h.Credentials.ConnectKey(t.Context(), onboarding.ActiveCampaign, account.URL,
		onboarding.NewSecret(account.Key))
	must(t, err)

	platform, err := url.Parse(account.URL)
	must(t, err)
	want := []string{relayName, platform.Hostname()}
	slices.Sort(want)
	if got := n.Asked(); !slices.Equal(got, want) || len(n.Past()) != 0 {
		t.Errorf("the proxy was asked for %v, want %v; %v went past it", got, want, n.Past())
	}
	closed(t, h)
	n.RequireSignIn("anna:pw") // so that there is something to log
	h = openRouted(t, s, c, n.Route(t), log)
	until(t, "the obstacle", func() bool {
		info, err := h.SessionInfo(t.Context())
		return err == nil && info.Obstacle == wire.ObstacleProxy
	})
	if err := h.Sync(t.Context()); wire.ObstacleOf(err) != wire.ObstacleProxy {
		t.Errorf("behind a proxy that wants a sign-in: got %v", err)
	}
	noSecretIn(t, c, code.Code.Secret().Reveal(), account.Key)
}

// notedKeychain remembers every secret that it got.
type notedKeychain struct {
	*keychain.Memory
	kept []string
}

func (k *notedKeychain) Set(ctx context.Context, name string, secret onboarding.Secret) error {
	k.kept = append(k.kept, secret.Reveal())
	return k.Memory.Set(ctx, name, secret)
}

// noSecretIn looks for what a computer keeps secret in its log.
func noSecretIn(t *testing.T, c computer, secrets ...string) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.dir, "latchkey.log"))
	must(t, err)
	noted, isNoted := c.keychain.(*notedKeychain)
	if !isNoted || len(noted.kept) < 3 || len(content) == 0 {
		t.Fatalf("the keychain got %+v, the log has %d bytes", c.keychain, len(content))
	}
	for _, secret := range append(noted.kept, secrets...) {
		if strings.Contains(string(content), secret) {
			t.Error("the log has a secret in it")
		}
	}
}

func TestAProxyThatRefusesAndOneThatInspectsAreNamed(t *testing.T) {
	s := relaytest.NewScene(t)
	n := behindProxy(t, s)
	probe := func(route *egress.Route) hub.RelayState {
		t.Helper()
		h := openRouted(t, s, newComputer(t), route, slog.New(slog.NewTextHandler(io.Discard, nil)))
		defer closed(t, h)
		got, err := h.FindRelay(t.Context(), "https://"+relayName)
		must(t, err)
		return got.State
	}
	if got := probe(egress.New(egress.Config{Proxy: egress.Fixed(n.Proxy)})); got != hub.RelayInspected {
		t.Errorf("an authority that is not known: got %s", got)
	}
	n.RequireSignIn("anna:pw")
	if got := probe(n.Route(t)); got != hub.RelayProxy {
		t.Errorf("a proxy that wants a sign-in: got %s", got)
	}
}

func TestLeavingTheAgencyDeletesTheLog(t *testing.T) {
	s := relaytest.NewScene(t)
	c := newComputer(t)
	must(t, os.MkdirAll(c.dir, 0o700))
	file := logfile.In(c.dir)
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: c.dir, Keychain: c.keychain, Now: s.Now, Poll: time.Hour,
		Log: slog.New(file.Handler(slog.LevelDebug)), Wiped: file.Remove,
	})
	must(t, err)
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	must(t, h.Enrol(t.Context(), s.URL, code.Code.Secret(), "Leaving"))
	synced(t, h)
	for _, name := range []string{"latchkey.log", "latchkey.log.1"} {
		must(t, os.WriteFile(filepath.Join(c.dir, name), []byte("names of clients"), 0o600))
	}
	must(t, h.Leave(t.Context()))
	closed(t, h)
	left, err := filepath.Glob(filepath.Join(c.dir, "latchkey.log*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left are %v and %v", left, err)
	}
}
