package sandbox

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Message is an email as it arrived, in the shape the mailbox's API answers.
type Message struct {
	ID string `json:"id"`
	// From is the From header as a person reads it: the name decoded, then
	// the address in angle brackets.
	From string `json:"from"`
	// To are the bare addresses the sender named in the SMTP session,
	// which is where an email really goes.
	To      []string `json:"to"`
	Subject string   `json:"subject"`
	// Date is the email's own Date header, and without a readable one the
	// moment of its arrival.
	Date time.Time `json:"date"`
	// Headers has every header decoded, named as the sender wrote it; a
	// repeated one is joined with commas under the first spelling.
	Headers map[string]string `json:"headers"`
	Text    string            `json:"text"`
	HTML    string            `json:"html"`
}

// Refusal is an email that the server would not take. There is nothing to
// read in it: the sender was stopped before it could hand the email over.
type Refusal struct {
	ID   string    `json:"id"`
	From string    `json:"from"`
	To   []string  `json:"to"`
	Date time.Time `json:"date"`
	// Answer is the server's reply, with its code.
	Answer string `json:"answer"`
	// Words is the part of the answer that is meant for people.
	Words string `json:"words"`
}

// picture is an image that an email brings along and names by a cid.
type picture struct {
	kind  string
	bytes []byte
}

// deepest bounds how far parts within parts are followed. Our emails need
// three; an email that nests on would otherwise nest the reader with it.
const deepest = 8

// readMessage understands what it can of an email. What it cannot read stays
// empty: the source is shown beside it and always whole.
func readMessage(raw []byte) (Message, map[string]picture) {
	head, body := splitHead(raw)
	headers, order := readHeaders(head)
	m := Message{Headers: make(map[string]string, len(order)), To: []string{}}
	for _, name := range order {
		m.Headers[name] = headers.display(name)
	}
	m.Subject = headers.display("Subject")
	m.From = headers.person("From")
	if date, err := mail.ParseDate(headers.get("Date")); err == nil {
		m.Date = date.UTC()
	}
	pictures := make(map[string]picture)
	readPart(&m, pictures, headers.get("Content-Type"), headers.get("Content-Transfer-Encoding"),
		headers.get("Content-Disposition"), headers.get("Content-Id"), bytes.NewReader(body), 0)
	return m, pictures
}

func readPart(
	m *Message, pictures map[string]picture, kind, coding, disposition, id string, body io.Reader, depth int,
) {
	media, params, err := mime.ParseMediaType(kind)
	if err != nil {
		media = "text/plain" // by RFC 2045, of a part without a type
	}
	if strings.HasPrefix(media, "multipart/") {
		if depth < deepest {
			readParts(m, pictures, params["boundary"], body, depth)
		}
		return
	}
	// A part that breaks off is shown as far as it came: that is what a mail
	// program does, and the fault is then seen instead of guessed.
	content, _ := io.ReadAll(decoding(coding, body))
	attached := strings.HasPrefix(strings.ToLower(strings.TrimSpace(disposition)), "attachment")
	switch {
	case media == "text/plain" && !attached && m.Text == "":
		m.Text = strings.ToValidUTF8(string(content), "\uFFFD")
	case media == "text/html" && !attached && m.HTML == "":
		m.HTML = strings.ToValidUTF8(string(content), "\uFFFD")
	case id != "" && isPicture(media):
		pictures[strings.Trim(strings.TrimSpace(id), "<>")] = picture{kind: media, bytes: content}
	}
}

func readParts(m *Message, pictures map[string]picture, boundary string, body io.Reader, depth int) {
	if boundary == "" {
		return
	}
	parts := multipart.NewReader(body, boundary)
	for {
		part, err := parts.NextRawPart()
		if err != nil {
			return
		}
		readPart(m, pictures, part.Header.Get("Content-Type"), part.Header.Get("Content-Transfer-Encoding"),
			part.Header.Get("Content-Disposition"), part.Header.Get("Content-Id"), part, depth+1)
	}
}

func decoding(coding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(coding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}

// isPicture leaves SVG out: mail programs do too.
func isPicture(media string) bool {
	switch media {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

// headerFields are an email's headers by their canonical name, as sent.
type headerFields map[string][]string

func (h headerFields) get(name string) string {
	if values := h[textproto.CanonicalMIMEHeaderKey(name)]; len(values) > 0 {
		return values[0]
	}
	return ""
}

func (h headerFields) display(name string) string {
	var decoder mime.WordDecoder
	shown := make([]string, 0, 1)
	for _, value := range h[textproto.CanonicalMIMEHeaderKey(name)] {
		if decoded, err := decoder.DecodeHeader(value); err == nil {
			value = decoded
		}
		shown = append(shown, strings.ToValidUTF8(value, "\uFFFD"))
	}
	return strings.Join(shown, ", ")
}

// person is a header with one address in it, as people write it.
func (h headerFields) person(name string) string {
	one, err := mail.ParseAddress(h.get(name))
	switch {
	case err != nil:
		return h.display(name)
	case one.Name == "":
		return one.Address
	}
	return one.Name + " <" + one.Address + ">"
}

// splitHead parts an email at its first empty line.
func splitHead(raw []byte) (head, body []byte) {
	for _, gap := range []string{"\r\n\r\n", "\n\n"} {
		if head, body, found := bytes.Cut(raw, []byte(gap)); found {
			return head, body
		}
	}
	return raw, nil
}

// readHeaders unfolds an email's headers. It is not net/mail's reader because
// that one forgets how the names were written and gives up at the first
// malformed line, and both are what somebody looks for in a mailbox.
func readHeaders(head []byte) (fields headerFields, order []string) {
	fields = make(headerFields)
	last := ""
	for line := range strings.Lines(string(head)) {
		line = strings.TrimRight(line, "\r\n")
		if last != "" && (strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")) {
			values := fields[last]
			values[len(values)-1] += " " + strings.TrimSpace(line)
			continue
		}
		name, value, found := strings.Cut(line, ":")
		name = strings.TrimSpace(name)
		if !found || name == "" {
			continue
		}
		last = textproto.CanonicalMIMEHeaderKey(name)
		if _, known := fields[last]; !known {
			order = append(order, name)
		}
		fields[last] = append(fields[last], strings.TrimSpace(value))
	}
	return fields, order
}
