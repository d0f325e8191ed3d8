package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Client is a business with one person who has everything in order. It stands
// on no sign-in page: it is for a past that somebody else tells.
type Client struct {
	Person     string // "Julie Moreau"
	Email      string
	Business   string // "Maison Claire"
	AdAccounts []string
	Pages      []string
	Accounts   []string // at each CRM that it signs in to: a portal, an organisation
}

// AddClient settles a client at Facebook and at every CRM with a sign-in, and
// gives the key of its person, for SignIn.
func (w *World) AddClient(c Client) string {
	w.mu.Lock()
	key := strings.ReplaceAll(strings.ToLower(c.Person), " ", "-") + "-of-" + strconv.Itoa(w.clients)
	w.clients++
	w.mu.Unlock()
	for _, e := range w.envs {
		if holder, ok := e.platform.(ClientHolder); ok {
			holder.AddClient(key, c)
		}
	}
	return key
}

// SignIn signs a browser in as a client's person, at every platform that has
// sign-ins, as if they had done so before. The jar is the browser's.
func (w *World) SignIn(jar http.CookieJar, key string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range w.envs {
		if e.info.App == (Credentials{}) {
			continue
		}
		at, err := url.Parse(e.server.URL())
		if err != nil {
			return fmt.Errorf("signing in: %w", err)
		}
		id := RandomHex(20)
		w.sessions[id] = session{e.info.Name, key}
		jar.SetCookies(at, []*http.Cookie{{Name: e.cookieName(), Value: id, Path: "/"}})
	}
	return nil
}

// AccountsOf lists the names of what a client's person has at a platform, as
// its chooser shows them.
func (w *World) AccountsOf(platform, key string) []string {
	if holder, ok := w.env(platform).platform.(ClientHolder); ok {
		return holder.Accounts(key)
	}
	return nil
}
