package wizard

import (
	"net/http"
	"slices"
	"strings"

	"github.com/mileusna/useragent"

	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// isPhone reports whether a phone or a tablet asks. What a browser hints counts
// before its user agent, and of that the system that it names before all other
// words. Some tablets call themselves a Macintosh: of those the cookie tells, which
// the page's style sheet or script had set. A computer with a touch screen is none
// of these.
// https://wicg.github.io/ua-client-hints/#sec-ch-ua-platform
func (s *core) isPhone(r *http.Request) bool {
	if strings.TrimSpace(r.Header.Get("Sec-CH-UA-Mobile")) == "?1" {
		return true
	}
	agent := r.UserAgent()
	switch strings.ToLower(strings.Trim(r.Header.Get("Sec-CH-UA-Platform"), `" `)) {
	case "windows", "macos", "linux", "chrome os", "chromium os", "chromeos":
		return false
	case "android", "ios": // a phone at a screen and a keyboard calls itself a computer
		return !namesComputer(agent)
	}
	switch {
	case isMacintosh(agent):
		touch, err := r.Cookie(pages.TouchCookie)
		return err == nil && touch.Value == "1"
	case namesComputer(agent):
		return false
	}
	parsed := useragent.Parse(agent)
	return parsed.Mobile || parsed.Tablet || namesPhone(agent)
}

// namesComputer reports whether the system of a user agent, which it has in the
// first brackets, is one of computers alone.
func namesComputer(agent string) bool {
	if strings.Contains(agent, "WPDesktop") || strings.Contains(agent, "Maemo") { // phones that call themselves one
		return false
	}
	_, system, _ := strings.Cut(agent, "(")
	system, _, _ = strings.Cut(system, ")")
	for word := range strings.SplitSeq(system, ";") {
		word = strings.TrimSpace(word)
		for _, name := range []string{"Windows NT ", "CrOS ", "Linux x86_64", "Linux i686"} {
			if strings.HasPrefix(word, name) {
				return true
			}
		}
		if word == "X11" || word == "Wayland" || word == "PC" { // as OpenHarmony has it
			return true
		}
	}
	return false
}

// namesPhone reports whether a user agent has the name of a phone's or a tablet's
// system or browser as a word of its own.
func namesPhone(agent string) bool {
	words := strings.FieldsFunc(agent, func(c rune) bool { return strings.ContainsRune(" ;/()[],", c) })
	return slices.ContainsFunc(words, func(word string) bool {
		switch strings.ToLower(word) {
		case "android", "iphone", "ipad", "ipod", "mobile", "phone", "tablet", "mobi", "midp", "j2me", "silk", "kaios",
			"symbian", "symbianos", "blackberry", "bb10", "playbook", "hpwos", "maemo", "wpdesktop", "openharmony":
			return true
		}
		return false
	})
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
	at := s.at(r)
	f := pages.Frame{Host: at.host, Operator: s.operator, Help: "/help", Documents: s.documents(at), Demo: s.demo}
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
