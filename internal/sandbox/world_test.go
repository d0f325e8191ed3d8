package sandbox

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"
)

const callback = "http://localhost:7420/callback"

// clock is a Now that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func newWorld(t *testing.T) (*World, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	w, err := New(Config{Now: c.Now, Redirects: []string{callback}, SlowBy: 50 * time.Millisecond})
	if err != nil {
		t.Fatalf("starting the world: %v", err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w, c
}

// said is an answer, read.
type said struct {
	status int
	header http.Header
	text   string
	json   map[string]any
}

func (s said) str(path ...string) string {
	var at any = s.json
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	text, _ := at.(string)
	return text
}

func (s said) num(path ...string) float64 {
	var at any = s.json
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	n, _ := at.(float64)
	return n
}

func (s said) rows() []map[string]any {
	list, _ := s.json["data"].([]any)
	var rows []map[string]any
	for _, one := range list {
		row, _ := one.(map[string]any)
		rows = append(rows, row)
	}
	return rows
}

// call speaks to a server of the world as if it were host.
func call(t *testing.T, s *Server, method, host, path string, form url.Values, header ...string) said {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequest(method, s.URL()+path, body)
	if err != nil {
		t.Fatalf("asking %s %s: %v", method, path, err)
	}
	r.Host = host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return do(t, http.DefaultClient, r)
}

func do(t *testing.T, client *http.Client, r *http.Request) said {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		t.Fatalf("asking %s %s: %v", r.Method, r.URL.Path, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("reading the answer of %s %s: %v", r.Method, r.URL.Path, err)
	}
	s := said{status: response.StatusCode, header: response.Header, text: string(raw)}
	if err := json.Unmarshal(raw, &s.json); err != nil {
		s.json = nil // not every answer is an object
	}
	return s
}

// visitor is somebody with a browser: it keeps cookies, reads pages and presses buttons.
type visitor struct {
	t      *testing.T
	client *http.Client
	at     *url.URL
	page   *html.Node
	text   string
	status int
	back   url.Values // what the app was sent, once the visitor has left for it
}

func newVisitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("making a cookie jar: %v", err)
	}
	return &visitor{t: t, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

func (v *visitor) open(address string) {
	v.t.Helper()
	v.load("GET", address, nil)
}

func (v *visitor) load(method, address string, form url.Values) {
	v.t.Helper()
	for range 6 {
		u, err := url.Parse(address)
		if err != nil {
			v.t.Fatalf("reading the address %q: %v", address, err)
		}
		if v.at != nil {
			u = v.at.ResolveReference(u)
		}
		if strings.HasPrefix(u.String(), callback) {
			v.back = u.Query()
			return
		}
		var body io.Reader
		if form != nil {
			body = strings.NewReader(form.Encode())
		}
		r, err := http.NewRequest(method, u.String(), body)
		if err != nil {
			v.t.Fatalf("asking %s: %v", u, err)
		}
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := v.client.Do(r)
		if err != nil {
			v.t.Fatalf("opening %s: %v", u, err)
		}
		raw, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // it was read to its end or not; the next line tells
		if err != nil {
			v.t.Fatalf("reading %s: %v", u, err)
		}
		v.at, v.status = u, response.StatusCode
		if to := response.Header.Get("Location"); to != "" {
			method, address, form = "GET", to, nil
			continue
		}
		v.text = string(raw)
		if v.page, err = html.Parse(bytes.NewReader(raw)); err != nil {
			v.t.Fatalf("reading the page %s: %v", u, err)
		}
		return
	}
	v.t.Fatalf("opening %s: it leads on for ever", address)
}

// press presses the button whose text begins with label, with the form's other
// fields as they are; without unticks boxes by their value.
func (v *visitor) press(label string, without ...string) {
	v.t.Helper()
	var form, button *html.Node
	var walk func(n, in *html.Node)
	walk = func(n, in *html.Node) {
		if n.Type == html.ElementNode && n.Data == "form" {
			in = n
		}
		if n.Type == html.ElementNode && n.Data == "button" && button == nil && strings.Contains(textOf(n), label) {
			form, button = in, n
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(v.page, nil)
	if button == nil {
		v.t.Fatalf("pressing %q at %s: there is no such button in: %s", label, v.at, textOf(v.page))
	}
	values := url.Values{}
	var fields func(n *html.Node)
	fields = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "input" {
			_, ticked := attr(n, "checked")
			kind, _ := attr(n, "type")
			value, _ := attr(n, "value")
			name, _ := attr(n, "name")
			_, disabled := attr(n, "disabled")
			dropped := false
			for _, gone := range without {
				dropped = dropped || gone == value
			}
			if kind != "checkbox" || ticked && !dropped && !disabled {
				values.Add(name, value)
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			fields(c)
		}
	}
	fields(form)
	if name, ok := attr(button, "name"); ok {
		value, _ := attr(button, "value")
		values.Set(name, value)
	}
	action, _ := attr(form, "action")
	v.load("POST", action, values)
}

func (v *visitor) follow(label string) {
	v.t.Helper()
	var found *html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(textOf(n), label) {
			found = n
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(v.page)
	if found == nil {
		v.t.Fatalf("following %q at %s: there is no such link in: %s", label, v.at, textOf(v.page))
	}
	to, _ := attr(found, "href")
	v.load("GET", to, nil)
}

// boxes are the tick boxes of the page.
func (v *visitor) boxes() []*html.Node {
	var list []*html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if kind, _ := attr(n, "type"); n.Data == "input" && kind == "checkbox" {
			list = append(list, n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(v.page)
	return list
}

func checked() html.Attribute { return html.Attribute{Key: "checked"} }

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var all []string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Data != "style" && c.Data != "head" {
			all = append(all, textOf(c))
		}
	}
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func with(values url.Values, pairs ...string) url.Values {
	changed := url.Values{}
	for name, list := range values {
		changed[name] = list
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			changed.Del(pairs[i])
		} else {
			changed.Set(pairs[i], pairs[i+1])
		}
	}
	return changed
}
