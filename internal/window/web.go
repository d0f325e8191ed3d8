//go:build web

package window

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"
)

const cookieName = "latchkey-screens"

// browserWindow is the window of the web build: a loopback server that serves
// only the browser with its key.
type browserWindow struct {
	config  Config
	host    string
	devHost string // of a development server; empty: none
	key     [sha256.Size]byte

	mu        sync.Mutex
	listeners map[chan []byte]bool
}

func run(ctx context.Context, config Config) error {
	if config.Address == "" {
		config.Address = "127.0.0.1:0"
	}
	devHost, err := loopbackHost(config.DevOrigin)
	if err != nil {
		return err
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
	b := &browserWindow{
		config:    config,
		host:      listener.Addr().String(),
		devHost:   devHost,
		key:       sha256.Sum256([]byte(key)),
		listeners: map[chan []byte]bool{},
	}
	server := &http.Server{Handler: b.handler(), ReadHeaderTimeout: 10 * time.Second}
	if config.OnOpen != nil {
		config.OnOpen(b)
	}
	if config.OnReady != nil {
		config.OnReady("http://" + cmp.Or(b.devHost, b.host) + "/?key=" + key)
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err = <-ended:
	case <-ctx.Done():
		stopping, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		b.closeStreams()
		err = errors.Join(server.Shutdown(stopping), <-ended)
	}
	if config.OnClose != nil {
		config.OnClose(config.Bounds)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// loopbackHost returns the host and port of an http address on loopback.
func loopbackHost(origin string) (string, error) {
	if origin == "" {
		return "", nil
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" || browsable(origin) != nil {
		return "", errors.New("a development server is on loopback: http://localhost:5173")
	}
	return u.Host, nil
}

func (b *browserWindow) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("POST /bridge/call/{name}", b.config.Bridge)
	mux.HandleFunc("GET /bridge/events", b.serveEvents)
	mux.Handle("GET /", screens(b.config))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host != b.host && (b.devHost == "" || r.Host != b.devHost) {
			http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
			return
		}
		if key := r.URL.Query().Get(
			"key",
		); key != "" && r.Method == http.MethodGet && r.URL.Path == "/" &&
			b.isValidKey(key) {
			http.SetCookie(w, &http.Cookie{
				Name: cookieName, Value: key, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
			})
			http.Redirect(w, r, "/", http.StatusSeeOther)
			return
		}
		cookie, err := r.Cookie(cookieName)
		if err != nil || !b.isValidKey(cookie.Value) {
			http.Error(w, "Open the address that Latchkey printed: it holds the key to these screens.", http.StatusForbidden)
			return
		}
		// Other ports of this computer are the same site: their requests
		// include the cookie.
		site := r.Header.Get("Sec-Fetch-Site")
		if r.URL.Path != "/" && site != "" && site != "same-origin" && site != "none" {
			http.Error(w, "Only these screens themselves may ask this.", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (b *browserWindow) isValidKey(key string) bool {
	sum := sha256.Sum256([]byte(key))
	return subtle.ConstantTimeCompare(sum[:], b.key[:]) == 1
}

func (b *browserWindow) serveEvents(w http.ResponseWriter, r *http.Request) {
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

func (b *browserWindow) closeStreams() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for events := range b.listeners {
		close(events)
		delete(b.listeners, events)
	}
}

func (b *browserWindow) Emit(event string, data any) {
	text, err := json.Marshal(map[string]any{"name": event, "data": data})
	if err != nil {
		b.config.Log.Error("telling the screens", "event", event, "error", err)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for events := range b.listeners {
		select {
		case events <- text:
		default: // the page reads too slowly: it opens another stream, and then refetches
			close(events)
			delete(b.listeners, events)
		}
	}
}

// The browser does Copy, Browse, Notify and SaveAs: these emit an event to the
// page.
func (b *browserWindow) Copy(text string) error {
	b.Emit("window:copy", text)
	return nil
}

func (b *browserWindow) Browse(address string) error {
	if err := browsable(address); err != nil {
		return err
	}
	b.Emit("window:browse", address)
	return nil
}

func (b *browserWindow) Notify(n Notification) error {
	b.Emit("window:notify", n)
	return nil
}

// SaveAs writes the file to the downloads folder, like a browser.
func (b *browserWindow) SaveAs(name string, content []byte) (string, error) {
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

func (b *browserWindow) Focus()      { b.Emit("window:focus", nil) }
func (b *browserWindow) IsWeb() bool { return true }
