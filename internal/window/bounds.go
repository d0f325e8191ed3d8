package window

// The least and the first size of the window.
const (
	minWidth, minHeight     = 960, 600
	firstWidth, firstHeight = 1280, 800
)

// Bounds are a window's position and size.
type Bounds struct {
	X, Y, Width, Height int
	Maximised           bool
}

// startSize returns the remembered size, or the first one where that is none.
func (b Bounds) startSize() (width, height int) {
	if b.Width < minWidth || b.Height < minHeight {
		return firstWidth, firstHeight
	}
	return b.Width, b.Height
}

// reach is how much of a window has to be on the screen, in both directions, so
// that its title bar can be taken hold of.
const reach = 120

// onScreen returns the bounds for a screen of this size, on which the window has
// opened: since it was closed, the user may have taken a screen away, turned it
// or changed its scale, and a file may be damaged. What can be taken hold of
// stays where it was; anything else is moved inside.
//
// The window's library reports the sizes of screens and not where they are: a
// window from a second screen comes back on the first one, beside its edge.
func (b Bounds) onScreen(width, height int) Bounds {
	b.Width, b.Height = b.startSize()
	b.Width, b.Height = max(min(b.Width, width), minWidth), max(min(b.Height, height), minHeight)
	if b.X > width-reach || b.X < reach-b.Width || b.Y > height-reach || b.Y < 0 {
		b.X, b.Y = max(min(b.X, width-b.Width), 0), max(min(b.Y, height-b.Height), 0)
	}
	return b
}
