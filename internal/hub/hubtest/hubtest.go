// Package hubtest creates a hub with a large data set: more requests than a
// test could type. It also reads credentials off a hub, which no program does.
//
// It is for tests alone and never part of a program. Its relay serves changes
// and accepts reports, nothing else: the hub reads the data page by page, as
// from a real relay.
package hubtest

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// perPage is the number of requests in a page of changes.
const perPage = 500

// Relay serves an agency's requests to every hub that enrols, until the test
// ends.
type Relay struct {
	URL  string
	Code onboarding.Secret
	Work Work
}

// Serve starts a relay with the given number of requests, the newest minutes
// old.
func Serve(t testing.TB, requests int) *Relay {
	t.Helper()
	r := &Relay{Code: onboarding.NewSecret("AAAA-BBBB-CCCC-DDDD-EEEE"), Work: Work{Requests: requests, Now: time.Now()}}
	api := wire.NewServer(wire.Config{
		Authenticate: func(ctx context.Context, _ onboarding.Secret) (context.Context, error) { return ctx, nil },
		MainUser:     func(context.Context) bool { return true },
		Log:          slog.New(slog.DiscardHandler),
	})
	wire.Handle(api, wire.Enrol, r.enrol)
	wire.Handle(api, wire.ReadRelay, func(context.Context, wire.Empty) (wire.RelayResult, error) {
		result := wire.RelayResult{
			Relay: relayID, Operator: "Example Operations", Contact: "help@ops.example", Member: ana(), Device: deviceID,
			Address: r.URL, MailFrom: "access@ops.example",
		}
		for _, s := range asked() {
			result.Platforms = append(result.Platforms, wire.OfferedPlatform{Platform: s.Platform(), Offered: true})
		}
		return result, nil
	})
	wire.Handle(api, wire.ReadChanges, r.changes)
	wire.Handle(api, wire.ReadDeliveries, func(context.Context, wire.DeliveriesParams) (wire.DeliveriesResult, error) {
		return wire.DeliveriesResult{Deliveries: []wire.Delivery{}}, nil
	})
	wire.Handle(api, wire.ReportAccess, func(
		_ context.Context, params wire.ReportAccessParams,
	) (wire.ReportAccessResult, error) {
		return wire.ReportAccessResult{Access: params.Access}, nil
	})
	wire.HandleStream(api, func(context.Context) (<-chan struct{}, func(), error) { return nil, func() {}, nil },
		func() <-chan struct{} { return nil })
	server := httptest.NewServer(api)
	t.Cleanup(func() {
		server.CloseClientConnections() // the event stream ends only with its connection
		server.Close()
	})
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatalf("reading the address of the server: %v", err)
	}
	r.URL = "http://localhost:" + port
	return r
}

// Fill makes dir the data folder of a hub that has read the requests, with its
// key and token in secrets, and closes the hub. The relay runs until the test
// ends, so that a hub on the folder is online.
func Fill(t testing.TB, dir string, secrets keychain.Keychain, requests int) *Relay {
	t.Helper()
	r := Serve(t, requests)
	h, err := hub.Open(t.Context(), hub.Config{Catalog: catalogtest.New(t), Dir: dir, Keychain: secrets})
	if err != nil {
		t.Fatalf("opening a hub: %v", err)
	}
	defer func() {
		if err := h.Close(); err != nil {
			t.Errorf("closing the hub: %v", err)
		}
	}()
	if err := h.Enrol(t.Context(), r.URL, r.Code, "Ana's laptop"); err != nil {
		t.Fatalf("enrolling: %v", err)
	}
	if err := h.Sync(t.Context()); err != nil {
		t.Fatalf("reading %d requests: %v", requests, err)
	}
	return r
}

func (r *Relay) enrol(_ context.Context, params wire.EnrolParams) (wire.EnrolResult, error) {
	if params.Code.Secret().Reveal() != r.Code.Reveal() {
		return wire.EnrolResult{}, onboarding.ErrUnauthenticated
	}
	device := onboarding.Device{
		ID:        deviceID,
		Member:    ana().ID,
		Name:      params.Name,
		PublicKey: params.PublicKey,
		Created:   r.Work.now(),
		Approved:  r.Work.now(),
	}
	return wire.EnrolResult{
		Token: wire.NewSecretText(onboarding.NewSecret("a token that this relay believes")), Agency: northlight(),
		Member: ana(), Device: device, Relay: relayID,
	}, nil
}

// changes returns one page; the cursor's Seq is the number of requests read.
func (r *Relay) changes(_ context.Context, params wire.ChangesParams) (wire.ChangesResult, error) {
	from := int(params.After.Seq)
	to := min(from+perPage, r.Work.Requests)
	result := wire.ChangesResult{
		Next: wire.Cursor{Seq: int64(max(to, 1)), CommitID: "mark", Visibility: 1}, More: to < r.Work.Requests,
	}
	if from == 0 {
		agency := northlight()
		result.Agency, result.Members = &agency, []onboarding.Member{ana(), tom()}
		result.Connections = []onboarding.Connection{facebookUser()}
	}
	for n := from; n < to; n++ {
		request, items := r.Work.Request(n)
		result.Requests, result.Items = append(result.Requests, request), append(result.Items, items...)
	}
	return result, nil
}

// Work generates the agency's requests in chronological order. Equal Works
// generate equal requests.
type Work struct {
	Requests int
	Now      time.Time
}

func (w Work) now() onboarding.Timestamp { return onboarding.TimestampOf(w.Now) }

const (
	relayID  = "RELAYAAAAAAAAAAAAAAAAAAAAA"
	deviceID = "DEVICEAAAAAAAAAAAAAAAAAAAA"
	business = "118420903317552"
	apart    = 10 * time.Minute // between requests: a hundred thousand span two years
)

func ana() onboarding.Member {
	return onboarding.Member{
		ID: "MEMBERANAAAAAAAAAAAAAAAAAA", Name: "Ana Ruiz", Email: "ana@northlight.example", Role: onboarding.MainUser,
		Created: 1,
	}
}

func tom() onboarding.Member {
	return onboarding.Member{
		ID: "MEMBERTOMAAAAAAAAAAAAAAAAA", Name: "Tom Okafor", Email: "tom@northlight.example", Role: onboarding.MainUser,
		Created: 1,
	}
}

func northlight() onboarding.Agency {
	return onboarding.Agency{ID: "AGENCYAAAAAAAAAAAAAAAAAAAA", Name: "Northlight Media", ShareRequests: true}
}

func facebookUser() onboarding.Connection {
	return onboarding.Connection{
		ID: "CONNECTIONAAAAAAAAAAAAAAAA", Member: ana().ID, Platform: onboarding.Meta,
		User:       onboarding.Account{ID: "10220000000000001", Name: "Ana Ruiz"},
		Businesses: []onboarding.Business{{ID: business, Name: "Northlight Media", Admin: true, User: "10220000000000002"}},
		Created:    1}
}

func asked() []onboarding.Service {
	return []onboarding.Service{onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign}
}

// ClientName returns the name of the n-th client. All names differ.
func ClientName(n int) string {
	places := [...]string{
		"Fjord", "Harbour", "Solvang", "Velvet", "Lumen", "Tidewater", "Northgate", "Juniper", "Copper", "Bramble", "Östra",
		"Marlow", "Pine", "Willow", "Ember", "Saffron",
		"Kestrel", "Larch", "Meridian", "Coral", "Alder", "Opal", "Sable", "Thistle", "Quarry", "Beacon", "Cedar", "Dover",
		"Elm", "Falcon", "Granite"}
	trades := [...]string{
		"Bikes", "Dairy", "Kitchen", "Optics", "Kayaks", "Hotels", "Dental", "Books", "Coffee", "Garden", "Interiors",
		"Legal", "Motors", "Outdoor", "Pharmacy", "Records",
		"Sailing", "Tailors", "Vets", "Wines", "Yoga", "Zoo & Park"}
	return places[n%len(places)] + " " + trades[n/len(places)%len(trades)] + " " + strconv.Itoa(
		1000+n/(len(places)*len(trades)),
	)
}

func personOf(n int) onboarding.Person {
	givens := [...]string{
		"Oskar", "Marta", "Lars", "Priya", "Dev", "Henrik", "Ines", "Jonas", "Kaya", "Liam", "Mina", "Noor", "Olga", "Pablo",
		"Rosa", "Sven", "Tara", "Uma", "Viktor",
	}
	names := [...]string{
		"Lien", "Lindqvist", "Holm", "Nair", "Rao", "Dahl", "Ito", "Klein", "Moreau", "Novak", "Okoye", "Petrov", "Quinn",
		"Silva", "Tanaka", "Ueda", "Weber",
	}
	given := givens[n%len(givens)]
	return onboarding.Person{
		Name:  given + " " + names[n/len(givens)%len(names)],
		Email: fmt.Sprintf("%s.%d@client%d.example", strings.ToLower(given), n, n%997),
	}
}

func id(kind string, n, of int) string { return fmt.Sprintf("%s%02d%0*d", kind, of, 24-len(kind), n) }

// Request returns the n-th request, of which the last is the newest, and its items.
func (w Work) Request(n int) (onboarding.Request, []onboarding.Item) {
	owner, person := ana(), personOf(n)
	if n%5 == 4 {
		owner = tom()
	}
	r := w.saved(n, owner, person)
	h := history{of: n, request: &r, at: r.Created}
	h.add(onboarding.EventSaved, 0, owner.Name, "")
	if n%9 == 8 {
		return r, nil // a copied link, sent by other means
	}
	if n%50 == 7 {
		h.refuseEmail(person)
		return r, nil
	}
	h.send(owner, person)
	if n%3 == 1 { // the link was not opened
		if r.Expires < w.now() {
			h.add(onboarding.EventExpired, 30*24*time.Hour, "", "")
		}
		return r, nil
	}
	h.add(onboarding.EventOpened, time.Hour, "", "")
	h.add(onboarding.EventStarted, time.Minute, person.Name, person.Email)
	r.Opened, r.Recipients[0].Opened = h.at, h.at
	items := w.items(n, r, person, h.at)
	h.connect(items, person)
	if n%12 == 3 { // stopped half way
		return r, items[:1]
	}
	r.Status, r.CompletedBy, r.Confirmed = onboarding.Connected, person, true
	h.add(onboarding.EventCompleted, time.Minute, "", "")
	r.Finished, r.Completed = h.at, h.at
	if n%33 == 0 {
		r.Archived = h.at.Add(24 * time.Hour)
	}
	return r, items
}

// saved returns the n-th request as its owner has saved it.
func (w Work) saved(n int, owner onboarding.Member, person onboarding.Person) onboarding.Request {
	created := w.now().Add(-time.Duration(w.Requests-n)*apart - time.Minute)
	r := onboarding.Request{
		ID:          id("REQUEST", n, 0),
		Owner:       owner.ID,
		Client:      ClientName(n),
		Status:      onboarding.Pending,
		Created:     created,
		Accepted:    created.Add(time.Second),
		Expires:     created.Add(30 * 24 * time.Hour),
		LinkVersion: 1,
		Link:        "https://relay.example/r/" + id("LINK", n, 0) + id("LINK", n, 1),
	}
	for of, service := range asked() {
		if (n+of)%3 != 0 || n%7 == 0 {
			r.Services = append(r.Services, service)
		}
	}
	if r.HasService(onboarding.Facebook) {
		r.Connection, r.FacebookUser = facebookUser().ID, facebookUser().User
		r.Business = onboarding.Account{ID: business, Name: "Northlight Media"}
	}
	if n%4 == 0 {
		r.Message = "Hello " + person.Name +
			", we plan your next campaign and need your accounts. You choose what to share; it takes about five minutes."
	}
	return r
}

// history adds to the n-th request what happened to it, in order.
type history struct {
	of      int // n
	request *onboarding.Request
	at      onboarding.Timestamp // of the last event
}

func (h *history) add(kind onboarding.EventKind, after time.Duration, who, detail string) {
	h.at = h.at.Add(after)
	h.request.Events = append(h.request.Events, onboarding.Event{
		ID:     id("EVENT", h.of, len(h.request.Events)),
		At:     h.at,
		Kind:   kind,
		Who:    who,
		Detail: detail,
	})
}

func (h *history) refuseEmail(person onboarding.Person) {
	h.request.Recipients = []onboarding.Recipient{{
		ID:          id("RECIPIENT", h.of, 0),
		Address:     person.Email,
		Number:      1,
		EmailState:  onboarding.EmailRefused,
		ServerReply: "550 5.1.1 no such user here",
	}}
	h.add(onboarding.EventEmailRefused, time.Minute, "", person.Email)
}

// send sends the request to the person and, every sixth time, to their office.
func (h *history) send(owner onboarding.Member, person onboarding.Person) {
	h.add(onboarding.EventSent, time.Minute, owner.Name, person.Email)
	addresses := []string{person.Email}
	if h.of%6 == 0 {
		addresses = append(addresses, "office@client"+strconv.Itoa(h.of%997)+".example")
	}
	for n, address := range addresses {
		h.request.Recipients = append(h.request.Recipients, onboarding.Recipient{
			ID:         id("RECIPIENT", h.of, n),
			Address:    address,
			Number:     n + 1,
			EmailState: onboarding.EmailAccepted,
			Sent:       h.at,
			Count:      1,
		})
	}
}

func (h *history) connect(items []onboarding.Item, person onboarding.Person) {
	for _, i := range items {
		kind := onboarding.EventItemConnected
		if i.State == onboarding.ItemWaiting {
			kind = onboarding.EventItemWaiting
		}
		h.add(kind, time.Minute, person.Name, i.Name)
		h.request.Events[len(h.request.Events)-1].Service = i.Service
	}
}

// items returns one account of each service, and a Page with the ad account.
func (w Work) items(n int, r onboarding.Request, by onboarding.Person, at onboarding.Timestamp) []onboarding.Item {
	var items []onboarding.Item
	add := func(s onboarding.Service, kind onboarding.Kind, account, name, detail string) {
		of := len(items)
		i := onboarding.Item{
			ID: id("ITEM", n, of), Request: r.ID, Owner: r.Owner, Service: s, Kind: kind, Account: account, Name: name,
			Detail: detail, By: by, PlatformBy: by.Name,
			State: onboarding.ItemConnected, Created: at, Changed: at, Connected: at}
		// Checked within the last hours, as while a hub is open.
		i.Access = onboarding.Access{
			State: onboarding.AccessWorks, Since: at, Checked: w.now().Add(-time.Duration(n%120) * time.Minute),
		}
		switch {
		case n%100 == 2 && of == 0:
			i.Access.State, i.Access.Failure, i.Access.Code = onboarding.AccessBroken, "credential_refused", "401"
		case n%80 == 6 && of == 1:
			i.State, i.Access.State = onboarding.ItemWaiting, onboarding.AccessWaiting
		}
		if s == onboarding.Facebook {
			i.Tasks = []string{"ADVERTISE", "ANALYZE"}
		}
		items = append(items, i)
	}
	for _, s := range r.Services {
		switch s {
		case onboarding.Facebook:
			add(s, onboarding.AdAccount, fmt.Sprintf("act_%d", 1_000_000_000_000+n), r.Client+" Ads", "EUR")
			add(s, onboarding.Page, strconv.Itoa(2_000_000_000_000+n), r.Client, "")
		case onboarding.HubSpot:
			add(s, onboarding.CRMAccount, strconv.Itoa(40_000_000+n), r.Client+" AB", fmt.Sprintf("client%d.example", n%997))
		case onboarding.ActiveCampaign:
			add(
				s, onboarding.CRMAccount, fmt.Sprintf("https://client%d.api-us1.com", n), r.Client,
				fmt.Sprintf("https://client%d.api-us1.com", n),
			)
		}
	}
	return items
}

// Renew gets a new access token for an item, as a hub does that was just started.
func Renew(ctx context.Context, h *hub.Hub, item string) error {
	h.Credentials.Forget()
	_, _, err := Credential(ctx, h, item)
	return err
}
