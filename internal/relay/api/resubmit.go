package api

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// resubmitRequest stores a request that a restored database lost. Its proof
// shows that this relay accepted it: for this agency and member, with this link,
// this Facebook user and this Business Manager. Its timestamps are
// bounded.
func (s *requests) resubmitRequest(ctx context.Context, p wire.ResubmitRequestParams) (wire.RequestResult, error) {
	c := principalFrom(ctx)
	if err := validateID("id", p.Request.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if p.Request.Owner != c.Member.ID {
		return wire.RequestResult{}, onboarding.ErrForbidden
	}
	token, isLink := linkToken(p.Request.Link)
	if !isLink {
		return wire.RequestResult{}, onboarding.Invalid("link", "This link is not of this relay.")
	}
	opened, err := s.keys.VerifyLink(token)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
		return wire.RequestResult{}, err
	}
	if err != nil || opened.Kind != link.KindRequest {
		return wire.RequestResult{}, onboarding.Invalid("link", "This link is not of this relay.")
	}
	offered := store.Request{Request: p.Request, Agency: c.Agency.ID, LinkID: opened.ID}
	if !s.keys.VerifyRequestProof(proofContent(offered), p.Request.Proof) {
		return wire.RequestResult{}, onboarding.Invalid("proof", "This relay has not accepted this request.")
	}
	if err := s.validateResubmitted(p); err != nil {
		return wire.RequestResult{}, err
	}
	if offered.Repairs, err = s.resubmittedRepairs(p.Items); err != nil {
		return wire.RequestResult{}, err
	}
	offered.LinkVersion, offered.Client = opened.Version, onboarding.CleanLine(offered.Client)
	now := s.store.Now()
	offered.Accepted, offered.Renewed = min(offered.Accepted, now), min(offered.Renewed, now)
	offered.LinkAsked, offered.Declined = min(offered.LinkAsked, now), min(offered.Declined, now)
	if offered.Reminders == nil { // of a hub before this version
		offered.Reminders = onboarding.DefaultReminders()
	}
	offered.Expires = min(offered.Expires, onboarding.LinkEnds(max(offered.Accepted, offered.Renewed)))
	unwanted := map[string][]byte{}
	for n, r := range offered.Recipients {
		offered.Recipients[n].Added = min(r.Added, now)
		offered.Recipients[n].Invited, offered.Recipients[n].Reminds = min(r.Invited, now), 0
		offered.Recipients[n].Handed = min(r.Handed, now)
		for service, at := range r.Asked {
			r.Asked[service] = min(at, now)
		}
		if r.Stopped != 0 {
			unwanted[r.ID] = s.keys.HashAddress(r.Address)
		}
	}
	return s.requestResult(ctx)(s.store.Requests.Resubmit(ctx, offered, p.Items, unwanted, c.Member.Name))
}

// validateResubmitted applies the rules of saving to what a hub resubmits.
func (s *requests) validateResubmitted(p wire.ResubmitRequestParams) error {
	if err := onboarding.ValidateRequest(p.Request, s.catalog.Known); err != nil {
		return err
	}
	if p.Request.Status != onboarding.Pending && p.Request.Status != onboarding.Connected {
		return onboarding.Invalid("status", "A request is pending or connected.")
	}
	if len(p.Request.Recipients) > maxBatch || len(p.Items) > maxBatch ||
		len(p.Request.CompletedBy.Name)+len(p.Request.CompletedBy.Email) > maxStoredText ||
		len(p.Request.DeclinedBy)+len(p.Request.DeclineReason) > maxStoredText ||
		len(p.Request.Events) > onboarding.MaxEvents || len(p.Request.Skipped) > len(s.catalog.IDs()) {
		return onboarding.Invalid("request", "This is more than a request can hold.")
	}
	if err := onboarding.ValidateReminders(p.Request.Reminders); err != nil {
		return err
	}
	for _, validate := range []func(onboarding.Request) error{
		validateRecipients, s.validateSkipped, s.validateEvents,
	} {
		if err := validate(p.Request); err != nil {
			return err
		}
	}
	return s.validateResubmittedItems(p)
}

// validateRecipients also gives each address the form in which it is stored.
func validateRecipients(request onboarding.Request) error {
	numbers := map[int]bool{}
	for i, r := range request.Recipients {
		if err := validateID("recipients", r.ID); err != nil {
			return err
		}
		address, err := onboarding.ValidateAddress("recipients", r.Address)
		if err != nil {
			return err
		}
		request.Recipients[i].Address = address
		isForeign := func(service onboarding.Service) bool { return !slices.Contains(request.Services, service) }
		asked := slices.Collect(maps.Keys(r.Asked))
		if slices.ContainsFunc(r.Services, isForeign) || slices.ContainsFunc(asked, isForeign) ||
			len(r.Services) > len(request.Services) {
			return onboarding.Invalid("recipients", "A recipient's services are not of this request.")
		}
		if len(r.EmailState) > 64 || len(r.ServerReply) > maxStoredText ||
			len(r.HandedBy.Name)+len(r.HandedBy.Email) > maxStoredText {
			return onboarding.Invalid("recipients", "This is more than a recipient can hold.")
		}
		if r.Number < 1 || r.Number > link.MaxRecipient || numbers[r.Number] {
			return onboarding.Invalid("recipients", "A recipient's number is wrong.")
		}
		numbers[r.Number] = true
	}
	return nil
}

func (s *requests) validateSkipped(r onboarding.Request) error {
	for _, skip := range r.Skipped {
		if !s.catalog.Known(skip.Service) || len(skip.Reason) > maxStoredText {
			return onboarding.Invalid("skipped", "What was skipped is not of this request.")
		}
	}
	return nil
}

func (s *requests) validateEvents(r onboarding.Request) error {
	for _, e := range r.Events {
		if err := validateID("events", e.ID); err != nil {
			return err
		}
		unknown := e.Service != "" && !s.catalog.Known(e.Service)
		if e.Kind == "" || len(e.Kind) > 64 || len(e.Who)+len(e.Detail) > maxStoredText || unknown {
			return onboarding.Invalid("events", "An event is not of this request.")
		}
	}
	return nil
}

// maxStoredText bounds each text that a hub resubmits, in bytes.
const maxStoredText = 4000

func (s *requests) validateResubmittedItems(p wire.ResubmitRequestParams) error {
	type account struct {
		service onboarding.Service
		kind    onboarding.Kind
		id      string
	}
	seen := map[account]bool{}
	for _, i := range p.Items {
		if err := validateID("items", i.ID); err != nil {
			return err
		}
		this := account{i.Service, i.Kind, i.Account}
		known := slices.Contains(onboarding.Kinds(), i.Kind) &&
			slices.Contains([]onboarding.ItemState{
				onboarding.ItemSharing, onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemFailed,
				onboarding.ItemEnded}, i.State)
		if !s.catalog.Known(i.Service) || !known || i.Request != p.Request.ID || i.Account == "" || seen[this] ||
			i.Version < 0 {
			return onboarding.Invalid("items", "An item is not of this request.")
		}
		seen[this] = true
		if err := validateSize(i); err != nil {
			return err
		}
	}
	return nil
}

// validateSize bounds what an item holds.
func validateSize(i onboarding.Item) error {
	if len(i.Account)+len(i.Name)+len(i.Detail)+len(i.By.Name)+len(i.By.Email)+len(i.PlatformBy)+len(i.Failure)+
		len(i.Reference)+len(i.EndedBy)+len(i.ConfirmedBy)+len(strings.Join(i.Tasks, ",")) > maxStoredText ||
		len(i.Access.State)+len(i.Access.Failure)+len(i.Access.Code) > maxStoredText ||
		len(i.Checks) > onboarding.MaxCheckRecords {
		return onboarding.Invalid("items", "This is more than an item can hold.")
	}
	if len(i.Namings) > onboarding.MaxNamed || len(strings.Join(i.NotAccounts, ",")) > maxStoredText {
		return onboarding.Invalid("items", "This is more than an item can hold.")
	}
	for _, n := range i.Namings {
		if len(n.Kind)+len(n.Name)+len(n.By.Name)+len(n.By.Email)+len(n.Chosen)+len(strings.Join(n.Not, ",")) >
			maxStoredText {
			return onboarding.Invalid("items", "This is more than an item can hold.")
		}
	}
	if err := onboarding.ValidateCapabilities("items", i.Access.Capabilities); err != nil {
		return err
	}
	for _, check := range i.Checks {
		if len(check.State)+len(check.Failure)+len(check.Code) > maxStoredText {
			return onboarding.Invalid("items", "This is more than a check can hold.")
		}
		if err := onboarding.ValidateCapabilities("items", check.Capabilities); err != nil {
			return err
		}
	}
	return nil
}

// linkToken is the token of a link, whatever its address: it may be that of a domain which
// the agency had. The token proves whose it is.
func linkToken(address string) (token string, isLink bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", false
	}
	return strings.CutPrefix(u.Path, link.Path)
}
