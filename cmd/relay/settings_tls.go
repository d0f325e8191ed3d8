package main

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/loopback"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/certs"
)

// tlsMode is where the relay's certificate comes from.
type tlsMode string

const (
	tlsPlain tlsMode = "plain" // a proxy has it
	tlsAuto  tlsMode = "auto"  // an authority gives it
	tlsFiles tlsMode = "files"
)

// noHTTP is the value of LATCHKEY_LISTEN_HTTP for no plain HTTP at all.
const noHTTP = "off"

// tlsSettings are those of the relay's own TLS.
type tlsSettings struct {
	mode              tlsMode
	listenHTTP        string // empty: not at all
	certFile, keyFile string
	authority         certs.Authority
}

// tls reads the settings of TLS. One that means nothing in the mode that is set is a
// mistake: the operator expects something of it.
func (r *reader) tls(public string, contact onboarding.Contact) tlsSettings {
	mode, isMode := r.tlsMode("LATCHKEY_TLS")
	s := tlsSettings{mode: mode}
	if found := len(r.mistakes); !isMode { // what the others have to be is not known
		defer func() { r.mistakes = r.mistakes[:found] }()
	}
	address, err := url.Parse(public)
	if err != nil || public == "" {
		address = nil // reported already
	}
	if s.mode != tlsPlain && address != nil && address.Scheme != "https" {
		r.wrong("LATCHKEY_TLS", fmt.Sprintf("is %s, but LATCHKEY_URL begins with http://. Write https://, or leave "+
			"LATCHKEY_TLS out", s.mode))
		address = nil
	}
	s.listenHTTP = r.listenHTTP("LATCHKEY_LISTEN_HTTP", s.mode)
	if s.mode == tlsAuto {
		r.reachable(address, s.listenHTTP)
	}
	s.readFiles(r, public, address)
	s.readAuthority(r, address, contact)
	return s
}

// reachable makes sure that with a certificate of its own the relay is reached without a
// proxy, and by the authority too.
func (r *reader) reachable(address *url.URL, listenHTTP string) {
	if r.value("LATCHKEY_TRUSTED_PROXY") != "" {
		r.wrong("LATCHKEY_TRUSTED_PROXY", "is set, but LATCHKEY_TLS is auto: nothing in front can write X-Forwarded-For. "+
			"Leave it out")
	}
	if address != nil && address.Port() != "" && address.Port() != "443" && listenHTTP == "" {
		r.wrong("LATCHKEY_LISTEN_HTTP", fmt.Sprintf("is off, and LATCHKEY_URL has port %s: the authority comes to port 80 "+
			"or 443. Leave LATCHKEY_LISTEN_HTTP out", address.Port()))
	}
}

func (r *reader) tlsMode(name string) (mode tlsMode, isMode bool) {
	switch text := r.value(name); tlsMode(text) {
	case "", tlsPlain:
		return tlsPlain, true
	case tlsAuto, tlsFiles:
		return tlsMode(text), true
	}
	r.wrong(name, "is neither plain, auto nor files")
	return tlsPlain, false
}

// listenDefault is where the relay listens unless LATCHKEY_LISTEN says otherwise.
func (s tlsSettings) listenDefault(public string) string {
	if s.mode == tlsPlain {
		return "127.0.0.1:8080"
	}
	if u, err := url.Parse(public); err == nil && u.Port() != "" {
		return ":" + u.Port()
	}
	return ":443"
}

func (r *reader) listenHTTP(name string, mode tlsMode) string {
	text := r.value(name)
	switch {
	case mode == tlsPlain && text != "":
		r.wrong(name, "is set, but LATCHKEY_TLS is plain: LATCHKEY_LISTEN is where plain HTTP listens then")
	case mode == tlsPlain, text == noHTTP:
		return ""
	case text == "":
		return ":80"
	}
	if _, port, err := net.SplitHostPort(text); err != nil || !isPort(port, "0") {
		r.wrong(name, "is neither host:port, :port nor "+noHTTP)
	}
	return text
}

func (s *tlsSettings) readFiles(r *reader, public string, address *url.URL) {
	const certName, keyName = "LATCHKEY_TLS_CERT_FILE", "LATCHKEY_TLS_KEY_FILE"
	s.certFile, s.keyFile = r.value(certName), r.value(keyName)
	for _, file := range []struct{ name, path string }{{certName, s.certFile}, {keyName, s.keyFile}} {
		switch {
		case s.mode == tlsFiles && file.path == "":
			r.wrong(file.name, "is not set, but LATCHKEY_TLS is files")
			address = nil // nothing is read
		case s.mode != tlsFiles && file.path != "":
			r.wrong(file.name, "is set, but LATCHKEY_TLS is "+string(s.mode)+" and not files")
		}
	}
	if s.mode != tlsFiles || address == nil {
		return
	}
	var wrong *certs.FileError
	_, err := certs.NewFiles(certs.FilesConfig{Address: public, Certificate: s.certFile, PrivateKey: s.keyFile})
	switch {
	case errors.As(err, &wrong) && wrong.OfKey:
		r.wrong(keyName, wrong.What)
	case errors.As(err, &wrong):
		r.wrong(certName, wrong.What)
	case err != nil:
		r.wrong("LATCHKEY_URL", "has a host that no certificate can name")
	}
}

// authorities are the names of those that everybody trusts.
func authorities() map[string]string {
	return map[string]string{"letsencrypt": certs.LetsEncrypt, "zerossl": certs.ZeroSSL}
}

func (s *tlsSettings) readAuthority(r *reader, address *url.URL, contact onboarding.Contact) {
	name := r.value("LATCHKEY_ACME_CA")
	roots := r.value("LATCHKEY_ACME_CA_ROOTS")
	s.authority = certs.Authority{
		Email:        r.value("LATCHKEY_ACME_EMAIL"),
		AccountKeyID: r.value("LATCHKEY_ACME_EAB_KEY_ID"),
		AccountKey:   r.secret("LATCHKEY_ACME_EAB_KEY"),
	}
	if s.mode != tlsAuto {
		for _, setting := range []struct {
			name  string
			isSet bool
		}{
			{"LATCHKEY_ACME_CA", name != ""},
			{"LATCHKEY_ACME_CA_ROOTS", roots != ""},
			{"LATCHKEY_ACME_EMAIL", s.authority.Email != ""},
			{"LATCHKEY_ACME_EAB_KEY_ID", s.authority.AccountKeyID != ""},
			{"LATCHKEY_ACME_EAB_KEY", !s.authority.AccountKey.Empty()},
		} {
			if setting.isSet {
				r.wrong(setting.name, "is set, but LATCHKEY_TLS is "+string(s.mode)+" and not auto")
			}
		}
		return
	}
	if name == "" {
		name = "letsencrypt"
	}
	directory, isPublic := authorities()[name]
	if !isPublic {
		directory = r.directory("LATCHKEY_ACME_CA", name)
	}
	s.authority.Directory = directory
	s.authority.Roots = r.roots("LATCHKEY_ACME_CA_ROOTS", roots, isPublic)
	if s.authority.Email == "" {
		s.authority.Email = contact.Email
	} else if _, err := onboarding.ValidateAddress("LATCHKEY_ACME_EMAIL", s.authority.Email); err != nil {
		r.wrong("LATCHKEY_ACME_EMAIL", "is not a full email address")
	}
	r.account(name, &s.authority)
	r.nameForCertificate(address, isPublic)
}

func (r *reader) directory(name, text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil {
		r.wrong(name, "is neither letsencrypt, zerossl nor the https:// address of an ACME directory")
	}
	return text
}

// roots are the certificates of a file that are trusted in calls to an authority of
// one's own.
func (r *reader) roots(name, file string, isPublic bool) *x509.CertPool {
	if file == "" {
		return nil
	}
	if isPublic {
		r.wrong(name, "is set, but LATCHKEY_ACME_CA names an authority that everybody trusts")
		return nil
	}
	content, err := os.ReadFile(file)
	pool := x509.NewCertPool()
	switch {
	case err != nil:
		r.wrong(name, fmt.Sprintf("names %s, which cannot be read", file))
	case !pool.AppendCertsFromPEM(content):
		r.wrong(name, fmt.Sprintf("names %s, which holds no certificate in PEM form", file))
	}
	return pool
}

// account makes sure that what binds the account at an authority is whole, and is there
// where the authority wants it.
func (r *reader) account(authority string, a *certs.Authority) {
	const idName, keyName = "LATCHKEY_ACME_EAB_KEY_ID", "LATCHKEY_ACME_EAB_KEY"
	hasID, hasKey := a.AccountKeyID != "", !a.AccountKey.Empty()
	switch {
	case authority == "letsencrypt" && (hasID || hasKey):
		r.wrong(idName, "and "+keyName+" are for zerossl or a directory of your own: Let's Encrypt takes none")
		return
	case authority == "zerossl" && !hasID && !hasKey:
		r.wrong(idName, "and "+keyName+"_FILE are not set: ZeroSSL gives certificates only to an account. Make both in its "+
			"Developer section, under EAB Credentials")
		return
	case hasID && !hasKey:
		r.wrong(keyName+"_FILE", "is not set, but "+idName+" is")
		return
	case hasKey && !hasID:
		r.wrong(idName, "is not set, but its key is")
		return
	}
	key := strings.TrimRight(a.AccountKey.Reveal(), "=")
	if _, err := base64.RawURLEncoding.DecodeString(key); err != nil {
		r.wrong(keyName, "is not as the authority shows it: a to z, A to Z, digits, - and _ alone")
	}
	a.AccountKey = onboarding.NewSecret(key)
}

// nameForCertificate makes sure that an authority can give a certificate for the host.
func (r *reader) nameForCertificate(address *url.URL, isPublic bool) {
	if address == nil {
		return
	}
	host := address.Hostname()
	switch {
	case net.ParseIP(host) != nil:
		r.wrong("LATCHKEY_TLS", "is auto, but LATCHKEY_URL has an IP address. Certificates are for names: give this machine "+
			"one, or set LATCHKEY_TLS to files")
	case certs.CheckAddress(address.String()) != nil:
		r.wrong("LATCHKEY_URL", "has a host that no certificate can name")
	case isPublic && (loopback.Host(host) || !certs.IsPublicName(host) || !strings.Contains(host, ".")):
		r.wrong("LATCHKEY_TLS", fmt.Sprintf("is auto, but no public authority gives a certificate for %s, the host of "+
			"LATCHKEY_URL. Use a name of a domain of yours, or set LATCHKEY_TLS to files", host))
	}
}
