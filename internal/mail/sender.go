package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Config is the operator's mail server.
type Config struct {
	URL      string            // smtp://user@host:587 (STARTTLS) or smtps://user@host:465; without a user nobody signs in
	Password onboarding.Secret // needed with a user; never part of URL
	From     string            // the bare address that letters come from; bounces go there
	HELO     string            // how the relay calls itself; empty: the domain of From
	Step     time.Duration     // for each reading and writing; zero: 30 seconds
	Answer   time.Duration     // for the server's word on a whole letter, which it may look through first; zero: 2 minutes
	Whole    time.Duration     // for one letter from dialling on; zero: 5 minutes
	Roots    *x509.CertPool    // who may vouch for the server; nil: whom the system trusts
}

// Sender hands letters to the operator's mail server, one connection for
// each. It may be used by many at once.
type Sender struct {
	host     string
	port     int
	wrapped  bool // TLS from the first byte
	clear    bool // on this machine: nothing to encrypt for
	user     string
	password onboarding.Secret
	from     string
	helo     string
	step     time.Duration
	answer   time.Duration
	whole    time.Duration
	roots    *x509.CertPool
}

// RefusedError is the server's final no to this letter.
type RefusedError struct {
	Code  int
	Words string // the server's, cleaned: one line
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("refused by the mail server: %d %s", e.Code, e.Words)
}

// PostponedError says that the letter was certainly not taken and may be
// tried again.
type PostponedError struct {
	Doing string // what was being done: "connecting", "signing in", …
	Words string // the server's, or a sentence; one line
	Err   error
}

// Error is for the log: it has the cause also where Words are a sentence.
func (e *PostponedError) Error() string {
	return "postponed while " + e.Doing + ": " + cleaned(e.Err.Error())
}

// Unwrap is what happened.
func (e *PostponedError) Unwrap() error { return e.Err }

// UnansweredError says that the whole letter was handed over and the line
// went before the answer came: the server may have taken it or not. Only a
// repeat with the same Message-ID is sure, and it may arrive twice.
type UnansweredError struct{ Err error }

func (e *UnansweredError) Error() string {
	return "waiting for the mail server's word on the letter: " + e.Err.Error()
}

// Unwrap is what happened to the line.
func (e *UnansweredError) Unwrap() error { return e.Err }

// NewSender checks the configuration; it does not connect. What is wrong is
// said without repeating the address: a password may be in it by mistake.
func NewSender(config Config) (*Sender, error) {
	from, err := bareAddress(config.From)
	if err != nil {
		return nil, fmt.Errorf("reading the address letters come from: %w", err)
	}
	server, err := url.Parse(config.URL)
	if err != nil || server.Hostname() == "" {
		return nil, errors.New("reading the mail server's address: it has to look like smtp://user@host:587")
	}
	s := &Sender{
		host: server.Hostname(), user: server.User.Username(), password: config.Password, from: from, helo: config.HELO,
		step: orElse(config.Step, 30*time.Second), answer: orElse(config.Answer, 2*time.Minute),
		whole: orElse(config.Whole, 5*time.Minute),
		roots: config.Roots,
	}
	switch server.Scheme {
	case "smtp":
		s.port, s.clear = 587, isLoopback(s.host)
	case "smtps":
		s.port, s.wrapped = 465, true
	default:
		return nil, errors.New("reading the mail server's address: it has to begin with smtp:// or smtps://")
	}
	if port := server.Port(); port != "" {
		if s.port, err = strconv.Atoi(port); err != nil || s.port < 1 || s.port > 65535 {
			return nil, errors.New("reading the mail server's address: its port is none")
		}
	}
	if _, inside := server.User.Password(); inside {
		return nil, errors.New("reading the mail server's address: it holds a password, which has a setting of its own")
	}
	if server.Path != "" && server.Path != "/" || server.RawQuery != "" || server.Fragment != "" {
		return nil, errors.New("reading the mail server's address: nothing may follow the port")
	}
	if (s.user == "") != s.password.Empty() {
		return nil, errors.New("reading the mail server's address: a user and a password belong together")
	}
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

func isLoopback(host string) bool {
	address := net.ParseIP(host)
	return host == "localhost" || address != nil && address.IsLoopback()
}

// Send hands over one letter. Nil means that the server has taken it. Else the
// error is a *RefusedError, a *PostponedError or an *UnansweredError. It ends
// within Config.Whole, and when ctx does.
func (s *Sender) Send(ctx context.Context, message *Message) error {
	if message.From.Address != s.from {
		return &RefusedError{Words: "The letter is not from this relay's address."}
	}
	letter, err := assemble(message)
	if err != nil {
		return &RefusedError{Words: cleaned(err.Error())}
	}
	ctx, cancel := context.WithTimeout(ctx, s.whole)
	defer cancel()
	p := &phone{}
	taken := false
	defer func() {
		if !taken {
			p.hangUp()
		}
	}()
	stop := context.AfterFunc(ctx, p.hangUp)
	defer stop()

	client, err := s.call(ctx, p, ascii(message.To))
	if err != nil {
		return postponed(ctx, "connecting", err)
	}
	if !ascii(message.To) {
		if able, _ := client.Extension("SMTPUTF8"); !able {
			return &RefusedError{Code: 553, Words: "The mail server cannot send to addresses with such letters before the @."}
		}
	}
	if err := client.Mail("<" + s.from + ">"); err != nil {
		return postponed(ctx, "naming the sender", err) // also a final no: it is not about this letter
	}
	if err := client.Rcpt("<" + message.To + ">"); err != nil {
		return judged(ctx, "naming the receiver", err)
	}
	data, err := client.Data()
	if err != nil {
		return judged(ctx, "handing over the letter", err)
	}
	if _, err := letter.WriteTo(data); err != nil {
		return postponed(ctx, "handing over the letter", err)
	}
	p.patience.Store(int64(s.answer))
	if err := data.Close(); err != nil {
		var said *textproto.Error
		switch {
		case errors.As(err, &said):
			return judged(ctx, "handing over the letter", err)
		case p.broken.Load():
			return postponed(ctx, "handing over the letter", err) // its end was never written
		}
		return &UnansweredError{Err: because(ctx, err)}
	}
	// The letter is taken, and the caller has to write that down before anything
	// happens to it: the goodbyes are not waited for.
	taken = true
	p.patience.Store(int64(time.Second))
	go func() {
		_ = client.Quit() // a server that does not say goodbye changes nothing
		p.hangUp()
	}()
	return nil
}

// call dials, greets, encrypts and signs in.
func (s *Sender) call(ctx context.Context, p *phone, plainASCII bool) (*smtp.Client, error) {
	p.patience.Store(int64(s.step))
	settings := &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12, RootCAs: s.roots}
	options := []gomail.Option{
		gomail.WithPort(s.port),
		gomail.WithHELO(s.helo),
		gomail.WithTimeout(s.whole), // the phone has the finer limits
		gomail.WithTLSConfig(settings),
		gomail.WithDialContextFunc(func(ctx context.Context, network, address string) (net.Conn, error) {
			dialCtx, cancel := context.WithTimeout(ctx, s.step)
			defer cancel()
			conn, err := (&net.Dialer{}).DialContext(dialCtx, network, address)
			if err != nil {
				return nil, err
			}
			p.pickUp(ctx, conn)
			if s.clear {
				if remote, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !remote.IP.IsLoopback() {
					return nil, errors.New("not encrypting: the mail server is not on this machine")
				}
			}
			if !s.wrapped {
				return p, nil
			}
			encrypted := tls.Client(p, settings)
			return encrypted, encrypted.HandshakeContext(dialCtx)
		}),
	}
	switch {
	case s.clear:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case s.wrapped:
		options = append(options, gomail.WithSSL())
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if s.user != "" {
		ways := []gomail.SMTPAuthType{gomail.SMTPAuthPlain, gomail.SMTPAuthLogin, gomail.SMTPAuthSCRAMSHA256}
		if s.clear {
			ways = []gomail.SMTPAuthType{gomail.SMTPAuthPlainNoEnc, gomail.SMTPAuthLoginNoEnc, gomail.SMTPAuthSCRAMSHA256}
		}
		options = append(
			options, gomail.WithUsername(s.user), gomail.WithPassword(s.password.Reveal()),
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

// assemble makes the bytes that go over the line.
func assemble(message *Message) (*gomail.Msg, error) {
	letter := gomail.NewMsg(
		gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP),
	)
	if sender := message.From; ascii(sender.Name) {
		letter.FromMailAddress(&netmail.Address{Name: sender.Name, Address: sender.Address})
	} else {
		letter.SetGenHeaderPreformatted("From", strings.Join(encodedWords(sender.Name), "\r\n ")+"\r\n <"+sender.Address+">")
	}
	if err := letter.To(message.To); err != nil {
		return nil, fmt.Errorf("addressing the letter: %w", err)
	}
	if message.ReplyTo != "" {
		if err := letter.ReplyTo(message.ReplyTo); err != nil {
			return nil, fmt.Errorf("addressing the answers: %w", err)
		}
	}
	letter.Subject(strings.Join(encodedWords(line(message.Subject)), " "))
	letter.SetMessageIDWithValue(message.ID)
	letter.SetDateWithValue(message.Date.Time())
	letter.SetGenHeader("Content-Language", "en")
	if message.Automatic {
		letter.SetGenHeader("Auto-Submitted", "auto-generated")
		letter.SetGenHeader("X-Auto-Response-Suppress", "All")
	}
	letter.SetBodyString(gomail.TypeTextPlain, message.Text, gomail.WithPartEncoding(encoding(message.Text)))
	letter.AddAlternativeString(gomail.TypeTextHTML, message.HTML, gomail.WithPartEncoding(encoding(message.HTML)))
	for _, image := range message.Inline {
		letter.EmbedReadSeeker(image.Name, strings.NewReader(string(image.PNG)),
			gomail.WithFileContentID("<"+image.CID+">"), gomail.WithFileContentType("image/png"))
	}
	return letter, nil
}

// encodedWords writes text in ASCII, as headers want it, in words short enough
// to begin on the header's own line: one that begins with an empty line is
// taken for forged by some filters.
func encodedWords(text string) []string {
	if ascii(text) {
		return []string{text}
	}
	const most = 30 // bytes, some 50 when encoded
	var words []string
	for text = strings.ToValidUTF8(text, ""); text != ""; {
		end := 0
		for i, r := range text {
			if i+utf8.RuneLen(r) > most {
				break
			}
			end = i + utf8.RuneLen(r)
		}
		words = append(words, mime.BEncoding.Encode("utf-8", text[:end]))
		text = text[end:]
	}
	return words
}

// WriteTo writes the message as it travels.
func (m *Message) WriteTo(w io.Writer) (int64, error) {
	letter, err := assemble(m)
	if err != nil {
		return 0, err
	}
	n, err := letter.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("writing letter %s: %w", m.ID, err)
	}
	return n, nil
}

// encoding is the shorter one: where most letters are foreign to ASCII,
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

// judged reads the server's answer: a final no about this letter is refused,
// all else is postponed.
func judged(ctx context.Context, doing string, err error) error {
	var said *textproto.Error
	if errors.As(err, &said) && said.Code >= 500 && said.Code < 600 {
		return &RefusedError{Code: said.Code, Words: cleaned(said.Msg)}
	}
	return postponed(ctx, doing, err)
}

func postponed(ctx context.Context, doing string, err error) error {
	err = because(ctx, err)
	var said *textproto.Error
	words := "The mail server does not answer."
	switch {
	case errors.As(err, &said):
		words = strconv.Itoa(said.Code) + " " + cleaned(said.Msg)
	case errors.Is(
		err, context.DeadlineExceeded,
	), isTimeout(err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), isNetwork(err):
	default:
		words = cleaned(err.Error())
	}
	return &PostponedError{Doing: doing, Words: words, Err: err}
}

// because prefers the reason the call was ended for over what the cut line said.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.Join(ctx.Err(), err)
	}
	return err
}

func isTimeout(err error) bool {
	var timed net.Error
	return errors.As(err, &timed) && timed.Timeout()
}

func isNetwork(err error) bool {
	var network *net.OpError
	return errors.As(err, &network)
}

// cleaned makes one short line of a server's words, which are shown to people.
func cleaned(words string) string { return shorten(line(words), 240) }

// phone is one connection with a limit for each reading and writing. The mail
// library knows only one limit for all of it, leaves the line open when a
// greeting fails, and does not tell a letter that was never finished from one
// that was not answered.
type phone struct {
	net.Conn
	patience atomic.Int64 // for one reading or writing
	broken   atomic.Bool  // a writing failed: what was being said did not arrive
	up       atomic.Pointer[net.Conn]
	down     atomic.Bool
}

func (p *phone) pickUp(ctx context.Context, conn net.Conn) {
	p.Conn = conn
	p.up.Store(&conn)
	if ctx.Err() != nil || p.down.Load() {
		_ = conn.Close() // the call was ended while it was being made
	}
}

// hangUp ends the call, at whatever point it is.
func (p *phone) hangUp() {
	p.down.Store(true)
	if conn := p.up.Load(); conn != nil {
		_ = (*conn).Close() // it may be closed already
	}
}

// Read waits no longer than the line's patience.
func (p *phone) Read(into []byte) (int, error) {
	if err := p.Conn.SetReadDeadline(p.until()); err != nil {
		return 0, err
	}
	return p.Conn.Read(into)
}

// Write waits no longer than the line's patience.
func (p *phone) Write(words []byte) (int, error) {
	if err := p.Conn.SetWriteDeadline(p.until()); err != nil {
		p.broken.Store(true)
		return 0, err
	}
	n, err := p.Conn.Write(words)
	if err != nil {
		p.broken.Store(true)
	}
	return n, err
}

// SetDeadline leaves the limits to Read and Write.
func (p *phone) SetDeadline(time.Time) error { return nil }

// until is by the machine's clock: the system that enforces it has no other.
func (p *phone) until() time.Time { return time.Now().Add(time.Duration(p.patience.Load())) }
