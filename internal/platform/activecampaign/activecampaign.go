// Package activecampaign is the driver for ActiveCampaign, which knows no
// sign-in for apps: an address and a key, tried for real.
//
// Facts: https://developers.activecampaign.com/reference/authentication
package activecampaign

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// hosts are the names under which accounts have their API.
func hosts() []string { return []string{".api-us1.com", ".activehosted.com"} }

// Driver is the same on both sides: there is no app, and so no secret of one.
type Driver struct{ client *http.Client }

// New builds the driver.
func New(addresses platform.Endpoints) (*Driver, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    hosts(),
		Override: addresses.API,
		Timeout:  addresses.Timeout,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for ActiveCampaign: %w", err)
	}
	return &Driver{client}, nil
}

// Platform is ActiveCampaign.
func (d *Driver) Platform() onboarding.Platform { return onboarding.ActiveCampaign.Platform() }

// NormalizeAddress makes the API's address out of what somebody copied: the address
// itself with or without its path. One of the app that the account's name can
// be read from, or one without https, is offered as a Suggestion and never just
// taken.
func (d *Driver) NormalizeAddress(typed string) (string, error) {
	text := strings.Join(strings.Fields(typed), "")
	scheme, rest, found := strings.Cut(text, "://")
	if !found {
		scheme, rest = "https", text
	}
	u, err := url.Parse("https://" + rest)
	if err != nil || u.User != nil || u.Host == "" || u.Port() != "" && u.Port() != "443" {
		return "", &platform.Failure{Code: catalog.AddressUnknown}
	}
	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if account, under := strings.CutSuffix(host, ".app-us1.com"); under &&
		platform.Allowed(hosts(), account+".api-us1.com") {
		return "", &platform.Failure{Code: catalog.AddressOfApp, Suggestion: "https://" + account + ".api-us1.com"}
	}
	if !platform.Allowed(hosts(), host) {
		return "", &platform.Failure{Code: catalog.AddressUnknown}
	}
	address := "https://" + host
	switch strings.Trim(u.Path, "/") {
	case "", "api", "api/3":
	default: // a page of the app, copied from the browser's address bar
		return "", &platform.Failure{Code: catalog.AddressOfApp, Suggestion: address}
	}
	if !strings.EqualFold(scheme, "https") {
		return "", &platform.Failure{Code: catalog.AddressNotHTTPS, Suggestion: address}
	}
	return address, nil
}

// VerifyKey asks ActiveCampaign whose key it is, and whether that user may see
// contacts or lists. An account is named by its host's first label: the same
// account under both of its hosts is one. A key that is not accepted is
// KeyRefused, one whose user sees neither KeySeesNothing, what is not the API's
// address AddressUnknown. A key has no end of its own: it goes with its user, or
// when it is reset.
// https://developers.activecampaign.com/reference/authentication
func (d *Driver) VerifyKey(ctx context.Context, address string, key onboarding.Secret) (platform.Grant, error) {
	corrected, err := d.NormalizeAddress(address)
	if err != nil {
		return platform.Grant{}, err
	}
	trimmed := strings.Join(strings.Fields(key.Reveal()), "")
	if trimmed == "" ||
		strings.IndexFunc(trimmed, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) >= 0 {
		return platform.Grant{}, &platform.Failure{Code: catalog.KeyRefused}
	}
	credential := platform.Credential{Kind: platform.Key, Secret: onboarding.NewSecret(trimmed), Address: corrected}
	user, err := d.me(ctx, credential)
	if err != nil {
		return platform.Grant{}, err
	}
	if d.seesNothing(ctx, credential) {
		return platform.Grant{}, &platform.Failure{Code: catalog.KeySeesNothing, PlatformCode: "403"}
	}
	host := strings.TrimPrefix(corrected, "https://")
	account, _, _ := strings.Cut(host, ".")
	return platform.Grant{
		Credential: credential,
		Account:    onboarding.Account{ID: account, Name: account},
		Detail:     host,
		User:       user,
	}, nil
}

// seesNothing says whether a good key's user is refused contacts and lists. One
// of the two is enough; an account that is busy has said nothing.
func (d *Driver) seesNothing(ctx context.Context, credential platform.Credential) bool {
	for _, what := range []string{contacts, lists} {
		if _, err := d.total(ctx, credential, what); err == nil || platform.AsFailure(err).Code != catalog.KeyRefused {
			return false
		}
	}
	return true
}
