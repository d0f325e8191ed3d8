package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// MailConfig is what a Mail needs.
type MailConfig struct {
	// Now is the clock of arrivals. Nil: the system's.
	Now func() time.Time
	// SMTP and HTTP are where the server and the mailbox listen; Mail owns
	// and closes them. Nil: a free port on 127.0.0.1. One that is not on
	// loopback is refused: this mailbox has no password.
	SMTP, HTTP net.Listener
	// User and Password, when set, are what a sender must sign in with
	// (AUTH PLAIN). Without them there is no AUTH.
	User, Password string
	// Dir is a folder in which emails outlive the program. Empty: memory.
	Dir string
	// Keep is how many emails are kept before the oldest go. Zero: 5000.
	Keep int
	// Log hears of conversations that went wrong. Nil: nobody does.
	Log *slog.Logger
}

// Mail is a mail server whose emails go nowhere, and the mailbox that shows
// them. It speaks real SMTP and refuses, delays and breaks off when told to.
type Mail struct {
	now            func() time.Time
	log            *slog.Logger
	user, password string
	store          *mailStore
	smtp           *smtp.Server
	http           *http.Server
	smtpAddr       string
	host           string
	page           *template.Template
	life           string
	smtpOn         net.Listener
	served         sync.WaitGroup
	done           chan struct{}
	closing        sync.Once
	closeErr       error

	mu      sync.Mutex
	faults  MailFaults
	tries   map[string]int // by recipient, for the greylist
	counts  MailCounts
	changed chan struct{} // closed and replaced when the faults are set
}

// maxEmailSize is above what any email of ours weighs and what most servers take.
const maxEmailSize = 10 << 20

// NewMail starts both servers. They answer until Close.
func NewMail(cfg MailConfig) (*Mail, error) {
	server := &Mail{now: cfg.Now, log: cfg.Log, user: cfg.User, password: cfg.Password,
		tries: make(map[string]int), changed: make(chan struct{}), done: make(chan struct{})}
	if server.now == nil {
		server.now = time.Now
	}
	if server.log == nil {
		server.log = slog.New(slog.DiscardHandler)
	}
	server.life = rand.Text()
	var err error
	if server.page, err = parseMailbox(); err != nil {
		return nil, err
	}
	if server.store, err = openMailStore(cfg.Dir, cfg.Keep); err != nil {
		return nil, err
	}
	smtpOn, err := onLoopback(cfg.SMTP)
	if err != nil {
		return nil, fmt.Errorf("listening for SMTP: %w", err)
	}
	httpOn, err := onLoopback(cfg.HTTP)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listening for the mailbox: %w", err), smtpOn.Close())
	}
	server.smtpOn, server.smtpAddr, server.host = smtpOn, smtpOn.Addr().String(), httpOn.Addr().String()

	server.smtp = smtp.NewServer(smtp.BackendFunc(server.converse))
	server.smtp.Domain = "mail.sandbox.example"
	server.smtp.AllowInsecureAuth = true // loopback: there is nobody to listen
	server.smtp.EnableSMTPUTF8 = true
	server.smtp.MaxMessageBytes = maxEmailSize
	server.smtp.MaxRecipients = 50
	server.smtp.ReadTimeout = 5 * time.Minute
	server.smtp.WriteTimeout = time.Minute
	server.smtp.ErrorLog = slog.NewLogLogger(server.log.Handler(), slog.LevelDebug)
	server.http = &http.Server{Handler: server.routes(), ReadHeaderTimeout: 10 * time.Second,
		ErrorLog: slog.NewLogLogger(server.log.Handler(), slog.LevelDebug)}

	server.served.Go(func() { _ = server.smtp.Serve(&smtpListener{Listener: smtpOn, mail: server}) }) // ends with Close
	server.served.Go(func() { _ = server.http.Serve(httpOn) })                                        // ends with Close
	return server, nil
}

func onLoopback(given net.Listener) (net.Listener, error) {
	if given == nil {
		return net.Listen("tcp", "127.0.0.1:0")
	}
	if addr, ok := given.Addr().(*net.TCPAddr); !ok || !addr.IP.IsLoopback() {
		return nil, fmt.Errorf("listening on %s: not a loopback address", given.Addr())
	}
	return given, nil
}

// SMTPAddr is the host and port that emails are sent to.
func (m *Mail) SMTPAddr() string { return m.smtpAddr }

// URL is the mailbox's address, without a path: the page is at /mailbox, the
// API at /api/messages.
func (m *Mail) URL() string { return "http://" + m.host }

// Messages answers every email in the mailbox, newest first. Refused ones
// are not among them: nobody got those.
func (m *Mail) Messages() []Message {
	messages := []Message{}
	for _, l := range m.store.all() {
		if !l.refused() {
			messages = append(messages, l.message)
		}
	}
	return messages
}

// Refusals answers every email the server would not take, newest first.
func (m *Mail) Refusals() []Refusal {
	refusals := []Refusal{}
	for _, l := range m.store.all() {
		if l.refused() {
			refusals = append(refusals, Refusal{
				ID:     l.id(),
				From:   l.Sender,
				To:     l.To,
				Date:   l.ReceivedAt.UTC(),
				Answer: l.answer(),
				Words:  l.Words,
			})
		}
	}
	return refusals
}

// Await waits until an email is in the mailbox that the caller is looking
// for, and answers the newest such email. It fails when ctx ends first.
func (m *Mail) Await(ctx context.Context, wanted func(Message) bool) (Message, error) {
	for {
		news := m.store.news() // before the look, so that nothing falls between
		for _, message := range m.Messages() {
			if wanted(message) {
				return message, nil
			}
		}
		select {
		case <-news:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("waiting for an email: %w", ctx.Err())
		}
	}
}

// Empty throws every email and refusal away.
func (m *Mail) Empty() error { return m.store.empty() }

// Close ends both servers and every SMTP session, stalled ones too. A second
// call does nothing more.
func (m *Mail) Close() error {
	m.closing.Do(func() {
		close(m.done)
		m.closeErr = errors.Join(m.smtp.Close(), m.http.Close())
		_ = m.smtpOn.Close() // for a Close before go-smtp has registered its listener
		m.served.Wait()
		m.closeErr = errors.Join(m.closeErr, m.store.close())
	})
	return m.closeErr
}

// smtpSession is one SMTP session.
type smtpSession struct {
	mail     *Mail
	conn     *smtp.Conn
	signedIn bool
	sender   string
	to       []string
}

func (m *Mail) converse(conn *smtp.Conn) (smtp.Session, error) {
	m.pause(StepHello)
	return &smtpSession{mail: m, conn: conn, signedIn: m.user == ""}, nil
}

func (c *smtpSession) AuthMechanisms() []string {
	if c.mail.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (c *smtpSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		rightUser := subtle.ConstantTimeCompare([]byte(user), []byte(c.mail.user))
		rightPassword := subtle.ConstantTimeCompare([]byte(password), []byte(c.mail.password))
		if rightUser&rightPassword != 1 {
			return smtp.ErrAuthFailed
		}
		c.signedIn = true
		return nil
	}), nil
}

func (c *smtpSession) Mail(from string, _ *smtp.MailOptions) error {
	c.mail.pause(StepSender)
	if err := c.disconnectWhenDown(); err != nil {
		return err
	}
	if !c.signedIn {
		return smtp.ErrAuthRequired
	}
	c.sender = from
	return nil
}

func (c *smtpSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.mail.pause(StepRecipient)
	if err := c.disconnectWhenDown(); err != nil {
		return err
	}
	if answer := c.mail.checkFault(to); answer != nil {
		if !answer.Temporary() {
			c.mail.noteRefusal(c.sender, to, answer)
		}
		return answer
	}
	c.to = append(c.to, to)
	return nil
}

func (c *smtpSession) Data(r io.Reader) error {
	source, err := io.ReadAll(r)
	if err != nil {
		return err // a line cut within the email, or one that is too large: go-smtp has the words
	}
	if err := c.disconnectWhenDown(); err != nil {
		return err
	}
	if err := c.mail.store.add(storedMessage{
		ReceivedAt: c.mail.now(), Sender: c.sender, To: c.to, Source: source,
	}); err != nil {
		c.mail.log.Error("keeping an email", "error", err)
		return &smtp.SMTPError{Code: 452, EnhancedCode: smtp.EnhancedCode{4, 3, 1}, Message: "insufficient system storage"}
	}
	if c.mail.countAccepted() {
		// The email is kept and the sender never hears of it: the one case in
		// which SMTP makes a twin.
		c.disconnect()
		return nil
	}
	c.mail.pause(StepEnd)
	return nil
}

func (c *smtpSession) Reset() { c.sender, c.to = "", nil }

func (c *smtpSession) Logout() error { return nil }

// disconnectWhenDown ends a SMTP session that began before the server went down.
func (c *smtpSession) disconnectWhenDown() error {
	if !c.mail.Faults().Down {
		return nil
	}
	c.disconnect()
	return &smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}, Message: "service shutting down"}
}

func (c *smtpSession) disconnect() { cutLine(c.conn.Conn()) }

// cutLine ends a connection without a word. An answer written to it goes nowhere.
func cutLine(conn net.Conn) {
	_ = conn.Close() // that it is gone already is what is wanted
}

// smtpListener is where the faults that come before SMTP's first command
// live: a server that is down, and one that does not greet.
type smtpListener struct {
	net.Listener
	mail *Mail
}

func (l *smtpListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if !l.mail.Faults().Down {
			return &smtpConn{Conn: conn, mail: l.mail}, nil
		}
		cutLine(conn)
	}
}

// smtpConn stalls at the two answers that go-smtp gives without asking us:
// the greeting, and the go-ahead for an email's data.
type smtpConn struct {
	net.Conn
	mail    *Mail
	greeted bool // only the one goroutine of the SMTP session writes
}

func (c *smtpConn) Write(answer []byte) (int, error) {
	if !c.greeted {
		c.greeted = true
		c.mail.pause(StepGreeting)
	} else if strings.HasPrefix(string(answer), "354 ") {
		c.mail.pause(StepData)
	}
	return c.Conn.Write(answer)
}
