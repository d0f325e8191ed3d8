package sandbox

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// codeLife is how long a code can be exchanged, where a platform has no life of its own for it.
const codeLife = time.Minute

// code is what a platform sends back with the browser. It works once.
type code struct {
	platform  string
	person    string
	redirect  string
	challenge string
	account   string // the account chosen at the platform, where one is
	scopes    []string
	ends      time.Time
	used      bool
}

// Why a code is not exchanged. Each platform has its own words and numbers for it.
var (
	errCodeUnknown  = errors.New("unknown code")
	errCodeUsed     = errors.New("used code")
	errCodeExpired  = errors.New("expired code")
	errCodeRedirect = errors.New("another redirect_uri than at the start")
	errCodeVerifier = errors.New("code_verifier missing or wrong")
)

// asking is the part of an authorize address that platforms have in common.
type asking struct {
	redirect  string
	state     string
	challenge string
}

// problem is a sign-in that cannot start. The person sees it on a page of the
// platform and never comes back.
type problem struct{ head, text string }

// readAsking checks what every platform checks before it shows anything.
func (w *World) readAsking(platform string, q url.Values, known ...string) (asking, *problem) {
	rules := find(platform).rules
	known = append(known, "client_id", "redirect_uri", "state")
	if rules.challenge != challengeNone {
		known = append(known, "code_challenge", "code_challenge_method")
	}
	if name := unknownParam(q, known); name != "" {
		return asking{}, &problem{"This address cannot be used", fmt.Sprintf("The parameter %q is not known, or is there twice.", name)}
	}
	if q.Get("client_id") != app(platform).id {
		return asking{}, &problem{"This app does not exist", "The client_id does not belong to an app of this platform."}
	}
	uri := q.Get("redirect_uri")
	if uri == "" {
		return asking{}, &problem{"The way back is missing", "The parameter redirect_uri is required."}
	}
	if !w.redirects[uri] {
		return asking{}, &problem{"The way back is not registered", fmt.Sprintf("The redirect_uri %q is not exactly one that is registered with this app.", uri)}
	}
	if back, err := url.Parse(uri); err != nil || back.Scheme != "https" && !(back.Scheme == "http" && slices.Contains(rules.httpHosts, back.Hostname())) {
		return asking{}, &problem{"The way back is not safe", fmt.Sprintf("The redirect_uri %q is not https, and plain http is taken on %v alone.", uri, rules.httpHosts)}
	}
	if wrong := rules.wrongChallenge(q); wrong != nil {
		return asking{}, wrong
	}
	return asking{redirect: uri, state: q.Get("state"), challenge: q.Get("code_challenge")}, nil
}

// wrongChallenge says what is wrong with a PKCE challenge; nil: it is in order.
func (rules signInRules) wrongChallenge(q url.Values) *problem {
	method, challenge := q.Get("code_challenge_method"), q.Get("code_challenge")
	methodless := method == "" && rules.challenge == challengeRequired
	switch {
	case challenge == "" && rules.challenge == challengeRequired:
		return &problem{"This address cannot be used", "The parameter code_challenge is required."}
	case challenge == "" && method == "":
		return nil
	case method != "S256" && !methodless || len(challenge) != 43:
		return &problem{"This address cannot be used", "A code_challenge comes with code_challenge_method=S256 and has 43 characters."}
	}
	return nil
}

// sendBack is the way back to the app with what is in values, and the state.
func (w *World) sendBack(platform, person string, ask asking, values url.Values) string {
	back, err := url.Parse(ask.redirect)
	if err != nil {
		return ask.redirect // readAsking has parsed it before
	}
	q := back.Query()
	for name, list := range values {
		q[name] = list
	}
	if ask.state != "" {
		q.Set("state", ask.state)
		if w.isOn(platform, "state_changed", person) {
			q.Set("state", ask.state+"x")
		}
	}
	back.RawQuery = q.Encode()
	return back.String()
}

// issueCode makes a code that works once, within codeLife.
func (w *World) issueCode(c code) string {
	value := random(48)
	c.ends = w.now().Add(cmp.Or(find(c.platform).rules.codeLife, codeLife))
	c.used = w.isOn(c.platform, "code_spent", c.person)
	w.codes[value] = &c
	return value
}

// takeCode uses a code up. A code is also used up by a failed try: whoever
// guesses at the verifier gets one guess.
func (w *World) takeCode(platform, value, redirect, verifier string) (*code, error) {
	c := w.codes[value]
	switch {
	case c == nil || c.platform != platform:
		return nil, errCodeUnknown
	case c.used:
		return nil, errCodeUsed
	case w.now().After(c.ends):
		return nil, errCodeExpired
	}
	c.used = true
	if redirect != c.redirect {
		return nil, errCodeRedirect
	}
	if c.challenge != "" {
		sum := sha256.Sum256([]byte(verifier))
		if len(verifier) < 43 || len(verifier) > 128 || !same(base64.RawURLEncoding.EncodeToString(sum[:]), c.challenge) {
			return nil, errCodeVerifier
		}
	} else if verifier != "" {
		return nil, errCodeVerifier
	}
	return c, nil
}

// unknownParam names a parameter that is not among known, or is there twice.
func unknownParam(q url.Values, known []string) string {
	for name, values := range q {
		if !slices.Contains(known, name) || len(values) != 1 {
			return name
		}
	}
	return ""
}

// bearer is the token of an Authorization header, or "".
func bearer(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
