package hub

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// secrets is what this computer has in the system's keychain: its key, its
// token, and the lasting part of each credential.
type secrets struct {
	keychain keychain.Keychain
}

// computer is this computer's entry: both halves change together.
type computer struct {
	Key   string `json:"key"`
	Token string `json:"token"`
}

// kept is a credential in the keychain. Its version is beside it: after a stop
// between keychain and database the keychain is right.
type kept struct {
	Version int64  `json:"version"`
	Account string `json:"account"`
	Plain   string `json:"plain"` // as platform.Credential writes it
}

// Subjects of credentials.
const (
	subjectItem       = "item:"
	subjectConnection = "connection:"
)

func computerName(id session.Identity) string {
	return id.Relay + "/" + id.Agency + "/" + id.Device + "/computer"
}

func enrollingName(attempt string) string { return "enrolling/" + attempt }

func credentialName(id session.Identity, subject string) string {
	return id.Relay + "/" + id.Agency + "/" + id.Device + "/" + subject
}

func (s secrets) computer(ctx context.Context, id session.Identity) (computer, error) {
	var c computer
	text, err := s.keychain.Get(ctx, computerName(id))
	if err != nil {
		return c, fmt.Errorf("reading this computer's key: %w", err)
	}
	if err := json.Unmarshal([]byte(text.Reveal()), &c); err != nil {
		// Neither the text nor the error may be told: both may hold a secret.
		return c, fmt.Errorf("reading this computer's key: %w", keychain.ErrNotFound)
	}
	return c, nil
}

// key is this computer's private key.
func (s secrets) key(ctx context.Context, id session.Identity) (onboarding.Secret, error) {
	c, err := s.computer(ctx, id)
	return onboarding.NewSecret(c.Key), err
}

// token is what this computer proves itself with.
func (s secrets) token(ctx context.Context, id session.Identity) (onboarding.Secret, error) {
	c, err := s.computer(ctx, id)
	return onboarding.NewSecret(c.Token), err
}

func (s secrets) setComputer(ctx context.Context, id session.Identity, c computer) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("writing this computer's key: %w", err)
	}
	if err := s.keychain.Set(ctx, computerName(id), onboarding.NewSecret(string(text))); err != nil {
		return fmt.Errorf("writing this computer's key: %w", err)
	}
	return nil
}

// credential reads what is kept under a name, or keychain.ErrNotFound.
func (s secrets) credential(ctx context.Context, name string) (kept, error) {
	var k kept
	text, err := s.keychain.Get(ctx, name)
	if err != nil {
		return k, fmt.Errorf("reading a credential: %w", err)
	}
	if err := json.Unmarshal([]byte(text.Reveal()), &k); err != nil {
		return k, fmt.Errorf("reading a credential: %w", keychain.ErrNotFound)
	}
	return k, nil
}

func (s secrets) setCredential(ctx context.Context, name string, k kept) error {
	text, err := json.Marshal(k)
	if err != nil {
		return fmt.Errorf("writing a credential: %w", err)
	}
	if err := s.keychain.Set(ctx, name, onboarding.NewSecret(string(text))); err != nil {
		return fmt.Errorf("writing a credential: %w", err)
	}
	return nil
}

// remove takes an entry out. One that is not there is out.
func (s secrets) remove(ctx context.Context, name string) error {
	if err := s.keychain.Delete(ctx, name); err != nil && !errors.Is(err, keychain.ErrNotFound) {
		return fmt.Errorf("removing from the keychain: %w", err)
	}
	return nil
}

// throwAway takes out of the keychain what was marked for it.
func (h *Hub) throwAway(ctx context.Context) error {
	rows, err := h.db.QueryContext(ctx, `SELECT subject, name FROM credentials WHERE discard_ms > 0 AND discard_ms <= $1`, h.now())
	if err != nil {
		return fmt.Errorf("reading what leaves the keychain: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var out [][2]string
	for rows.Next() {
		var subject, name string
		if err := rows.Scan(&subject, &name); err != nil {
			return fmt.Errorf("reading what leaves the keychain: %w", err)
		}
		out = append(out, [2]string{subject, name})
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading what leaves the keychain: %w", err)
	}
	for _, o := range out {
		if err := h.secret.remove(ctx, o[1]); err != nil {
			return err
		}
		if err := h.db.InTx(ctx, func(tx *sqldb.Tx) error {
			_, err := tx.ExecContext(ctx, `DELETE FROM credentials WHERE subject = $1 AND discard_ms > 0`, o[0])
			return err
		}); err != nil {
			return fmt.Errorf("forgetting a credential: %w", err)
		}
	}
	return nil
}

// emptyKeychain takes out everything of this computer.
func (h *Hub) emptyKeychain(ctx context.Context, id session.Identity) error {
	rows, err := h.db.QueryContext(ctx, `SELECT name FROM credentials`)
	if err != nil {
		return fmt.Errorf("reading what is in the keychain: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	names := []string{computerName(id)}
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fmt.Errorf("reading what is in the keychain: %w", err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading what is in the keychain: %w", err)
	}
	for _, name := range names {
		if err := h.secret.remove(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// heldCredential reads the credential of a subject from the keychain; one that
// is not on this computer is errNotHere.
func (h *Hub) heldCredential(ctx context.Context, subject string) (kept, platform.Credential, error) {
	var name string
	rows, err := h.db.QueryContext(ctx, `SELECT name FROM credentials WHERE subject = $1 AND discard_ms = 0`, subject)
	if err != nil {
		return kept{}, platform.Credential{}, fmt.Errorf("looking up a credential: %w", err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	for rows.Next() {
		if err := rows.Scan(&name); err != nil {
			return kept{}, platform.Credential{}, fmt.Errorf("looking up a credential: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return kept{}, platform.Credential{}, fmt.Errorf("looking up a credential: %w", err)
	}
	if name == "" {
		return kept{}, platform.Credential{}, errNotHere
	}
	k, err := h.secret.credential(ctx, name)
	if errors.Is(err, keychain.ErrNotFound) {
		return kept{}, platform.Credential{}, errNotHere
	}
	if err != nil {
		return kept{}, platform.Credential{}, err
	}
	c, err := platform.ReadCredential([]byte(k.Plain))
	return k, c, err
}
