package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

func newControl(t *testing.T) *sandbox.World {
	t.Helper()
	w, err := sandbox.New(sandbox.Config{Platforms: all.Fakes(), Now: noon})
	if err != nil {
		t.Fatalf("starting the sandbox: %v", err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
	})
	return w
}

// submit posts a form of the control page and answers the page it leads to.
func submit(t *testing.T, w *sandbox.World, path, origin string, fields url.Values) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.Control.URL()+path,
		strings.NewReader(fields.Encode()))
	if err != nil {
		t.Fatalf("filling in %s: %v", path, err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("posting %s: %v", path, err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("reading %s: %v", path, err)
	}
	return answer.StatusCode, string(body)
}

func isOn(w *sandbox.World, platform, fault, person string) bool {
	for _, row := range w.Faults() {
		for _, s := range row.Switches {
			if row.Platform == platform && s.Fault == fault {
				return person == "" && s.On || person != "" && slices.Contains(s.For, person)
			}
		}
	}
	return false
}

func TestControlPageSwitchesForEverybodyAndForOne(t *testing.T) {
	w := newControl(t)
	if _, page := get(t, w.Control.URL()+"/"); !strings.Contains(page, "All well: no fault is switched on") {
		t.Errorf("the page of a sandbox in order says something else:\n%s", page)
	}
	turn := func(fault, person, on string) string {
		t.Helper()
		status, page := submit(t, w, "/switch", w.Control.URL(), url.Values{
			"platform": {"hubspot"}, "fault": {fault}, "person": {person}, "on": {on},
		})
		if status != http.StatusOK {
			t.Fatalf("switching %s for %q: got status %d: %s", fault, person, status, page)
		}
		return page
	}
	if page := turn("down", "", "true"); !isOn(w, "hubspot", "down", "") || !strings.Contains(page, "Switched on now") ||
		!strings.Contains(page, `aria-checked="true"`) {
		t.Error("a switch that was pressed is not on, or the page does not say so")
	}
	if page := turn("throttled", "lars-holm", "true"); !isOn(w, "hubspot", "throttled", "lars-holm") ||
		isOn(w, "hubspot", "throttled", "") || !strings.Contains(page, ", for Lars Holm") {
		t.Error("a switch for one person is not on for that person alone, or the page does not say so")
	}
	turn("throttled", "lars-holm", "false")
	turn("down", "", "false")
	if isOn(w, "hubspot", "throttled", "lars-holm") || isOn(w, "hubspot", "down", "") {
		t.Error("a switch that was switched off is on")
	}
}

func TestControlPageSwitchesEverythingOffAtOnce(t *testing.T) {
	w := newControl(t)
	if err := w.SetFault("hubspot", "down", true); err != nil {
		t.Fatalf("switching: %v", err)
	}
	mustSet(t, w.Mail, sandbox.MailFaults{Greylist: 2, Stall: sandbox.StepData})
	if status, page := submit(t, w, "/well", w.Control.URL(), nil); status != http.StatusOK ||
		!strings.Contains(page, "All well") {
		t.Errorf("switching everything off: got status %d", status)
	}
	if isOn(w, "hubspot", "down", "") || w.Mail.Faults().Any() {
		t.Errorf("something is still on: %+v", w.Mail.Faults())
	}
}

func TestControlPageSetsTheMailServer(t *testing.T) {
	w := newControl(t)
	status, page := submit(t, w, "/mail", w.Control.URL(), url.Values{
		"down": {"on"}, "stall": {"end"}, "greylist": {"3"}, "cut_after_data": {"1"},
		"refuse": {"office@harbourpine.example\r\nclosed.example"},
	})
	if status != http.StatusOK {
		t.Fatalf("setting the mail server: got status %d: %s", status, page)
	}
	got := w.Mail.Faults()
	if !got.Down || got.Stall != sandbox.StepEnd || got.Greylist != 3 || got.CutAfterData != 1 ||
		strings.Join(got.Refuse, " ") != "office@harbourpine.example closed.example" {
		t.Errorf("set: got %+v", got)
	}
	for _, says := range []string{
		"The server is down", "Refuses office@harbourpine.example, closed.example", "Falls silent: after the email is kept",
		"Turns each address away 3 times first", "Cuts the line after the email once more",
	} {
		if !strings.Contains(page, says) {
			t.Errorf("the page does not say %q", says)
		}
	}
}

func TestControlServerSetsTheMailServerByJSON(t *testing.T) {
	w := newControl(t)
	post := func(body string) (int, string) {
		t.Helper()
		answer, err := http.Post(w.Control.URL()+"/api/mail", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatalf("posting: %v", err)
		}
		defer func() { _ = answer.Body.Close() }()
		said, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatalf("reading: %v", err)
		}
		return answer.StatusCode, string(said)
	}
	for _, body := range []string{`{"stall":"lunch"}`, `{"greylist":-1}`, `{"sink":true}`, `[]`, `{`} {
		if status, said := post(body); status != http.StatusBadRequest {
			t.Errorf("posting %s: got status %d: %s", body, status, said)
		}
	}
	if w.Mail.Faults().Any() {
		t.Errorf("what was refused is on: %+v", w.Mail.Faults())
	}
	post(`{"greylist":2}`)
	if status, said := post(`{"down":true}`); status != http.StatusOK || w.Mail.Faults().Greylist != 2 ||
		!w.Mail.Faults().Down {
		t.Errorf("one switch after the other: got status %d: %s", status, said)
	}
	_, said := get(t, w.Control.URL()+"/api/mail")
	var state struct {
		Faults sandbox.MailFaults
		Counts sandbox.MailCounts
	}
	if err := json.Unmarshal([]byte(said), &state); err != nil || state.Faults.Greylist != 2 ||
		!strings.Contains(said, `"refuse":[]`) {
		t.Errorf("the mail server's state: got %s, %v", said, err)
	}
}

func TestControlPageMakesThingsHappen(t *testing.T) {
	w := newControl(t)
	status, page := submit(t, w, "/act", w.Control.URL(), url.Values{
		"platform": {"hubspot"}, "action": {"lose_admin"}, "person": {"lars-holm"},
	})
	if status != http.StatusOK || !strings.Contains(page, "HubSpot, lose_admin: ") {
		t.Errorf("taking a role away: got status %d:\n%s", status, page)
	}
	if !strings.Contains(page, `<option value="26114873">Harbour &amp; Pine AB</option>`) {
		t.Errorf("the page does not help with the portals' numbers:\n%s", page)
	}
	if status, page := submit(t, w, "/reset", w.Control.URL(), nil); status != http.StatusOK ||
		!strings.Contains(page, "Everything is as at the start.") {
		t.Errorf("starting over: got status %d", status)
	}
}

func TestControlPageRefusesWhatItDoesNotOffer(t *testing.T) {
	w := newControl(t)
	for path, fields := range map[string]url.Values{
		"/switch?unknown": {"platform": {"hubspot"}, "fault": {"lunch"}, "on": {"true"}},
		"/switch?perhaps": {"platform": {"hubspot"}, "fault": {"down"}, "on": {"perhaps"}},
		"/switch?nobody":  {"platform": {"hubspot"}, "fault": {"throttled"}, "person": {"nobody"}, "on": {"true"}},
		"/act?unknown":    {"platform": {"hubspot"}, "action": {"lunch"}},
		"/act?strange":    {"platform": {"hubspot"}, "action": {"lose_admin"}, "person": {"lars-holm"}, "sink": {"x"}},
		"/mail?uncounted": {"greylist": {"many"}, "cut_after_data": {"0"}},
		"/mail?negative":  {"greylist": {"-1"}, "cut_after_data": {"0"}},
	} {
		if status, page := submit(t, w, path, w.Control.URL(), fields); status != http.StatusBadRequest ||
			!strings.HasPrefix(page, "Nothing was changed: ") {
			t.Errorf("%s: got status %d: %s", path, status, page)
		}
	}
	for _, path := range []string{"/switch", "/well", "/reset", "/act", "/mail"} {
		if status, _ := submit(t, w, path, "http://localhost:7420", url.Values{
			"platform": {"hubspot"}, "fault": {"down"}, "on": {"true"},
		}); status != http.StatusForbidden {
			t.Errorf("%s by a page of another site: got status %d, want %d", path, status, http.StatusForbidden)
		}
		if answer, _ := get(t, w.Control.URL()+path); answer.StatusCode == http.StatusOK {
			t.Errorf("GET %s: got status %d", path, answer.StatusCode)
		}
	}
	if isOn(w, "hubspot", "down", "") {
		t.Error("what was refused is on")
	}
}

func TestControlPageHasNothingInline(t *testing.T) {
	w := newControl(t)
	answer, page := get(t, w.Control.URL()+"/")
	if policy := answer.Header.Get("Content-Security-Policy"); strings.Contains(policy, "unsafe") ||
		!strings.Contains(policy, "default-src 'none'") || !strings.Contains(policy, "frame-ancestors 'none'") {
		t.Errorf("policy: %s", policy)
	}
	for _, inline := range []string{"style=", "<script", "onclick="} {
		if strings.Contains(page, inline) {
			t.Errorf("the page has %s in it", inline)
		}
	}
}
