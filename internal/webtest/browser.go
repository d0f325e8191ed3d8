// Package webtest is a browser that runs no script, for tests and for the demo's past.
//
// It does what a person does with a page, and nothing that a page does not offer.
package webtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// DesktopBrowser is the user agent of a Browser that has no other.
const DesktopBrowser = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 " +
	"(KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"

// Browser is a person at a browser that runs no script. They read what is on
// the page and use it by its words: press a button, follow a link, fill in a
// field. What the page does not show they cannot do.
type Browser struct {
	// UserAgent is what it calls itself; empty: DesktopBrowser.
	UserAgent string
	// Header is sent with every request, as a browser's own.
	Header http.Header
	// Page is what they see now.
	Page Page

	client *http.Client
	typed  map[*html.Node]string // what they filled in
	ticked map[*html.Node]bool   // what they ticked or unticked
}

// Page is one page as it arrived.
type Page struct {
	Status int
	URL    *url.URL
	Header http.Header
	HTML   string
	root   *html.Node
}

// New is a browser without cookies.
func New() *Browser {
	jar, _ := cookiejar.New(nil) // it fails only for a broken list of domains
	return &Browser{client: &http.Client{Jar: jar, Timeout: 60 * time.Second}}
}

// Reach has every address with the port of a server lead to it, whatever its host: as the
// DNS does for names that it has.
func (b *Browser) Reach(server string) {
	_, port, _ := net.SplitHostPort(server)
	var dialer net.Dialer
	b.client.Transport = &http.Transport{
		DisableKeepAlives: true, // they would keep the server from ending
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if _, to, _ := net.SplitHostPort(address); to == port {
				address = server
			}
			return dialer.DialContext(ctx, network, address)
		},
	}
}

// OnRedirect lets the caller see where the visitor is sent, before they go:
// false keeps them on the page that sends them. Nil: they follow.
func (b *Browser) OnRedirect(follow func(to *url.URL) bool) {
	b.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		switch {
		case len(via) > 10:
			return errors.New("sent around in circles")
		case follow != nil && !follow(r.URL):
			return http.ErrUseLastResponse
		}
		return nil
	}
}

// Jar holds the visitor's cookies.
func (b *Browser) Jar() http.CookieJar { return b.client.Jar }

// Open types an address. A page that refuses is a page all the same: its
// Status tells.
func (b *Browser) Open(address string) error {
	r, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return fmt.Errorf("opening an address: %w", err)
	}
	r.Header.Set("Sec-Fetch-Site", "none")
	return b.load(r)
}

// Reload opens the page once more.
func (b *Browser) Reload() error { return b.Open(b.Page.URL.String()) }

// Follow follows the link with these words.
func (b *Browser) Follow(words string) error {
	isLink := func(n *html.Node) bool { return n.DataAtom == atom.A && attribute(n, "href") != "" }
	node, err := b.find(words, "link", isLink)
	if err != nil {
		return err
	}
	to, err := b.Page.URL.Parse(attribute(node, "href"))
	if err != nil {
		return fmt.Errorf("following %q: %w", words, err)
	}
	r, err := http.NewRequest(http.MethodGet, to.String(), nil)
	if err != nil {
		return fmt.Errorf("following %q: %w", words, err)
	}
	r.Header.Set("Sec-Fetch-Site", b.site(to))
	return b.load(r)
}

// Press presses the button with these words and submits its form.
func (b *Browser) Press(words string) error {
	button, err := b.find(words, "button", func(n *html.Node) bool { return isButton(n) && !has(n, "disabled") })
	if err != nil {
		return err
	}
	return b.submit(button)
}

// Fill types into the field with this label.
func (b *Browser) Fill(label, text string) error {
	field, err := b.find(label, "field", func(n *html.Node) bool {
		return n.DataAtom == atom.Textarea || n.DataAtom == atom.Input && !slices.Contains([]string{
			"hidden", "submit", "button", "checkbox", "radio", "image", "reset",
		}, attribute(n, "type"))
	})
	if err != nil {
		return err
	}
	b.typed[field] = text
	return nil
}

// box finds the box or the choice with this label.
func (b *Browser) box(label string) (*html.Node, error) {
	return b.find(label, "box", func(n *html.Node) bool {
		kind := attribute(n, "type")
		return n.DataAtom == atom.Input && (kind == "checkbox" || kind == "radio") && !has(n, "disabled")
	})
}

// Untick takes the tick off the box with this label.
func (b *Browser) Untick(label string) error {
	box, err := b.box(label)
	if err != nil {
		return err
	}
	b.ticked[box] = false
	return nil
}

// Tick ticks the box or the choice with this label.
func (b *Browser) Tick(label string) error {
	box, err := b.box(label)
	if err != nil {
		return err
	}
	if attribute(box, "type") == "radio" {
		for n := range b.Page.root.Descendants() {
			if n.DataAtom == atom.Input && attribute(n, "type") == "radio" && attribute(n, "name") == attribute(box, "name") {
				b.ticked[n] = false
			}
		}
	}
	b.ticked[box] = true
	return nil
}

// Says reports whether the page shows the sentence, whatever its white space.
func (p Page) Says(sentence string) bool { return strings.Contains(p.Text(), fold(sentence)) }

// Text is all that the page shows, in a line.
func (p Page) Text() string {
	if p.root == nil {
		return ""
	}
	return text(p.root)
}

// Title is the page's first heading.
func (p Page) Title() string {
	if p.root == nil {
		return ""
	}
	for n := range p.root.Descendants() {
		if n.DataAtom == atom.H1 {
			return text(n)
		}
	}
	return ""
}

// Buttons lists the words on every button, those that cannot be pressed aside.
func (p Page) Buttons() []string {
	return p.names(func(n *html.Node) bool { return isButton(n) && !has(n, "disabled") })
}

// Links lists the words of every link.
func (p Page) Links() []string {
	return p.names(func(n *html.Node) bool { return n.DataAtom == atom.A && attribute(n, "href") != "" })
}

// Boxes lists the labels of the boxes that can be ticked.
func (p Page) Boxes() []string {
	return p.names(func(n *html.Node) bool {
		return n.DataAtom == atom.Input && attribute(n, "type") == "checkbox" && !has(n, "disabled")
	})
}

// Target is where the link with these words leads; empty: there is none.
func (p Page) Target(words string) string {
	if p.root == nil {
		return ""
	}
	for n := range p.root.Descendants() {
		if n.DataAtom == atom.A && name(p.root, n) == fold(words) {
			return attribute(n, "href")
		}
	}
	return ""
}

// Has reports whether a button or a link with these words can be used.
func (p Page) Has(words string) bool {
	return slices.Contains(p.Buttons(), fold(words)) || slices.Contains(p.Links(), fold(words))
}

func (p Page) names(which func(*html.Node) bool) []string {
	var all []string
	if p.root == nil {
		return nil
	}
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && which(n) {
			all = append(all, name(p.root, n))
		}
	}
	return all
}

// find looks for exactly these words first, then for the only one that begins
// with them.
func (b *Browser) find(words, what string, which func(*html.Node) bool) (*html.Node, error) {
	if b.Page.root == nil {
		return nil, errors.New("no page is open")
	}
	var begins, all []*html.Node
	var shown []string
	for n := range b.Page.root.Descendants() {
		if n.Type != html.ElementNode || !which(n) {
			continue
		}
		called := name(b.Page.root, n)
		shown = append(shown, called)
		if called == fold(words) {
			all = append(all, n)
		} else if strings.HasPrefix(called, fold(words)) {
			begins = append(begins, n)
		}
	}
	if len(all) == 0 {
		all = begins
	}
	switch len(all) {
	case 0:
		return nil, fmt.Errorf("the page %q (%d) shows no %s %q, only %q", b.Page.Title(), b.Page.Status, what, words, shown)
	case 1:
		return all[0], nil
	}
	if what == "button" || what == "link" { // the same words twice do the same, as in head and foot
		return all[0], nil
	}
	return nil, fmt.Errorf("the page %q shows %d of %s %q", b.Page.Title(), len(all), what, words)
}

func (b *Browser) submit(button *html.Node) error {
	form := formOf(b.Page.root, button)
	if form == nil {
		return fmt.Errorf("the button %q belongs to no form", name(b.Page.root, button))
	}
	values := b.values(form, button)
	action := attribute(form, "action")
	if has(button, "formaction") {
		action = attribute(button, "formaction")
	}
	to, err := b.Page.URL.Parse(action)
	if err != nil {
		return fmt.Errorf("submitting a form: %w", err)
	}
	if !strings.EqualFold(attribute(form, "method"), "post") {
		to.RawQuery, to.Fragment = values.Encode(), ""
		r, err := http.NewRequest(http.MethodGet, to.String(), nil)
		if err != nil {
			return fmt.Errorf("submitting a form: %w", err)
		}
		r.Header.Set("Sec-Fetch-Site", b.site(to))
		return b.load(r)
	}
	r, err := http.NewRequest(http.MethodPost, to.String(), strings.NewReader(values.Encode()))
	if err != nil {
		return fmt.Errorf("submitting a form: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", b.Page.URL.Scheme+"://"+b.Page.URL.Host)
	r.Header.Set("Sec-Fetch-Site", b.site(to))
	return b.load(r)
}

// values are what a browser would send: hidden fields, what was typed or stood
// there, what is ticked, and the button itself.
func (b *Browser) values(form, button *html.Node) url.Values {
	values := url.Values{}
	for n := range b.Page.root.Descendants() {
		key := attribute(n, "name")
		if n.Type != html.ElementNode || key == "" || has(n, "disabled") || formOf(b.Page.root, n) != form {
			continue
		}
		if value, sent := b.value(n); sent {
			values.Add(key, value)
		}
	}
	if key := attribute(button, "name"); key != "" {
		values.Add(key, attribute(button, "value"))
	}
	return values
}

// value is what a field sends with its form, and whether it sends anything.
func (b *Browser) value(n *html.Node) (value string, sent bool) {
	typed, done := b.typed[n]
	switch n.DataAtom {
	case atom.Textarea:
		if !done {
			typed = strings.TrimPrefix(rawText(n), "\n")
		}
		return typed, true
	case atom.Select:
		if option := chosen(n); option != nil {
			return valueOf(option), true
		}
	case atom.Input:
		switch attribute(n, "type") {
		case "submit", "button", "image", "reset", "file":
			return "", false
		case "checkbox", "radio":
			on, touched := b.ticked[n]
			if !touched {
				on = has(n, "checked")
			}
			return valueOf(n), on
		}
		if !done {
			typed = attribute(n, "value")
		}
		return typed, true
	}
	return "", false
}

func (b *Browser) load(r *http.Request) error {
	for key, all := range b.Header {
		r.Header[key] = all
	}
	agent := b.UserAgent
	if agent == "" {
		agent = DesktopBrowser
	}
	r.Header.Set("User-Agent", agent)
	r.Header.Set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8")
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	answer, err := b.client.Do(r)
	if err != nil {
		return fmt.Errorf("loading a page: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(answer.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("loading a page: %w", err)
	}
	root, err := html.Parse(strings.NewReader(string(content)))
	if err != nil {
		return fmt.Errorf("reading a page: %w", err)
	}
	b.Page = Page{
		Status: answer.StatusCode,
		URL:    answer.Request.URL,
		Header: answer.Header,
		HTML:   string(content),
		root:   root,
	}
	b.typed, b.ticked = map[*html.Node]string{}, map[*html.Node]bool{}
	return nil
}

// site is the Sec-Fetch-Site of a request.
func (b *Browser) site(to *url.URL) string {
	from := b.Page.URL
	switch {
	case from == nil:
		return "none"
	case from.Scheme == to.Scheme && from.Host == to.Host:
		return "same-origin"
	case from.Scheme == to.Scheme && from.Hostname() == to.Hostname():
		return "same-site"
	}
	return "cross-site"
}

// name is what a thing on the page is called.
func name(root, n *html.Node) string {
	if label := attribute(n, "aria-label"); label != "" {
		return fold(label)
	}
	if ids := strings.Fields(attribute(n, "aria-labelledby")); len(ids) > 0 {
		var parts []string
		for _, id := range ids {
			if labelled := byID(root, id); labelled != nil {
				parts = append(parts, text(labelled))
			}
		}
		return fold(strings.Join(parts, " "))
	}
	if n.DataAtom == atom.A || n.DataAtom == atom.Button {
		return text(n)
	}
	if n.DataAtom == atom.Input && (attribute(n, "type") == "submit" || attribute(n, "type") == "button") {
		return fold(attribute(n, "value"))
	}
	return labelOf(root, n)
}

// labelOf is the text of a field's label.
func labelOf(root, n *html.Node) string {
	if id := attribute(n, "id"); id != "" {
		for label := range root.Descendants() {
			if label.DataAtom == atom.Label && attribute(label, "for") == id {
				return text(label)
			}
		}
	}
	for parent := range n.Ancestors() {
		if parent.DataAtom == atom.Label {
			return text(parent)
		}
	}
	return ""
}

func isButton(n *html.Node) bool {
	kind := attribute(n, "type")
	return n.DataAtom == atom.Button && kind != "button" && kind != "reset" || n.DataAtom == atom.Input && kind == "submit"
}

func formOf(root, n *html.Node) *html.Node {
	if id := attribute(n, "form"); id != "" {
		return byID(root, id)
	}
	for parent := range n.Ancestors() {
		if parent.DataAtom == atom.Form {
			return parent
		}
	}
	return nil
}

func byID(root *html.Node, id string) *html.Node {
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "id") == id {
			return n
		}
	}
	return nil
}

func chosen(selection *html.Node) *html.Node {
	var first *html.Node
	for option := range selection.Descendants() {
		if option.DataAtom != atom.Option {
			continue
		}
		if has(option, "selected") {
			return option
		}
		if first == nil {
			first = option
		}
	}
	return first
}

func valueOf(n *html.Node) string {
	if has(n, "value") {
		return attribute(n, "value")
	}
	if n.DataAtom == atom.Option {
		return text(n)
	}
	return "on"
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// text is what a node shows: no script, no style, nothing hidden from everybody.
func text(n *html.Node) string {
	var b strings.Builder
	var read func(*html.Node)
	read = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && (isUnread(n.DataAtom) || has(n, "hidden")):
			return
		}
		if n.Type == html.ElementNode && !inline(n) {
			b.WriteByte(' ')
		}
		for child := range n.ChildNodes() {
			read(child)
		}
		if n.Type == html.ElementNode && !inline(n) {
			b.WriteByte(' ')
		}
	}
	read(n)
	return fold(b.String())
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}

func inline(n *html.Node) bool {
	return slices.Contains([]atom.Atom{
		atom.A, atom.B, atom.Strong, atom.Em, atom.I, atom.Code, atom.Kbd, atom.Small, atom.Bdi, atom.Abbr, atom.Time,
	}, n.DataAtom)
}

// isUnread reports whether an element's text is never shown.
func isUnread(element atom.Atom) bool {
	return slices.Contains([]atom.Atom{atom.Script, atom.Style, atom.Template, atom.Head, atom.Svg}, element)
}

func fold(s string) string { return strings.Join(strings.Fields(s), " ") }
