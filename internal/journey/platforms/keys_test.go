//go:build !quick

package platforms

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

// keyed lists the services with an address and a key instead of a sign-in.
func keyed(t *testing.T) []rehearsal {
	var list []rehearsal
	texts := catalogtest.New(t)
	for _, service := range texts.IDs() {
		if texts.Service(service).Key != nil {
			list = append(list, rehearsal{service: service})
		}
	}
	return list
}

// wrongAddresses are foreign addresses, with the right key.
func wrongAddresses(right string) []string {
	host := strings.TrimPrefix(right, "https://")
	account, under, _ := strings.Cut(host, ".")
	return []string{
		"", " ", "https://", "http://" + host, "ftp://" + host, "//" + host + "/x/y", account, "https://" + account,
		"https://" + under, "https://." + under,
		"https://" + host + ":8443", "https://" + host + ":80", "https://" + host + ":0", "https://user@" + host,
		"https://user:pass@" + host, "https://" + host + "@evil.example",
		"https://" + host + ".evil.example", "https://evil.example/" + host, "https://evil.example#" + host,
		"https://evil.example?" + host, "https://evil-" + under,
		"https://a.b." + under, "https://-a." + under, "https://a-." + under, "https://a_b." + under,
		"https://" + strings.Repeat("a", 64) + "." + under,
		"https://évil." + under, "https://nobody-here." + under, "https://127.0.0.1", "https://2130706433", "https://0x7f.1",
		"https://0177.0.0.1", "https://[::1]",
		"https://[::ffff:127.0.0.1]", "https://169.254.169.254/latest/meta-data", "https://localhost", "https://10.0.0.1",
		"https://metadata.google.internal",
		"javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "https://" + host + "\\@evil.example",
		"https://evil.example\\@" + host,
		"https://" + strings.ReplaceAll(host, ".", "%2e"), "https://" + strings.ReplaceAll(host, ".", "。"),
		"https://" + host + "%00.evil.example",
		"<script>alert(1)</script>", "https://<script>." + under, strings.Repeat("a", 5000),
		"https://" + host + "/admin/main.php",
	}
}

// wrongKeys are foreign keys, with the right address.
func wrongKeys(right string) []string {
	return []string{
		"", " ", "x", right[1:], right[:len(right)-1], right + "0", swapCase(right), strings.Repeat("0", len(right)),
		strings.Repeat("a", 72), strings.Repeat("f", 5000),
		"Bearer " + right, "Api-Token: " + right, right + "," + right, right + ";" + right, "\"" + right + "\"", "%" + right,
		right + "ü", "ключ", "日本語",
		right[:9] + "\x00" + right[9:], "a\x7fb",
		"<script>alert(1)</script>", "' OR 1=1 --", "../../etc/passwd", "null", "undefined",
	}
}

// connect enters an address and a key, and retries while the platform is busy.
func connect(v *relaytest.Browser, address, key string) {
	for {
		v.Fill("API URL", address)
		v.Fill("API key", key)
		v.Press("Connect")
		if !v.Page.Says("asks for a short break") {
			return
		}
		time.Sleep(100 * time.Millisecond) // the platform's rate limit uses real time
	}
}

// TestAnAddressOrAKeyThatIsNotInOrderStoresNothing is the same test for
// addresses and keys. It repeats every case after a restart.
func TestAnAddressOrAKeyThatIsNotInOrderStoresNothing(t *testing.T) {
	t.Parallel()
	var cases tally
	var platforms []onboarding.Platform
	for _, p := range keyed(t) {
		platforms = append(platforms, p.id())
		st := newStage(t, p, 0)
		account := st.World.Keys(string(p.id()))[0]
		other := st.World.Keys(string(p.id()))[1]
		v := st.enter(st.link)
		v.Press("Add " + st.label)
		type pair struct{ address, key string }
		var pairs []pair
		for _, address := range wrongAddresses(account.URL) {
			pairs = append(pairs, pair{address, account.Key})
		}
		for _, key := range append(wrongKeys(account.Key), other.Key) {
			pairs = append(pairs, pair{account.URL, key})
		}
		for range 2 {
			before := st.counted(t)
			for _, c := range pairs {
				cases.add(p.id())
				connect(v, c.address, c.key)
				if v.Page.Status >= http.StatusInternalServerError || !wayOn(v.Page) {
					t.Errorf("%.80q with %.80q: status %d, %s", c.address, c.key, v.Page.Status, v.Page.Text())
				}
				for name, n := range st.counted(t) {
					if n > before[name] {
						t.Fatalf("%.80q with %.80q: %d %s, before %d: %s", c.address, c.key, n, name, before[name], v.Page.Text())
					}
				}
				if !slices.Contains(v.Page.Buttons(), "Connect") { // an unreadable request has a page of its own
					v.Open(st.list)
				}
				st.list = v.Page.URL.String()
			}
			st.holdsNo(t, []string{account.Key, other.Key})
			st.Restart()
		}
		connect(v, account.URL, account.Key)
		v.Reads("is connected")
	}
	cases.atLeast(t, platforms, 120)
}
