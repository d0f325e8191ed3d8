package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/policy"
)

func newManaged(t *testing.T, config Config) *App {
	t.Helper()
	config.Dir, config.Catalog, config.Keychain = t.TempDir(), catalogtest.New(t), keychain.NewMemory()
	config.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	a, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestWhatThePolicyDoesNotAllowIsRefusedWithASentence(t *testing.T) {
	a := newManaged(t, Config{Policy: policy.Policy{NoDemo: true, NoCSVExport: true}})
	var invalid *onboarding.InvalidError
	if err := a.openDemoHub(t.Context()); !errors.As(err, &invalid) ||
		invalid.Message != "Your organisation does not allow the demo on this computer." {
		t.Errorf("the demo: got %v", err)
	}
	if a.failed == nil || !strings.HasSuffix(a.failed.Error(), "on this computer. Start Latchkey without it.") {
		t.Errorf("a start on the demo shows %v", a.failed)
	}
	close(a.windowOpen)
	_, err := a.Call("exportAccounts", json.RawMessage(`{}`))
	if err == nil || !strings.Contains(err.Error(), "does not allow Export CSV") {
		t.Errorf("Export CSV: got %v", err)
	}
}

func TestAPolicyThatIsNotInOrderStartsNothing(t *testing.T) {
	wrong := &policy.Error{Place: "/etc/latchkey/policy.json", Reason: "does not belong to root"}
	a := newManaged(t, Config{PolicyError: wrong})
	sentence := "Latchkey does not start: /etc/latchkey/policy.json does not belong to root. " +
		"Ask whoever looks after this computer to correct it."
	if err := a.openOwnHub(t.Context()); err == nil {
		t.Error("the hub was opened")
	}
	if a.failed == nil || a.failed.Error() != sentence {
		t.Errorf("the window shows %v", a.failed)
	}
	if err := a.openDemoHub(t.Context()); err == nil || a.toCallError("exploreDemo", err).Message != sentence {
		t.Errorf("opening the demo: got %v", err)
	}
	if a.failed.Error() != sentence {
		t.Errorf("after a start on the demo the window shows %v", a.failed)
	}
	if err := Watch(t.Context(), a.config); err == nil || err.Error() != sentence {
		t.Errorf("watch: got %v", err)
	}
	if err := EnrolWatch(context.Background(), a.config, strings.NewReader(""), io.Discard); err == nil ||
		err.Error() != sentence {
		t.Errorf("watch --enrol: got %v", err)
	}
}

func TestAComputerOfARelayThatIsNotAllowedSaysWhatToDo(t *testing.T) {
	cause := policy.Policy{RelayURL: "https://access.example.com"}.CheckRelay("https://other.example.com")
	err := explainStartup("/data", errors.Join(hub.ErrRelayNotAllowed, cause))
	if !strings.HasPrefix(err.Error(), "This computer has joined a relay that your organisation does not allow here. "+
		"Nothing was deleted.") || !strings.Contains(err.Error(), "https://access.example.com") {
		t.Errorf("it says %q", err)
	}
}
