package wizard_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func TestAPageLeadsFromAnEmailIntoTheHubAndLooksNothingUp(t *testing.T) {
	rl := relaytest.Start(t, relaytest.Config{Idle: true})
	for route, want := range map[string]string{
		"request/nobody-has-this": "latchkey://request/nobody-has-this", "facebook": "latchkey://facebook",
		"accounts": "latchkey://accounts", "home": "latchkey://home",
		"": "", "request": "", "request/": "", "request/a/b": "", "elsewhere": "", "request/%22%3E%3Cscript%3E": "",
		"request/" + strings.Repeat("a", 65): "",
	} {
		w := httptest.NewRecorder()
		rl.Relay.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, rl.URL+"/open/"+route, nil))
		body, err := io.ReadAll(w.Result().Body)
		if err != nil {
			t.Fatal(err)
		}
		switch found := strings.Contains(string(body), `href="latchkey://`); {
		case want == "" && (w.Code != http.StatusNotFound || found):
			t.Errorf("%q: status %d, a link: %v", route, w.Code, found)
		case want != "" && (w.Code != http.StatusOK || !strings.Contains(string(body), `href="`+want+`"`)):
			t.Errorf("%q: status %d, without the link %s", route, w.Code, want)
		}
	}
}
