package relay

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// wished checks what a requester decided, and completes it with what the relay
// knows of the Connection.
func (s *Relay) wished(ctx context.Context, w wire.RequestInput) (store.NewRequest, error) {
	c := caller(ctx)
	if err := checkID("id", w.ID); err != nil {
		return store.NewRequest{}, err
	}
	asked := onboarding.Request{
		Client: w.Client, Message: w.Message, Services: w.Services,
		Connection: w.Connection, Business: onboarding.Account{ID: w.Business}, Kinds: w.Kinds, Level: w.Level,
	}
	if err := onboarding.ValidateRequest(asked); err != nil {
		return store.NewRequest{}, err
	}
	n := store.NewRequest{
		ID: w.ID, Owner: c.Member.ID, Client: strings.TrimSpace(w.Client), Message: strings.TrimSpace(w.Message),
		Services: onboarding.SortServices(w.Services), Created: min(w.Created, s.store.Now()), LinkID: link.NewID(), Who: c.Member.Name,
	}
	for _, service := range n.Services {
		if _, err := s.driverOf(service.Platform()); err != nil {
			return store.NewRequest{}, fmt.Errorf("asking for %s: %w", service, err)
		}
	}
	if !asked.HasService(onboarding.Facebook) {
		return n, nil
	}
	x, err := s.visibleConnection(ctx, w.Connection)
	if err != nil || x.Ended != 0 || x.Platform != onboarding.Meta {
		return store.NewRequest{}, onboarding.Invalid("connection", "Choose a Facebook user who is connected here.")
	}
	for _, b := range x.Businesses {
		if b.ID != w.Business {
			continue
		}
		if !b.Admin {
			return store.NewRequest{}, onboarding.Invalid("business", fmt.Sprintf("%s is not an admin of %s. Choose a Business Manager where they are.", x.User.Name, b.Name))
		}
		n.Connection, n.User, n.Business = x.ID, x.User, onboarding.Account{ID: b.ID, Name: b.Name}
		n.Kinds, n.Level = onboarding.SortKinds(w.Kinds), w.Level.OrDefault()
		return n, nil
	}
	return store.NewRequest{}, onboarding.Invalid("business", "Choose a Business Manager of this Facebook user.")
}

func (s *Relay) saveRequest(ctx context.Context, q wire.SaveRequestParams) (wire.RequestResult, error) {
	n, err := s.wished(ctx, q.Request)
	if err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestAnswer(s.store.SaveRequest(ctx, caller(ctx).Agency.ID, n))
}

func (s *Relay) editRequest(ctx context.Context, q wire.SaveRequestParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.Request.ID); err != nil {
		return wire.RequestResult{}, err
	}
	n, err := s.wished(ctx, q.Request)
	if err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestAnswer(s.store.EditRequest(ctx, caller(ctx).Agency.ID, n))
}

// offerRequest takes a request back that a restored database lost. Its proof
// says that this relay accepted it: for this agency and member, with this link,
// this Facebook user and this Business Manager. What it says of its time is
// bounded.
func (s *Relay) offerRequest(ctx context.Context, q wire.ResubmitRequestParams) (wire.RequestResult, error) {
	c := caller(ctx)
	if err := checkID("id", q.Request.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if q.Request.Owner != c.Member.ID {
		return wire.RequestResult{}, onboarding.ErrForbidden
	}
	token, ours := strings.CutPrefix(q.Request.Link, s.public.String()+"/r/")
	if !ours {
		return wire.RequestResult{}, onboarding.Invalid("link", "This link is not of this relay.")
	}
	opened, err := s.keys.VerifyLink(token)
	if err != nil || opened.Kind != link.KindRequest {
		return wire.RequestResult{}, onboarding.Invalid("link", "This link is not of this relay.")
	}
	offered := store.Request{Request: q.Request, Agency: c.Agency.ID, LinkID: opened.ID}
	if !s.keys.VerifyRequestProof(accepted(offered), q.Request.Proof) {
		return wire.RequestResult{}, onboarding.Invalid("proof", "This relay has not accepted this request.")
	}
	if err := checkOffer(q); err != nil {
		return wire.RequestResult{}, err
	}
	offered.LinkVersion = opened.Version
	now := s.store.Now()
	offered.Accepted, offered.Renewed = min(offered.Accepted, now), min(offered.Renewed, now)
	offered.Expires = min(offered.Expires, onboarding.LinkEnds(max(offered.Accepted, offered.Renewed)))
	unwanted := map[string][]byte{}
	for _, r := range offered.Recipients {
		if r.Stopped != 0 {
			unwanted[r.ID] = s.keys.HashAddress(r.Address)
		}
	}
	return s.requestAnswer(s.store.OfferRequest(ctx, offered, q.Items, unwanted))
}

// checkOffer holds what a hub remembers to the same rules as what it saves.
func checkOffer(q wire.ResubmitRequestParams) error {
	if err := onboarding.ValidateRequest(q.Request); err != nil {
		return err
	}
	if q.Request.Status != onboarding.Pending && q.Request.Status != onboarding.Connected {
		return onboarding.Invalid("status", "A request is pending or connected.")
	}
	if len(q.Request.Recipients) > maxBatch || len(q.Items) > maxBatch || len(q.Request.CompletedBy.Name)+len(q.Request.CompletedBy.Email) > maxRemembered || len(q.Request.Events) > onboarding.MaxEvents || len(q.Request.Skipped) > len(onboarding.Services()) {
		return onboarding.Invalid("request", "This is more than a request can hold.")
	}
	numbers := map[int]bool{}
	for _, r := range q.Request.Recipients {
		if err := checkID("recipients", r.ID); err != nil {
			return err
		}
		if _, err := onboarding.ValidateAddress("recipients", r.Address); err != nil {
			return err
		}
		if len(r.EmailState) > 64 || len(r.ServerReply) > maxRemembered {
			return onboarding.Invalid("recipients", "This is more than a recipient can hold.")
		}
		if r.Number < 1 || r.Number > link.MaxNumber || numbers[r.Number] {
			return onboarding.Invalid("recipients", "A recipient's number is wrong.")
		}
		numbers[r.Number] = true
	}
	for _, skip := range q.Request.Skipped {
		if !skip.Service.Known() || len(skip.Reason) > maxRemembered {
			return onboarding.Invalid("skipped", "What was skipped is not of this request.")
		}
	}
	for _, e := range q.Request.Events {
		if err := checkID("events", e.ID); err != nil {
			return err
		}
		if e.Kind == "" || len(e.Kind) > 64 || len(e.Who)+len(e.Detail) > maxRemembered || e.Service != "" && !e.Service.Known() {
			return onboarding.Invalid("events", "An event is not of this request.")
		}
	}
	return checkOfferedItems(q)
}

// maxRemembered bounds each text that a hub remembers, in bytes.
const maxRemembered = 4000

func checkOfferedItems(q wire.ResubmitRequestParams) error {
	type account struct {
		service onboarding.Service
		kind    onboarding.Kind
		id      string
	}
	seen := map[account]bool{}
	for _, i := range q.Items {
		if err := checkID("items", i.ID); err != nil {
			return err
		}
		this := account{i.Service, i.Kind, i.Account}
		known := slices.Contains(onboarding.Kinds(), i.Kind) &&
			slices.Contains([]onboarding.ItemState{onboarding.ItemSharing, onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemFailed,
				onboarding.ItemEnded}, i.State)
		if !i.Service.Known() || !known || i.Request != q.Request.ID || i.Account == "" || seen[this] || i.Version < 0 {
			return onboarding.Invalid("items", "An item is not of this request.")
		}
		seen[this] = true
		if len(i.Account)+len(i.Name)+len(i.Detail)+len(i.By.Name)+len(i.By.Email)+len(i.PlatformBy)+len(i.Failure)+len(i.Reference)+len(i.EndedBy)+len(strings.Join(i.Tasks, ",")) > maxRemembered ||
			len(i.Access.State)+len(i.Access.Failure)+len(i.Access.Code) > maxRemembered || len(i.Checks) > onboarding.MaxCheckRecords {
			return onboarding.Invalid("items", "This is more than an item can hold.")
		}
		if err := onboarding.ValidateCapabilities("items", i.Access.Capabilities); err != nil {
			return err
		}
		for _, check := range i.Checks {
			if len(check.State)+len(check.Failure)+len(check.Code) > maxRemembered {
				return onboarding.Invalid("items", "This is more than a check can hold.")
			}
			if err := onboarding.ValidateCapabilities("items", check.Capabilities); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Relay) sendRequest(ctx context.Context, q wire.SendRequestParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if len(q.Recipients) == 0 || len(q.Recipients) > s.limits.RequestAddresses {
		return wire.RequestResult{}, onboarding.Invalid("recipients", fmt.Sprintf("Enter one to %d addresses.", s.limits.RequestAddresses))
	}
	var added []store.NewRecipient
	for _, r := range q.Recipients {
		if err := checkID("recipients", r.ID); err != nil {
			return wire.RequestResult{}, err
		}
		address, err := onboarding.ValidateAddress("recipients", r.Address)
		if err != nil {
			return wire.RequestResult{}, err
		}
		added = append(added, store.NewRecipient{ID: r.ID, Address: address, Hashes: s.keys.HashAddresses(address)})
	}
	c := caller(ctx)
	return s.requestAnswer(s.store.SendRequest(ctx, c.Agency.ID, q.ID, c.Member.Name, added, s.limits))
}

func (s *Relay) resendRequest(ctx context.Context, q wire.ResendRequestParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if err := checkID("send", q.Send); err != nil {
		return wire.RequestResult{}, err
	}
	if len(q.Recipients) == 0 || len(q.Recipients) > maxBatch {
		return wire.RequestResult{}, onboarding.Invalid("recipients", "Choose who gets the letter again.")
	}
	return s.requestAnswer(s.store.ResendRequest(ctx, caller(ctx).Agency.ID, q.ID, q.Send, q.Recipients, s.keys.HashAddresses, s.limits))
}

func (s *Relay) renewRequest(ctx context.Context, q wire.NewLinkParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.RequestResult{}, err
	}
	c := caller(ctx)
	return s.requestAnswer(s.store.RenewRequest(ctx, c.Agency.ID, q.ID, q.LinkVersion, c.Member.Name))
}

func (s *Relay) reopenRequest(ctx context.Context, q wire.NewLinkParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.RequestResult{}, err
	}
	c := caller(ctx)
	return s.requestAnswer(s.store.ReopenRequest(ctx, c.Agency.ID, q.ID, q.LinkVersion, c.Member.Name))
}

func (s *Relay) withdrawRequest(ctx context.Context, q wire.RequestParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.RequestResult{}, err
	}
	c := caller(ctx)
	return s.requestAnswer(s.store.WithdrawRequest(ctx, c.Agency.ID, q.ID, c.Member.Name))
}

func (s *Relay) archiveRequest(ctx context.Context, q wire.ArchiveRequestParams) (wire.RequestResult, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestAnswer(s.store.ArchiveRequest(ctx, caller(ctx).Agency.ID, q.ID, q.On))
}

func (s *Relay) deleteClient(ctx context.Context, q wire.RequestParams) (wire.Empty, error) {
	if _, err := s.visibleRequest(ctx, q.ID); err != nil {
		return wire.Empty{}, err
	}
	return wire.Empty{}, s.store.DeleteClient(ctx, caller(ctx).Agency.ID, q.ID)
}

func (s *Relay) readChanges(ctx context.Context, q wire.ChangesParams) (wire.ChangesResult, error) {
	c := caller(ctx)
	page, err := s.store.Changes(ctx, c.Agency.ID, c.Member, store.Cursor(q.After))
	if err != nil {
		return wire.ChangesResult{}, err
	}
	answer := wire.ChangesResult{
		Reset: page.Reset, Agency: page.Agency, Members: page.Members, Connections: page.Connections, Items: page.Items,
		Next: wire.Cursor(page.Next), More: page.More,
	}
	for _, d := range page.Devices {
		answer.Devices = append(answer.Devices, d.Device)
	}
	for _, one := range page.Requests {
		request, err := s.answered(one)
		if err != nil {
			return wire.ChangesResult{}, err
		}
		answer.Requests = append(answer.Requests, request)
	}
	for _, g := range page.Gone {
		answer.Deleted = append(answer.Deleted, wire.Tombstone(g))
	}
	return answer, nil
}
