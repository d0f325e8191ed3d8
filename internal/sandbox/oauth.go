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

// Code is what a platform sends back with the browser. It works once.
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

// AuthRequest is the part of an authorize address that platforms have in common.
type AuthRequest struct {
	Redirect  string
	State     string
	Challenge string
}

// Problem is a sign-in that cannot start. The person sees it on a page of the
// platform and never comes back.
type Problem struct{ Head, Text string }

// ReadAuthRequest checks what every platform checks before it shows anything.
func (e *Env) ReadAuthRequest(query url.Values, known ...string) (AuthRequest, *Problem) {
	rules := e.info.Rules
	known = append(known, "client_id", "redirect_uri", "state")
	if rules.Challenge != ChallengeNone {
		known = append(known, "code_challenge", "code_challenge_method")
	}
	if name := unknownParam(query, known); name != "" {
		return AuthRequest{}, &Problem{
			"This address cannot be used", fmt.Sprintf("The parameter %q is not known, or is there twice.", name),
		}
	}
	if query.Get("client_id") != e.info.App.ID {
		return AuthRequest{}, &Problem{"This app does not exist", "The client_id does not belong to an app of this platform."}
	}
	uri := query.Get("redirect_uri")
	if uri == "" {
		return AuthRequest{}, &Problem{"The way back is missing", "The parameter redirect_uri is required."}
	}
	if !e.world.allows(uri) {
		return AuthRequest{}, &Problem{
			"The way back is not registered",
			fmt.Sprintf("The redirect_uri %q is not exactly one that is registered with this app.", uri),
		}
	}
	if back, err := url.Parse(uri); err != nil ||
		back.Scheme != "https" && (back.Scheme != "http" || !slices.Contains(rules.HTTPHosts, back.Hostname())) {
		return AuthRequest{}, &Problem{
			"The way back is not safe",
			fmt.Sprintf("The redirect_uri %q is not https, and plain http is taken on %v alone.", uri, rules.HTTPHosts),
		}
	}
	if wrong := rules.wrongChallenge(query); wrong != nil {
		return AuthRequest{}, wrong
	}
	return AuthRequest{Redirect: uri, State: query.Get("state"), Challenge: query.Get("code_challenge")}, nil
}

// allows reports whether a redirect address is registered.
func (w *World) allows(uri string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.redirects[uri]
}

// wrongChallenge is the error of a PKCE challenge; nil: it is in order.
func (rules OAuthRules) wrongChallenge(query url.Values) *Problem {
	method, challenge := query.Get("code_challenge_method"), query.Get("code_challenge")
	methodless := method == "" && rules.Challenge == ChallengeRequired
	switch {
	case challenge == "" && rules.Challenge == ChallengeRequired:
		return &Problem{"This address cannot be used", "The parameter code_challenge is required."}
	case challenge == "" && method == "":
		return nil
	case method != "S256" && !methodless || len(challenge) != 43:
		return &Problem{
			"This address cannot be used", "A code_challenge comes with code_challenge_method=S256 and has 43 characters.",
		}
	}
	return nil
}

// SendBack is the way back to the app with what is in values, and the state.
func (e *Env) SendBack(person string, ask AuthRequest, values url.Values) string {
	back, err := url.Parse(ask.Redirect)
	if err != nil {
		return ask.Redirect // ReadAuthRequest has parsed it before
	}
	query := back.Query()
	for name, list := range values {
		query[name] = list
	}
	if ask.State != "" {
		query.Set("state", ask.State)
		if e.IsOn("state_changed", person) {
			query.Set("state", ask.State+"x")
		}
	}
	back.RawQuery = query.Encode()
	return back.String()
}

// IssueCode makes a code that works once, within the platform's life of a code.
func (e *Env) IssueCode(c Code) string {
	value := RandomHex(48)
	c.platform = e.info.Name
	c.ends = e.Now().Add(cmp.Or(e.info.Rules.CodeLife, codeLife))
	c.used = e.IsOn("code_spent", c.Person)
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	e.world.codes[value] = &c
	return value
}

// TakeCode uses a code up. A code is also used up by a failed try: whoever
// guesses at the verifier gets one guess.
func (e *Env) TakeCode(value, redirect, verifier string) (*Code, error) {
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	c := e.world.codes[value]
	switch {
	case c == nil || c.platform != e.info.Name:
		return nil, ErrCodeUnknown
	case c.used:
		return nil, ErrCodeUsed
	case e.Now().After(c.ends):
		return nil, ErrCodeExpired
	}
	c.used = true
	if redirect != c.Redirect {
		return nil, ErrCodeRedirect
	}
	if c.Challenge != "" {
		sum := sha256.Sum256([]byte(verifier))
		if len(verifier) < 43 || len(verifier) > 128 ||
			!SecretsEqual(base64.RawURLEncoding.EncodeToString(sum[:]), c.Challenge) {
			return nil, ErrCodeVerifier
		}
	} else if verifier != "" {
		return nil, ErrCodeVerifier
	}
	return c, nil
}

// unknownParam names a parameter that is not among known, or is there twice.
func unknownParam(query url.Values, known []string) string {
	for name, values := range query {
		if !slices.Contains(known, name) || len(values) != 1 {
			return name
		}
	}
	return ""
}

// BearerToken is the token of an Authorization header, or "".
func BearerToken(r *http.Request) string {
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return ""
	}
	return token
}
