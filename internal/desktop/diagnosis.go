package desktop

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/window"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// probeTimeout bounds the call of the relay in a diagnosis.
const probeTimeout = 8 * time.Second

// notLookedAt is said of what depends on policies that are not in order.
const notLookedAt = "not looked at, as the policies are not in order"

// Diagnose describes this computer's Latchkey in a few lines, for whoever helps its user. No
// secret is in them, no name and no address of a person. It changes nothing, and works beside
// a Latchkey that is open.
func Diagnose(ctx context.Context, config Config) string {
	relay, problem := storedRelay(ctx, config.Dir)
	return diagnose(ctx, config, relay, problem)
}

// copyDiagnosis puts the diagnosis on the clipboard.
func copyDiagnosis(ctx context.Context, a *App) error {
	relay, problem := "", "this computer has joined none"
	if h, err := a.currentHub(ctx); err == nil {
		info, err := h.SessionInfo(ctx)
		if err != nil {
			return err
		}
		relay = info.Relay
	}
	return a.window.Copy(diagnose(ctx, a.config, relay, problem))
}

// diagnose writes the lines. problem is why the relay is not known; it counts where relay is
// empty.
func diagnose(ctx context.Context, config Config, relay, problem string) string {
	reached, proxy := waysOut(ctx, config, relay, problem)
	authorities := "the system's"
	if config.Policy.ExtraCA != "" {
		authorities += ", and those of " + withoutHome(config.Policy.ExtraCA)
	}
	policies := "none"
	if len(config.Policy.Managed) > 0 {
		policies = strings.Join(config.Policy.Managed, ", ")
	}
	if config.PolicyError != nil {
		policies = "not in order: " + withoutHome(config.PolicyError.Error())
		authorities = notLookedAt
	}
	var text strings.Builder
	for _, line := range [][2]string{
		{"Latchkey", config.Version},
		{"System", runtime.GOOS + " " + runtime.GOARCH},
		{"Web view", window.WebView()},
		{"Data folder", withoutHome(config.Dir) + folderState(config.Dir)},
		{"Keychain", keychainState(ctx, config.Keychain)},
		{"Relay", reached},
		{"Proxy", proxy},
		{"Trusted authorities", authorities},
		{"Policies", policies},
	} {
		fmt.Fprintf(&text, "%s: %s\n", line[0], line[1])
	}
	return text.String()
}

// waysOut says whether the relay is reached, and through which proxy. With policies that are
// not in order the set way is not known, and no other is tried.
func waysOut(ctx context.Context, config Config, relay, problem string) (reached, proxy string) {
	switch {
	case relay == "":
		reached = problem
	case config.PolicyError != nil:
		reached = relay + ": " + notLookedAt
	default:
		reached = relay + ": " + probeRelay(ctx, config.Route, relay)
	}
	if config.PolicyError != nil {
		return reached, notLookedAt
	}
	return reached, proxyState(config.Route, relay)
}

// withoutHome is a path or text without the name of the user's home folder, which is often
// the user's own.
func withoutHome(text string) string {
	home, err := os.UserHomeDir()
	if err != nil || len(home) < 2 {
		return text
	}
	return strings.ReplaceAll(text, home, "~")
}

// folderState looks at a data folder without making it, or anything in it.
func folderState(dir string) string {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return " (not there yet)"
	case err != nil || !info.IsDir():
		return " (cannot be used)"
	}
	switch err := probeDataDir(dir); {
	case err == nil:
		return ""
	case errors.Is(err, errDataDirInUse):
		return " (in use)"
	}
	return " (cannot be used)"
}

func keychainState(ctx context.Context, chain keychain.Keychain) string {
	_, err := chain.Get(ctx, "diagnosis")
	if err == nil || errors.Is(err, keychain.ErrNotFound) {
		return "opens"
	}
	switch keychain.ReasonOf(err) {
	case keychain.Locked:
		return "is locked"
	case keychain.Denied:
		return "refuses Latchkey"
	case keychain.TimedOut:
		return "does not answer in time"
	}
	return "does not answer"
}

// storedRelay is the address of the relay that the computer of a data folder has joined, or
// why it is not known.
func storedRelay(ctx context.Context, dir string) (relay, problem string) {
	path := filepath.Join(dir, "hub.db")
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return "", "this computer has joined none"
	}
	var id session.Identity
	err := replica.ReadStored(ctx, dir, replica.MetaIdentity, &id)
	switch {
	case err != nil:
		return "", "not known: the data cannot be read"
	case id.Device == "":
		return "", "this computer has joined none"
	}
	return id.Address, ""
}

// probeRelay says whether the relay is reached; it shows it nothing of the user.
func probeRelay(ctx context.Context, route *egress.Route, address string) string {
	client, err := wire.NewClient(wire.ClientConfig{Relay: address, Timeout: probeTimeout, Route: route})
	if err != nil {
		return "not an address of a relay"
	}
	_, err = wire.Call(ctx, client, wire.Probe, wire.Empty{})
	switch wire.ObstacleOf(err) {
	case "":
		return "reached"
	case wire.ObstacleSilence:
		return "nothing answers"
	case wire.ObstaclePage:
		return "a web page answers in its place"
	case wire.ObstacleProxy:
		return "the proxy asks for a sign-in"
	case wire.ObstacleFilter, wire.ObstacleSize:
		return "something on the way refuses Latchkey"
	case wire.ObstacleGateway:
		return "its server answers, but not the relay"
	case wire.ObstacleInspection:
		return "what answers is signed by an authority that this computer does not know"
	case wire.ObstacleCertificate:
		return "what answers has a certificate of another name"
	case wire.ObstacleClock:
		return "its certificate is not valid on this computer's date"
	}
	return "not reached"
}

// proxyState is the proxy on the way to the relay; without one, on the way to any site.
func proxyState(route *egress.Route, relay string) string {
	target, err := url.Parse(relay)
	if err != nil || relay == "" {
		target = &url.URL{Scheme: "https", Host: "example.com"}
	}
	proxy, err := route.Proxy(target)
	switch {
	case err != nil:
		return "its address cannot be read"
	case proxy == nil:
		return "none"
	}
	return egress.Name(proxy)
}
