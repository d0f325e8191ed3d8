//go:build !quick

package platforms

import (
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
)

func salesforceRehearsal() rehearsal {
	p := rehearsal{
		service: onboarding.Salesforce,
		before: func(v *relaytest.Browser) {
			v.Tick("At login.salesforce.com")
			v.Press("Continue")
		},
		presses:   []string{"Allow", "Lars Holm"},
		other:     []string{"Allow", "Ana Ruiz"},
		refreshes: true,
		accounts:  2,
		tokens: []change{
			{"no instance", set("instance_url", nil)},
			{"an instance that is a list", set("instance_url", []string{"https://harbourpine.my.salesforce.com"})},
			{"no identity", set("id", nil)},
			{"an identity that is a number", set("id", 5)},
			{"no scope", set("scope", "")},
			{"another scope alone", set("scope", "id")},
		},
	}
	for _, address := range hostileHosts("harbourpine.my.salesforce.com") {
		p.tokens = append(p.tokens, change{"the instance " + address, set("instance_url", address)})
	}
	for _, id := range []string{
		"https://evil.example/id/00D/005", "http://login.salesforce.com/id/00D000000000001EAA/005000000000001AAA",
		"https://login.salesforce.com.evil.example/id/00D/005",
		"https://login.salesforce.com@evil.example/id/00D/005", "https://127.0.0.1/id/00D/005",
		"https://login.salesforce.com:8443/id/00D/005", "//login.salesforce.com/id/00D/005", "",
	} {
		p.tokens = append(p.tokens, change{"the identity " + id, set("id", id)})
	}
	return p
}

// hostileHosts are URLs that resemble one at host but have another host.
func hostileHosts(host string) []string {
	return []string{
		"http://" + host, "https://" + host + ".evil.example", "https://evil.example/" + host,
		"https://" + host + "@evil.example", "https://evil.example#" + host,
		"https://evil.example?" + host, "https://" + host + ":8443", "https://user@" + host, "//" + host, host,
		"https://127.0.0.1", "https://[::1]", "https://169.254.169.254",
		"https://2130706433", "https://0x7f000001", "https://other" + host, "https://a.b.c." + host,
		"https://" + host + "\\@evil.example", "https://" + host + "%00.evil.example",
		"https://localhost", "javascript:alert(1)", "",
	}
}
