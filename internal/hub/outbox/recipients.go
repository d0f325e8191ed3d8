package outbox

import (
	"context"
	"errors"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// RecipientsParams is what stands in the field of recipients of a request.
type RecipientsParams struct {
	ID     string   `json:"id"`     // of the request
	Texts  []string `json:"texts"`  // as typed or pasted, each one or several addresses
	Failed []string `json:"failed"` // addresses that an email did not reach
}

// RecipientVerdict is whether an entry can be sent to.
type RecipientVerdict string

// The verdicts on an entry of the field of recipients.
const (
	RecipientValid     RecipientVerdict = "valid"
	RecipientInvalid   RecipientVerdict = "invalid"
	RecipientDuplicate RecipientVerdict = "duplicate" // of the list, or of whom the request was sent to
	RecipientFailed    RecipientVerdict = "failed"    // an email to it was refused before
)

// TypedRecipient is one entry of the field of recipients.
type TypedRecipient struct {
	Address string           `json:"address"` // as it is stored; what is none: as it was typed
	Verdict RecipientVerdict `json:"verdict"`
	Message string           `json:"message"` // what is wrong with it beside not being a full address; may be empty
}

// ReadRecipients takes the field of recipients apart and checks each entry as
// Send does. It changes nothing.
func (o *Outbox) ReadRecipients(ctx context.Context, p RecipientsParams) ([]TypedRecipient, error) {
	request, err := replica.ReadRequestState(ctx, o.config.Replica.DB(), p.ID)
	if err != nil {
		return nil, err
	}
	taken, failed := map[string]bool{}, map[string]bool{}
	for _, to := range request.Recipients {
		taken[onboarding.AddressKey(to.Address)] = true
	}
	for _, address := range p.Failed {
		failed[onboarding.AddressKey(address)] = true
	}
	list := []TypedRecipient{}
	for _, text := range p.Texts {
		for _, entry := range onboarding.SplitAddresses(text) {
			read := readRecipient(entry)
			key := onboarding.AddressKey(read.Address)
			switch {
			case read.Verdict == RecipientInvalid:
			case failed[key]:
				read.Verdict = RecipientFailed
			case taken[key]:
				read.Verdict = RecipientDuplicate
			}
			taken[key] = taken[key] || read.Verdict == RecipientValid
			list = append(list, read)
		}
	}
	return list, nil
}

func readRecipient(entry string) TypedRecipient {
	address, err := onboarding.ValidateAddress("recipients", entry)
	if err == nil {
		return TypedRecipient{Address: address, Verdict: RecipientValid}
	}
	read := TypedRecipient{Address: entry, Verdict: RecipientInvalid}
	var invalid *onboarding.InvalidError
	if errors.As(err, &invalid) && invalid.MessageID != "invalid.address" {
		read.Message = invalid.Message
	}
	return read
}
