package wizard

import (
	"net/http"
	"strings"

	"github.com/mileusna/useragent"

	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// isPhone reports whether a phone or a tablet asks. Some tablets call themselves
// a Macintosh: of those the cookie tells, which the page's style sheet or
// script had set. A computer with a touch screen is none of these.
func (s *core) isPhone(r *http.Request) bool {
	if strings.TrimSpace(r.Header.Get("Sec-CH-UA-Mobile")) == "?1" {
		return true
	}
	text := r.UserAgent()
	if isMacintosh(text) {
		touch, err := r.Cookie(pages.TouchCookie)
		return err == nil && touch.Value == "1"
	}
	agent := useragent.Parse(text)
	return agent.Mobile || agent.Tablet || strings.Contains(text, "iPad") || strings.Contains(text, "Android")
}

func isMacintosh(agent string) bool { return strings.Contains(agent, "Macintosh") }

const (
	assetsPath = "/assets/"
	brandPath  = "/brand/"
	logoPath   = "/logo/"
	forEver    = "public, max-age=31536000, immutable"
)

// brandStyle is the address of a colour's style sheet; empty: the neutral one
// is part of every page.
func brandStyle(colour string) string {
	digits, found := strings.CutPrefix(strings.ToLower(colour), "#")
	if !found || !isHex(digits) {
		return ""
	}
	return brandPath + digits + ".css"
}

func isHex(digits string) bool {
	return len(digits) == 6 && strings.Trim(digits, "0123456789abcdef") == ""
}

const touchPath = "/touch"

// neutralFrame is the frame of a page that belongs to no agency.
func (s *core) neutralFrame(r *http.Request) pages.Frame {
	f := pages.Frame{Host: s.host, Operator: s.operator, Help: "/help", Demo: s.demo}
	if isMacintosh(r.UserAgent()) {
		f.Touch = touchPath + ".css"
	}
	return f
}

// requestFrame is how a request's pages look. base is where its own help lives.
func (s *core) requestFrame(r *http.Request, shown *store.ClientView, base string) pages.Frame {
	f := s.agencyFrame(r, shown.Agency, base)
	f.Expires = shown.Request.Expires
	return f
}

// agencyFrame is how an agency's pages look.
func (s *core) agencyFrame(r *http.Request, a store.ClientAgency, base string) pages.Frame {
	f := s.neutralFrame(r)
	f.Company, f.Agency = a.CompanyName(), a.Name
	f.Help, f.Genuine, f.Report = base+"/help", base+"/genuine", base+"/report"
	f.ReplyTo = a.ReplyTo
	if a.Branded {
		f.Branded = true
		if a.LogoETag != "" {
			f.Logo = logoPath + a.ID + "/" + a.LogoETag + ".png"
		}
		f.Style = brandStyle(a.Colour)
	}
	return f
}
