package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
)

// Path is where a relay answers a checkup; the code follows.
const Path = "/checkup/"

// reply is what a relay says of a call that reached it by its public address.
type reply struct {
	Peer      string `json:"peer"`      // who connected to the relay: a client, or the last proxy
	Forwarded bool   `json:"forwarded"` // the call has an X-Forwarded-For
	Trusted   bool   `json:"trusted"`   // Peer is a proxy that is believed
	Host      string `json:"host"`      // that the call asks for
}

// Checkups knows the code of a checkup that is under way.
type Checkups interface {
	IsCheckup(ctx context.Context, code string) (bool, error)
}

// Handler answers a checkup, and leaves all else to next. Nobody but the operator's
// doctor has a code: it is in the database, and there only as a hash.
func Handler(checkups Checkups, proxies ingress.Proxies, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		is, err := checkups.IsCheckup(r.Context(), r.PathValue("code"))
		if err != nil || !is {
			next.ServeHTTP(w, r)
			return
		}
		said := reply{Forwarded: r.Header.Get("X-Forwarded-For") != "", Host: r.Host}
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			addr := peer.Addr().Unmap().WithZone("")
			said.Peer, said.Trusted = addr.String(), proxies.Trust(addr)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(said) // the doctor has disconnected
	})
}

// checkAddress calls the relay by its public address, as a client would.
func checkAddress(ctx context.Context, c Config) []Finding {
	if c.URL == "" || c.Begun == nil {
		return nil
	}
	code, err := c.Begun(ctx)
	if err != nil {
		return []Finding{{
			Check: "address", State: Unknown, Text: "The database takes no change now, so the relay could not be asked.",
			Fix: "See the line about the database.",
		}}
	}
	answer, err := c.get(ctx, c.URL+Path+code)
	if err != nil {
		return []Finding{unreachable(c.URL, err)}
	}
	defer func() { _ = answer.Body.Close() }() // it was read
	lines := []Finding{}
	var said reply
	text, err := io.ReadAll(io.LimitReader(answer.Body, 4<<10))
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(text, &said) != nil {
		lines = append(lines, Finding{
			Check: "address", State: Failed,
			Text: fmt.Sprintf("%s answers with status %d, and not as the relay of this database.", c.URL, answer.StatusCode),
			Fix: "Start the relay with these settings, and see that the name leads to it: by DNS, and through the proxy to " +
				"LATCHKEY_LISTEN.",
		})
		return append(lines, certificate(answer.TLS, c.Now())...)
	}
	lines = append(lines, Finding{Check: "address", State: OK, Text: c.URL + " leads to this relay."})
	return append(append(lines, certificate(answer.TLS, c.Now())...), proxy(said, c.URL))
}

func (c Config) get(ctx context.Context, address string) (*http.Response, error) {
	client := http.Client{
		Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "latchkey-relay doctor")
	return client.Do(r)
}

// unreachable says why the public address was not reached.
func unreachable(address string, err error) Finding {
	line := Finding{Check: "address", State: Failed}
	host := address
	if parsed, parseErr := url.Parse(address); parseErr == nil {
		host = parsed.Hostname()
	}
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var wrongName x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &dns):
		line.Text = fmt.Sprintf("The name %s is not found by DNS.", host)
		line.Fix = "Enter an A or AAAA record for it that leads to this machine or its proxy."
	case errors.As(err, &unknown):
		line.Check = "certificate"
		line.Text = fmt.Sprintf("The certificate of %s is of an authority that this machine does not trust.", host)
		line.Fix = "Serve a certificate that browsers trust: LATCHKEY_TLS=auto fetches one."
	case errors.As(err, &wrongName):
		line.Check = "certificate"
		line.Text = fmt.Sprintf("The certificate at %s is of another name.", host)
		line.Fix = "Serve a certificate of this name: at the proxy, or with LATCHKEY_TLS=auto."
	case errors.As(err, &invalid):
		line.Check = "certificate"
		line.Text = fmt.Sprintf("The certificate of %s has ended, or does not hold.", host)
		line.Fix = "Renew it, and see that the clock is right."
	case errors.Is(err, context.DeadlineExceeded):
		line.Text = address + " does not answer in time from here."
		line.Fix = "See that ports 443 and 80 are open in the firewall. Some routers let nobody inside reach their outer " +
			"address: then open " + address + "/healthz from elsewhere; it answers ok."
	default:
		line.Text = address + " cannot be reached from here."
		line.Fix = "See that the relay runs, that the name leads to it and that the firewall lets port 443 through. Some " +
			"routers let nobody inside reach their outer address: then open " + address + "/healthz from elsewhere; it " +
			"answers ok."
	}
	return line
}

// certificate tells when the certificate ends: early enough to act, late enough for
// whatever renews it.
func certificate(state *tls.ConnectionState, now time.Time) []Finding {
	if state == nil || len(state.PeerCertificates) == 0 {
		return nil
	}
	leaf := state.PeerCertificates[0]
	line := Finding{
		Check: "certificate", State: OK,
		Text: "The certificate is good until " + leaf.NotAfter.UTC().Format("2 January 2006") + ".",
	}
	if left, life := leaf.NotAfter.Sub(now), leaf.NotAfter.Sub(leaf.NotBefore); left < life/5 {
		line.State = Warning
		line.Fix = "It should have been renewed by now. See the log of the relay, or of what renews it."
	}
	return []Finding{line}
}

// proxy tells whether the relay sees its clients behind what stands before it.
func proxy(said reply, address string) Finding {
	line := Finding{Check: "proxy", State: OK}
	parsed, err := url.Parse(address)
	switch {
	case err == nil && !strings.EqualFold(said.Host, parsed.Host):
		line.State = Failed
		line.Text = fmt.Sprintf("The proxy asks the relay for %s instead of %s.", said.Host, parsed.Host)
		line.Fix = "Let the proxy pass on the Host header: forms are refused without it."
	case said.Forwarded && !said.Trusted:
		line.State = Warning
		line.Text = fmt.Sprintf("A proxy at %s passes calls on, and is not believed: all clients count as one.", said.Peer)
		line.Fix = "Set LATCHKEY_TRUSTED_PROXY=" + said.Peer + ", if that is your proxy."
	case said.Trusted && !said.Forwarded:
		line.State = Warning
		line.Text = fmt.Sprintf("The proxy at %s does not say whom it passes on: all clients count as one.", said.Peer)
		line.Fix = "Let it send X-Forwarded-For."
	case said.Trusted:
		line.Text = fmt.Sprintf("The proxy at %s is believed, and says whom it passes on.", said.Peer)
	default:
		line.Text = "Clients reach the relay without a proxy that it could see."
	}
	return line
}
