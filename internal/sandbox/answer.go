package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
)

// answer is what a server says to one call. It is complete before a byte is
// sent: the state is locked while it is made, never while a slow caller reads.
type answer struct {
	status int
	header map[string]string
	cookie *http.Cookie
	body   []byte
}

// answering serves what say answers, with the world's state locked meanwhile.
// The request's form has been parsed, and its body can still be read.
func (w *World) answering(say func(r *http.Request) answer) http.HandlerFunc {
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
		w.mu.Lock()
		a := say(r)
		w.mu.Unlock()
		a.send(rw)
	}
}

func (a answer) send(rw http.ResponseWriter) {
	for _, name := range slices.Sorted(maps.Keys(a.header)) {
		rw.Header().Set(name, a.header[name])
	}
	if a.cookie != nil {
		http.SetCookie(rw, a.cookie)
	}
	rw.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	rw.WriteHeader(a.status)
	_, _ = rw.Write(a.body) // who hung up does not want it
}

func (a answer) with(name, value string) answer {
	header := maps.Clone(a.header)
	if header == nil {
		header = map[string]string{}
	}
	header[name] = value
	a.header = header
	return a
}

func (a answer) withStatus(status int) answer {
	a.status = status
	return a
}

// jsonAnswer encodes v as it is now.
func jsonAnswer(status int, v any) answer {
	body, err := json.Marshal(v)
	if err != nil {
		return textAnswer(http.StatusInternalServerError, "The sandbox cannot write its answer: "+err.Error())
	}
	return answer{status: status, body: body, header: map[string]string{"Content-Type": "application/json; charset=utf-8", "Cache-Control": "no-store"}}
}

func textAnswer(status int, text string) answer {
	return answer{status: status, body: []byte(text), header: map[string]string{"Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store"}}
}

// rawPage is a page of a platform's front door, as a machine in between sends
// it: HTML where a caller waits for JSON.
func rawPage(status int, title string) answer {
	body := "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title + "</h1></center>\r\n</body>\r\n</html>\r\n"
	return answer{status: status, body: []byte(body), header: map[string]string{"Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store"}}
}

func redirect(to string) answer {
	return answer{status: http.StatusSeeOther, header: map[string]string{"Location": to, "Cache-Control": "no-store"}}
}

// page fills a template. Every page has a struct of its own.
func (w *World) page(status int, name string, data any) answer {
	var body bytes.Buffer
	if err := w.pages.ExecuteTemplate(&body, name, data); err != nil {
		return textAnswer(http.StatusInternalServerError, "The sandbox cannot show its page: "+err.Error())
	}
	return answer{status: status, body: body.Bytes(), header: map[string]string{
		"Content-Type":            "text/html; charset=utf-8",
		"Cache-Control":           "no-store",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":         "no-referrer",
	}}
}

// show is page for a handler that writes for itself.
func (w *World) show(rw http.ResponseWriter, status int, name string, data any) {
	w.page(status, name, data).send(rw)
}

// showStatic is the handler of GET /static/{name}: style, script and icon.
func showStatic(rw http.ResponseWriter, r *http.Request) {
	rw.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(rw, r, files, "static/"+r.PathValue("name"))
}
