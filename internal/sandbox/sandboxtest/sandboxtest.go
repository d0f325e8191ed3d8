// Package sandboxtest is what the tests of the fake platforms begin with: a
// world of them, calls to it, and a browser that keeps what the app was sent.
package sandboxtest

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// Verifier is a PKCE verifier.
const Verifier = "a-verifier-of-forty-three-characters-or-more-0123456789"

// Callback is the registered way back.
const Callback = "http://localhost:7420/callback"

// Clock is a Now that a test moves.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Pass lets time go by.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// New starts a world of these platforms, with a clock that stands still. It
// ends with the test.
func New(t *testing.T, platforms ...func(*sandbox.Env) sandbox.Platform) (*sandbox.World, *Clock) {
	t.Helper()
	c := &Clock{now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	w, err := sandbox.New(sandbox.Config{
		Platforms: platforms,
		Now:       c.Now,
		Redirects: []string{Callback},
		SlowBy:    50 * time.Millisecond,
	})
	if err != nil {
		t.Fatalf("starting the world: %v", err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w, c
}

// Reply is an answer, read.
type Reply struct {
	Status int
	Header http.Header
	Text   string
	JSON   map[string]any
}

// Str is the text at a path in the JSON of a reply; empty: there is none.
func (s Reply) Str(path ...string) string {
	var at any = s.JSON
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	text, _ := at.(string)
	return text
}

// Num is the number at a path in the JSON of a reply; zero: there is none.
func (s Reply) Num(path ...string) float64 {
	var at any = s.JSON
	for _, name := range path {
		object, _ := at.(map[string]any)
		at = object[name]
	}
	n, _ := at.(float64)
	return n
}

// Rows is the list that is named data.
func (s Reply) Rows() []map[string]any {
	list, _ := s.JSON["data"].([]any)
	var rows []map[string]any
	for _, one := range list {
		row, _ := one.(map[string]any)
		rows = append(rows, row)
	}
	return rows
}

// Call speaks to a server of the world as if it were host.
func Call(t *testing.T, s *sandbox.Server, method, host, path string, form url.Values, header ...string) Reply {
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
	return Do(t, http.DefaultClient, r)
}

// Do makes a call and reads the reply.
func Do(t *testing.T, client *http.Client, r *http.Request) Reply {
	t.Helper()
	response, err := client.Do(r)
	if err != nil {
		t.Fatalf("asking %s %s: %v", r.Method, r.URL.Path, err)
	}
	defer func() { _ = response.Body.Close() }()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("reading the answer of %s %s: %v", r.Method, r.URL.Path, err)
	}
	s := Reply{Status: response.StatusCode, Header: response.Header, Text: string(raw)}
	if err := json.Unmarshal(raw, &s.JSON); err != nil {
		s.JSON = nil // not every answer is an object
	}
	return s
}

// Browser is somebody with a browser: it keeps cookies, reads pages and presses buttons.
type Browser struct {
	t      *testing.T
	client *http.Client
	At     *url.URL
	Page   *html.Node
	HTML   string
	Status int
	Back   url.Values // what the app was sent, once the visitor has left for it
}

// NewBrowser is a browser without cookies.
func NewBrowser(t *testing.T) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("making a cookie jar: %v", err)
	}
	return &Browser{t: t, client: &http.Client{
		Jar:           jar,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Open types an address.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.Load("GET", address, nil)
}

// Load sends a request as a form would, and follows where it leads.
func (b *Browser) Load(method, address string, form url.Values) {
	b.t.Helper()
	for range 6 {
		u, err := url.Parse(address)
		if err != nil {
			b.t.Fatalf("reading the address %q: %v", address, err)
		}
		if b.At != nil {
			u = b.At.ResolveReference(u)
		}
		if strings.HasPrefix(u.String(), Callback) {
			b.Back = u.Query()
			return
		}
		var body io.Reader
		if form != nil {
			body = strings.NewReader(form.Encode())
		}
		r, err := http.NewRequest(method, u.String(), body)
		if err != nil {
			b.t.Fatalf("asking %s: %v", u, err)
		}
		if form != nil {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response, err := b.client.Do(r)
		if err != nil {
			b.t.Fatalf("opening %s: %v", u, err)
		}
		raw, err := io.ReadAll(response.Body)
		_ = response.Body.Close() // it was read to its end or not; the next line tells
		if err != nil {
			b.t.Fatalf("reading %s: %v", u, err)
		}
		b.At, b.Status = u, response.StatusCode
		if to := response.Header.Get("Location"); to != "" {
			method, address, form = "GET", to, nil
			continue
		}
		b.HTML = string(raw)
		if b.Page, err = html.Parse(bytes.NewReader(raw)); err != nil {
			b.t.Fatalf("reading the page %s: %v", u, err)
		}
		return
	}
	b.t.Fatalf("opening %s: it leads on for ever", address)
}

// Press presses the button whose text begins with label, with the form's other
// fields as they are; without unticks boxes by their value.
func (b *Browser) Press(label string, without ...string) {
	b.t.Helper()
	var button *html.Node
	for n := range b.Page.Descendants() {
		if n.Type == html.ElementNode && n.Data == "button" && button == nil && strings.Contains(TextOf(n), label) {
			button = n
		}
	}
	if button == nil {
		b.t.Fatalf("pressing %q at %s: there is no such button in: %s", label, b.At, TextOf(b.Page))
	}
	var form *html.Node
	for parent := range button.Ancestors() {
		if parent.Data == "form" && form == nil {
			form = parent
		}
	}
	values := url.Values{}
	for n := range form.Descendants() {
		if n.Type == html.ElementNode && n.Data == "input" && isSent(n, without) {
			name, _ := Attr(n, "name")
			value, _ := Attr(n, "value")
			values.Add(name, value)
		}
	}
	if name, ok := Attr(button, "name"); ok {
		value, _ := Attr(button, "value")
		values.Set(name, value)
	}
	action, _ := Attr(form, "action")
	b.Load("POST", action, values)
}

// isSent reports whether a field goes with its form: a box has to be ticked.
func isSent(field *html.Node, without []string) bool {
	if kind, _ := Attr(field, "type"); kind != "checkbox" {
		return true
	}
	_, ticked := Attr(field, "checked")
	_, disabled := Attr(field, "disabled")
	value, _ := Attr(field, "value")
	return ticked && !disabled && !slices.Contains(without, value)
}

// Follow follows the link with this label.
func (b *Browser) Follow(label string) {
	b.t.Helper()
	var found *html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(TextOf(n), label) {
			found = n
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(b.Page)
	if found == nil {
		b.t.Fatalf("following %q at %s: there is no such link in: %s", label, b.At, TextOf(b.Page))
	}
	to, _ := Attr(found, "href")
	b.Load("GET", to, nil)
}

// Boxes are the tick boxes of the page.
func (b *Browser) Boxes() []*html.Node {
	var list []*html.Node
	var walk func(n *html.Node)
	walk = func(n *html.Node) {
		if kind, _ := Attr(n, "type"); n.Data == "input" && kind == "checkbox" {
			list = append(list, n)
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(b.Page)
	return list
}

// Checked is the attribute of a ticked box.
func Checked() html.Attribute { return html.Attribute{Key: "checked"} }

// Attr is an attribute of an element, and whether it has it.
func Attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// TextOf is the text of an element, with single spaces.
func TextOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var all []string
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Data != "style" && c.Data != "head" {
			all = append(all, TextOf(c))
		}
	}
	return strings.Join(strings.Fields(strings.Join(all, " ")), " ")
}

// ChallengeOf is the S256 challenge of a PKCE verifier.
func ChallengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// With is values with pairs of names and texts set; an empty text removes the name.
func With(values url.Values, pairs ...string) url.Values {
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

// MultipartText is a multipart body of these names and values, and its type.
func MultipartText(t *testing.T, fields [][2]string) (body, kind string) {
	t.Helper()
	var text bytes.Buffer
	form := multipart.NewWriter(&text)
	for _, field := range fields {
		if err := form.WriteField(field[0], field[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return text.String(), form.FormDataContentType()
}
