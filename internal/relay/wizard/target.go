package wizard

import (
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// keyTaker is the driver of a service that takes an address and a key.
func (s *core) keyTaker(service onboarding.Service) (platform.KeyTaker, bool) {
	driver, err := platform.Find(s.drivers, service.Platform())
	if err != nil {
		return nil, false
	}
	taker, able := driver.(platform.KeyTaker)
	return taker, able
}

// targetTaker is the driver of a service that asks something before a client
// leaves.
func (s *core) targetTaker(service onboarding.Service) (platform.TargetTaker, bool) {
	driver, err := platform.Find(s.drivers, service.Platform())
	if err != nil {
		return nil, false
	}
	taker, takes := driver.(platform.TargetTaker)
	return taker, takes && s.catalog.Service(service).Before != nil
}

// chooseTarget reads a choice from a form and has the driver check it. What is
// wrong with it is in c.Error; an option that does not exist is ErrInvalid.
func (s *core) chooseTarget(
	r *http.Request, service onboarding.Service, c *pages.Choosing, args catalog.Args,
) (target string, err error) {
	taker, takes := s.targetTaker(service)
	if !takes {
		return "", onboarding.ErrNotFound
	}
	c.Chosen = r.PostFormValue(pages.FieldOption)
	if !slices.ContainsFunc(c.Options, func(o catalog.Option) bool { return o.ID == c.Chosen }) {
		return "", onboarding.Invalid(pages.FieldOption, s.pages.Text("option.missing"))
	}
	c.Typed = r.PostFormValue(pages.FieldTyped + "-" + c.Chosen)
	if repaired := r.PostFormValue(pages.FieldUseTyped); repaired != "" {
		c.Typed = repaired
	}
	typed, err := onboarding.ValidatePasted(pages.FieldTyped, c.Typed)
	if err != nil {
		c.Error = &catalog.Failure{Message: s.fieldMessage(err)}
		return "", nil
	}
	if target, err = taker.Target(c.Chosen, typed); err == nil {
		return target, nil
	}
	failure := platform.AsFailure(err)
	args.Address = failure.Suggestion
	described := s.catalog.Describe(failure.Code, args)
	if typed == "" {
		described.Message = s.pages.Text("option.address_missing")
		described.NextStep = s.pages.Text("option.address_other")
	}
	c.Error, c.Repair = &described, failure.Suggestion
	return "", nil
}
