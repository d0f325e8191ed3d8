package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// ReadAudit reads the history of a request as a hash chain.
var ReadAudit = Method[ReadAuditParams, ReadAuditResult]{Path: "/api/v1/read-audit"}

// ReadAuditParams asks for the entries after a number; zero: from the first.
type ReadAuditParams struct {
	Request string `json:"request"`
	After   int64  `json:"after"`
}

// MaxAuditEntries bounds the entries of one result. Fewer are the last ones.
const MaxAuditEntries = 500

// ReadAuditResult has the head of the chain, and its entries by their numbers.
type ReadAuditResult struct {
	Chain onboarding.AuditChain `json:"chain"`
}
