package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/credentials"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// RelayState is the result of probing an address.
type RelayState string

// The results of probing an address.
const (
	RelayFound       RelayState = "found"
	RelayElsewhere   RelayState = "elsewhere"   // a relay with another public address
	RelaySilent      RelayState = "silent"      // no reply
	RelayOther       RelayState = "other"       // the reply is not a relay's
	RelayCertificate RelayState = "certificate" // its TLS certificate is not valid for the name
	RelayInspected   RelayState = "inspection"  // its TLS certificate is of an authority that is not known here
	RelayClock       RelayState = "clock"       // its TLS certificate is not valid at this computer's time
	RelayProxy       RelayState = "proxy"       // a proxy of this network wants a sign-in
	RelayGateway     RelayState = "gateway"     // what is in front of the relay has no answer of it
	RelayTooNew      RelayState = "too_new"     // this program must be updated first
	RelayBusy        RelayState = "busy"        // a relay that is temporarily unavailable
)

// RelayProbe describes what was found at an address.
type RelayProbe struct {
	State    RelayState `json:"state"`
	Address  string     `json:"address"` // the relay's public address, where it publishes one
	Operator string     `json:"operator"`
}

// probeTimeout bounds a probe.
const probeTimeout = 8 * time.Second

// FindRelay probes an address before enrolment. It sends nothing about the user
// or this computer. An invalid address is an InvalidError.
func (h *Hub) FindRelay(ctx context.Context, address string) (RelayProbe, error) {
	if err := h.config.CheckRelay(address); err != nil {
		return RelayProbe{}, err
	}
	client, err := wire.NewClient(wire.ClientConfig{
		Relay: address, Version: h.config.Version, Timeout: probeTimeout, Route: h.config.Route,
	})
	if err != nil {
		return RelayProbe{}, err
	}
	base, err := wire.RelayAddress(address)
	if err != nil {
		return RelayProbe{}, err
	}
	at := RelayProbe{State: RelayFound, Address: base}
	result, err := wire.Call(ctx, client, wire.Probe, wire.Empty{})
	switch obstacle := wire.ObstacleOf(err); {
	case err == nil && result.Address == "":
		at.State = RelayOther
	case err == nil:
		at.Operator = result.Operator
		if own, err := wire.RelayAddress(result.Address); err == nil && own != base {
			at.State, at.Address = RelayElsewhere, own
		}
	case errors.Is(err, onboarding.ErrUpdateNeeded):
		at.State = RelayTooNew
	case obstacle != "":
		at.State = stateOf(obstacle)
	default:
		at.State = RelayBusy
	}
	return at, nil
}

// stateOf is the result of a probe that did not reach a relay.
func stateOf(obstacle wire.Obstacle) RelayState {
	switch obstacle {
	case wire.ObstacleSilence:
		return RelaySilent
	case wire.ObstacleInspection:
		return RelayInspected
	case wire.ObstacleCertificate:
		return RelayCertificate
	case wire.ObstacleClock:
		return RelayClock
	case wire.ObstacleProxy:
		return RelayProxy
	case wire.ObstacleGateway:
		return RelayGateway
	}
	return RelayOther
}

// enrolment is an enrolment in progress. Its key is in the keychain under its
// id, so that the same code can be sent again after a lost reply.
type enrolment struct {
	ID      string `json:"id"`
	Address string `json:"address"`
	Public  string `json:"public"`
}

// Enrol makes this computer a device of the member for whom the code was
// issued. After a lost reply, call it again with the same code. A computer that
// has lost its key enrols again and keeps its outbox; a working computer gets
// ErrConflict.
func (h *Hub) Enrol(ctx context.Context, address string, code onboarding.Secret, computerName string) error {
	h.enrolling.Lock()
	defer h.enrolling.Unlock()
	if err := h.requireEnrollable(ctx); err != nil {
		return err
	}
	base, err := wire.RelayAddress(address)
	if err != nil {
		return err
	}
	if err := h.config.CheckRelay(base); err != nil {
		return err
	}
	name, err := onboarding.ValidateName("name", computerName, onboarding.MaxName, "Enter a name for this computer.")
	if err != nil {
		return err
	}
	if code.Empty() {
		return onboarding.Invalid("code", "Enter the code.")
	}
	trying, key, err := h.prepareEnrolment(ctx, base)
	if err != nil {
		return err
	}
	client, err := wire.NewClient(wire.ClientConfig{Relay: base, Version: h.config.Version, Route: h.config.Route})
	if err != nil {
		return err
	}
	enrolled, err := wire.Call(ctx, client, wire.Enrol, wire.EnrolParams{
		Code: wire.NewSecretText(code), PublicKey: trying.Public, Name: name,
	})
	if err != nil {
		return err
	}
	if err := h.adoptDevice(ctx, enrolled, trying, key); err != nil {
		return err
	}
	if err := h.deleteEnrolmentKey(ctx, trying.ID); err != nil {
		h.log.Warn("the key of the enrolment is still under its first name, too", "error", err)
	}
	h.Replica.Publish(replica.Change{All: true, Session: true, Agency: true})
	signal(h.syncCh)
	return nil
}

// requireEnrollable refuses a computer that is enrolled, or is still being
// wiped.
func (h *Hub) requireEnrollable(ctx context.Context) error {
	switch h.session.Info().State {
	case session.NotEnrolled, session.EnrolAgain:
		return nil
	case session.Revoked:
		wiped, err := replica.ReadMetadata(ctx, h.Replica.DB(), replica.MetaRevoked)
		if err != nil || wiped == "" {
			return errors.Join(err, fmt.Errorf("enrolling: this computer is still being wiped: %w", onboarding.ErrBusy))
		}
		return nil
	}
	return fmt.Errorf("enrolling: this computer is enrolled: %w", onboarding.ErrConflict)
}

// adoptDevice makes this computer the device that the relay has enrolled. The data
// and credentials of another member are deleted.
func (h *Hub) adoptDevice(
	ctx context.Context, enrolled wire.EnrolResult, trying enrolment, key onboarding.Secret,
) error {
	before := h.session.Identity()
	id := session.Identity{
		Address:   trying.Address,
		Relay:     enrolled.Relay,
		Agency:    enrolled.Agency.ID,
		Member:    enrolled.Member.ID,
		Device:    enrolled.Device.ID,
		PublicKey: trying.Public,
	}
	same := before.Relay == id.Relay && before.Agency == id.Agency && before.Member == id.Member
	if !same {
		if err := requireEmptyOutbox(ctx, h.Replica.DB()); err != nil {
			return err
		}
		if before.Device != "" {
			if err := h.Credentials.WipeKeychain(ctx, before); err != nil {
				return err
			}
		}
	}
	if err := h.Credentials.SaveDevice(ctx, id, credentials.DeviceSecrets{
		Key:   key.Reveal(),
		Token: enrolled.Token.Secret().Reveal(),
	}); err != nil {
		return err
	}
	return h.saveIdentity(ctx, id, enrolled, same)
}

// prepareEnrolment begins an enrolment at a relay, or resumes an interrupted
// one.
func (h *Hub) prepareEnrolment(ctx context.Context, base string) (enrolment, onboarding.Secret, error) {
	var trying enrolment
	if err := replica.ReadMetadataJSON(ctx, h.Replica.DB(), replica.MetaEnrolling, &trying); err != nil {
		return trying, onboarding.Secret{}, err
	}
	if trying.Address == base {
		key, err := h.config.Keychain.Get(ctx, enrolmentKeyName(trying.ID))
		if err == nil {
			return trying, key, nil
		}
		if !errors.Is(err, keychain.ErrNotFound) {
			return trying, onboarding.Secret{}, fmt.Errorf("reading the key of the enrolment: %w", err)
		}
	}
	key, public, err := seal.NewKey()
	if err != nil {
		return trying, onboarding.Secret{}, fmt.Errorf("making this computer's key: %w", err)
	}
	old := trying.ID
	trying = enrolment{ID: rand.Text(), Address: base, Public: public}
	if err := h.Replica.Update(
		ctx, func(tx *replica.Tx) error { return tx.WriteMetadataJSON(ctx, replica.MetaEnrolling, trying) },
	); err != nil {
		return trying, onboarding.Secret{}, err
	}
	if err := h.config.Keychain.Set(ctx, enrolmentKeyName(trying.ID), key); err != nil {
		return trying, onboarding.Secret{}, fmt.Errorf("keeping the key of the enrolment: %w", err)
	}
	if old != "" {
		_ = h.deleteEnrolmentKey(ctx, old) // the key was never used
	}
	return trying, key, nil
}

// requireEmptyOutbox refuses to join another agency while entries are queued.
func requireEmptyOutbox(ctx context.Context, db *sqldb.DB) error {
	waiting, refused, err := replica.CountOutbox(ctx, db)
	if err != nil {
		return err
	}
	if waiting+refused == 0 {
		return nil
	}
	agency, err := replica.ReadAgency(ctx, db)
	if err != nil {
		return err
	}
	return onboarding.Invalid("code", fmt.Sprintf("This code is for somebody else. %d changes for %s were not sent yet: "+
		"enrol with a code of theirs, or leave that agency first.",
		waiting+refused, agency.CompanyName()))
}

// saveIdentity stores the identity and resets the cursor, so that everything is
// read again. The outbox stays.
func (h *Hub) saveIdentity(ctx context.Context, id session.Identity, enrolled wire.EnrolResult, same bool) error {
	err := h.Replica.Update(ctx, func(tx *replica.Tx) error {
		if !same {
			if err := tx.Clear(ctx); err != nil {
				return err
			}
		}
		for _, name := range []string{replica.MetaCursor, replica.MetaEnrolling, replica.MetaRevoked, replica.MetaWiping} {
			if err := tx.DeleteMetadata(ctx, name); err != nil {
				return err
			}
		}
		if err := tx.WriteMetadataJSON(ctx, replica.MetaIdentity, id); err != nil {
			return err
		}
		if err := tx.WriteMetadataJSON(ctx, replica.MetaAgency, enrolled.Agency); err != nil {
			return err
		}
		tx.Self = replica.Self{Member: id.Member, Device: id.Device}
		if err := tx.StoreMember(ctx, enrolled.Member); err != nil {
			return err
		}
		return tx.StoreDevice(ctx, enrolled.Device)
	})
	if err != nil {
		return fmt.Errorf("keeping who this computer is: %w", err)
	}
	h.session.Enrol(id)
	h.Credentials.Forget()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.askedRelay = 0
	return nil
}

// Leave revokes this computer, if the relay is reachable, and wipes it in any
// case, the outbox included. SessionInfo reports beforehand how many entries
// that loses.
func (h *Hub) Leave(ctx context.Context) error {
	h.enrolling.Lock()
	defer h.enrolling.Unlock()
	id, client, err := h.session.Client()
	if id.Device == "" {
		return nil
	}
	if err == nil {
		if _, err = wire.Call(ctx, client, wire.Revoke, wire.DeviceParams{ID: id.Device}); err != nil {
			h.log.Warn("the relay does not know yet that this computer has left", "error", err)
		}
	}
	h.session.Revoke()
	if err := h.Sync(ctx); err != nil {
		return err
	}
	if err := h.Replica.Update(
		ctx, func(tx *replica.Tx) error { return tx.DeleteMetadata(ctx, replica.MetaRevoked) },
	); err != nil {
		return err
	}
	h.session.Leave()
	h.Replica.Publish(replica.Change{All: true, Session: true})
	return nil
}

func enrolmentKeyName(attempt string) string { return "enrolling/" + attempt }

// deleteEnrolmentKey removes an enrolment's key from the keychain. A missing
// key is no error.
func (h *Hub) deleteEnrolmentKey(ctx context.Context, attempt string) error {
	err := h.config.Keychain.Delete(ctx, enrolmentKeyName(attempt))
	if err != nil && !errors.Is(err, keychain.ErrNotFound) {
		return fmt.Errorf("removing the key of an enrolment from the keychain: %w", err)
	}
	return nil
}
