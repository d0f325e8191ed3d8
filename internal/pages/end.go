package pages

import (
	"github.com/latchkeyhq/latchkey/internal/catalog"
)

// EndCard is the one card of an end page: one icon, a few lines, at most one
// button.
type EndCard struct {
	Icon      drawing
	Tone      string // class of the icon: "", toneGood or toneWait
	Title     string
	Lines     []string
	Note      string // to copy for somebody else
	Post      string // where the button posts; empty: see Link
	Link      string // where the button leads; empty as well: there is none
	Label     string
	LabelIcon drawing
	Main      bool   // the button is the main one
	Sent      string // what the button has done, instead of it
	Reference string
	Under     string // the words before the reply-to address, below the card
}

// The classes of an end card's icon.
const (
	toneGood = " end-icon--success"
	toneWait = " end-icon--waiting"
)

// said makes a card of a failure's words.
func said(icon drawing, tone, under string, f catalog.Failure) EndCard {
	card := EndCard{Icon: icon, Tone: tone, Title: f.Title, Note: f.Note, Under: under}
	for _, line := range []string{f.Message, f.Explanation, f.NextStep} {
		if line != "" {
			card.Lines = append(card.Lines, line)
		}
	}
	return card
}

// Card says F2.
func (p Expired) Card(r *Renderer) EndCard {
	return said(
		iconExpired,
		"",
		"Or write to",
		r.catalog.Describe(catalog.LinkExpired, catalog.Args{Agency: p.Company, When: p.On}),
	)
}

// Card says F3.
func (p Withdrawn) Card(r *Renderer) EndCard {
	card := said(
		iconUndo,
		"",
		"Unexpected? Write to",
		r.catalog.Describe(catalog.LinkWithdrawn, catalog.Args{Agency: p.Company}),
	)
	if p.TakeBack != "" {
		card.Link, card.Label = p.TakeBack, "How to take access back"
	}
	return card
}

// Card says F4.
func (p Completed) Card(r *Renderer) EndCard {
	card := said(
		iconDone,
		toneGood,
		"Something missing? Write to",
		r.catalog.Describe(catalog.LinkCompleted, catalog.Args{Agency: p.Company, Name: p.By, When: p.At}),
	)
	switch {
	case p.Show != "":
		card.Link, card.Label = p.Show, "Show my receipt"
	case p.Sent:
		card.Sent = "Your receipt is on its way."
	case p.Receipt != "":
		card.Post, card.Label, card.LabelIcon = p.Receipt, "Email me my receipt", iconMail
	}
	return card
}

// Card says F5.
func (p OlderLink) Card(r *Renderer) EndCard {
	return said(
		iconOn,
		"",
		"Or write to",
		r.catalog.Describe(catalog.LinkSuperseded, catalog.Args{Agency: p.Company, When: p.Newer}),
	)
}

// Card says that the agency's links rest.
func (p Paused) Card(r *Renderer) EndCard {
	return said(iconPause, "", "Or write to", r.catalog.Describe(catalog.RequestPaused, catalog.Args{Agency: p.Company}))
}

// Card says that there is nothing at this address.
func (p NotFound) Card(r *Renderer) EndCard {
	return EndCard{Icon: iconSearch, Title: "There is no page at this address", Lines: []string{
		"A link is long, and mail programs sometimes cut it. Copy it from the email once more, in full.",
		"If it still leads here, ask whoever sent it.",
	}}
}

// Card says that the relay cannot just now.
func (p TryLater) Card(r *Renderer) EndCard {
	card := EndCard{
		Icon:      iconClock,
		Tone:      toneWait,
		Title:     "Try again in a moment",
		Reference: p.Reference,
		Under:     "If it stays so, write to",
		Lines: []string{
			"This page cannot answer right now. What you did so far is kept.",
		},
	}
	if p.TooOften {
		card.Title, card.Lines = "That was a little too often", []string{
			"Wait a minute, then try again. What you did so far is kept.",
		}
	}
	if p.Again != "" {
		card.Link, card.Label, card.Main = p.Again, "Try again", true
	} else {
		card.Lines = append(card.Lines, "Load the page again after a minute.")
	}
	return card
}

// Card says why a form was not taken.
func (p RefusedPost) Card(r *Renderer) EndCard {
	card := EndCard{
		Icon:  iconShield,
		Tone:  toneWait,
		Title: "This was not sent from this page",
		Under: "Or write to",
		Lines: []string{
			"The form came from somewhere else, or your browser did not say where from. " +
				"So that nobody else can press a button for you, nothing was done.",
			"Open the page again and press the button there. A privacy extension can be the cause.",
		},
	}
	if p.Back != "" {
		card.Link, card.Label, card.Main = p.Back, "Open the page again", true
	}
	return card
}

// Card says how the agency's own sign-in ended.
func (p AgencySignInEnd) Card(r *Renderer) EndCard {
	if p.Trouble == nil {
		return EndCard{
			Icon:  iconDone,
			Tone:  toneGood,
			Title: r.catalog.Service(p.Service).Name + " is connected",
			Lines: []string{
				"You can close this tab. The program has taken over.",
			},
		}
	}
	card := said(iconInfo, toneWait, "", p.Trouble.Failure)
	card.Note, card.Reference = "", p.Trouble.Reference
	card.Lines = []string{p.Trouble.Message, "Start it again in the program. You can close this tab."}
	return card
}
