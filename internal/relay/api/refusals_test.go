package api

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// What is wrong with the relay's own app or with the line is no entry of a client's history.
func TestOnlyAWordAboutTheClientsAccessIsARefusedRenewal(t *testing.T) {
	texts, err := catalog.New("en")
	if err != nil {
		t.Fatal(err)
	}
	s := &credentials{core: &core{catalog: texts}}
	for _, c := range []struct {
		err  error
		want bool
	}{
		{&platform.Failure{Code: catalog.CredentialRefused}, true},
		{&platform.Failure{Code: catalog.UserInactive}, true},
		{&platform.Failure{Code: catalog.CredentialRefused, Bare: true}, false},
		{&platform.Failure{Code: catalog.AgencySide}, false},
		{&platform.Failure{Code: catalog.AppNotApproved}, false},
		{&platform.Failure{Code: catalog.NotConfigured}, false},
		{&platform.Failure{Code: catalog.PlatformBusy}, false},
		{platform.Down(errors.New("no answer")), false},
		{context.DeadlineExceeded, false},
		{nil, false},
	} {
		err := c.err
		if err != nil {
			err = fmt.Errorf("renewing: %w", err)
		}
		if got := s.refusesRenewal(onboarding.HubSpot, err); got != c.want {
			t.Errorf("%v: refuses the renewal: %v, want %v", err, got, c.want)
		}
	}
}
