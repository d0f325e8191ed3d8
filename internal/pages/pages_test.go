package pages

import (
	"bytes"
	"testing"
)

func TestEveryStateOfTheGalleryRenders(t *testing.T) {
	set := New(Config{})
	for _, state := range Gallery() {
		var page bytes.Buffer
		if err := set.Render(&page, state.Page); err != nil {
			t.Errorf("%s: %v", state.Name, err)
		}
	}
}
