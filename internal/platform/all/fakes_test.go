package all

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

func TestEveryPlatformIsWhole(t *testing.T) {
	w, _ := sandboxtest.New(t, Fakes()...)
	if len(w.Platforms()) != len(platforms()) {
		t.Errorf("there are fakes of %v, want one of each of %d platforms", w.Platforms(), len(platforms()))
	}
	for i, name := range w.Platforms() {
		fake := w.Platform(name)
		info := fake.Info()
		if info.Name != string(platforms()[i].platform) {
			t.Errorf("the fake of %s is named %s", platforms()[i].platform, info.Name)
		}
		if info.Title == "" || len(info.People) == 0 || len(info.Faults) == 0 || len(info.Actions) == 0 {
			t.Errorf("%s: something is missing: %+v", name, info)
		}
		if w.Server(name) == nil {
			t.Errorf("%s has no server", name)
		}
		hasApp := info.App != sandbox.Credentials{}
		if hasApp == (len(w.Keys(name)) > 0) {
			t.Errorf("%s has an app: %v; keys: %d: one signs in there or copies a key", name, hasApp, len(w.Keys(name)))
		}
		if _, holds := fake.(sandbox.ClientHolder); holds != hasApp {
			t.Errorf("%s takes clients: %v; has an app: %v", name, holds, hasApp)
		}
		if _, shows := fake.(sandbox.Viewer); shows != hasApp {
			t.Errorf("%s shows what it holds: %v; has an app: %v", name, shows, hasApp)
		}
		if _, lists := fake.(sandbox.TargetLister); lists != hasApp {
			t.Errorf("%s lists what an action can be about: %v; has an app: %v", name, lists, hasApp)
		}
	}
	if w.Server("nowhere") != nil || w.Keys("nowhere") != nil || w.AccountsOf("nowhere", "mina-ito") != nil {
		t.Error("a platform that is not there has something")
	}
}
