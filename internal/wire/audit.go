package wire

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// ReadAudit reads the history of a request as a hash chain.
var ReadAudit = Method[ReadAuditParams, ReadAuditResult]{Path: "/api/v1/read-audit"}

// AcceptHistory records that a main user accepts that a restored relay has lost entries of a
// request's history.
var AcceptHistory = Method[AcceptHistoryParams, RequestResult]{
	Path: "/api/v1/accept-history", Auth: AuthMainUser,
}

// AcceptHistoryParams names the last entry that was lost by its code.
type AcceptHistoryParams struct {
	Request string `json:"request"`
	Code    string `json:"code"`
}

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
