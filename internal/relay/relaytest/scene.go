package relaytest

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// Business is the Business Manager that a Scene's clients share to.
const Business = "118420903317552"

// Scene is a relay with an agency whose main user has a hub: what a journey
// through the wizard begins with. Time runs as it does outside, and is moved
// ahead by Pass.
type Scene struct {
	*Relay
	Agency Agency
	Hub    *hub.Hub
	Log    *Log

	t          testing.TB
	config     Config
	ahead      *ahead
	connection string // Ana's Facebook user, once connected
}

// ahead is the real clock, moved: a browser keeps cookies by the real one.
type ahead struct {
	mu sync.Mutex
	by time.Duration
}

func (a *ahead) Now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Add(a.by)
}

// Log collects what a relay logs.
type Log struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *Log) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

// String is all that was logged.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// NewScene starts a relay, an agency and its hub.
func NewScene(t testing.TB) *Scene {
	t.Helper()
	return NewSceneOn(t, Config{})
}

// NewSceneOn is NewScene with a relay of its own kind; the clock and the log
// are the Scene's.
func NewSceneOn(t testing.TB, config Config) *Scene {
	t.Helper()
	s := BeginOn(t, config)
	s.Hub = s.Relay.Hub(t, s.Agency.Code)
	s.Sync()
	return s
}

// Begin is a Scene whose agency has no hub yet.
func Begin(t testing.TB) *Scene {
	t.Helper()
	return BeginOn(t, Config{})
}

// BeginOn is Begin with a relay of its own kind.
func BeginOn(t testing.TB, config Config) *Scene {
	t.Helper()
	s := &Scene{t: t, ahead: &ahead{}, Log: &Log{}}
	config.Now, config.Log = s.ahead.Now, slog.New(
		slog.NewTextHandler(s.Log, &slog.HandlerOptions{Level: slog.LevelDebug}),
	)
	s.Relay = Start(t, config)
	s.config = config
	// A browser's spare connections would keep the relay from ending.
	t.Cleanup(http.DefaultClient.CloseIdleConnections)
	s.Agency = s.AddAgency(t, "Northlight Media", "Ana Ruiz <ana@northlight.example>")
	return s
}

// Restart ends the relay and starts another one on its database, its keys and
// its address. Browsers, the hub and the world outside outlive it.
func (s *Scene) Restart() {
	s.t.Helper()
	address := s.server.Addr
	s.Stop(s.t)
	http.DefaultClient.CloseIdleConnections()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		s.t.Fatalf("listening at %s again: %v", address, err)
	}
	config := s.config
	config.Source, config.KeysetFile, config.World, config.Listener = s.Source, s.KeysetFile, s.World, listener
	s.Relay = Start(s.t, config)
}

// Pass moves the time of the relay, its hub and the world outside ahead.
func (s *Scene) Pass(d time.Duration) {
	s.ahead.mu.Lock()
	defer s.ahead.mu.Unlock()
	s.ahead.by += d
}

// Now is the scene's time.
func (s *Scene) Now() time.Time { return s.ahead.Now() }

// ConnectFacebook connects Ana's own Facebook user, through her hub and a
// browser, and gives the Connection's id. Again it gives the same.
func (s *Scene) ConnectFacebook() string {
	s.t.Helper()
	if s.connection == "" {
		s.connection = s.ConnectFacebookAnew()
	}
	return s.connection
}

// ConnectFacebookAnew connects the same user once more, as another Connection.
func (s *Scene) ConnectFacebookAnew() string {
	s.t.Helper()
	started, err := s.Hub.StartConnection(s.t.Context(), onboarding.Meta)
	if err != nil {
		s.t.Fatalf("starting the agency's own sign-in: %v", err)
	}
	browser := s.Browser()
	browser.Open(started.Address)
	browser.Press("Continue")
	browser.Follow("Log In")
	browser.Press("Ana Ruiz")
	browser.Press("Allow")
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	connection, err := s.Hub.WaitConnection(ctx, started.ID)
	if err != nil {
		s.t.Fatalf(
			"waiting for the agency's own sign-in: %v\nthe browser shows: %.1000s\n%s", err, browser.Page.Text(), s.Log,
		)
	}
	return connection.ID
}

// Save has the hub save a request, and gives its id once the relay has it.
func (s *Scene) Save(form outbox.RequestForm) string {
	s.t.Helper()
	if form.Client == "" {
		form.Client = "Harbour & Pine"
	}
	for _, service := range form.Services {
		if service == onboarding.Facebook && form.Connection == "" && form.BusinessName == "" {
			form.Connection, form.Business = s.ConnectFacebook(), Business
		}
	}
	id, err := s.Hub.Outbox.SaveRequest(s.t.Context(), form)
	if err != nil {
		s.t.Fatalf("saving a request: %v", err)
	}
	s.Sync()
	return id
}

// Sync has the hub send and read all there is.
func (s *Scene) Sync() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	if err := s.Hub.Sync(ctx); err != nil {
		s.t.Fatalf("syncing the hub: %v", err)
	}
}

// Request saves a request for these services, and gives its id and the link
// that is copied. With Facebook among them, Ana's user is connected first.
func (s *Scene) Request(services ...onboarding.Service) (id, link string) {
	s.t.Helper()
	id = s.Save(outbox.RequestForm{Services: services})
	return id, s.LinkOf(id)
}

// FacebookRequest is Request for Facebook at a level, with these kinds beside
// ad accounts and Pages.
func (s *Scene) FacebookRequest(level onboarding.AccessLevel, kinds ...onboarding.Kind) (id, link string) {
	s.t.Helper()
	id = s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.Facebook}, Level: level, Kinds: kinds})
	return id, s.LinkOf(id)
}

// Link is Request without the id.
func (s *Scene) Link(services ...onboarding.Service) string {
	s.t.Helper()
	_, link := s.Request(services...)
	return link
}

// LinkOf is a request's link as the hub would copy it now.
func (s *Scene) LinkOf(id string) string {
	s.t.Helper()
	details := s.Details(id)
	if details.Link == "" {
		s.t.Fatalf("the hub has no link for the request %s", id)
	}
	return details.Link
}

// Details is a request as the hub has it now.
func (s *Scene) Details(id string) replica.RequestDetails {
	s.t.Helper()
	details, err := s.Hub.Replica.Request(s.t.Context(), id)
	if err != nil {
		s.t.Fatalf("reading a request in the hub: %v", err)
	}
	return details
}

// HasItems checks how many items of a request the hub has, once it has
// read all there is.
func (s *Scene) HasItems(id string, want int) {
	s.t.Helper()
	s.Sync()
	if items := s.Details(id).Items; len(items) != want {
		s.t.Errorf("the hub has %d items of the request, want %d", len(items), want)
	}
}

// Emails counts the emails of a kind that a request caused.
func (s *Scene) Emails(request string, kind store.EmailKind) (n int) {
	s.t.Helper()
	err := s.Store.DB().QueryRowContext(s.t.Context(), `
		SELECT count(*) FROM emails WHERE request = $1 AND kind = $2`, request, kind).Scan(&n)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// Fault switches a fault of a fake platform on or off.
func (s *Scene) Fault(platform, name string, on bool) {
	s.t.Helper()
	if err := s.World.SetFault(platform, name, on); err != nil {
		s.t.Fatal(err)
	}
}

// AtAssets is somebody before Facebook's lists, with a request of their own,
// signed in there as this person.
func (s *Scene) AtAssets(person string) *Browser {
	s.t.Helper()
	v := s.Browser()
	v.SignInAtFacebook(s.Link(onboarding.Facebook), person)
	return v
}

// AtKeyForm is Nadia before the form that takes the account's address and key.
func (s *Scene) AtKeyForm() (v *Browser, account sandbox.Key) {
	s.t.Helper()
	v = s.Browser()
	v.Enter(s.Link(onboarding.ActiveCampaign), "Nadia Berger", "nadia@northwind.example")
	v.Press("Add ActiveCampaign")
	return v, s.World.Keys(string(onboarding.ActiveCampaign.Platform()))[0]
}

// Browser is a person with a browser of their own.
func (s *Scene) Browser() *Browser { return &Browser{Browser: webtest.New(), t: s.t} }

// BrowserIn is Browser for a part of the scene's test, which its mistakes end alone.
func (s *Scene) BrowserIn(t testing.TB) *Browser { return &Browser{Browser: webtest.New(), t: t} }

// Browser is a webtest.Browser whose mistakes end the test.
type Browser struct {
	*webtest.Browser
	t testing.TB
}

func (v *Browser) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%v\nthe page at %s says: %.1500s", err, v.Page.URL, v.Page.Text())
	}
}

// Open types an address.
func (v *Browser) Open(address string) { v.t.Helper(); v.must(v.Browser.Open(address)) }

// Reload opens the page once more.
func (v *Browser) Reload() { v.t.Helper(); v.must(v.Browser.Reload()) }

// Press presses the button with these words.
func (v *Browser) Press(words string) { v.t.Helper(); v.must(v.Browser.Press(words)) }

// Follow follows the link with these words.
func (v *Browser) Follow(words string) { v.t.Helper(); v.must(v.Browser.Follow(words)) }

// Fill types into the field with this label.
func (v *Browser) Fill(label, text string) { v.t.Helper(); v.must(v.Browser.Fill(label, text)) }

// Tick ticks the box with this label.
func (v *Browser) Tick(label string) { v.t.Helper(); v.must(v.Browser.Tick(label)) }

// Untick takes the tick off the box with this label.
func (v *Browser) Untick(label string) { v.t.Helper(); v.must(v.Browser.Untick(label)) }

// Reads checks that the page shows these sentences.
func (v *Browser) Reads(sentences ...string) {
	v.t.Helper()
	for _, sentence := range sentences {
		if !v.Page.Says(sentence) {
			v.t.Fatalf(
				"the page %q (%d) at %s does not say %q, but: %.2500s", v.Page.Title(), v.Page.Status, v.Page.URL, sentence,
				v.Page.Text(),
			)
		}
	}
}

// Sees checks that the page has this status.
func (v *Browser) Sees(status int) {
	v.t.Helper()
	if v.Page.Status != status {
		v.t.Fatalf(
			"the page %q at %s has status %d, want %d: %.1500s", v.Page.Title(), v.Page.URL, v.Page.Status, status,
			v.Page.Text(),
		)
	}
}

// Enter goes from a link to the first step, as this person.
func (v *Browser) Enter(link, name, email string) {
	v.t.Helper()
	v.Open(link)
	v.Press("Grant Permission Now")
	v.Fill("Your name", name)
	v.Fill("Your work email", email)
	v.Press("View request")
}

// SignInAtFacebook goes from a link to Facebook's lists, as Marta in the
// wizard and as this person at Facebook.
func (v *Browser) SignInAtFacebook(link, person string) {
	v.t.Helper()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press(person)
	v.Press("Allow")
}

// ReachConsent goes from a link to HubSpot's question whether the app may, as
// Lars and for his first portal.
func (v *Browser) ReachConsent(link string) {
	v.t.Helper()
	v.Enter(link, "Lars Holm", "lars@harbourpine.example")
	v.Press("Add HubSpot")
	v.Follow("Proceed")
	v.Press("Lars Holm")
	v.Press("Harbour & Pine AB")
}

// ConnectHubSpot goes from a link to the list with Lars's first portal in it.
func (v *Browser) ConnectHubSpot(link string) {
	v.t.Helper()
	v.ReachConsent(link)
	v.Press("Allow")
	v.Follow("Close")
}
