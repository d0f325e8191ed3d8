package wizard

import (
	"net/http"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

const dayInMS = onboarding.Timestamp(24 * time.Hour / time.Millisecond)

// LegalTexts are the operator's own texts. The zero value is ours.
type LegalTexts struct {
	Home, Privacy, Terms string // plain text; empty: ours
	PrivacyURL, TermsURL string // pages of the operator's instead of the relay's; empty: the relay's
}

// Where the texts are that platforms ask an operator for.
const (
	privacyPath  = pages.PrivacyPath
	termsPath    = pages.TermsPath
	deletionPath = "/data-deletion"
	robotsPath   = "/robots.txt"

	deletionStatusPath = deletionPath + "/status/"
)

// robots lets the four texts be read, and nothing else.
const robots = "User-agent: *\n" +
	"Allow: /$\nAllow: " + privacyPath + "\nAllow: " + termsPath + "\nAllow: " + deletionPath + "\n" +
	"Disallow: " + deletionPath + "/\nDisallow: /\n"

// legalPages are the texts that platforms ask an operator for.
type legalPages struct {
	*core
	texts   LegalTexts
	contact onboarding.Contact
}

func (s *legalPages) route(mux *http.ServeMux) {
	mux.HandleFunc("GET /{$}", s.show(pages.LegalHome, s.texts.Home, ""))
	mux.HandleFunc("GET /privacy", s.show(pages.LegalPrivacy, s.texts.Privacy, s.texts.PrivacyURL))
	mux.HandleFunc("GET /terms", s.show(pages.LegalTerms, s.texts.Terms, s.texts.TermsURL))
	mux.HandleFunc("GET /data-deletion", s.show(pages.LegalDeletion, "", ""))
	mux.HandleFunc("GET "+robotsPath, s.showRobots)
}

func (s *legalPages) show(document pages.LegalDocument, own, address string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Del("X-Robots-Tag")
		if address != "" {
			http.Redirect(w, r, address, http.StatusFound)
			return
		}
		s.render(w, r, http.StatusOK, pages.Legal{
			Frame: s.neutralFrame(r), Document: document, Own: own, Contact: s.contact, Services: s.offered(),
			Retention: retention(), Deletion: deletionPath,
		})
	}
}

// offered are the services that clients can be asked for here.
func (s *core) offered() []onboarding.Service {
	var offered []onboarding.Service
	for _, service := range s.catalog.Services() {
		if _, err := platform.Find(s.drivers, service.ID.Platform()); err == nil {
			offered = append(offered, service.ID)
		}
	}
	return offered
}

// retention is how long the relay stores what belongs to a client.
func retention() pages.Retention {
	return pages.Retention{
		CompletedMonths: store.CompletedMonths,
		EndedDays:       int(store.EndedRetention / dayInMS),
		ReceiptYears:    onboarding.ReceiptYears,
		VisitDays:       int(store.VisitRetention / dayInMS),
		EmailDays:       int(store.EmailRetention / dayInMS),
		CredentialDays:  int(store.DeliveryRetention / dayInMS),
		SignInMinutes:   int(TokenIdleTimeout / time.Minute),
	}
}

// showRobots answers search engines and the platforms' reviewers.
func (s *legalPages) showRobots(w http.ResponseWriter, r *http.Request) {
	text := robots
	if s.at(r).agency != "" { // the four texts are at the relay's own address
		text = "User-agent: *\n" + "Disallow: " + "/\n"
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte(text)) // the client has disconnected: nobody to tell
}
