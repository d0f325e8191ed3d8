package store

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ClientView is a request as its client sees it, with the agency and the requester's
// name. It has only what pages show: the request is without its lists, the brand
// without the logo.
type ClientView struct {
	Request   Request
	Agency    onboarding.Agency
	Requester string
	LogoETag  string // tells one logo from another; empty: there is none
}

const (
	// The cost of a page is mostly its number of columns.
	clientColumns = `r.id, r.agency, r.client, r.message, r.services, r.kinds, r.level, r.status,
		r.expires_ms, r.link_version, r.renewed_ms, r.withdrawn_ms, r.finished_ms, r.completed_ms, r.completed_by_name,
		a.name, a.suspended_ms, a.brand_on, a.company, a.colour, a.reply_to, a.show_requester, a.logo_etag, m.name`
	clientTables = ` FROM requests r JOIN agencies a ON a.id = r.agency JOIN members m ON m.id = r.owner `

	clientViewByLink = `SELECT ` + clientColumns + clientTables + `WHERE r.link_id = $1`
	clientViewByID   = `SELECT ` + clientColumns + `, r.owner, r.user_name, r.business_id, r.business_name` +
		clientTables + `WHERE r.id = $1`
)

// ClientViewByLink returns the view of a link by the link's random id. It lacks what
// only the steps behind its first page show: the owner, and to whom Facebook's
// assets are shared.
func (s *Requests) ClientViewByLink(ctx context.Context, linkID []byte) (*ClientView, error) {
	view := &ClientView{}
	err := view.scan(s.prepared.clientViewByLink.QueryRowContext(ctx, linkID))
	if err := wrapNotFound(err, "reading a link's request"); err != nil {
		return nil, err
	}
	return view, nil
}

// ClientView returns the view of a request, for a visit.
func (s *Requests) ClientView(ctx context.Context, request string) (*ClientView, error) {
	view := &ClientView{}
	q := &view.Request
	err := view.scan(s.prepared.clientViewByID.QueryRowContext(ctx, request),
		&q.Owner, &q.FacebookUser.Name, &q.Business.ID, &q.Business.Name)
	if err := wrapNotFound(err, "reading a visit's request"); err != nil {
		return nil, err
	}
	return view, nil
}

// scan reads clientColumns and the columns that a query has after them.
func (v *ClientView) scan(r scanner, more ...any) error {
	q, a := &v.Request, &v.Agency
	var services, kinds string
	var suspended int64
	columns := append(make([]any, 0, 32), &q.ID, &q.Agency, &q.Client, &q.Message,
		&services, &kinds, &q.Level, &q.Status, &q.Expires, &q.LinkVersion, &q.Renewed, &q.Withdrawn, &q.Finished,
		&q.Completed, &q.CompletedBy.Name,
		&a.Name, &suspended, &a.Brand.On, &a.Brand.Company, &a.Brand.Colour, &a.Brand.ReplyTo,
		&a.Brand.ShowRequester, &v.LogoETag, &v.Requester)
	if err := r.Scan(append(columns, more...)...); err != nil {
		return err
	}
	a.ID, a.Suspended = q.Agency, suspended != 0
	return q.setLists(services, kinds)
}
