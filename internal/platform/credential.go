package platform

import (
	"encoding/json"
	"fmt"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Credential is the lasting part of what a platform gave: what a device keeps
// in its keychain, and nothing else does.
type Credential struct {
	Kind    CredentialKind
	Secret  onboarding.Secret
	Address string               // of the account's API, where the platform has one for each
	Ends    onboarding.Timestamp // zero: unknown or never
	Proof   string               // the relay's word that it sealed this version; empty: none
	// Scopes are what was granted, with a space between, where a platform tells
	// that only to who holds the app's secret. Empty: not known here.
	Scopes string
	// AppProof goes to the platform with Secret, as proof that the relay's app got
	// it. Empty: the platform wants none, or the credential is from before proofs.
	AppProof onboarding.Secret
}

// CredentialKind says how a credential is used.
type CredentialKind string

// A refresh token is renewed through the relay; a key and a token are used as they are.
const (
	RefreshToken CredentialKind = "refresh"
	Key          CredentialKind = "key"
	Token        CredentialKind = "token"
)

// Empty says whether there is nothing to keep.
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

// Plain is the credential in the clear, to be sealed at once.
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

// ReadCredential is the reverse of Plain. Its errors do not quote what they read.
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
