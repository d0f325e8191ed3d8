package api

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/sealing"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// credentials are renewed here, and end here.
type credentials struct {
	*core
	owner    store.LeaseOwner
	renewals renewals
}

// How long a renewal may hold its lease, and how long the platform may take
// within it.
const (
	renewalLease   = 2 * time.Minute
	renewalCall    = time.Minute
	storeTimeout   = 10 * time.Minute // how long storing a rotated credential is retried
	releaseTimeout = 15 * time.Second // and a lease to be given back; then it runs out
)

// renewCredential gets an access token. The relay is the only one who renews:
// so a rotating credential never has two writers.
func (s *credentials) renewCredential(
	ctx context.Context, p wire.RenewCredentialParams,
) (wire.RenewCredentialResult, error) {
	i, err := s.visibleItem(ctx, p.Item)
	if err != nil {
		return wire.RenewCredentialResult{}, err
	}
	if i.State == onboarding.ItemEnded || i.Withdrawn != 0 && !p.Ending {
		return wire.RenewCredentialResult{}, onboarding.ErrConflict
	}
	driver, err := s.driverOf(i.Service.Platform())
	if err != nil {
		return wire.RenewCredentialResult{}, err
	}
	refresh := p.Refresh.Secret()
	known, err := s.knownCredential(ctx, i, p, driver)
	if err != nil {
		return wire.RenewCredentialResult{}, err
	}
	switch {
	case p.Version < known.Version:
		return wire.RenewCredentialResult{}, onboarding.ErrStaleVersion
	case p.Version > known.Version || !s.keys.VerifyRefreshHash(known.RefreshHash, i.ID, refresh):
		return wire.RenewCredentialResult{}, onboarding.ErrForbidden
	}
	renewer, err := s.renewerOf(ctx, driver, s.targetOf(ctx, i, p.Version+1))
	if err != nil {
		return wire.RenewCredentialResult{}, err
	}
	by := s.owner.Lease(store.NewID())
	defer s.renewals.begin(i.ID)()
	err = s.store.Credentials.Lease(ctx, i.ID, p.Version, by, s.store.Now().Add(renewalLease))
	switch {
	case errors.Is(err, onboarding.ErrBusy), errors.Is(
		err, onboarding.ErrStaleVersion,
	), errors.Is(err, onboarding.ErrNotFound):
		return wire.RenewCredentialResult{}, err
	case err != nil: // a commit whose answer was lost may have taken it
		s.releaseLease(ctx, i.ID, by, false)
		return wire.RenewCredentialResult{}, err
	}
	// From here on the call may end: a rotated token must be stored.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewalLease)
	defer cancel()
	held := platform.Credential{Kind: platform.RefreshToken, Secret: refresh, Address: p.Address}
	answer, err := s.renew(ctx, renewer, i, p.Version, held, by)
	s.recordRenewal(ctx, i, known.IsFailing, err)
	return answer, err
}

// refusesRenewal reports whether an error is the platform's definite word about the client's
// access. A gateway's answer is none, and a refusal of the relay's own app is not about them.
func (s *credentials) refusesRenewal(service onboarding.Service, err error) bool {
	var f *platform.Failure
	if !errors.As(err, &f) || f.Bare {
		return false
	}
	switch catalog.ScopeOf(s.catalog, f.Code, service, f.PlatformCode) {
	case catalog.ScopeItem, catalog.ScopeSignIn:
		return true
	}
	return false
}

// recordRenewal records in the history that the platform refuses to renew a credential, or
// does it again.
func (s *credentials) recordRenewal(ctx context.Context, i onboarding.Item, failing bool, cause error) {
	refused := s.refusesRenewal(i.Service, cause)
	if refused == failing || cause != nil && !refused {
		return
	}
	err := s.store.Credentials.RecordRenewal(ctx, principalFrom(ctx).Agency.ID, i.ID, refused)
	if err != nil && !errors.Is(err, onboarding.ErrNotFound) { // deleted meanwhile
		s.log.Warn("recording a renewal in the history", "item", i.ID, "error", err)
	}
}

// knownCredential is what the relay has of an item's credential. A version that it has
// lost, as after a restore, it takes from a hub that can prove it.
func (s *credentials) knownCredential(
	ctx context.Context, i onboarding.Item, p wire.RenewCredentialParams, driver platform.Driver,
) (store.Credential, error) {
	agency, refresh := principalFrom(ctx).Agency.ID, p.Refresh.Secret()
	known, err := s.store.Credentials.Get(ctx, i.ID)
	if lost := errors.Is(err, onboarding.ErrNotFound); (lost || err == nil && p.Version > known.Version) &&
		s.keys.VerifyVersionProof(p.Proof, agency, i.ID, p.Version, refresh) {
		return s.store.Credentials.Adopt(ctx, agency, i.ID, store.Credential{
			Version:     p.Version,
			RefreshHash: s.keys.RefreshHash(i.ID, refresh),
			IdleLimit:   sealing.IdleLimit(driver),
		})
	}
	return known, err
}

// renewerOf returns what renews at a platform. The platform may rotate the credential,
// so there has to be a device for the next one.
func (s *credentials) renewerOf(
	ctx context.Context, driver platform.Driver, next sealing.Target,
) (platform.Renewer, error) {
	renewer, able := driver.(platform.Renewer)
	if !able {
		return nil, onboarding.ErrNotOffered
	}
	if err := s.sealer.RequireEntitledDevice(ctx, next); err != nil {
		return nil, fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
	}
	return renewer, nil
}

func (s *credentials) renew(
	ctx context.Context, renewer platform.Renewer, i onboarding.Item, version int64, held platform.Credential, by string,
) (wire.RenewCredentialResult, error) {
	call, cancel := context.WithTimeout(ctx, renewalCall)
	defer cancel()
	grant, err := renewer.Renew(call, held)
	if err != nil {
		s.releaseLease(ctx, i.ID, by, false)
		return wire.RenewCredentialResult{}, fmt.Errorf("renewing the credential of item %s: %w", i.ID, err)
	}
	answer := wire.RenewCredentialResult{
		Access: wire.NewSecretText(grant.Access), Expires: onboarding.TimestampOf(grant.Expires), Version: version,
	}
	if grant.Credential.Empty() || grant.Credential.Secret.Reveal() == held.Secret.Reveal() &&
		grant.Credential.Address == held.Address {
		s.releaseLease(ctx, i.ID, by, true)
		return answer, nil
	}
	answer.Version = version + 1
	return answer, s.storeRotated(ctx, renewer, i, answer.Version, grant.Credential)
}

// storeRotated seals and stores the next version of a credential. The platform
// accepts only this one by now, so a database that fails is retried for a while,
// also after the call has ended.
func (s *credentials) storeRotated(
	ctx context.Context, renewer platform.Renewer, i onboarding.Item, version int64, lasting platform.Credential,
) error {
	save := func(ctx context.Context) error {
		deliveries, hash, err := s.sealer.Seal(ctx, s.targetOf(ctx, i, version), lasting)
		if err != nil {
			return err
		}
		renewed := store.Credential{
			Version:     version,
			RefreshHash: hash,
			IdleLimit:   onboarding.Timestamp(renewer.IdleLimit().Milliseconds()),
		}
		return s.store.Credentials.StoreRenewed(ctx, principalFrom(ctx).Agency.ID, i.ID, renewed, deliveries)
	}
	err := save(ctx)
	if err == nil || errors.Is(err, onboarding.ErrConflict) || errors.Is(err, onboarding.ErrNotFound) {
		return err
	}
	s.log.Error("storing a renewed credential: retrying", "item", i.ID, "error", err)
	end := s.renewals.begin(i.ID)
	go func() {
		defer end()
		if !retry(ctx, storeTimeout, save) {
			s.log.Error("lost a renewed credential: its account has to be connected again", "item", i.ID)
		}
	}()
	return fmt.Errorf("%w: %w", onboarding.ErrUnavailable, err)
}

// releaseLease ends the lease of a credential. A database that fails is retried for
// a while: until the lease ends no device can renew.
func (s *credentials) releaseLease(ctx context.Context, item, by string, renewed bool) {
	agency := principalFrom(ctx).Agency.ID
	free := func(ctx context.Context) error {
		err := s.store.Credentials.Release(ctx, agency, item, by, renewed)
		if errors.Is(err, onboarding.ErrNotFound) { // deleted, with its lease
			return nil
		}
		return err
	}
	err := free(context.WithoutCancel(ctx))
	if err == nil {
		return
	}
	s.log.Warn("releasing a credential: trying again", "item", item, "error", err)
	s.renewals.release(func() { retry(ctx, releaseTimeout, free) })
}

// retry does something until it works or the time is over, also after the
// caller has gone.
func retry(ctx context.Context, limit time.Duration, do func(context.Context) error) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	defer cancel()
	_, err := backoff.Retry(ctx, func() (struct{}, error) { return struct{}{}, do(ctx) },
		backoff.WithBackOff(&backoff.ExponentialBackOff{
			InitialInterval: time.Second, MaxInterval: time.Minute, Multiplier: 2, RandomizationFactor: 0.2,
		}), backoff.WithMaxElapsedTime(0)) // the context ends it
	return err == nil
}

// targetOf are the devices for a later version of an item's credential.
func (s *credentials) targetOf(ctx context.Context, i onboarding.Item, version int64) sealing.Target {
	return sealing.Target{
		Agency: principalFrom(ctx).Agency.ID, Of: i.Ownership(), Renewal: true,
		Request: i.Request, Subject: i.ID, OfItem: true, Account: i.Account, Version: version,
	}
}

// reportAccess stores what a hub's check found, if nothing newer is stored.
func (s *credentials) reportAccess(ctx context.Context, p wire.ReportAccessParams) (wire.ReportAccessResult, error) {
	i, err := s.visibleItem(ctx, p.Item)
	if err != nil {
		return wire.ReportAccessResult{}, err
	}
	switch p.Access.State {
	case onboarding.AccessWorks, onboarding.AccessWaiting, onboarding.AccessBroken:
	default:
		return wire.ReportAccessResult{}, onboarding.Invalid("access", "A check finds that it works, waits or is broken.")
	}
	if len(p.Access.Failure) > 64 || len(p.Access.Code) > 64 || len(p.Tasks) > 20 {
		return wire.ReportAccessResult{}, onboarding.Invalid("access", "This is longer than a check's outcome.")
	}
	for _, task := range p.Tasks {
		if len(task) > 64 || task == "" || strings.Contains(task, ",") {
			return wire.ReportAccessResult{}, onboarding.Invalid("tasks", "This is not a task.")
		}
	}
	if err := onboarding.ValidateCapabilities("access", p.Access.Capabilities); err != nil {
		return wire.ReportAccessResult{}, err
	}
	access, err := s.store.Items.ReportAccess(ctx, principalFrom(ctx).Agency.ID, i.ID, store.AccessReport{
		Access:     p.Access,
		Tasks:      p.Tasks,
		EmailOwner: catalog.FailureCode(p.Access.Failure) == catalog.AgencySide,
	})
	return wire.ReportAccessResult{Access: access}, err
}
