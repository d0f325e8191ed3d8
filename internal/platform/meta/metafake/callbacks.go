package metafake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// appCallbacks are Facebook's own calls to the app: that a person removed it, and that they
// ask for the deletion of their data. They are posted as a form with a signed request.
// https://developers.facebook.com/documentation/facebook-login/guides/advanced/manual-flow#deauth-callback
// https://developers.facebook.com/docs/development/create-an-app/app-dashboard/data-deletion-callback
type appCallbacks struct{ env *sandbox.Env }

// removed tells the app that a person removed it.
func (c appCallbacks) removed(person *profile) error {
	address := c.env.Callbacks().Deauthorize
	if address == "" {
		return nil
	}
	_, err := c.post(address, person)
	return err
}

// askDeletion asks the app for the deletion of a person's data. Facebook offers it for apps
// that were removed.
func (c appCallbacks) askDeletion(person *profile) (string, error) {
	address := c.env.Callbacks().Deletion
	switch {
	case !person.removedApp:
		return "", fmt.Errorf("asking for deletion: %s has not removed the app", person.key)
	case address == "":
		return "", errors.New("asking for deletion: the app has no address for it")
	}
	body, err := c.post(address, person)
	if err != nil {
		return "", err
	}
	var said struct {
		URL  string `json:"url"`
		Code string `json:"confirmation_code"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return "", fmt.Errorf("reading the app's answer: %w", err)
	}
	if at, err := url.Parse(said.URL); err != nil || at.Host == "" {
		return "", fmt.Errorf("reading the app's answer: %q is no address", said.URL)
	}
	if !regexp.MustCompile(`^[A-Za-z0-9]+$`).MatchString(said.Code) {
		return "", errors.New("reading the app's answer: its confirmation code is not alphanumeric")
	}
	return fmt.Sprintf("The app answered. Confirmation code %s, status at %s", said.Code, said.URL), nil
}

// post sends a signed request about a person, and returns the answer's body.
func (c appCallbacks) post(address string, person *profile) ([]byte, error) {
	now := c.env.Now()
	payload, err := json.Marshal(map[string]any{
		"algorithm": "HMAC-SHA256", "expires": now.Add(time.Hour).Unix(), "issued_at": now.Unix(), "user_id": person.id,
	})
	if err != nil {
		return nil, fmt.Errorf("writing a signed request: %w", err)
	}
	sent := base64url(payload)
	signature := hmac.New(sha256.New, []byte(c.env.App().Secret))
	signature.Write([]byte(sent))
	client := http.Client{Timeout: 10 * time.Second}
	answer, err := client.PostForm(address, url.Values{
		"signed_request": {base64url(signature.Sum(nil)) + "." + sent},
	})
	if err != nil {
		return nil, fmt.Errorf("calling the app: %w", err)
	}
	defer func() { _ = answer.Body.Close() }() // nothing is left to read
	body, err := io.ReadAll(io.LimitReader(answer.Body, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("reading the app's answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("calling the app: it answered %s", answer.Status)
	}
	return body, nil
}

// base64url is the encoding of both parts, as strtr and rtrim make it in PHP.
func base64url(raw []byte) string {
	return strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(base64.StdEncoding.EncodeToString(raw)), "=")
}
