// Package mail writes and sends emails: what clients and members get by email.
//
// Every email is a struct. Compose turns it into a Message, the same bytes
// for the same struct, so that the hub can show what the relay will send. A
// Sender hands one Message to the operator's mail server and reports how that
// ended.
//
// An email never carries what a client typed, a credential, a tracking image,
// or anything a receiver has to load from somewhere. The package keeps
// nothing, queues nothing and logs nothing: links are in its emails only.
package mail

import (
	"bytes"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"image/png"
	"io"
	"log/slog"
	netmail "net/mail"
	"net/url"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Email is one kind of email, filled in. Only this package has any.
type Email interface {
	envelope() Envelope
	content(c *Composer) content
}

// Envelope is what every email has beside its content.
type Envelope struct {
	ID       string               // the email's own id; the Message-ID is made of it, so that a repeat has the same one
	Date     onboarding.Timestamp // written at
	To       string               // the one address, bare
	Agency   onboarding.Agency    // in whose name; its Name stands in the footer
	Operator Operator
	Footer   FooterLinks
}

func (e Envelope) envelope() Envelope { return e }

// Operator is who runs the relay.
type Operator struct {
	Name    string             // as clients read it
	From    string             // the bare address that emails come from; its domain is in every Message-ID
	Contact onboarding.Contact // where to ask for help
}

// FooterLinks are the relay's addresses below every email. They are the email's
// own and open no request.
type FooterLinks struct {
	Genuine  string // Is this genuine?
	Report   string
	Suppress string // asks, and stops these emails by a POST
}

// Message is an email as it is sent. Printed or logged it shows its id and
// nothing of what it says: there may be a link in it.
type Message struct {
	ID        string // the Message-ID, without brackets
	Date      onboarding.Timestamp
	From      netmail.Address
	ReplyTo   string // bare; empty: none
	To        string // bare, one
	Subject   string
	HTML      string
	Text      string
	Inline    []Image
	Automatic bool // written by the relay of its own accord, so that nobody's absence note answers it
}

// Image is a picture inside a message, shown by `cid:`.
type Image struct {
	CID  string
	Name string
	PNG  []byte
}

// String is the message's id.
func (m Message) String() string { return "email " + m.ID }

// Format hides what the message says from every verb of fmt.
// a fmt.State has nowhere to report to
func (m Message) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// LogValue hides what the message says from slog.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Standalone is the HTML with its images inside it, to be shown outside of a
// mail program.
func (m Message) Standalone() string {
	page := m.HTML
	for _, image := range m.Inline {
		page = strings.ReplaceAll(
			page, "cid:"+image.CID, "data:image/png;base64,"+base64.StdEncoding.EncodeToString(image.PNG),
		)
	}
	return page
}

//go:embed messages
var messages embed.FS

// Composer writes emails in one language. It is safe for concurrent use.
type Composer struct {
	catalog *catalog.Catalog
	print   *i18n.Printer
}

// NewComposer returns a Composer with the texts of a catalog.
func NewComposer(c *catalog.Catalog) (*Composer, error) {
	printer, err := i18n.New(i18n.English, messages)
	if err != nil {
		return nil, fmt.Errorf("reading the emails' messages: %w", err)
	}
	return &Composer{catalog: c, print: printer}, nil
}

// Compose writes an email. It fails when the email could not be sent as it
// is: an address that is none, a link that leads elsewhere than to http or
// https, a logo that is no PNG. The same email gives the same message.
func (c *Composer) Compose(email Email) (*Message, error) {
	envelope := email.envelope()
	message, err := c.compose(envelope, email.content(c))
	if err != nil {
		return nil, fmt.Errorf("composing %T %s: %w", email, envelope.ID, err)
	}
	return message, nil
}

func (c *Composer) compose(envelope Envelope, made content) (*Message, error) {
	addresses, err := readAddresses(envelope, made)
	if err != nil {
		return nil, err
	}
	if strings.Trim(envelope.ID, idCharacters) != "" || envelope.ID == "" {
		return nil, fmt.Errorf("making the Message-ID: %q cannot be part of one", envelope.ID)
	}
	if envelope.Date == 0 {
		return nil, errors.New("dating the email: it has no date")
	}
	domain := domainOf(addresses.from)
	var images []Image
	if logo := made.brand.logo; logo != nil {
		images = append(images, Image{CID: "logo@" + domain, Name: "logo.png", PNG: logo})
	}
	shown, err := c.view(made, envelope, images)
	if err != nil {
		return nil, err
	}
	html, text, err := render(shown)
	if err != nil {
		return nil, err
	}
	return &Message{
		ID:        envelope.ID + "@" + domain,
		Date:      envelope.Date,
		From:      netmail.Address{Name: made.brand.sender, Address: addresses.from},
		ReplyTo:   addresses.replyTo,
		To:        addresses.to,
		Subject:   made.subject,
		HTML:      html,
		Text:      text,
		Inline:    images,
		Automatic: made.automatic,
	}, nil
}

// addresses are those of one email; replyTo may be empty.
type addresses struct{ from, to, replyTo string }

func readAddresses(e Envelope, made content) (addresses, error) {
	var a addresses
	var err error
	if a.from, err = onboarding.ASCIIAddress(e.Operator.From); err != nil {
		return a, fmt.Errorf("reading the operator's address: %w", err)
	}
	if a.to, err = onboarding.ASCIIAddress(e.To); err != nil {
		return a, fmt.Errorf("reading the receiver's address: %w", err)
	}
	if made.replyTo == "" {
		return a, nil
	}
	if a.replyTo, err = onboarding.ASCIIAddress(made.replyTo); err != nil {
		return a, fmt.Errorf("reading the address for replies: %w", err)
	}
	return a, nil
}

// idCharacters may be in an email's id: all of them are plain in a Message-ID.
const idCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func domainOf(address string) string { return address[strings.LastIndexByte(address, '@')+1:] }

// webAddress gives the address and its host if a person may be led there.
func webAddress(address string) (host string, err error) {
	parsed, err := url.Parse(address)
	if err != nil || parsed.Host == "" || parsed.User != nil || parsed.Scheme != "https" && parsed.Scheme != "http" {
		return "", errors.New("not the address of a web page") // without it: it may hold a link
	}
	return parsed.Host, nil
}

// logoSize is how large a logo is shown: 34 high, narrower if it is wide.
func logoSize(logo []byte) (width, height int, err error) {
	config, err := png.DecodeConfig(bytes.NewReader(logo))
	if err != nil || config.Width == 0 || config.Height == 0 {
		return 0, 0, errors.New("reading the logo: not a PNG")
	}
	width, height = config.Width*logoHeight/config.Height, logoHeight
	if width > logoWidth {
		width, height = logoWidth, config.Height*logoWidth/config.Width
	}
	return max(width, 1), max(height, 1), nil
}

const (
	logoHeight = 34
	logoWidth  = 160
)

//go:embed mark.png
var mark []byte
