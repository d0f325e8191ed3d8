package worker

import (
	"context"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// receiptOf is a visit's receipt, with its link.
func (s *composer) receiptOf(
	ctx context.Context, visit store.Visit, a emailContext,
) (receipt store.Receipt, address onboarding.Secret, err error) {
	if receipt, err = s.store.Receipts.GetByVisit(ctx, visit.ID); err != nil {
		return receipt, address, err
	}
	address, err = a.links.URL(link.Link{Kind: link.KindReceipt, Version: 1, ID: receipt.LinkID})
	return receipt, address, err
}

// receiptItems lists what a receipt does: all of its request, or what its client shared.
func (s *composer) receiptItems(
	ctx context.Context, receipt store.Receipt, visit store.Visit,
) (items []onboarding.Item, all bool, err error) {
	if items, err = s.store.Items.ListByRequest(ctx, receipt.Request); err != nil {
		return nil, false, err
	}
	if receipt.Whole && !visit.Scoped {
		return items, true, nil
	}
	shares, err := s.store.Receipts.Shares(ctx, receipt.Request)
	if err != nil {
		return nil, false, err
	}
	return store.SharedBy(items, shares, visit.Email), false, nil
}

// approval reminds a client of what still waits for an admin of theirs; of nothing once it
// is approved, or the agency withdrew its request.
func (s *composer) approval(ctx context.Context, email store.Email, a emailContext) (mail.Email, error) {
	visit, err := s.toVisitor(ctx, email)
	if err != nil {
		return nil, err
	}
	receipt, address, err := s.receiptOf(ctx, visit, a)
	if err != nil {
		return nil, err
	}
	items, _, err := s.receiptItems(ctx, receipt, visit)
	if err != nil {
		return nil, err
	}
	items = slices.DeleteFunc(items, func(i onboarding.Item) bool { return !i.WaitsForApproval() })
	if len(items) == 0 || a.request.Withdrawn != 0 {
		return nil, errSkipEmail
	}
	a.head.To = visit.Email
	return mail.Approval{
		Envelope: a.head, Requester: a.requester, Asked: catalog.AskedBy(a.request.Request), Items: items, Link: address,
	}, nil
}
