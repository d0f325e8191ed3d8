package wire

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/loopback"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// maxResult bounds a result, in bytes.
const maxResult = 32 << 20

// Client calls a relay. It uses https only (except on loopback), follows no
// redirect, and sends its token to no other address.
type Client struct {
	base    string
	token   onboarding.Secret
	version int
	http    *http.Client
}

type ClientConfig struct {
	// Relay is the relay's public address.
	Relay string
	// Token is the device's token; empty for Enrol.
	Token onboarding.Secret
	// Timeout bounds one call; zero: 30 seconds. The event stream has none.
	Timeout time.Duration
	// Version is sent with each call; zero: Version.
	Version int
	// Route is how the calls leave this computer; nil: directly.
	Route *egress.Route
}

// NewClient refuses an address that is neither https nor loopback with an InvalidError.
func NewClient(config ClientConfig) (*Client, error) {
	base, err := RelayAddress(config.Relay)
	if err != nil {
		return nil, err
	}
	if config.Timeout == 0 {
		config.Timeout = 30 * time.Second
	}
	if config.Version == 0 {
		config.Version = Version
	}
	return &Client{base: base, token: config.Token, version: config.Version, http: &http.Client{
		Transport:     config.Route.Transport(),
		Timeout:       config.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// RelayAddress validates the address of a relay and returns its scheme and
// host. A missing scheme is https.
func RelayAddress(typed string) (string, error) {
	text, err := onboarding.ValidatePasted("relay", typed)
	if err != nil {
		return "", err
	}
	if text != "" && !strings.Contains(text, "://") {
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil || u.Hostname() == "" {
		return "", onboarding.Invalid("relay", "This is not an address of a relay. It looks like https://access.example.com.")
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return "", onboarding.Invalid("relay", "Enter the relay's address alone, without a path.")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback.Host(u.Hostname())) {
		return "", onboarding.Invalid("relay", "The relay's address starts with https://.")
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), nil
}

// Call calls a method. A relay's error is one of onboarding's, found by
// errors.Is. If the relay was not reached, it is ErrUnavailable with an
// Obstacle, and the outcome is unknown: a repeat is harmless.
func Call[P, R any](ctx context.Context, c *Client, m Method[P, R], p P) (R, error) {
	var result R
	body, err := json.Marshal(p)
	if err != nil {
		return result, fmt.Errorf("writing the params of %s: %w", m.Path, err)
	}
	r, err := c.request(ctx, http.MethodPost, m.Path, bytes.NewReader(body))
	if err != nil {
		return result, err
	}
	r.Header.Set("Content-Type", "application/json")
	reply, err := c.http.Do(r)
	if err != nil {
		return result, fmt.Errorf("calling %s: %w", m.Path, transportError(err))
	}
	defer func() { _ = reply.Body.Close() }() // it is only read
	content, err := io.ReadAll(io.LimitReader(reply.Body, maxResult+1))
	if err != nil {
		return result, fmt.Errorf("reading the reply of %s: %w", m.Path, transportError(err))
	}
	if len(content) > maxResult {
		return result, fmt.Errorf(
			"reading the reply of %s: it is larger than %d bytes: %w", m.Path, maxResult, onboarding.ErrUnavailable,
		)
	}
	if reply.StatusCode != http.StatusOK {
		return result, fmt.Errorf("calling %s: %w", m.Path, refusal(reply.StatusCode, content))
	}
	if !mayBeResult(content, reflect.TypeFor[R]()) {
		return result, fmt.Errorf("reading the reply of %s: %w", m.Path, foreignReply(reply.StatusCode))
	}
	if err := json.Unmarshal(content, &result); err != nil {
		return result, fmt.Errorf("reading the reply of %s: %w: %w", m.Path, foreignReply(reply.StatusCode), err)
	}
	return result, nil
}

// mayBeResult reports whether JSON is an object that begins with a field of a
// result, as every relay writes it, or is empty as such a result can be. A firewall's
// notice can be JSON too.
func mayBeResult(content []byte, result reflect.Type) bool {
	decoder := json.NewDecoder(bytes.NewReader(content))
	if opening, err := decoder.Token(); err != nil || opening != json.Delim('{') {
		return false
	}
	first, err := decoder.Token()
	if err != nil {
		return false
	}
	mayBeEmpty := true
	for _, field := range reflect.VisibleFields(result) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == first {
			return true
		}
		if name != "" && !strings.Contains(options, "omit") {
			mayBeEmpty = false
		}
	}
	return mayBeEmpty && first == json.Delim('}')
}

func (c *Client) request(ctx context.Context, method, path string, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err != nil {
		return nil, fmt.Errorf("readying the call of %s: %w", path, err)
	}
	r.Header.Set(versionHeader, strconv.Itoa(c.version))
	if !c.token.Empty() {
		r.Header.Set("Authorization", "Bearer "+c.token.Reveal())
	}
	return r, nil
}

// refusal decodes the error of a response. One that something between hub and
// relay made is an ObstacleError.
func refusal(status int, content []byte) error {
	var f errorBody
	if err := json.Unmarshal(content, &f); err != nil || !f.isRelays() {
		return foreignReply(status)
	}
	return decode(f)
}
