package hub_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/checks"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// listing is a keychain that records every value ever stored in it.
type listing struct {
	*keychain.Memory
	mu   sync.Mutex
	seen []string
}

func (l *listing) Set(ctx context.Context, name string, secret onboarding.Secret) error {
	l.mu.Lock()
	l.seen = append(l.seen, secret.Reveal())
	l.mu.Unlock()
	return l.Memory.Set(ctx, name, secret)
}

// files returns the contents of all files in a folder.
func files(t testing.TB, folder string) string {
	t.Helper()
	var contents strings.Builder
	must(t, filepath.WalkDir(folder, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(name)
		contents.Write(content)
		return err
	}))
	return contents.String()
}

// share has a client share one Page through Facebook's own dialog.
func share(t testing.TB, s *relaytest.Scene, asset string) (request string) {
	t.Helper()
	request, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Mina Ito", "mina@harbourpine.example")
	v.Press("Add Facebook")
	v.Follow("Log In")
	v.Press("Mina Ito")
	v.Press("Allow")
	v.Tick(asset)
	v.Press("Connect Assets")
	s.Sync()
	return request
}

func TestASharedPageIsGivenToTheAgencysUserAndTriedWithoutAsking(t *testing.T) {
	s := relaytest.NewScene(t)
	request := share(t, s, "Harbour Garden")
	until(t, "the check by itself", func() bool {
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks && len(d.Items[0].Tasks) == 2
	})
}

func TestWhatWasSharedIsCheckedOnAfterItsUserWasConnectedAnew(t *testing.T) {
	s := relaytest.NewScene(t)
	request := share(t, s, "Harbour Garden")
	until(t, "the first check", func() bool {
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks
	})
	item := s.Details(request).Items[0]
	first := s.Details(request).ConnectionID
	if again := s.ConnectFacebookAnew(); again == first {
		t.Fatal("connecting anew gave the same Connection")
	}
	must(t, s.Hub.EndConnection(t.Context(), first))
	s.Sync()
	_, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "withdraw", Asset: item.Account})
	must(t, err)
	must(t, s.Hub.Checks.CheckNow(t.Context(), item.ID))
	until(
		t, "the check with the new token",
		func() bool { return s.Details(request).Items[0].Access == onboarding.AccessBroken },
	)
}

func TestAPlatformThatIsSilentOrBusyIsNamedByACheck(t *testing.T) {
	s := relaytest.NewScene(t)
	request := share(t, s, "Harbour Garden")
	until(t, "the first check", func() bool {
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Access == onboarding.AccessWorks
	})
	for fault, said := range map[string]string{
		"down":      "Facebook does not answer.",
		"throttled": "Facebook is busy and takes no more calls for now.",
	} {
		must(t, s.World.SetFault("meta", fault, true))
		err := s.Hub.Checks.CheckNow(t.Context())
		must(t, s.World.SetFault("meta", fault, false))
		var silent *checks.NotTriedError
		if !errors.As(err, &silent) || !strings.HasPrefix(silent.Message(catalogtest.New(t)), said) ||
			!errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: got %v, want words that begin with %q", fault, err, said)
		}
		if i := s.Details(request).Items[0]; i.Access != onboarding.AccessWorks {
			t.Errorf("%s: the last known result is now %q", fault, i.Access)
		}
	}
}

func TestAnAssetThatWaitsIsTriedAgainAfterMinutesUntilItArrives(t *testing.T) {
	s := relaytest.NewScene(t)
	must(t, s.World.SetFault("meta", "page_pending", true))
	request := share(t, s, "Harbour Garden")
	until(t, "the first check, and the next one's time", func() bool {
		d := s.Details(request)
		return len(d.Items) == 1 && d.Items[0].Waiting && d.Items[0].Checked != 0 && d.Items[0].NextCheck > d.Items[0].Checked
	})
	first := s.Details(request).Items[0]
	if first.NextCheck < first.Checked.Add(50*time.Second) || first.NextCheck > first.Checked.Add(70*time.Second) {
		t.Errorf("after the first check the next is %s later", first.Checked.Since(first.NextCheck))
	}
	if todos, err := s.Hub.Todos(t.Context(), 5); err != nil || len(todos) != 1 || todos[0].Kind != hub.TodoWaiting {
		t.Errorf("todos are %+v, %v", todos, err)
	}
	s.Pass(2 * time.Minute)
	s.Hub.Resume()
	until(t, "the second check", func() bool { return s.Details(request).Items[0].Checked > first.Checked })
	must(t, s.World.SetFault("meta", "page_pending", false))
	_, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "approve", Asset: first.Account})
	must(t, err)
	s.Pass(30 * time.Minute)
	s.Hub.Resume()
	until(t, "the arrival", func() bool {
		d := s.Details(request)
		return d.Items[0].Access == onboarding.AccessWorks
	})
}

func TestANewResultOfAnotherHubIsTakenOverAndNotRepeated(t *testing.T) {
	s := relaytest.NewScene(t)
	request := share(t, s, "Harbour Garden")
	until(t, "the first check", func() bool { return s.Details(request).Items[0].Access == onboarding.AccessWorks })
	i := s.Details(request).Items[0]
	_, code, err := s.Admin.MemberCode(t.Context(), s.Agency.Name, s.Agency.Main.Email)
	must(t, err)
	other := s.Relay.Hub(t, code.Code)
	synced(t, other)
	synced(t, other)
	time.Sleep(100 * time.Millisecond) // long enough for an unwanted check
	o, err := other.Replica.Item(t.Context(), i.ID)
	must(t, err)
	if o.Checked != i.Checked {
		t.Error("the other hub repeated a check that was seconds old")
	}
	if o.NextCheck < i.Checked.Add(4*time.Hour) {
		t.Errorf("it looks again after %s", i.Checked.Since(o.NextCheck))
	}
}

// withoutMailchimp removes the operator's app at one platform.
func withoutMailchimp(apps map[onboarding.Platform]platform.App) {
	delete(apps, onboarding.Mailchimp.Platform())
}

func TestTheWayBackFromTheBrowserTakesOneCodeAtOneAddress(t *testing.T) {
	s := relaytest.NewSceneOn(t, relaytest.Config{Apps: withoutMailchimp})
	started, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
	must(t, err)
	// The loopback address is tested in the browser journey: here the sign-in
	// is cancelled.
	s.Hub.CancelConnection(started.ID)
	if _, err := s.Hub.WaitConnection(t.Context(), started.ID); !errors.Is(err, onboarding.ErrExpired) {
		t.Errorf("a sign-in that was cancelled: %v", err)
	}
	if _, err := s.Hub.WaitConnection(t.Context(), "nobody"); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("a sign-in that never was: %v", err)
	}
	if _, err := s.Hub.StartConnection(
		t.Context(), onboarding.Mailchimp.Platform(),
	); !errors.Is(err, onboarding.ErrNotOffered) {
		t.Errorf("a platform without an app: %v", err)
	}

	cancelled := started.ID
	started, err = s.Hub.StartConnection(t.Context(), onboarding.Meta)
	must(t, err)
	if _, err := s.Hub.WaitConnection(t.Context(), cancelled); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("a sign-in that ended before another began is still known: %v", err)
	}
	v := s.Browser()
	v.Open(started.Address)
	v.Press("Continue")
	v.Follow("Log In")
	v.Press("Ana Ruiz")
	v.Press("Cancel")
	v.Reads("Nothing was connected", "Latchkey says why")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err = s.Hub.WaitConnection(ctx, started.ID)
	var said *onboarding.InvalidError
	if !errors.As(err, &said) || said.Field != "sign_in" ||
		said.Message != "The sign-in at Facebook was cancelled there. Nothing was connected." {
		t.Errorf("a sign-in that was cancelled at the platform: %v", err)
	}
	if c, err := s.Hub.Replica.Connections(t.Context()); err != nil || len(c) != 0 {
		t.Errorf("there are %+v, %v", c, err)
	}
}

func TestAConnectedUserCanBeChosenWithItsBusinessesAndBeEnded(t *testing.T) {
	s := relaytest.NewScene(t)
	id := s.ConnectFacebook()
	users, err := s.Hub.Replica.Connections(t.Context())
	if err != nil || len(users) != 1 || users[0].ID != id || !users[0].Here || len(users[0].Businesses) == 0 ||
		users[0].MemberName != "Ana Ruiz" {
		t.Fatalf("connected are %+v, %v", users, err)
	}
	must(t, s.Hub.EndConnection(t.Context(), id))
	s.Sync()
	s.Sync()
	if users, err := s.Hub.Replica.Connections(t.Context()); err != nil || len(users) != 0 {
		t.Errorf("after its end there are %+v, %v", users, err)
	}
	if n, err := hubtest.CountCredentials(t.Context(), s.Hub); err != nil || n != 0 {
		t.Errorf("its token is still in the keychain: %d, %v", n, err)
	}
}

func TestAClosedHubLeavesNothingRunning(t *testing.T) {
	s := relaytest.Begin(t)
	drivers, err := all.ForHub(relaytest.HubAddresses(s.World))
	must(t, err)
	c := newComputer(t)
	warm := c.open(t, s)
	must(t, warm.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	synced(t, warm)
	closed(t, warm)
	ours := func() int {
		stacks := make([]byte, 1<<20)
		return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), "internal/hub.")
	}
	for range 3 {
		h, err := hub.Open(t.Context(), hub.Config{
			Catalog: catalogtest.New(t), Dir: c.dir, Keychain: c.keychain, Drivers: drivers, Changed: func(replica.Change) {},
		})
		must(t, err)
		synced(t, h)
		_, err = h.StartConnection(t.Context(), onboarding.Meta)
		must(t, err)
		must(t, h.Close()) // it must not wait for the sign-in, which takes minutes to time out
	}
	until(t, "the end of all goroutines", func() bool { return ours() == 0 })
}

func TestSecretsAreInTheKeychainAndInNoFile(t *testing.T) {
	s := relaytest.Begin(t)
	keys := &listing{Memory: keychain.NewMemory()}
	dir := filepath.Join(t.TempDir(), "hub")
	s.Hub = computer{dir, keys, 0}.open(t, s)
	must(t, s.Hub.Enrol(t.Context(), s.URL, s.Agency.Code, "Laptop"))
	s.Sync()
	_, item := connect(t, s, "Priya Nair")
	access, lasting, err := hubtest.Credential(t.Context(), s.Hub, item)
	must(t, err)
	closed(t, s.Hub)
	found := files(t, dir)
	secrets := []string{access.Reveal(), lasting.Secret.Reveal(), s.Agency.Code.Reveal()}
	for _, text := range keys.seen {
		secrets = append(secrets, text)
		for _, part := range strings.Split(text, `"`) {
			if len(part) > 20 {
				secrets = append(secrets, part)
			}
		}
	}
	for _, secret := range secrets {
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if strings.Contains(found, form) {
				t.Errorf("a secret of %d bytes is in a file of the hub", len(secret))
			}
		}
	}
	if len(keys.seen) < 3 {
		t.Errorf("only %d secrets were seen", len(keys.seen))
	}
}

// loopbackOf is where the hub waits for the browser of a sign-in.
func loopbackOf(t *testing.T, s *relaytest.Scene, started hub.SignInStarted) string {
	t.Helper()
	var loopback string
	must(t, s.DB.QueryRowContext(t.Context(), `
		SELECT loopback FROM pending_connections WHERE id = $1`, started.ID).Scan(&loopback))
	return loopback
}

func TestOnlyAReturnWithTheStateOfTheSignInEndsIt(t *testing.T) {
	s := relaytest.NewScene(t)
	for _, at := range []onboarding.Platform{onboarding.Meta, onboarding.HubSpot.Platform()} {
		started, err := s.Hub.StartConnection(t.Context(), at)
		must(t, err)
		loopback := loopbackOf(t, s, started)
		u, err := url.Parse(loopback)
		must(t, err)
		if u.Hostname() != "127.0.0.1" {
			t.Errorf("it listens at %s", loopback)
		}
		state := "state=" + started.ID
		for name, change := range map[string]func(r *http.Request){
			"another path":     func(r *http.Request) { r.URL.Path = "/" },
			"a browser's icon": func(r *http.Request) { r.URL.Path, r.URL.RawQuery = "/favicon.ico", "" },
			"another name":     func(r *http.Request) { r.Host = "localhost:" + u.Port() },
			"another method":   func(r *http.Request) { r.Method = http.MethodPost },
			"a mere look":      func(r *http.Request) { r.Method = http.MethodHead },
			"nothing":          func(r *http.Request) { r.URL.RawQuery = "" },
			"a prefetch": func(r *http.Request) {
				r.URL.RawQuery = ""
				r.Header.Set("Sec-Purpose", "prefetch")
			},
			"no state":              func(r *http.Request) { r.URL.RawQuery = "code=forged" },
			"an error and no state": func(r *http.Request) { r.URL.RawQuery = "error=sign_in_cancelled" },
			"an empty state":        func(r *http.Request) { r.URL.RawQuery = "code=forged&state=" },
			"another state":         func(r *http.Request) { r.URL.RawQuery = "code=forged&state=" + rand.Text() },
			"a part of the state":   func(r *http.Request) { r.URL.RawQuery = "code=forged&" + state[:len(state)-1] },
			"the state twice":       func(r *http.Request) { r.URL.RawQuery = "code=forged&" + state + "&" + state },
			"the state after another": func(r *http.Request) {
				r.URL.RawQuery = "code=forged&state=x&" + state
			},
			"the state alone": func(r *http.Request) { r.URL.RawQuery = state },
			"an empty code":   func(r *http.Request) { r.URL.RawQuery = "code=&" + state },
		} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, loopback+"?code=forged&"+state, nil)
			must(t, err)
			change(r)
			a, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatalf("%s at %s: %v", name, at, err)
			}
			page, err := io.ReadAll(a.Body)
			must(t, errors.Join(err, a.Body.Close()))
			if a.StatusCode != http.StatusNotFound ||
				r.Method != http.MethodHead && !strings.Contains(string(page), "This page ends no sign-in") {
				t.Errorf("%s at %s: got %d, %s", name, at, a.StatusCode, page)
			}
		}
		_, err = browserReturns(t, s, started, "?error=sign_in_cancelled&"+state)
		var said *onboarding.InvalidError
		if !errors.As(err, &said) || !strings.Contains(said.Message, "was cancelled there") {
			t.Errorf("%s: the sign-in did not go on: %v", at, err)
		}
	}
}

func TestACodeThatTheRelayDidNotMakeConnectsNothing(t *testing.T) {
	s := relaytest.NewScene(t)
	started, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
	must(t, err)
	page, err := browserReturns(t, s, started, "?code=forged&state="+started.ID)
	if err == nil || !strings.Contains(page, "Signed in") {
		t.Errorf("a forged code connected something: %v, %s", err, page)
	}
}

// browserReturns ends a sign-in as the relay's redirect does, and returns the page and how it ended.
func browserReturns(t *testing.T, s *relaytest.Scene, started hub.SignInStarted, query string) (string, error) {
	t.Helper()
	a, err := http.Get(loopbackOf(t, s, started) + query) // the test's own call
	must(t, err)
	page, err := io.ReadAll(a.Body)
	must(t, errors.Join(err, a.Body.Close()))
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err = s.Hub.WaitConnection(ctx, started.ID)
	return string(page), err
}

func TestWhatTheBrowserSaysWentWrongIsSaidInOurWords(t *testing.T) {
	s := relaytest.NewScene(t)
	for query, want := range map[string]string{
		"?error=sign_in_cancelled":                       "was cancelled there",
		"?error=platform_down&platform_code=503":         "(Facebook says 503.)",
		"?error=platform_down&platform_code=Call+us+now": "does not answer right now.",
		"?error=%3Cscript%3E&reference=K7QF2M9D":         "(Reference K7QF2M9D.)",
		"?error=":                                        "sent an answer that Latchkey does not understand",
	} {
		started, err := s.Hub.StartConnection(t.Context(), onboarding.Meta)
		must(t, err)
		page, err := browserReturns(t, s, started, query+"&state="+started.ID)
		if !strings.Contains(page, "Nothing was connected") {
			t.Errorf("%s: the browser shows %s", query, page)
		}
		var said *onboarding.InvalidError
		if !errors.As(err, &said) || !strings.Contains(said.Message, want) || strings.Contains(said.Message, "Call us") {
			t.Errorf("%s: got %v", query, err)
		}
	}
}

func TestAnUnopenedEmailIsATodoAfterThreeDays(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"lars@harbourpine.example", "mina@harbourpine.example"}))
	until(t, "two emails that were sent", func() bool {
		s.Sync()
		to := s.Details(id).Recipients
		return len(to) == 2 && to[0].State == replica.RecipientSent && to[1].State == replica.RecipientSent
	})
	s.Pass(3*24*time.Hour - time.Hour)
	if todos, err := s.Hub.Todos(t.Context(), 5); err != nil || len(todos) != 0 || s.Details(id).Recipients[0].Unseen {
		t.Errorf("before three days: %+v, %v", todos, err)
	}
	s.Pass(2 * time.Hour)
	todos, err := s.Hub.Todos(t.Context(), 5)
	must(t, err)
	if len(todos) != 1 || todos[0].Kind != hub.TodoUnseen || todos[0].Request != id ||
		todos[0].Recipient.Address != "lars@harbourpine.example" || !s.Details(id).Recipients[1].Unseen {
		t.Errorf("after three days: %+v", todos)
	}
	s.Pass(30 * 24 * time.Hour)
	if todos, err := s.Hub.Todos(t.Context(), 5); err != nil || len(todos) != 0 {
		t.Errorf("after the link's end: %+v, %v", todos, err)
	}
}

func TestAnAddressThatIsWrongIsATodoUntilAnotherOneGotTheLink(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	const colleague, refused, corrected = "mina@harbourpine.example", "lars@bounce.example", "lars@harbourpine.example"
	state := func(address string) (state replica.RecipientState) {
		s.Sync()
		for _, to := range s.Details(id).Recipients {
			if to.Address == address {
				state = to.State
			}
		}
		return state
	}
	todos := func() []hub.Todo {
		t.Helper()
		todos, err := s.Hub.Todos(t.Context(), 5)
		must(t, err)
		return todos
	}
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{refused, colleague}))
	until(t, "an email that is refused, and one that is not", func() bool {
		return state(refused) == replica.RecipientFailed && state(colleague) == replica.RecipientSent
	})
	if got := todos(); len(got) != 1 || got[0].Kind != hub.TodoEmail || got[0].Recipient.Address != refused {
		t.Errorf("of a refused email: %+v", got)
	}
	if d := s.Details(id); d.Phase != replica.PhaseEmailRefused || !d.Attention {
		t.Errorf("the request is %s, attention %t", d.Phase, d.Attention)
	}
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{corrected}))
	until(t, "the email to the corrected address", func() bool { return state(corrected) == replica.RecipientSent })
	if got, d := todos(), s.Details(id); len(got) != 0 || d.Phase != replica.PhaseSent || d.Attention {
		t.Errorf("once the corrected address has the link: %s, attention %t, %+v", d.Phase, d.Attention, got)
	}
	s.Pass(3*24*time.Hour + time.Hour)
	if got := todos(); len(got) != 1 || got[0].Kind != hub.TodoUnseen || got[0].Recipient.Address != corrected {
		t.Errorf("after three days: %+v", got)
	}
	v := s.Browser()
	v.Open(s.LinkOf(id)) // copied
	v.Press("Grant Permission Now")
	s.Sync()
	if got := todos(); len(got) != 0 {
		t.Errorf("once the copied link was opened: %+v", got)
	}
}

func TestAConnectedUsersSignInThatEndsSoonIsAPersonsBusiness(t *testing.T) {
	s := relaytest.NewScene(t)
	s.ConnectFacebook()
	ends := func() []hub.Todo {
		t.Helper()
		todos, err := s.Hub.Todos(t.Context(), 5)
		must(t, err)
		return slices.DeleteFunc(todos, func(n hub.Todo) bool { return n.Kind != hub.TodoUser })
	}
	users, err := s.Hub.Replica.Connections(t.Context())
	must(t, err)
	left := onboarding.TimestampOf(s.Now()).Since(users[0].Ends)
	if got := ends(); len(got) != 0 {
		t.Errorf("%s before its end: %+v", left, got)
	}
	s.Pass(left - 9*24*time.Hour)
	if got := ends(); len(got) != 1 || got[0].User != "Ana Ruiz" || got[0].Ends != users[0].Ends {
		t.Errorf("nine days before its end: %+v", got)
	}
	s.ConnectFacebookAnew()
	if got := ends(); len(got) != 0 {
		t.Errorf("after signing in again: %+v", got)
	}
}
