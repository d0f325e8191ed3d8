//go:build !quick

package platforms

import (
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// negative is an invalid sign-in. It must store nothing.
type negative struct {
	name string
	// only reports for which platforms the case exists; nil: all.
	only func(st *stage) bool
	// away happens during the visit at the platform; nil: the client allows
	// everything.
	away func(t *testing.T, a *attempt)
	// back is how the client returns; nil: as redirected.
	back func(t *testing.T, a *attempt)
	// own: the case ends its request, and so needs its own; fresh: it ends its
	// visit.
	own, fresh bool
}

// attempt is one sign-in in progress.
type attempt struct {
	*stage
	request string
	link    string
	before  map[string]int     // stored rows before the return
	v       *relaytest.Browser // the client's browser
	list    string             // the page before the sign-in
	address string             // at the platform
	back    *url.URL           // the callback; nil: none
	page    webtest.Page       // the final page
	other   *url.URL           // another callback, if a case needs one
	v2      *relaytest.Browser // another browser, if a case needs one
}

// comes opens a changed callback.
func (a *attempt) comes(change func(values url.Values)) {
	if a.back == nil {
		return
	}
	a.v.Open(with(a.back, change))
	a.page = a.v.Page
}

func with(back *url.URL, change func(values url.Values)) string {
	changed := *back
	values := changed.Query()
	if change != nil {
		change(values)
	}
	changed.RawQuery = values.Encode()
	return changed.String()
}

// query is a case with a changed callback.
func query(name string, change func(values url.Values)) negative {
	return negative{name: name, back: func(_ *testing.T, a *attempt) { a.comes(change) }}
}

func replaced(field string, by func(was string) string) func(values url.Values) {
	return func(v url.Values) { v.Set(field, by(v.Get(field))) }
}

func swapCase(text string) string {
	if upper := strings.ToUpper(text); upper != text {
		return upper
	}
	return strings.ToLower(text)
}

// states are cases with an invalid state.
func states() []negative {
	return []negative{
		query("no state", func(v url.Values) { v.Del("state") }),
		query("an empty state", func(v url.Values) { v.Set("state", "") }),
		query("two states", func(v url.Values) { v.Add("state", v.Get("state")) }),
		query("a state without its beginning", replaced("state", func(was string) string { return was[1:] })),
		query("a state without its end", replaced("state", func(was string) string { return was[:len(was)-1] })),
		query("a state with more behind it", replaced("state", func(was string) string { return was + "x" })),
		query("a state in the other case", replaced("state", swapCase)),
		query("a made-up state", func(v url.Values) { v.Set("state", strings.Repeat("A", 43)) }),
		query("a state with NUL", replaced("state", func(was string) string { return was + "\x00" })),
		query("a state with a space", replaced("state", func(was string) string { return was + " " })),
		query("a state far too long", func(v url.Values) { v.Set("state", strings.Repeat("a", 9000)) }),
		query("a state that is markup", func(v url.Values) { v.Set("state", "<script>alert(1)</script>") }),
		query("a state under another name", func(v url.Values) { v.Set("State", v.Get("state")); v.Del("state") }),
		{name: "a state that was used with a bad code", back: func(_ *testing.T, a *attempt) {
			a.v.Open(with(a.back, func(v url.Values) { v.Set("code", "made-up") }))
			a.comes(nil)
		}},
		{name: "a state that was used to cancel", back: func(_ *testing.T, a *attempt) {
			a.v.Open(with(a.back, func(v url.Values) { v.Del("code"); v.Set("error", "access_denied") }))
			a.comes(nil)
		}},
	}
}

// codes are cases with an invalid code.
func codes() []negative {
	return []negative{
		query("no code", func(v url.Values) { v.Del("code") }),
		query("an empty code", func(v url.Values) { v.Set("code", "") }),
		query("two codes", func(v url.Values) { v.Add("code", v.Get("code")) }),
		query("a made-up code", func(v url.Values) { v.Set("code", "made-up") }),
		query("a code without its end", replaced("code", func(was string) string { return was[:len(was)-1] })),
		query("a code with more behind it", replaced("code", func(was string) string { return was + "x" })),
		query("a code in the other case", replaced("code", swapCase)),
		query("a code too long", func(v url.Values) { v.Set("code", strings.Repeat("a", 5000)) }),
		query("a code with NUL", replaced("code", func(was string) string { return was + "\x00" })),
		query("a code that is markup", func(v url.Values) { v.Set("code", "<img src=x onerror=alert(1)>") }),
		query("a code with parameters in it", func(v url.Values) { v.Set("code", "x&grant_type=client_credentials&code=y") }),
		query("a code under another name", func(v url.Values) { v.Set("auth_code", v.Get("code")); v.Del("code") }),
		{name: "a code that the platform gave before", away: func(t *testing.T, a *attempt) {
			a.Fault(string(a.id()), "code_spent", true)
			a.back = a.allow(t, a.address)
			a.Fault(string(a.id()), "code_spent", false)
		}},
		{name: "a code of another platform", away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.other = foreignCode(t, a.stage)
		}, back: func(_ *testing.T, a *attempt) {
			a.comes(func(v url.Values) { v.Set("code", a.other.Query().Get("code")) })
		}},
		{name: "a code for another way back", away: func(t *testing.T, a *attempt) {
			elsewhere := a.URL + "/callback/" + string(a.id()) + "/other"
			a.World.AllowRedirect(elsewhere)
			a.back = a.allow(t, changed(a.address, func(v url.Values) { v.Set("redirect_uri", elsewhere) }))
			a.back.Path = strings.TrimSuffix(a.back.Path, "/other")
		}},
		{name: "another sign-in's code of the same person", only: pkce, away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.v2 = a.enter(a.link)
			a.other = a.allow(t, a.leave(a.v2))
		}, back: func(_ *testing.T, a *attempt) {
			a.comes(func(v url.Values) { v.Set("code", a.other.Query().Get("code")) })
		}},
		{name: "a code of another tab", only: pkce, away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.v.Open(a.list)
			a.other = a.allow(t, a.leave(a.v))
		}, back: func(_ *testing.T, a *attempt) {
			a.comes(func(v url.Values) { v.Set("code", a.other.Query().Get("code")) })
		}},
		{name: "a code of somebody else there", only: pkce, away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.v2 = a.enter(a.link)
			a.other = a.walk(t, a.Browser(), a.leave(a.v2), a.rehearsal.other)
			if a.other == nil {
				t.Fatal("the other person did not come back")
			}
		}, back: func(_ *testing.T, a *attempt) {
			a.comes(func(v url.Values) { v.Set("code", a.other.Query().Get("code")) })
		}},
	}
}

func pkce(st *stage) bool { return st.pkce }

func noPKCE(st *stage) bool { return !st.pkce }

// changed changes the query of a URL.
func changed(address string, change func(values url.Values)) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return with(u, change)
}

// foreignCode is a callback of another platform, with a code that works there.
func foreignCode(t *testing.T, st *stage) *url.URL {
	t.Helper()
	for _, p := range rehearsals() {
		if p.id() == st.id() {
			continue
		}
		_, link := st.Request(p.service)
		there := &stage{Scene: st.Scene, rehearsal: p, person: st.Browser()}
		return there.allow(t, there.leave(there.enter(link)))
	}
	t.Fatal("there is no other platform")
	return nil
}

// started are sign-ins whose authorization URL was changed. The platform may
// stop, or return a code that the relay cannot use.
func started(name string, only func(*stage) bool, change func(values url.Values)) negative {
	return negative{name: name, only: only, away: func(t *testing.T, a *attempt) {
		a.back = a.walk(t, a.Browser(), changed(a.address, change), a.presses)
	}}
}

// challenges are cases with a changed PKCE challenge.
func challenges() []negative {
	return []negative{
		started(
			"the challenge is taken out", pkce, func(v url.Values) { v.Del("code_challenge"); v.Del("code_challenge_method") },
		),
		started("another challenge", pkce, func(v url.Values) { v.Set("code_challenge", strings.Repeat("A", 43)) }),
		started("the challenge in the other case", pkce, replaced("code_challenge", swapCase)),
		started("the challenge is empty", pkce, func(v url.Values) { v.Set("code_challenge", "") }),
		started("the method is plain", pkce, func(v url.Values) { v.Set("code_challenge_method", "plain") }),
		started("a short challenge", pkce, func(v url.Values) { v.Set("code_challenge", "short") }),
		started("two challenges", pkce, func(v url.Values) { v.Add("code_challenge", strings.Repeat("A", 43)) }),
		started("a challenge where none is used", noPKCE, func(values url.Values) {
			values.Set("code_challenge", strings.Repeat("A", 43))
			values.Set("code_challenge_method", "S256")
		}),
		started("a plain challenge where none is used", noPKCE, func(values url.Values) {
			values.Set("code_challenge", strings.Repeat("A", 43))
			values.Set("code_challenge_method", "plain")
		}),
	}
}

// redirects are callbacks at another URL than the registered one.
func redirects() []negative {
	variants := map[string]func(was string) string{
		"a slash at its end": func(was string) string { return was + "/" },
		"a query":            func(was string) string { return was + "?x=1" },
		"a fragment":         func(was string) string { return was + "#x" },
		"a way up in it":     func(was string) string { return was + "/../../w" },
		"an encoded way up":  func(was string) string { return was + "/%2e%2e/w" },
		"another host":       func(string) string { return "https://evil.example/callback" },
		"a user in it":       func(was string) string { return strings.Replace(was, "://", "://evil.example@", 1) },

		"a host behind its host": func(was string) string {
			return strings.Replace(was, "localhost",
				"localhost.evil.example", 1)
		},
		"a number for its host": func(was string) string { return strings.Replace(was, "localhost", "127.0.0.1", 1) },
		"another port":          func(was string) string { return was[:strings.LastIndex(was, ":")] + ":1/callback" },
		"another scheme":        func(was string) string { return strings.Replace(was, "http:", "javascript:", 1) },
		"capitals":              strings.ToUpper,
		"a backslash":           func(was string) string { return strings.Replace(was, "://", `:\\`, 1) },
		"a line break":          func(was string) string { return was + "\r\nSet-Cookie: x=1" },
		"nothing":               func(string) string { return "" },
	}
	var list []negative
	for _, name := range slices.Sorted(maps.Keys(variants)) {
		list = append(list, started("the way back has "+name, nil, replaced("redirect_uri", variants[name])))
	}
	return append(list,
		started("the way back is there twice", nil, func(v url.Values) { v.Add("redirect_uri", "https://evil.example/") }),
		started("the way back is left out", nil, func(v url.Values) { v.Del("redirect_uri") }),
		started("another app", nil, func(v url.Values) { v.Set("client_id", "1001") }),
	)
}

// platformErrors are cases of a callback's error.
func platformErrors() []negative {
	var list []negative
	for _, code := range []string{
		"access_denied", "access-denied", "consent_required", "interaction_required", "login_required",
		"temporarily_unavailable", "server_error",
		"invalid_scope", "insufficient_scope", "unauthorized_client", "invalid_client", "invalid_request",
		"unsupported_response_type",
		"OAUTH_EC_APP_NOT_FOUND", "OAUTH_APPROVAL_ERROR_GENERIC", "admin_policy_enforced", "org_internal",
		"nobody_knows_this", "", "0",
		"<script>alert(1)</script>", "a\x00b", "a\r\nSet-Cookie: x=1", strings.Repeat("x", 9000), "%s%n%p", "日本語",
		"../../etc/passwd",
	} {
		name := code
		if len(name) > 40 {
			name = "long"
		}
		list = append(list, query("the error "+name, func(v url.Values) { v.Del("code"); v.Set("error", code) }))
	}
	return append(list,
		query("denied with a code beside it", func(v url.Values) { v.Set("error", "access_denied") }),
		query("an empty error with a code beside it", func(v url.Values) { v.Set("error", "") }),
		query("two errors", func(v url.Values) { v.Add("error", "access_denied"); v.Add("error", "server_error") }),
		query("an error with markup beside it", func(values url.Values) {
			values.Del("code")
			values.Set("error", "access_denied")
			values.Set("error_description", "<img src=x onerror=alert(1)>")
			values.Set("error_uri", "javascript:alert(1)")
		}),
	)
}

// issuers are wrong values of iss, for platforms that send one.
func issuers() []negative {
	promised := func(st *stage) bool { return st.issuer != "" }
	var list []negative
	for name, iss := range map[string]string{"another": "https://evil.example", "an empty": "", "a relative": "/",
		"a lookalike": "https://accounts.google.com.evil.example"} {
		list = append(list, negative{name: name + " issuer", only: promised, back: func(_ *testing.T, a *attempt) {
			a.comes(func(v url.Values) { v.Set("iss", iss) })
		}})
	}
	return append(list, negative{name: "two issuers", only: promised, back: func(_ *testing.T, a *attempt) {
		a.comes(func(v url.Values) { v["iss"] = []string{a.issuer, a.issuer} })
	}})
}

// elsewhere are callbacks in another browser, visit or request.
func elsewhere() []negative {
	list := []negative{
		{name: "another browser", back: func(_ *testing.T, a *attempt) {
			stranger := a.Browser()
			stranger.Open(a.back.String())
			a.page = stranger.Page
		}},
		{name: "another browser, twice", back: func(_ *testing.T, a *attempt) {
			stranger := a.Browser()
			stranger.Open(a.back.String())
			stranger.Reload()
			a.page = stranger.Page
		}},
		{name: "a colleague's browser", away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.v2 = a.enter(a.link)
		}, back: func(_ *testing.T, a *attempt) {
			a.v2.Open(a.back.String())
			a.page = a.v2.Page
		}},
		{name: "a browser with another request's visit", away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.v2 = a.enter(a.Link(a.service))
		}, back: func(_ *testing.T, a *attempt) {
			a.v2.Open(a.back.String())
			a.page = a.v2.Page
		}},
		{name: "somebody's account in a victim's visit", away: func(t *testing.T, a *attempt) {
			a.back = a.walk(t, a.Browser(), a.address, a.rehearsal.other)
			if a.back == nil {
				t.Fatal("the attacker did not come back")
			}
			a.v2 = a.enter(a.link)
			a.leave(a.v2)
		}, back: func(_ *testing.T, a *attempt) {
			a.v2.Open(a.back.String())
			a.page = a.v2.Page
		}},
		{name: "a cookie that was fixed before", away: func(t *testing.T, a *attempt) {
			a.back = a.allow(t, a.address)
			a.v2 = a.Browser()
			at, err := url.Parse(a.URL)
			if err != nil {
				t.Fatal(err)
			}
			for _, cookie := range a.v.Jar().Cookies(at) {
				a.v2.Jar().SetCookies(at, []*http.Cookie{{Name: cookie.Name, Value: strings.Repeat("A", len(cookie.Value)),
					Path: "/"}})
			}
		}, back: func(_ *testing.T, a *attempt) {
			a.v2.Open(a.back.String())
			a.page = a.v2.Page
		}},
		{name: "a phone", back: func(_ *testing.T, a *attempt) {
			a.v.UserAgent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
				"Version/19.0 Mobile/15E148 Safari/604.1"
			a.comes(nil)
			a.v.UserAgent = ""
		}},
		{name: "I am someone else meanwhile", fresh: true, back: func(_ *testing.T, a *attempt) {
			a.v.Open(a.link)
			a.v.Press("I am someone else")
			a.comes(nil)
		}},
	}
	for _, method := range []string{http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete,
		http.MethodOptions, http.MethodPatch} {
		list = append(list, negative{name: "by " + method, back: func(t *testing.T, a *attempt) {
			a.page = webtest.Page{Status: send(t, a.v.Jar(), method, a.back.String(), nil).StatusCode}
		}})
	}
	for _, of := range append(all.Platforms(), "", "nothing", "..") {
		list = append(list, negative{
			name: "delivered to " + string(of), only: func(st *stage) bool { return of != st.id() },
			back: func(t *testing.T, a *attempt) {
				to := *a.back
				to.Path = "/callback/" + string(of)
				a.page = webtest.Page{Status: send(t, a.v.Jar(), http.MethodGet, to.String(), nil).StatusCode}
			},
		})
	}
	return list
}

// answered are cases in which the platform's API omits or adds something.
func answered() []negative {
	type wrong struct {
		name string
		by   misbehaviour
	}
	var list []negative
	token := func(name string, by misbehaviour) {
		list = append(list, negative{name: "the token's result: " + name, back: func(_ *testing.T, a *attempt) {
			a.front.next(by)
			a.comes(nil)
		}})
	}
	for _, c := range []change{
		{"no access token", set("access_token", nil)},
		{"an empty access token", set("access_token", "")},
		{"an access token that is a number", set("access_token", 12)},
		{"an access token that is a list", set("access_token", []string{"a"})},
		{"an access token that is an object", set("access_token", map[string]any{"a": "b"})},
		{"an access token that is true", set("access_token", true)},
		{"another person's access token", set("access_token", "EAAUnobodys")},
	} {
		token(c.name, edited(c.edit))
	}
	for _, body := range []string{`{"error":"invalid_grant"}`, `{}`, `[]`, `null`, `"token"`, ``} {
		token("status 200 with "+body, written(http.StatusOK, "application/json", body))
	}
	refreshing := func(name string, by misbehaviour) {
		list = append(list, negative{
			name: "the token's result: " + name, only: func(st *stage) bool { return st.refreshes },
			back: func(_ *testing.T, a *attempt) {
				a.front.next(by)
				a.comes(nil)
			},
		})
	}
	refreshing("no refresh token", edited(set("refresh_token", nil)))
	refreshing("an empty refresh token", edited(set("refresh_token", "")))
	refreshing("a refresh token that is a list", edited(set("refresh_token", []string{"a"})))
	for _, w := range []wrong{
		{"an empty object", written(http.StatusOK, "application/json", `{}`)},
		{"a list", written(http.StatusOK, "application/json", `[]`)},
		{"text", written(http.StatusOK, "application/json", `"me"`)},
		{"an error with status 200", written(http.StatusOK, "application/json", `{"error":"invalid_token"}`)},
		{"a sign-in page", written(http.StatusOK, "text/html", `<html><title>Sign in</title></html>`)},
		{"another status", written(http.StatusUnauthorized, "application/json", `{}`)},
	} {
		list = append(list, negative{name: "the account is " + w.name, back: func(_ *testing.T, a *attempt) {
			a.front.next(nil, w.by)
			a.comes(nil)
		}})
	}
	return list
}

// written is a misbehaviour with a response of its own.
func written(status int, kind, body string) misbehaviour {
	return func(rw http.ResponseWriter, _ *http.Request, _ reply) {
		rw.Header().Set("Content-Type", kind)
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body)) // the caller may have disconnected
	}
}

// ofItsOwn are the platform's own cases.
func ofItsOwn(p rehearsal) []negative {
	list := slices.Clone(p.backs)
	for _, c := range p.tokens {
		list = append(list, negative{name: "the token's result: " + c.name, back: func(_ *testing.T, a *attempt) {
			a.front.next(edited(c.edit))
			a.comes(nil)
		}})
	}
	for _, c := range p.identities {
		list = append(list, negative{name: "the account: " + c.name, back: func(_ *testing.T, a *attempt) {
			queue := make([]misbehaviour, 1, a.accounts+1)
			for range a.accounts {
				queue = append(queue, edited(c.edit))
			}
			a.front.next(queue...)
			a.comes(nil)
		}})
	}
	return list
}

// consents are grants with fewer scopes than requested.
func consents() []negative {
	return []negative{
		{name: "a scope is not granted", only: func(st *stage) bool {
			if st.optional || st.World.SetFault(string(st.id()), "scope_unticked", true) != nil {
				return false
			}
			return st.World.SetFault(string(st.id()), "scope_unticked", false) == nil
		}, away: func(t *testing.T, a *attempt) {
			a.Fault(string(a.id()), "scope_unticked", true)
			a.back = a.walk(t, a.Browser(), a.address, a.rehearsal.other)
			a.Fault(string(a.id()), "scope_unticked", false)
		}},
		{name: "the platform changed the state", away: func(t *testing.T, a *attempt) {
			a.Fault(string(a.id()), "state_changed", true)
			a.back = a.allow(t, a.address)
			a.Fault(string(a.id()), "state_changed", false)
		}},
	}
}

// ended are requests that end during the visit at the platform.
func ended() []negative {
	return []negative{
		{name: "the request is withdrawn", own: true, back: func(t *testing.T, a *attempt) {
			if err := a.Hub.Outbox.Withdraw(t.Context(), a.request); err != nil {
				t.Fatal(err)
			}
			a.Sync()
			a.comes(nil)
		}},
		{name: "a colleague has finished", own: true, back: func(t *testing.T, a *attempt) {
			a.finishes(t)
			a.before = a.counted(t)
			a.comes(nil)
		}},
		{name: "the agency is suspended", own: true, back: func(t *testing.T, a *attempt) {
			if _, err := a.Admin.SuspendAgency(t.Context(), a.Agency.ID, true); err != nil {
				t.Fatal(err)
			}
			a.comes(nil)
			if _, err := a.Admin.SuspendAgency(t.Context(), a.Agency.ID, false); err != nil {
				t.Fatal(err)
			}
		}},
	}
}

// finishes has a colleague connect something and finish the request.
func (a *attempt) finishes(t *testing.T) {
	t.Helper()
	colleague := a.enter(a.link)
	colleague.Open(a.allow(t, a.leave(colleague)).String())
	if colleague.Page.Has("Connect Assets") {
		colleague.Tick("Harbour & Pine EU")
		colleague.Press("Connect Assets")
	} else {
		colleague.Follow("Close")
	}
	colleague.Follow("Next Step")
	colleague.Press("Finish")
	colleague.Reads("You are done")
}

// late are cases that move a clock, and so run last.
func late() []negative {
	return []negative{
		{name: "a code that is too old", back: func(_ *testing.T, a *attempt) {
			a.clock.Advance(20 * time.Minute)
			a.comes(nil)
		}},
		{name: "a state that is too old", back: func(_ *testing.T, a *attempt) {
			a.Pass(11 * time.Minute)
			a.comes(nil)
		}},
		{name: "the link has expired", own: true, back: func(t *testing.T, a *attempt) {
			a.Pass(32 * 24 * time.Hour)
			if err := a.Relay.Relay.RunDueJobs(t.Context()); err != nil {
				t.Fatal(err)
			}
			a.before = a.counted(t)
			a.comes(nil)
		}},
	}
}

func negatives(p rehearsal) []negative {
	return slices.Concat(states(), codes(), challenges(), redirects(), platformErrors(), issuers(), elsewhere(),
		answered(), ofItsOwn(p), consents(), ended(), late())
}

// TestASignInThatIsNotInOrderStoresNothing runs every case twice: at once, and
// with a restart of the relay before the callback.
func TestASignInThatIsNotInOrderStoresNothing(t *testing.T) {
	t.Parallel()
	var now, afterRestart tally
	t.Run("platforms", func(t *testing.T) {
		parallel(t, func(t *testing.T, p rehearsal) {
			st := newStage(t, p, 0)
			st.connects(t, st.begins(t, negative{own: true})) // else the cases would fail for another reason
			for _, c := range negatives(p) {
				if c.only != nil && !c.only(st) {
					continue
				}
				now.add(p.id())
				t.Run(c.name, func(t *testing.T) { st.begins(t, c).ends(t, c) })
			}
		})
		parallel(t, func(t *testing.T, p rehearsal) {
			st := newStage(t, p, 0)
			begun := map[string]*attempt{}
			control := st.begins(t, negative{own: true})
			for _, c := range negatives(p) {
				if c.only == nil || c.only(st) {
					begun[c.name] = st.begins(t, c)
				}
			}
			st.Restart()
			st.connects(t, control) // else the cases below would fail for another reason
			for _, c := range negatives(p) {
				if a := begun[c.name]; a != nil {
					afterRestart.add(p.id())
					t.Run(c.name+", after a restart", func(t *testing.T) { a.ends(t, c) })
				}
			}
		})
	})
	now.atLeast(t, all.Apps(), 60)
	afterRestart.atLeast(t, all.Apps(), 60)
}

// connects ends a sign-in in order, after somebody else's look at its callback:
// that uses nothing up.
func (st *stage) connects(t *testing.T, a *attempt) {
	t.Helper()
	before := st.counted(t)
	st.Browser().Open(a.back.String())
	a.comes(nil)
	after := st.counted(t)
	st.Sync() // so that no deliveries are fetched during the cases
	if a.page.Status != http.StatusOK || maps.Equal(before, after) {
		t.Fatalf("a sign-in in order did not connect anything (%d): %s\n%s", a.page.Status, a.page.Text(), st.Log)
	}
}

// begins goes to the platform and allows the access there.
func (st *stage) begins(t *testing.T, c negative) *attempt {
	t.Helper()
	a := &attempt{stage: st, request: st.request, link: st.link}
	st.begun++
	if c.own {
		a.request, a.link = st.Request(st.service)
	}
	switch {
	case c.own || c.fresh:
		a.v = a.enter(a.link)
		a.list = a.v.Page.URL.String()
	case st.visit == nil || st.begun%10 == 0: // the relay bounds the forms and the open sign-ins of a visit
		st.visit = a.enter(a.link)
		st.list = st.visit.Page.URL.String()
		fallthrough
	default:
		a.v, a.list = st.visit, st.list
		a.v.Open(a.list)
	}
	a.address = st.leave(a.v)
	if c.away == nil {
		a.back = st.allow(t, a.address)
	} else {
		c.away(t, a)
	}
	return a
}

// ends opens the callback and checks what is stored and shown.
func (a *attempt) ends(t *testing.T, c negative) {
	t.Helper()
	a.before = a.counted(t)
	a.front.taken()
	switch {
	case a.back == nil: // without a callback
		a.v.Open(a.list)
		a.page = a.v.Page
	case c.back == nil:
		a.comes(nil)
	default:
		c.back(t, a)
	}
	if !a.front.heard() {
		t.Error("the platform was not asked what this case is about")
	}
	a.front.next()
	for name, n := range a.counted(t) {
		if n > a.before[name] { // fewer: the hub has fetched a delivery meanwhile
			t.Errorf("%d %s, before %d; the page says: %s", n, name, a.before[name], a.page.Text())
		}
	}
	tokens, hosts := a.front.taken()
	for _, host := range hosts {
		if strings.Contains(host, "evil") || net.ParseIP(host) != nil || !strings.Contains(host, ".") {
			t.Errorf("%s was called", host)
		}
	}
	a.holdsNo(t, tokens)
	if a.page.Status == 0 || a.page.Status >= http.StatusInternalServerError {
		t.Errorf("status %d: %s", a.page.Status, a.page.Text())
	}
	if a.page.HTML != "" && !wayOn(a.page) {
		t.Errorf("the page %q shows no way on: %q %q %s", a.page.Title(), a.page.Buttons(), a.page.Links(), a.page.Text())
	}
	if strings.Contains(a.page.HTML, "<script>alert") || strings.Contains(a.page.HTML, "<img src=x") {
		t.Error("the page holds markup from outside")
	}
}
