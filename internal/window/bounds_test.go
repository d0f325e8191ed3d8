package window

import (
	"math"
	"testing"
)

func TestTheWindowOpensWhereItCanBeTakenHoldOf(t *testing.T) {
	const width, height = 1920, 1080
	for name, c := range map[string]struct{ was, want Bounds }{
		"inside":                     {Bounds{X: 300, Y: 200, Width: 1200, Height: 800}, Bounds{X: 300, Y: 200, Width: 1200, Height: 800}},
		"half over the right edge":   {Bounds{X: 1400, Y: 200, Width: 1200, Height: 800}, Bounds{X: 1400, Y: 200, Width: 1200, Height: 800}},
		"half over the left edge":    {Bounds{X: -600, Y: 200, Width: 1200, Height: 800}, Bounds{X: -600, Y: 200, Width: 1200, Height: 800}},
		"on a screen that is gone":   {Bounds{X: 2000, Y: 200, Width: 1200, Height: 800}, Bounds{X: 720, Y: 200, Width: 1200, Height: 800}},
		"on one to the left":         {Bounds{X: -1900, Y: 200, Width: 1200, Height: 800}, Bounds{X: 0, Y: 200, Width: 1200, Height: 800}},
		"on one below":               {Bounds{X: 300, Y: 1100, Width: 1200, Height: 800}, Bounds{X: 300, Y: 280, Width: 1200, Height: 800}},
		"on one above":               {Bounds{X: 300, Y: -900, Width: 1200, Height: 800}, Bounds{X: 300, Y: 0, Width: 1200, Height: 800}},
		"its title bar above":        {Bounds{X: 300, Y: -20, Width: 1200, Height: 800}, Bounds{X: 300, Y: 0, Width: 1200, Height: 800}},
		"a corner on the screen":     {Bounds{X: 1900, Y: 1070, Width: 1200, Height: 800}, Bounds{X: 720, Y: 280, Width: 1200, Height: 800}},
		"larger than the screen":     {Bounds{X: 0, Y: 0, Width: 3000, Height: 2000}, Bounds{X: 0, Y: 0, Width: 1920, Height: 1080}},
		"of another scale":           {Bounds{X: 2400, Y: 1500, Width: 2400, Height: 1600}, Bounds{X: 0, Y: 0, Width: 1920, Height: 1080}},
		"smaller than the least":     {Bounds{X: 300, Y: 200, Width: 10, Height: 10}, Bounds{X: 300, Y: 200, Width: 1280, Height: 800}},
		"of a negative size":         {Bounds{X: 300, Y: 200, Width: -1200, Height: -800}, Bounds{X: 300, Y: 200, Width: 1280, Height: 800}},
		"never opened":               {Bounds{}, Bounds{Width: 1280, Height: 800}},
		"out of a damaged file":      {Bounds{X: math.MaxInt, Y: math.MinInt, Width: math.MaxInt, Height: 700}, Bounds{Width: 1920, Height: 700}},
		"out of another one":         {Bounds{X: math.MinInt, Y: math.MaxInt, Width: 1000, Height: math.MinInt}, Bounds{Y: 280, Width: 1280, Height: 800}},
		"maximised on a lost screen": {Bounds{X: 5000, Width: 1200, Height: 800, Maximised: true}, Bounds{X: 720, Width: 1200, Height: 800, Maximised: true}},
	} {
		if got := c.was.onScreen(width, height); got != c.want {
			t.Errorf("%s: %+v becomes %+v, want %+v", name, c.was, got, c.want)
		}
	}
	small := Bounds{X: 2000, Y: 900, Width: 1600, Height: 1000}.onScreen(800, 480)
	if small != (Bounds{Width: minWidth, Height: minHeight}) {
		t.Errorf("on a screen smaller than the window's least size: got %+v", small)
	}
}
