package doctor

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// checkMailServer signs in at the mail server and names the sender, without an email.
func checkMailServer(ctx context.Context, c Config) []Finding {
	if c.Sender == nil {
		return nil
	}
	line := Finding{
		Check: "mail server", State: OK,
		Text: "The mail server lets the relay in, and takes emails from " + c.From + ".",
	}
	if err := c.Sender.Ready(ctx); err != nil {
		line.State, line.Text = Failed, "The mail server does not take emails now. "+reasonOf(err)
		line.Fix = "See LATCHKEY_SMTP, its password and LATCHKEY_MAIL_FROM, and that port 587 or 465 is open to the outside."
	}
	return []Finding{line}
}

// checkTestEmail sends one email to whom the operator names.
func checkTestEmail(ctx context.Context, c Config) []Finding {
	if c.Sender == nil || c.SendTo == "" {
		return nil
	}
	_, domain, _ := strings.Cut(c.From, "@")
	err := c.Sender.Send(ctx, &mail.Message{
		ID: fmt.Sprintf("doctor-%d@%s", c.Now().UnixNano(), domain), Date: onboarding.TimestampOf(c.Now()),
		From: netmail.Address{Name: "Latchkey", Address: c.From}, To: c.SendTo, Automatic: true,
		Subject: "A test of your Latchkey relay",
		Text: "This email was sent by `latchkey-relay doctor`. Save it with all its headers, and run\n" +
			"`latchkey-relay doctor --received FILE`: it says whether SPF, DKIM and DMARC hold.\n",
		HTML: "<p>This email was sent by <code>latchkey-relay doctor</code>. Save it with all its headers, and run " +
			"<code>latchkey-relay doctor --received FILE</code>: it says whether SPF, DKIM and DMARC hold.</p>",
	})
	line := Finding{
		Check: "test email", State: OK, Text: "The mail server took the test email to " + c.SendTo + ".",
		Fix: "See that it arrives, and not as spam. Saved with its headers, --received reads it.",
	}
	if err != nil {
		line.State, line.Text = Failed, "The test email was not taken. "+reasonOf(err)
		line.Fix = "Mend what the mail server says."
	}
	return []Finding{line}
}

// reasonOf is what the mail server replied, or why it did not.
func reasonOf(err error) string {
	var refused *mail.RefusedError
	var deferred *mail.DeferredError
	switch {
	case errors.As(err, &refused) && refused.Reply != "":
		return "It replied: " + refused.Reply
	case errors.As(err, &deferred) && deferred.Reply != "":
		return "It replied: " + deferred.Reply
	case errors.As(err, &deferred):
		return "It did not answer while " + deferred.Doing + "."
	}
	return "It is not known whether it did."
}
