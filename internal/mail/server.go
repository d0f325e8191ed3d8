package mail

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"golang.org/x/net/idna"
)

// Server is the address of a mail server.
type Server struct {
	Host string // a name in ASCII, or an IP address, which may have a zone
	Port int
	TLS  bool   // from the first byte; else by STARTTLS
	User string // who signs in; empty: nobody
}

// What can be wrong with the address of a mail server, as "LATCHKEY_SMTP …".
var (
	errServerForm = errors.New("is not of the form smtp://user@mail.example.com:587; an IPv6 address is written in " +
		"brackets, as smtp://[::1]:25, and % in a user or zone as %25")
	errServerHost     = errors.New("names a host that is neither a name nor an IP address")
	errServerPassword = errors.New("holds a password; put it into LATCHKEY_SMTP_PASSWORD_FILE")
)

// ParseServer reads smtp://user@host:587 (the usual port) or smtps://user@host:465. Its
// errors complete a sentence about the address and do not repeat it: a password may be
// in it by mistake.
func ParseServer(address string) (Server, error) {
	parsed, err := url.Parse(strings.TrimSpace(address))
	if err != nil || parsed.Hostname() == "" || strings.Trim(parsed.Path, "/") != "" || parsed.RawQuery != "" ||
		parsed.Fragment != "" || parsed.Host[0] != '[' && strings.Count(parsed.Host, ":") > 1 {
		return Server{}, errServerForm
	}
	if _, inside := parsed.User.Password(); inside {
		return Server{}, errServerPassword
	}
	s := Server{User: parsed.User.Username()}
	switch parsed.Scheme {
	case "smtp":
		s.Port = 587
	case "smtps":
		s.Port, s.TLS = 465, true
	default:
		return Server{}, errServerForm
	}
	if text := parsed.Port(); text != "" {
		port, err := strconv.ParseUint(text, 10, 16)
		if err != nil || port == 0 {
			return Server{}, errServerForm
		}
		s.Port = int(port)
	}
	s.Host, err = serverHost(parsed.Hostname())
	return s, err
}

// serverHost is a host as it is dialled and as its certificate has it.
func serverHost(host string) (string, error) {
	if ip, err := netip.ParseAddr(host); err == nil {
		return ip.String(), nil
	}
	lookup := idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false))
	name, err := lookup.ToASCII(strings.TrimSuffix(host, "."))
	const allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_."
	last := name[strings.LastIndexByte(name, '.')+1:]
	if err != nil || strings.Trim(name, allowed) != "" || strings.Trim(last, "0123456789") == "" ||
		strings.Contains("."+name, "..") || len(name) > 253 {
		return "", errServerHost // what ends in a number is meant to be an IP address
	}
	return name, nil
}
