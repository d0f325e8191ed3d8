package wizard

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// touchStyle is loaded by browsers on a Macintosh only. One whose only pointer
// is a finger asks for the address behind it, and is known from then on.
const touchStyle = `@media (hover: none) and (pointer: coarse) { ` +
	`body::after { content: ""; position: fixed; width: 1px; height: 1px; ` +
	`background-image: url("` + touchPath + `"); } }` + "\n"

func (s *core) serveTouchStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	_, _ = w.Write([]byte(touchStyle)) // the client has disconnected: nobody to tell
}

// storeTouch marks a tablet by a cookie in its browser; the relay stores nothing.
func (s *core) storeTouch(w http.ResponseWriter, r *http.Request) {
	if isMacintosh(r.UserAgent()) {
		http.SetCookie(w, &http.Cookie{
			Name: pages.TouchCookie, Value: "1", Path: "/", MaxAge: 24 * 60 * 60, Secure: s.secure,
			SameSite: http.SameSiteLaxMode,
		})
	}
	w.WriteHeader(http.StatusNoContent)
}

// serveFile serves a file whose address changes with its content.
func serveFile(file pages.File) http.Handler {
	var packed bytes.Buffer
	zip, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err == nil {
		_, _ = zip.Write(file.Body) // into memory: it cannot fail
		_ = zip.Close()
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", file.Type)
		h.Set("Cache-Control", forEver)
		h.Set("Vary", "Accept-Encoding")
		body := file.Body
		if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && packed.Len() > 0 {
			h.Set("Content-Encoding", "gzip")
			body = packed.Bytes()
		}
		h.Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body) // the client has disconnected: nobody to tell
	})
}

// serveBrandStyle makes a colour's style sheet out of its address: it needs no
// agency, and is the same for ever.
func (s *core) serveBrandStyle(w http.ResponseWriter, r *http.Request) {
	digits, found := strings.CutSuffix(r.PathValue("file"), ".css")
	if !found || !isHex(digits) {
		s.renderError(w, r, s.neutralFrame(r), onboarding.ErrNotFound)
		return
	}
	palettes, err := onboarding.DerivePalettes("#" + digits)
	if err != nil {
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", forEver)
	_, _ = w.Write(palettes.CSS()) // the client has disconnected: nobody to tell
}

// serveLogo serves an agency's logo under an address that changes with it.
func (s *core) serveLogo(w http.ResponseWriter, r *http.Request) {
	mark, found := strings.CutSuffix(r.PathValue("file"), ".png")
	if !found || !s.serves(r, r.PathValue("agency")) {
		s.renderError(w, r, s.neutralFrame(r), onboarding.ErrNotFound)
		return
	}
	logo, err := s.store.Agencies.Logo(r.Context(), r.PathValue("agency"), mark)
	if err != nil {
		s.renderError(w, r, s.neutralFrame(r), err)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Header().Set("Cache-Control", forEver)
	w.Header().Set("Content-Length", strconv.Itoa(len(logo)))
	_, _ = w.Write(logo) // the client has disconnected: nobody to tell
}
