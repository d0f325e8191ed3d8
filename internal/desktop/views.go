package desktop

import (
	"context"
	"encoding/base64"
	"errors"
	"runtime"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// SessionView is the state of this computer, for every screen.
type SessionView struct {
	hub.SessionInfo
	Demo      bool   `json:"demo"`
	Mailbox   string `json:"mailbox"` // of the demo
	Control   string `json:"control"` // of the demo
	Web       bool   `json:"web"`
	Version   string `json:"version"`
	Platform  string `json:"platform"`
	LinkRelay string `json:"link_relay"` // of the newest latchkey://enrol link
	LinkCode  string `json:"link_code"`
}

// The states of a computer whose hub is not open.
const (
	stateStarting session.State = "starting"
	stateFailed   session.State = "failed"
)

// session has a state of its own before the hub is open, and when it cannot be
// opened.
func (a *App) session(ctx context.Context) (SessionView, error) {
	a.mu.Lock()
	h := a.hub
	view := SessionView{
		Version: a.config.Version, Platform: runtime.GOOS, Web: a.window.IsWeb(),
		LinkRelay: a.link.relay, LinkCode: a.link.code,
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
	view.SessionInfo, err = h.SessionInfo(ctx)
	return view, err
}

// enrol makes this computer a member's. The code is used up by it.
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

// exploreDemo leaves the real hub as it is and opens the demo's.
func (a *App) exploreDemo() error {
	err := a.openDemoHub(a.ctx)
	a.publish(replica.Change{All: true, Session: true})
	return err
}

// leaveAgency ends the demo, or gives this computer back to its agency.
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

// draft is the request that the user was writing.
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
		return nil // the demo leaves nothing behind
	}
	return a.ui.save(a.config.Dir)
}

// copyLink puts a request's link on the clipboard; false: it has none yet.
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

// exportAccounts asks where to store the list and writes it; an empty path means
// that the user cancelled.
func (a *App) exportAccounts(ctx context.Context, p replica.AccountsParams) (string, error) {
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

// current is the open hub with its previews.
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
		ShareRequests: g.ShareRequests, Logo: previews.LogoAddress(g), DefaultMessage: onboarding.DefaultMessage,
	}, nil
}

// RelayView is what the relay says about itself.
type RelayView struct {
	Operator  string                 `json:"operator"`
	Contact   string                 `json:"contact"`
	MailFrom  string                 `json:"mail_from"`
	Address   string                 `json:"address"`
	Platforms []wire.OfferedPlatform `json:"platforms"`
}

// relay is what the relay last said about itself.
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

// colours derives what clients would see of a colour.
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
	Logo          string `json:"logo"` // the new file in base64
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

// saveBrand applies the form. It switches nothing on.
func saveBrand(ctx context.Context, h *hub.Hub, form BrandForm) error {
	p, err := form.params()
	if err != nil {
		return err
	}
	return h.Outbox.SaveBrand(ctx, p)
}

// PreviewView is where a preview can be looked at, and an email's head.
type PreviewView struct {
	Address string `json:"address"`
	From    string `json:"from"`
	ReplyTo string `json:"reply_to"`
	Subject string `json:"subject"`
}

// preview prepares what a client would see.
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

// BusinessView is a Business Manager as a connected user sees it.
type BusinessView struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Admin bool   `json:"admin"`
}

// ConnectionView is one of the agency's own users.
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
}

func connectionView(c replica.ConnectionView) ConnectionView {
	view := ConnectionView{
		ID: c.ID, Platform: c.Platform, MemberID: c.Member, Member: c.MemberName, User: c.User.Name,
		Businesses: []BusinessView{}, Ends: c.Ends, Created: c.Created, Here: c.Here,
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

// waitAccount returns the account's name when a sign-in at a CRM has ended.
func waitAccount(ctx context.Context, h *hub.Hub, id string) (string, error) {
	i, err := h.WaitAccount(ctx, id)
	return i.Name, err
}

// cancelConnection stops waiting for a sign-in.
func cancelConnection(h *hub.Hub, id string) error {
	h.CancelConnection(id)
	return nil
}

// suggestAddress corrects an address that was typed; empty: there is nothing to
// offer.
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
