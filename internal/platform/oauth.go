package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// OAuth is what the platforms with a sign-in have in common.
type OAuth struct {
	App      App
	Endpoint oauth2.Endpoint // the platform's own addresses
	Scopes   []string
	Client   *http.Client // a guard for the token endpoint
}

// Address builds where the browser goes, with the platform's own additions.
func (o OAuth) Address(start SignInStart, more ...oauth2.AuthCodeOption) string {
	config := o.config(start.Redirect)
	config.Endpoint.AuthURL = OverrideHost(config.Endpoint.AuthURL, o.App.Auth)
	if start.Challenge != "" {
		more = append(more, oauth2.SetAuthURLParam("code_challenge", start.Challenge),
			oauth2.SetAuthURLParam("code_challenge_method", "S256"))
	}
	return config.AuthCodeURL(start.State, more...)
}

// Exchange turns a code into tokens. Its error is the platform's *oauth2.RetrieveError,
// or one of the transport without an address in it.
func (o OAuth) Exchange(ctx context.Context, back SignInReturn, more ...oauth2.AuthCodeOption) (*oauth2.Token, error) {
	if !back.Verifier.Empty() {
		more = append(more, oauth2.VerifierOption(back.Verifier.Reveal()))
	}
	token, err := o.config(back.Redirect).Exchange(context.WithValue(ctx, oauth2.HTTPClient, o.Client), back.Code.Reveal(),
		more...)
	if err != nil {
		return nil, fmt.Errorf("exchanging a code: %w", WithoutAddress(err))
	}
	return token, nil
}

// Renew turns a refresh token into an access token, and perhaps another refresh token.
func (o OAuth) Renew(ctx context.Context, refresh onboarding.Secret) (*oauth2.Token, error) {
	source := o.config("").TokenSource(context.WithValue(ctx, oauth2.HTTPClient, o.Client),
		&oauth2.Token{RefreshToken: refresh.Reveal()})
	token, err := source.Token()
	if err != nil {
		return nil, fmt.Errorf("renewing: %w", WithoutAddress(err))
	}
	return token, nil
}

func (o OAuth) config(redirect string) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     o.App.ClientID,
		ClientSecret: o.App.ClientSecret.Reveal(),
		Endpoint:     o.Endpoint,
		Scopes:       o.Scopes,
		RedirectURL:  redirect,
	}
}

// OverrideHost moves an address of the platform to where the operator says; empty leaves it.
func OverrideHost(address, instead string) string {
	if instead == "" {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	to, err := url.Parse(instead)
	if err != nil {
		return address
	}
	u.Scheme, u.Host = to.Scheme, to.Host
	return u.String()
}

// Missing lists the asked scopes that were not granted.
func Missing(asked, granted []string) []string {
	have := map[string]bool{}
	for _, scope := range granted {
		have[scope] = true
	}
	var missing []string
	for _, scope := range asked {
		if !have[scope] {
			missing = append(missing, scope)
		}
	}
	return missing
}

// WithoutAddress takes the address and its query off a transport error, since
// either may hold a secret, before anybody logs it.
func WithoutAddress(err error) error {
	var transport *url.Error
	if errors.As(err, &transport) {
		return transport.Err
	}
	return err
}

// Reply is a platform's whole answer to a call.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a call and reads the whole answer. Its error is Down: nothing came,
// or not all of it.
func Do(client *http.Client, r *http.Request) (Reply, error) {
	answer, err := client.Do(r)
	if err != nil {
		return Reply{}, Down(WithoutAddress(err))
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return Reply{}, Down(WithoutAddress(err))
	}
	return Reply{answer.StatusCode, answer.Header, body}, nil
}

// TokenReply is what a token endpoint refused an Exchange or a Renew with. False:
// it did not reply.
func TokenReply(err error) (Reply, bool) {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return Reply{}, false
	}
	return Reply{Status: refused.Response.StatusCode, Header: refused.Response.Header, Body: refused.Body}, true
}

// JSON reads the answer's content into v. What is not JSON is Down: something
// else than the platform's API answered.
func (r Reply) JSON(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return Down(fmt.Errorf("reading an answer with status %d: %w", r.Status, err))
	}
	return nil
}

// Form readies a form to be posted.
func Form(ctx context.Context, address string, values url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, fmt.Errorf("readying a call: %w", WithoutAddress(err))
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// Get readies a question.
func Get(ctx context.Context, address string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("readying a call: %w", WithoutAddress(err))
	}
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// AtHost moves an address like At, and keeps the host that is meant as the first
// part of the path: "https://acme.example/login" is "http://127.0.0.1:7425/acme.example/login"
// there. A platform whose hosts mean something needs it, since a browser cannot
// be given another Host. Empty leaves the address.
func AtHost(address, instead string) string {
	if instead == "" {
		return address
	}
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.Path = "/" + u.Host + u.Path
	return OverrideHost(u.String(), instead)
}
