package pages

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
)

// Rest is all that is said after the sentence.
func (t Trouble) Rest() string { return strings.TrimSpace(t.Why + " " + t.Next) }

// Lead is the sentence below the title, unless the title says it already.
func (t Trouble) Lead() string {
	if strings.TrimSuffix(t.Sentence, ".") == t.Title {
		return ""
	}
	return t.Sentence
}

// Icon is the glyph of the tone: never colour alone.
func (t Trouble) Icon() string {
	switch t.Tone {
	case catalog.Bad:
		return "bad"
	case catalog.Wait:
		return "wait"
	case catalog.Good:
		return "ok"
	}
	return "info"
}

// Class colours the glyph where it stands alone.
func (t Trouble) Class() string {
	switch t.Tone {
	case catalog.Bad:
		return "er"
	case catalog.Wait:
		return "wt"
	case catalog.Good:
		return "ok"
	}
	return "t2"
}

// Button is one way out.
type Button struct {
	Label, Address, Class string
	Post                  bool
}

// Buttons are the ways out that lead somewhere, in the failure's order. The
// note to copy stands in the page and needs no button.
func (t Trouble) Buttons() []Button {
	var buttons []Button
	for _, way := range t.Ways {
		switch {
		case way == catalog.TryAgain && t.Again != "":
			label := "Try again"
			if len(t.Steps) > 0 || t.Code == catalog.WrongPerson {
				label = "Look again"
			}
			buttons = append(buttons, Button{Label: label, Address: t.Again, Post: t.AgainPost})
		case way == catalog.GoOn && t.On != "":
			buttons = append(buttons, Button{Label: "Go on", Address: t.On})
		case way == catalog.Skip && t.Skip != "":
			buttons = append(buttons, Button{Label: "Skip, I cannot do this", Address: t.Skip, Class: "t"})
		}
	}
	if len(buttons) > 0 && buttons[0].Class == "" {
		buttons[0].Class = "p"
	}
	return buttons
}
