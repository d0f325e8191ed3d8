package doctor_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
)

// ofDomains is a relay that shows the token of a domain.
func ofDomains(domain string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /proof", func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, domain+":") {
			_, _ = w.Write([]byte("token\n"))
			return
		}
		http.NotFound(w, r)
	})
	return mux
}

func TestEachDomainIsOpenedAsAClientWould(t *testing.T) {
	s := httptest.NewServer(ofDomains("localhost"))
	defer s.Close()
	served := func(change func(*onboarding.Domain)) onboarding.Domain {
		d := onboarding.Domain{Name: "localhost", Token: "token", State: onboarding.DomainVerified, Verified: 1, Ready: 2}
		change(&d)
		return d
	}
	for name, c := range map[string]struct {
		domain onboarding.Domain
		state  doctor.State
		words  string
	}{
		"in order": {served(func(*onboarding.Domain) {}), doctor.OK, "The links of Acme Media open there."},
		"not noticed yet": {
			served(func(d *onboarding.Domain) { d.Ready = 0 }), doctor.Warning, "looks again within ten minutes",
		},
		"of another relay": {
			served(func(d *onboarding.Domain) { d.Token = "other" }), doctor.Failed, "not as this relay for Acme Media",
		},
		"that the proxy does not pass on": {
			served(func(d *onboarding.Domain) { d.Name = "127.0.0.1" }), doctor.Failed, "status 404",
		},
		"that leads nowhere": {
			served(func(d *onboarding.Domain) { d.Name = "none.invalid" }), doctor.Failed, "not found by DNS",
		},
		"that leads elsewhere": {
			served(func(d *onboarding.Domain) { d.Problem = onboarding.DomainElsewhere }), doctor.Warning,
			"does not lead to this relay. A main user of Acme Media reads",
		},
		"without its proof": {
			served(func(d *onboarding.Domain) { d.Problem = onboarding.DomainNoProof }), doctor.Warning, "do not prove",
		},
		"that was removed": {
			served(func(d *onboarding.Domain) { d.State, d.Left = onboarding.DomainLeaving, 3 }), doctor.OK, "removed it",
		},
		"whose certificate failed once, and is there now": {
			served(func(d *onboarding.Domain) { d.Problem = onboarding.DomainCertificate }), doctor.OK, "open there",
		},
	} {
		t.Run(name, func(t *testing.T) {
			lines := doctor.Run(t.Context(), doctor.Config{
				URL: s.URL, DomainProof: "/proof", Domains: []doctor.Domain{{Domain: c.domain, Agency: "Acme Media"}},
			})
			wants(t, lines, "domain "+c.domain.Name, c.state, c.words)
			if short := doctor.Short(lines); len(short) != 1 { // of the clock
				t.Errorf("agencies read of others' domains: %+v", short)
			}
		})
	}
}

func TestTheCertificateOfADomainIsLookedAt(t *testing.T) {
	s := httptest.NewTLSServer(ofDomains("127.0.0.1"))
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	of := func(name string, now time.Time) []doctor.Finding {
		return doctor.Run(t.Context(), doctor.Config{
			URL: s.URL, Roots: roots, DomainProof: "/proof", Now: func() time.Time { return now },
			Domains: []doctor.Domain{{
				Domain: onboarding.Domain{Name: name, Token: "token", State: onboarding.DomainVerified, Ready: 2},
				Agency: "Acme Media",
			}},
		})
	}
	wants(t, of("localhost", time.Now()), "domain localhost", doctor.Failed, "of another name")
	if lines := of("127.0.0.1", time.Now()); len(lines) == 0 || line(lines, "domain 127.0.0.1").State != doctor.OK {
		t.Errorf("a certificate in order: %+v", lines)
	}
	ending := of("127.0.0.1", s.Certificate().NotAfter.Add(-24*time.Hour))
	if !slices.ContainsFunc(ending, func(f doctor.Finding) bool {
		return f.Check == "domain 127.0.0.1" && f.State == doctor.Warning && strings.Contains(f.Fix, "been renewed")
	}) {
		t.Errorf("a certificate that ends: %+v", ending)
	}
}
