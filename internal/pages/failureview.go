package pages

import (
	"strings"

	"github.com/latchkeyhq/latchkey/internal/catalog"
)

// Rest is all text after the sentence.
func (t FailureView) Rest() string { return sentences(t.Explanation, t.NextStep) }

// Lead is the sentence below the title, unless the title is the same.
func (t FailureView) Lead() string {
	if strings.TrimSuffix(t.Message, ".") == t.Title {
		return ""
	}
	return t.Message
}

// icon is the glyph of the tone: never colour alone.
func (t FailureView) icon() drawing {
	switch t.Severity {
	case catalog.SeverityError:
		return iconBad
	case catalog.SeverityWarning:
		return iconWait
	case catalog.SeveritySuccess:
		return iconOk
	}
	return iconInfo
}

// textClass colours the glyph where it stands alone.
func textClass(tone catalog.Severity) string {
	switch tone {
	case catalog.SeverityError:
		return "text-error"
	case catalog.SeverityWarning:
		return "text-waiting"
	case catalog.SeveritySuccess:
		return "text-success"
	}
	return "text-secondary"
}

// noticeClass colours the notice.
func noticeClass(tone catalog.Severity) string {
	switch tone {
	case catalog.SeverityError:
		return "notice--error"
	case catalog.SeverityWarning:
		return "notice--waiting"
	case catalog.SeveritySuccess:
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

// retryLabel is what the button to do it once more says.
func (t FailureView) retryLabel(r *Renderer) string {
	if len(t.Steps) > 0 || t.Code == catalog.WrongPerson {
		return r.Text("action.look_again")
	}
	return r.Text("action.try_again")
}

// Buttons are the ways out that lead somewhere, in the failure's order. The
// note to copy stands in the page and needs no button.
func (t FailureView) Buttons(r *Renderer) []Button {
	var buttons []Button
	for _, way := range t.Recovery {
		switch {
		case way == catalog.RecoverRetry && t.Again != "":
			buttons = append(buttons, Button{Label: t.retryLabel(r), Address: t.Again, Post: t.AgainPost})
		case way == catalog.RecoverContinue && t.On != "":
			buttons = append(buttons, Button{Label: r.Text("action.go_on"), Address: t.On})
		case way == catalog.RecoverByHand && t.ByHand != "":
			buttons = append(buttons, Button{Label: r.Text("by_hand.instead"), Address: t.ByHand})
		case way == catalog.RecoverHandOver && t.HandOver != "":
			buttons = append(buttons, Button{Label: r.Text("hand_over.button"), Address: t.HandOver})
		case way == catalog.RecoverSkip && t.Skip != "":
			buttons = append(buttons, Button{Label: r.Text("action.skip"), Address: t.Skip, Quiet: true})
		}
	}
	if len(buttons) > 0 && !buttons[0].Quiet {
		buttons[0].Main = true
	}
	return buttons
}
