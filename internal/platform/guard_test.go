package platform

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestOnlyAddressesOfTheInternetArePublic(t *testing.T) {
	for _, ip := range []string{
		"127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "100.64.0.1", "100.127.255.255",
		"192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.9", "224.0.0.1",
		"239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1",
		"64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1",
		"2002:7f00:1::", "fc00::1", "fd00::1", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "3fff::1", "5f00::1",
	} {
		if Public(netip.MustParseAddr(ip)) {
			t.Errorf("%s passes as public", ip)
		}
	}
	for _, ip := range []string{
		"1.1.1.1", "157.240.1.35", "100.63.255.255", "100.128.0.0", "172.32.0.1", "2a03:2880:f101::1", "2606:4700::1111",
		"::ffff:1.1.1.1",
	} {
		if !Public(netip.MustParseAddr(ip)) {
			t.Errorf("%s is refused", ip)
		}
	}
}

// All IPv6 notations of a local IPv4 address.
func TestALocalAddressInDisguiseIsNotPublic(t *testing.T) {
	disguises := map[string]func(v4 [4]byte) [16]byte{
		"mapped":     func(v4 [4]byte) [16]byte { return [16]byte{10: 0xff, 0xff, v4[0], v4[1], v4[2], v4[3]} },
		"compatible": func(v4 [4]byte) [16]byte { return [16]byte{12: v4[0], v4[1], v4[2], v4[3]} },
		"translated": func(v4 [4]byte) [16]byte { return [16]byte{8: 0xff, 0xff, 0, 0, v4[0], v4[1], v4[2], v4[3]} },
		"NAT64":      func(v4 [4]byte) [16]byte { return [16]byte{0, 0x64, 0xff, 0x9b, 12: v4[0], v4[1], v4[2], v4[3]} },
		"local NAT64": func(v4 [4]byte) [16]byte {
			return [16]byte{
				0, 0x64, 0xff, 0x9b, 0, 1, 12: v4[0], v4[1], v4[2], v4[3],
			}
		},
		"6to4":         func(v4 [4]byte) [16]byte { return [16]byte{0x20, 0x02, v4[0], v4[1], v4[2], v4[3], 15: 1} },
		"Teredo":       func(v4 [4]byte) [16]byte { return [16]byte{0x20, 0x01, 12: ^v4[0], ^v4[1], ^v4[2], ^v4[3]} },
		"unique local": func(v4 [4]byte) [16]byte { return [16]byte{0xfd, 12: v4[0], v4[1], v4[2], v4[3]} },
	}
	tried := 0
	for _, text := range []string{
		"0.0.0.0", "0.0.0.1", "10.0.0.0", "10.255.255.255", "100.64.0.0", "127.0.0.1", "127.255.255.255", "169.254.0.1",
		"169.254.169.254", "172.16.0.1",
		"172.31.255.254", "192.0.0.170", "192.168.0.1", "192.168.255.255", "198.18.0.1", "224.0.0.1", "255.255.255.255",
	} {
		v4 := netip.MustParseAddr(text)
		for name, disguise := range disguises {
			tried++
			if ip := netip.AddrFrom16(disguise(v4.As4())); Public(ip) {
				t.Errorf("%s as %s (%s) passes as public", text, ip, name)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d addresses were tried", tried)
	}
}

func TestOnlyThePlatformsNamesAreAllowed(t *testing.T) {
	hosts := []string{"graph.facebook.com", ".api-us1.com"}
	for _, host := range []string{"", "facebook.com", "graph.facebook.com.evil.example", "evilgraph.facebook.com",
		"api-us1.com", ".api-us1.com", "a.b.api-us1.com", "-a.api-us1.com", "a-.api-us1.com",
		"xn--.api-us1.com ", "a_b.api-us1.com", "évil.api-us1.com", "127.0.0.1", "2130706433",
		strings.Repeat("a", 64) + ".api-us1.com", "northwind.api-us1.com."} {
		if Allowed(hosts, host) {
			t.Errorf("%q passes", host)
		}
	}
	for _, host := range []string{
		"graph.facebook.com", "GRAPH.facebook.com", "northwind.api-us1.com", "n0rth-wind.api-us1.com",
		"xn--nrthwind-9za.api-us1.com",
	} {
		if !Allowed(hosts, host) {
			t.Errorf("%q is refused", host)
		}
	}
}

func TestTheGuardRefusesWhatIsNotThePlatforms(t *testing.T) {
	client, err := NewGuard(GuardConfig{Hosts: []string{"graph.facebook.com"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{
		"http://graph.facebook.com/", "https://graph.facebook.com:8443/", "https://user@graph.facebook.com/",
		"https://evil.example/", "https://127.0.0.1/", "ftp://graph.facebook.com/",
	} {
		if answer, err := client.Get(address); err == nil {
			_ = answer.Body.Close() // the test has failed already
			t.Errorf("%s was called", address)
		}
	}
}

func TestANameThatLeadsInsideIsNotDialled(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	reached := make(chan struct{}, 1)
	go func() {
		if _, err := listener.Accept(); err == nil {
			reached <- struct{}{}
		}
	}()
	for _, address := range []string{
		listener.Addr().String(), "127.0.0.1:443", "[::1]:443", "169.254.169.254:443", "10.0.0.1:443", "1.1.1.1:80",
	} {
		if err := publicOnly(context.Background(), "tcp", address, nil); err == nil {
			t.Errorf("%s would be dialled", address)
		}
	}
	select {
	case <-reached:
		t.Error("the listener was reached")
	default:
	}
}

func TestAnOperatorsAddressIsCalledWithThePlatformsHost(t *testing.T) {
	var host, path, agent string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, path, agent = r.Host, r.URL.String(), r.Header.Get("X-Test")
		if r.URL.Path == "/away" {
			http.Redirect(w, r, "https://evil.example/", http.StatusFound)
			return
		}
		_, _ = io.WriteString(w, strings.Repeat("x", 2000)) // the test's own server
	}))
	defer server.Close()
	client, err := NewGuard(GuardConfig{Hosts: []string{".api-us1.com"}, Override: server.URL, MaxResponse: 1000})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Get(t.Context(), "https://northwind.api-us1.com/api/3/users/me?x=1")
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Test", "kept")
	if _, err := Do(client, r); err == nil {
		t.Error("an answer over the bound was taken")
	}
	if host != "northwind.api-us1.com" || path != "/api/3/users/me?x=1" || agent != "kept" {
		t.Errorf("the server saw host %q, address %q, header %q", host, path, agent)
	}
	away, err := Get(t.Context(), "https://northwind.api-us1.com/away")
	if err != nil {
		t.Fatal(err)
	}
	if reply, err := Do(client, away); err != nil || reply.Status != http.StatusFound {
		t.Errorf("a redirect: got %v and %v, want it left alone", reply.Status, err)
	}
}

func TestErrorsOfTheTransportNameNoAddress(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.URL
	server.Close()
	client, err := NewGuard(GuardConfig{Hosts: []string{"graph.facebook.com"}, Override: address})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Get(t.Context(), "https://graph.facebook.com/me?access_token=canary")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Do(client, r); err == nil || strings.Contains(err.Error(), "canary") ||
		strings.Contains(err.Error(), "/me") {
		t.Errorf("got %v", err)
	}
}

// A platform that accepts a call and never responds, or stops in the middle,
// costs no more than the timeout.
func TestACallEndsWithTheGuardsTimeout(t *testing.T) {
	stalls := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/middle" {
			_, _ = io.WriteString(w, "{") // the test's own server
			_ = http.NewResponseController(w).Flush()
		}
		<-r.Context().Done()
	}))
	defer stalls.Close()
	client, err := NewGuard(GuardConfig{
		Hosts:    []string{"graph.facebook.com"},
		Override: stalls.URL,
		Timeout:  50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/middle"} {
		r, err := Get(t.Context(), "https://graph.facebook.com"+path)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, err := Do(client, r); !errors.Is(err, onboarding.ErrPlatformDown) {
			t.Errorf("%s: got %v, want a platform that is down", path, err)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", path, took)
		}
	}
}
