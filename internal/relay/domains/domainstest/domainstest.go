// Package domainstest is a name server for tests. It is real: the relay asks it over UDP and
// TCP. Nothing outside of the computer is asked.
package domainstest

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/miekg/dns"
)

// Name is what a name server has of a name.
type Name struct {
	CNAME string
	A     []string
	TXT   []string
	Fails bool // SERVFAIL
}

// Zone is a running name server. Its test's end ends it.
type Zone struct {
	address string

	mu    sync.Mutex
	names map[string]Name
}

// New starts a name server that knows no name.
func New(t testing.TB) *Zone {
	t.Helper()
	z := &Zone{names: map[string]Name{}}
	packets, streams := listen(t)
	z.address = streams.Addr().String()
	for _, server := range []*dns.Server{
		{PacketConn: packets, Handler: dns.HandlerFunc(z.answer)}, {Listener: streams, Handler: dns.HandlerFunc(z.answer)},
	} {
		go func() { _ = server.ActivateAndServe() }() // it ends with the test
	}
	t.Cleanup(func() {
		_ = packets.Close() // the test is over
		_ = streams.Close()
	})
	return z
}

// listen finds a port that is free for UDP and for TCP.
func listen(t testing.TB) (net.PacketConn, net.Listener) {
	t.Helper()
	for {
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		streams, err := net.Listen("tcp", packets.LocalAddr().String())
		if err == nil {
			return packets, streams
		}
		_ = packets.Close() // another program has the port for TCP
		if !errors.Is(err, syscall.EADDRINUSE) {
			t.Fatal(err)
		}
	}
}

// Set makes what the server has of a name; the zero value deletes it.
func (z *Zone) Set(name string, has Name) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.names[strings.ToLower(name)+"."] = has
}

// Resolver asks this name server alone.
func (z *Zone) Resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var dialer net.Dialer
		return dialer.DialContext(ctx, network, z.address)
	}}
}

func (z *Zone) of(name string) (Name, bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	has, known := z.names[strings.ToLower(name)]
	return has, known && (has.CNAME != "" || len(has.A) > 0 || len(has.TXT) > 0 || has.Fails)
}

func (z *Zone) answer(w dns.ResponseWriter, q *dns.Msg) {
	reply := new(dns.Msg).SetReply(q)
	name, kind := q.Question[0].Name, q.Question[0].Qtype
	has, known := z.of(name)
	if !known {
		reply.Rcode = dns.RcodeNameError
	}
	for range 8 { // along CNAMEs
		if has.Fails {
			reply.Rcode = dns.RcodeServerFailure
			break
		}
		if has.CNAME == "" {
			reply.Answer = append(reply.Answer, has.records(name, kind)...)
			break
		}
		reply.Answer = append(reply.Answer, &dns.CNAME{Hdr: header(name, dns.TypeCNAME), Target: has.CNAME + "."})
		name = has.CNAME + "."
		has, _ = z.of(name)
	}
	_ = w.WriteMsg(reply) // the relay asks again
}

func (n Name) records(name string, kind uint16) (records []dns.RR) {
	switch kind {
	case dns.TypeA:
		for _, a := range n.A {
			records = append(records, &dns.A{Hdr: header(name, kind), A: net.ParseIP(a)})
		}
	case dns.TypeTXT:
		for _, text := range n.TXT {
			records = append(records, &dns.TXT{Hdr: header(name, kind), Txt: []string{text}})
		}
	}
	return records
}

func header(name string, kind uint16) dns.RR_Header {
	return dns.RR_Header{Name: name, Rrtype: kind, Class: dns.ClassINET}
}
