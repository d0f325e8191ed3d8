package hub_test

import (
	"encoding/json"
	"io"
	"net"
	"net/url"
	"os"
	program "os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// shutIn names the file of what a process in a network of its own is told.
const shutIn = "LATCHKEY_TEST_SHUT_IN"

// outside is what it is told.
type outside struct {
	Socket, CAFile, Relay, Code, Account, Key string
}

// pass connects each caller of a listener with an address.
func pass(listener net.Listener, network, address string) {
	for {
		from, err := listener.Accept()
		if err != nil {
			return // the test has ended
		}
		go func() {
			defer func() { _ = from.Close() }() // it may be closed already
			to, err := net.Dial(network, address)
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(to, from) // ends with the connection
				_ = to.Close()           // which ends the other direction
			}()
			_, _ = io.Copy(from, to) // ends with the connection
		}()
	}
}

// The hub runs in a network of the kernel's that has no way out: only a socket in the file
// system leads to the proxy.
func TestAHubWhoseNetworkHasOnlyAProxyWorks(t *testing.T) {
	if err := program.Command("unshare", "-rn", "ip", "link", "set", "lo", "up").Run(); err != nil {
		t.Skipf("this machine makes no network of its own: %v", err)
	}
	s := relaytest.NewScene(t)
	n := behindProxy(t, s)
	dir, err := os.MkdirTemp("", "net") // a socket's path is short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // it has no secret of anybody's
	socket, err := net.Listen("unix", filepath.Join(dir, "proxy"))
	must(t, err)
	t.Cleanup(func() { _ = socket.Close() }) // it may be closed already
	go pass(socket, "tcp", n.Proxy.Host)
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	account := s.World.Keys("activecampaign")[1]
	told, err := json.Marshal(outside{
		Socket: socket.Addr().String(), CAFile: n.CAFile, Relay: s.URL, Code: code.Code.Secret().Reveal(),
		Account: account.URL, Key: account.Key,
	})
	must(t, err)
	file := filepath.Join(dir, "told")
	must(t, os.WriteFile(file, told, 0o600))
	inside := program.CommandContext(t.Context(), "unshare", "-rn", os.Args[0], "-test.run=^TestShutIn$", "-test.v")
	inside.Env = append(os.Environ(), shutIn+"="+file)
	if out, err := inside.CombinedOutput(); err != nil {
		t.Fatalf("the hub inside: %v\n%s", err, out)
	}
	platform, err := url.Parse(account.URL)
	must(t, err)
	if got := n.Asked(); !slices.Contains(got, relayName) || !slices.Contains(got, platform.Hostname()) {
		t.Errorf("the proxy was asked for %v", got)
	}
}

func TestShutIn(t *testing.T) {
	file := os.Getenv(shutIn)
	if file == "" {
		t.Skip("this is a part of another test")
	}
	must(t, program.Command("ip", "link", "set", "lo", "up").Run())
	text, err := os.ReadFile(file)
	must(t, err)
	var told outside
	must(t, json.Unmarshal(text, &told))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer func() { _ = listener.Close() }()
	go pass(listener, "unix", told.Socket)
	roots, err := egress.ReadRoots(told.CAFile)
	must(t, err)
	proxy := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	route := egress.New(egress.Config{Proxy: egress.Fixed(proxy), Roots: roots})
	drivers, err := all.ForHub(all.WithRoute(nil, route))
	must(t, err)
	c := newComputer(t)
	h, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: c.dir, Keychain: c.keychain, Drivers: drivers, Poll: time.Hour, Route: route,
	})
	must(t, err)
	defer closed(t, h)
	if probe, err := h.FindRelay(t.Context(), told.Relay); err != nil || probe.State != hub.RelaySilent {
		t.Fatalf("there is a way around the proxy: %+v and %v", probe, err)
	}
	must(t, h.Enrol(t.Context(), "https://"+relayName, onboarding.NewSecret(told.Code), "Shut in"))
	synced(t, h)
	_, err = h.Credentials.ConnectKey(t.Context(), onboarding.ActiveCampaign, told.Account,
		onboarding.NewSecret(told.Key))
	must(t, err)
}
