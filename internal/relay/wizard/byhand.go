package wizard

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// byHandPages are for who shares at Facebook without a sign-in: where the request asks for
// that, and where Facebook refuses the relay's app.
type byHandPages struct {
	*core
	visits *visits
}

// byHandPath is the address of the step without a sign-in; empty in a visit that repairs an
// item.
func (v *visitScope) byHandPath() string {
	if v.repair != nil {
		return ""
	}
	return v.path("facebook/partner")
}

// page is the step as it stands.
func (s *byHandPages) page(
	w http.ResponseWriter, r *http.Request, v *visitScope,
) (page pages.ByHand, done bool, err error) {
	if v.byHandPath() == "" {
		return page, false, onboarding.ErrNotFound
	}
	progress, done, err := s.visits.enterStep(w, r, v, pages.StepFacebook)
	if done || err != nil {
		return page, done, err
	}
	// Whoever changed the Business Manager in the database must not get the client's accounts.
	business, err := s.store.Requests.Business(r.Context(), v.Agency.ID, v.Request.ID)
	if err != nil {
		return page, false, err
	}
	page = pages.ByHand{
		Frame: v.Frame, Business: business.Name, BusinessID: business.ID, Asked: v.asked(),
		Post: v.byHandPath(), Skip: v.skipPath("facebook"), HandOver: v.handOverPath(onboarding.Facebook),
		Next: progress.next(v, pages.StepFacebook),
	}
	if !v.Request.ByHand {
		page.SignIn = v.path("facebook")
	}
	page.Handed, _ = progress.handedTo(v, onboarding.Facebook)
	named := 0
	for _, item := range progress.itemsOf(onboarding.Facebook) {
		choice := pages.NamedChoice{Choice: choicesOf(v, []onboarding.Item{item})[0]}
		if item.IsNamed() {
			named++
		}
		if item.IsNamed() && item.State == onboarding.ItemWaiting {
			choice.Remove = v.removeNamedPath(item.ID)
		}
		page.Choices = append(page.Choices, choice)
	}
	page.Full = named >= onboarding.MaxNamed
	if progress.hasConnected(onboarding.Facebook) {
		page.Skip = "" // what is there already is not skipped
	} else {
		page.Skipped = progress.skipped[onboarding.Facebook]
	}
	return page, false, nil
}

func (s *byHandPages) show(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, done, err := s.page(w, r, v)
	if done || err != nil {
		return err
	}
	after := r.URL.Query()
	page.Kind, page.Added = onboarding.Kind(after.Get("kind")), after.Has("added")
	page.Again = after.Has("kind")
	s.render(w, r, http.StatusOK, page)
	return nil
}

// add stores what the client named. Next Step, too, adds what is typed.
func (s *byHandPages) add(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, done, err := s.page(w, r, v)
	if done || err != nil {
		return err
	}
	if err := parseForm(w, r, maxForm); err != nil {
		return err
	}
	page.Kind, page.Named = onboarding.Kind(r.PostFormValue(pages.FieldNamedKind)), r.PostFormValue(pages.FieldNamed)
	goesOn := page.Next != "" && r.PostFormValue(pages.FieldNext) != ""
	if goesOn && strings.TrimSpace(page.Named) == "" {
		return seeOther(w, r, page.Next)
	}
	if page.Kind != onboarding.AdAccount && page.Kind != onboarding.Page && !slices.Contains(v.Request.Kinds, page.Kind) {
		return onboarding.ErrInvalid // the page has no other
	}
	name, err := onboarding.ValidateNamed(
		pages.FieldNamed, page.Named, page.Kind, onboarding.Account{ID: page.BusinessID, Name: page.Business},
	)
	if err != nil {
		page.Error = s.fieldMessage(err)
		page.Steps = v.steps(pages.StepFacebook)
		s.render(w, r, http.StatusUnprocessableEntity, page)
		return nil
	}
	err = s.store.Items.AddNamed(r.Context(), v.visit, onboarding.Item{
		Service: onboarding.Facebook, Kind: page.Kind, Account: onboarding.NamedAccount(name), Name: name,
		Failure: string(catalog.NamedByClient), By: onboarding.Person{Name: v.visit.Name, Email: v.visit.Email},
	})
	if errors.Is(err, onboarding.ErrRateLimited) {
		return seeOther(w, r, v.byHandPath()) // the page shows that it is full
	} else if err != nil {
		return err
	}
	v.state.setFailure(onboarding.Facebook, failure{}) // the sign-in is not needed any more
	if err := s.visits.saveState(r, v); err != nil {
		return err
	}
	if goesOn {
		return seeOther(w, r, page.Next)
	}
	return seeOther(w, r, v.byHandAgain(page.Kind)+"&added=1")
}

// byHandAgain is the page with the focus in its field, for another one of a kind.
func (v *visitScope) byHandAgain(kind onboarding.Kind) string {
	return v.byHandPath() + "?" + url.Values{"kind": {string(kind)}}.Encode()
}

// removeNamedPath is where Remove of an item posts.
func (v *visitScope) removeNamedPath(item string) string {
	return v.path("facebook/partner/" + item + "/remove")
}

// remove deletes what the client named by mistake.
func (s *byHandPages) remove(w http.ResponseWriter, r *http.Request, v *visitScope) error {
	page, done, err := s.page(w, r, v)
	if done || err != nil {
		return err
	}
	removed := r.PathValue("item")
	if err := s.store.Items.RemoveNamed(r.Context(), v.visit, removed); err != nil {
		return err
	}
	for _, choice := range page.Choices {
		if choice.Remove == v.removeNamedPath(removed) {
			return seeOther(w, r, v.byHandAgain(choice.Kind))
		}
	}
	return seeOther(w, r, v.byHandPath())
}
