package api

import (
	"context"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// requests are the clients' requests.
type requests struct {
	*core
	preflight *preflight
}

func (s *requests) handle(api *wire.Server) {
	wire.Handle(api, wire.SaveRequest, mapDBErrors(s.saveRequest))
	wire.Handle(api, wire.EditRequest, mapDBErrors(s.editRequest))
	wire.Handle(api, wire.ResubmitRequest, mapDBErrors(s.resubmitRequest))
	wire.Handle(api, wire.SendRequest, mapDBErrors(s.sendRequest))
	wire.Handle(api, wire.ResendRequest, mapDBErrors(s.resendRequest))
	wire.Handle(api, wire.RenewRequest, mapDBErrors(s.renewRequest))
	wire.Handle(api, wire.ReopenRequest, mapDBErrors(s.reopenRequest))
	wire.Handle(api, wire.SetReminders, mapDBErrors(s.setReminders))
	wire.Handle(api, wire.WithdrawRequest, mapDBErrors(s.withdrawRequest))
	wire.Handle(api, wire.RecordClientEnd, mapDBErrors(s.recordClientEnd))
	wire.Handle(api, wire.AcceptHistory, mapDBErrors(s.acceptHistory))
	wire.Handle(api, wire.ArchiveRequest, mapDBErrors(s.archiveRequest))
	wire.Handle(api, wire.DeleteClient, mapDBErrors(s.deleteClient))
}

// toWireRequest is a request as a hub gets it.
func (s *requests) toWireRequest(r store.Request, links link.Links) (onboarding.Request, error) {
	address, err := links.URL(link.Link{Kind: link.KindRequest, Version: r.LinkVersion, ID: r.LinkID})
	if err != nil {
		return onboarding.Request{}, err
	}
	r.Link = address.Reveal()
	if err := s.store.Requests.Verify(r); err != nil {
		s.log.Error("gave no proof of a request that is not as the relay wrote it", "request", r.ID, "error", err)
		return r.Request, nil
	}
	r.Proof = s.keys.RequestProof(proofContent(r))
	return r.Request, nil
}

// proofContent is what the proof of a request covers.
func proofContent(r store.Request) keyset.Request {
	return keyset.Request{
		Agency: r.Agency, ID: r.ID, Owner: r.Owner, Connection: r.Connection, User: r.FacebookUser, Business: r.Business,
		Services: r.Services, Kinds: r.Kinds, Level: r.Level, ByHand: r.ByHand, LinkID: r.LinkID,
	}
}

// requestResult is the answer of a method that returns with a request.
func (s *requests) requestResult(ctx context.Context) func(store.Request, error) (wire.RequestResult, error) {
	return func(r store.Request, err error) (wire.RequestResult, error) {
		if err != nil {
			return wire.RequestResult{}, err
		}
		links, err := s.agencyLinks(ctx, r.Agency)
		if err != nil {
			return wire.RequestResult{}, err
		}
		answer, err := s.toWireRequest(r, links)
		return wire.RequestResult{Request: answer}, err
	}
}

// validateInput checks what a requester decided, and completes it with what the relay
// has of the Connection.
func (s *requests) validateInput(ctx context.Context, w wire.RequestInput) (store.NewRequest, error) {
	c := principalFrom(ctx)
	if err := validateID("id", w.ID); err != nil {
		return store.NewRequest{}, err
	}
	asked := onboarding.Request{
		Client: w.Client, Message: w.Message, Services: w.Services,
		Connection: w.Connection, Business: onboarding.Account{ID: w.Business, Name: w.BusinessName},
		Kinds: w.Kinds, Level: w.Level,
		ByHand: w.ByHand,
	}
	if err := onboarding.ValidateRequest(asked, s.catalog.Known); err != nil {
		return store.NewRequest{}, err
	}
	client, err := onboarding.ValidateClient(w.Client)
	if err != nil {
		return store.NewRequest{}, err
	}
	n := store.NewRequest{
		ID: w.ID, Owner: c.Member.ID, Client: client, Message: strings.TrimSpace(w.Message),
		Services: s.catalog.Sort(w.Services), Created: min(w.Created, s.store.Now()), LinkID: link.NewID(),
		Who: c.Member.Name,
	}
	for _, service := range n.Services {
		if w.ByHand && service == onboarding.Facebook {
			continue // it needs no app
		}
		if _, err := s.driverOf(service.Platform()); err != nil {
			return store.NewRequest{}, fmt.Errorf("asking for %s: %w", service, err)
		}
	}
	if asked.HasService(onboarding.Facebook) {
		if err := s.validateFacebook(ctx, w, &n); err != nil {
			return store.NewRequest{}, err
		}
	}
	return n, nil
}

func (s *requests) saveRequest(ctx context.Context, p wire.SaveRequestParams) (wire.RequestResult, error) {
	n, err := s.validateInput(ctx, p.Request)
	if err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestResult(ctx)(s.store.Requests.Save(ctx, principalFrom(ctx).Agency.ID, n))
}

func (s *requests) editRequest(ctx context.Context, p wire.SaveRequestParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.Request.ID); err != nil {
		return wire.RequestResult{}, err
	}
	n, err := s.validateInput(ctx, p.Request)
	if err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestResult(ctx)(s.store.Requests.Edit(ctx, principalFrom(ctx).Agency.ID, n))
}

func (s *requests) sendRequest(ctx context.Context, p wire.SendRequestParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if len(p.Recipients) == 0 || len(p.Recipients) > s.limits.RequestAddresses {
		return wire.RequestResult{}, onboarding.Invalid(
			"recipients", fmt.Sprintf("Enter one to %d addresses.", s.limits.RequestAddresses),
		)
	}
	var added []store.NewRecipient
	for _, r := range p.Recipients {
		if err := validateID("recipients", r.ID); err != nil {
			return wire.RequestResult{}, err
		}
		address, err := onboarding.ValidateAddress("recipients", r.Address)
		if err != nil {
			return wire.RequestResult{}, err
		}
		added = append(added, store.NewRecipient{ID: r.ID, Address: address, Hashes: s.keys.HashAddresses(address)})
	}
	if err := s.preflight.requireSendable(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	c := principalFrom(ctx)
	return s.requestResult(ctx)(s.store.Requests.Send(ctx, c.Agency.ID, p.ID, added, s.limits))
}

func (s *requests) resendRequest(ctx context.Context, p wire.ResendRequestParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if err := validateID("send", p.Send); err != nil {
		return wire.RequestResult{}, err
	}
	if len(p.Recipients) == 0 || len(p.Recipients) > maxBatch {
		return wire.RequestResult{}, onboarding.Invalid("recipients", "Choose who gets the email again.")
	}
	if err := s.preflight.requireSendable(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	resend := store.Resend{ID: p.Send, Recipients: p.Recipients, Hashes: s.keys.HashAddresses}
	return s.requestResult(ctx)(s.store.Requests.Resend(ctx, principalFrom(ctx).Agency.ID, p.ID, resend, s.limits))
}

func (s *requests) renewRequest(ctx context.Context, p wire.NewLinkParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	n, err := s.newLink(ctx, p)
	if err != nil {
		return wire.RequestResult{}, err
	}
	if err := s.preflight.requireRenewable(ctx, p, onboarding.ErrExpired); err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestResult(ctx)(s.store.Requests.Renew(ctx, principalFrom(ctx).Agency.ID, p.ID, n))
}

func (s *requests) reopenRequest(ctx context.Context, p wire.NewLinkParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	n, err := s.newLink(ctx, p)
	if err != nil {
		return wire.RequestResult{}, err
	}
	if err := s.preflight.requireRenewable(ctx, p, onboarding.ErrCompleted); err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestResult(ctx)(s.store.Requests.Reopen(ctx, principalFrom(ctx).Agency.ID, p.ID, n))
}

// newLink is what the params of a new link ask for.
func (s *requests) newLink(ctx context.Context, p wire.NewLinkParams) (store.NewLink, error) {
	if p.Send != "" {
		if err := validateID("send", p.Send); err != nil {
			return store.NewLink{}, err
		}
	}
	return store.NewLink{
		From: p.LinkVersion, Who: principalFrom(ctx).Member.Name, Send: p.Send, Hashes: s.keys.HashAddresses,
		Limits: s.limits,
	}, nil
}

func (s *requests) setReminders(ctx context.Context, p wire.SetRemindersParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	if err := onboarding.ValidateReminders(p.Days); err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestResult(ctx)(s.store.Requests.SetReminders(ctx, principalFrom(ctx).Agency.ID, p.ID, p.Days))
}

func (s *requests) withdrawRequest(ctx context.Context, p wire.RequestParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	c := principalFrom(ctx)
	return s.requestResult(ctx)(s.store.Requests.Withdraw(ctx, c.Agency.ID, p.ID, c.Member.Name))
}

func (s *requests) recordClientEnd(ctx context.Context, p wire.RequestParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	c := principalFrom(ctx)
	return s.requestResult(ctx)(s.store.Requests.RecordClientEnd(ctx, c.Agency.ID, p.ID, c.Member.Name))
}

func (s *requests) archiveRequest(ctx context.Context, p wire.ArchiveRequestParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.RequestResult{}, err
	}
	return s.requestResult(ctx)(s.store.Requests.Archive(ctx, principalFrom(ctx).Agency.ID, p.ID, p.On))
}

func (s *requests) deleteClient(ctx context.Context, p wire.RequestParams) (wire.Empty, error) {
	if err := s.requireVisible(ctx, p.ID); err != nil {
		return wire.Empty{}, err
	}
	return wire.Empty{}, s.store.Requests.DeleteClient(ctx, principalFrom(ctx).Agency.ID, p.ID)
}
