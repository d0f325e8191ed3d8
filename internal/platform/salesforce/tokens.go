package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// forgetWithin bounds the revocation of an unusable grant.
const forgetWithin = 10 * time.Second

// Exchange redeems a code for the organisation's Grant, POST
// /services/oauth2/token at the target, and reads the identity URL and the
// organisation. A code lives 15 minutes. The access token's lifetime is the
// organisation's session policy, which is not returned; the refresh token is
// the credential, with the address of the organisation's API.
//
// A used or expired code is SignInTooLate, an app that is not installed
// AdminMustInstall, a deactivated user or organisation UserInactive, one
// without the API NoAPIAccess, a blocked network address AgencySide. After such
// a failure it revokes the grant.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm
func (r *Relay) Exchange(ctx context.Context, back platform.SignInReturn) (platform.Grant, error) {
	tokens, err := r.at(targetHost(back.Target)).Exchange(ctx, back)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.SignInTooLate)
	}
	grant, err := r.granted(tokens)
	if err != nil {
		return platform.Grant{}, err
	}
	if err := r.describe(ctx, &grant, tokens); err != nil {
		r.forget(ctx, grant)
		return platform.Grant{}, err
	}
	return grant, nil
}

// Renew gets an access token, POST /services/oauth2/token with refresh_token at
// the organisation. Salesforce rotates the refresh token: the new one is the
// credential, and using the old one again revokes the grant. The response may
// name another address of the organisation, which replaces the old one. A
// refused token is CredentialRefused: revoked, uninstalled, idle for too long,
// or used before. A deactivated user or organisation is UserInactive.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_refresh_token_flow.htm
// https://developer.salesforce.com/docs/platform/isvforce/guide/secure-code-ac-eca.html
func (r *Relay) Renew(ctx context.Context, credential platform.Credential) (platform.Grant, error) {
	address, err := instance(credential.Address)
	if err != nil {
		return platform.Grant{}, &platform.Failure{Code: catalog.Unexpected, Err: fmt.Errorf("renewing: %w", err)}
	}
	tokens, err := r.at(strings.TrimPrefix(address, "https://")).Renew(ctx, credential.Secret)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.CredentialRefused)
	}
	grant, err := r.granted(tokens)
	if err != nil {
		// The new token must be returned nevertheless: without it the grant is
		// lost.
		grant = platform.Grant{
			Access: onboarding.NewSecret(tokens.AccessToken),
			Credential: platform.Credential{
				Kind:    platform.RefreshToken,
				Secret:  onboarding.NewSecret(tokens.RefreshToken),
				Address: address,
			},
		}
	}
	return grant, nil
}

// granted converts tokens. It fails if the response has no address of
// Salesforce.
func (r *Relay) granted(tokens *oauth2.Token) (platform.Grant, error) {
	named, _ := tokens.Extra("instance_url").(string)
	address, err := instance(named)
	if err != nil {
		return platform.Grant{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  fmt.Errorf("reading the organisation's address: %w", err),
		}
	}
	return platform.Grant{
		Access:  onboarding.NewSecret(tokens.AccessToken),
		Expires: r.app.Ends(tokens.ExpiresIn),
		Credential: platform.Credential{
			Kind:    platform.RefreshToken,
			Secret:  onboarding.NewSecret(tokens.RefreshToken),
			Address: address,
		},
	}, nil
}

// forget revokes an unusable grant, so that it does not count among the five
// that a user can give an app. It does not retry.
func (r *Relay) forget(ctx context.Context, grant platform.Grant) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), forgetWithin)
	defer cancel()
	secret := grant.Credential.Secret
	if secret.Empty() {
		secret = grant.Access
	}
	_, _ = r.revoke(ctx, grant.Credential.Address, secret) // otherwise the token expires by itself
}

// describe adds the tokens' user and organisation, and fails if they are
// unusable.
func (r *Relay) describe(ctx context.Context, grant *platform.Grant, tokens *oauth2.Token) error {
	if granted, named := tokens.Extra("scope").(string); named {
		have := strings.Fields(strings.NewReplacer("offline_access", "refresh_token", "full", "full api").Replace(granted))
		if missing := platform.Missing(scopes(), have); len(missing) > 0 {
			return &platform.Failure{
				Code:         catalog.AgencySide,
				PlatformCode: "missing_scope",
				Err:          fmt.Errorf("the app lacks: %s", strings.Join(missing, " ")),
			}
		}
	}
	if grant.Credential.Empty() {
		return &platform.Failure{
			Code:         catalog.AgencySide,
			PlatformCode: "no_refresh_token",
			Err:          errors.New("the app gives no refresh token"),
		}
	}
	id, _ := tokens.Extra("id").(string)
	address, organisation, err := identity(id, grant.Credential.Address)
	if err != nil {
		return &platform.Failure{Code: catalog.Unexpected, Err: fmt.Errorf("reading who signed in: %w", err)}
	}
	user, err := r.user(ctx, address, grant.Access)
	if err != nil {
		return err
	}
	account, err := r.organisation(ctx, grant.Credential.Address, grant.Access)
	if errors.Is(err, errNameHidden) {
		account, err = hiddenName(organisation, grant.Credential.Address), nil
	}
	if err != nil {
		return err
	}
	if !sameID(account.ID, organisation) {
		return &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("the tokens are of another organisation than the identity"),
		}
	}
	grant.Account, grant.User = account, user
	grant.Detail = strings.TrimPrefix(grant.Credential.Address, "https://") + " · " + user
	return nil
}

// errNameHidden is the definite answer that a user's profile may not read the
// object Organization. Its access works all the same.
var errNameHidden = errors.New("the user may not read the organisation")

// isNameHidden reports whether a reply is errNameHidden, and no other refusal.
func isNameHidden(reply platform.Reply) bool {
	if reply.Status != http.StatusForbidden && reply.Status != http.StatusBadRequest {
		return false
	}
	refused := code(reply)
	return strings.HasPrefix(refused, "INSUFFICIENT_ACCESS") || refused == "INVALID_TYPE"
}

// hiddenName is an organisation whose name its user may not read: the address of its
// My Domain, or its id.
func hiddenName(id, address string) onboarding.Account {
	account := onboarding.Account{ID: longID(id)}
	if account.Name = strings.TrimPrefix(address, "https://"); !strings.HasSuffix(account.Name, ownDomain) {
		account.Name = organisationWord + account.ID
	}
	return account
}

// organisationWord stands before the id of an organisation without a name.
const organisationWord = "Organisation "

// longID adds the three check characters that an id with 15 characters lacks: each
// marks which of five characters are capitals.
// https://help.salesforce.com/s/articleView?id=000385585
func longID(id string) string {
	const length, alphabet = 15, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	if len(id) != length {
		return id
	}
	long := []byte(id)
	for start := 0; start < length; start += 5 {
		capitals := 0
		for i, c := range []byte(id[start : start+5]) {
			if c >= 'A' && c <= 'Z' {
				capitals |= 1 << i
			}
		}
		long = append(long, alphabet[capitals])
	}
	return string(long)
}

// sameID compares two ids, ignoring the optional three check characters.
func sameID(a, b string) bool { return a[:15] == b[:15] }

// user reads who signed in, GET /id/{organisation}/{user}, with the scope api
// or id. It refuses a token with 403 and a word, or 401.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid.htm
func (r *Relay) user(ctx context.Context, address string, access onboarding.Secret) (string, error) {
	reply, err := r.get(ctx, address, access)
	if err != nil {
		return "", err
	}
	if reply.Status != http.StatusOK {
		return "", answered(reply)
	}
	var about struct {
		Username string `json:"username"`
	}
	if err := reply.JSON(&about); err != nil {
		return "", err
	}
	if about.Username == "" {
		return "", &platform.Failure{Code: catalog.Unexpected, Err: errors.New("the identity has no username")}
	}
	return about.Username, nil
}

// organisation reads the organisation, GET /services/data/v60.0/query: its id
// with 18 characters and its name. Two users of one organisation are one
// account. A user whose profile may not read it is errNameHidden.
// https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_organization.htm
// https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_query.htm
func (r *Relay) organisation(
	ctx context.Context, address string, access onboarding.Secret,
) (onboarding.Account, error) {
	const query = "SELECT Id,Name,OrganizationType,IsSandbox FROM Organization"
	reply, err := r.get(ctx, address+"/services/data/"+version+"/query?"+url.Values{"q": {query}}.Encode(), access)
	if err != nil {
		return onboarding.Account{}, err
	}
	if isNameHidden(reply) {
		return onboarding.Account{}, errNameHidden
	}
	if reply.Status != http.StatusOK {
		return onboarding.Account{}, answered(reply)
	}
	var result struct {
		Records []struct {
			ID        string `json:"Id"`
			Name      string `json:"Name"`
			IsSandbox bool   `json:"IsSandbox"`
		} `json:"records"`
	}
	if err := reply.JSON(&result); err != nil {
		return onboarding.Account{}, err
	}
	if len(result.Records) != 1 || !isID(result.Records[0].ID, "00D") || len(result.Records[0].ID) != 18 {
		return onboarding.Account{}, &platform.Failure{
			Code: catalog.Unexpected,
			Err:  errors.New("the organisation has no id"),
		}
	}
	one := result.Records[0]
	if one.Name == "" {
		one.Name = organisationWord + one.ID
	}
	if one.IsSandbox {
		one.Name += " (sandbox)"
	}
	return onboarding.Account{ID: one.ID, Name: one.Name}, nil
}
