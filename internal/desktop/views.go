package desktop

import (
	"context"
	"encoding/base64"
	"errors"
	"runtime"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/policy"
	"github.com/latchkeyhq/latchkey/internal/version"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// SessionView is the session's state, for every screen.
type SessionView struct {
	hub.SessionInfo
	Demo      bool       `json:"demo"`
	Mailbox   string     `json:"mailbox"` // the demo's
	Control   string     `json:"control"` // the demo's
	Web       bool       `json:"web"`
	Version   string     `json:"version"`
	Platform  string     `json:"platform"`
	LinkRelay string     `json:"link_relay"` // from the last latchkey://enrol link
	LinkCode  string     `json:"link_code"`
	Policy    PolicyView `json:"policy"`
	// Update is a newer version that the relay's operator allows; nil: there is none.
	Update *wire.HubRelease `json:"update,omitempty"`
}

// PolicyView is what the administrator of this computer has set.
type PolicyView struct {
	RelayURL       string   `json:"relay_url"` // the relay to join; empty: the user enters it
	AllowDemo      bool     `json:"allow_demo"`
	AllowCSVExport bool     `json:"allow_csv_export"`
	Managed        []string `json:"managed"` // the names of the settings
}

func viewPolicy(p policy.Policy) PolicyView {
	managed := p.Managed
	if managed == nil {
		managed = []string{}
	}
	return PolicyView{
		RelayURL: p.RelayURL, AllowDemo: !p.NoDemo, AllowCSVExport: !p.NoCSVExport, Managed: managed,
	}
}

// The states without an open hub.
const (
	stateStarting session.State = "starting"
	stateFailed   session.State = "failed"
)

// session returns the hub's session, or one of the states without a hub.
func (a *App) session(ctx context.Context) (SessionView, error) {
	a.mu.Lock()
	h := a.hub
	view := SessionView{
		Version: a.config.Version, Platform: runtime.GOOS, Web: a.window.IsWeb(),
		LinkRelay: a.link.relay, LinkCode: a.link.code, Policy: viewPolicy(a.config.Policy),
	}
	view.State = stateStarting
	if a.failed != nil && h == nil {
		view.State, view.Detail = stateFailed, a.failed.message
	}
	if a.demo != nil {
		facts := a.demo.Info()
		view.Demo, view.Mailbox, view.Control = true, facts.Mailbox, facts.Control
	}
	a.mu.Unlock()
	if h == nil {
		return view, nil
	}
	var err error
	if view.SessionInfo, err = h.SessionInfo(ctx); err != nil {
		return view, err
	}
	relay, err := h.Replica.Relay(ctx)
	view.Update = update(a.config.Policy, relay.NewestHub, version.Number)
	return view, err
}

// update is what is announced of a relay's word: a version newer than the installed one,
// at an address that may be opened.
func update(p policy.Policy, newest *wire.HubRelease, installed string) *wire.HubRelease {
	if p.NoUpdates || newest == nil || !version.Newer(newest.Version, installed) ||
		!strings.HasPrefix(newest.URL, "https://") {
		return nil
	}
	return newest
}

// enrol enrols this computer with the member's code, which is used up.
func (a *App) enrol(ctx context.Context, p EnrolParams) error {
	h, err := a.currentHub(ctx)
	if err != nil {
		return err
	}
	if p.Name == "" {
		p.Name = computerName()
	}
	if err := h.Enrol(ctx, p.Address, onboarding.NewSecret(p.Code), p.Name); err != nil {
		return err
	}
	a.mu.Lock()
	a.link = enrolLink{}
	a.mu.Unlock()
	return h.Sync(ctx)
}

// exploreDemo switches to the demo's hub and leaves the real one unchanged.
func (a *App) exploreDemo() error {
	err := a.openDemoHub(a.ctx)
	a.publish(replica.Change{All: true, Session: true})
	return err
}

// leaveAgency ends the demo, or removes this computer from its agency.
func (a *App) leaveAgency(ctx context.Context) error {
	a.mu.Lock()
	h, inDemo := a.hub, a.demo != nil
	a.mu.Unlock()
	if inDemo {
		err := a.openOwnHub(a.ctx)
		a.publish(replica.Change{All: true, Session: true})
		return err
	}
	if h == nil {
		return errNoHub
	}
	return h.Leave(ctx)
}

func (a *App) preferences() (Preferences, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ui.Preferences, nil
}

func (a *App) savePreferences(p Preferences) error {
	return a.changeUI(func(s *uiState) { s.Preferences = p })
}

// draft returns the stored draft of a request.
func (a *App) draft() (outbox.RequestForm, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	form := a.ui.Draft
	if form.Services == nil {
		form.Services = []onboarding.Service{}
	}
	if form.Kinds == nil {
		form.Kinds = []onboarding.Kind{}
	}
	form.Level = form.Level.OrDefault()
	return form, nil
}

func (a *App) saveDraft(form outbox.RequestForm) error {
	return a.changeUI(func(s *uiState) { s.Draft = form })
}

func (a *App) changeUI(change func(*uiState)) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.ui)
	if a.demo != nil {
		return nil // the demo stores nothing
	}
	return a.ui.save(a.config.Dir)
}

// copyLink copies a request's link to the clipboard; false: it has none yet.
func (a *App) copyLink(ctx context.Context, id string) (bool, error) {
	h, err := a.currentHub(ctx)
	if err != nil {
		return false, err
	}
	d, err := h.Replica.Request(ctx, id)
	if err != nil || d.Link == "" {
		return false, err
	}
	return true, a.window.Copy(d.Link)
}

// exportAccounts asks the user for a path and writes the list; an empty path
// means cancelled.
func (a *App) exportAccounts(ctx context.Context, p replica.AccountsParams) (string, error) {
	if a.config.Policy.NoCSVExport {
		return "", onboarding.Invalid("export", "Your organisation does not allow Export CSV on this computer.")
	}
	h, err := a.currentHub(ctx)
	if err != nil {
		return "", err
	}
	text, err := h.ExportAccounts(ctx, p)
	if err != nil {
		return "", err
	}
	return a.window.SaveAs("latchkey-accounts.csv", text)
}

// exportHistory writes the history of a request to a file that the user chooses, and
// returns its path; empty: the user chose none.
func exportHistory(ctx context.Context, a *App, request string) (string, error) {
	h, err := a.currentHub(ctx)
	if err != nil {
		return "", err
	}
	text, err := h.Audit.Export(ctx, request)
	if err != nil {
		return "", err
	}
	return a.window.SaveAs("latchkey-history.json", text)
}

// AgencyView is the agency and its brand.
type AgencyView struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Company        string `json:"company"` // the name that clients read
	BrandOn        bool   `json:"brand_on"`
	BrandCompany   string `json:"brand_company"`
	Colour         string `json:"colour"`
	ReplyTo        string `json:"reply_to"`
	PendingReplyTo string `json:"pending_reply_to"`
	ShowRequester  bool   `json:"show_requester"`
	ShareRequests  bool   `json:"share_requests"`
	Logo           string `json:"logo"` // its preview address
	DefaultMessage string `json:"default_message"`
}

// current returns the open hub and its previews.
func (a *App) current() (*hub.Hub, *hub.Previews, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.hub == nil {
		return nil, nil, errNoHub
	}
	return a.hub, a.previews, nil
}

func (a *App) agency(ctx context.Context) (AgencyView, error) {
	h, previews, err := a.current()
	if err != nil {
		return AgencyView{}, err
	}
	g, err := h.Replica.Agency(ctx)
	if err != nil {
		return AgencyView{}, err
	}
	b := g.Brand
	return AgencyView{
		ID: g.ID, Name: g.Name, Company: g.CompanyName(), BrandOn: b.On, BrandCompany: b.Company, Colour: b.Colour,
		ReplyTo: b.ReplyTo, PendingReplyTo: b.PendingReplyTo, ShowRequester: b.ShowRequester,
		ShareRequests: g.ShareRequests, Logo: previews.LogoAddress(g), DefaultMessage: a.config.Catalog.DefaultMessage(),
	}, nil
}

// RelayView is the relay's description of itself.
type RelayView struct {
	Operator  string                 `json:"operator"`
	Contact   string                 `json:"contact"`
	MailFrom  string                 `json:"mail_from"`
	Address   string                 `json:"address"`
	Platforms []wire.OfferedPlatform `json:"platforms"`
}

// relay returns the relay's last description of itself.
func relay(ctx context.Context, h *hub.Hub) (RelayView, error) {
	r, err := h.Replica.Relay(ctx)
	view := RelayView{
		Operator: r.Operator, Contact: r.Contact, MailFrom: r.MailFrom, Address: r.Address, Platforms: r.Platforms,
	}
	if view.Platforms == nil {
		view.Platforms = []wire.OfferedPlatform{}
	}
	return view, err
}

// PaletteView has the colours of one theme.
type PaletteView struct {
	Fill   string `json:"fill"`
	OnFill string `json:"on_fill"`
	Text   string `json:"text"`
	Border bool   `json:"border"`
}

// ColoursView has the colours derived from the agency's colour.
type ColoursView struct {
	Light PaletteView `json:"light"`
	Dark  PaletteView `json:"dark"`
	Error string      `json:"error"` // a sentence; empty: the colour is valid
}

// colours derives the colours of pages and emails.
func colours(colour string) (ColoursView, error) {
	p, err := onboarding.DerivePalettes(colour)
	var invalid *onboarding.InvalidError
	if errors.As(err, &invalid) {
		return ColoursView{Error: invalid.Message}, nil
	}
	view := func(p onboarding.Palette) PaletteView {
		return PaletteView{Fill: p.Fill, OnFill: p.OnFill, Text: p.Text, Border: p.Border != ""}
	}
	return ColoursView{Light: view(p.Light), Dark: view(p.Dark)}, err
}

// BrandForm is the form of Collaboration Settings.
type BrandForm struct {
	Company       string `json:"company"`
	Colour        string `json:"colour"`
	ShowRequester bool   `json:"show_requester"`
	Logo          string `json:"logo"` // a new file in base64
	KeepLogo      bool   `json:"keep_logo"`
}

func (f BrandForm) params() (wire.SaveBrandParams, error) {
	logo, err := base64.StdEncoding.DecodeString(f.Logo)
	if err != nil {
		return wire.SaveBrandParams{}, onboarding.Invalid("logo", "This file cannot be read. Choose another one.")
	}
	return wire.SaveBrandParams{
		Company: f.Company, Logo: logo, KeepLogo: f.KeepLogo, Colour: f.Colour, ShowRequester: f.ShowRequester,
	}, nil
}

// saveBrand saves the form. It switches nothing on.
func saveBrand(ctx context.Context, h *hub.Hub, form BrandForm) error {
	p, err := form.params()
	if err != nil {
		return err
	}
	return h.Outbox.SaveBrand(ctx, p)
}

// PreviewView has a preview's address, and an email's header fields.
type PreviewView struct {
	Address string `json:"address"`
	From    string `json:"from"`
	ReplyTo string `json:"reply_to"`
	Subject string `json:"subject"`
}

// preview renders what a client would see.
func (a *App) preview(ctx context.Context, p PreviewParams) (PreviewView, error) {
	_, previews, err := a.current()
	if err != nil {
		return PreviewView{}, err
	}
	params := hub.PreviewParams{Kind: p.Kind, Request: p.Request, Form: p.Form, On: p.BrandOn}
	if p.Brand != nil {
		brand, err := p.Brand.params()
		if err != nil {
			return PreviewView{}, err
		}
		params.Brand = &brand
	}
	address, made, err := previews.Prepare(ctx, params, p.Dark)
	return PreviewView{Address: address, From: made.From, ReplyTo: made.ReplyTo, Subject: made.Subject}, err
}

// BusinessView is a Business Manager of a platform user.
type BusinessView struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
}

// ConnectionView is a platform user of the agency.
type ConnectionView struct {
	ID         string               `json:"id"`
	Platform   onboarding.Platform  `json:"platform"`
	MemberID   string               `json:"member_id"`
	Member     string               `json:"member"`
	User       string               `json:"user"`
	Businesses []BusinessView       `json:"businesses"`
	Ends       onboarding.Timestamp `json:"ends"`
	Created    onboarding.Timestamp `json:"created"`
	Here       bool                 `json:"here"`
	// Cause is why nothing can be checked with its token; nil: it can.
	Cause *replica.CauseView `json:"cause,omitempty"`
	// Replaced means that the same user has signed in again: that sign-in is used.
	Replaced bool `json:"replaced"`
}

func connectionView(c replica.ConnectionView) ConnectionView {
	view := ConnectionView{
		ID: c.ID, Platform: c.Platform, MemberID: c.Member, Member: c.MemberName, User: c.User.Name,
		Businesses: []BusinessView{}, Ends: c.Ends, Created: c.Created, Here: c.Here,
		Cause: c.Cause, Replaced: c.Replaced,
	}
	for _, b := range c.Businesses {
		view.Businesses = append(view.Businesses, BusinessView{ID: b.ID, Name: b.Name, Admin: b.Admin})
	}
	return view
}

func connections(ctx context.Context, h *hub.Hub) ([]ConnectionView, error) {
	list, err := h.Replica.Connections(ctx)
	views := make([]ConnectionView, 0, len(list))
	for _, c := range list {
		views = append(views, connectionView(c))
	}
	return views, err
}

// startConnection begins a sign-in and opens the system's browser.
func (a *App) startConnection(ctx context.Context, platform onboarding.Platform) (hub.SignInStarted, error) {
	h, err := a.currentHub(ctx)
	if err != nil {
		return hub.SignInStarted{}, err
	}
	started, err := h.StartConnection(ctx, platform)
	if err != nil {
		return started, err
	}
	if err := a.window.Browse(started.Address); err != nil {
		h.CancelConnection(started.ID)
		return started, err
	}
	return started, nil
}

// waitConnection returns when a sign-in has ended.
func waitConnection(ctx context.Context, h *hub.Hub, id string) (ConnectionView, error) {
	c, err := h.WaitConnection(ctx, id)
	return connectionView(replica.ConnectionView{Connection: c, Here: err == nil}), err
}

// ConnectedAccount is what a sign-in at a CRM brought.
type ConnectedAccount struct {
	Name    string `json:"name"`     // of the first account
	LeftOut string `json:"left_out"` // what was picked and is not connected, each with its reason; empty: nothing
}

// waitAccount returns what a sign-in at a CRM brought when it has ended.
func waitAccount(ctx context.Context, h *hub.Hub, id string) (ConnectedAccount, error) {
	i, left, err := h.WaitAccount(ctx, id)
	return ConnectedAccount{Name: i.Name, LeftOut: left}, err
}

// cancelConnection stops waiting for a sign-in.
func cancelConnection(h *hub.Hub, id string) error {
	h.CancelConnection(id)
	return nil
}

// suggestAddress corrects an entered address; empty: no suggestion.
func suggestAddress(ctx context.Context, h *hub.Hub, p AddressParams) (string, error) {
	address, suggestion, err := h.Credentials.CorrectAddress(ctx, p.Service, p.Address)
	if suggestion != "" {
		return suggestion, nil
	}
	if address == p.Address {
		address = ""
	}
	return address, err
}

// connectKey connects an account of the agency itself.
func connectKey(ctx context.Context, h *hub.Hub, p ConnectKeyParams) (replica.ItemRow, error) {
	item, err := h.Credentials.ConnectKey(ctx, p.Service, p.Address, onboarding.NewSecret(p.Key))
	if err != nil {
		return replica.ItemRow{}, err
	}
	return h.Replica.Item(ctx, item.ID)
}

// CodeView is a code that is shown once.
type CodeView struct {
	ID    string               `json:"id"`
	Code  string               `json:"code"`
	Until onboarding.Timestamp `json:"until"`
}

func codeView(code wire.CodeResult, err error) (CodeView, error) {
	return CodeView{ID: code.ID, Code: code.Code.Secret().Reveal(), Until: code.Until}, err
}
