// Package salesforce is the driver for Salesforce: asking for the sign-in host,
// signing in there with an app that an admin of the client has installed,
// renewing with a rotating refresh token, and checking which records can be
// read and written.
//
// It never calls a URL that the platform returned: only its validated host.
package salesforce

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	production = "login.salesforce.com"
	sandboxes  = "test.salesforce.com"
	ownDomain  = ".my.salesforce.com"

	// version is the lowest API version with all of the calls.
	version = "v60.0"

	// idleLimit is the shortest lifetime of an unused refresh token that an
	// organisation can set.
	// https://help.salesforce.com/s/articleView?id=xcloud.connected_app_limit_idle_ttl.htm
	idleLimit = 30 * 24 * time.Hour

	installURL = "INSTALL_URL" // set by the operator
)

// The options of catalog.ServiceInfo.Before.
const (
	optionDomain     = "domain"
	optionProduction = "production"
	optionSandbox    = "sandbox"
)

// scopes are the minimum for leads and contacts; the app's rights never exceed
// the user's.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_tokens_scopes.htm
func scopes() []string { return []string{"api", "refresh_token"} }

// signInHosts are the hosts of sign-ins.
// https://help.salesforce.com/s/articleView?id=xcloud.domain_name_url_formats.htm
func signInHosts() []string {
	return []string{
		production, sandboxes,
		ownDomain, ".sandbox" + ownDomain, ".develop" + ownDomain, ".scratch" + ownDomain,
	}
}

// instanceHosts are the hosts of an organisation's API: its My Domain, in every
// partition, or an instance without one ("na139.salesforce.com").
// https://help.salesforce.com/s/articleView?id=xcloud.domain_name_partitioned_domains.htm
func instanceHosts() []string {
	return append(signInHosts(), ".salesforce.com", ".demo"+ownDomain, ".free"+ownDomain, ".patch"+ownDomain,
		".trailblaze"+ownDomain, ".wit"+ownDomain)
}

// Settings are the operator's settings for the app at Salesforce.
func Settings() []platform.Setting {
	return []platform.Setting{{
		Name:  installURL,
		Form:  "the install link of the app's package: https://login.salesforce.com/packaging/installPackage.apexp?p0=04t…",
		Valid: isInstallLink,
	}}
}

// errNotSalesforce means that a returned URL has a foreign host.
var errNotSalesforce = errors.New("the address is not one of the platform's")

func isInstallLink(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.Fragment != "" ||
		!platform.Allowed(signInHosts(), u.Hostname()) {
		return false
	}
	query := u.Query()
	return u.Path == "/packaging/installPackage.apexp" && len(query) == 1 && isID(query.Get("p0"), "04t")
}

// isID reports whether text is a Salesforce id of a kind: 15 or 18 alphanumeric
// characters, of which the first three are the kind.
func isID(text, kind string) bool {
	return strings.HasPrefix(text, kind) && regexp.MustCompile(`^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$`).MatchString(text)
}

// Hub is the driver without an app secret.
type Hub struct{ client *http.Client }

// NewForHub builds the hub's driver.
func NewForHub(addresses platform.Endpoints) (*Hub, error) {
	client, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    instanceHosts(),
		Override: addresses.API,
		Timeout:  addresses.Timeout,
		Route:    addresses.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Salesforce: %w", err)
	}
	return &Hub{client}, nil
}

// Relay is the driver with the app's secret.
type Relay struct {
	*Hub
	app    platform.App
	tokens *http.Client // guard for the token endpoint
}

// NewForRelay builds the relay's driver.
func NewForRelay(app platform.App) (*Relay, error) {
	hub, err := NewForHub(app.Endpoints)
	if err != nil {
		return nil, err
	}
	tokens, err := platform.NewGuard(platform.GuardConfig{
		Hosts:    instanceHosts(),
		Override: app.Token,
		Timeout:  app.Timeout,
		Route:    app.Route,
	})
	if err != nil {
		return nil, fmt.Errorf("building the driver for Salesforce: %w", err)
	}
	return &Relay{Hub: hub, app: app, tokens: tokens}, nil
}

// Platform is Salesforce.
func (h *Hub) Platform() onboarding.Platform { return onboarding.Salesforce.Platform() }

// UsesPKCE is true: Salesforce requires a challenge of every app.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_pkce.htm
func (r *Relay) UsesPKCE() bool { return true }

// Ping asks whether Salesforce's production sign-in answers.
func (r *Relay) Ping(ctx context.Context) error { return r.at(production).Ping(ctx) }

// InstallAddress is the install link of the app's package, set by the operator;
// empty: none.
// https://help.salesforce.com/s/articleView?id=xcloud.meta_configure_packageable_external_client_apps.htm
func (r *Relay) InstallAddress() string {
	link := r.app.Settings[installURL]
	if link == "" {
		return ""
	}
	return platform.AtHost(link, r.app.Auth)
}

// Target is the sign-in host. A pasted URL counts as its host. A host of
// Lightning or Setup is SignInAddressOfApp with the My Domain as Suggestion, a
// bare name SignInAddressUnknown with one, anything else SignInAddressUnknown.
// https://help.salesforce.com/s/articleView?id=xcloud.domain_name_url_formats.htm
func (r *Relay) Target(option, typed string) (string, error) {
	switch option {
	case optionProduction:
		return production, nil
	case optionSandbox:
		return sandboxes, nil
	case optionDomain:
		return signInHost(typed)
	}
	return "", &platform.Failure{Code: catalog.SignInAddressUnknown}
}

func signInHost(typed string) (string, error) {
	unknown := &platform.Failure{Code: catalog.SignInAddressUnknown}
	text := strings.ToLower(onboarding.TrimPasted(typed))
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Port() != "" && u.Port() != "443" {
		return "", unknown
	}
	host := strings.TrimSuffix(u.Hostname(), ".")
	if platform.Allowed(signInHosts(), host) {
		return host, nil
	}
	for _, page := range []string{".lightning.force.com", ".my.salesforce-setup.com"} {
		name, is := strings.CutSuffix(host, page)
		if meant := name + ownDomain; is && platform.Allowed(signInHosts(), meant) {
			return "", &platform.Failure{Code: catalog.SignInAddressOfApp, Suggestion: meant}
		}
	}
	if !strings.Contains(host, ".") && platform.Allowed(signInHosts(), host+ownDomain) {
		unknown.Suggestion = host + ownDomain
	}
	return "", unknown
}

// at is OAuth at one of Salesforce's hosts.
func (r *Relay) at(host string) platform.OAuth {
	return platform.OAuth{
		App: r.app,
		Endpoint: oauth2.Endpoint{
			AuthURL:   platform.AtHost("https://"+host+"/services/oauth2/authorize", r.app.Auth),
			TokenURL:  "https://" + host + "/services/oauth2/token",
			AuthStyle: oauth2.AuthStyleInParams,
		},
		Scopes: scopes(),
		Client: r.tokens,
	}
}

// targetHost is the host of a Target; by default, the production sign-in.
func targetHost(target string) string {
	if platform.Allowed(signInHosts(), target) {
		return strings.ToLower(target)
	}
	return production
}

// Address is Salesforce's sign-in at the target, GET
// /services/oauth2/authorize. A user whom the organisation refuses returns with
// an error, or ends on a page there (RemoteAccessErrorPage), without a
// callback.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_web_server_flow.htm
func (r *Relay) Address(start platform.SignInStart) string {
	return r.at(targetHost(start.Target)).Address(start)
}

// IdleLimit is the shortest lifetime of an unused refresh token that an
// organisation can set: 30 days.
func (r *Relay) IdleLimit() time.Duration { return idleLimit }

// instance validates an organisation's API URL: https, a Salesforce host, and
// nothing else. It returns the URL to call.
func instance(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || strings.Trim(u.Path, "/") != "" ||
		u.RawQuery != "" || !platform.Allowed(instanceHosts(), u.Hostname()) {
		return "", errNotSalesforce
	}
	return "https://" + strings.ToLower(u.Hostname()), nil
}

// identity validates the identity URL, on a common sign-in host or on the
// instance. It returns the URL to call and the organisation's id in it.
// https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_using_openid.htm
func identity(address, instance string) (checked, organisation string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Port() != "" || u.RawQuery != "" {
		return "", "", errNotSalesforce
	}
	host := strings.ToLower(u.Hostname())
	parts := strings.Split(u.Path, "/")
	if host != production && host != sandboxes && "https://"+host != instance || len(parts) != 4 || parts[1] != "id" ||
		!isID(parts[2], "00D") || !isID(parts[3], "005") {
		return "", "", errNotSalesforce
	}
	return "https://" + host + u.Path, parts[2], nil
}
