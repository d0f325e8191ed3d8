package relay_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestHealthIsThatOfTheDatabase(t *testing.T) {
	rl := relaytest.New(t)
	ask := func() (int, string) {
		answer := httptest.NewRecorder()
		rl.Relay.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		return answer.Code, answer.Body.String()
	}
	if code, said := ask(); code != http.StatusOK || said != "ok\n" {
		t.Errorf("healthy: %d %q", code, said)
	}
	if err := rl.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if code, said := ask(); code != http.StatusServiceUnavailable || said != "not ok\n" {
		t.Errorf("without its database: %d %q", code, said)
	}
}

func TestOnlyTheCodeOfACheckupIsTold(t *testing.T) {
	rl := relaytest.New(t)
	ask := func(code string) (int, string) {
		t.Helper()
		answer := httptest.NewRecorder()
		r := httptest.NewRequest(http.MethodGet, "/checkup/"+code, nil)
		r.Header.Set("X-Forwarded-For", "198.51.100.7")
		rl.Relay.Handler().ServeHTTP(answer, r)
		return answer.Code, answer.Body.String()
	}
	if status, said := ask("unknown"); status != http.StatusNotFound || strings.Contains(said, "peer") {
		t.Errorf("without a checkup: %d %s", status, said)
	}
	code, err := rl.Store.BeginCheckup(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if status, said := ask(code); status != http.StatusOK ||
		said != `{"peer":"192.0.2.1","forwarded":true,"trusted":false,"host":"example.com"}`+"\n" {
		t.Errorf("with its code: %d %s", status, said)
	}
	if status, _ := ask(code + "x"); status != http.StatusNotFound {
		t.Errorf("with another code: %d", status)
	}
}
