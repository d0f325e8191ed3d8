package desktop

import (
	"reflect"

	"github.com/latchkeyhq/latchkey/internal/desktop/bridge"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/hub/session"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

//go:generate go run ./gen -root ../.. -out ../../frontend/src/api

// Spec describes the bridge for the generator. Its methods cannot be called.
func Spec() bridge.Spec {
	var nobody App
	return bridge.Spec{
		Methods: nobody.methods(),
		Events:  events(),
		Limits: []bridge.Limit{
			{Name: "message", Value: onboarding.MaxMessage},
			{Name: "name", Value: onboarding.MaxName},
			{Name: "client", Value: onboarding.MaxClient},
			{Name: "company", Value: onboarding.MaxCompany},
			{Name: "recipients", Value: onboarding.MaxRecipients},
		},
		Names: map[reflect.Type]string{
			reflect.TypeFor[session.State]():        "HubState",
			reflect.TypeFor[keychain.Reason]():      "KeychainReason",
			reflect.TypeFor[replica.Filter]():       "RequestFilter",
			reflect.TypeFor[onboarding.Skip]():      "SkippedService",
			reflect.TypeFor[onboarding.Timestamp](): "Timestamp",
		},
		Values: map[reflect.Type][]string{
			reflect.TypeFor[session.State](): {string(stateStarting), string(stateFailed)},
		},
		Open: map[reflect.Type]bool{
			reflect.TypeFor[onboarding.Service]():  true,
			reflect.TypeFor[onboarding.Platform](): true,
		},
	}
}
