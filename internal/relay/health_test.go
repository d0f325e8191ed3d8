package relay_test

import (
	"net/http"
	"net/http/httptest"
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
