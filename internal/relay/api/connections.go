package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"net/url"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// connections are an agency's own sign-ins.
type connections struct{ *core }

// startTTL is how long a start address waits for its browser.
const startTTL = 5 * time.Minute

// startConnection returns an address for the system browser, bound to the
// device's challenge.
func (s *connections) startConnection(
	ctx context.Context, p wire.StartConnectionParams,
) (wire.StartConnectionResult, error) {
	c := principalFrom(ctx)
	if err := validateID("id", p.ID); err != nil {
		return wire.StartConnectionResult{}, err
	}
	if raw, err := base64.RawURLEncoding.Strict().DecodeString(p.Challenge); err != nil || len(raw) != sha256.Size {
		return wire.StartConnectionResult{}, onboarding.Invalid("challenge", "This is not a challenge.")
	}
	if err := validateLoopback(p.Loopback); err != nil {
		return wire.StartConnectionResult{}, err
	}
	driver, err := s.driverOf(p.Platform)
	if err != nil {
		return wire.StartConnectionResult{}, err
	}
	if _, signsIn := driver.(platform.SignIn); !signsIn {
		return wire.StartConnectionResult{}, onboarding.ErrNotOffered
	}
	code := onboarding.NewSecret(store.NewID())
	until := s.store.Now().Add(startTTL)
	err = s.store.Connections.Start(ctx, store.PendingConnection{
		ID: p.ID, Agency: c.Agency.ID, Member: c.Member.ID, Device: c.Device.ID, Platform: p.Platform,
		Challenge: p.Challenge, Loopback: p.Loopback, StartHash: s.keys.HashCode(code), Expires: until,
	})
	if err != nil {
		return wire.StartConnectionResult{}, err
	}
	return wire.StartConnectionResult{Address: s.public.String() + "/connect/" + code.Reveal(), Until: until}, nil
}

// validateLoopback takes only the hub's own listener on the same computer.
func validateLoopback(address string) error {
	wrong := onboarding.Invalid("loopback", "The way back has to be on this computer.")
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" || u.User != nil || u.Port() == "" || u.RawQuery != "" || u.Fragment != "" ||
		len(address) > 200 {
		return wrong
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.IsLoopback() {
		return wrong
	}
	return nil
}

// finishConnection releases the token to the device that started: the code
// that reached its loopback address, and the verifier of its challenge.
func (s *connections) finishConnection(
	ctx context.Context, p wire.FinishConnectionParams,
) (wire.FinishConnectionResult, error) {
	c := principalFrom(ctx)
	challenge := oauth2.S256ChallengeFromVerifier(p.Verifier.Secret().Reveal())
	f, err := s.store.Connections.Finish(ctx, c.Agency.ID, c.Device.ID, p.ID, s.keys.HashCode(p.Code.Secret()), challenge)
	if err != nil {
		return wire.FinishConnectionResult{}, err
	}
	result := wire.FinishConnectionResult{Connection: f.Connection, Items: f.Accounts, LeftOut: f.LeftOut}
	for _, delivery := range f.Deliveries {
		result.Deliveries = append(result.Deliveries, delivered(delivery))
	}
	return result, nil
}

func (s *connections) endConnection(ctx context.Context, p wire.ConnectionParams) (wire.Empty, error) {
	x, err := s.visibleConnection(ctx, p.ID)
	if err != nil {
		return wire.Empty{}, err
	}
	c := principalFrom(ctx)
	if !c.Member.MayManage(x.Member) {
		return wire.Empty{}, onboarding.ErrForbidden
	}
	return wire.Empty{}, s.store.Connections.End(ctx, c.Agency.ID, x.ID)
}
