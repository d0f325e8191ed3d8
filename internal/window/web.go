//go:build web

package window

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"
)

const cookieName = "latchkey-screens"

//go:embed shim.js
var shim []byte

// browser is the window of the web build: a server on loopback that answers
// only to the browser that was given its key.
type browser struct {
	config  Config
	host    string
	key     [sha256.Size]byte
	methods map[string]reflect.Value

	mu        sync.Mutex
	listeners map[chan []byte]bool
}

func run(ctx context.Context, config Config) error {
	if config.Address == "" {
		config.Address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", config.Address)
	if err != nil {
		return fmt.Errorf("listening for the browser: %w", err)
	}
	if at, ok := listener.Addr().(*net.TCPAddr); !ok || !at.IP.IsLoopback() {
		_ = listener.Close() // nothing was served
		return errors.New("the screens are served on a loopback address only")
	}
	key := rand.Text() // 130 bits
	b := &browser{config: config, host: listener.Addr().String(), key: sha256.Sum256([]byte(key)), methods: methods(config.App), listeners: map[chan []byte]bool{}}
	server := &http.Server{Handler: b.handler(), ReadHeaderTimeout: 10 * time.Second}
	if config.Opened != nil {
		config.Opened(b)
	}
	if config.Ready != nil {
		config.Ready("http://" + b.host + "/?key=" + key)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		stopping, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		b.hangUp()
		err = errors.Join(server.Shutdown(stopping), <-ended)
	}
	if config.Closed != nil {
		config.Closed(config.Place)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (b *browser) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /wails/call/{name}", b.serveCall)
	mux.HandleFunc("GET /wails/events", b.serveEvents)
	mux.HandleFunc("GET /wails/shim.js", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/javascript; charset=utf-8")
		_, _ = w.Write(shim) // the page has gone away
	})
	mux.Handle("GET /", withShim(screens(b.config)))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != b.host {
			http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
			return
		}
		if key := r.URL.Query().Get("key"); key != "" && r.Method == http.MethodGet && r.URL.Path == "/" && b.right(key) {
			http.SetCookie(w, &http.Cookie{Name: cookieName, Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		cookie, err := r.Cookie(cookieName)
		if err != nil || !b.right(cookie.Value) {
			http.Error(w, "Open the address that Latchkey printed: it holds the key to these screens.", http.StatusForbidden)
			return
		}
		// Another port of this computer is the same site, and sends the cookie along.
		if site := r.Header.Get("Sec-Fetch-Site"); r.URL.Path != "/" && site != "" && site != "same-origin" && site != "none" {
			http.Error(w, "Only these screens themselves may ask this.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (b *browser) right(key string) bool {
	sum := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(sum[:], b.key[:]) == 1
}

// withShim adds the script that stands in for Wails' own.
func withShim(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" && r.URL.Path != "/index.html" {
			next.ServeHTTP(w, r)
			return
		}
		page := &held{ResponseWriter: w}
		next.ServeHTTP(page, r)
		_, _ = w.Write([]byte(strings.Replace(page.text.String(), "<head>", `<head><script src="/wails/shim.js"></script>`, 1))) // the page has gone away
	})
}

type held struct {
	http.ResponseWriter
	text strings.Builder
}

func (h *held) Write(p []byte) (int, error) { return h.text.Write(p) }

func methods(app any) map[string]reflect.Value {
	bound := map[string]reflect.Value{}
	value := reflect.ValueOf(app)
	kind := value.Type()
	name := kind.Elem().PkgPath()
	name = name[strings.LastIndexByte(name, '/')+1:] + "." + kind.Elem().Name()
	for i := range kind.NumMethod() {
		bound[name+"."+kind.Method(i).Name] = value.Method(i)
	}
	return bound
}

func (b *browser) serveCall(w http.ResponseWriter, r *http.Request) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		http.Error(w, "Calls are JSON.", http.StatusUnsupportedMediaType)
		return
	}
	var arguments []json.RawMessage
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&arguments); err != nil {
		http.Error(w, "This call cannot be read.", http.StatusBadRequest)
		return
	}
	var answer struct {
		Result any    `json:"result"`
		Error  string `json:"error,omitempty"`
	}
	result, err := b.call(r.PathValue("name"), arguments)
	if answer.Result = result; err != nil {
		answer.Error = err.Error()
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		b.config.Log.Error("answering the screens", "method", r.PathValue("name"), "error", err)
	}
}

// call decodes as Wails does: missing arguments are zero, one value and one
// error come back.
func (b *browser) call(name string, raw []json.RawMessage) (result any, err error) {
	method, ok := b.methods[name]
	if !ok {
		return nil, fmt.Errorf("method %s not bound", name)
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	in := make([]reflect.Value, method.Type().NumIn())
	for i := range in {
		p := reflect.New(method.Type().In(i))
		if i < len(raw) {
			if err := json.Unmarshal(raw[i], p.Interface()); err != nil {
				return nil, fmt.Errorf("error parsing arguments: %w", err)
			}
		}
		in[i] = p.Elem()
	}
	out := method.Call(in)
	if len(out) == 0 {
		return nil, nil
	}
	if failed, ok := out[len(out)-1].Interface().(error); ok {
		return nil, failed
	}
	if out[0].Type() == reflect.TypeFor[error]() {
		return nil, nil
	}
	return out[0].Interface(), nil
}

func (b *browser) serveEvents(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	events := make(chan []byte, 256)
	b.mu.Lock()
	b.listeners[events] = true
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.listeners, events)
		b.mu.Unlock()
	}()
	stream := http.NewResponseController(w)
	if _, err := w.Write([]byte(": listening\n\n")); err != nil || stream.Flush() != nil {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case event, open := <-events:
			if !open {
				return
			}
			if _, err := fmt.Fprintf(w, "data: %s\n\n", event); err != nil || stream.Flush() != nil {
				return
			}
		}
	}
}

func (b *browser) hangUp() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for events := range b.listeners {
		close(events)
		delete(b.listeners, events)
	}
}

func (b *browser) Emit(event string, data any) {
	text, err := json.Marshal(map[string]any{"name": event, "data": []any{data}})
	if err != nil {
		b.config.Log.Error("telling the screens", "event", event, "error", err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for events := range b.listeners {
		select {
		case events <- text:
		default: // a page that does not read: it asks again when it wakes
		}
	}
}

// Copy, Browse, Notify and SaveAs are the browser's to do: the page is told.
func (b *browser) Copy(text string) error {
	b.Emit("window:copy", text)
	return nil
}

func (b *browser) Browse(address string) error {
	if err := browsable(address); err != nil {
		return err
	}
	b.Emit("window:browse", address)
	return nil
}

func (b *browser) Notify(n Notification) error {
	b.Emit("window:notify", n)
	return nil
}

// SaveAs keeps the file in the folder for downloads, where a browser would.
func (b *browser) SaveAs(name string, content []byte) (string, error) {
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("finding the folder for downloads: %w", err)
	}
	folder := filepath.Join(home, "Downloads")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("making the folder for downloads: %w", err)
	}
	file := filepath.Join(folder, filepath.Base(name))
	if err := os.WriteFile(file, content, 0o600); err != nil {
		return "", fmt.Errorf("writing %s: %w", filepath.Base(file), err)
	}
	return file, nil
}

func (b *browser) Focus()    { b.Emit("window:focus", nil) }
func (b *browser) Web() bool { return true }
