package pubsub

import "testing"

func open(s *Subscription) bool {
	select {
	case _, open := <-s.C():
		return open
	default:
		return true
	}
}

func TestADeviceHasFiveStreamsAndTheNewestStay(t *testing.T) {
	b := New()
	others := b.Subscribe("acme", "other device")
	elsewhere := b.Subscribe("other agency", "other device")
	var own []*Subscription
	for range 12 {
		own = append(own, b.Subscribe("acme", "device"))
	}
	for n, s := range own {
		if want := n >= 7; open(s) != want {
			t.Errorf("stream %d of 12 is open: %v, want %v", n+1, !want, want)
		}
	}
	if !open(others) || !open(elsewhere) {
		t.Error("another device's stream was ended")
	}
	own[11].Close()
	if next := b.Subscribe("acme", "device"); !open(next) || !open(own[7]) {
		t.Error("a stream ends although there are five")
	}
}
