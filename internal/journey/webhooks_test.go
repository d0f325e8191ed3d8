//go:build !quick

package journey_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

func TestACompletedRequestArrivesAtTheAgencysOwnProgram(t *testing.T) {
	type call struct {
		header http.Header
		body   []byte
	}
	calls := make(chan call, 10)
	program := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls <- call{r.Header, body}
	}))
	defer program.Close()
	s := newScene(t, sqldbtest.SQLite(t))
	saved, err := s.Hub.Webhooks.Save(t.Context(), hub.WebhookInput{
		Name: "Our CRM", Form: onboarding.WebhookProgram, Address: program.URL + "/news", On: true,
		Kinds: []onboarding.NewsKind{onboarding.NewsCompleted},
	})
	must(t, err)
	gone := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusGone)
	}))
	defer gone.Close()
	_, err = s.Hub.Webhooks.Save(t.Context(), hub.WebhookInput{
		Name: "Old program", Form: onboarding.WebhookSlack, Address: gone.URL, On: true,
		Kinds: onboarding.AllNewsKinds(),
	})
	must(t, err)
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
	priya := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	must(t, priya.Enter(s.LinkOf(id)))
	must(t, priya.ConnectHubSpot("Priya Nair", ""))
	must(t, priya.NextStep())
	must(t, priya.Finish())

	var got call
	select {
	case got = <-calls:
	case <-time.After(20 * time.Second):
		t.Fatalf("nothing arrived\n%s", s.Log)
	}
	verifier, err := standardwebhooks.NewWebhook(saved.Secret)
	must(t, err)
	if err := verifier.Verify(got.body, got.header); err != nil {
		t.Error(err)
	}
	var news struct {
		Type string `json:"type"`
		Data struct{ Request, Client, Link string }
	}
	must(t, json.Unmarshal(got.body, &news))
	if news.Type != "request.completed" || news.Data.Request != id || news.Data.Client != "Harbour & Pine" ||
		!strings.HasSuffix(news.Data.Link, "/open/request/"+id) {
		t.Errorf("the body is %s", got.body)
	}
	if strings.Contains(string(got.body), "Priya") || strings.Contains(string(got.body), "@") {
		t.Errorf("the body has what a client typed: %s", got.body)
	}
	log, err := s.Hub.Webhooks.Log(t.Context(), saved.Webhooks[0].ID)
	must(t, err)
	if len(log) != 1 || log[0].Kind != string(onboarding.NewsCompleted) {
		t.Errorf("the log is %+v", log)
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		s.Sync()
		todos, err := s.Hub.Todos(t.Context(), 10)
		must(t, err)
		if slices.ContainsFunc(todos, func(todo hub.Todo) bool {
			return todo.Kind == hub.TodoWebhook && todo.Webhook == "Old program"
		}) {
			break
		} else if time.Now().After(deadline) {
			t.Fatalf("the hub does not say that a webhook was switched off: %+v", todos)
		}
	}
}
