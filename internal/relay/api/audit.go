package api

import (
	"context"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// audit gives out the histories of requests.
type audit struct{ *core }

func (s *audit) handle(api *wire.Server) {
	wire.Handle(api, wire.ReadAudit, mapDBErrors(s.read))
}

func (s *audit) read(ctx context.Context, p wire.ReadAuditParams) (wire.ReadAuditResult, error) {
	if err := s.requireVisible(ctx, p.Request); err != nil {
		return wire.ReadAuditResult{}, err
	}
	chain, err := s.store.Requests.Audit(ctx, p.Request, p.After, wire.MaxAuditEntries)
	return wire.ReadAuditResult{Chain: chain}, err
}

func (s *requests) acceptHistory(ctx context.Context, p wire.AcceptHistoryParams) (wire.RequestResult, error) {
	if err := s.requireVisible(ctx, p.Request); err != nil {
		return wire.RequestResult{}, err
	}
	if !onboarding.IsAuditCode(p.Code) {
		return wire.RequestResult{}, onboarding.Invalid("code", "This is no code of a history.")
	}
	c := principalFrom(ctx)
	return s.requestResult(ctx)(s.store.Requests.AcceptHistory(ctx, c.Agency.ID, p.Request, c.Member.Name, p.Code))
}
