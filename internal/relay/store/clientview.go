package store

import (
	"context"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ClientView is a request as its client sees it: what the wizard's pages show.
type ClientView struct {
	Request   ClientRequest
	Agency    ClientAgency
	Requester string // the member's name
}

// ClientRequest is what the wizard needs of a request.
type ClientRequest struct {
	ID           string
	Owner        string
	Client       string
	Message      string
	Services     []onboarding.Service
	Kinds        []onboarding.Kind
	Level        onboarding.AccessLevel
	FacebookUser string // the name of who gets access
	Business     onboarding.Account
	ByHand       bool
	Status       onboarding.Status
	Expires      onboarding.Timestamp
	LinkVersion  int
	Renewed      onboarding.Timestamp
	Withdrawn    onboarding.Timestamp
	Finished     onboarding.Timestamp
	Completed    onboarding.Timestamp
	CompletedBy  string // the name
}

// LinkState is onboarding.Request.LinkState.
func (r ClientRequest) LinkState(now onboarding.Timestamp) error {
	state := onboarding.Request{
		Status: r.Status, Expires: r.Expires, Withdrawn: r.Withdrawn, Finished: r.Finished,
	}
	return state.LinkState(now)
}

// Ownership is whose the request is.
func (r ClientRequest) Ownership() onboarding.Ownership { return onboarding.Ownership{Member: r.Owner} }

// ClientAgency is what the wizard needs of an agency.
type ClientAgency struct {
	ID            string
	Name          string
	Suspended     bool
	Branded       bool
	Company       string
	Colour        string
	ReplyTo       string
	ShowRequester bool
	LogoETag      string // tells one logo from another; empty: there is none
}

// ClientAgencyOf is what the wizard needs of this agency.
func ClientAgencyOf(a onboarding.Agency) ClientAgency {
	return ClientAgency{
		ID:            a.ID,
		Name:          a.Name,
		Suspended:     a.Suspended,
		Branded:       a.Brand.On,
		Company:       a.Brand.Company,
		Colour:        a.Brand.Colour,
		ReplyTo:       a.Brand.ReplyTo,
		ShowRequester: a.Brand.ShowRequester,
		LogoETag:      LogoETag(a.Brand.Logo),
	}
}

// CompanyName is onboarding.Agency.CompanyName.
func (a ClientAgency) CompanyName() string {
	return onboarding.Agency{Name: a.Name, Brand: onboarding.Brand{On: a.Branded, Company: a.Company}}.CompanyName()
}

// The cost of a page is mostly its number of columns.
const clientView = `
	SELECT r.id, r.owner, r.client, r.message, r.services, r.kinds, r.level, r.user_name, r.business_id, r.business_name,
	       r.by_hand,
	       r.status, r.expires_ms, r.link_version, r.renewed_ms, r.withdrawn_ms, r.finished_ms, r.completed_ms,
	       r.completed_by_name,
	       a.id, a.name, a.suspended_ms, a.brand_on, a.company, a.colour, a.reply_to, a.show_requester, a.logo_etag,
	       m.name
	FROM   requests r JOIN agencies a ON a.id = r.agency JOIN members m ON m.id = r.owner`

const (
	clientViewByLink = clientView + ` WHERE r.link_id = $1`
	clientViewByID   = clientView + ` WHERE r.id = $1`
)

// ClientViewByLink returns the view of a link by the link's random id.
func (s *Requests) ClientViewByLink(ctx context.Context, linkID []byte) (*ClientView, error) {
	view, err := scanClientView(s.db.QueryRowContext(ctx, clientViewByLink, linkID))
	return view, wrapNotFound(err, "reading a link's request")
}

// ClientView returns the view of a request, for a visit.
func (s *Requests) ClientView(ctx context.Context, request string) (*ClientView, error) {
	view, err := scanClientView(s.db.QueryRowContext(ctx, clientViewByID, request))
	return view, wrapNotFound(err, "reading a visit's request")
}

func scanClientView(row scanner) (*ClientView, error) {
	view := &ClientView{}
	r, a := &view.Request, &view.Agency
	var services, kinds string
	var suspended int64
	err := row.Scan(
		&r.ID, &r.Owner, &r.Client, &r.Message, &services, &kinds, &r.Level, &r.FacebookUser, &r.Business.ID,
		&r.Business.Name, &r.ByHand, &r.Status, &r.Expires, &r.LinkVersion, &r.Renewed, &r.Withdrawn, &r.Finished,
		&r.Completed, &r.CompletedBy, &a.ID, &a.Name, &suspended, &a.Branded, &a.Company, &a.Colour, &a.ReplyTo,
		&a.ShowRequester, &a.LogoETag, &view.Requester,
	)
	if err != nil {
		return nil, err
	}
	a.Suspended = suspended != 0
	if r.Services, r.Kinds, err = splitAsked(services, kinds); err != nil {
		return nil, fmt.Errorf("reading request %s: %w", r.ID, err)
	}
	return view, nil
}

// splitAsked decodes the columns that have what a request asks for.
func splitAsked(services, kinds string) ([]onboarding.Service, []onboarding.Kind, error) {
	splitServices, err := splitList[onboarding.Service](services)
	if err != nil {
		return nil, nil, fmt.Errorf("its services: %w", err)
	}
	splitKinds, err := splitList[onboarding.Kind](kinds)
	if err != nil {
		return nil, nil, fmt.Errorf("its kinds: %w", err)
	}
	return splitServices, splitKinds, nil
}
