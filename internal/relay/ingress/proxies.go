package ingress

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the addresses whose X-Forwarded-For is believed.
type Proxies []netip.Prefix

// ClientAddr is the address a request comes from. X-Forwarded-For counts only
// as far as proxies are trusted: its last entries are theirs.
func (p Proxies) ClientAddr(r *http.Request) netip.Addr {
	addr := addrOf(r.RemoteAddr)
	hops := strings.Join(r.Header.Values("X-Forwarded-For"), ",")
	for hops != "" && p.Trust(addr) {
		last := hops[strings.LastIndexByte(hops, ',')+1:]
		ip, err := netip.ParseAddr(strings.TrimSpace(last))
		if err != nil {
			break
		}
		addr = ip.Unmap()
		hops = strings.TrimSuffix(strings.TrimSuffix(hops, last), ",")
	}
	return addr
}

// Trust reports whether an address is a proxy's.
func (p Proxies) Trust(addr netip.Addr) bool {
	for _, proxy := range p {
		if proxy.Contains(addr) {
			return true
		}
	}
	return false
}

// addrOf is the address in host:port; the zero Addr: there is none.
func addrOf(hostPort string) netip.Addr {
	at, err := netip.ParseAddrPort(hostPort)
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr().Unmap().WithZone("")
}

// Network is what counts as one client: an IPv4 address, or an IPv6 network of
// 64 bits, since one household or server has that many addresses to itself.
func Network(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	network, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{} // an address that cannot be read: all of them are one
	}
	return network
}
