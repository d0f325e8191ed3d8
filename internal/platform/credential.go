package platform

import (
	"encoding/json"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Credential is the lasting part of a Grant: only devices store it, in their
// keychain.
type Credential struct {
	Kind    CredentialKind
	Secret  onboarding.Secret
	Address string               // of the account's API, if the platform has one per account
	Ends    onboarding.Timestamp // when it expires; zero: unknown or never
	Proof   string               // the relay's MAC of this sealed version; empty: none
	// Scopes are the granted scopes, separated by spaces, if the platform
	// reveals them only with the app's secret. Empty: unknown here.
	Scopes string
	// AppProof accompanies Secret in calls, as proof that the relay's app
	// received it. Empty: the platform needs none, or the credential was made
	// before proofs existed.
	AppProof onboarding.Secret
}

// CredentialKind is how a credential is used.
type CredentialKind string

// A refresh token is renewed through the relay; a key and a token are used
// directly.
const (
	RefreshToken CredentialKind = "refresh"
	Key          CredentialKind = "key"
	Token        CredentialKind = "token"
)

// Empty reports whether there is no secret.
func (c Credential) Empty() bool { return c.Secret.Empty() }

type credentialText struct {
	Kind     CredentialKind       `json:"kind"`
	Secret   string               `json:"secret"`
	Address  string               `json:"address,omitempty"`
	Ends     onboarding.Timestamp `json:"ends,omitempty"`
	Proof    string               `json:"proof,omitempty"`
	Scopes   string               `json:"scopes,omitempty"`
	AppProof string               `json:"app_proof,omitempty"`
}

// Plain encodes the credential in the clear. Seal the result at once.
func (c Credential) Plain() ([]byte, error) {
	text, err := json.Marshal(credentialText{
		Kind:     c.Kind,
		Secret:   c.Secret.Reveal(),
		Address:  c.Address,
		Ends:     c.Ends,
		Proof:    c.Proof,
		Scopes:   c.Scopes,
		AppProof: c.AppProof.Reveal(),
	})
	if err != nil {
		return nil, fmt.Errorf("writing a credential: %w", err)
	}
	return text, nil
}

// ReadCredential decodes the result of Plain. Its errors do not quote the
// input.
func ReadCredential(plain []byte) (Credential, error) {
	var text credentialText
	if err := json.Unmarshal(plain, &text); err != nil || text.Secret == "" {
		return Credential{}, fmt.Errorf("reading a credential: %w", onboarding.ErrInvalid)
	}
	return Credential{
		Kind:     text.Kind,
		Secret:   onboarding.NewSecret(text.Secret),
		Address:  text.Address,
		Ends:     text.Ends,
		Proof:    text.Proof,
		Scopes:   text.Scopes,
		AppProof: onboarding.NewSecret(text.AppProof),
	}, nil
}
