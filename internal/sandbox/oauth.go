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
type Code struct {
	platform  string
	Person    string
	Redirect  string
	Challenge string
	Account   string // the account chosen at the platform, where one is
	Scopes    []string
	ends      time.Time
	used      bool
}

// Why a code is not exchanged. Each platform has its own words and numbers for it.
var (
	ErrCodeUnknown  = errors.New("unknown code")
	ErrCodeUsed     = errors.New("used code")
	ErrCodeExpired  = errors.New("expired code")
	ErrCodeRedirect = errors.New("another redirect_uri than at the start")
	ErrCodeVerifier = errors.New("code_verifier missing or wrong")
)

// asking is the part of an authorize address that platforms have in common.
type AuthRequest struct {
	Redirect  string
	State     string
	Challenge string
}

// problem is a sign-in that cannot start. The person sees it on a page of the
// platform and never comes back.
type Problem struct{ Head, Text string }

// readAsking checks what every platform checks before it shows anything.
func (w *World) readAsking(platform string, q url.Values, known ...string) (AuthRequest, *Problem) {
	rules := find(platform).rules
	known = append(known, "client_id", "redirect_uri", "state")
	if rules.Challenge != ChallengeNone {
		known = append(known, "code_challenge", "code_challenge_method")
	}
	if name := unknownParam(q, known); name != "" {
		return AuthRequest{}, &Problem{"This address cannot be used", fmt.Sprintf("The parameter %q is not known, or is there twice.", name)}
	}
	if q.Get("client_id") != app(platform).ID {
		return AuthRequest{}, &Problem{"This app does not exist", "The client_id does not belong to an app of this platform."}
	}
	uri := q.Get("redirect_uri")
	if uri == "" {
		return AuthRequest{}, &Problem{"The way back is missing", "The parameter redirect_uri is required."}
	}
	if !w.redirects[uri] {
		return AuthRequest{}, &Problem{"The way back is not registered", fmt.Sprintf("The redirect_uri %q is not exactly one that is registered with this app.", uri)}
	}
	if back, err := url.Parse(uri); err != nil || back.Scheme != "https" && !(back.Scheme == "http" && slices.Contains(rules.HTTPHosts, back.Hostname())) {
		return AuthRequest{}, &Problem{"The way back is not safe", fmt.Sprintf("The redirect_uri %q is not https, and plain http is taken on %v alone.", uri, rules.HTTPHosts)}
	}
	if wrong := rules.wrongChallenge(q); wrong != nil {
		return AuthRequest{}, wrong
	}
	return AuthRequest{Redirect: uri, State: q.Get("state"), Challenge: q.Get("code_challenge")}, nil
}

// wrongChallenge says what is wrong with a PKCE challenge; nil: it is in order.
func (rules OAuthRules) wrongChallenge(q url.Values) *Problem {
	method, challenge := q.Get("code_challenge_method"), q.Get("code_challenge")
	methodless := method == "" && rules.Challenge == ChallengeRequired
	switch {
	case challenge == "" && rules.Challenge == ChallengeRequired:
		return &Problem{"This address cannot be used", "The parameter code_challenge is required."}
	case challenge == "" && method == "":
		return nil
	case method != "S256" && !methodless || len(challenge) != 43:
		return &Problem{"This address cannot be used", "A code_challenge comes with code_challenge_method=S256 and has 43 characters."}
	}
	return nil
}

// sendBack is the way back to the app with what is in values, and the state.
func (w *World) sendBack(platform, person string, ask AuthRequest, values url.Values) string {
	back, err := url.Parse(ask.Redirect)
	if err != nil {
		return ask.Redirect // readAsking has parsed it before
	}
	q := back.Query()
	for name, list := range values {
		q[name] = list
	}
	if ask.State != "" {
		q.Set("state", ask.State)
		if w.isOn(platform, "state_changed", person) {
			q.Set("state", ask.State+"x")
		}
	}
	back.RawQuery = q.Encode()
	return back.String()
}

// issueCode makes a code that works once, within codeLife.
func (w *World) issueCode(c Code) string {
	value := RandomHex(48)
	c.ends = w.now().Add(cmp.Or(find(c.platform).rules.CodeLife, codeLife))
	c.used = w.isOn(c.platform, "code_spent", c.Person)
	w.codes[value] = &c
	return value
}

// takeCode uses a code up. A code is also used up by a failed try: whoever
// guesses at the verifier gets one guess.
func (w *World) takeCode(platform, value, redirect, verifier string) (*Code, error) {
	c := w.codes[value]
	switch {
	case c == nil || c.platform != platform:
		return nil, ErrCodeUnknown
	case c.used:
		return nil, ErrCodeUsed
	case w.now().After(c.ends):
		return nil, ErrCodeExpired
	}
	c.used = true
	if redirect != c.Redirect {
		return nil, ErrCodeRedirect
	}
	if c.Challenge != "" {
		sum := sha256.Sum256([]byte(verifier))
		if len(verifier) < 43 || len(verifier) > 128 || !SecretsEqual(base64.RawURLEncoding.EncodeToString(sum[:]), c.Challenge) {
			return nil, ErrCodeVerifier
		}
	} else if verifier != "" {
		return nil, ErrCodeVerifier
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
func BearerToken(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
