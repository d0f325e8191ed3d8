package platform

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"golang.org/x/oauth2"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// OAuth is the common part of platforms with a sign-in.
type OAuth struct {
	App      App
	Endpoint oauth2.Endpoint // the platform's own URLs
	Scopes   []string
	Client   *http.Client // guard for the token endpoint
}

// Address returns the authorization URL for the browser, with the platform's
// extra parameters.
func (o OAuth) Address(start SignInStart, more ...oauth2.AuthCodeOption) string {
	config := o.config(start.Redirect)
	config.Endpoint.AuthURL = OverrideHost(config.Endpoint.AuthURL, o.App.Auth)
	if start.Challenge != "" {
		more = append(more, oauth2.SetAuthURLParam("code_challenge", start.Challenge),
			oauth2.SetAuthURLParam("code_challenge_method", "S256"))
	}
	return config.AuthCodeURL(start.State, more...)
}

// Exchange redeems a code. Its error is an *oauth2.RetrieveError of the
// platform, or a transport error without the URL.
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

// Renew redeems a refresh token for an access token and perhaps a new refresh
// token.
func (o OAuth) Renew(ctx context.Context, refresh onboarding.Secret) (*oauth2.Token, error) {
	source := o.config("").TokenSource(context.WithValue(ctx, oauth2.HTTPClient, o.Client),
		&oauth2.Token{RefreshToken: refresh.Reveal()})
	token, err := source.Token()
	if err != nil {
		return nil, fmt.Errorf("renewing: %w", WithoutAddress(err))
	}
	return token, nil
}

// Ping fails unless the token endpoint answers: it refuses a call without a code, which
// is an answer.
func (o OAuth) Ping(ctx context.Context) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, o.Endpoint.TokenURL, http.NoBody)
	if err != nil {
		return fmt.Errorf("asking whether a platform answers: %w", err)
	}
	reply, err := Do(o.Client, r)
	if err == nil && reply.Status >= http.StatusInternalServerError {
		err = Down(fmt.Errorf("asking whether a platform answers: status %d", reply.Status))
	}
	return err
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

// OverrideHost replaces the host of a URL by the operator's; empty: unchanged.
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

// Missing lists the requested scopes that were not granted.
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

// WithoutAddress removes the URL from a transport error before it is logged: it
// may contain a secret.
func WithoutAddress(err error) error {
	var transport *url.Error
	if errors.As(err, &transport) {
		return transport.Err
	}
	return err
}

// Reply is a platform's complete response.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// Do makes a call and reads the complete response. An incomplete response, or
// none, is Down.
func Do(client *http.Client, r *http.Request) (Reply, error) {
	answer, err := client.Do(r)
	if err != nil {
		return Reply{}, Down(WithoutAddress(err))
	}
	defer func() { _ = answer.Body.Close() }() // it is only read
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return Reply{}, Down(WithoutAddress(err))
	}
	return Reply{answer.StatusCode, answer.Header, body}, nil
}

// TokenReply returns the response with which a token endpoint refused an
// Exchange or a Renew. False: there was none.
func TokenReply(err error) (Reply, bool) {
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) || refused.Response == nil {
		return Reply{}, false
	}
	return Reply{Status: refused.Response.StatusCode, Header: refused.Response.Header, Body: refused.Body}, true
}

// JSON decodes the body into v. Invalid JSON is Down: it is not from the
// platform's API. Whoever has an account there chose the texts in it: what turns
// the direction of reading, and marks piled on one character, are removed from them.
func (r Reply) JSON(v any) error {
	if err := json.Unmarshal(r.Body, v); err != nil {
		return Down(fmt.Errorf("reading an answer with status %d: %w", r.Status, err))
	}
	cleanTexts(reflect.ValueOf(v))
	return nil
}

// cleanTexts cleans all texts of a decoded value, however deep. What is still to
// be decoded is left as it is.
func cleanTexts(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(onboarding.ClipMarks(bidi.Clean(v.String())))
	case reflect.Pointer:
		cleanTexts(v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			held := reflect.New(v.Elem().Type()).Elem()
			held.Set(v.Elem())
			cleanTexts(held)
			v.Set(held)
		}
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() {
				cleanTexts(field)
			}
		}
	case reflect.Slice, reflect.Array:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return
		}
		for i := range v.Len() {
			cleanTexts(v.Index(i))
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			cleanTexts(value)
			v.SetMapIndex(key, value)
		}
	}
}

// Form builds a POST request with a form.
func Form(ctx context.Context, address string, values url.Values) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, fmt.Errorf("readying a call: %w", WithoutAddress(err))
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// Get builds a GET request.
func Get(ctx context.Context, address string) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("readying a call: %w", WithoutAddress(err))
	}
	r.Header.Set("Accept", "application/json")
	return r, nil
}

// AtHost replaces the host of a URL like OverrideHost, and keeps the original
// host as the first path segment: "https://acme.example/login" becomes
// "http://127.0.0.1:7425/acme.example/login". Fakes of platforms with several
// hosts need it, since a browser sends no other Host header. Empty: unchanged.
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
