//go:build !quick

package platforms

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// front is a proxy between the relay and one fake platform. It records returned
// tokens, and misbehaves on demand.
type front struct {
	URL string

	to     string
	client *http.Client

	mu     sync.Mutex
	hosts  []string // of the calls
	tokens []string // returned by the platform
	times  []time.Time
	queue  []misbehaviour
	// renewals applies queue to renewals, too.
	renewals bool
	// misbehaved reports whether one of queue has responded.
	misbehaved bool
}

// misbehaviour responds instead of the platform. genuine is the platform's
// response; a nil misbehaviour passes it on.
type misbehaviour func(rw http.ResponseWriter, r *http.Request, genuine reply)

// reply is a platform's complete response.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func newFront(t testing.TB, to string) *front {
	t.Helper()
	f := &front{to: to, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	server := httptest.NewServer(f)
	f.URL = server.URL
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
		f.client.CloseIdleConnections()
	})
	return f
}

// next queues the behaviour of the next calls.
func (f *front) next(queue ...misbehaviour) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.queue, f.misbehaved, f.renewals = queue, false, false
}

// nextRenewal sets the behaviour of the next renewal.
func (f *front) nextRenewal(by misbehaviour) {
	f.next(by)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.renewals = true
}

// taken returns and clears the recorded tokens and hosts.
func (f *front) taken() (tokens, hosts []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	tokens, hosts = f.tokens, f.hosts
	f.tokens, f.hosts = nil, nil
	return tokens, hosts
}

func (f *front) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(r.Body)
	if err != nil {
		return // the caller is gone
	}
	again, err := http.NewRequestWithContext(r.Context(), r.Method, f.to+r.URL.RequestURI(), bytes.NewReader(text))
	if err != nil {
		http.Error(rw, err.Error(), http.StatusInternalServerError)
		return
	}
	again.Header, again.Host = r.Header, r.Host
	answer, err := f.client.Do(again)
	if err != nil {
		return // the caller or the platform is gone
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return // the caller is gone
	}
	genuine := reply{answer.StatusCode, answer.Header, body}
	f.mu.Lock()
	f.hosts = append(f.hosts, r.Host)
	f.times = append(f.times, time.Now())
	f.tokens = append(f.tokens, tokensIn(body)...)
	var answers misbehaviour
	// The hub renews by itself: skip renewals, unless one is meant.
	if renewal := bytes.Contains(text, []byte("grant_type=refresh_token")); len(f.queue) > 0 && (!renewal || f.renewals) {
		answers, f.queue = f.queue[0], f.queue[1:]
		f.misbehaved = f.misbehaved || answers != nil
	}
	f.mu.Unlock()
	if answers == nil {
		answers = passOn
	}
	answers(rw, r, genuine)
}

func passOn(rw http.ResponseWriter, _ *http.Request, genuine reply) {
	for name, values := range genuine.header {
		if name != "Content-Length" {
			rw.Header()[name] = values
		}
	}
	rw.WriteHeader(genuine.status)
	_, _ = rw.Write(genuine.body) // the caller may have disconnected
}

// edited changes a JSON object; other bodies pass unchanged.
func edited(edit func(object map[string]any)) misbehaviour {
	return func(rw http.ResponseWriter, r *http.Request, genuine reply) {
		var object map[string]any
		reader := json.NewDecoder(bytes.NewReader(genuine.body))
		reader.UseNumber()
		if reader.Decode(&object) == nil && object != nil {
			edit(object)
			genuine.body, _ = json.Marshal(object) // decoded from JSON, so it encodes
		}
		passOn(rw, r, genuine)
	}
}

// tokensIn are the secrets in a response of any form.
func tokensIn(body []byte) []string {
	var found []string
	var look func(name string, v any)
	look = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				look(name, inner)
			}
		case []any:
			for _, inner := range v {
				look(name, inner)
			}
		case string:
			if strings.HasSuffix(name, "_token") && !slices.Contains(found, v) {
				found = append(found, v)
			}
		}
	}
	var decoded any
	if json.Unmarshal(body, &decoded) == nil {
		look("", decoded)
	}
	return found
}

// heard reports whether the queued behaviour was used, or there was none.
func (f *front) heard() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	wanted := slices.ContainsFunc(f.queue, func(m misbehaviour) bool { return m != nil })
	return f.misbehaved || !wanted
}

// calm waits for the rate limit of a platform with five calls a second.
func (f *front) calm() {
	for {
		f.mu.Lock()
		n := len(f.times)
		busy := n >= 4 && time.Since(f.times[n-4]) < 1100*time.Millisecond
		f.mu.Unlock()
		if !busy {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
