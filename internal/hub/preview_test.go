package hub_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestThePreviewOfAPageIsWhatTheRelayServes(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	for kind, address := range map[hub.PreviewKind]string{
		hub.PreviewLanding: link,
		hub.PreviewWizard:  link + "/about",
	} {
		made, err := s.Hub.Preview(t.Context(), hub.PreviewParams{Kind: kind, Request: id})
		must(t, err)
		r, err := http.Get(address)
		must(t, err)
		served, err := io.ReadAll(r.Body)
		must(t, errors.Join(err, r.Body.Close()))
		if !bytes.Equal(made.HTML, served) {
			t.Errorf("%s: the preview is not what is served:\n%s\n\nserved:\n%s", kind, made.HTML, served)
		}
	}
}

func TestThePreviewOfAnEmailIsWhatTheRelaySends(t *testing.T) {
	s := relaytest.NewScene(t)
	id, _ := s.Request(onboarding.HubSpot)
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"marta@harbourpine.example"}))
	s.Sync()
	sent, err := s.World.Mail.Await(
		t.Context(), func(m sandbox.Message) bool { return strings.HasPrefix(m.Subject, "Onboarding Request") },
	)
	must(t, err)
	made, err := s.Hub.Preview(t.Context(), hub.PreviewParams{Kind: hub.PreviewEmail, Request: id})
	must(t, err)
	if made.Subject != sent.Subject {
		t.Errorf("the subject is %q, sent was %q", made.Subject, sent.Subject)
	}
	// Tokens differ in each email.
	if got, want := withoutAddresses(string(made.HTML)), withoutAddresses(sent.HTML); got != want {
		t.Errorf("the preview is not what was sent:\n%s\n\nsent:\n%s", got, want)
	}
}

// withoutAddresses blanks what is unique to one email: its tokens and its
// picture's id. It also normalizes line endings.
func withoutAddresses(html string) string {
	var out strings.Builder
	for n, part := range strings.Split(strings.ReplaceAll(html, "\r\n", "\n"), `"`) {
		if n%2 == 1 && (strings.HasPrefix(part, "http") || strings.HasPrefix(part, "data:") ||
			strings.HasPrefix(part, "cid:")) {
			part = ""
		}
		out.WriteString(part + `"`)
	}
	return out.String()
}

func TestAPreviewShowsABrandBeforeItIsAppliedAndSaysWhatIsWrongWithIt(t *testing.T) {
	s := relaytest.NewScene(t)
	form := outbox.RequestForm{Client: "Harbour & Pine", Services: []onboarding.Service{onboarding.HubSpot}}
	looks := hub.NewPreviews(s.Hub)
	address, _, err := looks.Prepare(
		t.Context(),

		hub.PreviewParams{Kind: hub.PreviewLanding, Form: form, Brand: &wire.SaveBrandParams{Company: "Solvang",
			Colour: "#7a2672"}},
		true,
	)
	must(t, err)
	w := httptest.NewRecorder()
	looks.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
	if page := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(page, "Harbour &amp; Pine") ||
		strings.Contains(page, `="/assets/`) {
		t.Errorf("got %d %s", w.Code, page)
	}
	for name, wrong := range map[string]wire.SaveBrandParams{
		"company": {Company: "Facebook Support"}, "colour": {Colour: "red"}, "logo": {Logo: []byte("<svg/>")},
	} {
		if _, err := s.Hub.Preview(t.Context(), hub.PreviewParams{Kind: hub.PreviewEmail, Form: form,
			Brand: &wrong}); err == nil {
			t.Errorf("a wrong %s was shown", name)
		}
	}
	for _, elsewhere := range []string{"/preview/light/nothing", "/preview/logo/x/y.png", "/preview/assets/none.css",
		"/preview/brand/zz.css"} {
		w := httptest.NewRecorder()
		looks.ServeHTTP(w, httptest.NewRequest(http.MethodGet, elsewhere, nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("%s answers %d", elsewhere, w.Code)
		}
	}
}

func TestTheExportOfAccountsRunsNothingInASpreadsheet(t *testing.T) {
	s := relaytest.NewScene(t)
	shared(t, s)
	text, err := s.Hub.ExportAccounts(t.Context(), replica.AccountsParams{})
	must(t, err)
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
	must(t, err)
	n, err := s.Hub.Replica.CountAccounts(t.Context(), replica.AccountsParams{})
	must(t, err)
	if len(rows) != n+1 || n != 2 {
		t.Errorf("got %d rows of %d accounts", len(rows), n)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("the cell %q is a formula", cell)
			}
			if cell != "" && strings.Trim(cell, "0123456789") == "" {
				t.Errorf("the cell %q is a number", cell)
			}
		}
	}
}

func TestAPostponedEmailDoesNotHoldUpADeletion(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.HubSpot)
	must(t, s.Hub.Outbox.Send(t.Context(), id, []string{"marta@harbourpine.example"}))
	s.Sync()
	_, err := s.World.Mail.Await(t.Context(), func(sandbox.Message) bool { return true })
	must(t, err)
	_, err = s.Hub.Outbox.Resend(t.Context(), id, nil) // within the minute: the relay delays it
	must(t, err)
	s.Sync()
	must(t, s.Hub.Outbox.Withdraw(t.Context(), id))
	s.Sync()
	r, err := http.Get(link)
	must(t, err)
	must(t, r.Body.Close())
	if r.StatusCode != http.StatusGone {
		t.Errorf("the link answers %d", r.StatusCode)
	}
}
