package domains

import (
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/domains/domainstest"
)

const testToken = "abcdefghijklmnopqrstuvwxyz"

func TestADomainIsTheAgencysOnlyByBothOfItsRecords(t *testing.T) {
	const name, proof = "access.agency.example", "_latchkey.access.agency.example"
	here := domainstest.Name{CNAME: "relay.example"}
	ours := domainstest.Name{TXT: []string{"v=spf1 -all", "latchkey=" + testToken}}
	for what, c := range map[string]struct {
		name, proof  domainstest.Name
		relayIsAway  bool
		want         onboarding.DomainProblem
		found        string
		relayIsAlias bool
	}{
		"both":                {name: here, proof: ours},
		"an address":          {name: domainstest.Name{A: []string{"192.0.2.1"}}, proof: ours},
		"to where it leads":   {name: domainstest.Name{CNAME: "far.example"}, proof: ours, relayIsAlias: true},
		"a CNAME in capitals": {name: domainstest.Name{CNAME: "RELAY.example"}, proof: ours},
		"quotes around it":    {name: here, proof: domainstest.Name{TXT: []string{`"latchkey=` + testToken + `" `}}},
		"nothing":             {want: onboarding.DomainNoAddress},
		"no proof":            {name: here, want: onboarding.DomainNoProof},
		"another text": {
			name:  here,
			proof: domainstest.Name{TXT: []string{"x"}},
			want:  onboarding.DomainWrongProof,
			found: "x",
		},
		"another's proof": {
			name:  here,
			proof: domainstest.Name{TXT: []string{"latchkey=other"}},
			want:  onboarding.DomainWrongProof,
			found: "latchkey=other",
		},
		"a part of the proof": {
			name:  here,
			proof: domainstest.Name{TXT: []string{"latchkey=" + testToken[:20]}},
			want:  onboarding.DomainWrongProof,
			found: "latchkey=" + testToken[:20],
		},
		"elsewhere": {
			name:  domainstest.Name{A: []string{"203.0.113.9"}},
			proof: ours,
			want:  onboarding.DomainElsewhere,
			found: "203.0.113.9",
		},
		"partly elsewhere": {
			name:  domainstest.Name{A: []string{"192.0.2.1", "203.0.113.9"}},
			proof: ours,
			want:  onboarding.DomainElsewhere,
			found: "192.0.2.1, 203.0.113.9",
		},
		"by CNAME elsewhere": {
			name:  domainstest.Name{CNAME: "else.example"},
			proof: ours,
			want:  onboarding.DomainElsewhere,
			found: "else.example",
		},
		"its server fails":  {name: domainstest.Name{Fails: true}, proof: ours, want: onboarding.DomainNoAnswer},
		"its proof's fails": {name: here, proof: domainstest.Name{Fails: true}, want: onboarding.DomainNoAnswer},
		"our own server fails": {
			name:        domainstest.Name{Fails: true},
			proof:       ours,
			relayIsAway: true,
			want:        onboarding.DomainUnknown,
		},
		"we are not found": {
			name:        domainstest.Name{A: []string{"192.0.2.1"}},
			proof:       ours,
			relayIsAway: true,
			want:        onboarding.DomainUnknown,
		},
	} {
		t.Run(what, func(t *testing.T) {
			zone := domainstest.New(t)
			switch {
			case c.relayIsAlias:
				zone.Set("relay.example", domainstest.Name{CNAME: "far.example"})
				zone.Set("far.example", domainstest.Name{A: []string{"192.0.2.7"}})
			case !c.relayIsAway:
				zone.Set("relay.example", domainstest.Name{A: []string{"192.0.2.1"}})
			}
			zone.Set("else.example", domainstest.Name{A: []string{"203.0.113.9"}})
			zone.Set(name, c.name)
			zone.Set(proof, c.proof)
			checks := records{resolver: zone.Resolver(), relay: "relay.example"}
			problem, found := checks.check(t.Context(), name, testToken)
			if problem != c.want || found != c.found {
				t.Errorf("got %q, %q; want %q, %q", problem, found, c.want, c.found)
			}
		})
	}
}

func TestWhatTheDNSHasIsShownWithinBounds(t *testing.T) {
	text := cut(strings.Repeat("ü\u202e\n", 300))
	if len(text) > maxFound+len("…") || strings.ContainsAny(text, "\n\u202e") {
		t.Errorf("%d bytes are shown: %q", len(text), text)
	}
}

func TestADomainIsNormalizedOrRefusedWithASentence(t *testing.T) {
	services := []string{"Facebook", "HubSpot"}
	for typed, want := range map[string]string{
		"Access.Agency.Example":              "access.agency.example",
		" https://access.agency.example/ ":   "access.agency.example",
		"access.agency.example.":             "access.agency.example",
		"bücher.example":                     "xn--bcher-kva.example",
		"xn--bcher-kva.example":              "xn--bcher-kva.example",
		"agency.co.uk":                       "agency.co.uk",
		"":                                   "!Enter a domain of your own",
		"*.agency.example":                   "!One name only",
		"192.0.2.1":                          "!This is an IP address",
		"[2001:db8::1]":                      "!This is an IP address",
		"agency.1":                           "!This is an IP address",
		"co.uk":                              "!Everybody registers names below co.uk",
		"github.io":                          "!Everybody registers",
		"localhost":                          "!This is not a domain",
		"agency":                             "!This is not a domain",
		"relay.example.org":                  "!This is the relay's own address",
		"RELAY.example.org.":                 "!This is the relay's own address",
		"a.relay.example.org":                "!This is the relay's own address",
		"agency.example/path":                "!Enter the name alone",
		"agency.example:8443":                "!Enter the name alone",
		"me@agency.example":                  "!Enter the name alone",
		"a_b.agency.example":                 "!This is not a domain",
		"-a.agency.example":                  "!This is not a domain",
		"a..example":                         "!This is not a domain",
		strings.Repeat("a", 64) + ".example": "!This is not a domain",
		strings.Repeat("abcdefg.", 31) + "example": "!This is not a domain",
		"facebook.agency.example":                  "!Clients would take this for Facebook itself",
		"face-book.example":                        "!Clients would take this for Facebook itself",
		"xn--fcebook-2fg.example":                  "!Clients would take this for Facebook itself", // a Cyrillic а
		"hubspotlogin.example":                     "!Clients would take this for HubSpot itself",
	} {
		got, err := Normalize(typed, "relay.example.org", services)
		message, refused := strings.CutPrefix(want, "!")
		switch {
		case refused && (err == nil || !strings.Contains(err.Error(), message)):
			t.Errorf("%q: got %q and %v, want the refusal %q", typed, got, err, message)
		case !refused && (err != nil || got != want):
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
}

func TestAHostIsReadOffItsHeaderHoweverItIsWritten(t *testing.T) {
	for header, want := range map[string]string{
		"Access.Agency.Example": "access.agency.example", "access.agency.example.": "access.agency.example",
		"access.agency.example:8443": "access.agency.example", "access.agency.example.:443": "access.agency.example",
		"[::1]:80": "::1", "": "",
	} {
		if got := HostOf(header); got != want {
			t.Errorf("%q: got %q, want %q", header, got, want)
		}
	}
}
