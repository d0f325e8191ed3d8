//go:build built

package built

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

func TestMain(m *testing.M) { os.Exit(sqldbtest.Main(m)) }

const (
	mainMail = "ana@northlight.example"
	business = "118420903317552" // the agency's Business Manager in the sandbox
	mailUser = "relay"
)

// site is a relay's host: its folder, its settings, and the outside world,
// which survives kills of the relay.
type site struct {
	t        testing.TB
	world    *sandbox.World
	mail     *sandbox.Mail // with a password
	dir      string
	listen   string
	url      string
	settings []string
	log      *journey.Log
	running  *journey.Running
	hubs     []string // the folders of the hubs

	password string
}

// newSite prepares everything and starts nothing. front is the public address
// if it is not the relay's own; source is the database; empty: a file.
func newSite(t testing.TB, source, front string) *site {
	t.Helper()
	s := &site{
		t: t, dir: filepath.Join(t.TempDir(), "relay"), listen: loopbacktest.FreeAddress(t), log: &journey.Log{},
		password: "the mail server's password",
	}
	var err error
	if s.world, err = sandbox.New(sandbox.Config{Platforms: all.Fakes()}); err != nil {
		t.Fatalf("starting the world: %v", err)
	}
	t.Cleanup(func() { _ = s.world.Close() }) // the test is over
	if s.mail, err = sandbox.NewMail(sandbox.MailConfig{
		User: mailUser, Password: s.password, Keep: 1_000_000,
	}); err != nil {
		t.Fatalf("starting the mail server: %v", err)
	}
	t.Cleanup(func() { _ = s.mail.Close() }) // the test is over
	s.url = front
	if front == "" {
		_, port, err := net.SplitHostPort(s.listen)
		must(t, err)
		s.url = "http://localhost:" + port
	}
	secret := func(name, text string) string {
		path := filepath.Join(t.TempDir(), name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	s.settings = []string{
		"LATCHKEY_URL=" + s.url, "LATCHKEY_LISTEN=" + s.listen, "LATCHKEY_DATA=" + s.dir,
		"LATCHKEY_SMTP=smtp://" + mailUser + "@" + s.mail.SMTPAddr(),
		"LATCHKEY_SMTP_PASSWORD_FILE=" + secret("smtp", s.password),
		"LATCHKEY_MAIL_FROM=access@ops.example", "LATCHKEY_OPERATOR=Example Operations",
		"LATCHKEY_OPERATOR_CONTACT=help@ops.example",
	}
	if source != "" {
		s.settings = append(s.settings, "LATCHKEY_DB="+source)
	}
	for name, at := range s.platforms() {
		prefix := "LATCHKEY_" + strings.ToUpper(name) + "_"
		s.settings = append(s.settings, prefix+"AUTH_URL="+at, prefix+"TOKEN_URL="+at, prefix+"API_URL="+at)
		if id := s.world.ClientID(name); id != "" {
			s.settings = append(
				s.settings, prefix+"CLIENT_ID="+id, prefix+"CLIENT_SECRET_FILE="+secret(name, s.world.ClientSecret(name)),
			)
		}
		s.world.AllowRedirect(s.url + "/callback/" + name)
	}
	return s
}

func (s *site) platforms() map[string]string {
	return map[string]string{
		"meta": s.world.Server("meta").URL(), "hubspot": s.world.Server("hubspot").URL(),
		"activecampaign": s.world.Server("activecampaign").URL(),
	}
}

// set replaces a setting.
func (s *site) set(name, value string) {
	for i, entry := range s.settings {
		if strings.HasPrefix(entry, name+"=") {
			s.settings[i] = name + "=" + value
			return
		}
	}
	s.settings = append(s.settings, name+"="+value)
}

// start starts the relay and returns the time until its first response.
func (s *site) start() time.Duration {
	s.t.Helper()
	began := time.Now()
	s.running = journey.Run(s.t, s.log, s.settings, "serve")
	for {
		answer, err := http.Get("http://" + s.listen + "/healthz")
		if err == nil {
			_ = answer.Body.Close() // only its status counts
			if answer.StatusCode == http.StatusOK {
				return time.Since(began)
			}
		}
		if s.running.Ended() || time.Since(began) > 30*time.Second {
			s.t.Fatalf("the relay does not answer: %s", s.log)
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// command runs an operator's command beside the relay.
func (s *site) command(arguments ...string) string {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), journey.Program(s.t), arguments...)
	command.Env = s.settings
	said, err := command.CombinedOutput()
	if err != nil {
		s.t.Fatalf("latchkey-relay %s: %v: %s", strings.Join(arguments, " "), err, said)
	}
	return string(said)
}

// code finds a one-time code in a command's output.
func code(t testing.TB, said string) onboarding.Secret {
	t.Helper()
	found := regexp.MustCompile(`[A-Z2-9]{4}(-[A-Z2-9]{4}){4}`).FindString(said)
	if found == "" {
		t.Fatalf("there is no code in %q", said)
	}
	return onboarding.NewSecret(found)
}

// addAgency adds the agency and returns the code of its first main user.
func (s *site) addAgency() onboarding.Secret {
	s.t.Helper()
	return code(s.t, s.command("agency", "add", "Northlight Media", "--main", "Ana Ruiz <"+mainMail+">"))
}

// openHub opens a hub that is not enrolled yet.
func (s *site) openHub(secrets keychain.Keychain) *hub.Hub {
	s.t.Helper()
	addresses := map[onboarding.Platform]platform.Endpoints{}
	for name, at := range s.platforms() {
		addresses[onboarding.Platform(name)] = platform.Endpoints{Auth: at, Token: at, API: at}
	}
	drivers, err := all.ForHub(addresses)
	must(s.t, err)
	folder := filepath.Join(s.t.TempDir(), "hub")
	s.hubs = append(s.hubs, folder)
	h, err := hub.Open(s.t.Context(), hub.Config{
		Catalog: catalogtest.New(s.t), Dir: folder, Keychain: secrets, Drivers: drivers,
	})
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, h.Close()) })
	return h
}

// hub adds the agency and opens its first hub.
func (s *site) hub() *hub.Hub {
	s.t.Helper()
	h := s.openHub(keychain.NewMemory())
	must(s.t, h.Enrol(s.t.Context(), s.url, s.addAgency(), "Ana's laptop"))
	must(s.t, h.Sync(s.t.Context()))
	return h
}

// connectFacebook connects Ana's own Facebook user, and returns the Connection
// and the browser's address.
func connectFacebook(t testing.TB, h *hub.Hub) (id, address string) {
	t.Helper()
	started, err := h.StartConnection(t.Context(), onboarding.Meta)
	must(t, err)
	browser := webtest.New()
	for _, step := range []func() error{
		func() error { return browser.Open(started.Address) }, func() error { return browser.Press("Continue") },
		func() error { return browser.Follow("Log In") }, func() error { return browser.Press("Ana Ruiz") },
		func() error { return browser.Press("Allow") },
	} {
		must(t, step())
	}
	connection, err := h.WaitConnection(t.Context(), started.ID)
	must(t, err)
	return connection.ID, started.Address
}

// save saves a request and returns its link.
func save(t testing.TB, h *hub.Hub, form outbox.RequestForm) (id, link string) {
	t.Helper()
	id, err := h.Outbox.SaveRequest(t.Context(), form)
	must(t, err)
	must(t, h.Sync(t.Context()))
	d, err := h.Replica.Request(t.Context(), id)
	must(t, err)
	if d.Link == "" {
		t.Fatalf("the request has no link: %+v", d.Outbox)
	}
	return id, d.Link
}

// owner creates a client with a portal of its own, and returns its person,
// whose browser is signed in at the platforms.
func (s *site) owner(n int) *journey.Actor {
	s.t.Helper()
	key := s.world.AddClient(sandbox.Client{
		Person: fmt.Sprintf("Owner %d", n), Email: fmt.Sprintf("owner%d@client.example", n),
		Business: fmt.Sprintf("Client %d", n), Accounts: []string{fmt.Sprintf("Portal %d", n)},
	})
	c := journey.NewClient(fmt.Sprintf("Owner%d Client", n), fmt.Sprintf("owner%d@client.example", n))
	must(s.t, s.world.SignIn(c.Jar(), key))
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// soon waits for a condition.
func soon(t testing.TB, what string, limit time.Duration, is func() bool) {
	t.Helper()
	for end := time.Now().Add(limit); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("after %s it is not so: %s", limit, what)
		}
	}
}
