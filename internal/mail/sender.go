package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/latchkeyhq/latchkey/internal/loopback"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Config is the operator's mail server.
type Config struct {
	// smtp://user@host:587 (STARTTLS) or smtps://user@host:465; without a user nobody signs in
	URL          string
	Password     onboarding.Secret // needed with a user; never part of URL
	From         string            // the bare address that emails come from; bounces go there
	HELO         string            // how the relay calls itself; empty: the domain of From
	StepTimeout  time.Duration     // for each reading and writing; zero: 30 seconds
	ReplyTimeout time.Duration     // for the reply to a whole email, which may be scanned first; zero: 2 minutes
	TotalTimeout time.Duration     // for one email from dialling on; zero: 5 minutes
	Roots        *x509.CertPool    // who may vouch for the server; nil: whom the system trusts
}

// Sender hands emails to the operator's mail server, one connection for
// each. It may be used by many at once.
type Sender struct {
	server       Server
	host         string // as in its certificate: without a zone, which only this machine has
	clear        bool   // on this machine: nothing to encrypt for
	password     onboarding.Secret
	from         string
	helo         string
	stepTimeout  time.Duration
	replyTimeout time.Duration
	totalTimeout time.Duration
	roots        *x509.CertPool
}

// NewSender checks the configuration; it does not connect. An error does not
// repeat the address: a password may be in it by mistake.
func NewSender(config Config) (*Sender, error) {
	from, err := onboarding.ASCIIAddress(config.From)
	if err != nil {
		return nil, fmt.Errorf("reading the address emails come from: %w", err)
	}
	s := &Sender{
		password:     config.Password,
		from:         from,
		helo:         config.HELO,
		stepTimeout:  orElse(config.StepTimeout, 30*time.Second),
		replyTimeout: orElse(config.ReplyTimeout, 2*time.Minute),
		totalTimeout: orElse(config.TotalTimeout, 5*time.Minute),
		roots:        config.Roots,
	}
	if s.server, err = ParseServer(config.URL); err != nil {
		return nil, fmt.Errorf("reading the mail server's address: it %w", err)
	}
	if (s.server.User == "") != s.password.Empty() {
		return nil, errors.New("reading the mail server's address: a user and a password belong together")
	}
	s.host, _, _ = strings.Cut(s.server.Host, "%")
	s.clear = !s.server.TLS && loopback.Host(s.host)
	if s.helo == "" {
		s.helo = domainOf(from)
	}
	if strings.ContainsFunc(s.helo, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("reading the name the relay calls itself: it has to be a host's name")
	}
	return s, nil
}

func orElse(given, usual time.Duration) time.Duration {
	if given <= 0 {
		return usual
	}
	return given
}

// Send hands over one email. Nil means that the server has taken it. Else the
// error is a *RefusedError, a *DeferredError or an *OutcomeUnknownError. It ends
// within Config.TotalTimeout, and when ctx does.
func (s *Sender) Send(ctx context.Context, message *Message) error {
	if message.From.Address != s.from {
		return &RefusedError{Reason: "delivery.foreign_sender"}
	}
	email, err := assemble(message)
	if err != nil {
		return &DeferredError{Doing: "composing", Reason: "delivery.not_composed", Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, s.totalTimeout)
	defer cancel()
	conn := &deadlineConn{}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // it may be closed already
	defer stop()

	client, err := s.connect(ctx, conn, ascii(message.To))
	if err != nil {
		_ = conn.Close() // nothing was sent
		return deferred(ctx, "connecting", err)
	}
	if err := s.handOver(ctx, client, conn, message.To, email); err != nil {
		_ = conn.Close() // the error tells how it ended
		return err
	}
	// The email is taken, and the caller has to write that down before anything
	// happens to it: the goodbyes are not waited for.
	conn.timeout.Store(int64(time.Second))
	go func() {
		_ = client.Quit() // a server that does not say goodbye changes nothing
		_ = conn.Close()
	}()
	return nil
}

// Ready reports whether the mail server would take an email now: it signs in, names the
// sender and sends nothing. Its error is a *DeferredError: emails wait until that is over.
func (s *Sender) Ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.totalTimeout)
	defer cancel()
	conn := &deadlineConn{}
	defer func() { _ = conn.Close() }() // nothing was sent
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	client, err := s.connect(ctx, conn, true)
	if err != nil {
		return deferred(ctx, "connecting", err)
	}
	if err := client.Mail("<" + s.from + ">"); err != nil {
		return deferred(ctx, "naming the sender", err)
	}
	_ = client.Quit() // a server that does not say goodbye takes emails nevertheless
	return nil
}

// Reply is what the mail server replied, where an error of Ready is its refusal; empty:
// it did not answer.
func Reply(err error) string {
	var reply *textproto.Error
	if errors.As(err, &reply) {
		return strconv.Itoa(reply.Code) + " " + sanitizeReply(reply.Msg)
	}
	return ""
}

// handOver names sender and receiver and sends the email, on a connection that
// is signed in.
func (s *Sender) handOver(
	ctx context.Context, client *smtp.Client, conn *deadlineConn, to string, email *gomail.Msg,
) error {
	if !ascii(to) {
		if able, _ := client.Extension("SMTPUTF8"); !able {
			return &RefusedError{Code: 553, Reason: "delivery.no_utf8"}
		}
	}
	if err := client.Mail("<" + s.from + ">"); err != nil {
		return deferred(ctx, "naming the sender", err) // also a final no: it is not about this email
	}
	if err := client.Rcpt("<" + to + ">"); err != nil {
		return classify(ctx, "naming the receiver", err)
	}
	const doing = "handing over the email"
	data, err := client.Data()
	if err != nil {
		return classify(ctx, doing, err)
	}
	if _, err := email.WriteTo(data); err != nil {
		return deferred(ctx, doing, err)
	}
	conn.timeout.Store(int64(s.replyTimeout))
	if err := data.Close(); err != nil {
		var reply *textproto.Error
		switch {
		case errors.As(err, &reply):
			return classify(ctx, doing, err)
		case conn.broken.Load():
			return deferred(ctx, doing, err) // its end was never written
		}
		return &OutcomeUnknownError{Err: withCause(ctx, err)}
	}
	return nil
}

// connect dials, greets, encrypts and signs in.
func (s *Sender) connect(ctx context.Context, conn *deadlineConn, plainASCII bool) (*smtp.Client, error) {
	conn.timeout.Store(int64(s.stepTimeout))
	settings := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: s.roots}
	options := []gomail.Option{
		gomail.WithPort(s.server.Port),
		gomail.WithHELO(s.helo),
		gomail.WithTimeout(s.totalTimeout), // the connection has the finer limits
		gomail.WithTLSConfig(settings),
		// The library joins host and port without brackets.
		gomail.WithDialContextFunc(func(ctx context.Context, network, _ string) (net.Conn, error) {
			return s.dial(ctx, conn, settings, network)
		}),
	}
	switch {
	case s.clear:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case s.server.TLS:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.server.User != "" {
		ways := []gomail.SMTPAuthType{gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthSCRAMSHA256}
		if s.clear {
			ways = []gomail.SMTPAuthType{gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc, gomail.SMTPAuthSCRAMSHA256}
		}
		options = append(
			options, gomail.WithUsername(s.server.User), gomail.WithPassword(s.password.Reveal()),
			gomail.WithOpportunisticSMTPAuth(ways...),
		)
	}
	if plainASCII {
		// who asks for it without need is refused by older servers on the way
		options = append(options, gomail.WithoutSMTPUTF8())
	}
	client, err := gomail.NewClient(s.host, options...)
	if err != nil {
		return nil, fmt.Errorf("setting up the mail client: %w", err)
	}
	return client.DialToSMTPClientWithContext(ctx)
}

// dial connects conn, and encrypts it where TLS is from the first byte.
func (s *Sender) dial(
	ctx context.Context, conn *deadlineConn, settings *tls.Config, network string,
) (net.Conn, error) {
	address := net.JoinHostPort(s.server.Host, strconv.Itoa(s.server.Port))
	dialCtx, cancel := context.WithTimeout(ctx, s.stepTimeout)
	defer cancel()
	dialled, err := (&net.Dialer{}).DialContext(dialCtx, network, address)
	if err != nil {
		return nil, err
	}
	conn.attach(ctx, dialled)
	if s.clear {
		if remote, ok := dialled.RemoteAddr().(*net.TCPAddr); !ok || !remote.IP.IsLoopback() {
			return nil, errors.New("not encrypting: the mail server is not on this machine")
		}
	}
	if !s.server.TLS {
		return conn, nil
	}
	encrypted := tls.Client(conn, settings)
	return encrypted, encrypted.HandshakeContext(dialCtx)
}

// assemble makes the bytes that are sent.
func assemble(message *Message) (*gomail.Msg, error) {
	email := gomail.NewMsg(
		gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP),
	)
	if sender := message.From; plainHeader(sender.Name) {
		email.FromMailAddress(&netmail.Address{Name: sender.Name, Address: sender.Address})
	} else {
		email.SetGenHeaderPreformatted("From", strings.Join(encodedWords(sender.Name), "\r\n ")+"\r\n <"+sender.Address+">")
	}
	if err := email.To(message.To); err != nil {
		return nil, fmt.Errorf("addressing the email: %w", err)
	}
	if message.ReplyTo != "" {
		if err := email.ReplyTo(message.ReplyTo); err != nil {
			return nil, fmt.Errorf("addressing the answers: %w", err)
		}
	}
	email.Subject(strings.Join(encodedWords(headerLine(message.Subject)), " "))
	email.SetMessageIDWithValue(message.ID)
	email.SetDateWithValue(message.Date.Time())
	email.SetGenHeader("Content-Language", "en")
	if message.Automatic {
		email.SetGenHeader("Auto-Submitted", "auto-generated")
		email.SetGenHeader("X-Auto-Response-Suppress", "All")
	}
	email.SetBodyString(gomail.TypeTextPlain, message.Text, gomail.WithPartEncoding(encoding(message.Text)))
	email.AddAlternativeString(gomail.TypeTextHTML, message.HTML, gomail.WithPartEncoding(encoding(message.HTML)))
	for _, image := range message.Inline {
		email.EmbedReadSeeker(image.Name, strings.NewReader(string(image.PNG)),
			gomail.WithFileContentID("<"+image.CID+">"), gomail.WithFileContentType("image/png"))
	}
	return email, nil
}

// encodedWords writes text in ASCII, as headers want it, in words short enough
// to begin on the header's own line: one that begins with an empty line is
// taken for forged by some filters. Every word is encoded or none is: the space
// between two is not read only if both are.
func encodedWords(text string) []string {
	if plainHeader(text) {
		return []string{text}
	}
	const limit = 30 // bytes, some 50 when encoded
	var words []string
	for text = strings.ToValidUTF8(text, ""); text != ""; {
		end := 0
		for i, r := range text {
			if i+utf8.RuneLen(r) > limit {
				break
			}
			end = i + utf8.RuneLen(r)
		}
		words = append(words, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(text[:end]))+"?=")
		text = text[end:]
	}
	return words
}

// plainHeader reports whether a header can have text as it is: all of it is
// ASCII, none of it looks encoded, and there is a space to fold it at in time.
func plainHeader(text string) bool {
	const longest = 60 // a word of a line
	return ascii(text) && !strings.Contains(text, "=?") &&
		!slices.ContainsFunc(strings.Fields(text), func(word string) bool { return len(word) > longest })
}

// WriteTo writes the message as it travels.
func (m *Message) WriteTo(w io.Writer) (int64, error) {
	email, err := assemble(m)
	if err != nil {
		return 0, err
	}
	n, err := email.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("writing email %s: %w", m.ID, err)
	}
	return n, nil
}

// encoding is the shorter one: where most emails are foreign to ASCII,
// quoted-printable takes three bytes for one.
func encoding(text string) gomail.Encoding {
	foreign := 0
	for i := range len(text) {
		if text[i] >= 0x80 {
			foreign++
		}
	}
	if foreign*6 > len(text) {
		return gomail.EncodingB64
	}
	return gomail.EncodingQP
}

func ascii(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r >= 0x80 })
}

// deadlineConn is one connection with a limit for each reading and writing. The
// mail library has only one limit for all of it, leaves the connection open when
// a greeting fails, and does not tell an email that was never finished from one
// that was not answered.
type deadlineConn struct {
	net.Conn
	timeout  atomic.Int64 // for one reading or writing
	broken   atomic.Bool  // a writing failed: what was being sent did not arrive
	attached atomic.Pointer[net.Conn]
	closed   atomic.Bool
}

func (c *deadlineConn) attach(ctx context.Context, conn net.Conn) {
	c.Conn = conn
	c.attached.Store(&conn)
	if ctx.Err() != nil || c.closed.Load() {
		_ = conn.Close() // it was ended while it was being made
	}
}

// Close ends the connection, at whatever point it is, even before there is one.
func (c *deadlineConn) Close() error {
	c.closed.Store(true)
	if conn := c.attached.Load(); conn != nil {
		return (*conn).Close()
	}
	return nil
}

// Read waits no longer than the connection's timeout.
func (c *deadlineConn) Read(into []byte) (int, error) {
	if err := c.SetReadDeadline(c.deadline()); err != nil {
		return 0, err
	}
	return c.Conn.Read(into)
}

// Write waits no longer than the connection's timeout.
func (c *deadlineConn) Write(bytes []byte) (int, error) {
	if err := c.SetWriteDeadline(c.deadline()); err != nil {
		c.broken.Store(true)
		return 0, err
	}
	n, err := c.Conn.Write(bytes)
	if err != nil {
		c.broken.Store(true)
	}
	return n, err
}

// SetDeadline leaves the limits to Read and Write.
func (c *deadlineConn) SetDeadline(time.Time) error { return nil }

// deadline is by the machine's clock: the system that enforces it has no other.
func (c *deadlineConn) deadline() time.Time { return time.Now().Add(time.Duration(c.timeout.Load())) }
