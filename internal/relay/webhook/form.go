package webhook

import (
	"net/url"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// ValidateFor returns a typed address for news of a form, or an InvalidError that says what
// to do: Slack's addresses are known, and take nothing but Slack's form.
// https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
func (s *Sender) ValidateFor(form onboarding.WebhookForm, typed string) (onboarding.Secret, error) {
	address, err := s.Validate(typed)
	if err != nil {
		return address, err
	}
	return address, s.CheckForm(form, address)
}

// CheckForm is ValidateFor of an address that is known.
func (s *Sender) CheckForm(form onboarding.WebhookForm, address onboarding.Secret) error {
	u, err := url.Parse(address.Reveal())
	if err != nil {
		return onboarding.Invalid("address", "Paste the whole address; it begins with https://.")
	}
	host := strings.ToLower(u.Hostname())
	ofSlack := host == "hooks.slack.com" || host == "hooks.slack-gov.com"
	switch {
	case form != onboarding.WebhookSlack && ofSlack:
		return onboarding.Invalid("address", "This is an address of Slack. Choose Slack above, or paste another one.")
	case form != onboarding.WebhookSlack || s.isOwnComputer(u):
		return nil
	case ofSlack && (strings.HasPrefix(u.Path, "/triggers/") || strings.HasPrefix(u.Path, "/workflows/")):
		return onboarding.Invalid("address", "This address starts a workflow of Slack, which does not read news. Make an "+
			"incoming webhook in Slack: its address looks like https://hooks.slack.com/services/T…/B…/….")
	case !ofSlack || !isSlackPath(u.Path):
		return onboarding.Invalid("address", "This is no address of a webhook of Slack. It looks like "+
			"https://hooks.slack.com/services/T…/B…/…. For another service choose Your own program.")
	}
	return nil
}

// isSlackPath reports whether a path is /services/ and a workspace, an app and a secret.
func isSlackPath(path string) bool {
	parts := strings.Split(strings.Trim(path, "/"), "/")
	return len(parts) == 4 && parts[0] == "services" && !strings.Contains(path, "//")
}
