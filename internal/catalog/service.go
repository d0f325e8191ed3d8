package catalog

import (
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/i18n"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ServiceInfo is what is fixed about a service. A platform's folder declares
// it; the texts are in the folder's message file.
type ServiceInfo struct {
	ID       onboarding.Service
	Messages fs.FS // with messages/<language>.toml
	Icon     []byte
	Host     string       // where the client signs in; empty: they do not
	ByHand   bool         // the platform has no call by which an app could end an access
	Grant    GrantScope   // what ends together with an access
	Manage   string       // address where an access is taken back
	Help     string       // address of the platform's own help for this step; may be empty
	Advice   FailureCode  // a hint about an account that was connected; empty: none
	Key      bool         // an address and a key are typed, as there is no sign-in
	Before   []OptionInfo // what can be chosen before leaving for the platform; nil: nothing
	Optional []OptionalInfo
	Role     *RoleInfo // who is stopped on a page of the platform; nil: everybody comes back
	// VersionEnded is the platform's code for a call to a version of its API that
	// has ended; empty: it has none.
	VersionEnded string
	// AppRefused begins the platform's codes for an app that it does not serve, or
	// has not registered; empty: it has none.
	AppRefused []string
	// ProofRefused is the platform's code for a sign-in whose proof of the app is
	// missing or wrong; empty: it has none.
	ProofRefused string
}

// OptionInfo is a choice before leaving; its texts are before.<id>.label, .hint,
// and, with Input, .input and .example.
type OptionInfo struct {
	ID    string // as the driver's Target takes it
	Input bool   // something is typed beside it
}

// OptionalInfo is a scope that a sign-in also works without; its text is
// optional.<Feature>.
type OptionalInfo struct {
	Scope   string // as the platform names it
	Feature string
}

// RoleInfo is who may connect apps; its texts are required_role.short,
// .explanation, .request and .likely.
type RoleInfo struct {
	// Means is the failure that the platform's error page stands for; empty:
	// MayNotConnect.
	Means FailureCode
}

// Service is one service as a client reads about it.
type Service struct {
	ID       onboarding.Service
	Name     string
	Short    string      // what is asked for, one line
	Level    string      // the level in plain words, as in the receipt
	Purpose  string      // Facebook: what it is asked for, after what is asked: "to run ads and see results"
	From     string      // what the agency can do "from now on", after its name: "can read your contacts from now on"
	Lead     string      // who should sign in, one sentence
	Read     []string    // Facebook: what is read at the sign-in; a CRM: what the agency can do, as verbs
	NotRead  []string    // what is not, or what it cannot
	Need     string      // what the client has to be or to leave as it is; empty for a service that is not known here
	Hint     string      // what to do on the platform's page; may be empty
	Account  string      // what the platform calls one account: "portal"
	Accounts string      // the same of several: "portals"
	Host     string      // where the client signs in; empty: they do not
	Sign     string      // the label of the link that leads there: "Log In" or "Proceed"
	Withdraw []string    // how to take access back, in order
	ByHand   bool        // the platform has no call by which an app could end an access
	Grant    GrantScope  // what ends together with an access
	Manage   Link        // where that is done
	Help     Link        // the platform's own help for this step; may be empty
	Advice   FailureCode // a hint about an account that was connected; empty: none
	Key      *Key        // what is typed where there is no sign-in; nil: there is one
	Before   *Before     // what the client is asked before they leave; nil: nothing
	Optional []Optional  // what is asked for and not everybody's plan or user includes
	Roles    string      // the roles that may connect an account: "Manager, Admin or Owner"; empty: none is named
	Agency   AgencyTexts // what the agency reads about it in the hub

	// RequiredRole is who is stopped on a page of the platform from which
	// nobody is sent back; nil: everybody comes back.
	RequiredRole *RequiredRole

	print *i18n.Printer
}

// AgencyTexts are what the agency reads about a service.
type AgencyTexts struct {
	Level      string // what was given, where the platform names no tasks
	KeyPlace   string // where the address and the key stand, a sentence; empty: there is a sign-in
	KeyExample string // what the address looks like
}

// GrantScope is what a platform ends together with an access that an app ends.
type GrantScope string

// GrantOfItem is the zero value: the access to one item ends alone.
const (
	GrantOfItem    GrantScope = ""
	GrantOfAccount GrantScope = "account" // with it all accesses to the same account
	GrantOfPerson  GrantScope = "person"  // with it all that the same person gave the app
)

// Shared reports whether ending an access may end another one too: account, that
// another item of the same account lives; person, one that the same person
// connected.
func (g GrantScope) Shared(account, person bool) bool {
	return g == GrantOfAccount && account || g == GrantOfPerson && person
}

// Before is what a client is asked before they leave for a platform: where they
// sign in, or what they want to connect.
type Before struct {
	Question string // a heading: "Where do you sign in?"
	Lead     string // one sentence below it; may be empty
	Options  []Option
}

// Option is one answer to Before. The first one is chosen to begin with.
type Option struct {
	ID    string // as the driver's Target takes it
	Label string
	Hint  string // one sentence; may be empty
	Input *Input // what is typed beside it; nil: nothing
}

// Input is a field beside an Option.
type Input struct {
	Label   string
	Example string
}

// Key describes what is typed in place of a sign-in, and where that is found.
type Key struct {
	Asked   string // what is asked for, beside the name: "lists and contacts"
	Example string // what the address looks like
	Place   string // where address and key stand: "Settings, then Developer"
	Find    []Step // the way there
}

// Step is one step on a platform's page. Name is what stands written there.
type Step struct{ Text, Name, Rest string }

// Optional is a scope that a sign-in also works without.
type Optional struct {
	Scope   string // as the platform names it
	Feature string // what it is for: "reading lists"
}

// RequiredRole is who may connect apps where not everybody may.
type RequiredRole struct {
	Short       string      // "Needs a Super Admin."
	Explanation string      // who may, one sentence
	Request     string      // what somebody who may could do for who may not: "give me …"
	Means       FailureCode // as in RoleInfo
	Likely      string      // what the error page can stand for, and what to do; empty: the failure's own text
}

// Link is an address with its label.
type Link struct {
	Label string
	URL   string
}

// Features describes what is missing without some optional scopes; empty:
// nothing that there are words for.
func (s Service) Features(missing []string) string {
	var list []string
	for _, optional := range s.Optional {
		if slices.Contains(missing, optional.Scope) {
			list = append(list, optional.Feature)
		}
	}
	if len(list) == 0 {
		return ""
	}
	return s.print.List(list)
}

// DetailOf is the second line of an item: its detail, and whether it is read-only.
func (s Service) DetailOf(item onboarding.Item) string {
	if !item.ReadOnly || !s.print.Has("item_read_only") {
		return item.Detail
	}
	return bidi.Isolate(item.Detail) + " · " + s.print.Text("item_read_only")
}

// LevelOf is the level of items of one service, in plain words: the service's,
// but for those that can only be read.
func (s Service) LevelOf(items []onboarding.Item) string {
	reading := 0
	for _, i := range items {
		if i.ReadOnly {
			reading++
		}
	}
	switch {
	case reading == 0 || !s.print.Has("level_only_read.all"):
		return s.Level
	case reading == len(items):
		return s.print.Text("level_only_read.all")
	}
	return s.print.Text("level_only_read.some", "Count", strconv.Itoa(reading), "Of", strconv.Itoa(len(items)))
}

// ReadOnlyHint explains what it means that one of the items can only be read; empty:
// none is, or the service has no such items.
func (s Service) ReadOnlyHint(items []onboarding.Item) string {
	const hint = "read_only_hint"
	if !s.print.Has(hint) || !slices.ContainsFunc(items, func(i onboarding.Item) bool { return i.ReadOnly }) {
		return ""
	}
	return s.print.Text(hint)
}

// platformTexts are a service's data with its own messages.
type platformTexts struct {
	info  ServiceInfo
	print *i18n.Printer
}

// text prints a message of the platform, that for an unusual request first;
// empty: it has none.
func (t platformTexts) text(c *Catalog, asked Asked, id string) string {
	if asked.Level == onboarding.LevelView && t.print.Has("view."+id) {
		id = "view." + id
	}
	if !t.print.Has(id) {
		return ""
	}
	return t.print.TextOf(id, askedValues{c: c, asked: asked})
}

// askedValues are what a platform's texts may name of a request.
type askedValues struct {
	c     *Catalog
	asked Asked
}

// Value implements i18n.Values.
func (v askedValues) Value(name string) (string, bool) {
	switch name {
	case "Things":
		return v.c.Things(v.asked), true
	case "Enumerated":
		var names []string
		for _, kind := range v.asked.All() {
			names = append(names, v.c.print.Text(v.c.kindID(kind, "explained")))
		}
		return strings.Join(names, v.c.print.Text("list.between")), true
	}
	return "", false
}

func (c *Catalog) describe(t platformTexts, asked Asked) Service {
	text := func(id string) string { return t.text(c, asked, id) }
	info := t.info
	service := Service{
		ID:       info.ID,
		Name:     text("name"),
		Short:    text("short"),
		Level:    text("level"),
		Purpose:  text("purpose"),
		From:     text("from"),
		Lead:     text("lead"),
		Read:     lines(text("read")),
		NotRead:  lines(text("not_read")),
		Need:     text("need"),
		Hint:     text("hint"),
		Account:  text("account"),
		Accounts: text("accounts"),
		Host:     info.Host,
		Sign:     text("sign"),
		Withdraw: lines(text("withdraw")),
		ByHand:   info.ByHand,
		Grant:    info.Grant,
		Manage:   placed(c.place, text("manage"), info.Manage),
		Help:     Link{Label: text("help"), URL: info.Help},
		Advice:   info.Advice,
		Roles:    text("roles"),
		Agency: AgencyTexts{
			Level:      text("agency.level"),
			KeyPlace:   text("agency.key_place"),
			KeyExample: text("agency.key_example"),
		},
		print: t.print,
	}
	if info.Key {
		service.Key = &Key{
			Asked:   text("key.asked"),
			Example: text("key.example"),
			Place:   text("key.place"),
			Find:    steps(text("key.find")),
		}
	}
	if info.Before != nil {
		service.Before = describeBefore(info.Before, text)
	}
	for _, optional := range info.Optional {
		service.Optional = append(service.Optional, Optional{
			Scope:   optional.Scope,
			Feature: text("optional." + optional.Feature),
		})
	}
	if info.Role != nil {
		service.RequiredRole = &RequiredRole{
			Short:       text("required_role.short"),
			Explanation: text("required_role.explanation"),
			Request:     text("required_role.request"),
			Means:       info.Role.Means,
			Likely:      text("required_role.likely"),
		}
	}
	return service
}

func describeBefore(options []OptionInfo, text func(string) string) *Before {
	before := &Before{Question: text("before.question"), Lead: text("before.lead")}
	for _, o := range options {
		id := "before." + o.ID
		option := Option{ID: o.ID, Label: text(id + ".label"), Hint: text(id + ".hint")}
		if o.Input {
			option.Input = &Input{Label: text(id + ".input"), Example: text(id + ".example")}
		}
		before.Options = append(before.Options, option)
	}
	return before
}

// steps are lines with what stands written on the page in brackets.
func steps(text string) []Step {
	var list []Step
	for _, line := range lines(text) {
		before, rest, _ := strings.Cut(line, "[")
		name, after, _ := strings.Cut(rest, "]")
		list = append(list, Step{Text: before, Name: name, Rest: after})
	}
	return list
}

// unknownService stands for a service of a newer relay.
func (c *Catalog) unknownService(id onboarding.Service) Service {
	return Service{
		ID:       id,
		Name:     string(id),
		Sign:     c.print.Text("unknown_service.sign"),
		Account:  c.print.Text("unknown_service.account"),
		Accounts: c.print.Text("unknown_service.accounts"),
		print:    c.print,
	}
}
