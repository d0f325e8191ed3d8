// Package window is what a desktop gives the hub: a window with the screens in
// it, the clipboard, dialogs, notifications, links in the browser. Built with
// the tag web it is the same for a browser on loopback, without Wails and
// without a display.
//
// It knows nothing of onboarding.
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
	// Screens holds index.html and what it names.
	Screens fs.FS
	// App is bound by Wails: its exported methods are what the screens call.
	App any
	// Bridge serves the same calls in the web build, under /bridge/call/.
	Bridge http.Handler
	// Preview serves everything under /preview/, each answer with a content
	// policy of its own.
	Preview http.Handler
	// Bounds is where the window was last time; zero: in the middle.
	Bounds Bounds
	// OnOpen runs when the window stands. The screens may call from then on.
	OnOpen func(Window)
	// OnClose runs once, when the window has gone.
	OnClose func(Bounds)
	// Links are what this start should open. Where the app is open already they
	// are handed over to it, and Run ends with ErrAlreadyRunning.
	Links []string
	// OnSecondInstance gets the links of a second start, or of the system.
	OnSecondInstance func(links []string)
	// OnNotificationClick gets the id of a notification that was clicked.
	OnNotificationClick func(id string)
	// OnMenu gets the name of a menu's command.
	OnMenu func(command string)
	// Log gets what the window has to say.
	Log *slog.Logger

	// Address is where the web build listens; empty: 127.0.0.1, any port.
	Address string
	// DevOrigin is where a development server on loopback serves the screens and
	// passes calls on, in the web build; empty: nowhere.
	DevOrigin string
	// OnReady gets the address with its key, in the web build.
	OnReady func(address string)
}

// ErrAlreadyRunning says that the app was open already: its window was brought to
// the front.
var ErrAlreadyRunning = errors.New("the app is open already")

// Bounds is where a window is.
type Bounds struct {
	X, Y, Width, Height int
	Maximised           bool
}

// Window is what the hub asks of the desktop.
type Window interface {
	// Emit tells the screens that something happened.
	Emit(event string, data any)
	// Copy puts text on the clipboard.
	Copy(text string) error
	// Browse opens an https or loopback address in the system's browser.
	Browse(address string) error
	// Notify shows a notification; a click on it reaches Config.OnNotificationClick.
	Notify(Notification) error
	// SaveAs asks where to keep a file and writes it. A person who thinks
	// better of it gets an empty path and no error.
	SaveAs(name string, content []byte) (path string, err error)
	// Focus brings the window to the front.
	Focus()
	// IsWeb says that this is the browser's build.
	IsWeb() bool
}

// Notification is one of the system's.
type Notification struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body"`
}

// contentPolicy allows the screens nothing but themselves. Mantine writes its
// variables into style elements, which bear the page's nonce.
func contentPolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; " +
		"img-src 'self' data: blob:; connect-src 'self'; " +
		"font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}

// placeholder stands in index.html where the nonce of the page goes.
const placeholder = "{{nonce}}"

// screens serves the files of the hub's screens, and the previews.
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
			_, _ = w.Write([]byte(strings.ReplaceAll(string(page), placeholder, nonce))) // the page has gone away
			return
		}
		files.ServeHTTP(w, r)
	})
}

// Run shows the window and returns when it was closed or ctx has ended.
func Run(ctx context.Context, config Config) error { return run(ctx, config) }
