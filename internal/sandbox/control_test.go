package sandbox_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

func post(t *testing.T, w *sandbox.World, path, body string, header ...string) sandboxtest.Reply {
	t.Helper()
	r, err := http.NewRequest("POST", w.Control.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	return sandboxtest.Do(t, http.DefaultClient, r)
}

func TestControlListsPlatformsPeopleAndSwitches(t *testing.T) {
	w, _ := sandboxtest.New(t, all.Fakes()...)
	var list []sandbox.PlatformStatus
	if err := json.Unmarshal([]byte(sandboxtest.Call(t, w.Control, "GET", strings.TrimPrefix(w.Control.URL(), "http://"),
		"/api/faults", nil).Text), &list); err != nil {
		t.Fatalf("reading the list: %v", err)
	}
	if len(list) != len(all.Fakes()) {
		t.Fatalf("listing platforms: got %d, want %d", len(list), len(all.Fakes()))
	}
	for _, p := range list {
		if p.URL == "" || len(p.People) == 0 || len(p.Switches) == 0 || len(p.Actions) == 0 {
			t.Errorf("platform %s: got %+v, want an address, people, switches and actions", p.Platform, p)
		}
	}
}

func TestControlSwitchesFaults(t *testing.T) {
	w, _ := sandboxtest.New(t, all.Fakes()...)
	down := func() bool {
		return sandboxtest.Call(t, w.Server("hubspot"), "GET", "api.hubapi.com", "/account-info/v3/details",
			nil).Status == http.StatusServiceUnavailable
	}
	if a := post(t, w, "/api/faults", `{"platform":"hubspot","fault":"down","on":true}`); a.Status != http.StatusOK ||
		!down() {
		t.Errorf("switching down on: got %d, down is %v", a.Status, down())
	}
	if a := post(t, w, "/api/faults", `{"on":false}`); a.Status != http.StatusOK || down() {
		t.Errorf("switching everything off: got %d, down is %v", a.Status, down())
	}
}

func TestControlRefuses(t *testing.T) {
	w, _ := sandboxtest.New(t, all.Fakes()...)
	for what, c := range map[string]struct {
		path, body string
		header     []string
		status     int
	}{
		"an unknown platform": {path: "/api/faults", body: `{"platform":"myspace","fault":"down","on":true}`, status: 404},
		"an unknown fault":    {path: "/api/faults", body: `{"platform":"meta","fault":"sad","on":true}`, status: 404},
		"an unknown person": {
			path: "/api/faults", body: `{"platform":"hubspot","fault":"rotates","person":"nobody","on":true}`, status: 404,
		},
		"a person for all's fault": {
			path: "/api/faults", body: `{"platform":"hubspot","fault":"down","person":"priya-nair","on":true}`, status: 404,
		},
		"no on": {path: "/api/faults", body: `{"platform":"meta","fault":"down"}`, status: 400},
		"an unknown field": {
			path: "/api/faults", body: `{"platform":"meta","fault":"down","on":true,"for":"x"}`, status: 400,
		},
		"no JSON": {path: "/api/faults", body: `on=true`, status: 400},
		"a form": {
			path: "/api/faults", body: `{"on":false}`, header: []string{"Content-Type", "application/x-www-form-urlencoded"},
			status: 415,
		},
		"a post from another page": {
			path: "/api/faults", body: `{"on":false}`, header: []string{"Origin", "http://evil.example"}, status: 403,
		},
		"a post from another site": {
			path: "/api/faults", body: `{"on":false}`, header: []string{"Sec-Fetch-Site", "cross-site"}, status: 403,
		},
		"another Host": {path: "/api/faults", body: `{"on":false}`, header: []string{"Host", "localhost:1"}, status: 421},
		"an unknown action": {
			path: "/api/actions", body: `{"platform":"hubspot","action":"explode"}`, status: 404,
		},
		"an action without its person": {path: "/api/actions", body: `{"platform":"hubspot","action":"revoke"}`, status: 400},
		"an action with a needless one": {
			path: "/api/actions", body: `{"platform":"hubspot","action":"expire_access","asset":"1"}`, status: 400,
		},
		"a portal there is not": {
			path: "/api/actions", body: `{"platform":"hubspot","action":"uninstall","asset":"1"}`, status: 404,
		},
	} {
		if a := post(t, w, c.path, c.body, c.header...); a.Status != c.status {
			t.Errorf("posting %s: got %d %s, want %d", what, a.Status, a.Text, c.status)
		}
	}
	if err := w.SetFault("meta", "sad", true); !errors.Is(err, sandbox.ErrUnknown) {
		t.Errorf("switching an unknown fault: got %v, want ErrUnknown", err)
	}
}

func TestTransportFaultsBreakCallsAsTheySay(t *testing.T) {
	w, _ := sandboxtest.New(t, all.Fakes()...)
	ask := func(patience time.Duration) (int, string, error) {
		r, err := http.NewRequest("GET", w.Server("hubspot").URL()+"/account-info/v3/details", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "api.hubapi.com"
		client := http.Client{Timeout: patience, Transport: &http.Transport{DisableKeepAlives: true}}
		response, err := client.Do(r)
		if err != nil {
			return 0, "", err
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(io.LimitReader(response.Body, 1<<21))
		return response.StatusCode, string(body), err
	}
	for fault, wrong := range map[string]func(status int, body string, err error) bool{
		"down": func(status int, body string, _ error) bool {
			return status == 503 &&
				strings.HasPrefix(body, "<html>")
		},
		"malformed": func(status int, body string, _ error) bool { return status == 200 && !json.Valid([]byte(body)) },
		"huge":      func(_ int, body string, _ error) bool { return len(body) == 1<<21 },
		"stall":     func(_ int, _ string, err error) bool { return err != nil && strings.Contains(err.Error(), "Timeout") },
		"reset":     func(_ int, _ string, err error) bool { return err != nil && !strings.Contains(err.Error(), "Timeout") },
	} {
		if err := w.SetFault("hubspot", fault, true); err != nil {
			t.Fatal(err)
		}
		patience := 30 * time.Second
		if fault == "stall" { // it ends with the caller's patience
			patience = 500 * time.Millisecond
		}
		if status, body, err := ask(patience); !wrong(status, body, err) {
			t.Errorf("calling with %s on: got %d, %d bytes, %v", fault, status, len(body), err)
		}
		w.AllWell()
	}
	started := time.Now()
	if err := w.SetFault("hubspot", "slow", true); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ask(30 * time.Second); err != nil || time.Since(started) < 50*time.Millisecond {
		t.Errorf("calling with slow on: took %v, %v", time.Since(started), err)
	}
}

func TestPagesSayThatNothingIsReal(t *testing.T) {
	w, _ := sandboxtest.New(t, all.Fakes()...)
	for _, s := range []*sandbox.Server{w.Server("meta"), w.Server("hubspot"), w.Server("activecampaign")} {
		v := sandboxtest.NewBrowser(t)
		for _, path := range []string{"/", "/nowhere"} {
			v.Open(s.URL() + path)
			if !strings.Contains(sandboxtest.TextOf(v.Page), "Nobody here is real.") {
				t.Errorf("opening %s of %s: got %q, want the sentence", path, s.URL(), sandboxtest.TextOf(v.Page))
			}
		}
	}
}
