package egress

import (
	"net/url"
	"testing"
)

func TestTheSystemIsAskedOnceForAHostAndShownNoPath(t *testing.T) {
	asked := []string{}
	choose := remembered(func(target *url.URL) (*url.URL, error) {
		asked = append(asked, target.String())
		return &url.URL{Host: "proxy.example:3128;other.example:3128"}, nil
	})
	for range 2 {
		target := &url.URL{Scheme: "https", Host: "access.example", Path: "/o/link", RawQuery: "token=canary"}
		got, err := choose(target)
		if err != nil || got.String() != "http://proxy.example:3128" {
			t.Errorf("got %v and %v", got, err)
		}
	}
	if len(asked) != 1 || asked[0] != "https://access.example/" {
		t.Errorf("the system was asked for %q", asked)
	}
	if whole(nil) != nil || whole(&url.URL{}) != nil {
		t.Error("no proxy became one")
	}
}
