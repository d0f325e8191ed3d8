//go:build !quick

package platforms

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

// callLimit bounds one call to a platform in these tests.
const callLimit = 3 * time.Second

// maxSent bounds what a front can send before the guard disconnects: the limit
// of 4 MiB, and two sockets' buffers.
const maxSent = 16 << 20

// fault is one way in which a platform misbehaves. stillRight: the response is
// valid nevertheless, and may be used.
type fault struct {
	name       string
	by         misbehaviour
	stillRight bool
}

// status responds with a status only, or with a page.
func status(code int, header ...string) fault {
	name := fmt.Sprint("status ", code)
	if len(header) > 0 {
		name += " with " + strings.Join(header, ": ")
	}
	return fault{name: name, by: func(rw http.ResponseWriter, _ *http.Request, _ reply) {
		rw.Header().Set("Content-Type", "text/html")
		for i := 0; i+1 < len(header); i += 2 {
			rw.Header().Set(header[i], header[i+1])
		}
		rw.WriteHeader(code)
		_, _ = io.WriteString(rw, "<html><title>Sorry</title></html>") // the caller may have disconnected
	}}
}

func says(body string) fault {
	name := body
	if len(name) > 30 {
		name = name[:30]
	}
	return fault{name: fmt.Sprintf("the body %q", name), by: written(http.StatusOK, "application/json", body)}
}

// raw writes bytes instead of a response, and disconnects.
func raw(name, text string) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, _ *http.Request, _ reply) {
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		_, _ = io.WriteString(conn, text) // the caller may have disconnected
		_ = conn.Close()                  // the connection is to be cut
	}}
}

// reset resets the connection after a part of the platform's response.
func reset(name string, part int) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, _ *http.Request, genuine reply) {
		conn, _, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if part > 0 {
			_, _ = fmt.Fprintf(
				conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(genuine.body)+1,
				genuine.body[:min(part, len(genuine.body))],
			)
		}
		if tcp, is := conn.(*net.TCPConn); is {
			_ = tcp.SetLinger(0) // for RST instead of FIN
		}
		_ = conn.Close() // the connection is to be cut
	}}
}

// again is a fault after which the transport may retry by itself, since a
// reused connection closed without a response.
func again(f fault) fault {
	f.stillRight = true
	return f
}

// replaces replaces every value in the platform's response.
func replaces(name string, by func(v any) any) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, r *http.Request, genuine reply) {
		var v any
		if json.Unmarshal(genuine.body, &v) == nil {
			genuine.body, _ = json.Marshal(everywhere(v, by)) // decoded from JSON, so it encodes
		}
		passOn(rw, r, genuine)
	}}
}

func everywhere(v any, by func(v any) any) any {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			v[name] = everywhere(inner, by)
		}
		return v
	case []any:
		for i, inner := range v {
			v[i] = everywhere(inner, by)
		}
		return v
	}
	return by(v)
}

// rewrites changes the platform's response.
func rewrites(name string, stillRight bool, by func(body []byte) []byte) fault {
	return fault{name: name, stillRight: stillRight, by: func(rw http.ResponseWriter, r *http.Request, genuine reply) {
		genuine.body = by(genuine.body)
		passOn(rw, r, genuine)
	}}
}

// stalls sends a part of a response and then nothing.
func stalls(name, part string) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, r *http.Request, _ reply) {
		if part != "" {
			_, _ = io.WriteString(rw, part) // the caller may have disconnected
			_ = http.NewResponseController(rw).Flush()
		}
		<-r.Context().Done()
	}}
}

// pours repeats a text until the caller disconnects.
func pours(name, begins, again string, sent *atomic.Int64) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, _ *http.Request, _ reply) {
		rw.Header().Set("Content-Type", "application/json")
		chunk := begins + strings.Repeat(again, 1+(64<<10)/len(again))
		for {
			n, err := io.WriteString(rw, chunk)
			if sent.Add(int64(n)); err != nil || sent.Load() > 64<<20 {
				return
			}
			chunk = strings.Repeat(again, 1+(64<<10)/len(again))
		}
	}}
}

func zipped(text string) []byte {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = io.WriteString(w, text) // a buffer accepts everything
	_ = w.Close()                  // a buffer accepts everything
	return packed.Bytes()
}

func gzipped(name string, body []byte) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, _ *http.Request, _ reply) {
		rw.Header().Set("Content-Type", "application/json")
		rw.Header().Set("Content-Encoding", "gzip")
		_, _ = rw.Write(body) // the caller may have disconnected
	}}
}

func headers(name string, n, size int) fault {
	return fault{name: name, by: func(rw http.ResponseWriter, r *http.Request, genuine reply) {
		for i := range n {
			rw.Header().Set(fmt.Sprintf("X-Bomb-%d", i), strings.Repeat("b", size))
		}
		passOn(rw, r, genuine)
	}}
}

// faults lists all faults. sent counts the bytes of pours.
func faults(sent *atomic.Int64) []fault {
	page := "<html><title>Sign in</title><body>Please sign in</body></html>"
	list := []fault{
		status(400), status(401), status(403), status(404), status(418), status(500), status(502), status(503), status(504),
		status(599),
		status(429), status(429, "Retry-After", "1"), status(429, "Retry-After", "soon"),
		status(429, "Retry-After", "999999999999"), status(503, "Retry-After", "-5"),
		status(301, "Location", "https://evil.example/"), status(302, "Location", "/"),
		status(307, "Location", "http://169.254.169.254/"), status(308),
		status(303, "Location", "javascript:alert(1)"), status(304), status(204), status(206),
		stalls("a stall before its answer", ""), stalls("a stall in its answer", `{"access_token":"`),
		again(reset("a reset", 0)), reset("a reset in the answer", 10),
		again(raw("a line that ends", "")), raw("another protocol", "SSH-2.0-OpenSSH_9.9\r\n"),
		raw("another version", "HTTP/9.9 200 OK\r\n\r\n{}"),
		raw("another protocol from now on", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
		raw("two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 90\r\n\r\n{}"),
		raw("a broken chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
		raw("a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}"),
		raw("a header without a name", "HTTP/1.1 200 OK\r\n: x\r\n\r\n{}"),
		{name: "a page", by: written(http.StatusOK, "text/html", page)},
		{name: "a page as JSON", by: written(http.StatusOK, "application/json", page)},
		says(``), says(`{}`), says(`[]`), says(`null`), says(`"text"`), says(`7`), says(`true`), says(`{"data":[`),
		says(`{"error":{}}`), says(`{"error":[]}`), says("\x00\x01\x02"),
		says(strings.Repeat("[", 100_000)), says(strings.Repeat(`{"a":`, 100_000)),
		replaces("numbers everywhere", func(any) any { return 7 }),
		replaces("booleans everywhere", func(any) any { return true }),
		replaces("nulls everywhere", func(any) any { return nil }),
		replaces("lists everywhere", func(v any) any { return []any{v} }),
		replaces("objects everywhere", func(v any) any { return map[string]any{"v": v} }),
		rewrites("an answer cut in the middle", false, func(body []byte) []byte { return body[:len(body)/2] }),
		rewrites("more behind the answer", false, func(body []byte) []byte { return append(body, "}{"...) }),

		rewrites("invalid UTF-8 within", true, func(body []byte) []byte {
			return bytes.Replace(body, []byte(`":"`),
				[]byte("\":\"\xff\xfe"), 1)
		}),
		rewrites("a byte order mark", false, func(body []byte) []byte { return append([]byte("\ufeff"), body...) }),
		rewrites("each name twice", true, func(body []byte) []byte {
			return append(bytes.TrimSuffix(bytes.TrimSpace(body), []byte("}")),
				`,"access_token":7,"id":7,"user":7,"data":7,"hub_id":"x"}`...)
		}),
		gzipped("gzip that is none", []byte("this is not gzip")), gzipped("gzip cut off",
			zipped(strings.Repeat("x", 5000))[:20]),
		gzipped("a bomb", zipped(`{"a":"`+strings.Repeat("x", 64<<20))),
		headers("one large header", 1, 200<<10), headers("many headers", 900, 100),
		{name: "early hints before it", stillRight: true, by: func(rw http.ResponseWriter, r *http.Request, genuine reply) {
			rw.WriteHeader(http.StatusEarlyHints)
			passOn(rw, r, genuine)
		}},
		{name: "plain text", stillRight: true, by: func(rw http.ResponseWriter, r *http.Request, genuine reply) {
			genuine.header = genuine.header.Clone()
			genuine.header.Set("Content-Type", "text/plain")
			passOn(rw, r, genuine)
		}},
		pours("JSON without an end", `{"data":[`, `{"id":"0"},`, sent), pours("bytes without an end", "", "\x00", sent),
	}
	return list
}

// TestAPlatformThatMisbehavesStopsNobody injects each fault at each platform, at
// the token's call, the account's, a check and a renewal: the client sees a next
// step, the hub a sentence, and no goroutine or memory leaks.
func TestAPlatformThatMisbehavesStopsNobody(t *testing.T) {
	var cases tally
	goroutines, heap := runtime.NumGoroutine(), heapInUse()
	t.Run("platforms", func(t *testing.T) {
		parallel(t, func(t *testing.T, p rehearsal) { misbehaves(t, p, &cases) })
		for _, p := range keyed(t) {
			t.Run(string(p.id()), func(t *testing.T) {
				t.Parallel()
				keyMisbehaves(t, p, &cases)
			})
		}
	})
	var everybody []onboarding.Platform
	for _, p := range append(rehearsals(), keyed(t)...) {
		everybody = append(everybody, p.id())
	}
	cases.atLeast(t, everybody, 120)
	settled(t, goroutines, heap)
}

func heapInUse() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// settled waits until the goroutines and memory of the faults are released.
func settled(t *testing.T, goroutines int, heap int64) {
	t.Helper()
	deadline := time.Now().Add(60 * time.Second)
	for runtime.NumGoroutine() > goroutines || heapInUse() > heap+16<<20 {
		if time.Now().After(deadline) {
			text := make([]byte, 1<<20)
			t.Fatalf("%d goroutines are left, %d were there before; %d more bytes in use\n%s",
				runtime.NumGoroutine(), goroutines, heapInUse()-heap, text[:runtime.Stack(text, true)])
		}
		http.DefaultClient.CloseIdleConnections()
		time.Sleep(50 * time.Millisecond)
	}
}

func misbehaves(t *testing.T, p rehearsal, cases *tally) {
	st := newStage(t, p, callLimit)
	var sent atomic.Int64
	used := st.granted(t)
	for _, f := range faults(&sent) {
		for at, point := range []string{"token", "account"} {
			cases.add(p.id())
			t.Run(point+": "+f.name, func(t *testing.T) {
				a := st.begins(t, negative{own: f.stillRight})
				queue := make([]misbehaviour, at, at+1)
				st.front.next(append(queue, f.by)...)
				before := st.counted(t)
				a.comes(nil)
				if !st.front.heard() {
					t.Error("the platform was not asked")
				}
				st.front.next()
				if a.page.Status >= http.StatusInternalServerError || !wayOn(a.page) {
					t.Errorf("status %d, and no way on: %s", a.page.Status, a.page.Text())
				}
				for name, n := range st.counted(t) {
					if n > before[name] && !f.stillRight {
						t.Errorf("%d %s, before %d: %s", n, name, before[name], a.page.Text())
					}
				}
			})
		}
		cases.add(p.id())
		t.Run("check: "+f.name, func(t *testing.T) { st.checks(t, f, used) })
		if used.renew != nil {
			cases.add(p.id())
			t.Run("renewal: "+f.name, func(t *testing.T) { st.renews(t, f, used) })
		}
		if n := sent.Swap(0); n > 4*maxSent {
			t.Errorf("%s: %d bytes were taken", f.name, n)
		}
	}
}

// used is the result of a sign-in, to be checked and renewed.
type used struct {
	check platform.Checker
	renew platform.Renewer
	q     platform.CheckParams
}

// granted signs in with only the drivers, at the same front.
func (st *stage) granted(t *testing.T) used {
	t.Helper()
	drivers, err := all.ForRelay(map[onboarding.Platform]platform.App{st.id(): st.app}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	a := st.begins(t, negative{own: true})
	a.comes(nil)
	st.Sync()
	driver, err := platform.Find(drivers, st.id())
	if err != nil {
		t.Fatal(err)
	}
	u := used{check: st.checker(t)}
	u.renew, _ = driver.(platform.Renewer)
	if items := st.Details(a.request).Items; len(items) > 0 {
		item := onboarding.Item{
			ID: items[0].ID, Service: st.service, Kind: items[0].Kind, Name: items[0].Name, Account: items[0].Account,
		}
		access, lasting, err := hubtest.Credential(t.Context(), st.Hub, item.ID)
		if err != nil {
			t.Fatalf("using what was connected: %v", err)
		}
		u.q = platform.CheckParams{Item: item, Access: access, Credential: lasting}
		return u
	}
	// At Facebook, an asset must be shared before a check.
	u.q = platform.CheckParams{
		Item:   onboarding.Item{Kind: onboarding.AdAccount, Account: "act_44712096118"},
		Access: onboarding.NewSecret("EAAU"), Business: onboarding.Account{ID: "118420903317552"},
	}
	return u
}

// checker is a hub's driver that calls the front.
func (st *stage) checker(t *testing.T) platform.Checker {
	t.Helper()
	drivers, err := all.ForHub(map[onboarding.Platform]platform.Endpoints{st.id(): st.app.Endpoints})
	if err != nil {
		t.Fatal(err)
	}
	driver, err := platform.Find(drivers, st.id())
	if err != nil {
		t.Fatal(err)
	}
	return driver.(platform.Checker)
}

// checks has the hub's driver check while the platform misbehaves.
func (st *stage) checks(t *testing.T, f fault, u used) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	if catalogtest.New(t).Service(st.service).Key != nil {
		st.front.calm()
	}
	st.front.next(f.by)
	finding, err := u.check.Check(ctx, u.q)
	if !st.front.heard() {
		t.Error("the platform was not asked")
	}
	st.front.next()
	switch {
	case err != nil:
		sentence(t, err)
	case finding.State == onboarding.AccessWorks && !f.stillRight && strings.HasPrefix(f.name, "status 5"):
		t.Error("a platform that is down passes as one that works")
	case finding.Failure != "" && catalogtest.New(t).Describe(finding.Failure, catalog.Args{}).Message == "":
		t.Errorf("there is no sentence for %s", finding.Failure)
	}
}

// renews has the relay's driver renew while the platform misbehaves.
func (st *stage) renews(t *testing.T, f fault, u used) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	st.front.nextRenewal(f.by)
	grant, err := u.renew.Renew(ctx, u.q.Credential)
	if !st.front.heard() {
		t.Error("the platform was not asked")
	}
	st.front.next()
	if err != nil {
		sentence(t, err)
		return
	}
	if grant.Access.Empty() || grant.Credential.Empty() {
		t.Error("a renewal that gave nothing passes as one that worked")
	}
}

// sentence fails unless the error has a message for the user.
func sentence(t *testing.T, err error) {
	t.Helper()
	var failure *platform.Failure
	if !errors.As(err, &failure) {
		t.Errorf("there is no sentence for %v", err)
		return
	}
	if said := catalogtest.New(t).Describe(failure.Code, catalog.Args{Service: onboarding.HubSpot}); said.Message == "" {
		t.Errorf("there is no sentence for %s", failure.Code)
	}
}

// keyMisbehaves is misbehaves for a connection by address and key.
func keyMisbehaves(t *testing.T, p rehearsal, cases *tally) {
	st := newStage(t, p, callLimit)
	var sent atomic.Int64
	account := st.World.Keys(string(p.id()))[0]
	v := st.enter(st.link)
	v.Press("Add " + st.label)
	form := v.Page.URL.String()
	u := used{check: st.checker(t), q: platform.CheckParams{
		Item:       onboarding.Item{Service: p.service, Kind: onboarding.CRMAccount},
		Credential: platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(account.Key), Address: account.URL},
	}}
	for _, f := range faults(&sent) {
		cases.add(p.id())
		t.Run("key: "+f.name, func(t *testing.T) {
			before := st.counted(t)
			v.Open(form)
			v.Fill("API URL", account.URL)
			v.Fill("API key", account.Key)
			st.front.calm()
			st.front.next(f.by)
			v.Press("Connect")
			st.front.next()
			if v.Page.Status >= http.StatusInternalServerError || !wayOn(v.Page) {
				t.Errorf("status %d, and no way on: %s", v.Page.Status, v.Page.Text())
			}
			for name, n := range st.counted(t) {
				if n > before[name] && !f.stillRight && !strings.Contains(f.name, "429") {
					t.Errorf("%d %s, before %d: %s", n, name, before[name], v.Page.Text())
				}
			}
		})
		cases.add(p.id())
		t.Run("check: "+f.name, func(t *testing.T) { st.checks(t, f, u) })
		if n := sent.Swap(0); n > 2*maxSent {
			t.Errorf("%s: %d bytes were taken", f.name, n)
		}
	}
}
