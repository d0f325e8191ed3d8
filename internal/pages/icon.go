package pages

import (
	_ "embed"
	"strings"
)

// drawing is the text of an embedded SVG file of 24 by 24 units.
type drawing string

// inside returns what stands inside the file's <svg> element. The element
// itself is written with the size and class of its place.
func (d drawing) inside() string {
	_, rest, _ := strings.Cut(string(d), ">")
	return rest[:max(strings.LastIndex(rest, "</svg>"), 0)]
}

// monogram returns the characters that a service's file holds in place of a mark;
// empty: it holds a mark.
func (d drawing) monogram() string {
	_, text, found := strings.Cut(d.inside(), "<text")
	if !found {
		return ""
	}
	_, text, _ = strings.Cut(text, ">")
	text, _, _ = strings.Cut(text, "<")
	return text
}

// unknownMark stands for a service that only a newer relay has.
const unknownMark drawing = "<svg><text>··</text></svg>"

// The icons are Tabler's outlines (MIT), without the square around them.
var (
	//go:embed drawings/again.svg
	iconAgain drawing
	//go:embed drawings/back.svg
	iconBack drawing
	//go:embed drawings/bad.svg
	iconBad drawing
	//go:embed drawings/check.svg
	iconCheck drawing
	//go:embed drawings/clock.svg
	iconClock drawing
	//go:embed drawings/copy.svg
	iconCopy drawing
	//go:embed drawings/done.svg
	iconDone drawing
	//go:embed drawings/expired.svg
	iconExpired drawing
	//go:embed drawings/external.svg
	iconExternal drawing
	//go:embed drawings/flag.svg
	iconFlag drawing
	//go:embed drawings/info.svg
	iconInfo drawing
	//go:embed drawings/lock.svg
	iconLock drawing
	//go:embed drawings/mail.svg
	iconMail drawing
	//go:embed drawings/minus.svg
	iconMinus drawing
	//go:embed drawings/ok.svg
	iconOk drawing
	//go:embed drawings/on.svg
	iconOn drawing
	//go:embed drawings/pause.svg
	iconPause drawing
	//go:embed drawings/plus.svg
	iconPlus drawing
	//go:embed drawings/print.svg
	iconPrint drawing
	//go:embed drawings/search.svg
	iconSearch drawing
	//go:embed drawings/shield.svg
	iconShield drawing
	//go:embed drawings/undo.svg
	iconUndo drawing
	//go:embed drawings/users.svg
	iconUsers drawing
	//go:embed drawings/wait.svg
	iconWait drawing
	//go:embed drawings/x.svg
	iconX drawing
)
