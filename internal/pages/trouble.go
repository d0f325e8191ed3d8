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

// icon is the glyph of the tone: never colour alone.
func (t Trouble) icon() drawing {
	switch t.Tone {
	case catalog.Bad:
		return iconBad
	case catalog.Wait:
		return iconWait
	case catalog.Good:
		return iconOk
	}
	return iconInfo
}

// textClass colours the glyph where it stands alone.
func textClass(tone catalog.Tone) string {
	switch tone {
	case catalog.Bad:
		return "text-error"
	case catalog.Wait:
		return "text-waiting"
	case catalog.Good:
		return "text-success"
	}
	return "text-secondary"
}

// noticeClass colours the notice.
func noticeClass(tone catalog.Tone) string {
	switch tone {
	case catalog.Bad:
		return "notice--error"
	case catalog.Wait:
		return "notice--waiting"
	case catalog.Good:
		return "notice--success"
	}
	return "notice--info"
}

// Button is one way out.
type Button struct {
	Label   string
	Address string
	Post    bool // it is posted to, not opened
	Main    bool // it is the one to choose first
	Quiet   bool
}

func (b Button) class() string {
	switch {
	case b.Main:
		return "button button--primary"
	case b.Quiet:
		return "button button--quiet"
	}
	return "button"
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
			buttons = append(buttons, Button{Label: "Skip, I cannot do this", Address: t.Skip, Quiet: true})
		}
	}
	if len(buttons) > 0 && !buttons[0].Quiet {
		buttons[0].Main = true
	}
	return buttons
}
