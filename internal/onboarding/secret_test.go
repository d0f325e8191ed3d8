package onboarding

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	const canary = "canary-8d1f"
	secret := NewSecret(canary)
	nested := struct {
		Inner map[string]Secret
		Ptr   *Secret
	}{map[string]Secret{"k": secret}, &secret}
	var shown []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T %v"} {
		shown = append(shown, fmt.Sprintf(verb, secret), fmt.Sprintf(verb, &secret), fmt.Sprintf(verb, nested))
	}
	var log bytes.Buffer
	for _, logger := range []*slog.Logger{
		slog.New(slog.NewJSONHandler(&log, nil)), slog.New(slog.NewTextHandler(&log, nil)),
	} {
		logger.Info("x", "secret", secret, "nested", nested, "pointer", &secret)
	}
	asJSON, err := json.Marshal(nested)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(shown, log.String(), string(asJSON)) {
		if strings.Contains(text, canary) || strings.Contains(text, fmt.Sprintf("%x", canary)) {
			t.Errorf("the secret is in %q", text)
		}
	}
	if secret.Reveal() != canary {
		t.Error("Reveal does not give the text")
	}
}
