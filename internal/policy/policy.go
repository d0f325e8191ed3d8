// Package policy reads what the administrator of a computer has set for the hub
// there: the relay to join, and what its users may do.
//
// It never writes, and never asks the network.
package policy

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Policy is what is set on this computer. The zero value: nothing is.
type Policy struct {
	RelayURL      string       // the only relay to join; empty: the user enters one
	AllowedRelays []string     // the relays that may be joined; empty: all
	NoDemo        bool         // the demo may not be opened
	NoCSVExport   bool         // lists may not be saved as files
	LogLevel      slog.Leveler // what is logged; nil: the program decides
	Proxy         string       // DirectProxy, or http://host:port; empty: the system's
	ExtraCA       string       // a file of authorities that are trusted too; empty: none
	NoUpdates     bool         // a newer version is not announced
	Managed       []string     // the names of what is set, in the order of Settings
}

// The values of Proxy that are no address.
const (
	SystemProxy = "system"
	DirectProxy = "direct"
)

// Route is how calls leave this computer. An authority's file that cannot be used is an *Error.
func (p Policy) Route() (*egress.Route, error) {
	config := egress.Config{Proxy: egress.System()}
	switch p.Proxy {
	case "":
	case DirectProxy:
		config.Proxy = nil
	default:
		proxy, err := egress.ParseProxy(p.Proxy)
		if err != nil {
			return nil, &Error{Place: allPlaces, Name: "Proxy", Reason: err.Error()}
		}
		config.Proxy = egress.Fixed(proxy)
	}
	if p.ExtraCA != "" {
		roots, err := egress.ReadRoots(p.ExtraCA)
		if err != nil {
			return nil, &Error{Place: allPlaces, Name: "ExtraCA", Reason: err.Error()}
		}
		config.Roots = roots
	}
	return egress.New(config), nil
}

// allPlaces stands for the place of a value that was merged already.
const allPlaces = "the policies of this computer"

// Error is a value that is not in order, or a place that cannot be read. Its text is a
// sentence for the user, who hands it on to the administrator.
type Error struct {
	Place  string // a file, or a key of the registry
	Name   string // the setting; empty: the place itself
	Reason string // continues the sentence
}

func (e *Error) Error() string {
	what := e.Place
	if e.Name != "" {
		what = e.Name + " in " + e.Place
	}
	return fmt.Sprintf("Latchkey does not start: %s %s. Ask whoever looks after this computer to correct it.",
		what, e.Reason)
}

// place is where values are set. The values have the types of Setting.Kind.
type place struct {
	name   string
	values map[string]any
}

// Load reads what is set on this computer: policies first, then what the installer preset.
// What is not in order is an *Error.
func Load() (Policy, error) {
	list, err := places()
	if err != nil {
		return Policy{}, err
	}
	return merge(list)
}

// merge takes each setting from the first place that sets it.
func merge(places []place) (Policy, error) {
	var p Policy
	from := map[string]int{} // which place set a setting
	for _, s := range Settings() {
		for n, at := range places {
			value, isSet := at.values[s.Name]
			if !isSet || isEmpty(value) {
				continue
			}
			if reason := s.apply(&p, value); reason != "" {
				return Policy{}, &Error{Place: at.name, Name: s.Name, Reason: reason}
			}
			p.Managed = append(p.Managed, s.Name)
			from[s.Name] = n
			break
		}
	}
	if p.RelayURL == "" || len(p.AllowedRelays) == 0 || slices.Contains(p.AllowedRelays, p.RelayURL) {
		return p, nil
	}
	// Of two places that contradict each other the first counts.
	switch relay, allowed := from["RelayURL"], from["AllowedRelays"]; {
	case relay < allowed:
		p.AllowedRelays = nil
		p.Managed = slices.DeleteFunc(p.Managed, func(name string) bool { return name == "AllowedRelays" })
	case relay > allowed:
		p.RelayURL = ""
		p.Managed = slices.DeleteFunc(p.Managed, func(name string) bool { return name == "RelayURL" })
	default:
		return Policy{}, &Error{Place: places[relay].name, Name: "RelayURL",
			Reason: "is " + p.RelayURL + ", which AllowedRelays does not allow"}
	}
	return p, nil
}

// isEmpty reports whether a value is a text or a list of nothing, as editors of policies
// leave it behind.
func isEmpty(value any) bool {
	switch v := value.(type) {
	case string:
		return strings.TrimSpace(v) == ""
	case []string:
		return len(v) == 0
	}
	return false
}

// CheckRelay fails with an InvalidError of the field address if the policy does not allow
// the relay at an address.
func (p Policy) CheckRelay(address string) error {
	if p.RelayURL == "" && len(p.AllowedRelays) == 0 {
		return nil
	}
	base, err := wire.RelayAddress(address)
	if err != nil {
		return err
	}
	if p.RelayURL != "" && base != p.RelayURL {
		return onboarding.Invalid("address", "Your organisation has set another relay: "+p.RelayURL+".")
	}
	if len(p.AllowedRelays) > 0 && !slices.Contains(p.AllowedRelays, base) {
		return onboarding.Invalid("address",
			"Your organisation does not allow this relay. It allows "+strings.Join(p.AllowedRelays, ", ")+".")
	}
	return nil
}
