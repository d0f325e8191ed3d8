package main

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/certs"
	"github.com/latchkeyhq/latchkey/internal/relay/certs/certstest"
)

// certificateFiles are a certificate for a host and its key.
func certificateFiles(t *testing.T, host string) (cert, key string) {
	t.Helper()
	pair := certstest.NewPair(t, time.Hour, host)
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	if err := errors.Join(
		os.WriteFile(cert, pair.Cert, 0o600), os.WriteFile(key, pair.Key, 0o600),
	); err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func TestEachSettingOfTLSIsRefusedForWhatIsWrongWithIt(t *testing.T) {
	cert, key := certificateFiles(t, "access.example.com")
	otherCert, otherKey := certificateFiles(t, "other.example.com")
	missing := filepath.Join(t.TempDir(), "missing")
	const ownCA = "https://ca.example/directory"
	for _, c := range []struct {
		set  string // NAME=value, separated by spaces; LATCHKEY_ is left out
		want string // empty: it is taken
	}{
		{"TLS=plain", ""},
		{"TLS=on LISTEN_HTTP=:81 ACME_EMAIL=x", "LATCHKEY_TLS is neither plain, auto nor files."},
		{"TLS=auto LISTEN=:81 LISTEN_HTTP=:81", "LATCHKEY_LISTEN_HTTP is the address of LATCHKEY_LISTEN, where TLS is;"},
		{"TLS=auto LISTEN=:0 LISTEN_HTTP=:0", ""},
		{"TLS=auto", ""},
		{"TLS=auto DOMAINS=off", ""},
		{"DOMAINS=on", ""},
		{"DOMAINS=yes", "LATCHKEY_DOMAINS is neither on nor off."},
		{"DOMAINS=on URL=https://203.0.113.7", "LATCHKEY_DOMAINS is on, but LATCHKEY_URL has an IP address"},
		{"TLS=files DOMAINS=on TLS_CERT_FILE=" + cert + " TLS_KEY_FILE=" + key,
			"LATCHKEY_DOMAINS is on, but LATCHKEY_TLS is files"},
		{"TLS=auto LISTEN_HTTP=off", ""},
		{"TLS=auto LISTEN_HTTP=127.0.0.1:8081", ""},
		{"TLS=auto URL=https://access.example.com:443 LISTEN_HTTP=off", ""},
		{"TLS=auto URL=https://access.example.com:8443 LISTEN_HTTP=off", "LATCHKEY_LISTEN_HTTP is off, and LATCHKEY_URL has"},
		{"TLS=auto TRUSTED_PROXY=127.0.0.1", "LATCHKEY_TRUSTED_PROXY is set, but LATCHKEY_TLS is auto: nothing in front"},
		{"TLS=auto URL=https://a_b.example.com ACME_CA=" + ownCA, "LATCHKEY_URL has a host that no certificate can name."},
		{"TLS=auto LISTEN_HTTP=80", "LATCHKEY_LISTEN_HTTP is neither host:port, :port nor off."},
		{"LISTEN_HTTP=:80", "LATCHKEY_LISTEN_HTTP is set, but LATCHKEY_TLS is plain: LATCHKEY_LISTEN is where plain HTTP"},
		{"TLS=auto URL=http://127.0.0.1:8080", "LATCHKEY_TLS is auto, but LATCHKEY_URL begins with http://."},
		{"TLS=auto URL=https://203.0.113.7", "LATCHKEY_TLS is auto, but LATCHKEY_URL has an IP address."},
		{"TLS=auto URL=https://[2001:db8::1]", "LATCHKEY_TLS is auto, but LATCHKEY_URL has an IP address."},
		{"TLS=auto URL=https://relay.internal", "no public authority gives a certificate for relay.internal, the host of"},
		{"TLS=auto URL=https://relay", "no public authority gives a certificate for relay, the host of LATCHKEY_URL."},
		{"TLS=auto URL=https://localhost:8443", "no public authority gives a certificate for localhost"},
		{"TLS=auto URL=https://relay.internal ACME_CA=" + ownCA, ""},
		{"TLS=auto ACME_CA=https://u@ca.example/", "LATCHKEY_ACME_CA is neither letsencrypt, zerossl nor the https://"},
		{"TLS=auto ACME_CA=http://ca.example/", "LATCHKEY_ACME_CA is neither letsencrypt, zerossl nor the https:// address"},
		{"TLS=auto ACME_CA=buypass", "LATCHKEY_ACME_CA is neither letsencrypt, zerossl nor the https:// address"},
		{"TLS=auto ACME_CA_ROOTS=" + cert, "LATCHKEY_ACME_CA_ROOTS is set, but LATCHKEY_ACME_CA names an authority that"},
		{"TLS=auto ACME_CA=" + ownCA + " ACME_CA_ROOTS=" + cert, ""},
		{"TLS=auto ACME_CA=" + ownCA + " ACME_CA_ROOTS=" + missing, "missing, which cannot be read."},
		{"TLS=auto ACME_CA=" + ownCA + " ACME_CA_ROOTS=" + key, "key.pem, which holds no certificate in PEM form."},
		{"TLS=auto ACME_EMAIL=ops@example.com", ""},
		{"TLS=auto ACME_EMAIL=ops", "LATCHKEY_ACME_EMAIL is not a full email address."},
		{"TLS=auto ACME_CA=zerossl", "LATCHKEY_ACME_EAB_KEY_ID and LATCHKEY_ACME_EAB_KEY_FILE are not set: ZeroSSL gives"},
		{"TLS=auto ACME_CA=zerossl ACME_EAB_KEY_ID=a", "LATCHKEY_ACME_EAB_KEY_FILE is not set, but LATCHKEY_ACME_EAB_KEY_ID"},
		{"TLS=auto ACME_CA=zerossl ACME_EAB_KEY=YQ", "LATCHKEY_ACME_EAB_KEY_ID is not set, but its key is."},
		{"TLS=auto ACME_CA=zerossl ACME_EAB_KEY_ID=a ACME_EAB_KEY=can/ary", "LATCHKEY_ACME_EAB_KEY is not as the authority"},
		{"TLS=auto ACME_CA=zerossl ACME_EAB_KEY_ID=a ACME_EAB_KEY=YQ==", ""},
		{"TLS=auto ACME_EAB_KEY_ID=a ACME_EAB_KEY=YQ", "are for zerossl or a directory of your own: Let's Encrypt"},
		{"TLS=auto TLS_CERT_FILE=" + cert, "LATCHKEY_TLS_CERT_FILE is set, but LATCHKEY_TLS is auto and not files."},
		{"TLS_KEY_FILE=" + key, "LATCHKEY_TLS_KEY_FILE is set, but LATCHKEY_TLS is plain and not files."},
		{"ACME_EMAIL=ops@example.com", "LATCHKEY_ACME_EMAIL is set, but LATCHKEY_TLS is plain and not auto."},
		{"TLS=files TLS_CERT_FILE=" + cert + " TLS_KEY_FILE=" + key, ""},
		{"TLS=files TLS_CERT_FILE=" + cert, "LATCHKEY_TLS_KEY_FILE is not set, but LATCHKEY_TLS is files."},
		{"TLS=files TLS_KEY_FILE=" + key, "LATCHKEY_TLS_CERT_FILE is not set, but LATCHKEY_TLS is files."},
		{"TLS=files TLS_CERT_FILE=" + missing + " TLS_KEY_FILE=" + key, "missing, which does not exist."},
		{"TLS=files TLS_CERT_FILE=" + cert + " TLS_KEY_FILE=" + otherKey, "which is not the key of the certificate in"},
		{"TLS=files TLS_CERT_FILE=" + otherCert + " TLS_KEY_FILE=" + otherKey, "whose certificate is not for access.example"},
	} {
		set := maps.Clone(good())
		for entry := range strings.FieldsSeq(c.set) {
			name, value, _ := strings.Cut(entry, "=")
			set["LATCHKEY_"+name] = value
		}
		got := mistaken(t, set)
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") || strings.Count(got, "LATCHKEY_") > 4 {
			t.Errorf("%s: got %q, want %q", c.set, got, c.want)
		}
		if strings.HasPrefix(c.set, "TLS=on") && strings.Count(got, "LATCHKEY_") != 1 {
			t.Errorf("%s: the others are judged by a mode that is none: %s", c.set, got)
		}
		if strings.Contains(got, "can/ary") {
			t.Errorf("%s: the key is told: %s", c.set, got)
		}
	}
}

func TestWithTLSItListensAtItsPorts(t *testing.T) {
	for _, c := range []struct{ tls, url, listen, http string }{
		{tls: "", url: "https://access.example.com", listen: "127.0.0.1:8080", http: ""},
		{tls: "auto", url: "https://access.example.com", listen: ":443", http: ":80"},
		{tls: "auto", url: "https://access.example.com:8443", listen: ":8443", http: ":80"},
	} {
		set := maps.Clone(good())
		set["LATCHKEY_TLS"], set["LATCHKEY_URL"] = c.tls, c.url
		s, err := read(set)
		if err != nil || s.listen != c.listen || s.tls.listenHTTP != c.http {
			t.Errorf("%q at %s: listens at %s and %q (%v)", c.tls, c.url, s.listen, s.tls.listenHTTP, err)
		}
		if c.tls == "auto" && (s.tls.authority.Directory != certs.LetsEncrypt ||
			s.tls.authority.Email != "abuse@kestrel.example") {
			t.Errorf("the authority is %+v", s.tls.authority)
		}
	}
}

func TestServeHasTLSAndLeadsThereFromPlainHTTP(t *testing.T) {
	cert, key := certificateFiles(t, "localhost")
	p := newPlace(t).with("LATCHKEY_URL", "https://localhost").with("LATCHKEY_TLS", "files").
		with("LATCHKEY_TLS_CERT_FILE", cert).with("LATCHKEY_TLS_KEY_FILE", key).with("LATCHKEY_LISTEN_HTTP", "127.0.0.1:0")
	address, log, stop := serving(t, p)
	var said struct {
		Plain string `json:"listen_http"`
	}
	for line := range strings.Lines(log.String()) {
		if said.Plain == "" {
			_ = json.Unmarshal([]byte(line), &said) // the others are no JSON, or do not say it
		}
	}
	content, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(content)
	client := &http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, ServerName: "localhost"},
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	for _, c := range []struct {
		url, host string
		want      int
	}{
		{"https" + strings.TrimPrefix(address, "http") + "/robots.txt", "localhost", http.StatusOK},
		{"https" + strings.TrimPrefix(address, "http") + "/robots.txt", "evil.example", http.StatusMisdirectedRequest},
		{"http://" + said.Plain + "/robots.txt", "localhost", http.StatusPermanentRedirect},
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Host = c.host
		answer, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close() // it was not read
		if answer.StatusCode != c.want {
			t.Errorf("%s of %s: status %d, want %d", c.url, c.host, answer.StatusCode, c.want)
		}
	}
	if code := stop(); code != 0 {
		t.Errorf("it ended with %d: %s", code, log)
	}
}

// What the drop-in adds is the one right that low ports need.
func TestTheDropInOfTheUnitOpensLowPortsAlone(t *testing.T) {
	text, err := os.ReadFile("../../build/latchkey-relay-tls.conf")
	if err != nil {
		t.Fatal(err)
	}
	var settings []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			settings = append(settings, line)
		}
	}
	want := "[Service] CapabilityBoundingSet=CAP_NET_BIND_SERVICE AmbientCapabilities=CAP_NET_BIND_SERVICE PrivateUsers=no"
	if got := strings.Join(settings, " "); got != want {
		t.Errorf("it has %s", got)
	}
}
