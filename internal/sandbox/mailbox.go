package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// routes lists every address of the mailbox.
func (m *Mail) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /{$}", http.RedirectHandler("/mailbox", http.StatusFound))
	mux.HandleFunc("GET /mailbox", m.showMailbox)
	mux.HandleFunc("GET /mailbox/{id}", m.showMailbox)
	mux.HandleFunc("GET /mailbox/{id}/email", m.showMessage)
	mux.HandleFunc("POST /empty", m.emptyMailbox)
	mux.HandleFunc("GET /api/messages", m.listMessages)
	mux.HandleFunc("GET /api/messages/{id}/source", m.showSource)
	mux.HandleFunc("GET /api/refusals", m.listRefusals)
	mux.HandleFunc("GET /api/news", m.streamNews)
	mux.HandleFunc("GET /static/{name}", ServeStatic)
	return m.onlyOwnHost(http.NewCrossOriginProtection().Handler(mux))
}

// mailboxPolicy lets the page run its own script and style and show emails
// in a frame. Nothing is inline and nothing comes from elsewhere.
const mailboxPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
	"frame-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// messagePolicy is for what a stranger may have written: no script, no form,
// no request of any kind. Pictures come from within the email. Styles are
// inline because mail has no other kind; with nothing to fetch they can do no
// harm. Links open in a tab of their own, which is not sandboxed.
const messagePolicy = "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; img-src data:; " +
	"style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// onlyOwnHost refuses every name but the one the mailbox was started under,
// so that no page elsewhere can read emails by pointing its name at loopback.
func (m *Mail) onlyOwnHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Security-Policy", mailboxPolicy)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "no-referrer")
		header.Set("Cross-Origin-Resource-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if r.Host != m.host {
			http.Error(w, "This mailbox answers at "+m.URL()+" only.", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// mailboxPage is what the mailbox shows: the list, and one email of it.
type mailboxPage struct {
	// At is the address of exactly this view, whatever address it was asked by.
	At   string
	Rows []mailboxRow
	// Open is the email shown; nil when there is none.
	Open *openMessage
	// Gone means that the requested email was deleted.
	Gone bool
	// Life differs between two starts, whose numbers may be the same.
	Life string
}

type mailboxRow struct {
	ID, Who, Line, When string
	Exact               string
	Current, Refused    bool
}

type openMessage struct {
	ID, Subject, From, To, ReplyTo, When, Exact string
	// Refused is the server's answer, and the rest is then empty.
	Refused, Words string
	Tabs           []mailboxTab
	Shown          string // html, text or source
	Text           []textPiece
	Source         string
	// Cut is how many bytes of the source are not on the page.
	Cut int
}

type mailboxTab struct {
	Name, Address string
	Current       bool
}

// textPiece is a run of plain text, or an address in it.
type textPiece struct{ Text, Link string }

// longestSource keeps the page quick when an email carries large pictures.
const longestSource = 200 << 10

func (m *Mail) showMailbox(w http.ResponseWriter, r *http.Request) {
	emails := m.store.all()
	page := mailboxPage{At: "/mailbox", Rows: make([]mailboxRow, 0, len(emails)), Life: m.life}
	id := r.PathValue("id")
	if id == "" && len(emails) > 0 { // the newest that arrived: of a refused one there is nothing to read
		newest := max(0, slices.IndexFunc(emails, func(l storedMessage) bool { return !l.refused() }))
		id = emails[newest].id()
	}
	now := m.now()
	for _, l := range emails {
		row := mailboxRow{ID: l.id(), Who: strings.Join(l.To, ", "), Line: subjectOf(l), Current: l.id() == id,
			Refused: l.refused(),
			When:    shortTime(l.shownDate(), now), Exact: l.shownDate().In(now.Location()).Format(time.RFC3339)}
		if l.refused() {
			row.Line = "Refused: " + l.Words
		}
		if row.Current {
			page.Open = openedMessage(l, r.URL.Query().Get("as"), now)
			page.At = "/mailbox/" + l.id() + "?as=" + page.Open.Shown
		}
		page.Rows = append(page.Rows, row)
	}
	page.Gone = page.Open == nil && r.PathValue("id") != ""
	status := http.StatusOK
	if page.Gone {
		status = http.StatusNotFound
	}
	m.show(w, status, page)
}

func (m *Mail) show(w http.ResponseWriter, status int, page mailboxPage) {
	var out bytes.Buffer
	if err := m.page.Execute(&out, page); err != nil {
		m.log.Error("showing the mailbox", "error", err)
		http.Error(w, "The mailbox could not be shown. Reload the page.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(out.Bytes()) // the reader went away: nothing is left to tell
}

func parseMailbox() (*template.Template, error) {
	page, err := template.New("mailbox.html").ParseFS(files, "templates/mailbox.html", "templates/layout.html")
	if err != nil {
		return nil, fmt.Errorf("reading the mailbox's page: %w", err)
	}
	return page, nil
}

func openedMessage(message storedMessage, as string, now time.Time) *openMessage {
	open := &openMessage{
		ID: message.id(), Subject: subjectOf(message), From: message.message.From, To: strings.Join(message.To, ", "),
		When:  message.shownDate().In(now.Location()).Format("2 January 2006, 15:04"),
		Exact: message.shownDate().In(now.Location()).Format(time.RFC3339),
	}
	if message.refused() {
		open.From, open.Refused, open.Words = message.Sender, message.answer(), message.Words
		return open
	}
	fields, _ := readHeaders(headOf(message.Source))
	open.ReplyTo = fields.person("Reply-To")
	open.Shown = as
	if as != "html" && as != "text" && as != "source" {
		open.Shown = "html"
	}
	if open.Shown == "html" && message.message.HTML == "" {
		open.Shown = "text"
	}
	for _, tab := range []mailboxTab{
		{Name: "HTML", Address: "html"}, {Name: "Text", Address: "text"}, {Name: "Source", Address: "source"},
	} {
		if tab.Address == "html" && message.message.HTML == "" {
			continue
		}
		tab.Current = tab.Address == open.Shown
		tab.Address = "/mailbox/" + message.id() + "?as=" + tab.Address
		open.Tabs = append(open.Tabs, tab)
	}
	switch open.Shown {
	case "text":
		open.Text = findLinks(message.message.Text)
	case "source":
		shown := message.Source
		if len(shown) > longestSource {
			shown, open.Cut = shown[:longestSource], len(shown)-longestSource
		}
		open.Source = strings.ReplaceAll(strings.ToValidUTF8(string(shown), "\uFFFD"), "\r\n", "\n")
	}
	return open
}

func headOf(source []byte) []byte {
	head, _ := splitHead(source)
	return head
}

func subjectOf(l storedMessage) string {
	if l.refused() {
		return "Not delivered"
	}
	if subject := strings.TrimSpace(l.message.Subject); subject != "" {
		return subject
	}
	return "(no subject)"
}

// shortTime is what fits at the end of a row: the time today, else the day.
func shortTime(t, now time.Time) string {
	t = t.In(now.Location())
	switch {
	case t.Year() == now.Year() && t.YearDay() == now.YearDay():
		return t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan")
	}
	return t.Format("2 Jan 2006")
}

// findLinks parts text at the addresses in it. Only http and https become
// links; what closes a sentence after an address does not belong to it.
func findLinks(text string) []textPiece {
	var pieces []textPiece
	text = strings.ReplaceAll(text, "\r\n", "\n")
	plain := 0
	for at := 0; at < len(text); {
		if !strings.HasPrefix(text[at:], "http://") && !strings.HasPrefix(text[at:], "https://") {
			at++
			continue
		}
		end := len(text)
		if stop := strings.IndexAny(text[at:], " \t\r\n<>\"'"); stop >= 0 {
			end = at + stop
		}
		address := strings.TrimRight(text[at:end], ".,;:!?)]")
		pieces = append(pieces, textPiece{Text: text[plain:at]}, textPiece{Text: address, Link: address})
		at += len(address)
		plain = at
	}
	return append(pieces, textPiece{Text: text[plain:]})
}

// showMessage is the frame's content: the email's own HTML.
func (m *Mail) showMessage(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", messagePolicy)
	l, found := m.store.find(r.PathValue("id"))
	if !found || l.message.HTML == "" {
		http.Error(w, "This email is no longer here.", http.StatusNotFound)
		return
	}
	page, err := framed(l.message.HTML, l.pictures)
	if err != nil {
		m.log.Error("showing an email", "email", l.id(), "error", err)
		http.Error(w, "The HTML of this email cannot be read. Its source can.", http.StatusUnprocessableEntity)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page) // the reader went away: nothing is left to tell
}

// framed is an email made ready for its frame: links open in a tab, pictures
// that came along are put in their places. It is not what keeps the reader
// safe (the policy is), so it takes nothing else away and shows the email as
// a mail program would.
func framed(email string, pictures map[string]picture) ([]byte, error) {
	doc, err := html.Parse(strings.NewReader(email))
	if err != nil {
		return nil, fmt.Errorf("reading an email's HTML: %w", err)
	}
	for node := range doc.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch node.DataAtom {
		case atom.A, atom.Area:
			setAttribute(node, "target", "_blank")
			setAttribute(node, "rel", "noopener noreferrer")
		case atom.Img:
			for i, attribute := range node.Attr {
				if brought, found := findPicture(attribute.Val, pictures); attribute.Key == "src" && found {
					node.Attr[i].Val = "data:" + brought.kind + ";base64," + base64.StdEncoding.EncodeToString(brought.bytes)
				}
			}
		}
	}
	var out bytes.Buffer
	if err := html.Render(&out, doc); err != nil {
		return nil, fmt.Errorf("writing an email's HTML: %w", err)
	}
	return out.Bytes(), nil
}

func findPicture(address string, pictures map[string]picture) (picture, bool) {
	if len(address) < 4 || !strings.EqualFold(address[:4], "cid:") {
		return picture{}, false
	}
	id := address[4:]
	if plain, err := url.PathUnescape(id); err == nil {
		id = plain
	}
	found, ok := pictures[id]
	return found, ok
}

func setAttribute(node *html.Node, key, value string) {
	for i, attribute := range node.Attr {
		if attribute.Key == key {
			node.Attr[i].Val = value
			return
		}
	}
	node.Attr = append(node.Attr, html.Attribute{Key: key, Val: value})
}

func (m *Mail) emptyMailbox(w http.ResponseWriter, r *http.Request) {
	if err := m.Empty(); err != nil {
		m.log.Error("emptying the mailbox", "error", err)
		http.Error(w, "The mailbox is empty here, but its file could not be. After a restart the emails are back.",
			http.StatusInternalServerError)
		return
	}
	http.Redirect(w, r, "/mailbox", http.StatusSeeOther)
}

func (m *Mail) listMessages(w http.ResponseWriter, r *http.Request) { m.answerJSON(w, m.Messages()) }

func (m *Mail) listRefusals(w http.ResponseWriter, r *http.Request) { m.answerJSON(w, m.Refusals()) }

func (m *Mail) answerJSON(w http.ResponseWriter, answer any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		m.log.Debug("answering from the mailbox", "error", err) // the caller went away
	}
}

func (m *Mail) showSource(w http.ResponseWriter, r *http.Request) {
	l, found := m.store.find(r.PathValue("id"))
	if !found || l.refused() {
		http.Error(w, "This email is no longer here.", http.StatusNotFound)
		return
	}
	// As text, so that a browser shows it and never runs it.
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(l.Source)))
	_, _ = w.Write(l.Source) // the reader went away: nothing is left to tell
}

// streamNews sends an event without content for each change, until the reader
// leaves or the mailbox closes.
func (m *Mail) streamNews(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	news := m.store.news()
	if _, err := w.Write([]byte("retry: 1000\n\n")); err != nil {
		return
	}
	for {
		if err := stream.Flush(); err != nil {
			return
		}
		select {
		case <-news:
		case <-m.done:
			return
		case <-r.Context().Done():
			return
		}
		news = m.store.news()
		if _, err := w.Write([]byte("event: news\ndata:\n\n")); err != nil {
			return
		}
	}
}
