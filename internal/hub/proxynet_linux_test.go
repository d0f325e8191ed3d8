package hub_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	program "os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
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

func TestMain(m *testing.M) {
	file := os.Getenv(shutIn)
	if file == "" {
		os.Exit(m.Run())
	}
	if err := workShutIn(context.Background(), file); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// The hub runs in a network of the kernel's that has no way out: only a socket in the file
// system leads to the proxy. Where the machine makes no such network, the hub works in this
// process, and a call past the proxy is refused and found.
func TestAHubWhoseNetworkHasOnlyAProxyWorks(t *testing.T) {
	s := relaytest.NewScene(t)
	n := behindProxy(t, s)
	code, err := s.Hub.IssueCode(t.Context(), "")
	must(t, err)
	account := s.World.Keys("activecampaign")[1]
	told := outside{
		CAFile: n.CAFile, Relay: s.URL, Code: code.Code.Secret().Reveal(), Account: account.URL, Key: account.Key,
	}
	if err := program.Command("unshare", "-rn", "ip", "link", "set", "lo", "up").Run(); err != nil {
		t.Logf("this machine makes no network of its own (%v): the dialer stands for it", err)
		must(t, joinAndConnect(t.Context(), told, n.Route(t), t.TempDir()))
	} else {
		runShutIn(t, told, n.Proxy.Host)
	}
	platform, err := url.Parse(account.URL)
	must(t, err)
	want := []string{relayName, platform.Hostname()}
	slices.Sort(want)
	if got := n.Asked(); !slices.Equal(got, want) || len(n.Past()) != 0 {
		t.Errorf("the proxy was asked for %v, want %v; %v went past it", got, want, n.Past())
	}
}

// runShutIn runs this program in a network of its own.
func runShutIn(t *testing.T, told outside, proxy string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "net") // a socket's path is short
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // it has no secret of anybody's
	socket, err := net.Listen("unix", filepath.Join(dir, "proxy"))
	must(t, err)
	t.Cleanup(func() { _ = socket.Close() }) // it may be closed already
	go pass(socket, "tcp", proxy)
	told.Socket = socket.Addr().String()
	text, err := json.Marshal(told)
	must(t, err)
	file := filepath.Join(dir, "told")
	must(t, os.WriteFile(file, text, 0o600))
	inside := program.CommandContext(t.Context(), "unshare", "-rn", os.Args[0])
	inside.Env = append(os.Environ(), shutIn+"="+file)
	if out, err := inside.CombinedOutput(); err != nil {
		t.Fatalf("the hub inside: %v\n%s", err, out)
	}
}

// workShutIn is what the process in the network of its own does.
func workShutIn(ctx context.Context, file string) error {
	if err := program.CommandContext(ctx, "ip", "link", "set", "lo", "up").Run(); err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var told outside
	if err := json.Unmarshal(text, &told); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // the process ends
	go pass(listener, "unix", told.Socket)
	relay, err := url.Parse(told.Relay)
	if err != nil {
		return err
	}
	if around, err := net.Dial("tcp", relay.Host); err == nil {
		return errors.Join(errors.New("there is a way around the proxy"), around.Close())
	}
	roots, err := egress.ReadRoots(told.CAFile)
	if err != nil {
		return err
	}
	proxy := &url.URL{Scheme: "http", Host: listener.Addr().String()}
	route := egress.New(egress.Config{Proxy: egress.Fixed(proxy), Roots: roots})
	return joinAndConnect(ctx, told, route, filepath.Dir(file))
}

// joinAndConnect joins the relay, syncs, and connects an account with its key.
func joinAndConnect(ctx context.Context, told outside, route *egress.Route, dir string) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	texts, err := all.Catalog()
	if err != nil {
		return err
	}
	drivers, err := all.ForHub(all.WithRoute(nil, route))
	if err != nil {
		return err
	}
	h, err := hub.Open(ctx, hub.Config{
		Catalog: texts, Dir: filepath.Join(dir, "hub"), Keychain: keychain.NewMemory(), Drivers: drivers,
		Poll: time.Hour, Route: route,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close()) }()
	if err := h.Enrol(ctx, "https://"+relayName, onboarding.NewSecret(told.Code), "Shut in"); err != nil {
		return err
	}
	if err := h.Sync(ctx); err != nil {
		return err
	}
	_, err = h.Credentials.ConnectKey(ctx, onboarding.ActiveCampaign, told.Account, onboarding.NewSecret(told.Key))
	return err
}
