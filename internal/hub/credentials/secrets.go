package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// secretStore reads and writes this computer's entries in the system's
// keychain: its key, its token, and the lasting part of each credential.
type secretStore struct {
	keychain keychain.Keychain
}

// DeviceSecrets is one keychain entry, so that key and token change together.
type DeviceSecrets struct {
	Key   string `json:"key"`
	Token string `json:"token"`
}

// storedCredential is a credential in the keychain. It includes the version:
// after a crash between the two writes, the keychain is right and the database
// is not.
type storedCredential struct {
	Version int64  `json:"version"`
	Account string `json:"account"`
	Plain   string `json:"plain"` // as platform.Credential encodes it
}

func deviceKeyName(id session.Identity) string {
	return id.Relay + "/" + id.Agency + "/" + id.Device + "/computer"
}

func credentialName(id session.Identity, subject string) string {
	return id.Relay + "/" + id.Agency + "/" + id.Device + "/" + subject
}

func (s secretStore) deviceSecrets(ctx context.Context, id session.Identity) (DeviceSecrets, error) {
	var c DeviceSecrets
	text, err := s.keychain.Get(ctx, deviceKeyName(id))
	if err != nil {
		return c, fmt.Errorf("reading this computer's key: %w", err)
	}
	if err := json.Unmarshal([]byte(text.Reveal()), &c); err != nil {
		// Drop the parse error and the text: both may contain a secret.
		return c, fmt.Errorf("reading this computer's key: %w", keychain.ErrNotFound)
	}
	return c, nil
}

// key reads this computer's private key.
func (s secretStore) key(ctx context.Context, id session.Identity) (onboarding.Secret, error) {
	c, err := s.deviceSecrets(ctx, id)
	return onboarding.NewSecret(c.Key), err
}

// token reads this computer's API token.
func (s secretStore) token(ctx context.Context, id session.Identity) (onboarding.Secret, error) {
	c, err := s.deviceSecrets(ctx, id)
	return onboarding.NewSecret(c.Token), err
}

func (s secretStore) setComputer(ctx context.Context, id session.Identity, c DeviceSecrets) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing this computer's key: %w", err)
	}
	if err := s.keychain.Set(ctx, deviceKeyName(id), onboarding.NewSecret(string(text))); err != nil {
		return fmt.Errorf("writing this computer's key: %w", err)
	}
	return nil
}

// credential reads an entry by name, or returns keychain.ErrNotFound.
func (s secretStore) credential(ctx context.Context, name string) (storedCredential, error) {
	var k storedCredential
	text, err := s.keychain.Get(ctx, name)
	if err != nil {
		return k, fmt.Errorf("reading a credential: %w", err)
	}
	if err := json.Unmarshal([]byte(text.Reveal()), &k); err != nil {
		return k, fmt.Errorf("reading a credential: %w", keychain.ErrNotFound)
	}
	return k, nil
}

func (s secretStore) setCredential(ctx context.Context, name string, k storedCredential) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("writing a credential: %w", err)
	}
	if err := s.keychain.Set(ctx, name, onboarding.NewSecret(string(text))); err != nil {
		return fmt.Errorf("writing a credential: %w", err)
	}
	return nil
}

// remove deletes an entry. A missing one is no error.
func (s secretStore) remove(ctx context.Context, name string) error {
	if err := s.keychain.Delete(ctx, name); err != nil && !errors.Is(err, keychain.ErrNotFound) {
		return fmt.Errorf("removing from the keychain: %w", err)
	}
	return nil
}

// DeleteDiscarded deletes the credentials that are marked for deletion and due.
func (c *Credentials) DeleteDiscarded(ctx context.Context) error {
	discarded, err := replica.ReadDiscardedCredentials(ctx, c.config.Replica.DB(), c.now())
	if err != nil {
		return err
	}
	for _, entry := range discarded {
		if item, ok := strings.CutPrefix(entry.Subject, replica.SubjectItem); ok {
			c.tokens.drop(item)
		}
		if err := c.secret.remove(ctx, entry.Name); err != nil {
			return err
		}
		if err := c.config.Replica.ForgetCredential(ctx, entry.Subject); err != nil {
			return err
		}
	}
	return nil
}

// WipeKeychain deletes all entries of this computer.
func (c *Credentials) WipeKeychain(ctx context.Context, id session.Identity) error {
	entries, err := replica.ReadKeychainEntries(ctx, c.config.Replica.DB())
	if err != nil {
		return err
	}
	if err := c.secret.remove(ctx, deviceKeyName(id)); err != nil {
		return err
	}
	for _, entry := range entries {
		if err := c.secret.remove(ctx, entry.Name); err != nil {
			return err
		}
	}
	return nil
}

// storedCredential reads the credential of a subject from the keychain; one
// that is not on this computer is ErrNoCredential.
func (c *Credentials) storedCredential(
	ctx context.Context, subject string,
) (storedCredential, platform.Credential, error) {
	name, err := replica.ReadCredentialName(ctx, c.config.Replica.DB(), subject)
	if errors.Is(err, onboarding.ErrNotFound) {
		return storedCredential{}, platform.Credential{}, ErrNoCredential
	}
	if err != nil {
		return storedCredential{}, platform.Credential{}, err
	}
	k, err := c.secret.credential(ctx, name)
	if errors.Is(err, keychain.ErrNotFound) {
		return storedCredential{}, platform.Credential{}, ErrNoCredential
	}
	if err != nil {
		return storedCredential{}, platform.Credential{}, err
	}
	credential, err := platform.ReadCredential([]byte(k.Plain))
	return k, credential, err
}
