package relay

import (
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// targetTaker is the driver of a service that asks something before a client
// leaves.
func (z *wizard) targetTaker(service onboarding.Service) (platform.TargetTaker, bool) {
	driver, err := platform.Find(z.drivers, service.Platform())
	if err != nil {
		return nil, false
	}
	taker, takes := driver.(platform.TargetTaker)
	return taker, takes && catalog.Of(service).Before != nil
}

// beforeForm builds the form; a nil page without an error: the response is written.
func (z *wizard) beforeForm(w http.ResponseWriter, r *http.Request, v *visitor) (*pages.BeforeForm, error) {
	service, err := asked(r, v)
	if err != nil {
		return nil, err
	}
	if _, takes := z.targetTaker(service); !takes {
		return nil, onboarding.ErrNotFound
	}
	have, done, err := z.enterStep(w, r, v, pages.StepPlatforms)
	if done || err != nil {
		return nil, err
	}
	return &pages.BeforeForm{
		Frame:    v.Frame,
		Choosing: pages.Choosing{Before: *catalog.Of(service).Before},
		Service:  service,
		Accounts: accountsOf(have.of(service)),
		Post:     v.path("platforms/" + string(service) + "/before"),
		Cancel:   v.path("platforms"),
		Skip:     v.path("skip/" + string(service)),
	}, nil
}

func (z *wizard) showBefore(w http.ResponseWriter, r *http.Request, v *visitor) error {
	page, err := z.beforeForm(w, r, v)
	if err != nil || page == nil {
		return err
	}
	z.show(w, r, http.StatusOK, *page)
	return nil
}

// answerBefore takes the choice and leads to the page before the platform. What
// was typed stays typed when it cannot be used.
func (z *wizard) answerBefore(w http.ResponseWriter, r *http.Request, v *visitor) error {
	page, err := z.beforeForm(w, r, v)
	if err != nil || page == nil {
		return err
	}
	if err := form(w, r, maxForm); err != nil {
		return err
	}
	target, err := z.chooseTarget(r, page.Service, &page.Choosing, v.facts(page.Service))
	if err != nil {
		return err
	}
	if page.Error != nil {
		z.show(w, r, http.StatusUnprocessableEntity, *page)
		return nil
	}
	return z.leaveForPlatform(w, r, v, errand{Service: page.Service, Target: target})
}

// chooseTarget reads a choice from a form and has the driver check it. What is
// wrong with it is in c.Error; an option that does not exist is ErrInvalid.
func (z *wizard) chooseTarget(
	r *http.Request, service onboarding.Service, c *pages.Choosing, facts catalog.Facts,
) (target string, err error) {
	taker, takes := z.targetTaker(service)
	if !takes {
		return "", onboarding.ErrNotFound
	}
	c.Chosen = r.PostFormValue(pages.FieldOption)
	if !slices.ContainsFunc(c.Options, func(o catalog.Option) bool { return o.ID == c.Chosen }) {
		return "", onboarding.Invalid(pages.FieldOption, "Choose one of the answers.")
	}
	c.Typed = r.PostFormValue(pages.FieldTyped + "-" + c.Chosen)
	if repaired := r.PostFormValue(pages.FieldUseTyped); repaired != "" {
		c.Typed = repaired
	}
	if target, err = taker.Target(c.Chosen, c.Typed); err == nil {
		return target, nil
	}
	failure := platform.AsFailure(err)
	facts.Address = failure.Suggestion
	described := catalog.Say(failure.Code, facts)
	if strings.TrimSpace(c.Typed) == "" {
		described.Sentence, described.Next = "Enter the address where you sign in.", "Or choose another answer."
	}
	c.Error, c.Repair = &described, failure.Suggestion
	return "", nil
}
