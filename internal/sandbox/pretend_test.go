package sandbox

import "testing"

func TestEveryPlatformIsWhole(t *testing.T) {
	w, err := New(Config{})
	if err != nil {
		t.Fatalf("starting the world: %v", err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("ending the world: %v", err)
		}
	})
	for _, one := range pretends() {
		if one.title == "" || one.serves == nil || one.reset == nil || one.people == nil || one.faults == nil || one.actions == nil || one.act == nil {
			t.Errorf("%s: something is missing: %+v", one.name, one)
		}
		if w.Server(one.name) == nil {
			t.Errorf("%s has no server", one.name)
		}
		if (one.app == Credentials{}) != (len(w.Keys(one.name)) > 0) {
			t.Errorf("%s has an app: %v; keys: %d: one signs in there or copies a key", one.name, one.app != Credentials{}, len(w.Keys(one.name)))
		}
		if (one.settle == nil) != (one.accounts == nil) {
			t.Errorf("%s gives a client accounts and cannot name them", one.name)
		}
	}
	if w.Server("nowhere") != nil || w.Keys("nowhere") != nil || w.AccountsOf("nowhere", "mina-ito") != nil {
		t.Error("a platform that is not there has something")
	}
}
