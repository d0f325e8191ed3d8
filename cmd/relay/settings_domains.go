package main

import (
	"net"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/relay"
)

// domainsConfig is nil where agencies have no domains of their own.
func (s settings) domainsConfig() *relay.DomainsConfig {
	if !s.domains {
		return nil
	}
	return &relay.DomainsConfig{}
}

// domains reads whether agencies may have their links at a domain of their own. With a
// certificate from an authority they may; behind a proxy, the proxy has to fetch one for
// each of them.
func (r *reader) domains(name string, mode tlsMode, public string) bool {
	if r.value(name) == "" {
		return mode == tlsAuto
	}
	if r.oneOf(name, "on", "off") == "off" {
		return false
	}
	if mode == tlsFiles {
		r.wrong(name, "is on, but LATCHKEY_TLS is files: each domain needs a certificate of its own. Set LATCHKEY_TLS to "+
			"auto, or let a proxy fetch them")
		return false
	}
	if u, err := url.Parse(public); err == nil && net.ParseIP(u.Hostname()) != nil {
		r.wrong(name, "is on, but LATCHKEY_URL has an IP address: a domain leads to a name. Give this machine one")
		return false
	}
	return true
}
