package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/logs"
	"github.com/latchkeyhq/latchkey/internal/version"
)

type serveCommand struct{}

// Help is read behind the usage. Indented lines stay as they are.
func (serveCommand) Help() string {
	return fmt.Sprintf("SIGTERM and Ctrl+C end it: what was begun is finished, %.0f seconds at most. The\n",
		relay.ShutdownTimeout.Seconds()) + `log is JSON lines on standard error.

Settings are environment variables, or lines of the file that --env names. All are
checked at start, with one line for each mistake. These five must be given:

    LATCHKEY_URL               public address, as https://access.example.com
    LATCHKEY_SMTP              mail server, as smtp://user@mail.example.com:587
    LATCHKEY_MAIL_FROM         address that emails come from
    LATCHKEY_OPERATOR          your name, for clients to read
    LATCHKEY_OPERATOR_CONTACT  where clients report abuse

These have a default:

    LATCHKEY_LISTEN            127.0.0.1:8080; with TLS :443
    LATCHKEY_TLS               plain, behind a proxy; auto, files
    LATCHKEY_DATA              latchkey-data, a folder
    LATCHKEY_DB                relay.db there, or postgres://user@host/database
    LATCHKEY_KEY_FILE          relay.key there
    LATCHKEY_TRUSTED_PROXY     none: addresses of the proxies in front
    LATCHKEY_LOG_LEVEL         info; debug, warn, error
    LATCHKEY_WEBHOOKS          public: where agencies' webhooks may lead; private, off
    LATCHKEY_PROXY             none: http://proxy.example.com:3128, for the relay's own calls
    LATCHKEY_EXTRA_CA_FILE     none: authorities that are trusted beside the system's
    LATCHKEY_HUB_VERSION       none: the newest hub, as 1.4.0, that hubs announce
    LATCHKEY_HUB_DOWNLOAD      the project's releases: where that hub is to be had
    LATCHKEY_DOMAINS           on with LATCHKEY_TLS=auto, else off: agencies' own domains
    LATCHKEY_META_REVIEW       approved; pending: Facebook is asked for by hand first

These are for TLS without a proxy: a certificate from an authority (auto), or of
files:

    LATCHKEY_LISTEN_HTTP       :80, or off: answers the authority, leads to https
    LATCHKEY_ACME_CA           letsencrypt; zerossl, or the address of a directory
    LATCHKEY_ACME_CA_ROOTS     the system's: certificates that a directory is trusted by
    LATCHKEY_ACME_EMAIL        the contact: where the authority writes to
    LATCHKEY_ACME_EAB_KEY_ID   LATCHKEY_ACME_EAB_KEY, of an account at ZeroSSL
    LATCHKEY_TLS_CERT_FILE     LATCHKEY_TLS_KEY_FILE

These are your own texts instead of the relay's, as files of plain text or as pages:

    LATCHKEY_PRIVACY_FILE      LATCHKEY_PRIVACY_URL
    LATCHKEY_TERMS_FILE        LATCHKEY_TERMS_URL
    LATCHKEY_HOME_FILE

And these are for the mail account and the platforms:

    LATCHKEY_SMTP_PASSWORD
` + appSettings() + `
A sandbox takes a platform's place by _AUTH_URL, _TOKEN_URL and _API_URL.

A secret is better kept in a file, which the same name with _FILE behind it
names.`
}

// appSettings are the settings of the platforms' apps, a line for each.
func appSettings() string {
	var apps strings.Builder
	for _, of := range all.Apps() {
		prefix := "    LATCHKEY_" + strings.ToUpper(string(of)) + "_CLIENT_"
		fmt.Fprintf(&apps, "%-37s%s\n", prefix+"ID", strings.TrimSpace(prefix)+"SECRET")
		for _, setting := range all.Settings(of) {
			fmt.Fprintf(&apps, "    LATCHKEY_%s_%s\n", strings.ToUpper(string(of)), setting.Name)
		}
	}
	return apps.String()
}

// mailConfig is the mail server of the settings.
func (s settings) mailConfig() mail.Config {
	return mail.Config{URL: s.smtp, Password: s.smtpPassword, From: s.mailFrom, Roots: s.egress.roots}
}

func (serveCommand) Run(s *env) (err error) {
	if err := disableCoreDumps(); err != nil {
		s.log.Warn("the memory of this process is as open as the system leaves it", "error", err)
	}
	s.log = slog.New(logs.Bound(s.log.Handler(), logs.Limits{}))
	set, err := s.readSettings()
	if err != nil {
		return err
	}
	s.level.Set(set.logLevel)
	at, err := openPorts(set) // first: a wrong address leaves no database behind
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, at.close()) }()
	db, keys, err := s.open(set, createIfMissing)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	sender, err := mail.NewSender(set.mailConfig())
	if err != nil {
		return err
	}
	drivers, err := all.ForRelay(set.routedApps(), time.Now)
	if err != nil {
		return err
	}
	texts, err := all.Catalog()
	if err != nil {
		return err
	}
	rl, err := relay.New(relay.Config{
		Catalog: texts, URL: set.url, DB: db, Source: set.source, Keyset: keys, Operator: set.operator,
		OperatorContact: set.operatorContact, Legal: set.legal,
		Mailer: sender, MailFrom: set.mailFrom, Drivers: drivers, Log: s.log, TrustedProxy: set.trustedProxies,
		Instance: instance(set.listen), Webhooks: set.webhooks, Route: set.egress.route(),
		MetaInReview: set.metaInReview, NewestHub: set.newestHub, Domains: set.domainsConfig(),
	})
	if err != nil {
		return err
	}
	if at.certs, err = s.certificates(set, at, rl, keys); err != nil {
		return err
	}
	s.log.Info(
		"the relay is running", "url", set.url, "listen", at.main.Addr().String(), "tls", set.tls.mode,
		"listen_http", at.plainAddress(), "database", db.Engine().String(),
		"platforms", s.offered(set, drivers), "version", version.Full(commit),
	)
	// The live heap is a few megabytes. Collecting whenever it has doubled, as
	// Go does, would take a tenth of the relay's time under load.
	if _, set := s.lookup("GOGC"); !set {
		debug.SetGCPercent(300)
	}
	// Near this, memory is collected more often. It is no limit: systemd's
	// MemoryMax, or the container's, is.
	if _, set := s.lookup("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(softMemoryLimit)
	}
	if err := serve(s.ctx, rl, at); err != nil {
		return err
	}
	s.log.Info("the relay has ended")
	return nil
}

// softMemoryLimit is in bytes: below it, ten thousand hubs with open streams
// have their memory.
const softMemoryLimit = 512 << 20

// offered names the platforms, and warns of those that are configured in vain.
func (s *env) offered(set settings, drivers []platform.Driver) []string {
	var names []string
	for _, driver := range drivers {
		names = append(names, string(driver.Platform()))
	}
	for of, app := range set.apps {
		if app.ClientID != "" && !slices.Contains(names, string(of)) {
			s.log.Warn("this version cannot speak to a platform that is configured", "platform", string(of),
				"version", version.Full(commit))
		}
	}
	return names
}

// cannotListen explains why the address of a setting cannot be listened on.
func cannotListen(setting, where string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return userErrorf("Another program listens on %s already. End it, or name another place in %s.", where, setting)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return userErrorf("%s names %s, which is no address of this machine.", setting, where)
	case errors.As(err, new(*net.DNSError)):
		return userErrorf("%s names %s, a name that this machine does not know. Write an address of this machine, as "+
			"127.0.0.1:8080.", setting, where)
	case errors.Is(err, syscall.EACCES):
		return configErrorf("Only root can listen on %s. With LATCHKEY_TLS the unit needs its drop-in "+
			"latchkey-relay-tls.conf; behind a proxy name a port from 1024 on in %s.", where, setting)
	}
	return fmt.Errorf("listening on %s (%s): %w", where, setting, err)
}

// instance names this relay among those on one database, the same after a
// restart. Several machines may listen on the same address of their own.
func instance(listen string) string {
	machine, err := os.Hostname()
	if err != nil {
		return "" // leases of a former life then run out
	}
	return machine + " " + listen
}
