package pages

// FrameOf returns a page's frame.
func FrameOf(p Page) *Frame { return p.frame() }
