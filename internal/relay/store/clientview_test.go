package store_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

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
			shown.Agency.LogoETag != "" || shown.Agency.Branded || shown.Agency.Suspended {
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
			if shown.Agency.CompanyName() != "Acme Studio" || !shown.Agency.ShowRequester ||
				shown.Agency.LogoETag != store.LogoETag(logo) || marks[shown.Agency.LogoETag] {
				t.Errorf("a logo of %d bytes is shown as %+v", len(logo), shown)
			}
			marks[shown.Agency.LogoETag] = true
			kept, err := s.Agencies.Logo(t.Context(), s.agency, shown.Agency.LogoETag)
			if err != nil || !bytes.Equal(kept, logo) {
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
		_, err = s.Agencies.Update(t.Context(), s.agency, func(a *onboarding.Agency) error {
			a.Brand = onboarding.Brand{
				On:            true,
				Company:       "Acme Studio",
				Logo:          []byte{1},
				Colour:        "#aa3311",
				ReplyTo:       "hello@acme.example",
				ShowRequester: true,
			}
			a.Suspended = true
			return nil
		})
		must(t, err)
		agency, err := s.Agencies.Get(t.Context(), s.agency)
		must(t, err)
		want := store.ClientView{
			Request: store.ClientRequest{
				ID:           saved.ID,
				Owner:        "ben",
				Client:       saved.Client,
				Message:      saved.Message,
				Services:     saved.Services,
				Kinds:        saved.Kinds,
				Level:        saved.Level,
				FacebookUser: "Ben O.",
				Business:     saved.Business,
				Status:       saved.Status,
				Expires:      saved.Expires,
				LinkVersion:  saved.LinkVersion,
			},
			Agency:    store.ClientAgencyOf(agency),
			Requester: "Ben Okoro",
		}
		byLink, err := s.Requests.ClientViewByLink(t.Context(), []byte("sixteen bytes id"))
		must(t, err)
		byID, err := s.Requests.ClientView(t.Context(), "r1")
		must(t, err)
		for _, view := range []*store.ClientView{byLink, byID} {
			if !reflect.DeepEqual(*view, want) {
				t.Errorf("a page reads %+v, want %+v", *view, want)
			}
		}
		checkLinkEnds(t, s, want.Request)
	})
}

// checkLinkEnds withdraws, renews and finishes the request: its pages read when.
func checkLinkEnds(t *testing.T, s *scene, before store.ClientRequest) {
	t.Helper()
	read := func() store.ClientRequest {
		view, err := s.Requests.ClientView(t.Context(), before.ID)
		must(t, err)
		return view.Request
	}
	if err := before.LinkState(s.Now()); err != nil {
		t.Errorf("the link of a new request: got %v, want none", err)
	}
	s.advance(40 * 24 * time.Hour)
	wants(t, read().LinkState(s.Now()), onboarding.ErrExpired)
	_, err := s.Requests.Renew(t.Context(), s.agency, before.ID, store.NewLink{From: before.LinkVersion, Who: "Ben Okoro"})
	must(t, err)
	if r := read(); r.Renewed != s.Now() || r.LinkVersion != before.LinkVersion+1 {
		t.Errorf("renewed at %v it reads %+v", s.Now(), r)
	}
	s.exec(t, `
		UPDATE requests SET finished_ms = 7, completed_ms = 8, completed_by_name = 'Lena Park' WHERE id = $1`, before.ID)
	if r := read(); r.Finished != 7 || r.Completed != 8 || r.CompletedBy != "Lena Park" {
		t.Errorf("finished it reads %+v", r)
	}
	wants(t, read().LinkState(s.Now()), onboarding.ErrCompleted)
	_, err = s.Requests.Withdraw(t.Context(), s.agency, before.ID, "Ben Okoro")
	must(t, err)
	wants(t, read().LinkState(s.Now()), onboarding.ErrWithdrawn)
}
