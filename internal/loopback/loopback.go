// Package loopback tells this computer from others: what stays on it may go
// unencrypted.
//
// It never resolves a name.
package loopback

import "net/netip"

// Host reports whether a host, without a port, is this computer: localhost or a
// loopback address.
func Host(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}
