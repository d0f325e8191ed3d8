// Package journey tests all of Latchkey together: an agency's hub, a relay, the
// fake platforms, and clients who read pages and press buttons.
//
// It is for tests alone and never part of a program. An actor uses only what a
// user sees: no address, field name or table; only the final checks read the
// database.
package journey

import (
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// Actor is a client with a browser. Each method is one action; it fails at the
// first page that lacks what the next step needs.
type Actor struct {
	*webtest.Browser
	Name  string
	Email string
}

// NewClient returns an actor with a new browser.
func NewClient(name, email string) *Actor {
	return &Actor{Browser: webtest.New(), Name: name, Email: email}
}

// do runs steps until one fails.
func do(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Actor) opens(address string) func() error { return func() error { return c.Open(address) } }
func (c *Actor) presses(words string) func() error { return func() error { return c.Press(words) } }
func (c *Actor) follows(words string) func() error { return func() error { return c.Follow(words) } }
func (c *Actor) fills(label, text string) func() error {
	return func() error { return c.Fill(label, text) }
}

// reads fails if the page does not contain a sentence.
func (c *Actor) reads(sentence string) func() error {
	return func() error {
		if !c.Page.Says(sentence) {
			return fmt.Errorf(
				"the page %q (%d) at %s does not say %q, but: %.1500s", c.Page.Title(), c.Page.Status, c.Page.URL, sentence,
				c.Page.Text(),
			)
		}
		return nil
	}
}

// Enter opens the link and goes to the first step.
func (c *Actor) Enter(link string) error {
	return do(
		c.opens(link), c.presses("Grant Permission Now"), c.fills("Your name", c.Name), c.fills("Your work email", c.Email),
		c.presses("View request"),
	)
}

// SignInAtFacebook signs in as one of Facebook's people, allows everything and
// returns to the lists.
func (c *Actor) SignInAtFacebook(as string) error {
	if err := do(c.presses("Add Facebook"), c.follows("Log In")); err != nil {
		return err
	}
	if !c.Page.Has("Allow") { // the browser is not signed in there yet
		if err := c.Press(as); err != nil {
			return err
		}
	}
	return do(c.presses("Allow"), c.reads("Choose what to share"))
}

// Share ticks ad accounts and Pages by their names, connects them, and verifies
// that each is connected.
func (c *Actor) Share(assets ...string) error {
	for _, asset := range assets {
		if err := c.Tick(asset); err != nil {
			return err
		}
	}
	if err := c.Press("Connect Assets"); err != nil {
		return err
	}
	return c.NextStep()
}

// NextStep goes to the next step.
func (c *Actor) NextStep() error { return c.Follow("Next Step") }

// ConnectHubSpot connects a portal as one of HubSpot's people; as is empty if
// the browser is signed in there, portal if the person has only one.
func (c *Actor) ConnectHubSpot(as, portal string) error {
	if err := do(c.presses("Add HubSpot"), c.follows("Proceed")); err != nil {
		return err
	}
	if as != "" && c.Page.Has(as) { // the browser is not signed in there yet
		if err := c.Press(as); err != nil {
			return err
		}
	}
	if portal != "" {
		if err := c.Press(portal); err != nil {
			return err
		}
	}
	return do(c.presses("Allow"), c.reads("HubSpot is connected"), c.follows("Close"))
}

// ConnectActiveCampaign connects an account with a key.
func (c *Actor) ConnectActiveCampaign(address, key string) error {
	if err := c.Press("Add ActiveCampaign"); err != nil {
		return err
	}
	if c.Page.Has("Proceed") {
		if err := c.Follow("Proceed"); err != nil {
			return err
		}
	}
	return do(
		c.fills("API URL", address), c.fills("API key", key), c.presses("Connect"), c.reads("ActiveCampaign is connected"),
		c.follows("Close"),
	)
}

// Finish presses Finish on the summary and expects the receipt.
func (c *Actor) Finish() error { return do(c.presses("Finish"), c.reads("You are done.")) }

// LinkIn finds the request's link in an email's text.
func LinkIn(text string) (string, error) {
	for _, word := range strings.Fields(text) {
		word = strings.Trim(word, "<>()[].,")
		if _, token, found := strings.Cut(word, "/r/"); found && !strings.Contains(token, "/") {
			return word, nil
		}
	}
	return "", fmt.Errorf("the email has no link: %.500s", text)
}
