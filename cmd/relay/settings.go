package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/filemode"
	"github.com/latchkeyhq/latchkey/internal/loopback"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/webhook"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// settings is the relay's configuration as it stands in the environment. Every
// secret can also be in a file that the variable with _FILE behind it names.
type settings struct {
	url             string
	listen          string
	source          string // LATCHKEY_DB: a file or postgres://…
	data            string
	keyFile         string
	smtp            string
	smtpPassword    onboarding.Secret
	mailFrom        string
	operator        string
	operatorContact onboarding.Contact
	legal           relay.LegalTexts
	tls             tlsSettings
	trustedProxies  []netip.Prefix
	webhooks        webhook.Networks
	newestHub       *wire.HubRelease
	apps            map[onboarding.Platform]platform.App
	logLevel        slog.Level
	metaInReview    bool // Meta has not approved the app yet
	domains         bool // agencies may have their links at a domain of their own
	egress          egressSettings
}

// mistakes are all that is wrong with a configuration, a line for each.
type mistakes []string

func (m mistakes) Error() string {
	return "the configuration has mistakes:\n  " + strings.Join(m, "\n  ")
}

// reader reads the environment and collects what is wrong.
type reader struct {
	lookup   func(string) (string, bool)
	mistakes mistakes
	read     []string // the names that mean something
}

// readSettings checks everything at once, so that an operator mends it in one
// go. lookup is os.LookupEnv, environ is os.Environ: a name that begins with
// LATCHKEY_ and means nothing is a mistake too.
func readSettings(lookup func(string) (string, bool), environ []string) (settings, error) {
	r := &reader{lookup: lookup}
	return r.settings(environ)
}

func (r *reader) settings(environ []string) (settings, error) {
	s := settings{
		url:             r.publicAddress("LATCHKEY_URL"),
		smtp:            r.mailServer("LATCHKEY_SMTP"),
		smtpPassword:    r.secret("LATCHKEY_SMTP_PASSWORD"),
		mailFrom:        r.mailAddress("LATCHKEY_MAIL_FROM"),
		operator:        r.text("LATCHKEY_OPERATOR", "the name of whoever runs this relay; clients read it on every page"),
		operatorContact: r.contact("LATCHKEY_OPERATOR_CONTACT"),
		trustedProxies:  r.proxies("LATCHKEY_TRUSTED_PROXY"),
		webhooks:        r.webhooks("LATCHKEY_WEBHOOKS"),
		newestHub:       r.hubRelease("LATCHKEY_HUB_VERSION", "LATCHKEY_HUB_DOWNLOAD"),
		apps:            map[onboarding.Platform]platform.App{},
	}
	s.egress = r.egress("LATCHKEY_PROXY", "LATCHKEY_EXTRA_CA_FILE")
	s.legal = r.legal(s.url)
	s.tls = r.tls(s.url, s.operatorContact)
	s.listen = r.listenAddress("LATCHKEY_LISTEN", s.tls.listenDefault(s.url))
	if s.listen == s.tls.listenHTTP && !strings.HasSuffix(s.listen, ":0") {
		r.wrong("LATCHKEY_LISTEN_HTTP", "is the address of LATCHKEY_LISTEN, where TLS is; give it one of its own, or off")
	}
	// Validated by oneOf; zero is info.
	_ = s.logLevel.UnmarshalText([]byte(r.oneOf("LATCHKEY_LOG_LEVEL", "info", "debug", "warn", "error")))
	s.metaInReview = r.oneOf("LATCHKEY_META_REVIEW", "approved", "pending") == "pending"
	s.domains = r.domains("LATCHKEY_DOMAINS", s.tls.mode, s.url)
	s.place(r)
	r.mailAccount("LATCHKEY_SMTP", s.smtp, s.smtpPassword)
	for _, of := range all.Platforms() {
		s.apps[of] = r.app(of)
	}
	r.refuseUnknown(environ)
	if len(r.mistakes) > 0 {
		return settings{}, r.mistakes
	}
	return s, nil
}

// readPlace reads only where database and key file are: what the commands
// beside a running relay need. A misspelt name is a mistake here too: the
// command would work somewhere else.
func readPlace(lookup func(string) (string, bool), environ []string) (settings, error) {
	whole := &reader{lookup: lookup}
	_, _ = whole.settings(nil) // only for the names: a relay that runs has been checked
	r := &reader{lookup: lookup, read: whole.read}
	var s settings
	s.place(r)
	s.url = r.value("LATCHKEY_URL")
	r.refuseUnknown(environ)
	if len(r.mistakes) > 0 {
		return settings{}, r.mistakes
	}
	return s, nil
}

func (s *settings) place(r *reader) {
	s.data = r.value("LATCHKEY_DATA")
	if s.data == "" {
		s.data = "latchkey-data"
	}
	s.source = r.secretText("LATCHKEY_DB")
	onServer := s.onPostgreSQL()
	switch file := r.value("LATCHKEY_DB_FILE"); {
	case s.source == "":
		s.source = filepath.Join(s.data, "relay.db")
	case file != "" && !onServer:
		r.wrong(
			"LATCHKEY_DB_FILE",

			fmt.Sprintf("names %s, which does not hold a postgres:// address. A SQLite file is named by LATCHKEY_DB itself",
				file),
		)
	case onServer && !isPostgresAddress(s.source):
		r.wrong("LATCHKEY_DB", "is no address of a database: in its user and password, write @ as %40, / as %2F, : as %3A, "+
			"? as %3F, # as %23 and % as %25")
		s.source = ""
	case (strings.Contains(s.source, "://") || strings.HasPrefix(s.source, "file:")) && !onServer:
		r.wrong("LATCHKEY_DB", "is neither a file nor a postgres:// address")
	}
	s.keyFile = r.value("LATCHKEY_KEY_FILE")
	if s.keyFile == "" {
		s.keyFile = filepath.Join(s.data, "relay.key")
	}
}

// isPostgresAddress reports whether each part of an address is what it seems to be. Of
// postgres://user:pass#word@host/database, pass#word would be taken for a host's name,
// and be looked up and logged as one.
func isPostgresAddress(source string) bool {
	_, rest, _ := strings.Cut(source, "://")
	account, _, found := strings.Cut(rest, "@")
	if strings.Count(rest, "@") > 1 || found && strings.ContainsAny(account, "/?#") {
		return false
	}
	u, err := url.Parse(source)
	return err == nil && u.Fragment == ""
}

func (s *settings) onPostgreSQL() bool { return sqldb.IsPostgreSQL(s.source) }

func (r *reader) wrong(name, what string) { r.mistakes = append(r.mistakes, name+" "+what+".") }

func (r *reader) value(name string) string {
	r.read = append(r.read, name)
	text, _ := r.lookup(name)
	return r.pasted(name, text)
}

// pasted removes what is not seen at the ends of a setting's text, as a byte order
// mark, and refuses it inside.
func (r *reader) pasted(name, typed string) string {
	var invalid *onboarding.InvalidError
	if _, err := onboarding.ValidatePasted(name, typed); errors.As(err, &invalid) {
		r.wrong(name, "has an invisible character inside, "+invalid.Args["number"])
	}
	return onboarding.TrimPasted(typed)
}

func (r *reader) text(name, meaning string) string {
	text := r.value(name)
	if text == "" {
		r.wrong(name, "is not set: "+meaning)
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		r.wrong(name, "has more than one line")
	}
	return text
}

func (r *reader) secret(name string) onboarding.Secret {
	return onboarding.NewSecret(r.secretText(name))
}

// maxSecret is the longest file of a secret.
const maxSecret = 4 << 10

// secretText reads NAME or the file that NAME_FILE names. A file that others
// than its owner and group can read is refused, and so is one that is more than
// a line: its text would be shown by whatever fails on it.
func (r *reader) secretText(name string) string {
	direct, file := r.value(name), r.value(name+"_FILE")
	switch {
	case direct != "" && file != "":
		r.wrong(name, "and "+name+"_FILE are both set; keep one")
		return ""
	case file == "":
		return direct
	}
	info, err := os.Stat(file)
	if err != nil {
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which cannot be read", file))
		return ""
	}
	if info.IsDir() {
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which is a folder", file))
		return ""
	}
	if filemode.IsOpenTo(info, 0o007) {
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which every user of this machine can read; run chmod o= on it", file))
		return ""
	}
	if info.Size() > maxSecret {
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which is too long for a secret", file))
		return ""
	}
	content, err := os.ReadFile(file)
	if err != nil {
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which cannot be read", file))
		return ""
	}
	text := r.pasted(name+"_FILE", string(content))
	switch {
	case text == "":
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which is empty", file))
	case strings.ContainsFunc(text, unicode.IsControl):
		r.wrong(name+"_FILE", fmt.Sprintf("names %s, which holds more than one line", file))
		return ""
	}
	return text
}

func (r *reader) publicAddress(name string) string {
	text := r.value(name)
	if text == "" {
		r.wrong(name, "is not set: the address at which clients reach this relay, as https://access.example.com")
		return ""
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || !isPort(u.Port(), "") || u.User != nil || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || u.Fragment != "":
		r.wrong(name, "is not an address of the form https://access.example.com")
		return ""
	case u.Scheme == "https", u.Scheme == "http" && loopback.Host(u.Hostname()):
		return u.Scheme + "://" + strings.ToLower(u.Host)
	}
	r.wrong(name, "has to begin with https://: links and sign-ins would travel in the clear")
	return ""
}

func (r *reader) listenAddress(name, otherwise string) string {
	text := r.value(name)
	if text == "" {
		return otherwise
	}
	if _, port, err := net.SplitHostPort(text); err != nil || !isPort(port, "0") {
		r.wrong(name, "is not host:port or :port")
	}
	return text
}

// isPort reports whether text is a port's number, or what else is allowed.
func isPort(text, otherwise string) bool {
	port, err := strconv.ParseUint(text, 10, 16)
	return err == nil && port > 0 || text == otherwise
}

func (r *reader) mailServer(name string) string {
	text := r.value(name)
	if text == "" {
		r.wrong(name, "is not set: the mail server, as smtp://user@mail.example.com:587")
		return ""
	}
	if _, err := mail.ParseServer(text); err != nil {
		r.wrong(name, err.Error())
		return ""
	}
	return text
}

// mailAccount makes sure that a user and a password come together.
func (r *reader) mailAccount(name, server string, password onboarding.Secret) {
	parsed, err := mail.ParseServer(server)
	if err != nil {
		return // reported already
	}
	switch user := parsed.User; {
	case user != "" && password.Empty():
		r.wrong(name+"_PASSWORD_FILE", "is not set, but "+name+" names the user "+user)
	case user == "" && !password.Empty():
		r.wrong(name+"_PASSWORD", "is set, but "+name+" names no user, as smtp://user@mail.example.com:587 does")
	}
}

func (r *reader) mailAddress(name string) string {
	text := r.value(name)
	if text == "" {
		r.wrong(name, "is not set: the address emails come from, in a domain of yours")
		return ""
	}
	address, err := onboarding.ValidateAddress(name, text)
	mailbox, _, _ := strings.Cut(text, "@")
	switch {
	case strings.ContainsFunc(mailbox, func(r rune) bool { return r > unicode.MaxASCII }):
		r.wrong(name, "has a character before its @ that most mail servers refuse: use an address with a to z there")
	case err != nil && !strings.HasSuffix(text, "@localhost"):
		r.wrong(name, "is not a full email address")
	}
	if address == "" {
		return text
	}
	return address
}

// contact is an email address or an https address.
func (r *reader) contact(name string) onboarding.Contact {
	text := r.value(name)
	if text == "" {
		r.wrong(name, "is not set: where clients report abuse, an email address or an https:// address")
		return onboarding.Contact{}
	}
	contact, err := onboarding.ParseContact(name, text)
	if err != nil {
		r.wrong(name, "is neither a full email address without a name nor an https:// address")
	}
	return contact
}

func (r *reader) proxies(name string) []netip.Prefix {
	var proxies []netip.Prefix
	for entry := range strings.FieldsFuncSeq(r.value(name), func(c rune) bool { return c == ',' || c == ' ' }) {
		prefix, err := netip.ParsePrefix(entry)
		if err != nil {
			ip, ipErr := netip.ParseAddr(entry)
			if ipErr != nil {
				r.wrong(name, fmt.Sprintf("has %q, which is neither an IP address nor a range like 10.0.0.0/8", entry))
				continue
			}
			prefix = netip.PrefixFrom(ip, ip.BitLen())
		}
		if ip := prefix.Addr(); ip.Is4In6() && prefix.Bits() >= 96 { // addresses are compared without this wrapping
			prefix = netip.PrefixFrom(ip.Unmap(), prefix.Bits()-96)
		}
		if prefix.Bits() == 0 {
			r.wrong(name, fmt.Sprintf("has %q: then every client could choose the address that its limits count for", entry))
			continue
		}
		proxies = append(proxies, prefix.Masked())
	}
	return proxies
}

// webhooks are the networks that agencies' webhooks may lead to.
func (r *reader) webhooks(name string) webhook.Networks {
	switch text := r.value(name); text {
	case "", "public":
		return webhook.PublicNetworks
	case string(webhook.PrivateNetworks), string(webhook.NoNetworks):
		return webhook.Networks(text)
	}
	r.wrong(name, "is neither public, private nor off")
	return webhook.NoNetworks
}

// app reads what is registered at a platform, where apps are.
func (r *reader) app(of onboarding.Platform) platform.App {
	prefix := "LATCHKEY_" + strings.ToUpper(string(of)) + "_"
	app := platform.App{Endpoints: platform.Endpoints{
		Auth:  r.otherAddress(prefix + "AUTH_URL"),
		Token: r.otherAddress(prefix + "TOKEN_URL"),
		API:   r.otherAddress(prefix + "API_URL"),
	}}
	if !all.TakesApp(of) {
		return app
	}
	app.ClientID, app.ClientSecret = r.value(prefix+"CLIENT_ID"), r.secret(prefix+"CLIENT_SECRET")
	if app.ClientID != "" && app.ClientSecret.Empty() {
		r.wrong(prefix+"CLIENT_SECRET_FILE", "is not set, but "+prefix+"CLIENT_ID is")
	}
	if app.ClientID == "" && !app.ClientSecret.Empty() {
		r.wrong(prefix+"CLIENT_ID", "is not set, but its secret is")
	}
	app.Settings = map[string]string{}
	for _, setting := range all.Settings(of) {
		value := r.value(prefix + setting.Name)
		if value != "" && !setting.Valid(value) {
			r.wrong(prefix+setting.Name, "is not "+setting.Form)
		}
		app.Settings[setting.Name] = value
	}
	return app
}

func (r *reader) otherAddress(name string) string {
	text := r.value(name)
	if text == "" {
		return ""
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" &&
		(u.Scheme != "http" || !loopback.Host(u.Hostname())) {
		r.wrong(name, "is not an https:// address")
	}
	return text
}

// refuseUnknown finds misspelt names.
func (r *reader) refuseUnknown(environ []string) {
	for _, entry := range environ {
		if name, _, _ := strings.Cut(entry, "="); isSetting(entry) && !slices.Contains(r.read, name) {
			r.wrong(name, "is not a setting of the relay; check its spelling")
		}
	}
}
