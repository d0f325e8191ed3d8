package store

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// Shown is a request as its client is shown it: with the agency and the
// requester's name. The request is without its lists, the
// brand without the logo.
type Shown struct {
	Request   Request
	Agency    onboarding.Agency
	Requester string
	LogoMark  string // tells one logo from another; empty: there is none
}

// The end of a PNG holds the checksums of its picture: with its length, that
// is enough to tell two logos apart without reading them for every page.
const (
	logoEnd     = `length(a.logo), substr(a.logo, CASE WHEN length(a.logo) > 48 THEN length(a.logo) - 47 ELSE 1 END)`
	shownByLink = `SELECT ` + requestColumns + ` FROM requests WHERE link_id = $1`
	shownByID   = `SELECT ` + requestColumns + ` FROM requests WHERE id = $1`
	lookOfOwner = `SELECT a.name, a.suspended_ms, a.brand_on, a.company, a.colour, a.reply_to, a.show_requester, ` + logoEnd + `, m.name
		FROM agencies a JOIN members m ON m.id = $2 WHERE a.id = $1`
	logoOfAgency  = `SELECT a.logo, ` + logoEnd + ` FROM agencies a WHERE a.id = $1`
	logoMarkBytes = 9
)

// ShownByLink finds what a link leads to, by the link's random id.
func (s *Store) ShownByLink(ctx context.Context, linkID []byte) (*Shown, error) {
	shown, err := s.show(ctx, s.db.GlanceRow(ctx, shownByLink, linkID))
	return shown, missing(err, "reading a link's request")
}

// ShownByID finds what a visit is about.
func (s *Store) ShownByID(ctx context.Context, request string) (*Shown, error) {
	shown, err := s.show(ctx, s.db.GlanceRow(ctx, shownByID, request))
	return shown, missing(err, "reading a visit's request")
}

func (s *Store) show(ctx context.Context, r scanner) (*Shown, error) {
	shown := &Shown{}
	if err := shown.Request.scan(r); err != nil {
		return nil, err
	}
	look, err := s.looks.of(ctx, s.db, shown.Request.Agency, shown.Request.Owner)
	if err != nil {
		return nil, err
	}
	shown.Agency, shown.Requester, shown.LogoMark = look.agency, look.requester, look.logoMark
	return shown, nil
}

// look is what all requests of an owner show alike.
type look struct {
	agency    onboarding.Agency
	requester string
	logoMark  string
	seen      sqldb.Sight
}

// looks keeps them while they are in sight: when many links of one agency are
// opened at once, each reads its own row alone.
type looks struct {
	mu      sync.RWMutex
	byOwner map[[2]string]*look // and agency
}

// maxLooks bounds them.
const maxLooks = 1000

func (l *looks) of(ctx context.Context, db *sqldb.DB, agency, owner string) (*look, error) {
	key := [2]string{agency, owner}
	l.mu.RLock()
	kept, known := l.byOwner[key]
	l.mu.RUnlock()
	if known && db.InSight(kept.seen) {
		return kept, nil
	}
	fresh, err := readLook(ctx, db, agency, owner)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.byOwner) >= maxLooks {
		clear(l.byOwner)
	}
	l.byOwner[key] = fresh
	return fresh, nil
}

func readLook(ctx context.Context, db *sqldb.DB, agency, owner string) (*look, error) {
	var suspended, length int64
	var end []byte
	read := &look{seen: db.Sight()}
	a := &read.agency
	err := db.GlanceRow(ctx, lookOfOwner, agency, owner).
		Scan(&a.Name, &suspended, &a.Brand.On, &a.Brand.Company, &a.Brand.Colour, &a.Brand.ReplyTo, &a.Brand.ShowRequester, &length, &end, &read.requester)
	a.ID, a.Suspended, read.logoMark = agency, suspended != 0, logoMark(length, end)
	return read, err
}

// Logo gives an agency's logo while it is the one with this mark.
func (s *Store) Logo(ctx context.Context, agency, mark string) ([]byte, error) {
	var logo, end []byte
	var length int64
	err := s.db.GlanceRow(ctx, logoOfAgency, agency).Scan(&logo, &length, &end)
	if err := missing(err, "reading a logo"); err != nil {
		return nil, err
	}
	if now := logoMark(length, end); now == "" || subtle.ConstantTimeCompare([]byte(now), []byte(mark)) != 1 {
		return nil, fmt.Errorf("reading a logo: %w", onboarding.ErrNotFound)
	}
	return logo, nil
}

// LogoMark is what Shown.LogoMark is for a logo that was read whole.
func LogoMark(logo []byte) string {
	return logoMark(int64(len(logo)), logo[max(0, len(logo)-48):])
}

func logoMark(length int64, end []byte) string {
	if length == 0 {
		return ""
	}
	digest := sha256.Sum256(fmt.Appendf(end, " %d", length))
	return hex.EncodeToString(digest[:logoMarkBytes])
}

// Skips lists what is not provided for a request, and why.
func (s *Store) Skips(ctx context.Context, request string) ([]onboarding.Skip, error) {
	list, err := sqldb.Glance(ctx, s.db, func(r scanner) (onboarding.Skip, error) {
		var skip onboarding.Skip
		err := r.Scan(&skip.Service, &skip.Reason)
		return skip, err
	}, `SELECT service, reason FROM skips WHERE request = $1 ORDER BY service`, request)
	if err != nil {
		return nil, fmt.Errorf("listing what is skipped: %w", err)
	}
	return list, nil
}

// OpenSignIn gives a sign-in that nobody came back from yet, and leaves it.
func (s *Store) OpenSignIn(ctx context.Context, stateHash []byte) (SignIn, error) {
	i := SignIn{StateHash: stateHash}
	err := s.db.GlanceRow(ctx, `SELECT visit, connection, platform, extra, until_ms FROM signins WHERE state_hash = $1 AND until_ms > $2`, stateHash, s.Now()).
		Scan(&i.Visit, &i.Connection, &i.Platform, &i.Extra, &i.Until)
	return i, missing(err, "finding a sign-in")
}
