package pages

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// ReceiptEmail is what became of a receipt's email.
type ReceiptEmail struct {
	State ReceiptEmailState
	At    onboarding.Timestamp // of ReceiptDelayed: it is not sent before
	Ask   string               // where the button that asks for one posts; empty: not offered
}

// ReceiptEmailState is what became of a receipt's email; empty: none was asked for.
type ReceiptEmailState string

// The states of a receipt's email.
const (
	ReceiptQueued     ReceiptEmailState = "queued"
	ReceiptDelayed    ReceiptEmailState = "delayed"    // until At
	ReceiptSent       ReceiptEmailState = "sent"       // their mail server has it
	ReceiptRefused    ReceiptEmailState = "refused"    // their mail server did not take it
	ReceiptLimited    ReceiptEmailState = "limited"    // none is sent: enough went out in the last day
	ReceiptSuppressed ReceiptEmailState = "suppressed" // none is sent: the address asked for no emails
	ReceiptSuspended  ReceiptEmailState = "suspended"  // none is sent: the agency is suspended
)

// IsOnItsWay reports whether the email reaches their inbox, or has.
func (e ReceiptEmail) IsOnItsWay() bool {
	return e.State == ReceiptQueued || e.State == ReceiptDelayed || e.State == ReceiptSent
}

// Status says what became of the email.
func (e ReceiptEmail) Status(r *Renderer) string {
	switch e.State {
	case ReceiptQueued:
		return r.Text("receipt.queued")
	case ReceiptDelayed:
		return r.Text("receipt.delayed", "When", r.catalog.DateTime(e.At))
	case ReceiptSent:
		return r.Text("receipt.sent")
	case ReceiptRefused:
		return r.Text("receipt.refused")
	case ReceiptLimited:
		return r.Text("receipt.limited")
	case ReceiptSuppressed:
		return r.Text("receipt.suppressed")
	case ReceiptSuspended:
		return r.Text("receipt.suspended")
	}
	return ""
}

// Instead says what to do on the receipt's page when no email brings it.
func (e ReceiptEmail) Instead(r *Renderer) string {
	if e.State == ReceiptLimited {
		return r.Text("receipt.print_or_ask")
	}
	return r.Text("receipt.print_instead")
}

// Label is the button that asks for the email.
func (e ReceiptEmail) Label(r *Renderer) string {
	if e.State == "" {
		return r.Text("receipt.email")
	}
	return r.Text("receipt.again")
}
