package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
)

type reviewCommand struct {
	Start reviewStart `cmd:"" help:"Make a link for the reviewers of your app at a platform."`
	List  reviewList  `cmd:"" help:"List the reviews with their links."`
	End   reviewEnd   `cmd:"" help:"End a review, and delete everything that its reviewers left."`
}

type reviewStart struct {
	Platform     string `required:"" placeholder:"NAME" help:"The platform: ${platforms}."`
	App          string `placeholder:"NAME" help:"The app's name at the platform. Without it: LATCHKEY_OPERATOR."`
	Business     string `placeholder:"ID" help:"For meta: the id of the Business Manager with which a reviewer shares."`
	BusinessName string `placeholder:"NAME" help:"For meta: the name of that Business Manager."`
	Days         int    `default:"60" help:"How long the link works."`
	Contact      string `placeholder:"ADDRESS" help:"Who is told of faults. Without it: LATCHKEY_OPERATOR_CONTACT."`
}

func (c reviewStart) Run(s *env) error {
	of, err := reviewedService(c.Platform)
	if err != nil {
		return err
	}
	set, err := s.readForReview(c, of.Platform())
	if err != nil {
		return err
	}
	if all.TakesApp(of.Platform()) && set.apps[of.Platform()].ClientID == "" {
		return configErrorf("The relay has no app for %s. Name it in the settings first: docs/platforms.md says how.",
			of.Platform())
	}
	contact := cmp.Or(c.Contact, set.operatorContact.Email)
	if contact == "" {
		return userErrorf("LATCHKEY_OPERATOR_CONTACT is a page. Name an email address with --contact.")
	}
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		review, err := o.StartReview(s.ctx, admin.NewReview{
			Service: of, App: cmp.Or(c.App, set.operator), Days: c.Days, Contact: contact, Base: set.url,
			Business: onboarding.Account{ID: c.Business, Name: c.BusinessName},
		})
		if err != nil {
			return err
		}
		return s.printf("The review of %s at %s, until %s:\n\n  %s\n\n"+
			"Give this link to the reviewers: each begins an onboarding of their own there. What they connect opens nowhere, "+
			"and what they leave is deleted after %d days. docs/reviews.md has the instructions for them.",
			review.App, of.Platform(), dayAndTime(review.Ends), review.Link.Reveal(), admin.ReviewDays)
	})
}

// readForReview reads what a review is made of, and no other setting.
func (s *env) readForReview(c reviewStart, of onboarding.Platform) (settings, error) {
	set, err := s.readPlace()
	if err != nil {
		return set, err
	}
	r := &reader{lookup: s.lookup}
	set.url = r.publicAddress("LATCHKEY_URL")
	if c.App == "" {
		set.operator = r.text("LATCHKEY_OPERATOR", "name the app with --app, or whoever runs this relay")
	}
	if c.Contact == "" {
		set.operatorContact = r.contact("LATCHKEY_OPERATOR_CONTACT")
	}
	set.apps = map[onboarding.Platform]platform.App{of: r.app(of)}
	if len(r.mistakes) > 0 {
		return settings{}, r.mistakes
	}
	return set, nil
}

// reviewedService takes the name of a platform or its service, or how one of them begins.
func reviewedService(named string) (onboarding.Service, error) {
	named = strings.ToLower(strings.TrimSpace(named))
	var found []onboarding.Service
	for _, of := range all.Platforms() {
		names := []string{string(of), string(of.Service())}
		if slices.Contains(names, named) {
			return of.Service(), nil
		}
		if named != "" && slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(n, named) }) {
			found = append(found, of.Service())
		}
	}
	if len(found) != 1 {
		return "", userErrorf("There is no platform %q. Name one of these with --platform: %s.", named, reviewedPlatforms())
	}
	return found[0], nil
}

// reviewedPlatforms are the names that --platform takes.
func reviewedPlatforms() string {
	var names []string
	for _, of := range all.Platforms() {
		names = append(names, string(of))
	}
	return strings.Join(slices.Compact(names), ", ")
}

type reviewList struct {
	JSON bool `name:"json" help:"Print a line of JSON for each review; times are in milliseconds since 1970."`
}

// reviewLine is a review as JSON.
type reviewLine struct {
	Platform onboarding.Platform  `json:"platform"`
	App      string               `json:"app"`
	Link     string               `json:"link"`
	Ends     onboarding.Timestamp `json:"ends_ms"`
	Started  int                  `json:"started"`
	Last     onboarding.Timestamp `json:"last_started_ms"` // zero: nobody pressed the button yet
}

func (c reviewList) Run(s *env) error {
	return s.operate(mustExist, func(o *admin.Admin, set settings) error {
		reviews, err := o.ListReviews(s.ctx, set.url)
		if err != nil {
			return err
		}
		if len(reviews) == 0 && !c.JSON {
			return s.printf("There is no review. `latchkey-relay review start --platform NAME` starts one.")
		}
		table := tabwriter.NewWriter(s.out, 0, 8, 2, ' ', 0)
		for _, r := range reviews {
			if c.JSON {
				if err := s.printJSON(reviewLine{
					Platform: r.Service.Platform(), App: r.App, Link: r.Link.Reveal(), Ends: r.Ends, Started: r.Started,
					Last: r.LastStarted,
				}); err != nil {
					return err
				}
				continue
			}
			fmt.Fprintf(table, "%s\t%s\tuntil %s\tbegun %d times, last %s\t%s\n", // its error comes with Flush
				r.Service.Platform(), r.App, dayAndTime(r.Ends), r.Started, timeOrNever(r.LastStarted), r.Link.Reveal())
		}
		return table.Flush()
	})
}

type reviewEnd struct {
	Platform string `required:"" placeholder:"NAME" help:"The platform: ${platforms}."`
}

func (c reviewEnd) Run(s *env) error {
	of, err := reviewedService(c.Platform)
	if err != nil {
		return err
	}
	return s.operate(mustExist, func(o *admin.Admin, _ settings) error {
		if err := o.EndReview(s.ctx, of); errors.Is(err, onboarding.ErrNotFound) {
			return userErrorf("There is no review at %s. `latchkey-relay review list` shows them.", of.Platform())
		} else if err != nil {
			return err
		}
		return s.printf("The review at %s is over: its link opens nothing, and what reviewers left is deleted. "+
			"What they shared or connected at the platform stays there until it is removed there.", of.Platform())
	})
}
