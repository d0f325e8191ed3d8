//go:build !quick

package platforms

import "github.com/latchkeyhq/latchkey/internal/onboarding"

func mailchimpRehearsal() rehearsal {
	p := rehearsal{
		service:  onboarding.Mailchimp,
		presses:  []string{"Allow", "Marta Lindqvist"},
		other:    []string{"Allow", "Priya Nair"},
		accounts: 1,
		identities: []change{
			{"no role to connect with", set("role", "viewer")},
			{"an author's", set("role", "author")},
			{"no data centre", set("dc", nil)},
			{"a data centre that is a list", set("dc", []string{"us6"})},
			{"no address", set("api_endpoint", nil)},
			{"an error beside all else", set("error", "invalid_token")},
		},
	}
	for _, dc := range []string{
		"us6.evil.example/", "us6/", "us6.", ".us6", "us6@evil", "us6#", "us6?", "us6:443", "6us", "us", "US6", "us6\x00",
		"us6 ", "üs6", "127.0.0.1", "us6\\", "us6%2e",
	} {
		p.identities = append(p.identities, change{"the data centre " + dc, set("dc", dc)})
	}
	for _, address := range []string{
		"http://us6.api.mailchimp.com", "https://us6.api.mailchimp.com.evil.example", "https://evil.example",
		"https://127.0.0.1", "https://us6.api.mailchimp.com@evil.example",
		"https://us6.api.mailchimp.com:8443", "//us6.api.mailchimp.com", "us6.api.mailchimp.com",
		"https://a.b.api.mailchimp.com", "https://[::1]", "",
	} {
		p.identities = append(p.identities, change{"the address " + address, set("api_endpoint", address)})
	}
	return p
}
