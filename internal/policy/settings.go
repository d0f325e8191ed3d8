package policy

import (
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Kind is what a setting's value is.
type Kind string

// The kinds, and the Go type of their values.
const (
	Text   Kind = "text"   // string
	List   Kind = "list"   // []string
	Flag   Kind = "flag"   // bool
	Choice Kind = "choice" // string
)

// Setting is one value that an administrator can set. The editors' templates and the
// documentation are written from the list of them.
type Setting struct {
	Name        string
	Kind        Kind
	Choices     []string // of a Choice
	Title       string   // a line in the editor of policies
	Explanation string   // sentences there, and in the documentation
	Unset       string   // what happens where nothing is set
	Example     any      // a value of the kind
	// apply returns why the value is refused, to continue a sentence; empty: it is taken.
	apply func(p *Policy, value any) string
}

// Settings are all settings.
func Settings() []Setting { return slices.Concat(useSettings(), networkSettings()) }

// useSettings are what the user may do.
func useSettings() []Setting {
	return []Setting{
		{
			Name: "RelayURL", Kind: Text, Title: "Address of the relay",
			Explanation: "The only relay that this computer may join: its address is filled in and cannot be changed. A " +
				"computer that has joined another one does not start until this allows it; nothing is deleted.",
			Unset:   "The user enters an address.",
			Example: "https://access.example.com",
			apply: text(func(p *Policy, value string) (reason string) {
				p.RelayURL, reason = relay(value)
				return reason
			}),
		},
		{
			Name: "AllowedRelays", Kind: List, Title: "Relays that may be joined",
			Explanation: "Only these may be joined. A computer that has joined another one does not start until " +
				"this allows it; nothing is deleted.",
			Unset:   "Every relay is allowed.",
			Example: []string{"https://access.example.com", "https://access.example.org"},
			apply:   applyAllowedRelays,
		},
		{
			Name: "AllowDemo", Kind: Flag, Title: "Allow the demo",
			Explanation: "The demo runs a relay and simulated platforms on the computer itself.",
			Unset:       "The demo is allowed.",
			Example:     false,
			apply:       flag(func(p *Policy, value bool) { p.NoDemo = !value }),
		},
		{
			Name: "AllowCsvExport", Kind: Flag, Title: "Allow Export CSV",
			Explanation: "Export CSV saves the list of accounts, with clients' names, as a file.",
			Unset:       "It is allowed.",
			Example:     false,
			apply:       flag(func(p *Policy, value bool) { p.NoCSVExport = !value }),
		},
		{
			Name: "LogLevel", Kind: Choice, Choices: []string{"debug", "info", "warn", "error"}, Title: "Level of the log",
			Explanation: "The least that the program writes to latchkey.log in the data folder. No level logs a credential.",
			Unset:       "The variable LATCHKEY_LOG_LEVEL says it, else info.",
			Example:     "info",
			apply: text(func(p *Policy, value string) string {
				var level slog.Level
				if level.UnmarshalText([]byte(value)) != nil || strings.ContainsAny(value, "+-") {
					return "must be debug, info, warn or error"
				}
				p.LogLevel = level
				return ""
			}),
		},
	}
}

// networkSettings are how calls leave the computer.
func networkSettings() []Setting {
	return []Setting{
		{
			Name: "Proxy", Kind: Text, Title: "Proxy",
			Explanation: "How calls of the relay and of the platforms leave the computer: system, direct, or the address of " +
				"a proxy without an account. Calls of the computer itself take none.",
			Unset:   "What the system says: on Linux the variable HTTPS_PROXY, on Windows and macOS its settings too.",
			Example: "http://proxy.example.com:3128",
			apply:   text(applyProxy),
		},
		{
			Name: "ExtraCA", Kind: Text, Title: "File of more authorities",
			Explanation: "A file in PEM form: certificates of authorities that are trusted beside the system's, as that of a " +
				"proxy which inspects what passes. A file that cannot be read stops the start.",
			Unset:   "The system's authorities are trusted.",
			Example: "/etc/latchkey/ca.pem",
			apply: text(func(p *Policy, value string) string {
				if !filepath.IsAbs(value) && !strings.HasPrefix(value, "/") {
					return "must be the whole path of a file"
				}
				p.ExtraCA = value
				return ""
			}),
		},
		{
			Name: "CheckForUpdates", Kind: Flag, Title: "Announce newer versions",
			Explanation: "The hub shows that the relay's operator offers a newer version. It never installs one.",
			Unset:       "It is shown.",
			Example:     false,
			apply:       flag(func(p *Policy, value bool) { p.NoUpdates = !value }),
		},
	}
}

func applyProxy(p *Policy, value string) string {
	switch value {
	case SystemProxy:
		p.Proxy = ""
		return ""
	case DirectProxy:
		p.Proxy = DirectProxy
		return ""
	}
	proxy, err := egress.ParseProxy(value)
	switch {
	case err != nil:
		return "must be system, direct, or the address of a proxy, for example http://proxy.example.com:3128"
	case proxy.User != nil:
		return "must not hold an account: every user of this computer can read it"
	}
	p.Proxy = proxy.String()
	return ""
}

func text(apply func(p *Policy, value string) string) func(*Policy, any) string {
	return func(p *Policy, value any) string {
		typed, isText := value.(string)
		if !isText {
			return "must be a text"
		}
		return apply(p, strings.TrimSpace(typed))
	}
}

func flag(apply func(p *Policy, value bool)) func(*Policy, any) string {
	return func(p *Policy, value any) string {
		on, isFlag := value.(bool)
		if !isFlag {
			return "must be true or false"
		}
		apply(p, on)
		return ""
	}
}

func applyAllowedRelays(p *Policy, value any) string {
	typed, isList := value.([]string)
	if !isList {
		return "must be a list of addresses"
	}
	for _, one := range typed {
		address, reason := relay(one)
		if reason != "" {
			return reason
		}
		if !slices.Contains(p.AllowedRelays, address) {
			p.AllowedRelays = append(p.AllowedRelays, address)
		}
	}
	return ""
}

// relay returns the address of a relay as the hub stores it, or why it is none.
func relay(typed string) (address, reason string) {
	address, err := wire.RelayAddress(typed)
	if err != nil {
		return "", "must be the address of a relay, for example https://access.example.com"
	}
	return address, ""
}
