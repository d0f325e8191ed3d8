// Package meta is the driver for Facebook's ad accounts and Pages: signing in,
// listing what can be shared, sharing it with an agency's Business Manager, and
// from the agency's side assigning and checking it.
//
// A client's token is short-lived and never exchanged for a long-lived one.
//
// Documentation:
// https://developers.facebook.com/docs/business-management-apis
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
package meta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// scopes are the scopes of a sign-in: what sharing ad accounts and Pages needs,
// and for an agency also what running ads needs. Never pages_manage_metadata:
// the ads use case does not offer it.
// https://developers.facebook.com/documentation/development/permissions.md
func scopes(agency bool) []string {
	asked := []string{"business_management", "ads_management", "pages_show_list", "pages_read_engagement"}
	if agency {
		asked = append(asked, "pages_manage_ads")
	}
	return asked
}

// tasks are the maximum that an agency gets: no billing, no ownership.
func tasks(level onboarding.AccessLevel) []string {
	if level == onboarding.LevelView {
		return []string{"ANALYZE"}
	}
	return []string{"ADVERTISE", "ANALYZE"}
}

// tasksParameter encodes tasks for Graph: as JSON.
func tasksParameter(tasks []string) string {
	text, _ := json.Marshal(tasks) // a list of strings always encodes
	return string(text)
}

// The settings' names: a configuration of Facebook Login for Business for
// clients, and optionally another one for agencies.
const (
	settingConfig       = "CONFIG_ID"
	settingAgencyConfig = "AGENCY_CONFIG_ID"
)

// Settings are the operator's settings for the app at Meta.
func Settings() []platform.Setting {
	number := "a number, as the configuration's page shows it"
	return []platform.Setting{
		{Name: settingConfig, Form: number, Valid: isNumber},
		{Name: settingAgencyConfig, Form: number, Valid: isNumber},
		{
			Name:  settingVersion,
			Form:  "a version of the Graph API from " + versionText(oldest) + " on, like " + versionText(oldest+1),
			Valid: func(value string) bool { return readVersion(value) >= oldest },
		},
	}
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// Hub is the driver without an app secret.
type Hub struct{ graph graph }

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Endpoints) (*Hub, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    []string{graphHost},
		Override: addresses.API,
		Timeout:  addresses.Timeout,
		Route:    addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Meta: %w", err)
	}
	return &Hub{graph{client: client, version: &apiVersion{}}}, nil
}

// Relay is the driver with the app's secret.
type Relay struct {
	*Hub
	oauth platform.OAuth
}

// NewForRelay builds the relay's driver.
func NewForRelay(app platform.App) (*Relay, error) {
	hub, err := NewForHub(app.Endpoints)
	if err != nil {
		return nil, err
	}
	hub.graph.appSecret = app.ClientSecret
	hub.UseVersion(app.Settings[settingVersion])
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    []string{graphHost},
		Override: app.Token,
		Timeout:  app.Timeout,
		Route:    app.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Meta: %w", err)
	}
	return &Relay{hub, platform.OAuth{
		App: app,
		Endpoint: oauth2.Endpoint{
			AuthURL: hub.graph.version.dialog(), TokenURL: hub.graph.version.base() + "oauth/access_token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
		Client: client,
	}}, nil
}

// Platform is Meta.
func (h *Hub) Platform() onboarding.Platform { return onboarding.Meta }

// UsesPKCE is false: Facebook's challenge does not replace the app secret.
func (r *Relay) UsesPKCE() bool { return false }

// Ping asks whether Facebook answers.
func (r *Relay) Ping(ctx context.Context) error { return r.oauth.Ping(ctx) }

// Address is Facebook's dialog, GET /dialog/oauth. Rerequest sends
// auth_type=rerequest, which shows the choice of Pages, accounts and
// permissions again; without it Facebook does not ask again for what was
// declined. Cancelling returns error=access_denied. An app with Login for
// Business sends the id of a configuration instead of scopes.
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
// https://developers.facebook.com/documentation/facebook-login/facebook-login-for-business
func (r *Relay) Address(start platform.SignInStart) string {
	asked := oauth2.SetAuthURLParam("scope", strings.Join(scopes(start.Agency), ","))
	if config := r.config(start.Agency); config != "" {
		asked = oauth2.SetAuthURLParam("config_id", config)
	}
	more := []oauth2.AuthCodeOption{asked}
	if start.Rerequest {
		more = append(more, oauth2.SetAuthURLParam("auth_type", "rerequest"))
	}
	return r.oauth.Address(platform.SignInStart{State: start.State, Redirect: start.Redirect}, more...)
}

// The dialog's own codes.
const (
	dialogAppRefused = "1349" // begins the codes for an app that the dialog does not serve
	dialogDenied     = 200
	dialogCancelled  = 4201
)

// ReadCallbackError interprets Facebook's own callback errors. Who declines
// comes back with error=access_denied, error_code=200 and
// error_reason=user_denied. What Facebook itself refuses comes as error_code
// and error_message, without error. The codes 1349… are about the app: it is
// not active or in development (1349126), not open to the public (1349186,
// 1349220), or its callback URL is not registered (1349048, 1349168). The
// others are those of the Graph API.
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
func (r *Relay) ReadCallbackError(query url.Values) *platform.Failure {
	text := query.Get("error_code")
	code, err := strconv.Atoi(text)
	failure := &platform.Failure{PlatformCode: text, Err: errors.New("an error came back from Facebook")}
	switch {
	case strings.HasPrefix(text, dialogAppRefused):
		failure.Code = catalog.AppNotApproved
		return failure
	case err != nil || query.Get("error") != "":
		return nil
	case code == dialogDenied, code == dialogCancelled, query.Get("error_reason") == "user_denied":
		return &platform.Failure{Code: catalog.SignInCancelled, Err: failure.Err}
	}
	switch failure.Code = meaningOf(graphError{Code: code}); failure.Code {
	case catalog.PlatformDown, catalog.PlatformBusy, catalog.TemporarilyBlocked, catalog.TwoFactorNeeded,
		catalog.AppNotApproved, catalog.AgencySide:
		return failure
	}
	failure.Code = catalog.Unexpected
	return failure
}

// config is the configuration id of a sign-in; empty: the app uses classic
// Login.
func (r *Relay) config(agency bool) string {
	settings := r.oauth.App.Settings
	if own := settings[settingAgencyConfig]; agency && own != "" {
		return own
	}
	return settings[settingConfig]
}

// Exchange redeems a code for the person's short-lived token, POST
// /oauth/access_token, reads the user, GET /me, and the granted scopes, GET
// /me/permissions. The token lives for the returned seconds, an hour or two.
// There is no lasting credential: the lasting access is between the Business
// Managers.
//
// A used or expired code (100) is SignInTooLate, an app that Facebook refuses
// (190) AgencySide, an unticked permission PermissionUnticked.
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
func (r *Relay) Exchange(ctx context.Context, back platform.SignInReturn) (platform.Grant, error) {
	back.Verifier = onboarding.Secret{}
	tokens, err := r.oauth.Exchange(ctx, back)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.SignInTooLate)
	}
	grant := platform.Grant{Access: onboarding.NewSecret(tokens.AccessToken), Expires: r.oauth.App.Ends(tokens.ExpiresIn)}
	if err := r.graph.get(ctx, caller{
		token: grant.Access,
	}, "me", url.Values{"fields": {"id,name"}}, &grant.Account); err != nil {
		return platform.Grant{}, err
	}
	if grant.Account.ID == "" {
		return platform.Grant{}, platform.Down(errors.New("nobody's id came for the new token"))
	}
	grant.User = grant.Account.Name
	return grant, r.checkScopes(ctx, caller{token: grant.Access}, scopes(back.Agency))
}

// checkScopes compares the granted scopes with the requested ones: GET
// /me/permissions lists each as granted, declined or expired.
// https://developers.facebook.com/docs/graph-api/reference/user/permissions/
func (h *Hub) checkScopes(ctx context.Context, by caller, asked []string) error {
	type permission struct {
		Permission string `json:"permission"`
		Status     string `json:"status"`
	}
	permissions, err := list[permission](ctx, h.graph, by, "me/permissions", nil)
	if err != nil {
		return err
	}
	var granted []string
	for _, p := range permissions {
		if p.Status == "granted" {
			granted = append(granted, p.Permission)
		}
	}
	if missing := platform.Missing(asked, granted); len(missing) > 0 {
		return &platform.Failure{
			Code: catalog.PermissionUnticked,
			Err:  fmt.Errorf("not granted: %s", strings.Join(missing, " ")),
		}
	}
	return nil
}

// Extend exchanges an agency's own token for a long-lived one of about sixty
// days, POST /oauth/access_token with fb_exchange_token; it lives for the
// returned seconds. A client's token is never extended. An expired token cannot
// be exchanged: 190, SignInEnded or a similar Failure. There is no refresh
// token. The credential includes the appsecret_proof, so that a hub can call
// with it.
// https://developers.facebook.com/documentation/facebook-login/guides/access-tokens/get-long-lived
func (r *Relay) Extend(ctx context.Context, access onboarding.Secret) (platform.Grant, error) {
	request, err := platform.Form(ctx, r.graph.version.base()+"oauth/access_token", url.Values{
		"grant_type": {"fb_exchange_token"}, "client_id": {r.oauth.App.ClientID},
		"client_secret": {r.oauth.App.ClientSecret.Reveal()}, "fb_exchange_token": {access.Reveal()},
	})
	if err != nil {
		return platform.Grant{}, err
	}
	var long struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	if err := r.graph.ask(r.oauth.Client, request, &long); err != nil {
		return platform.Grant{}, err
	}
	if long.AccessToken == "" {
		return platform.Grant{}, platform.Down(errors.New("the exchange gave no token"))
	}
	grant := platform.Grant{Access: onboarding.NewSecret(long.AccessToken), Expires: r.oauth.App.Ends(long.ExpiresIn)}
	grant.Credential = platform.Credential{
		Kind: platform.Token, Secret: grant.Access, Ends: onboarding.TimestampOf(grant.Expires),
		AppProof: proofOf(r.oauth.App.ClientSecret, grant.Access),
	}
	return grant, nil
}

// refusal interprets a refusal of the token endpoint.
func refusal(err error, otherwise catalog.FailureCode) error {
	reply, replied := platform.TokenReply(err)
	if !replied {
		return platform.Down(err)
	}
	failure := platform.AsFailure(failed(reply))
	switch {
	case failure.Code == catalog.Unexpected:
		failure.Code = otherwise // 100: the code was used, or has expired
	case failure.Code.EndsSignIn():
		failure.Code = catalog.AgencySide // here 190 means the app, not a user
	case bytes.Contains(reply.Body, []byte(wrongSecret)):
		failure.Code = catalog.AgencySide // by its code alone, 1, Facebook would be down
	}
	return failure
}

// wrongSecret is what Facebook says of a client secret that is not the app's.
const wrongSecret = "validating client secret"

// Businesses lists the Business Managers of the token's user with the role in
// each, GET /me/business_users: no other edge has it. Without
// business_management Graph refuses (10, 200 to 299): AppNotApproved.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business-user
func (r *Relay) Businesses(ctx context.Context, access onboarding.Secret) ([]onboarding.Business, error) {
	users, err := list[businessUser](ctx, r.graph, caller{token: access}, "me/business_users",
		url.Values{"fields": {"id,name,role,business{id,name}"}})
	if err != nil {
		return nil, err
	}
	var businesses []onboarding.Business
	for _, user := range users {
		businesses = append(businesses, onboarding.Business{
			ID:    user.Business.ID,
			Name:  user.Business.Name,
			Admin: user.admin(),
			User:  user.ID,
		})
	}
	return businesses, nil
}

// Role reads the role of the credential's user in a Business Manager.
func (h *Hub) Role(
	ctx context.Context, credential platform.Credential, business string,
) (platform.BusinessRole, error) {
	users, err := h.memberships(ctx, callerOf(credential))
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(users, func(u businessUser) bool { return u.Business.ID == business })
	switch {
	case at < 0:
		return platform.RoleNone, nil
	case users[at].admin():
		return platform.RoleAdmin, nil
	case users[at].Role == "":
		return platform.RoleUnknown, nil
	}
	return platform.RoleOther, nil
}

type businessUser struct {
	ID       string             `json:"id"`
	Role     string             `json:"role"`
	Business onboarding.Account `json:"business"`
}

// admin ignores case: Graph writes the role in two ways.
func (u businessUser) admin() bool { return strings.EqualFold(u.Role, "admin") }

// mayBeAdmin is admin where Facebook tells the role.
func (u businessUser) mayBeAdmin() bool { return u.admin() || u.Role == "" }
