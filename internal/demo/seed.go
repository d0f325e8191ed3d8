package demo

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/image/vector"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/webtest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// seeder plays the past through the relay's own doors: as Ana's old laptop,
// as her clients, and as her computer at the office.
type seeder struct {
	*Demo
	ctx        context.Context
	ana        *wire.Client // her old laptop
	connection string
	business   string
	requests   map[string]string // ids, by client
	links      map[string]string // by client
	lost       []string          // items to be repaired
}

const oldLaptop = "Ana’s old laptop"

// step is one thing that happened, so long ago.
type step struct {
	ago time.Duration
	do  func() error
	of  string
}

// seed plays the whole past, in its order.
func (d *Demo) seed(ctx context.Context) error {
	past := &seeder{Demo: d, ctx: ctx, requests: map[string]string{}, links: map[string]string{}}
	scenes := fixtures()
	oldest := scenes[0].before
	for _, s := range scenes {
		oldest = max(oldest, s.before)
	}
	d.clock.Set(oldest + 10*day)
	if err := past.seedAgency(); err != nil {
		return fmt.Errorf("settling the agency: %w", err)
	}
	// Awake, it would check everything again at each leap of the clock.
	if err := d.closeOffice(); err != nil {
		return fmt.Errorf("letting the office's computer sleep: %w", err)
	}
	var steps []step
	for _, s := range scenes {
		steps = append(steps, past.steps(s)...)
	}
	for ago := 10 * day; ago < oldest; ago += 30 * day {
		steps = append(steps, step{ago: ago, do: past.openHub, of: "a look at the office"})
	}
	steps = append(steps,
		step{ago: 21 * time.Hour, do: func() error { return past.openOffice(past.ctx) }, of: "the office"},
		step{ago: 20 * time.Hour, do: past.checkAll, of: "the checks"},
		step{ago: 18 * time.Hour, do: past.takeAway, of: "what was taken away"},
		step{ago: 17 * time.Hour, do: past.repair, of: "a repair"})
	slices.SortStableFunc(steps, func(a, b step) int { return int(b.ago/time.Second) - int(a.ago/time.Second) })
	for _, one := range steps {
		d.clock.Set(one.ago)
		if err := one.do(); err != nil {
			return fmt.Errorf("playing %s: %w", one.of, err)
		}
	}
	return past.arrive()
}

// seedAgency adds the agency with its people, its brand and its Facebook user.
func (p *seeder) seedAgency() error {
	added, err := p.operator.AddAgency(p.ctx, Agency, mainName+" <"+mainMail+">")
	if err != nil {
		return err
	}
	if err := p.enrolLaptop(added.Code.Code); err != nil {
		return err
	}
	if err := p.enrolOffice(p.ctx); err != nil {
		return err
	}
	for _, m := range []struct {
		name, address string
		role          onboarding.Role
	}{
		{"Jonas Weber", "jonas@northlight.example", onboarding.MainUser},
		{"Chloé Martin", "chloe@northlight.example", onboarding.SubUser},
		{"Ravi Patel", "ravi@northlight.example", onboarding.SubUser},
	} {
		params := wire.InviteMemberParams{ID: idOf("member", m.name), Name: m.name, Email: m.address, Role: m.role}
		if _, err := wire.Call(p.ctx, p.ana, wire.InviteMember, params); err != nil {
			return fmt.Errorf("inviting %s: %w", m.name, err)
		}
	}
	if err := p.seedBrand(); err != nil {
		return fmt.Errorf("settling the brand: %w", err)
	}
	return p.connectFacebook()
}

func (p *seeder) enrolLaptop(code onboarding.Secret) error {
	_, public, err := seal.NewKey()
	if err != nil {
		return err
	}
	stranger, err := wire.NewClient(wire.ClientConfig{Relay: p.URL})
	if err != nil {
		return err
	}
	a, err := wire.Call(p.ctx, stranger, wire.Enrol, wire.EnrolParams{
		Code: wire.NewSecretText(code), PublicKey: public, Name: oldLaptop,
	})
	if err != nil {
		return fmt.Errorf("enrolling the old laptop: %w", err)
	}
	p.ana, err = wire.NewClient(wire.ClientConfig{Relay: p.URL, Token: a.Token.Secret()})
	return err
}

func (d *Demo) enrolOffice(ctx context.Context) error {
	code, err := d.Code(ctx)
	if err != nil {
		return err
	}
	if err := d.office.Enrol(ctx, d.URL, code, "Ana’s iMac at the office"); err != nil {
		return fmt.Errorf("enrolling the office's computer: %w", err)
	}
	return d.office.Sync(ctx)
}

var eightDigits = regexp.MustCompile(`\b\d{4} ?\d{4}\b`)

func (p *seeder) seedBrand() error {
	logo, err := drawLogo()
	if err != nil {
		return err
	}
	if _, err := wire.Call(p.ctx, p.ana, wire.SaveBrand, wire.SaveBrandParams{
		Logo: logo, Colour: "#7A2672", ShowRequester: true,
	}); err != nil {
		return err
	}
	if _, err := wire.Call(p.ctx, p.ana, wire.SwitchBrand, wire.SwitchParams{On: true}); err != nil {
		return err
	}
	const replyTo = "hello@northlight.example"
	if _, err := wire.Call(p.ctx, p.ana, wire.ProposeReplyTo, wire.AddressParams{Address: replyTo}); err != nil {
		return err
	}
	email, err := p.email(replyTo)
	if err != nil {
		return err
	}
	code := strings.ReplaceAll(eightDigits.FindString(email.Text), " ", "")
	_, err = wire.Call(p.ctx, p.ana, wire.ConfirmReplyTo, wire.ConfirmReplyToParams{
		Code: wire.NewSecretText(onboarding.NewSecret(code)),
	})
	return err
}

// email waits for the newest email to an address.
func (p *seeder) email(to string) (sandbox.Message, error) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		for _, email := range p.World.Mail.Messages() {
			if slices.Contains(email.To, to) {
				return email, nil
			}
		}
	}
	return sandbox.Message{}, fmt.Errorf("no email has come to %s", to)
}

// settled waits until no email is on its way: the clock moves on only then.
func (p *seeder) settled() error {
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(3 * time.Millisecond) {
		next, err := p.Relay.Store().Emails.NextDue(p.ctx)
		if err != nil {
			return err
		}
		if next == 0 {
			return nil
		}
	}
	return errors.New("the emails do not go out")
}

func (p *seeder) connectFacebook() error {
	started, err := p.office.StartConnection(p.ctx, onboarding.Meta)
	if err != nil {
		return fmt.Errorf("starting to connect the Facebook user: %w", err)
	}
	v := webtest.New()
	if err := p.World.SignIn(v.Jar(), "ana-ruiz"); err != nil {
		return err
	}
	if err := v.Open(started.Address); err != nil {
		return err
	}
	for _, step := range []func() error{
		func() error { return v.Press("Continue") },
		func() error { return v.Follow("Log In") },
		func() error { return v.Press("Allow") },
	} {
		if err := step(); err != nil {
			return fmt.Errorf("connecting the Facebook user: %w", err)
		}
	}
	connection, err := p.office.WaitConnection(p.ctx, started.ID)
	if err != nil {
		return fmt.Errorf("connecting the Facebook user: %w", err)
	}
	p.connection = connection.ID
	for _, business := range connection.Businesses {
		if business.Admin {
			p.business = business.ID
			return nil
		}
	}
	return errors.New("the Facebook user is an admin nowhere")
}

// idOf is an id as a hub makes them, and the same at each start.
func idOf(kind, name string) string {
	sum := sha256.Sum256([]byte("demo " + kind + " " + name))
	return base32.StdEncoding.EncodeToString(sum[:])[:26]
}

// steps are what happened around one request.
func (p *seeder) steps(s fixture) []step {
	then := func(after time.Duration, do func() error) step {
		return step{ago: s.before - after, do: do, of: s.client}
	}
	id := idOf("request", s.client)
	p.requests[s.client] = id
	list := []step{then(0, func() error { return p.ask(s, id) })}
	act := func(do func(*webtest.Browser) error) {
		list = append(list, then(s.took, func() error { return p.visit(s, do) }))
	}
	switch s.outcome {
	case opened:
		act(func(*webtest.Browser) error { return nil })
	case begun:
		act(func(v *webtest.Browser) error { return p.share(v, s) })
	case finished, broken, archived, empty:
		act(func(v *webtest.Browser) error { return p.finish(v, s) })
	case byHand:
		act(func(v *webtest.Browser) error {
			if err := p.World.SetFault("meta", "limited", true); err != nil {
				return err
			}
			return errors.Join(p.finish(v, s), p.World.SetFault("meta", "limited", false))
		})
	case gone:
		list = append(list, then(day, func() error {
			p.withdrawn = append(p.withdrawn, Link{
				Client: s.client, Services: s.asks, State: "withdrawn", URL: p.links[s.client],
			})
			_, err := wire.Call(p.ctx, p.ana, wire.WithdrawRequest, wire.RequestParams{ID: id})
			return err
		}))
	case renewed:
		list = append(list, then(s.before-5*day, func() error {
			a, err := wire.Call(p.ctx, p.ana, wire.RenewRequest, wire.NewLinkParams{ID: id, LinkVersion: 1})
			if err != nil {
				return err
			}
			p.links[s.client] = a.Request.Link
			return p.settled()
		}))
	}
	if s.outcome == archived {
		list = append(list, then(s.took+20*day, func() error {
			_, err := wire.Call(p.ctx, p.ana, wire.ArchiveRequest, wire.ArchiveRequestParams{ID: id, On: true})
			return err
		}))
	}
	return list
}

// ask saves a request and sends it.
func (p *seeder) ask(s fixture, id string) error {
	wish := wire.RequestInput{
		ID: id, Client: s.client, Message: s.message, Services: s.asks, Created: onboarding.TimestampOf(p.clock.Now()),
	}
	if slices.Contains(s.asks, onboarding.Facebook) {
		wish.Connection, wish.Business = p.connection, p.business
		wish.Kinds, wish.Level, wish.ByHand = s.kinds, s.level, s.handed
	}
	a, err := wire.Call(p.ctx, p.ana, wire.SaveRequest, wire.SaveRequestParams{Request: wish})
	if err != nil {
		return fmt.Errorf("saving: %w", err)
	}
	p.links[s.client] = a.Request.Link
	if len(s.people) == 0 {
		return nil
	}
	params := wire.SendRequestParams{ID: id}
	for i, person := range s.people {
		params.Recipients = append(params.Recipients,
			wire.NewRecipient{ID: fmt.Sprintf("%s-%d", id, i+1), Address: person.Email})
	}
	if _, err := wire.Call(p.ctx, p.ana, wire.SendRequest, params); err != nil {
		return fmt.Errorf("sending: %w", err)
	}
	return p.settled()
}

var requestLink = regexp.MustCompile(`http://localhost:\d+/r/[A-Za-z0-9_-]+`)

// visit lets the first recipient open the email and say who they are.
func (p *seeder) visit(s fixture, do func(*webtest.Browser) error) error {
	who := s.people[0]
	email, err := p.email(who.Email)
	if err != nil {
		return err
	}
	v := webtest.New()
	if err := p.World.SignIn(v.Jar(), p.keys[s.client]); err != nil {
		return err
	}
	if err := v.Open(requestLink.FindString(email.Text)); err != nil {
		return err
	}
	if err := v.Press("Grant Permission Now"); err != nil || s.outcome == opened {
		return err
	}
	if err := errors.Join(v.Fill("Your name", who.Name), v.Fill("Your work email", who.Email)); err != nil {
		return err
	}
	if err := v.Press("View request"); err != nil {
		return err
	}
	if err := do(v); err != nil {
		return err
	}
	return p.settled()
}

// seedClients gives the clients what they share. It comes first, and in the
// cast's order: the simulated platforms then have the same ids at each start.
func (d *Demo) seedClients() {
	d.keys = map[string]string{}
	places := []string{"", " Shop", " Nordics", " DACH"}
	for _, s := range fixtures() {
		if len(s.people) == 0 || s.took == 0 {
			continue // nobody of theirs comes
		}
		c := sandbox.Client{Person: s.people[0].Name, Email: s.people[0].Email, Business: s.client}
		for i := range s.adAccounts {
			c.AdAccounts = append(c.AdAccounts, s.client+places[i])
		}
		for i := range s.pages {
			c.Pages = append(c.Pages, s.client+places[i])
		}
		for i := range s.portals {
			c.Accounts = append(c.Accounts, s.client+places[i])
		}
		d.keys[s.client] = d.World.AddClient(c)
	}
}

// share goes through every step and stops before the summary.
func (p *seeder) share(browser *webtest.Browser, s fixture) error {
	if slices.Contains(s.asks, onboarding.Facebook) {
		if err := p.shareFacebook(browser, s); err != nil {
			return fmt.Errorf("at Facebook: %w", err)
		}
	}
	if s.mailchimp {
		err := inTurn(
			press(browser, "Add Mailchimp"), follow(browser, "Proceed"), press(browser, "Allow"), follow(browser, "Close"),
		)
		if err != nil {
			return fmt.Errorf("at Mailchimp: %w", err)
		}
	}
	if s.sheets {
		if err := p.connectSheets(browser, s); err != nil {
			return fmt.Errorf("at Google Sheets: %w", err)
		}
	}
	if s.salesforce {
		if err := connectSalesforce(browser); err != nil {
			return fmt.Errorf("at Salesforce: %w", err)
		}
	}
	for i := range s.portals {
		if err := p.connectPortal(browser, s, i); err != nil {
			return fmt.Errorf("at HubSpot: %w", err)
		}
	}
	if s.campaign {
		return p.connectCampaign(browser)
	}
	if s.colleague != "" {
		return inTurn(
			follow(browser, "Someone else looks after this (HubSpot)"), fill(browser, "Your colleague’s email", s.colleague),
			press(browser, "Send it to them"),
		)
	}
	return nil
}

func (p *seeder) shareFacebook(v *webtest.Browser, s fixture) error {
	if err := inTurn(press(v, "Add Facebook"), follow(v, "Log In"), press(v, "Allow")); err != nil {
		return err
	}
	for _, box := range v.Page.Boxes() {
		if err := v.Tick(box); err != nil {
			return err
		}
	}
	if err := v.Press("Connect Assets"); err != nil {
		return err
	}
	if !v.Page.Has("Next Step") {
		return fmt.Errorf("the page %q has no Next Step: %s", v.Page.Title(), v.Page.Text())
	}
	for tries := 0; v.Page.Has("Next Step") && tries < 2 && !v.Page.Has("Add HubSpot") && !v.Page.Has("Finish"); tries++ {
		if err := v.Follow("Next Step"); err != nil {
			return err
		}
	}
	_ = s
	return nil
}

func (p *seeder) connectPortal(v *webtest.Browser, s fixture, nth int) error {
	if err := inTurn(press(v, "Add HubSpot"), follow(v, "Proceed")); err != nil {
		return err
	}
	if names := p.World.AccountsOf(string(onboarding.HubSpot.Platform()), p.keys[s.client]); len(names) > 1 {
		if !v.Page.Has(names[nth]) { // the consent page of the portal chosen last
			if err := v.Follow("Choose another account"); err != nil {
				return err
			}
		}
		if err := v.Press(names[nth]); err != nil {
			return err
		}
	}
	return inTurn(press(v, "Allow"), follow(v, "Close"))
}

// connectSalesforce lets the app into the client's one organisation.
func connectSalesforce(v *webtest.Browser) error {
	return inTurn(
		press(v, "Add Salesforce"),
		func() error { return v.Tick("At login.salesforce.com") },
		press(v, "Continue"), follow(v, "Proceed"), press(v, "Allow"), follow(v, "Close"),
	)
}

// connectSheets picks every sheet that the client has.
func (p *seeder) connectSheets(v *webtest.Browser, s fixture) error {
	err := inTurn(
		press(v, "Add Google Sheets"), func() error { return v.Tick("Pick sheets I have") }, press(v, "Continue"),
		follow(v, "Proceed"), press(v, s.people[0].Email), press(v, "Allow"),
	)
	if err != nil {
		return err
	}
	for _, sheet := range v.Page.Boxes() {
		if err := v.Tick(sheet); err != nil {
			return err
		}
	}
	return inTurn(press(v, "Select"), follow(v, "Close"))
}

func (p *seeder) connectCampaign(v *webtest.Browser) error {
	for _, account := range p.World.Keys(string(onboarding.ActiveCampaign.Platform())) {
		if strings.Contains(account.URL, "pinecrest") {
			return inTurn(
				press(v, "Add ActiveCampaign"), fill(v, "API URL", account.URL), fill(v, "API key", account.Key),
				press(v, "Connect"), follow(v, "Close"),
			)
		}
	}
	return errors.New("ActiveCampaign has no account for it")
}

// finish shares, skips what is left, and finishes.
func (p *seeder) finish(v *webtest.Browser, s fixture) error {
	if err := p.share(v, s); err != nil {
		return err
	}
	if s.skips != "" {
		if err := inTurn(follow(v, "Skip the rest"), fill(v, "Reason", s.skips), press(v, "Skip it")); err != nil {
			return err
		}
	}
	for tries := 0; v.Page.Has("Next Step") && tries < 3; tries++ {
		if err := v.Follow("Next Step"); err != nil {
			return err
		}
	}
	return v.Press("Finish")
}

func press(v *webtest.Browser, words string) func() error {
	return func() error { return v.Press(words) }
}
func follow(v *webtest.Browser, words string) func() error {
	return func() error { return v.Follow(words) }
}
func fill(v *webtest.Browser, label, text string) func() error {
	return func() error { return v.Fill(label, text) }
}

func inTurn(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// openHub wakes the office's computer for a round: a credential waits 90 days
// for it, and no longer.
func (p *seeder) openHub() error {
	if err := p.openOffice(p.ctx); err != nil {
		return err
	}
	if err := p.checkAll(); err != nil {
		return err
	}
	return p.closeOffice()
}

// checkAll lets the office's computer try everything that is shared by then.
func (p *seeder) checkAll() error {
	if err := p.office.Sync(p.ctx); err != nil {
		return err
	}
	return p.office.Checks.CheckNow(p.ctx)
}

// takeAway lets some clients take an ad account back, and the office notice.
func (p *seeder) takeAway() error {
	for _, s := range fixtures() {
		if s.outcome != broken {
			continue
		}
		d, err := p.office.Replica.Request(p.ctx, p.requests[s.client])
		if err != nil {
			return err
		}
		for _, item := range d.Items {
			if item.Kind == onboarding.AdAccount {
				if _, err := p.World.Trigger(sandbox.Action{
					Platform: "meta", Action: "withdraw", Asset: item.Account,
				}); err != nil {
					return err
				}
				if s.repair {
					p.lost = append(p.lost, item.ID)
				}
				break
			}
		}
	}
	return p.office.Checks.CheckNow(p.ctx)
}

// repair sends the clients' people the links by which they share again what they took back.
func (p *seeder) repair() error {
	for _, item := range p.lost {
		people, err := p.office.Repairs.People(p.ctx, item)
		if err != nil {
			return err
		}
		if len(people) == 0 {
			return errors.New("nobody can get the link of a repair")
		}
		if _, err := p.office.Repairs.Prepare(p.ctx, hub.RepairsInput{
			Repairs: []hub.RepairInput{{ID: item, Address: people[0].Address}},
		}); err != nil {
			return err
		}
	}
	return p.settled()
}

// arrive ends the past: the old laptop is revoked, and the clock shows today.
func (p *seeder) arrive() error {
	p.clock.Set(0)
	devices, err := wire.Call(p.ctx, p.ana, wire.ListDevices, wire.Empty{})
	if err != nil {
		return err
	}
	for _, device := range devices.Devices {
		if device.Name == oldLaptop {
			if _, err := p.office.Credentials.Revoke(p.ctx, device.ID); err != nil {
				return err
			}
		}
	}
	return p.office.Sync(p.ctx)
}

// goOn starts on data that an earlier demo has kept. The simulated platforms
// have forgotten everything: what was shared at Facebook is shared again there.
// The credentials of the other platforms were in memory, and are gone.
func (d *Demo) goOn(ctx context.Context) error {
	past := &seeder{Demo: d, ctx: ctx}
	if err := past.enrolOffice(ctx); err != nil {
		return err
	}
	// Shared again before anybody can look: with a Facebook user the office
	// begins to check at once.
	business, err := past.theBusiness()
	if err != nil {
		return err
	}
	gone := 0
	for after := ""; ; {
		page, err := d.office.Replica.Accounts(ctx, replica.AccountsParams{After: after})
		if err != nil {
			return err
		}
		for _, item := range page.Accounts {
			switch {
			case item.Platform != onboarding.Meta:
				gone++
			case item.State == onboarding.ItemConnected && !item.Attention && !item.Waiting:
				_, err := past.World.Trigger(sandbox.Action{
					Platform: "meta", Action: "share", Asset: item.Account, Business: business,
				})
				if err != nil && !errors.Is(err, sandbox.ErrUnknown) {
					return fmt.Errorf("sharing %s again: %w", item.Name, err)
				}
			}
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if err := past.connectFacebook(); err != nil {
		return err
	}
	if err := past.checkAll(); err != nil {
		return err
	}
	d.config.Stderr(
		fmt.Sprintf(
			"What was shared at Facebook is shared again. The credentials of %d other accounts were in memory only: they are "+
				"gone, and so is what was done on the pages of the simulated platforms.",
			gone,
		),
	)
	return nil
}

// theBusiness is the Business Manager that the agency's requests name.
func (p *seeder) theBusiness() (string, error) {
	page, err := p.office.Replica.Requests(p.ctx, replica.ListParams{Service: onboarding.Facebook, Limit: 1})
	if err != nil {
		return "", err
	}
	if len(page.Requests) == 0 {
		return "", errors.New("no request of the agency names a Business Manager")
	}
	details, err := p.office.Replica.Request(p.ctx, page.Requests[0].ID)
	return details.BusinessID, err
}

// drawLogo is Northlight's: a white needle on a plum disc.
func drawLogo() ([]byte, error) {
	const size = 160
	picture := image.NewNRGBA(image.Rect(0, 0, size, size))
	fill := func(c color.Color, path func(*vector.Rasterizer)) {
		r := vector.NewRasterizer(size, size)
		path(r)
		r.ClosePath()
		r.Draw(picture, picture.Bounds(), image.NewUniform(c), image.Point{})
	}
	fill(color.NRGBA{R: 0x7a, G: 0x26, B: 0x72, A: 0xff}, func(r *vector.Rasterizer) {
		const k = 0.5523 // of a circle drawn with four curves
		c, half := float32(size/2), float32(size/2)
		r.MoveTo(c, 0)
		r.CubeTo(c+k*half, 0, size, c-k*half, size, c)
		r.CubeTo(size, c+k*half, c+k*half, size, c, size)
		r.CubeTo(c-k*half, size, 0, c+k*half, 0, c)
		r.CubeTo(0, c-k*half, c-k*half, 0, c, 0)
	})
	fill(color.White, func(r *vector.Rasterizer) {
		r.MoveTo(80, 26)
		r.LineTo(112, 126)
		r.LineTo(80, 104)
		r.LineTo(48, 126)
	})
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		return nil, fmt.Errorf("drawing the logo: %w", err)
	}
	return file.Bytes(), nil
}
