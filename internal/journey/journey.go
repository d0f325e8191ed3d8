// Package journey walks the whole of Latchkey: an agency's hub, a relay, the
// simulated platforms, and people who read pages and press what they read.
//
// It is for tests alone: it never appears in a program. Nobody in it knows an
// address, a field's name or a table that a person does not see; what checks
// the books afterwards looks into the database itself.
package journey

import (
	"fmt"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// Actor is a person at a client's, with a browser of their own. Each method
// is one thing that they do; it ends with an error at the first page that does
// not show what the next step needs.
type Actor struct {
	*webtest.Browser
	Name  string
	Email string
}

// NewClient has opened nothing yet.
func NewClient(name, email string) *Actor {
	return &Actor{Browser: webtest.New(), Name: name, Email: email}
}

// do takes steps until one does not work.
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

// reads ends the walk when the page does not say a sentence.
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

// Enter goes from the link to the first step.
func (c *Actor) Enter(link string) error {
	return do(
		c.opens(link), c.presses("Grant Permission Now"), c.fills("Your name", c.Name), c.fills("Your work email", c.Email),
		c.presses("View request"),
	)
}

// SignInAtFacebook signs in there as one of its people, allows what is asked
// and comes back to the lists.
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

// Share ticks ad accounts and Pages by their names, connects them, and reads
// that each of them is.
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

// NextStep goes on.
func (c *Actor) NextStep() error { return c.Follow("Next Step") }

// ConnectHubSpot connects a portal as one of HubSpot's people; as is empty for
// a browser that is signed in there, portal for a person who has one alone.
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

// ConnectActiveCampaign connects an account with the key its owner copied.
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

// Finish presses Finish on the summary and reads the receipt.
func (c *Actor) Finish() error { return do(c.presses("Finish"), c.reads("You are done.")) }

// LinkIn finds the request's link in the text of an email.
func LinkIn(text string) (string, error) {
	for _, word := range strings.Fields(text) {
		word = strings.Trim(word, "<>()[].,")
		if _, token, found := strings.Cut(word, "/r/"); found && !strings.Contains(token, "/") {
			return word, nil
		}
	}
	return "", fmt.Errorf("the email has no link: %.500s", text)
}
