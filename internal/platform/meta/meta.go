// Package meta is the driver for Facebook's ad accounts and Pages: signing in,
// listing what can be shared, sharing it with an agency's Business Manager, and
// from the agency's side assigning it and trying whether it works.
//
// A client's token is used while it is short-lived and never exchanged for a
// long one. Facts: https://developers.facebook.com/docs/business-management-apis
// and https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
package meta

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// version is the Graph API's, everywhere.
const version = "v25.0"

const (
	graphHost = "graph.facebook.com"
	graphBase = "https://" + graphHost + "/" + version + "/"
	dialog    = "https://www.facebook.com/" + version + "/dialog/oauth"
)

// scopes are what sharing ad accounts and Pages needs, and running ads with them.
func scopes() []string {
	return []string{"business_management", "ads_management", "pages_show_list", "pages_read_engagement", "pages_manage_metadata"}
}

// tasks are what an agency gets, and never more: no billing, no ownership.
func tasks(level onboarding.AccessLevel) []string {
	if level == onboarding.LevelView {
		return []string{"ANALYZE"}
	}
	return []string{"ADVERTISE", "ANALYZE"}
}

// tasksParameter is a list of tasks as Graph takes it: as JSON.
func tasksParameter(tasks []string) string {
	text, _ := json.Marshal(tasks) // a list of strings can always be written
	return string(text)
}

// Settings are what an operator can set for the app at Meta.
func Settings() []platform.Setting {
	return []platform.Setting{{Name: "CONFIG_ID", Form: "a number, as the configuration's page shows it", Valid: isNumber}}
}

func isNumber(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// Hub is the driver without an app secret.
type Hub struct{ graph graph }

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Addresses) (*Hub, error) {
	client, err := platform.NewGuard(platform.GuardConfig{Hosts: []string{graphHost}, Instead: addresses.API, Timeout: addresses.Timeout})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Meta: %w", err)
	}
	return &Hub{graph{client: client}}, nil
}

// Relay is the driver with the app's secret.
type Relay struct {
	*Hub
	oauth platform.OAuth
}

// NewForRelay builds the relay's driver.
func NewForRelay(app platform.App) (*Relay, error) {
	hub, err := NewForHub(app.Addresses)
	if err != nil {
		return nil, err
	}
	hub.graph.appSecret = app.ClientSecret
	client, err := platform.NewGuard(platform.GuardConfig{Hosts: []string{graphHost}, Instead: app.Token, Timeout: app.Timeout})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Meta: %w", err)
	}
	return &Relay{hub, platform.OAuth{
		App:      app,
		Endpoint: oauth2.Endpoint{AuthURL: dialog, TokenURL: graphBase + "oauth/access_token", AuthStyle: oauth2.AuthStyleInParams},
		Client:   client,
	}}, nil
}

// Platform is Meta.
func (h *Hub) Platform() onboarding.Platform { return onboarding.Meta }

// UsesPKCE is false: Facebook's parameters do not replace the app secret.
func (r *Relay) UsesPKCE() bool { return false }

// Address is Facebook's dialog, GET /dialog/oauth. Again sends
// auth_type=rerequest, which reopens its choice of Pages, accounts and
// permissions; without it what was declined once is not asked for again. Who
// cancels comes back with error=access_denied.
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
func (r *Relay) Address(start platform.SignInStart) string {
	more := []oauth2.AuthCodeOption{oauth2.SetAuthURLParam("scope", strings.Join(scopes(), ","))}
	if config := r.oauth.App.Settings["CONFIG_ID"]; config != "" {
		more = append(more, oauth2.SetAuthURLParam("config_id", config))
	}
	if start.Again {
		more = append(more, oauth2.SetAuthURLParam("auth_type", "rerequest"))
	}
	return r.oauth.Address(platform.SignInStart{State: start.State, Redirect: start.Redirect}, more...)
}

// Exchange turns a code into the person's short-lived token, POST
// /oauth/access_token, asks GET /me whose it is, and GET /me/permissions what
// was granted. The token's life is given in seconds, an hour or two. Nothing of
// it lasts: the lasting access is between the Business Managers.
//
// A code that was used or is too old (100) is SignInTooLate, an app that
// Facebook does not take (190) AgencySide, a box left unticked PermissionUnticked.
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow
func (r *Relay) Exchange(ctx context.Context, back platform.SignInReturn) (platform.Grant, error) {
	back.Verifier = onboarding.Secret{}
	tokens, err := r.oauth.Exchange(ctx, back)
	if err != nil {
		return platform.Grant{}, refusal(err, catalog.SignInTooLate)
	}
	grant := platform.Grant{Access: onboarding.NewSecret(tokens.AccessToken), Expires: r.oauth.App.Ends(tokens.ExpiresIn)}
	if err := r.graph.get(ctx, grant.Access, "me", url.Values{"fields": {"id,name"}}, &grant.Account); err != nil {
		return platform.Grant{}, err
	}
	if grant.Account.ID == "" {
		return platform.Grant{}, platform.Down(errors.New("nobody's id came for the new token"))
	}
	grant.User = grant.Account.Name
	return grant, r.checkScopes(ctx, grant.Access)
}

// checkScopes compares what was granted with what was asked: GET
// /me/permissions has each with granted, declined or expired.
// https://developers.facebook.com/docs/graph-api/reference/user/permissions/
func (r *Relay) checkScopes(ctx context.Context, access onboarding.Secret) error {
	type permission struct {
		Permission string `json:"permission"`
		Status     string `json:"status"`
	}
	permissions, err := list[permission](ctx, r.graph, access, "me/permissions", nil)
	if err != nil {
		return err
	}
	var granted []string
	for _, p := range permissions {
		if p.Status == "granted" {
			granted = append(granted, p.Permission)
		}
	}
	if missing := platform.Missing(scopes(), granted); len(missing) > 0 {
		return &platform.Failure{What: catalog.PermissionUnticked, Err: fmt.Errorf("not granted: %s", strings.Join(missing, " "))}
	}
	return nil
}

// Extend exchanges an agency's own token for the one of about sixty days, POST
// /oauth/access_token with fb_exchange_token; its life is given in seconds. A
// client's is never extended. A token that has ended cannot be exchanged: 190,
// SignInEnded. There is no refresh token.
// https://developers.facebook.com/documentation/facebook-login/guides/access-tokens/get-long-lived
func (r *Relay) Extend(ctx context.Context, access onboarding.Secret) (platform.Grant, error) {
	question, err := platform.Form(ctx, graphBase+"oauth/access_token", url.Values{
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
	if err := ask(r.oauth.Client, question, &long); err != nil {
		return platform.Grant{}, err
	}
	if long.AccessToken == "" {
		return platform.Grant{}, platform.Down(errors.New("the exchange gave no token"))
	}
	grant := platform.Grant{Access: onboarding.NewSecret(long.AccessToken), Expires: r.oauth.App.Ends(long.ExpiresIn)}
	grant.Lasting = platform.Credential{Kind: platform.Token, Secret: grant.Access, Ends: onboarding.At(grant.Expires)}
	return grant, nil
}

// refusal reads what the token endpoint refused with.
func refusal(err error, otherwise catalog.FailureCode) error {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return platform.Down(err)
	}
	err = failed(platform.Reply{Status: refused.Response.StatusCode, Header: refused.Response.Header, Body: refused.Body})
	failure := platform.AsFailure(err)
	switch failure.What {
	case catalog.Unexpected:
		failure.What = otherwise // 100: the code was used, or is too old
	case catalog.SignInEnded:
		failure.What = catalog.AgencySide // 190 here means the app, not a person
	}
	return failure
}

// Businesses lists the Business Managers of the token's user with their role
// in each, GET /me/business_users: only that edge tells it. Without
// business_management Graph refuses (10, 200 to 299): AppNotApproved.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/business-user
func (h *Hub) Businesses(ctx context.Context, access onboarding.Secret) ([]onboarding.Business, error) {
	users, err := list[businessUser](ctx, h.graph, access, "me/business_users", url.Values{"fields": {"id,name,role,business{id,name}"}})
	if err != nil {
		return nil, err
	}
	var businesses []onboarding.Business
	for _, user := range users {
		businesses = append(businesses, onboarding.Business{ID: user.Business.ID, Name: user.Business.Name, Admin: user.admin(), User: user.ID})
	}
	return businesses, nil
}

type businessUser struct {
	ID       string             `json:"id"`
	Role     string             `json:"role"`
	Business onboarding.Account `json:"business"`
}

// admin compares without case: Graph writes the role in two ways.
func (u businessUser) admin() bool { return strings.EqualFold(u.Role, "admin") }

// ask makes a call and reads its answer, or what it was refused with.
func ask(client *http.Client, question *http.Request, answer any) error {
	reply, err := platform.Do(client, question)
	if err != nil {
		return err
	}
	if reply.Status != http.StatusOK {
		return failed(reply)
	}
	return reply.JSON(answer)
}
