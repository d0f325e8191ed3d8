package relay

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// newAPI lists every address for hubs.
func (s *Relay) newAPI() *wire.Server {
	api := wire.NewServer(wire.Config{Authenticate: s.authenticate, MainUser: isMainUser, Log: s.log})

	wire.Handle(api, wire.Probe, served(s.greet))
	wire.Handle(api, wire.Enrol, served(s.enrol))
	wire.Handle(api, wire.ReadRelay, served(s.readRelay))

	wire.Handle(api, wire.InviteMember, served(s.inviteMember))
	wire.Handle(api, wire.ChangeMember, served(s.changeMember))
	wire.Handle(api, wire.RemoveMember, served(s.removeMember))
	wire.Handle(api, wire.IssueCode, served(s.issueCode))
	wire.Handle(api, wire.ListCodes, served(s.listCodes))
	wire.Handle(api, wire.WithdrawCode, served(s.withdrawCode))
	wire.Handle(api, wire.ListDevices, served(s.listDevices))
	wire.Handle(api, wire.ReadDeviceCredentials, served(s.readHoldings))
	wire.Handle(api, wire.Approve, served(s.approve))
	wire.Handle(api, wire.Revoke, served(s.revoke))

	wire.Handle(api, wire.StartConnection, served(s.startConnection))
	wire.Handle(api, wire.FinishConnection, served(s.finishConnection))
	wire.Handle(api, wire.EndConnection, served(s.endConnection))

	wire.Handle(api, wire.PickAssets, served(s.pickAssets))
	wire.Handle(api, wire.PlanAccount, served(s.planAccount))
	wire.Handle(api, wire.SaveAccount, served(s.saveAccount))
	wire.Handle(api, wire.RemoveAccount, served(s.removeAccount))

	wire.Handle(api, wire.SaveRequest, served(s.saveRequest))
	wire.Handle(api, wire.EditRequest, served(s.editRequest))
	wire.Handle(api, wire.ResubmitRequest, served(s.offerRequest))
	wire.Handle(api, wire.SendRequest, served(s.sendRequest))
	wire.Handle(api, wire.ResendRequest, served(s.resendRequest))
	wire.Handle(api, wire.RenewRequest, served(s.renewRequest))
	wire.Handle(api, wire.ReopenRequest, served(s.reopenRequest))
	wire.Handle(api, wire.WithdrawRequest, served(s.withdrawRequest))
	wire.Handle(api, wire.ArchiveRequest, served(s.archiveRequest))
	wire.Handle(api, wire.DeleteClient, served(s.deleteClient))

	wire.Handle(api, wire.ReadChanges, served(s.readChanges))

	wire.Handle(api, wire.ReadDeliveries, served(s.readDeliveries))
	wire.Handle(api, wire.Acknowledge, served(s.acknowledge))
	wire.Handle(api, wire.SealForDevice, served(s.sealForDevice))
	wire.Handle(api, wire.RenewCredential, served(s.renewCredential))
	wire.Handle(api, wire.ReportAccess, served(s.reportAccess))
	wire.Handle(api, wire.ReadSharedGrant, served(s.readSharedGrant))
	wire.Handle(api, wire.EndAccess, served(s.endAccess))

	wire.Handle(api, wire.SaveBrand, served(s.saveBrand))
	wire.Handle(api, wire.SwitchBrand, served(s.switchBrand))
	wire.Handle(api, wire.ProposeReplyTo, served(s.proposeReplyTo))
	wire.Handle(api, wire.ConfirmReplyTo, served(s.confirmReplyTo))
	wire.Handle(api, wire.ShareRequests, served(s.shareRequests))

	wire.HandleStream(api, s.subscribe, heartbeat)
	return api
}

// served makes a database that is away an ErrUnavailable, so that the hub asks
// again, and one that cannot take the question's characters an ErrInvalid.
func served[Q, A any](answer func(context.Context, Q) (A, error)) func(context.Context, Q) (A, error) {
	return func(ctx context.Context, q Q) (A, error) {
		a, err := answer(ctx, q)
		switch {
		case sqldb.IsUnavailable(err):
			err = fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
		case sqldb.IsUnwritable(err):
			err = errors.Join(onboarding.Invalid("", "This has characters that cannot be used here."), err)
		}
		return a, err
	}
}

// routes is the whole relay: hubs under /api/, everything else is the wizard's.
func (s *Relay) routes(clients http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api/", s.api)
	mux.HandleFunc("GET /healthz", s.showHealth)
	mux.Handle("/", clients)
	return securityHeaders(mux, s.public.Scheme == "https")
}

// showHealth says ok while the database answers, and nothing more: whoever
// balances between relays passes over one that cannot serve.
func (s *Relay) showHealth(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var one int
	if err := s.db.QueryRowContext(ctx, `SELECT 1`).Scan(&one); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = w.Write([]byte("not ok\n")) // the caller has gone
		return
	}
	_, _ = w.Write([]byte("ok\n")) // the caller has gone
}

// callerKey is where authenticate leaves who asks.
type callerKey struct{}

// authenticate finds who asks. A row of the database that these keys have not
// signed is nobody.
func (s *Relay) authenticate(ctx context.Context, token onboarding.Secret) (context.Context, error) {
	c, err := s.store.CallerByToken(ctx, keyset.HashToken(token))
	switch {
	case errors.Is(err, onboarding.ErrNotFound):
		return nil, onboarding.ErrUnauthenticated
	case sqldb.IsUnavailable(err):
		return nil, fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
	case err != nil:
		return nil, err
	case !s.keys.VerifyDevice(sealing.SignedDevice(c.Device), c.Device.MAC):
		return nil, onboarding.ErrUnauthenticated
	case c.Device.Revoked != 0, c.Member.Removed != 0:
		return nil, onboarding.ErrRevoked
	case c.Agency.Suspended:
		return nil, onboarding.ErrSuspended
	}
	if c.Device.LastSeen.Since(s.store.Now()) >= 15*time.Minute || c.Device.LastSeen == c.Device.Created {
		if err := s.store.Seen(ctx, c.Device.ID); err != nil && !sqldb.IsUnavailable(err) {
			return nil, err
		}
	}
	return context.WithValue(ctx, callerKey{}, c), nil
}

// caller is who asks, behind authenticate.
func caller(ctx context.Context) store.Caller {
	c, _ := ctx.Value(callerKey{}).(store.Caller) // wire lets nobody through without
	return c
}

func isMainUser(ctx context.Context) bool { return caller(ctx).Member.Role == onboarding.MainUser }

// maySeeOwn says whether a member may see what belongs to the agency itself
// and was connected by owner: they, and the main users.
func maySeeOwn(a onboarding.Agency, m onboarding.Member, owner string) bool {
	return a.MaySee(m, owner) || m.Role == onboarding.MainUser
}

// maySeeItem says whether a member may see an item.
func maySeeItem(a onboarding.Agency, m onboarding.Member, i onboarding.Item) bool {
	if i.Request == "" {
		return maySeeOwn(a, m, i.Owner)
	}
	return a.MaySee(m, i.Owner)
}

// visibleRequest gives a request that the caller may act on. Others do not
// exist for them.
func (s *Relay) visibleRequest(ctx context.Context, id string) (store.Request, error) {
	c := caller(ctx)
	q, err := s.store.PlainRequest(ctx, c.Agency.ID, id)
	if err != nil {
		return store.Request{}, err
	}
	if !c.Agency.MaySee(c.Member, q.Owner) {
		return store.Request{}, onboarding.ErrNotFound
	}
	return q, nil
}

// visibleItem gives an item that the caller may act on.
func (s *Relay) visibleItem(ctx context.Context, id string) (onboarding.Item, error) {
	c := caller(ctx)
	i, err := s.store.Item(ctx, c.Agency.ID, id)
	if err != nil {
		return onboarding.Item{}, err
	}
	if !maySeeItem(c.Agency, c.Member, i) {
		return onboarding.Item{}, onboarding.ErrNotFound
	}
	return i, nil
}

// answered is a request as a hub gets it.
func (s *Relay) answered(q store.Request) (onboarding.Request, error) {
	address, err := s.links.URL(linkTo(q, 0))
	if err != nil {
		return onboarding.Request{}, err
	}
	q.Link, q.Proof = address.Reveal(), s.keys.RequestProof(accepted(q))
	return q.Request, nil
}

// accepted is what the proof of a request covers.
func accepted(q store.Request) keyset.Request {
	return keyset.Request{
		Agency: q.Agency, ID: q.ID, Owner: q.Owner, Connection: q.Connection, User: q.FacebookUser, Business: q.Business,
		Services: q.Services, Kinds: q.Kinds, Level: q.Level, LinkID: q.LinkID,
	}
}

func (s *Relay) requestAnswer(q store.Request, err error) (wire.RequestResult, error) {
	if err != nil {
		return wire.RequestResult{}, err
	}
	answer, err := s.answered(q)
	return wire.RequestResult{Request: answer}, err
}

// checkID refuses what a hub would not make as an id.
func checkID(field, id string) error {
	if id == "" || len(id) > 64 || strings.Trim(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return onboarding.Invalid(field, "This is not an id.")
	}
	return nil
}
