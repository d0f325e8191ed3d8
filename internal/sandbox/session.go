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
func cookieName(platform string) string { return "pretend_" + platform }

// signedIn is the person this browser is signed in as, or "".
func (w *World) signedIn(platform string, r *http.Request) string {
	cookie, err := r.Cookie(cookieName(platform))
	if err != nil {
		return ""
	}
	s := w.sessions[cookie.Value]
	if s.platform != platform {
		return ""
	}
	return s.person
}

// sessionPages are the pages of signing in and out that every platform has.
func (w *World) sessionPages(mux *http.ServeMux, platform string) {
	mux.HandleFunc("GET /static/{name}", ServeStatic)
	mux.Handle("GET /{$}", w.answering(func(r *http.Request) Response { return w.home(platform, r) }))
	mux.Handle("POST /login", w.answering(func(r *http.Request) Response { return w.login(platform, r) }))
	mux.Handle("POST /logout", w.answering(func(r *http.Request) Response { return w.logout(platform, r) }))
	mux.Handle("/", w.answering(func(*http.Request) Response {
		return w.refusal(platform, http.StatusNotFound, "There is no such page", "The pretend "+title(platform)+" has no page at this address.")
	}))
}

func (w *World) login(platform string, r *http.Request) Response {
	chosen := r.PostFormValue("person")
	for _, p := range peopleOf(platform) {
		if p.Person != chosen {
			continue
		}
		id := RandomHex(20)
		w.sessions[id] = session{platform, chosen}
		a := Redirect(LocalPath(r.PostFormValue("next")))
		a.Cookie = &http.Cookie{Name: cookieName(platform), Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 3600}
		return a
	}
	return w.refusal(platform, http.StatusBadRequest, "Nobody here has that name", "Go back and choose one of the people.")
}

func (w *World) logout(platform string, r *http.Request) Response {
	if cookie, err := r.Cookie(cookieName(platform)); err == nil {
		delete(w.sessions, cookie.Value)
	}
	a := Redirect(LocalPath(r.PostFormValue("next")))
	a.Cookie = &http.Cookie{Name: cookieName(platform), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	return a
}

// localPath keeps a way onwards on this server.
func LocalPath(next string) string {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.HasPrefix(next, "/\\") {
		return "/"
	}
	return next
}
