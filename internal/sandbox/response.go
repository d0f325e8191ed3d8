package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
)

// Response is a server's response to one call. It is complete before a byte is
// sent: the state is locked while it is made, never while a slow caller reads.
type Response struct {
	Status int
	Header map[string]string
	Cookie *http.Cookie
	Body   []byte
}

// Serve serves what respond returns, with lock held meanwhile: it is the
// platform's. The request's form has been parsed, and its body can still be read.
func (e *Env) Serve(lock sync.Locker, respond func(r *http.Request) Response) http.HandlerFunc {
	return serve(func(r *http.Request) Response {
		lock.Lock()
		defer lock.Unlock()
		return respond(r)
	})
}

// serve is Serve without a lock.
func serve(respond func(r *http.Request) Response) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err == nil {
			err = r.ParseForm()
		}
		if err != nil {
			http.Error(rw, "The call's parameters cannot be read.", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		respond(r).Send(rw)
	}
}

// Send writes the response.
func (a Response) Send(rw http.ResponseWriter) {
	for _, name := range slices.Sorted(maps.Keys(a.Header)) {
		rw.Header().Set(name, a.Header[name])
	}
	if a.Cookie != nil {
		http.SetCookie(rw, a.Cookie)
	}
	rw.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	rw.WriteHeader(a.Status)
	_, _ = rw.Write(a.Body) // who hung up does not want it
}

// With is the response with one header more.
func (a Response) With(name, value string) Response {
	header := maps.Clone(a.Header)
	if header == nil {
		header = map[string]string{}
	}
	header[name] = value
	a.Header = header
	return a
}

// WithStatus is the response with another status.
func (a Response) WithStatus(status int) Response {
	a.Status = status
	return a
}

// JSON encodes v as it is now.
func JSON(status int, v any) Response {
	body, err := json.Marshal(v)
	if err != nil {
		return Text(http.StatusInternalServerError, "The sandbox cannot write its answer: "+err.Error())
	}
	return Response{
		Status: status,
		Body:   body,
		Header: map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"},
	}
}

// Text is a response in plain text.
func Text(status int, text string) Response {
	return Response{
		Status: status,
		Body:   []byte(text),
		Header: map[string]string{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"},
	}
}

// RawPage is a page of a platform's front door, as a machine in between sends
// it: HTML where a caller waits for JSON.
func RawPage(status int, title string) Response {
	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n</body>\r\n</html>\r\n"
	return Response{
		Status: status,
		Body:   []byte(body),
		Header: map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"},
	}
}

// Redirect sends the browser on with a GET.
func Redirect(to string) Response {
	return Response{Status: http.StatusSeeOther, Header: map[string]string{"Location": to, "Cache-Control": "no-store"}}
}

// page fills a template. Every page has a struct of its own.
func (w *World) page(status int, name string, data any) Response {
	var body bytes.Buffer
	if err := w.pages.ExecuteTemplate(&body, name, data); err != nil {
		return Text(http.StatusInternalServerError, "The sandbox cannot show its page: "+err.Error())
	}
	return Response{Status: status, Body: body.Bytes(), Header: map[string]string{
		"Content-Type":  "text/html; charset=utf-8",
		"Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors " +
			"'none'",
		"Referrer-Policy": "no-referrer",
	}}
}

// Page fills a template, a shared one or one of the platform's own. Every page
// has a struct of its own.
func (e *Env) Page(status int, name string, data any) Response {
	return e.world.page(status, name, data)
}

// show is page for a handler that writes for itself.
func (w *World) show(rw http.ResponseWriter, status int, name string, data any) {
	w.page(status, name, data).Send(rw)
}

// ServeStatic is the handler of GET /static/{name}: style, script and icon.
func ServeStatic(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(rw, r, files, "static/"+r.PathValue("name"))
}
