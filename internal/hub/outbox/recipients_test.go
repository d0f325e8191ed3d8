package outbox

import (
	"slices"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheFieldOfRecipientsIsReadAndCheckedAsSendDoes(t *testing.T) {
	o := offline(t)
	form := RequestForm{Client: "Harbour", Services: []onboarding.Service{onboarding.HubSpot}}
	id, err := o.SaveRequest(t.Context(), form)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Send(t.Context(), id, []string{"kim@bücher.example"}); err != nil {
		t.Fatal(err)
	}
	read, err := o.ReadRecipients(t.Context(), RecipientsParams{
		ID: id,
		Texts: []string{
			"Last, First <a@x.example>; Last, First <B@X.example>", "\u200bb@x.example\ufeff", "kim@XN--BCHER-KVA.example",
			"lee@x.example", "office@harbour", "a\u200bb@x.example", "name@r3---sn.example", "Last", " ",
		},
		Failed: []string{"Lee@x.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	const inside = " has an invisible character inside: zero width space (U+200B). Delete it, or type the address again."
	want := []TypedRecipient{
		{Address: "a@x.example", Verdict: RecipientValid},
		{Address: "B@x.example", Verdict: RecipientValid},
		{Address: "b@x.example", Verdict: RecipientDuplicate},
		{Address: "kim@bücher.example", Verdict: RecipientDuplicate},
		{Address: "lee@x.example", Verdict: RecipientFailed},
		{Address: "office@harbour", Verdict: RecipientInvalid},
		{Address: "a\u200bb@x.example", Verdict: RecipientInvalid, Message: "ab@x.example" + inside},
		{Address: "name@r3---sn.example", Verdict: RecipientValid},
		{Address: "Last", Verdict: RecipientInvalid},
	}
	if !slices.Equal(read, want) {
		t.Errorf("got %+q, want %+q", read, want)
	}
	for _, entry := range read {
		err := o.Send(t.Context(), id, []string{entry.Address})
		if entry.Verdict != RecipientFailed && (err == nil) != (entry.Verdict == RecipientValid) {
			t.Errorf("%+q is %s, and sending to it gives %v", entry.Address, entry.Verdict, err)
		}
	}
}
