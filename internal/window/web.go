//go:build web

package window

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/latchkeyhq/latchkey/internal/loopback"
)

// browserWindow is the window of the web build: a loopback server whose calls
// and events need the key of this start.
//
// The key is no cookie: browsers send a cookie of 127.0.0.1 to each of its
// ports, whichever program listens there. The page stores the key for its
// origin, which includes the port, and sends it in a header. The printed
// address has another key behind its #, which reaches no server, and which is
// exchanged for this one once.
type browserWindow struct {
	config  Config
	host    string
	devHost string // of a development server; empty: none
	key     string

	mu        sync.Mutex
	firstKey  string // empty once it was exchanged
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
	listener, err := listenOnLoopback(config.Address)
	if err != nil {
		return err
	}
	firstKey := rand.Text() // 130 bits
	b := &browserWindow{
		config:    config,
		host:      listener.Addr().String(),
		devHost:   devHost,
		key:       rand.Text(),
		firstKey:  firstKey,
		listeners: map[chan []byte]bool{},
	}
	server := &http.Server{Handler: b.handler(), ReadHeaderTimeout: 10 * time.Second}
	if config.OnOpen != nil {
		config.OnOpen(b)
	}
	if config.OnReady != nil {
		config.OnReady("http://" + cmp.Or(b.devHost, b.host) + "/#key=" + firstKey)
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

// listenOnLoopback refuses an address that others reach before it listens there.
func listenOnLoopback(address string) (net.Listener, error) {
	const form = "give one with a port, like 127.0.0.1:8080"
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address to listen on: %s", address, form)
	}
	if !loopback.Host(host) {
		return nil, fmt.Errorf("the screens are served on a loopback address only: %s", form)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return nil, fmt.Errorf("%q is no address to listen on: %s", address, form)
	}
	listener, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("another program listens on %s: give another port", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this user may not listen on %s: give a port from 1024 on", address)
	case err != nil:
		return nil, fmt.Errorf("listening for the browser: %w", err)
	}
	return listener, nil
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

// handler serves the screens' files, which hold nothing of the agency, to every
// browser of this computer; a preview to who has its random address; calls and
// events to who has the key. There is no CORS: a page of another origin can send
// neither the header nor JSON.
func (b *browserWindow) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /bridge/key", b.exchangeKey)
	mux.Handle("POST /bridge/call/{name}", b.withKey(b.config.Bridge))
	mux.Handle("GET /bridge/events", b.withKey(http.HandlerFunc(b.serveEvents)))
	mux.Handle("GET /", screens(b.config))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// A name that leads to this computer (DNS rebinding) is another host.
		if r.Host != b.host && (b.devHost == "" || r.Host != b.devHost) {
			http.Error(w, "This address is not served here.", http.StatusMisdirectedRequest)
			return
		}
		if !isOwnPage(r) {
			http.Error(w, "Only these screens themselves may ask this.", http.StatusForbidden)
			return
		}
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		mux.ServeHTTP(w, r)
	})
}

// isOwnPage reports whether no page of another origin asks. Other ports of this
// computer are the same site, and other origins. Any page may link to the first
// one.
func isOwnPage(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return false
	}
	site := r.Header.Get("Sec-Fetch-Site")
	return site == "" || site == "same-origin" || site == "none" || r.Method == http.MethodGet && r.URL.Path == "/"
}

// bearer returns the key in a request's header.
func bearer(r *http.Request) string {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return key
}

func isSameKey(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// withKey serves only requests that have the key.
func (b *browserWindow) withKey(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isSameKey(bearer(r), b.key) {
			http.Error(w, "These screens are open in another browser.", http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// exchangeKey replies to the key of the printed address with the key of calls.
// The first request wins.
func (b *browserWindow) exchangeKey(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	valid := b.firstKey != "" && isSameKey(bearer(r), b.firstKey)
	if valid {
		b.firstKey = ""
	}
	b.mu.Unlock()
	if !valid {
		http.Error(w, "This address was opened already.", http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, b.key) // a browser that is gone has no key
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

// The browser does Copy, Browse, Notify and Print: these emit an event to the
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

func (b *browserWindow) Print()      { b.Emit("window:print", nil) }
func (b *browserWindow) Focus()      { b.Emit("window:focus", nil) }
func (b *browserWindow) IsWeb() bool { return true }
