package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func serve(t *testing.T, register func(*Server)) string {
	t.Helper()
	s := NewServer(Config{
		Authenticate: func(ctx context.Context, token onboarding.Secret) (context.Context, error) {
			switch token.Reveal() {
			case "main", "sub":
				return context.WithValue(ctx, roleKey{}, token.Reveal()), nil
			case "revoked":
				return nil, onboarding.ErrRevoked
			}
			return nil, onboarding.ErrUnauthenticated
		},
		MainUser: func(ctx context.Context) bool { return ctx.Value(roleKey{}) == "main" },
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	register(s)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server.URL
}

type roleKey struct{}

func client(t *testing.T, address, token string) *Client {
	t.Helper()
	c, err := NewClient(ClientConfig{Relay: address, Token: onboarding.NewSecret(token)})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestEveryErrorOfTheTableIsFoundAgainAcrossTheNetwork(t *testing.T) {
	for _, r := range errorCodes() {
		address := serve(t, func(s *Server) {
			Handle(s, RenewRequest, func(context.Context, NewLinkParams) (RequestResult, error) {
				return RequestResult{}, fmt.Errorf("doing it: %w", r.err)
			})
		})
		_, err := Call(t.Context(), client(t, address, "sub"), RenewRequest, NewLinkParams{ID: "x"})
		if !errors.Is(err, r.err) {
			t.Errorf("%s came back as %v", r.code, err)
		}
	}
}

func TestASentenceForAPersonCrossesTheNetwork(t *testing.T) {
	var invalid *onboarding.InvalidError
	address := serve(t, func(s *Server) {
		Handle(s, SaveRequest, func(context.Context, SaveRequestParams) (RequestResult, error) {
			return RequestResult{}, invalid
		})
	})
	for _, invalid = range []*onboarding.InvalidError{
		{Field: "client", Message: "Enter the client's name."},
		{
			Field: "email", Message: "x is not a full address.", MessageID: "invalid.address",
			Args: map[string]string{"address": "x"},
		},
	} {
		_, err := Call(t.Context(), client(t, address, "sub"), SaveRequest, SaveRequestParams{})
		var got *onboarding.InvalidError
		if !errors.As(err, &got) || !reflect.DeepEqual(got, invalid) {
			t.Errorf("got %#v, want %#v", err, invalid)
		}
	}
}

func TestAnUnknownErrorTellsTheCallerNothing(t *testing.T) {
	address := serve(t, func(s *Server) {
		Handle(s, ReadRelay, func(context.Context, Empty) (RelayResult, error) {
			return RelayResult{}, errors.New("pq: relation secret_table does not exist")
		})
	})
	_, err := Call(t.Context(), client(t, address, "sub"), ReadRelay, Empty{})
	var referenced *ReferenceError
	if !errors.Is(err, onboarding.ErrUnavailable) || strings.Contains(err.Error(), "secret_table") ||
		!errors.As(err, &referenced) {
		t.Errorf("got %v, want ErrUnavailable with a reference and nothing else", err)
	}
}

func TestCallersAreRefused(t *testing.T) {
	address := serve(t, func(s *Server) {
		Handle(s, ReadRelay, func(context.Context, Empty) (RelayResult, error) { return RelayResult{}, nil })
		Handle(s, ShareRequests, func(context.Context, SwitchParams) (AgencyResult, error) { return AgencyResult{}, nil })
	})
	for token, want := range map[string]error{
		"": onboarding.ErrUnauthenticated, "nonsense": onboarding.ErrUnauthenticated, "revoked": onboarding.ErrRevoked,
		"sub": onboarding.ErrForbidden, "main": nil,
	} {
		if _, err := Call(t.Context(), client(t, address, token), ShareRequests, SwitchParams{}); !errors.Is(err, want) {
			t.Errorf("a main user's method by %q: got %v, want %v", token, err, want)
		}
	}
	old, err := NewClient(ClientConfig{Relay: address, Token: onboarding.NewSecret("main"), Version: -1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Call(t.Context(), old, ReadRelay, Empty{}); !errors.Is(err, onboarding.ErrUpdateNeeded) {
		t.Errorf("an old hub: got %v, want ErrUpdateNeeded", err)
	}
}

func TestQuestionsThatAreNotExactAreRefused(t *testing.T) {
	address := serve(t, func(s *Server) {
		Handle(s, RenewRequest, func(context.Context, NewLinkParams) (RequestResult, error) { return RequestResult{}, nil })
	})
	ask := func(kind, body string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+RenewRequest.Path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer main")
		r.Header.Set(versionHeader, "1")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		return answer.StatusCode
	}
	if got := ask("application/json", `{"id":"x"}`); got != http.StatusOK {
		t.Fatalf("a plain question: got status %d", got)
	}
	for _, body := range []string{
		``, `{`, `[]`, `{"id":1}`, `{"id":"x","more":1}`, `{"id":"x"}{}`, `{"id":"` + strings.Repeat("x", usualParams) + `"}`,
	} {
		if got := ask("application/json", body); got != http.StatusUnprocessableEntity {
			t.Errorf("question %.20q: got status %d, want 422", body, got)
		}
	}
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded"} {
		if got := ask(kind, `{"id":"x"}`); got != http.StatusUnprocessableEntity {
			t.Errorf("content type %q: got status %d, want 422", kind, got)
		}
	}
}

func TestAnAnswerFromANewerRelayIsRead(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"request":{"id":"x","status":"pending","mood":"fine"},"more":[1]}`) // a test server
	}))
	defer server.Close()
	a, err := Call(t.Context(), client(t, server.URL, "main"), RenewRequest, NewLinkParams{ID: "x"})
	if err != nil || a.Request.ID != "x" {
		t.Errorf("got %+v and %v", a, err)
	}
}

func TestATokenIsNotSentAfterARedirect(t *testing.T) {
	var got []string
	thief := httptest.NewServer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = append(got, r.Header.Get("Authorization")) }),
	)
	defer thief.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	if _, err := Call(
		t.Context(), client(t, server.URL, "main"), ReadRelay, Empty{},
	); !errors.Is(err, onboarding.ErrUnavailable) {
		t.Errorf("got %v, want ErrUnavailable", err)
	}
	if len(got) != 0 {
		t.Errorf("the redirect was followed: %q", got)
	}
}

func TestRelayAddressesThatAreNotSafeAreRefused(t *testing.T) {
	for _, typed := range []string{
		"", "http://access.example.com", "ftp://x.example", "https://user@x.example", "https://x.example/path",
		"https://x.example?q", "https://", "http://10.0.0.1", "javascript:alert(1)",
	} {
		if got, err := RelayAddress(typed); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%q: got %q and %v", typed, got, err)
		}
	}
	for typed, want := range map[string]string{
		"access.example.com": "https://access.example.com", " https://Access.Example.com/ ": "https://access.example.com",
		"http://localhost:7420": "http://localhost:7420", "http://[::1]:1": "http://[::1]:1",
	} {
		if got, err := RelayAddress(typed); err != nil || got != want {
			t.Errorf("%q: got %q and %v, want %q", typed, got, err, want)
		}
	}
}

func TestNewsReachesTheListener(t *testing.T) {
	source := make(chan struct{}, 1)
	address := serve(t, func(s *Server) {
		HandleStream(
			s, func(context.Context) (<-chan struct{}, func(), error) { return source, func() {}, nil },
			func() <-chan struct{} { return nil },
		)
	})
	heard := make(chan struct{}, 4)
	ended := make(chan error, 1)
	c := client(t, address, "sub")
	go func() { ended <- Subscribe(t.Context(), c, func() { heard <- struct{}{} }, func() {}) }()
	<-heard // the stream is established
	source <- struct{}{}
	<-heard
	close(source)
	if err := <-ended; !errors.Is(err, onboarding.ErrUnavailable) {
		t.Errorf("after the line was closed: got %v", err)
	}
}

func TestWhatIsCarriedIsNotPrinted(t *testing.T) {
	p := EnrolParams{Code: NewSecretText(onboarding.NewSecret("canary"))}
	if text := fmt.Sprintf("%v %+v %s", p, &p, p.Code); strings.Contains(text, "canary") {
		t.Errorf("printed as %s", text)
	}
}

func TestNewsOutliveTheServersTimeForOneAnswer(t *testing.T) {
	source := make(chan struct{}, 1)
	s := NewServer(Config{
		Authenticate: func(ctx context.Context, _ onboarding.Secret) (context.Context, error) { return ctx, nil },
		MainUser:     func(context.Context) bool { return false },
		Log:          slog.New(slog.DiscardHandler),
	})
	HandleStream(
		s, func(context.Context) (<-chan struct{}, func(), error) { return source, func() {}, nil },
		func() <-chan struct{} { return nil },
	)
	server := httptest.NewUnstartedServer(s)
	server.Config.WriteTimeout = 50 * time.Millisecond
	server.Start()
	t.Cleanup(server.Close)
	heard := make(chan struct{}, 4)
	ended := make(chan error, 1)
	c := client(t, server.URL, "sub")
	go func() { ended <- Subscribe(t.Context(), c, func() { heard <- struct{}{} }, func() {}) }()
	<-heard // the stream is established
	time.Sleep(150 * time.Millisecond)
	source <- struct{}{}
	select {
	case <-heard:
	case err := <-ended:
		t.Fatalf("the line was cut: %v", err)
	case <-time.After(10 * time.Second):
		t.Fatal("the news did not arrive")
	}
	close(source)
	if err := <-ended; !errors.Is(err, onboarding.ErrUnavailable) {
		t.Errorf("after the relay's end: got %v, want ErrUnavailable", err)
	}
}

func TestACallerThatHasGoneIsNoErrorInTheLog(t *testing.T) {
	var log strings.Builder
	s := NewServer(Config{
		Authenticate: func(ctx context.Context, _ onboarding.Secret) (context.Context, error) { return ctx, nil },
		MainUser:     func(context.Context) bool { return false },
		Log:          slog.New(slog.NewTextHandler(&log, nil)),
	})
	Handle(s, ReadRelay, func(ctx context.Context, _ Empty) (RelayResult, error) {
		return RelayResult{}, fmt.Errorf("reading: %w", errors.Join(ctx.Err(), errors.New("broken")))
	})
	ask := func(ctx context.Context) string {
		log.Reset()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, ReadRelay.Path, strings.NewReader("{}"))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer main")
		r.Header.Set(versionHeader, "1")
		s.ServeHTTP(httptest.NewRecorder(), r)
		return log.String()
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if said := ask(gone); strings.Contains(said, "level=ERROR") || !strings.Contains(said, "refusing a call") {
		t.Errorf("a caller that has gone: the log says %q", said)
	}
	if said := ask(t.Context()); !strings.Contains(said, "level=ERROR") {
		t.Errorf("a fault of the relay: the log says %q", said)
	}
}
