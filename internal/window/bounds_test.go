package window

import (
	"math"
	"testing"
)

func at(x, y, width, height int) Bounds { return Bounds{X: x, Y: y, Width: width, Height: height} }

func TestTheWindowOpensWhereItCanBeTakenHoldOf(t *testing.T) {
	const width, height = 1920, 1080
	for name, c := range map[string]struct{ was, want Bounds }{
		"inside":                   {at(300, 200, 1200, 800), at(300, 200, 1200, 800)},
		"half over the right edge": {at(1400, 200, 1200, 800), at(1400, 200, 1200, 800)},
		"half over the left edge":  {at(-600, 200, 1200, 800), at(-600, 200, 1200, 800)},
		"on a screen that is gone": {at(2000, 200, 1200, 800), at(720, 200, 1200, 800)},
		"on one to the left":       {at(-1900, 200, 1200, 800), at(0, 200, 1200, 800)},
		"on one below":             {at(300, 1100, 1200, 800), at(300, 280, 1200, 800)},
		"on one above":             {at(300, -900, 1200, 800), at(300, 0, 1200, 800)},
		"its title bar above":      {at(300, -20, 1200, 800), at(300, 0, 1200, 800)},
		"a corner on the screen":   {at(1900, 1070, 1200, 800), at(720, 280, 1200, 800)},
		"larger than the screen":   {at(0, 0, 3000, 2000), at(0, 0, 1920, 1080)},
		"of another scale":         {at(2400, 1500, 2400, 1600), at(0, 0, 1920, 1080)},
		"smaller than the least":   {at(300, 200, 10, 10), at(300, 200, 1280, 800)},
		"of a negative size":       {at(300, 200, -1200, -800), at(300, 200, 1280, 800)},
		"never opened":             {at(0, 0, 0, 0), at(0, 0, 1280, 800)},
		"out of a damaged file":    {at(math.MaxInt, math.MinInt, math.MaxInt, 700), at(0, 0, 1920, 700)},
		"out of another one":       {at(math.MinInt, math.MaxInt, 1000, math.MinInt), at(0, 280, 1280, 800)},
		"maximised on a lost screen": {
			Bounds{X: 5000, Width: 1200, Height: 800, Maximised: true},
			Bounds{X: 720, Width: 1200, Height: 800, Maximised: true},
		},
	} {
		if got := c.was.onScreen(width, height); got != c.want {
			t.Errorf("%s: %+v becomes %+v, want %+v", name, c.was, got, c.want)
		}
	}
	small := at(2000, 900, 1600, 1000).onScreen(800, 480)
	if small != (at(0, 0, minWidth, minHeight)) {
		t.Errorf("on a screen smaller than the window's least size: got %+v", small)
	}
}
