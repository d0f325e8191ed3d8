//go:build !quick

package platforms

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
)

// insideAddresses are addresses to which no name may lead.
func insideAddresses() []netip.Addr {
	var list []netip.Addr
	for _, text := range []string{
		"127.0.0.1", "127.0.0.2", "127.255.255.255", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "172.16.0.1",
		"172.31.255.255", "192.168.0.1", "192.168.255.255",
		"169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1",
		"198.51.100.1", "203.0.113.9", "224.0.0.1", "240.0.0.1",
		"255.255.255.255", "::1", "::", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
		"64:ff9b::7f00:1", "64:ff9b::a00:1",
		"64:ff9b:1::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::", "fd00::1", "fd00:ec2::254", "fc00::1", "fe80::1", "fec0::1",
		"ff02::1", "2001:db8::1", "100::1",
	} {
		list = append(list, netip.MustParseAddr(text))
	}
	return list
}

// names is a DNS server that resolves every name to an internal address. The
// addresses change with each query, and some names have a CNAME.
type names struct {
	conn  net.PacketConn
	asked atomic.Int64

	mu   sync.Mutex
	next int
}

func newNames(t *testing.T) *names {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &names{conn: conn}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		buffer := make([]byte, 1500)
		for {
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			if text, ok := n.answer(buffer[:size]); ok {
				_, _ = conn.WriteTo(text, from) // the resolver retries
			}
		}
	}()
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
	t.Cleanup(func() {
		net.DefaultResolver = before
		_ = conn.Close() // the test is over
		<-ended
	})
	return n
}

// answer is a response with two addresses of the requested type.
func (n *names) answer(query []byte) ([]byte, bool) {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil, false
	}
	n.asked.Add(1)
	n.mu.Lock()
	n.next++
	turn := n.next
	n.mu.Unlock()
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	owner := q.Name
	if turn%5 == 0 {
		owner = dnsmessage.MustNewName("localhost.")
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: q.Name, Class: dnsmessage.ClassINET},
			Body:   &dnsmessage.CNAMEResource{CNAME: owner},
		})
	}
	inside := insideAddresses()
	for i := range len(inside) {
		ip := inside[(turn+i)%len(inside)]
		var body dnsmessage.ResourceBody
		switch {
		case q.Type == dnsmessage.TypeA && ip.Is4():
			body = &dnsmessage.AResource{A: ip.As4()}
		case q.Type == dnsmessage.TypeAAAA && !ip.Is4():
			body = &dnsmessage.AAAAResource{AAAA: ip.As16()}
		default:
			continue
		}
		m.Answers = append(m.Answers, dnsmessage.Resource{
			Header: dnsmessage.ResourceHeader{Name: owner, Class: dnsmessage.ClassINET}, Body: body,
		})
		if len(m.Answers) >= 3 {
			break
		}
	}
	text, err := m.Pack()
	return text, err == nil
}

// listeners must not be reached: on the platforms' port, if this user may open
// it, and on others.
func listeners(t *testing.T, accepted *atomic.Int64) (ports []string) {
	t.Helper()
	for _, address := range []string{"127.0.0.1:443", "[::1]:443", "127.0.0.1:0", "127.0.0.1:0"} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			if strings.HasSuffix(address, ":0") {
				t.Fatal(err)
			}
			t.Logf("%s cannot be listened at: what the guard says is looked at alone", address)
			continue
		}
		_, port, err := net.SplitHostPort(listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, port)
		t.Cleanup(func() { _ = listener.Close() }) // the test is over
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				accepted.Add(1)
				_ = conn.Close() // the connection is an error anyway
			}
		}()
	}
	return ports
}

// hostileAddresses are addresses that try to reach an internal host, with the
// domains of platform accounts.
func hostileAddresses(ports []string) []string {
	hosts := []string{
		"localhost", "localhost.", "LOCALHOST", "metadata.google.internal", "metadata", "ip6-localhost", "2130706433",
		"0x7f000001", "017700000001", "127.1", "127.0.1", "0", "0x7f.1",
		"0177.0.0.1", "127.0.0.1.", "127。0。0。1", "①②⑦.0.0.1", "127.0.0.1.nip.io", "[::]", "[::1%25lo]", "[fe80::1%25eth0]",
		"[0:0:0:0:0:ffff:7f00:1]", "[::ffff:7f00:1]"}
	for _, ip := range insideAddresses() {
		if ip.Is4() {
			hosts = append(hosts, ip.String())
		} else {
			hosts = append(hosts, "["+ip.String()+"]")
		}
	}
	var list []string
	for _, host := range hosts {
		list = append(list, "https://"+host, "http://"+host, "https://"+host+":"+ports[len(ports)-1])
	}
	for _, name := range []string{
		"northwind.api-us1.com", "northwind.activehosted.com", "harbourpine.my.salesforce.com",
		"harbourpine--uat.sandbox.my.salesforce.com", "us6.api.mailchimp.com", "login.salesforce.com",
	} {
		list = append(list,
			"https://"+name, "https://"+name+".", "https://"+name+":"+ports[0], "https://"+name+":80", "http://"+name, "//"+name,
			name, "https://user@"+name, "https://127.0.0.1@"+name,
			"https://"+name+"@127.0.0.1", "https://"+name+":443@127.0.0.1:"+ports[0], "https://127.0.0.1#"+name,
			"https://127.0.0.1?"+name, "https://127.0.0.1/"+name,
			"https://127.0.0.1\\@"+name, "https://"+name+"\\@127.0.0.1", "https://"+name+"%2f@127.0.0.1",
			"https://"+name+"%00.evil.example", "https://"+name+"\t.evil.example",
			"https://"+name+"\r\nHost: evil.example", "https://evil."+name, "https://xn--80ak6aa92e."+name,
			"https://"+strings.ReplaceAll(name, ".", "%2e"), "https://"+strings.ReplaceAll(name, ".", "．"),
		)
	}
	return list
}

// TestNoAddressFromOutsideLeadsInside has the drivers, with the programs'
// guards, call addresses from outside: entered by a client, or stored with a
// credential. Every name resolves to an internal address.
func TestNoAddressFromOutsideLeadsInside(t *testing.T) {
	var accepted atomic.Int64
	ports := listeners(t, &accepted)
	resolver := newNames(t)
	forHub, err := all.ForHub(nil)
	if err != nil {
		t.Fatal(err)
	}
	apps := map[onboarding.Platform]platform.App{}
	for _, of := range all.Apps() {
		apps[of] = platform.App{ClientID: "1001", ClientSecret: onboarding.NewSecret("s")}
	}
	forRelay, err := all.ForRelay(apps, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	addresses := hostileAddresses(ports)
	slices.Sort(addresses)
	addresses = slices.Compact(addresses)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	for _, address := range addresses {
		credential := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret("secret"), Address: address}
		p := platform.CheckParams{
			Item: onboarding.Item{Kind: onboarding.CRMAccount, Account: address}, Access: credential.Secret,
			Credential: credential,
		}
		for _, driver := range forHub {
			finding, err := driver.(platform.Checker).Check(ctx, p)
			if err == nil && finding.State == onboarding.AccessWorks {
				t.Errorf("%s: a check at %q found that it works", driver.Platform(), address)
			}
		}
		for _, driver := range forRelay {
			tryInside(t, ctx, driver, address, credential)
		}
	}
	t.Logf("%d addresses, %d look-ups", len(addresses), resolver.asked.Load())
	if len(addresses) < 300 || resolver.asked.Load() == 0 {
		t.Errorf("%d addresses were tried with %d look-ups, want 300 and some", len(addresses), resolver.asked.Load())
	}
	if n := accepted.Load(); n != 0 {
		t.Errorf("%d connections were made inside", n)
	}
}

// tryInside has a relay's driver use an address in every possible way.
func tryInside(
	t *testing.T, ctx context.Context, driver platform.Driver, address string, credential platform.Credential,
) {
	t.Helper()
	if taker, takes := driver.(platform.KeyTaker); takes {
		if _, err := taker.VerifyKey(ctx, address, credential.Secret); err == nil {
			t.Errorf("%s took a key at %q", driver.Platform(), address)
		}
	}
	if renewer, renews := driver.(platform.Renewer); renews {
		if _, err := renewer.Renew(ctx, credential); err == nil {
			t.Errorf("%s renewed at %q", driver.Platform(), address)
		}
	}
	back := platform.SignInReturn{
		Code: onboarding.NewSecret("code"), Redirect: "https://access.example.com/callback", Target: address,
		Picked: []string{address},
	}
	if taker, takes := driver.(platform.TargetTaker); takes {
		for _, option := range []string{"domain", "production", "sandbox", "pick", "new", ""} {
			target, err := taker.Target(option, address)
			if err == nil && (strings.ContainsAny(target, "/\\@#?:% \t\r\n[") || net.ParseIP(target) != nil) {
				t.Errorf("%s takes %q for %q", driver.Platform(), target, address)
			}
			if err == nil && target != "" {
				back.Target = target
			}
		}
	}
	if signIn, signs := driver.(platform.SignIn); signs {
		if grant, err := signIn.Exchange(ctx, back); err == nil {
			t.Errorf("%s exchanged a code at %q: %s", driver.Platform(), address, grant.Account.ID)
		} else if errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s at %q: %v", driver.Platform(), address, fmt.Errorf("it was dialled: %w", err))
		}
	}
}
