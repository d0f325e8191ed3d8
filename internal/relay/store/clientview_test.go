package store_test

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestOneLookUpShowsARequestWithItsAgency(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		linkID := []byte("sixteen bytes id")
		_, err := s.Requests.Save(t.Context(), s.agency, store.NewRequest{
			ID: "r1", Owner: "ben", Client: "Fjord Bikes", Services: []onboarding.Service{onboarding.HubSpot}, LinkID: linkID,
			Who: "Ben Okoro",
		})
		must(t, err)
		shown, err := s.Requests.ClientViewByLink(t.Context(), linkID)
		must(t, err)
		if shown.Request.Client != "Fjord Bikes" || shown.Agency.Name != "Acme Media" || shown.Requester != "Ben Okoro" ||
			shown.LogoETag != "" || shown.Agency.Brand.On || shown.Agency.Suspended {
			t.Errorf("shown as %+v", shown)
		}
		marks := map[string]bool{}
		for _, logo := range [][]byte{
			{1}, {2}, bytes.Repeat([]byte{3}, 48), bytes.Repeat([]byte{3}, 49), bytes.Repeat([]byte{4}, 40<<10),
		} {
			_, err := s.Agencies.Update(t.Context(), s.agency, func(a *onboarding.Agency) error {
				a.Brand = onboarding.Brand{On: true, Company: "Acme Studio", Logo: logo, Colour: "#aa3311", ShowRequester: true}
				return nil
			})
			must(t, err)
			shown, err := s.Requests.ClientView(t.Context(), "r1")
			must(t, err)
			if shown.Agency.CompanyName() != "Acme Studio" || !shown.Agency.Brand.ShowRequester ||
				shown.LogoETag != store.LogoETag(logo) || marks[shown.LogoETag] {
				t.Errorf("a logo of %d bytes is shown as %+v", len(logo), shown)
			}
			marks[shown.LogoETag] = true
			if kept, err := s.Agencies.Logo(t.Context(), s.agency, shown.LogoETag); err != nil || !bytes.Equal(kept, logo) {
				t.Errorf("a logo of %d bytes comes back as %d: %v", len(logo), len(kept), err)
			}
		}
		_, err = s.Agencies.Logo(t.Context(), s.agency, store.LogoETag([]byte{1}))
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Agencies.Logo(t.Context(), "nobody", "x")
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Requests.ClientViewByLink(t.Context(), []byte("another id"))
		wants(t, err, onboarding.ErrNotFound)
		_, err = s.Requests.ClientView(t.Context(), "another")
		wants(t, err, onboarding.ErrNotFound)
	})
}

func TestAnOpenSignInIsLookedAtWithoutUsingItUp(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		must(
			t,

			s.OAuthStates.Create(t.Context(), store.OAuthState{StateHash: []byte("hash"), Visit: "v1", Platform: "hubspot",
				Purpose: "what", Expires: s.Now().Add(600e9)}),
		)
		for range 2 {
			open, err := s.OAuthStates.Peek(t.Context(), []byte("hash"))
			must(t, err)
			if open.Visit != "v1" || open.Purpose != "what" {
				t.Errorf("open as %+v", open)
			}
		}
		_, err := s.OAuthStates.Take(t.Context(), []byte("hash"))
		must(t, err)
		_, err = s.OAuthStates.Peek(t.Context(), []byte("hash"))
		wants(t, err, onboarding.ErrNotFound)
	})
}

// TestClientPagesReadWhatTheyShow: a page that shows a column which its query
// leaves out would show nothing.
func TestClientPagesReadWhatTheyShow(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		saved, err := s.Requests.Save(t.Context(), s.agency, store.NewRequest{
			ID: "r1", Owner: "ben", Client: "Fjord Bikes", Message: "Please share.", LinkID: []byte("sixteen bytes id"),
			Who:      "Ben Okoro",
			Services: []onboarding.Service{onboarding.Facebook, onboarding.HubSpot},
			Kinds:    []onboarding.Kind{onboarding.Dataset},
			Level:    onboarding.LevelView, Connection: "c1",
			User:     onboarding.Account{ID: "7", Name: "Ben O."},
			Business: onboarding.Account{ID: "9", Name: "Acme Business"},
		})
		must(t, err)
		want := store.Request{Agency: s.agency}
		want.ID, want.Client, want.Message, want.Services = saved.ID, saved.Client, saved.Message, saved.Services
		want.Kinds, want.Level, want.Status = saved.Kinds, saved.Level, saved.Status
		want.Expires, want.LinkVersion = saved.Expires, saved.LinkVersion
		byLink, err := s.Requests.ClientViewByLink(t.Context(), []byte("sixteen bytes id"))
		must(t, err)
		if !reflect.DeepEqual(byLink.Request, want) {
			t.Errorf("a link's page reads %+v, want %+v", byLink.Request, want)
		}
		want.Owner, want.FacebookUser.Name, want.Business = "ben", "Ben O.", saved.Business
		step, err := s.Requests.ClientView(t.Context(), "r1")
		must(t, err)
		if !reflect.DeepEqual(step.Request, want) {
			t.Errorf("a step reads %+v, want %+v", step.Request, want)
		}
	})
}
