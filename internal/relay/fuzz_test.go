package relay_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// slow is when an answer to nonsense has taken too long, also under the race
// detector on a busy machine.
const slow = 20 * time.Second

// Whatever a device asks, the relay's own fault it never is.
func FuzzQuestions(f *testing.F) {
	rl := relaytest.Start(f, relaytest.Config{Idle: true})
	ana := rl.Enrol(f, rl.AddAgency(f, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
	methods := wire.All()
	for _, body := range []string{
		`{}`, `null`, `[]`, `"x"`, `1e999`, `{"request":{"id":"a","client":"x","services":["hubspot"]}}`,
		`{"id":"\u0000","recipients":[{"id":"r","address":"a@x.example"}]}`,
		`{"item":"x","version":-1,"refresh":"x","proof":"x"}`, `{"after":{"n":-1,"mark":"x","view":9223372036854775807}}`,
		`{"company":"x","logo":"AAAA"}`, `{"a":{"a":{"a":{"a":1}}}}`, "{\"id\":\"\xff\"}",
		`{"request":{"id":"a","link":"` + rl.URL + `/r/x","owner":"` + ana.Member.ID + `"}}`, `{"code":"00000000"}`,
		`{"id":"a","created":9223372036854775808}`, `{"on":true}`,
	} {
		for m := range methods {
			f.Add(uint8(m), []byte(body))
		}
	}
	handler := rl.Relay.Handler()
	f.Fuzz(func(t *testing.T, method uint8, body []byte) {
		m := methods[int(method)%len(methods)]
		if m.Path == wire.Revoke.Path || m.Path == wire.RemoveMember.Path {
			return // it would take the device away from those that follow
		}
		r := httptest.NewRequest(http.MethodPost, m.Path, bytes.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+ana.Token.Reveal())
		r.Header.Set("Latchkey-Wire", "1")
		answer := httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(answer, r)
		if answer.Code >= 500 || time.Since(began) > slow {
			t.Errorf("%s of %q: %d after %s: %s", m.Path, body, answer.Code, time.Since(began), answer.Body)
		}
	})
}

// Whatever a browser asks, with a visit's cookie or without, there is a page,
// and it is no page of an error of ours.
func FuzzPages(f *testing.F) {
	s := relaytest.NewSceneOn(f, relaytest.Config{Idle: true})
	link := s.Link(onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign)
	v := s.Browser()
	v.Enter(link, "Lena Park", "lena@harbour.example")
	visit := strings.SplitN(v.Page.URL.Path, "/", 4)[2]
	jar := v.Jar().Cookies(v.Page.URL)
	token := link[strings.LastIndex(link, "/"):]
	for _, path := range []string{
		"/r" + token, "/r" + token + "/about", "/r" + token + "/email-me", "/r" + token + "/report", "/l/x/not-for-me",
		"/w/" + visit, "/w/" + visit + "/facebook/assets", "/w/" + visit + "/facebook/why/x",
		"/w/" + visit + "/platforms/activecampaign/key", "/w/" + visit + "/skip/hubspot", "/w/" + visit + "/skip/nothing",
		"/callback/hubspot", "/callback/nothing", "/connect/x", "/brand/zzz.css", "/logo/x/y.png", "/touch", "//evil.example",
		"/r/../w", "/w/%2e%2e/",
	} {
		for _, query := range []string{
			"", "state=x&code=y", "state=x&state=y", "error=%0d%0aSet-Cookie:x", "code=" + strings.Repeat("A", 5000),
			"%zz=1&a=%00", "iss=x&error=access_denied",
		} {
			f.Add(path, query, "name=Lena&email=a@x.example&text=x&reason=x&url=https://a.api-us1.com&key=k", true)
			f.Add(path, query, "", false)
		}
	}
	handler := s.Relay.Relay.Handler()
	f.Fuzz(func(t *testing.T, path, query, form string, post bool) {
		method, body := http.MethodGet, ""
		if post {
			method, body = http.MethodPost, form
		}
		if strings.HasSuffix(path, "/key") && post || strings.HasSuffix(path, "/finish") ||
			strings.HasSuffix(path, "/someone-else") {
			return // it would call a platform, or end the visit for those that follow
		}
		asked, err := url.ParseRequestURI((&url.URL{Path: path, RawQuery: query}).RequestURI())
		if err != nil {
			return // the server refuses such a line before it asks anybody
		}
		r := httptest.NewRequest(method, "/", strings.NewReader(body))
		r.URL = asked
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		for _, cookie := range jar {
			r.AddCookie(cookie)
		}
		answer := httptest.NewRecorder()
		began := time.Now()
		handler.ServeHTTP(answer, r)
		if answer.Code >= 500 || time.Since(began) > slow {
			t.Errorf("%s %q ?%q of %q: %d after %s", method, path, query, form, answer.Code, time.Since(began))
		}
		if to, _, _ := strings.Cut(answer.Header().Get("Location"), "?"); to != "" && (!strings.HasPrefix(to, "/") ||
			strings.HasPrefix(to, "//") || strings.ContainsAny(to, "\\\r\n")) {
			t.Errorf("%s %q ?%q of %q leads to %q", method, path, query, form, to)
		}
		for name, values := range answer.Header() {
			if strings.ContainsAny(name+strings.Join(values, ""), "\r\n") {
				t.Errorf("%s %q ?%q: a header is %q: %q", method, path, query, name, values)
			}
		}
	})
}
