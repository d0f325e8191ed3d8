// Package activecampaign is the driver for ActiveCampaign, which has no OAuth:
// an address and a key, verified with calls.
//
// It never calls a host outside of ActiveCampaign's API domains.
//
// Documentation:
// https://developers.activecampaign.com/reference/authentication
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

// hosts are the domains of accounts' APIs.
func hosts() []string { return []string{".api-us1.com", ".activehosted.com"} }

// Driver is the same for hub and relay: there is no app and no app secret.
type Driver struct{ client *http.Client }

// New builds the driver.
func New(addresses platform.Endpoints) (*Driver, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    hosts(),
		Override: addresses.API,
		Timeout:  addresses.Timeout,
		Route:    addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for ActiveCampaign: %w", err)
	}
	return &Driver{client}, nil
}

// Platform is ActiveCampaign.
func (d *Driver) Platform() onboarding.Platform { return onboarding.ActiveCampaign.Platform() }

// NormalizeAddress returns the API's address for the entered text: with or
// without a path. An address of the app that contains the account's name, or
// one without https, becomes a Suggestion, which the user must accept.
func (d *Driver) NormalizeAddress(typed string) (string, error) {
	text := strings.Join(strings.Fields(onboarding.TrimPasted(typed)), "")
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
	default: // a page of the app
		return "", &platform.Failure{Code: catalog.AddressOfApp, Suggestion: address}
	}
	if !strings.EqualFold(scheme, "https") {
		return "", &platform.Failure{Code: catalog.AddressNotHTTPS, Suggestion: address}
	}
	return address, nil
}

// VerifyKey reads the key's user, and whether that user may read contacts or
// lists. The account's id is the host's first label, which is the same under
// both domains. A rejected key is KeyRefused, one without either right
// KeySeesNothing, a foreign host AddressUnknown, an account that ActiveCampaign
// stopped AccountUnpaid. A key does not expire: it is
// valid until it is reset or its user is deleted.
// https://developers.activecampaign.com/reference/authentication
func (d *Driver) VerifyKey(ctx context.Context, address string, key onboarding.Secret) (platform.Grant, error) {
	corrected, err := d.NormalizeAddress(address)
	if err != nil {
		return platform.Grant{}, err
	}
	trimmed := strings.Join(strings.Fields(onboarding.TrimPasted(key.Reveal())), "")
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

// seesNothing reports whether a valid key's user may read neither contacts nor
// lists. An overloaded account counts as no.
func (d *Driver) seesNothing(ctx context.Context, credential platform.Credential) bool {
	for _, what := range counted() {
		if _, err := d.total(ctx, credential, what); err == nil || platform.AsFailure(err).Code != catalog.KeyRefused {
			return false
		}
	}
	return true
}
