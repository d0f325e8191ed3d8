package bridge

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type library struct{ books []string }

type titleParams struct {
	Title string `json:"title"`
}

var errMissing = errors.New("there is no such book")

func methods() []Method[*library] {
	return []Method[*library]{
		Query("books", func(_ context.Context, s *library, _ None) ([]string, error) { return s.books, nil }),
		Query("find", func(_ context.Context, s *library, p titleParams) (string, error) {
			for _, book := range s.books {
				if book == p.Title {
					return book, nil
				}
			}
			return "half an answer", errMissing
		}),
		CommandNoResult("add", func(_ context.Context, s *library, p titleParams) error {
			s.books = append(s.books, p.Title)
			return nil
		}),
		CommandNoResult("burn", func(context.Context, *library, None) error { panic("the library is on fire") }),
	}
}

func testBridge(t *testing.T, log io.Writer) *Bridge {
	t.Helper()
	s := &library{}
	b, err := New(Config{
		Methods: Bind(func(context.Context) (*library, error) { return s, nil }, methods()),
		Convert: func(_ string, err error) CallError {
			if errors.Is(err, errMissing) {
				return CallError{Code: "missing", Field: "title", Message: err.Error()}
			}
			return CallError{Code: CodeUnexpected, Reference: "REF"}
		},
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestACallRunsTheMethodOfThatName(t *testing.T) {
	b := testBridge(t, io.Discard)
	if got, err := b.Call(t.Context(), "add", json.RawMessage(`{"title":"Emma"}`)); err != nil || got != nil {
		t.Errorf("adding: got %v, %v; want null", got, err)
	}
	got, err := b.Call(t.Context(), "find", json.RawMessage(`{"title":"Emma","later":true}`))
	if err != nil || got != "Emma" {
		t.Errorf("finding: got %v, %v", got, err)
	}
}

func TestAnEmptyResultIsAListAndNotNull(t *testing.T) {
	got, err := testBridge(t, io.Discard).Call(t.Context(), "books", nil)
	text, _ := json.Marshal(got)
	if err != nil || string(text) != "[]" {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestEveryFailureIsACallError(t *testing.T) {
	for _, c := range []struct{ name, method, params, code string }{
		{name: "the method's own", method: "find", params: `{"title":"x"}`, code: "missing"},
		{name: "no such method", method: "sell", params: `{}`, code: CodeUnexpected},
		{name: "params of another type", method: "find", params: `{"title":7}`, code: CodeUnexpected},
		{name: "params that are no JSON", method: "find", params: `{`, code: CodeUnexpected},
		{name: "a panic", method: "burn", params: `{}`, code: CodeUnexpected},
	} {
		t.Run(c.name, func(t *testing.T) {
			result, err := testBridge(t, io.Discard).Call(t.Context(), c.method, json.RawMessage(c.params))
			var e CallError
			if !errors.As(err, &e) || e.Code != c.code || result != nil {
				t.Errorf("got %v, %v; want the code %q and no result", result, err, c.code)
			}
		})
	}
}

func TestAPanicIsLoggedUnderTheReferenceThatTheScreensGet(t *testing.T) {
	var log strings.Builder
	_, err := testBridge(t, &log).Call(t.Context(), "burn", nil)
	var e CallError
	if !errors.As(err, &e) || len(e.Reference) != 8 || !strings.Contains(log.String(), e.Reference) {
		t.Errorf("got %v; the log has %s", err, &log)
	}
	if strings.Contains(e.Error(), "fire") || !strings.Contains(log.String(), "fire") {
		t.Errorf("the screens get %v; the log has %s", e, &log)
	}
}

func TestTwoMethodsOfOneNameAreRefused(t *testing.T) {
	twice := append(methods(), methods()...)
	if _, err := New(Config{
		Methods: Bind(func(context.Context) (*library, error) { return nil, nil }, twice),
	}); err == nil {
		t.Error("got no error")
	}
}

func TestTheHandlerAnswersAsCallDoes(t *testing.T) {
	server := httptest.NewServer(testBridge(t, io.Discard).Handler(t.Context()))
	defer server.Close()
	for _, c := range []struct {
		name, method, path, kind, body string
		status                         int
		want                           string
	}{
		{
			name: "a result", method: http.MethodPost, path: "/bridge/call/books", kind: "application/json", body: "{}",
			status: http.StatusOK, want: `{"result":[]}`,
		},
		{
			name: "an error", method: http.MethodPost, path: "/bridge/call/find", kind: "application/json", body: "{}",
			status: http.StatusOK,
			want: `{"result":null,"error":{"code":"missing","field":"title",` +
				`"message":"there is no such book","reference":""}}`,
		},
		{name: "by GET", method: http.MethodGet, path: "/bridge/call/books", status: http.StatusMethodNotAllowed},
		{
			name: "a form", method: http.MethodPost, path: "/bridge/call/books",
			kind: "application/x-www-form-urlencoded", status: http.StatusUnsupportedMediaType,
		},
		{
			name: "JSON in name only", method: http.MethodPost, path: "/bridge/call/books",
			kind: "text/plain; application/json", status: http.StatusUnsupportedMediaType,
		},
		{
			name: "half of it", method: http.MethodPost, path: "/bridge/call/books", kind: "application/json",
			body: `{"title":`, status: http.StatusBadRequest,
		},
		{
			name: "too much", method: http.MethodPost, path: "/bridge/call/books", kind: "application/json",
			body: `"` + strings.Repeat("x", maxParams) + `"`, status: http.StatusBadRequest,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), c.method, server.URL+c.path, strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", c.kind)
			reply, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = reply.Body.Close() }()
			text, err := io.ReadAll(reply.Body)
			if err != nil {
				t.Fatal(err)
			}
			if reply.StatusCode != c.status || c.want != "" && strings.TrimSpace(string(text)) != c.want {
				t.Errorf("got %d %s, want %d %s", reply.StatusCode, text, c.status, c.want)
			}
		})
	}
}
