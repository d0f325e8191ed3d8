package sandbox

import (
	"net/http"
	"strings"
)

// session is one browser's sign-in at one platform. A platform remembers it,
// as real ones do: who signed in last is chosen again without a question.
type session struct{ platform, person string }

// cookieName differs per platform, because a browser keeps the cookies of all
// ports of 127.0.0.1 in one jar.
func (e *Env) cookieName() string { return "fake_" + e.info.Name }

// SignedIn is the person this browser is signed in as, or "".
func (e *Env) SignedIn(r *http.Request) string {
	cookie, err := r.Cookie(e.cookieName())
	if err != nil {
		return ""
	}
	e.world.mu.Lock()
	defer e.world.mu.Unlock()
	s := e.world.sessions[cookie.Value]
	if s.platform != e.info.Name {
		return ""
	}
	return s.person
}

// SessionPages adds the pages of signing in and out that every platform has.
func (e *Env) SessionPages(mux *http.ServeMux) {
	mux.HandleFunc("GET /static/{name}", ServeStatic)
	mux.Handle("GET /{$}", serve(e.home))
	mux.Handle("POST /login", serve(e.login))
	mux.Handle("POST /logout", serve(e.logout))
	mux.Handle("/", serve(func(*http.Request) Response {
		return e.Refuse(http.StatusNotFound, "There is no such page",
			"The simulated "+e.info.Title+" has no page at this address.")
	}))
}

func (e *Env) login(r *http.Request) Response {
	chosen := r.PostFormValue("person")
	if e.NameOf(chosen) != "" {
		id := RandomHex(20)
		e.world.mu.Lock()
		e.world.sessions[id] = session{e.info.Name, chosen}
		e.world.mu.Unlock()
		a := Redirect(LocalPath(r.PostFormValue("next")))
		a.Cookie = e.cookie(id, 30*24*3600)
		return a
	}
	return e.Refuse(http.StatusBadRequest, "Nobody here has that name", "Go back and choose one of the people.")
}

func (e *Env) logout(r *http.Request) Response {
	if cookie, err := r.Cookie(e.cookieName()); err == nil {
		e.world.mu.Lock()
		delete(e.world.sessions, cookie.Value)
		e.world.mu.Unlock()
	}
	a := Redirect(LocalPath(r.PostFormValue("next")))
	a.Cookie = e.cookie("", -1)
	return a
}

// cookie is the cookie of a sign-in.
func (e *Env) cookie(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name:     e.cookieName(),
		Value:    value,
		Path:     "/",
		MaxAge:   maxAge,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
}

// LocalPath keeps a way onwards on this server.
func LocalPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.HasPrefix(next, "/\\") {
		return "/"
	}
	return next
}
