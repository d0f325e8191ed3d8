package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// Every call the screens can make, and no thinking. What crosses is flat; an
// error crosses as the JSON of a told.

// told is the one form in which the screens get an error.
type told struct {
	Code      string `json:"code"`
	Field     string `json:"field"`
	Sentence  string `json:"sentence"`
	Reference string `json:"reference"`
}

func (t told) Error() string {
	text, err := json.Marshal(t)
	if err != nil {
		return `{"code":"unexpected"}`
	}
	return string(text)
}

// tell puts an error into the screens' form. What means nothing to a person
// gets a reference, under which the log has it.
func (a *App) tell(method string, err error) error {
	if err == nil {
		return nil
	}
	t := told{Code: wire.Code(err)}
	var wrong *onboarding.InvalidError
	var reference *wire.ReferenceError
	var silent *hub.NotTriedError
	switch {
	case errors.As(err, &wrong):
		t.Field, t.Sentence = wrong.Field, wrong.Sentence
	case errors.As(err, &reference):
		t.Reference = reference.Reference
	case errors.As(err, &silent):
		t.Sentence = silent.Sentence()
	case keychain.Why(err) != keychain.Working:
		t.Code = "keychain_" + string(keychain.Why(err))
		a.config.Log.Warn("the keychain does not open", "method", method, "error", err)
	case errors.Is(err, errDemo):
		t.Code = "demo_failed"
	}
	if t.Code == "unavailable" && !errors.Is(err, onboarding.ErrUnavailable) {
		t.Code = "unexpected"
	}
	if t.Reference == "" && (t.Code == "unexpected" || t.Code == "demo_failed") {
		t.Reference = rand.Text()[:8]
		a.config.Log.Error("a call of the screens failed", "method", method, "reference", t.Reference, "error", err)
	}
	return t
}

// guarded keeps a panic from leaving the screens waiting for ever.
func (a *App) guarded(method string, err *error) {
	if fault := recover(); fault != nil {
		reference := rand.Text()[:8]
		a.config.Log.Error("a call of the screens panicked", "method", method, "reference", reference, "panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
		*err = told{Code: "unexpected", Reference: reference}
	}
}

// errNoHub is for calls before the hub is open.
var errNoHub = fmt.Errorf("the hub is not open yet: %w", onboarding.ErrUnavailable)

func (a *App) current() (*hub.Hub, *hub.Previews, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hub == nil {
		return nil, nil, errNoHub
	}
	return a.hub, a.looks, nil
}

// ask answers a call with what the hub says.
func ask[A any](a *App, method string, what func(ctx context.Context, h *hub.Hub) (A, error)) (answer A, err error) {
	defer a.guarded(method, &err)
	h, _, err := a.current()
	if err == nil {
		answer, err = what(a.ctx, h)
	}
	return answer, a.tell(method, err)
}

// do is an ask without an answer.
func do(a *App, method string, what func(ctx context.Context, h *hub.Hub) error) error {
	_, err := ask(a, method, func(ctx context.Context, h *hub.Hub) (struct{}, error) { return struct{}{}, what(ctx, h) })
	return err
}

// list makes an empty list of none: the screens get no null.
func list[T any](all []T, err error) ([]T, error) {
	if all == nil {
		all = []T{}
	}
	return all, err
}

// StandingView is where this computer stands, for every screen.
type StandingView struct {
	hub.Standing
	Demo      bool   `json:"demo"`
	Mailbox   string `json:"mailbox"` // of the demo
	Control   string `json:"control"` // of the demo
	Web       bool   `json:"web"`
	Version   string `json:"version"`
	Platform  string `json:"platform"`
	LinkRelay string `json:"link_relay"` // of the newest latchkey://enrol link
	LinkCode  string `json:"link_code"`
}

// Standing says where this computer stands: "starting" before the hub is
// open, "failed" when it cannot be.
func (a *App) Standing() (view StandingView, err error) {
	defer a.guarded("Standing", &err)
	a.mu.Lock()
	h := a.hub
	view = StandingView{Version: version, Platform: runtime.GOOS, LinkRelay: a.enrol.Relay, LinkCode: a.enrol.Code, Web: a.desk != nil && a.desk.Web()}
	view.State = "starting"
	if a.failed != nil && h == nil {
		view.State, view.Detail = "failed", a.failed.sentence
	}
	if a.demo != nil {
		facts := a.demo.Facts()
		view.Demo, view.Mailbox, view.Control = true, facts.Mailbox, facts.Control
	}
	a.mu.Unlock()
	if h == nil {
		return view, nil
	}
	view.Standing, err = h.Standing(a.ctx)
	return view, a.tell("Standing", err)
}

// FindRelay looks whether a relay is at an address.
func (a *App) FindRelay(address string) (hub.RelayAt, error) {
	return ask(a, "FindRelay", func(ctx context.Context, h *hub.Hub) (hub.RelayAt, error) { return h.FindRelay(ctx, address) })
}

// Enrol makes this computer a member's. The code is used up by it.
func (a *App) Enrol(address, code, name string) error {
	return do(a, "Enrol", func(ctx context.Context, h *hub.Hub) error {
		if name == "" {
			name = computerName()
		}
		if err := h.Enrol(ctx, address, onboarding.NewSecret(code), name); err != nil {
			return err
		}
		a.mu.Lock()
		a.enrol = enrolLink{}
		a.mu.Unlock()
		return h.Sync(ctx)
	})
}

// ExploreDemo leaves the real hub as it is and opens the demo's.
func (a *App) ExploreDemo() (err error) {
	defer a.guarded("ExploreDemo", &err)
	err = a.enterDemo(a.ctx)
	a.emit("hub:changed", hub.Change{All: true, Standing: true})
	return a.tell("ExploreDemo", err)
}

// Leave ends the demo, or gives this computer back to its agency.
func (a *App) Leave() (err error) {
	defer a.guarded("Leave", &err)
	a.mu.Lock()
	inDemo := a.demo != nil
	a.mu.Unlock()
	if !inDemo {
		return do(a, "Leave", func(ctx context.Context, h *hub.Hub) error { return h.Leave(ctx) })
	}
	err = a.enterOwn(a.ctx)
	a.emit("hub:changed", hub.Change{All: true, Standing: true})
	return a.tell("Leave", err)
}

// Sync asks the relay now.
func (a *App) Sync() error {
	return do(a, "Sync", func(ctx context.Context, h *hub.Hub) error { return h.Sync(ctx) })
}

// Wanted is where a notification or a link leads, once: "request/" and its id,
// "accounts", "team", or nowhere.
func (a *App) Wanted() (string, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	place := a.wanted
	a.wanted = ""
	return place, nil
}

// Preferences are this person's, on this computer.
func (a *App) Preferences() (Preferences, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.screens.Preferences, nil
}

// SavePreferences keeps them.
func (a *App) SavePreferences(p Preferences) error {
	return a.keep("SavePreferences", func(k *kept) { k.Preferences = p })
}

// Draft is the request that a person was writing.
func (a *App) Draft() (hub.RequestForm, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	form := a.screens.Draft
	if form.Services == nil {
		form.Services = []onboarding.Service{}
	}
	if form.Kinds == nil {
		form.Kinds = []onboarding.Kind{}
	}
	form.Level = form.Level.OrDefault()
	return form, nil
}

// KeepDraft keeps what a person is writing.
func (a *App) KeepDraft(form hub.RequestForm) error {
	return a.keep("KeepDraft", func(k *kept) { k.Draft = form })
}

func (a *App) keep(method string, change func(*kept)) (err error) {
	defer a.guarded(method, &err)
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.screens)
	if a.demo != nil {
		return nil // the demo leaves nothing behind
	}
	return a.tell(method, a.screens.write(a.config.Dir))
}

// Totals counts what there is.
func (a *App) Totals() (hub.Totals, error) {
	return ask(a, "Totals", func(ctx context.Context, h *hub.Hub) (hub.Totals, error) { return h.Totals(ctx) })
}

// Requests reads a page of requests.
func (a *App) Requests(q hub.ListQ) (hub.RequestPage, error) {
	return ask(a, "Requests", func(ctx context.Context, h *hub.Hub) (hub.RequestPage, error) { return h.Requests(ctx, q) })
}

// CountRequests says how many requests a list has in all.
func (a *App) CountRequests(q hub.ListQ) (int, error) {
	return ask(a, "CountRequests", func(ctx context.Context, h *hub.Hub) (int, error) { return h.CountRequests(ctx, q) })
}

// Request reads all about one request.
func (a *App) Request(id string) (hub.RequestDetails, error) {
	return ask(a, "Request", func(ctx context.Context, h *hub.Hub) (hub.RequestDetails, error) { return h.Request(ctx, id) })
}

// Find looks for words in everything.
func (a *App) Find(typed string) (hub.Found, error) {
	return ask(a, "Find", func(ctx context.Context, h *hub.Hub) (hub.Found, error) { return h.Find(ctx, typed) })
}

// Needs lists what a person has to do.
func (a *App) Needs(most int) ([]hub.Need, error) {
	return ask(a, "Needs", func(ctx context.Context, h *hub.Hub) ([]hub.Need, error) { return list(h.NeedsYou(ctx, most)) })
}

// Recent reads the newest events.
func (a *App) Recent(most int) ([]hub.EventRow, error) {
	return ask(a, "Recent", func(ctx context.Context, h *hub.Hub) ([]hub.EventRow, error) { return list(h.Recent(ctx, 0, most)) })
}

// Days counts the last days.
func (a *App) Days(days int) ([]hub.Day, error) {
	return ask(a, "Days", func(ctx context.Context, h *hub.Hub) ([]hub.Day, error) {
		return list(h.Days(ctx, min(max(days, 1), 366)))
	})
}

// Outbox lists what waits to be sent.
func (a *App) Outbox() ([]hub.EntryRow, error) {
	return ask(a, "Outbox", func(ctx context.Context, h *hub.Hub) ([]hub.EntryRow, error) { return list(h.Outbox(ctx)) })
}

// SaveRequest keeps a new request and gives its id.
func (a *App) SaveRequest(form hub.RequestForm) (string, error) {
	return ask(a, "SaveRequest", func(ctx context.Context, h *hub.Hub) (string, error) { return h.SaveRequest(ctx, form) })
}

// EditRequest changes a request that nobody has seen.
func (a *App) EditRequest(form hub.RequestForm) error {
	return do(a, "EditRequest", func(ctx context.Context, h *hub.Hub) error { return h.EditRequest(ctx, form) })
}

// Send adds addresses to a request and writes to each.
func (a *App) Send(id string, addresses []string) error {
	return do(a, "Send", func(ctx context.Context, h *hub.Hub) error { return h.Send(ctx, id, addresses) })
}

// Resend writes once more; none named means all.
func (a *App) Resend(id string, recipients []string) (hub.Resent, error) {
	return ask(a, "Resend", func(ctx context.Context, h *hub.Hub) (hub.Resent, error) { return h.Resend(ctx, id, recipients) })
}

// Renew begins a new month with a new link.
func (a *App) Renew(id string) error {
	return do(a, "Renew", func(ctx context.Context, h *hub.Hub) error { return h.Renew(ctx, id) })
}

// Reopen gives a finished request a new link.
func (a *App) Reopen(id string) error {
	return do(a, "Reopen", func(ctx context.Context, h *hub.Hub) error { return h.Reopen(ctx, id) })
}

// Withdraw deletes a request.
func (a *App) Withdraw(id string) error {
	return do(a, "Withdraw", func(ctx context.Context, h *hub.Hub) error { return h.Withdraw(ctx, id) })
}

// Archive hides a request that is over, or shows it again.
func (a *App) Archive(id string, on bool) error {
	return do(a, "Archive", func(ctx context.Context, h *hub.Hub) error { return h.Archive(ctx, id, on) })
}

// DeleteClient deletes everything about the client of a request.
func (a *App) DeleteClient(id string) error {
	return do(a, "DeleteClient", func(ctx context.Context, h *hub.Hub) error { return h.DeleteClient(ctx, id) })
}

// CopyLink puts a request's link on the clipboard; false: it has none yet.
func (a *App) CopyLink(id string) (bool, error) {
	return ask(a, "CopyLink", func(ctx context.Context, h *hub.Hub) (bool, error) {
		d, err := h.Request(ctx, id)
		if err != nil || d.Link == "" {
			return false, err
		}
		return true, a.desk.Copy(d.Link)
	})
}

// Copy puts text on the clipboard.
func (a *App) Copy(text string) (err error) {
	defer a.guarded("Copy", &err)
	return a.tell("Copy", a.desk.Copy(text))
}

// Browse opens an address in the system's browser.
func (a *App) Browse(address string) (err error) {
	defer a.guarded("Browse", &err)
	return a.tell("Browse", a.desk.Browse(address))
}

// RetryEntry sends again what the relay refused.
func (a *App) RetryEntry(seq int64) error {
	return do(a, "RetryEntry", func(ctx context.Context, h *hub.Hub) error { return h.RetryEntry(ctx, seq) })
}

// DiscardEntry gives up what the relay refused.
func (a *App) DiscardEntry(seq int64) error {
	return do(a, "DiscardEntry", func(ctx context.Context, h *hub.Hub) error { return h.DiscardEntry(ctx, seq) })
}

// DismissLost takes what a restored relay lost off the list.
func (a *App) DismissLost(id string) error {
	return do(a, "DismissLost", func(ctx context.Context, h *hub.Hub) error { return h.DismissLost(ctx, id) })
}

// Accounts reads a page of Accounts.
func (a *App) Accounts(q hub.AccountsQ) (hub.AccountPage, error) {
	return ask(a, "Accounts", func(ctx context.Context, h *hub.Hub) (hub.AccountPage, error) { return h.Accounts(ctx, q) })
}

// CountAccounts says how many accounts a list has in all.
func (a *App) CountAccounts(q hub.AccountsQ) (int, error) {
	return ask(a, "CountAccounts", func(ctx context.Context, h *hub.Hub) (int, error) { return h.CountAccounts(ctx, q) })
}

// Item reads one account.
func (a *App) Item(id string) (hub.ItemRow, error) {
	return ask(a, "Item", func(ctx context.Context, h *hub.Hub) (hub.ItemRow, error) { return h.Item(ctx, id) })
}

// CheckNow tries accounts for real; none named means all.
func (a *App) CheckNow(items []string) error {
	return do(a, "CheckNow", func(ctx context.Context, h *hub.Hub) error { return h.CheckNow(ctx, items...) })
}

// ExportAccounts asks where to keep the list and writes it; an empty path means
// that the person thought better of it.
func (a *App) ExportAccounts(q hub.AccountsQ) (string, error) {
	return ask(a, "ExportAccounts", func(ctx context.Context, h *hub.Hub) (string, error) {
		text, err := h.ExportAccounts(ctx, q)
		if err != nil {
			return "", err
		}
		return a.desk.SaveAs("latchkey-accounts.csv", text)
	})
}

// CreateCampaign makes a paused campaign.
func (a *App) CreateCampaign(form hub.CampaignForm) (hub.Campaign, error) {
	return ask(a, "CreateCampaign", func(ctx context.Context, h *hub.Hub) (hub.Campaign, error) { return h.CreateCampaign(ctx, form) })
}

// Campaigns lists the campaigns that were made on this computer.
func (a *App) Campaigns() ([]hub.Campaign, error) {
	return ask(a, "Campaigns", func(ctx context.Context, h *hub.Hub) ([]hub.Campaign, error) { return list(h.Campaigns(ctx)) })
}

// AgencyView is the agency and its brand.
type AgencyView struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Company        string `json:"company"` // what clients read
	BrandOn        bool   `json:"brand_on"`
	BrandCompany   string `json:"brand_company"`
	Colour         string `json:"colour"`
	ReplyTo        string `json:"reply_to"`
	PendingReplyTo string `json:"pending_reply_to"`
	ShowRequester  bool   `json:"show_requester"`
	ShareRequests  bool   `json:"share_requests"`
	Logo           string `json:"logo"` // where it can be looked at
	DefaultMessage string `json:"default_message"`
}

// Agency is the copy of the agency.
func (a *App) Agency() (AgencyView, error) {
	return ask(a, "Agency", func(ctx context.Context, h *hub.Hub) (AgencyView, error) {
		g, err := h.Agency(ctx)
		if err != nil {
			return AgencyView{}, err
		}
		_, looks, err := a.current()
		if err != nil {
			return AgencyView{}, err
		}
		b := g.Brand
		return AgencyView{g.ID, g.Name, g.CompanyName(), b.On, b.Company, b.Colour, b.ReplyTo, b.PendingReplyTo, b.ShowRequester, g.ShareRequests, looks.LogoAddress(g), onboarding.DefaultMessage}, nil
	})
}

// RelayView is what the relay says about itself.
type RelayView struct {
	Operator  string                 `json:"operator"`
	Contact   string                 `json:"contact"`
	MailFrom  string                 `json:"mail_from"`
	Address   string                 `json:"address"`
	Platforms []wire.OfferedPlatform `json:"platforms"`
}

// Relay is what the relay said about itself last.
func (a *App) Relay() (RelayView, error) {
	return ask(a, "Relay", func(ctx context.Context, h *hub.Hub) (RelayView, error) {
		r, err := h.Relay(ctx)
		platforms, err := list(r.Platforms, err)
		return RelayView{r.Operator, r.Contact, r.MailFrom, r.Address, platforms}, err
	})
}

// PaletteView is what one theme makes of the agency's colour.
type PaletteView struct {
	Fill   string `json:"fill"`
	OnFill string `json:"on_fill"`
	Text   string `json:"text"`
	Border bool   `json:"border"`
}

// ColoursView is what becomes of the agency's colour.
type ColoursView struct {
	Light PaletteView `json:"light"`
	Dark  PaletteView `json:"dark"`
	Error string      `json:"error"` // a sentence; empty: it is a colour
}

// Colours derives what clients would see of a colour.
func (a *App) Colours(colour string) (view ColoursView, err error) {
	defer a.guarded("Colours", &err)
	p, err := onboarding.DerivePalettes(colour)
	var wrong *onboarding.InvalidError
	if errors.As(err, &wrong) {
		return ColoursView{Error: wrong.Sentence}, nil
	}
	shown := func(p onboarding.Palette) PaletteView { return PaletteView{p.Fill, p.OnFill, p.Text, p.Border != ""} }
	return ColoursView{Light: shown(p.Light), Dark: shown(p.Dark)}, a.tell("Colours", err)
}

// BrandForm is the form of Collaboration Settings.
type BrandForm struct {
	Company       string `json:"company"`
	Colour        string `json:"colour"`
	ShowRequester bool   `json:"show_requester"`
	Logo          string `json:"logo"` // the new file in base64
	KeepLogo      bool   `json:"keep_logo"`
}

func (f BrandForm) question() (wire.SaveBrandQ, error) {
	logo, err := base64.StdEncoding.DecodeString(f.Logo)
	if err != nil {
		return wire.SaveBrandQ{}, onboarding.Invalid("logo", "This file cannot be read. Choose another one.")
	}
	return wire.SaveBrandQ{Company: f.Company, Logo: logo, KeepLogo: f.KeepLogo, Colour: f.Colour, ShowRequester: f.ShowRequester}, nil
}

// SaveBrand applies the form. It switches nothing on.
func (a *App) SaveBrand(form BrandForm) error {
	return do(a, "SaveBrand", func(ctx context.Context, h *hub.Hub) error {
		q, err := form.question()
		if err != nil {
			return err
		}
		return h.SaveBrand(ctx, q)
	})
}

// SwitchBrand turns the brand on or off.
func (a *App) SwitchBrand(on bool) error {
	return do(a, "SwitchBrand", func(ctx context.Context, h *hub.Hub) error { return h.SwitchBrand(ctx, on) })
}

// ShareRequests lets every member see every request, or not.
func (a *App) ShareRequests(on bool) error {
	return do(a, "ShareRequests", func(ctx context.Context, h *hub.Hub) error { return h.ShareRequests(ctx, on) })
}

// ProposeReplyTo has a code mailed to an address.
func (a *App) ProposeReplyTo(address string) error {
	return do(a, "ProposeReplyTo", func(ctx context.Context, h *hub.Hub) error { return h.ProposeReplyTo(ctx, address) })
}

// ConfirmReplyTo shows the mailed code.
func (a *App) ConfirmReplyTo(code string) error {
	return do(a, "ConfirmReplyTo", func(ctx context.Context, h *hub.Hub) error { return h.ConfirmReplyTo(ctx, onboarding.NewSecret(code)) })
}

// PreviewQ asks for a preview.
type PreviewQ struct {
	What    string          `json:"what"`
	Dark    bool            `json:"dark"`
	Form    hub.RequestForm `json:"form"`
	Request string          `json:"request"`
	Brand   *BrandForm      `json:"brand"`
	BrandOn bool            `json:"brand_on"`
}

// PreviewView is where a preview can be looked at, and a letter's head.
type PreviewView struct {
	Address string `json:"address"`
	From    string `json:"from"`
	ReplyTo string `json:"reply_to"`
	Subject string `json:"subject"`
}

// Preview prepares what a client would see.
func (a *App) Preview(q PreviewQ) (PreviewView, error) {
	return ask(a, "Preview", func(ctx context.Context, h *hub.Hub) (PreviewView, error) {
		_, looks, err := a.current()
		if err != nil {
			return PreviewView{}, err
		}
		asked := hub.PreviewQ{What: hub.PreviewKind(q.What), Request: q.Request, Form: q.Form, On: q.BrandOn}
		if q.Brand != nil {
			brand, err := q.Brand.question()
			if err != nil {
				return PreviewView{}, err
			}
			asked.Brand = &brand
		}
		address, made, err := looks.Prepare(ctx, asked, q.Dark)
		return PreviewView{address, made.From, made.ReplyTo, made.Subject}, err
	})
}

// BusinessView is a Business Manager as a connected user sees it.
type BusinessView struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
}

// ConnectionView is one of the agency's own users.
type ConnectionView struct {
	ID         string              `json:"id"`
	Platform   onboarding.Platform `json:"platform"`
	MemberID   string              `json:"member_id"`
	Member     string              `json:"member"`
	User       string              `json:"user"`
	Businesses []BusinessView      `json:"businesses"`
	Ends       onboarding.Moment   `json:"ends"`
	Created    onboarding.Moment   `json:"created"`
	Here       bool                `json:"here"`
}

func connectionView(c hub.ConnectionView) ConnectionView {
	view := ConnectionView{c.ID, c.Platform, c.Member, c.MemberName, c.User.Name, []BusinessView{}, c.Ends, c.Created, c.Here}
	for _, b := range c.Businesses {
		view.Businesses = append(view.Businesses, BusinessView{b.ID, b.Name, b.Admin})
	}
	return view
}

// Connections lists the agency's own users.
func (a *App) Connections() ([]ConnectionView, error) {
	return ask(a, "Connections", func(ctx context.Context, h *hub.Hub) ([]ConnectionView, error) {
		all, err := h.Connections(ctx)
		views := make([]ConnectionView, 0, len(all))
		for _, c := range all {
			views = append(views, connectionView(c))
		}
		return views, err
	})
}

// StartConnection begins a sign-in and opens the system's browser.
func (a *App) StartConnection(platform string) (hub.SignInStarted, error) {
	return ask(a, "StartConnection", func(ctx context.Context, h *hub.Hub) (hub.SignInStarted, error) {
		started, err := h.StartConnection(ctx, onboarding.Platform(platform))
		if err != nil {
			return started, err
		}
		if err := a.desk.Browse(started.Address); err != nil {
			h.CancelConnection(started.ID)
			return started, err
		}
		return started, nil
	})
}

// WaitConnection answers when a sign-in has ended.
func (a *App) WaitConnection(id string) (ConnectionView, error) {
	return ask(a, "WaitConnection", func(ctx context.Context, h *hub.Hub) (ConnectionView, error) {
		c, err := h.WaitConnection(ctx, id)
		return connectionView(hub.ConnectionView{Connection: c, Here: err == nil}), err
	})
}

// WaitAccount answers with the account's name when a sign-in at a CRM has ended.
func (a *App) WaitAccount(id string) (string, error) {
	return ask(a, "WaitAccount", func(ctx context.Context, h *hub.Hub) (string, error) {
		i, err := h.WaitAccount(ctx, id)
		return i.Name, err
	})
}

// SuggestAddress makes the address that was meant out of what somebody typed;
// empty: there is none to offer.
func (a *App) SuggestAddress(service, typed string) (string, error) {
	return ask(a, "SuggestAddress", func(ctx context.Context, h *hub.Hub) (string, error) {
		address, suggestion, err := h.CorrectAddress(ctx, onboarding.Service(service), typed)
		if suggestion != "" {
			return suggestion, nil
		}
		if address == typed {
			address = ""
		}
		return address, err
	})
}

// CancelConnection stops waiting for a sign-in.
func (a *App) CancelConnection(id string) error {
	return do(a, "CancelConnection", func(_ context.Context, h *hub.Hub) error {
		h.CancelConnection(id)
		return nil
	})
}

// EndConnection gives up one of the agency's own users.
func (a *App) EndConnection(id string) error {
	return do(a, "EndConnection", func(ctx context.Context, h *hub.Hub) error { return h.EndConnection(ctx, id) })
}

// OwnAssets lists the ad accounts and Pages of a connected Facebook user.
func (a *App) OwnAssets(connection string) ([]hub.OwnAsset, error) {
	return ask(a, "OwnAssets", func(ctx context.Context, h *hub.Hub) ([]hub.OwnAsset, error) {
		return list(h.OwnAssets(ctx, connection))
	})
}

// PickAssets makes these the ones in Accounts, and no others of this user.
func (a *App) PickAssets(connection string, accounts []string) error {
	return do(a, "PickAssets", func(ctx context.Context, h *hub.Hub) error { return h.PickAssets(ctx, connection, accounts) })
}

// ConnectKey connects an account of the agency itself by its address and a key.
func (a *App) ConnectKey(service, address, key string) (hub.ItemRow, error) {
	return ask(a, "ConnectKey", func(ctx context.Context, h *hub.Hub) (hub.ItemRow, error) {
		item, err := h.ConnectKey(ctx, onboarding.Service(service), address, onboarding.NewSecret(key))
		if err != nil {
			return hub.ItemRow{}, err
		}
		return h.Item(ctx, item.ID)
	})
}

// RemoveAccount takes an account of the agency itself out of Accounts.
func (a *App) RemoveAccount(item string) error {
	return do(a, "RemoveAccount", func(ctx context.Context, h *hub.Hub) error { return h.RemoveAccount(ctx, item) })
}

// PlanEnding says what EndAccess would do.
func (a *App) PlanEnding(item string) (hub.EndingView, error) {
	return ask(a, "PlanEnding", func(ctx context.Context, h *hub.Hub) (hub.EndingView, error) {
		return h.PlanEnding(ctx, item)
	})
}

// EndAccess ends the agency's access to an item, and says what is left.
func (a *App) EndAccess(item string) (hub.EndingResult, error) {
	return ask(a, "EndAccess", func(ctx context.Context, h *hub.Hub) (hub.EndingResult, error) {
		return h.EndAccess(ctx, item)
	})
}

// Members lists the agency's people.
func (a *App) Members() ([]onboarding.Member, error) {
	return ask(a, "Members", func(ctx context.Context, h *hub.Hub) ([]onboarding.Member, error) { return list(h.Members(ctx)) })
}

// Devices lists computers as the relay sees them now.
func (a *App) Devices() ([]wire.DeviceView, error) {
	return ask(a, "Devices", func(ctx context.Context, h *hub.Hub) ([]wire.DeviceView, error) { return list(h.Devices(ctx)) })
}

// Holdings lists what a computer holds, or held before it was revoked.
func (a *App) Holdings(device string) (hub.Holdings, error) {
	return ask(a, "Holdings", func(ctx context.Context, h *hub.Hub) (hub.Holdings, error) { return h.Holdings(ctx, device) })
}

// PendingDevices lists the computers that wait for a person.
func (a *App) PendingDevices() ([]hub.PendingDevice, error) {
	return ask(a, "PendingDevices", func(ctx context.Context, h *hub.Hub) ([]hub.PendingDevice, error) { return list(h.PendingDevices(ctx)) })
}

// CodeView is a code that is shown once.
type CodeView struct {
	ID    string            `json:"id"`
	Code  string            `json:"code"`
	Until onboarding.Moment `json:"until"`
}

func codeView(code wire.CodeA, err error) (CodeView, error) {
	return CodeView{code.ID, code.Code.Secret().Reveal(), code.Until}, err
}

// InviteMember adds a member and gives the code for their first computer.
func (a *App) InviteMember(name, email, role string) (CodeView, error) {
	return ask(a, "InviteMember", func(ctx context.Context, h *hub.Hub) (CodeView, error) {
		return codeView(h.InviteMember(ctx, name, email, onboarding.Role(role)))
	})
}

// ChangeMember gives a member another name or role.
func (a *App) ChangeMember(id, name, role string) error {
	return do(a, "ChangeMember", func(ctx context.Context, h *hub.Hub) error {
		return h.ChangeMember(ctx, id, name, onboarding.Role(role))
	})
}

// RemoveMember ends a member's access; heir takes over their requests.
func (a *App) RemoveMember(id, heir string) error {
	return do(a, "RemoveMember", func(ctx context.Context, h *hub.Hub) error { return h.RemoveMember(ctx, id, heir) })
}

// IssueCode gives a code for another computer: one's own, or a member's.
func (a *App) IssueCode(member string) (CodeView, error) {
	return ask(a, "IssueCode", func(ctx context.Context, h *hub.Hub) (CodeView, error) { return codeView(h.IssueCode(ctx, member)) })
}

// OpenCodes lists the codes that nobody has used yet.
func (a *App) OpenCodes() ([]wire.OpenCode, error) {
	return ask(a, "OpenCodes", func(ctx context.Context, h *hub.Hub) ([]wire.OpenCode, error) { return list(h.OpenCodes(ctx)) })
}

// WithdrawCode ends a code that nobody has used.
func (a *App) WithdrawCode(code string) error {
	return do(a, "WithdrawCode", func(ctx context.Context, h *hub.Hub) error { return h.WithdrawCode(ctx, code) })
}

// Approve passes credentials on to a computer whose number a person compared.
func (a *App) Approve(device, number string) error {
	return do(a, "Approve", func(ctx context.Context, h *hub.Hub) error { return h.Approve(ctx, device, number) })
}

// Revoke ends a computer's access and names the items that it held.
func (a *App) Revoke(device string) ([]string, error) {
	return ask(a, "Revoke", func(ctx context.Context, h *hub.Hub) ([]string, error) { return list(h.Revoke(ctx, device)) })
}
