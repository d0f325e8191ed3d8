// Package window is the desktop for the hub: a window for the screens, the
// clipboard, dialogs, notifications, links in the browser. The build tag web
// replaces it by a loopback server for a browser, without Wails and without a
// display.
//
// It never depends on the business: it holds no rule of onboarding.
package window

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"
)

// Config is what a window needs.
type Config struct {
	Title string
	// Icon is a PNG.
	Icon []byte
	// Screens holds index.html and its assets.
	Screens fs.FS
	// App is bound by Wails: the screens call its exported methods.
	App any
	// Bridge serves the same calls in the web build, under /bridge/call/.
	Bridge http.Handler
	// Preview serves everything under /preview/ and sets its own content
	// policy.
	Preview http.Handler
	// WebData is the folder in which Windows' web view keeps its own files; empty: its default.
	WebData string
	// Bounds are the window's last bounds; zero: centred.
	Bounds Bounds
	// OnOpen runs when the window is open. From then on the screens may call.
	OnOpen func(Window)
	// OnClose runs once, after the window has closed.
	OnClose func(Bounds)
	// Links are deep links to open. If the app is running, they are passed to
	// it, and Run returns ErrAlreadyRunning.
	Links []string
	// OnSecondInstance gets the links of a second start, or of the system.
	OnSecondInstance func(links []string)
	// OnNotificationClick gets the id of the clicked notification.
	OnNotificationClick func(id string)
	// OnMenu gets the name of a menu command.
	OnMenu func(command string)
	// Log gets errors and warnings.
	Log *slog.Logger

	// Address is the address of the web build's server; empty: 127.0.0.1, any
	// port.
	Address string
	// DevOrigin is the loopback address of a development server that serves the
	// screens and proxies calls, in the web build; empty: none.
	DevOrigin string
	// OnReady gets the address including the key behind its #, in the web build.
	// The address works once.
	OnReady func(address string)
}

// ErrAlreadyRunning means that the app is running; its window was brought to
// the front.
var ErrAlreadyRunning = errors.New("the app is open already")

// Window is what the hub uses of the desktop.
type Window interface {
	// Emit sends an event to the screens.
	Emit(event string, data any)
	// Copy puts text on the clipboard.
	Copy(text string) error
	// Browse opens an https or loopback address in the system's browser.
	Browse(address string) error
	// Notify shows a notification; a click calls Config.OnNotificationClick.
	Notify(Notification) error
	// SaveAs asks the user for a path, writes the file and returns the path.
	// Cancelling returns an empty path and no error.
	SaveAs(name string, content []byte) (string, error)
	// Print opens the system's dialog that prints what the window shows, also as a PDF.
	Print()
	// Focus brings the window to the front.
	Focus()
	// IsWeb reports whether this is the web build.
	IsWeb() bool
}

// Notification is a notification of the system.
type Notification struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// contentPolicy lets the screens load only their own files. Mantine writes its
// variables into style elements with the page's nonce.
func contentPolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; " +
		"img-src 'self' data: blob:; connect-src 'self'; " +
		"font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// placeholder marks the page's nonce in index.html.
const placeholder = "{{nonce}}"

// screens serves the screens' files and the previews.
func screens(config Config) http.Handler {
	files := http.FileServerFS(config.Screens)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Opener-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/preview/") {
			if config.Preview == nil {
				http.NotFound(w, r)
				return
			}
			config.Preview.ServeHTTP(w, r)
			return
		}
		nonce := rand.Text()
		header.Set("Content-Security-Policy", contentPolicy(nonce))
		if name := path.Clean(r.URL.Path); name == "/" || name == "/index.html" {
			page, err := fs.ReadFile(config.Screens, "index.html")
			if err != nil {
				http.Error(w, "The screens are missing from this build.", http.StatusInternalServerError)
				return
			}
			header.Set("Content-Type", "text/html; charset=utf-8")
			header.Set("Cache-Control", "no-store")
			_, _ = w.Write([]byte(strings.ReplaceAll(string(page), placeholder, nonce))) // the page is gone
			return
		}
		files.ServeHTTP(w, r)
	})
}

// Run shows the window and returns when it was closed or ctx is done.
func Run(ctx context.Context, config Config) error { return run(ctx, config) }
