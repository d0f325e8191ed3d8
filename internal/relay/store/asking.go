package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// OldLink is a link that no longer works, and who has it.
type OldLink struct {
	Version int
	Number  int    // the recipient's; zero: a copied link
	Who     string // the name that they gave in the wizard; empty: none
}

// askedCounts is for how long nobody need ask again.
const askedCounts = day

// AskLink records that a client whose link has expired, or was replaced, asks for a new
// one, and tells the requester: once a day, however often it is asked. A link that works
// changes nothing.
func (s *Requests) AskLink(ctx context.Context, agency, id string, old OldLink) error {
	return s.plainChange(ctx, agency, id, "asking for a link of", func(c *changeTx, r Request) error {
		err := r.LinkState(c.now)
		switch {
		case err == nil && old.Version >= r.LinkVersion:
			return errUnchanged // it was renewed a moment ago
		case err != nil && !errors.Is(err, onboarding.ErrExpired):
			return err
		case r.LinkAsked > c.now-askedCounts:
			return errUnchanged
		}
		to, err := numberedRecipient(c, id, old.Number)
		if err != nil && !errors.Is(err, onboarding.ErrNotFound) {
			return err
		}
		if err := c.exec(`UPDATE requests SET link_asked_ms = $1 WHERE id = $2`, c.now, id); err != nil {
			return err
		}
		if err := recordEvent(c, id, onboarding.EventLinkAsked, old.Who, to.Address); err != nil {
			return err
		}
		return recordNews(c, News{Kind: onboarding.NewsLinkAsked, Request: id, Owner: r.Owner})
	})
}

// clearLinkAsked ends that a client waits for a link: one was sent, or is used.
func clearLinkAsked(c *changeTx, r Request) error {
	if r.LinkAsked == 0 {
		return nil
	}
	return c.exec(`UPDATE requests SET link_asked_ms = 0 WHERE id = $1`, r.ID)
}

// LinkAsked is when a client asked for a new link of a request; zero: nobody did, or so
// long ago that they may ask again.
func (s *Requests) LinkAsked(ctx context.Context, id string) (onboarding.Timestamp, error) {
	var asked onboarding.Timestamp
	err := s.db.QueryRowContext(ctx, `SELECT link_asked_ms FROM requests WHERE id = $1`, id).Scan(&asked)
	if asked <= s.timestamp()-askedCounts {
		asked = 0
	}
	return asked, wrapNotFound(err, "reading whether a link was asked for")
}

// RecipientByNumber returns the recipient whose number is in a link. ErrNotFound: it is a
// copied link, or they were deleted. ErrTampered: what their link opens is not as the relay
// wrote it.
func (s *Requests) RecipientByNumber(ctx context.Context, request string, number int) (onboarding.Recipient, error) {
	return numbered(ctx, s.db, s.signer, request, number)
}

func numberedRecipient(c *changeTx, request string, number int) (onboarding.Recipient, error) {
	return numbered(c.ctx, c, c.signer, request, number)
}

func numbered(
	ctx context.Context, q queryer, signer Signer, request string, number int,
) (onboarding.Recipient, error) {
	if number == 0 {
		return onboarding.Recipient{}, fmt.Errorf("finding the recipient of a copied link: %w", onboarding.ErrNotFound)
	}
	r, err := scanRecipient(q.QueryRowContext(ctx, `
		SELECT `+recipientColumns+` FROM recipients WHERE request = $1 AND number = $2`, request, number))
	if err := wrapNotFound(err, "finding a link's recipient"); err != nil {
		return onboarding.Recipient{}, err
	}
	return r.Recipient, r.verify(signer)
}

// SendNewest queues an email with the newest link to the recipient of an older one: to
// the address that the agency entered, and to no other. ErrNotFound: there is none, or
// they asked for no more emails; ErrRateLimited: enough went there.
func (s *Requests) SendNewest(
	ctx context.Context, agency, id string, old OldLink, hashes func(address string) [][]byte, limits onboarding.Limits,
) error {
	return s.plainChange(ctx, agency, id, "sending the newest link of", func(c *changeTx, r Request) error {
		if err := r.LinkState(c.now); err != nil {
			return err
		}
		to, err := numberedRecipient(c, id, old.Number)
		if err != nil {
			return err
		}
		if to.Stopped != 0 {
			return onboarding.ErrNotFound
		}
		counted := hashes(to.Address)
		until, err := checkAddressLimits(c.reads(), EmailLinkAgain, counted, limits)
		if err != nil {
			return err
		}
		email := Email{Kind: EmailLinkAgain, Request: id, Recipient: to.ID, NotBefore: until}
		if err := enqueueCounted(c, email, counted); err != nil {
			return err
		}
		return recordEvent(c, id, onboarding.EventLinkSentAgain, old.Who, to.Address)
	})
}
