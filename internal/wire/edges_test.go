package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestEachPartOfARelaysAddressIsRefusedByItself(t *testing.T) {
	none := "relay: This is not an address of a relay. It looks like https://access.example.com."
	path, scheme := "relay: Enter the relay's address alone, without a path.",
		"relay: The relay's address starts with https://."
	for typed, want := range map[string]string{
		"": none, " ": none, "https://": none, "https://:443": none, "https://u@a.example": none, "%": none,
		"a.example/x": path, "https://a.example/?": "https://a.example", "https://a.example/?x": path,
		"https://a.example#x": path,
		"http://a.example":    scheme, "ftp://localhost": scheme, "ftp://a.example": scheme, "http://10.0.0.1": scheme,
		"http://localhost.evil.example": scheme,
		" A.Example/ ":                  "https://a.example", "a.example:8443": "https://a.example:8443",
		"http://localhost:1": "http://localhost:1", "http://127.0.0.2:1": "http://127.0.0.2:1",
		"http://[::1]:1":                      "http://[::1]:1",
		"\ufeffhttps://a.example\u200b\u00a0": "https://a.example",
		"https://a\u200b.example": "relay: This has an invisible character inside: zero width space (U+200B). " +
			"Delete it, or type the text again.",
	} {
		got, err := RelayAddress(typed)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestWhoHasNoTokenIsNotAskedFor(t *testing.T) {
	asked := 0
	s := NewServer(Config{
		Authenticate: func(ctx context.Context, _ onboarding.Secret) (context.Context, error) { asked++; return ctx, nil },
		MainUser:     func(context.Context) bool { return true },
		Log:          slog.New(slog.DiscardHandler),
	})
	Handle(s, ReadRelay, func(context.Context, Empty) (RelayResult, error) { return RelayResult{}, nil })
	Handle(s, Probe, func(context.Context, Empty) (ProbeResult, error) { return ProbeResult{}, nil })
	for _, c := range []struct {
		path, authorization, version string
		status, asked                int
	}{
		{path: ReadRelay.Path, version: "1", status: http.StatusUnauthorized},
		{path: ReadRelay.Path, authorization: "Bearer ", version: "1", status: http.StatusUnauthorized},
		{path: ReadRelay.Path, authorization: "Basic x", version: "1", status: http.StatusUnauthorized},
		{path: ReadRelay.Path, authorization: "x", version: "1", status: http.StatusUnauthorized},
		{path: ReadRelay.Path, authorization: "Bearer x", status: http.StatusUpgradeRequired},
		{path: ReadRelay.Path, authorization: "Bearer x", version: "0", status: http.StatusUpgradeRequired},
		{path: ReadRelay.Path, authorization: "Bearer x", version: "one", status: http.StatusUpgradeRequired},
		{path: ReadRelay.Path, authorization: "Bearer x", version: "1", status: http.StatusOK, asked: 1},
		{path: ReadRelay.Path, authorization: "Bearer x", version: "2", status: http.StatusOK, asked: 1}, // a newer hub
		{path: Probe.Path, version: "1", status: http.StatusOK},
		{path: Probe.Path, authorization: "Bearer x", version: "1", status: http.StatusOK},
		{path: Probe.Path, version: "0", status: http.StatusUpgradeRequired},
	} {
		asked = 0
		r := httptest.NewRequest(http.MethodPost, c.path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		for name, value := range map[string]string{"Authorization": c.authorization, versionHeader: c.version} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != c.status || asked != c.asked {
			t.Errorf("%+v: status %d, asked %d times", c, w.Code, asked)
		}
		h := w.Header()
		if h.Get("Content-Type") != "application/json" || h.Get("Cache-Control") != "no-store" ||
			h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%+v: headers %v", c, h)
		}
	}
}

func TestWhatNobodyServesIsMissingAndWhatIsNotListedIsNotServed(t *testing.T) {
	s := NewServer(Config{Log: slog.New(slog.DiscardHandler)})
	Handle(s, Probe, func(context.Context, Empty) (ProbeResult, error) { return ProbeResult{}, nil })
	missing := s.Missing()
	if len(missing) != len(All())-1 || strings.Contains(strings.Join(missing, " ")+" ", Probe.Path+" ") {
		t.Errorf("%d of %d methods are missing: %v", len(missing), len(All()), missing)
	}
	defer func() {
		if recover() == nil {
			t.Error("a method that All does not list was served")
		}
	}()
	unlisted := Probe
	unlisted.Path = "/api/v1/secret"
	Handle(s, unlisted, func(context.Context, Empty) (ProbeResult, error) { return ProbeResult{}, nil })
}

func TestAnAnswerIsReadToItsBoundAndNoFurther(t *testing.T) {
	size := maxResult
	status, body := http.StatusOK, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		if body != "" {
			_, _ = io.WriteString(w, body) // the test's own server
			return
		}
		quoted := `{"operator":""}`
		_, _ = w.Write([]byte(quoted + strings.Repeat(" ", size-len(quoted)))) // the test's own server
	}))
	defer server.Close()
	c := client(t, server.URL, "")
	if _, err := Call(t.Context(), c, Probe, Empty{}); err != nil {
		t.Errorf("an answer of %d bytes: %v", size, err)
	}
	size++
	if _, err := Call(t.Context(), c, Probe, Empty{}); !errors.Is(err, onboarding.ErrUnavailable) ||
		!strings.Contains(err.Error(), "larger than") {
		t.Errorf("a byte more: %v", err)
	}
	for _, c2 := range []struct {
		status   int
		body     string
		want     error
		obstacle Obstacle
	}{
		{status: http.StatusBadGateway, body: "<html>", want: onboarding.ErrUnavailable, obstacle: ObstacleGateway},
		// a foreign server's JSON
		{status: http.StatusNotFound, body: "{}", want: onboarding.ErrUnavailable, obstacle: ObstacleFilter},
		{status: http.StatusNotFound, body: `{"code":"not_found"}`, want: onboarding.ErrNotFound},
		{status: http.StatusConflict, body: `{"code":"a word of tomorrow","reference":"X"}`, want: onboarding.ErrUnavailable},
		{status: http.StatusUnprocessableEntity, body: `{"code":"invalid"}`, want: onboarding.ErrInvalid},
		{status: http.StatusConflict, body: `{"code":"conflict","message":"x"}`, want: onboarding.ErrConflict},
		{status: http.StatusFound, body: "away", want: onboarding.ErrUnavailable, obstacle: ObstaclePage},
	} {
		status, body = c2.status, c2.body
		_, err := Call(t.Context(), c, Probe, Empty{})
		if !errors.Is(err, c2.want) || ObstacleOf(err) != c2.obstacle {
			t.Errorf("%d %s: got %v", c2.status, c2.body, err)
		}
	}
}

// described is a refusal with a meaning.
type described struct{ err error }

func (described) Error() string                    { return "described" }
func (d described) Is(target error) bool           { return target == d.err }
func (described) Refusal() (what, platform string) { return "what", "190" }

func TestARefusalIsDescribedAndNothingElseIs(t *testing.T) {
	for _, c := range []struct {
		err  error
		what string
	}{
		{described{onboarding.ErrPlatformRefused}, "what"}, {onboarding.ErrPlatformRefused, ""},
		{described{onboarding.ErrPlatformDown}, ""},
	} {
		f, _ := encode(c.err, "ref")
		if f.Refusal != c.what || (f.Platform != "") != (c.what != "") || f.Reference != "ref" {
			t.Errorf("%v became %+v", c.err, f)
		}
	}
	for _, c := range []struct {
		f    errorBody
		want bool
	}{
		{errorBody{Code: "platform_refused", Refusal: "what", Platform: "190"}, true},
		{errorBody{Code: "platform_refused"}, false},
		{errorBody{Code: "conflict", Refusal: "what"}, false},
	} {
		var refused *RefusedError
		if err := decode(c.f); errors.As(err, &refused) != c.want || c.want && (refused.Code != "what" ||
			refused.PlatformCode != "190") {
			t.Errorf("%+v became %v", c.f, err)
		}
	}
	var referenced *ReferenceError
	if errors.As(decode(errorBody{Code: "conflict"}), &referenced) {
		t.Error("an error without a reference has one")
	}
	if f, status := encode(onboarding.Invalid("a", "b"), "ref"); f.Reference != "" ||
		status != http.StatusUnprocessableEntity {
		t.Errorf("what a person has to correct became %+v", f)
	}
}

func TestOnlyAFaultOfTheRelaysOwnIsLoggedAsOne(t *testing.T) {
	for _, c := range []struct {
		err   error
		gone  bool
		level string
	}{
		{errors.New("broken"), false, "ERROR"}, {errors.New("broken"), true, "INFO"}, {onboarding.ErrConflict, false, "INFO"},
		{onboarding.Invalid("a", "b"), false, ""},
	} {
		var log bytes.Buffer
		s := NewServer(Config{Log: slog.New(slog.NewJSONHandler(&log, nil))})
		r := httptest.NewRequest(http.MethodPost, "/", nil)
		if c.gone {
			ctx, cancel := context.WithCancel(r.Context())
			cancel()
			r = r.WithContext(ctx)
		}
		s.fail(httptest.NewRecorder(), r, "/x", c.err)
		var line struct{ Level string }
		_ = json.Unmarshal(log.Bytes(), &line) // nothing was logged: it stays empty
		if line.Level != c.level {
			t.Errorf("%v, gone %v: logged as %q, want %q", c.err, c.gone, line.Level, c.level)
		}
	}
}

func TestTheLineOfNewsIsNoPageToKeepAndTellsEachLine(t *testing.T) {
	news, beat := make(chan struct{}, 1), make(chan struct{}, 1)
	subscribed := error(nil)
	left := make(chan struct{}, 10)
	address := serve(t, func(s *Server) {
		HandleStream(s, func(context.Context) (<-chan struct{}, func(), error) {
			return news, func() { left <- struct{}{} }, subscribed
		}, func() <-chan struct{} { return beat })
	})
	c, err := NewClient(ClientConfig{Relay: address, Token: onboarding.NewSecret("sub"), Timeout: time.Nanosecond})
	if err != nil {
		t.Fatal(err)
	}
	r, err := c.request(t.Context(), http.MethodGet, streamPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	first, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
	} {
		if got := first.Header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	_ = first.Body.Close() // the test goes away
	<-left                 // or the stream that has ended takes the next beat

	told, alive := make(chan struct{}, 10), make(chan struct{}, 10)
	ended := make(chan error, 1)
	go func() {
		ended <- Subscribe(t.Context(), c, func() { told <- struct{}{} }, func() { alive <- struct{}{} })
	}()
	<-told // the stream is established, longer than a call's timeout
	<-alive
	<-alive // and its empty line
	beat <- struct{}{}
	<-alive
	news <- struct{}{}
	<-told
	close(news)
	if err := <-ended; !errors.Is(err, onboarding.ErrUnavailable) ||
		!strings.Contains(err.Error(), "the line was closed") {
		t.Errorf("the line ended with %v", err)
	}
	for token, want := range map[string]error{"revoked": onboarding.ErrRevoked, "": onboarding.ErrUnauthenticated} {
		none := func() { t.Errorf("%q hears news", token) }
		if err := Subscribe(t.Context(), client(t, address, token), none, none); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", token, err, want)
		}
	}
	subscribed = onboarding.ErrRateLimited
	none := func() { t.Error("who was refused hears news") }
	if err := Subscribe(t.Context(), client(t, address, "sub"), none, none); !errors.Is(err, onboarding.ErrRateLimited) {
		t.Errorf("refused: got %v", err)
	}
}

func TestAClientIsPatientAndNamesItsVersion(t *testing.T) {
	c := client(t, "https://a.example", "")
	if c.http.Timeout != 30*time.Second || c.version != Version {
		t.Errorf("it waits %s and names version %d", c.http.Timeout, c.version)
	}
	r, err := c.request(t.Context(), http.MethodGet, "/x", nil)
	if err != nil || r.Header.Get("Authorization") != "" {
		t.Errorf("without a token it sends %q (%v)", r.Header.Get("Authorization"), err)
	}
}
