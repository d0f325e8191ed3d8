package api_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func picture(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 200, 80))); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestTheBrandNeedsALogoBeforeItIsOn(t *testing.T) {
	c := relaytest.NewTeam(t)
	relaytest.Refused(t, c.Ana, wire.SwitchBrand, wire.SwitchParams{On: true}, onboarding.ErrInvalid)
	for name, wrong := range map[string]wire.SaveBrandParams{
		"a platform's name": {Company: "Facebook Support"},
		"no colour":         {Colour: "blue"},
		"an SVG":            {Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
	} {
		if _, err := wire.Call(t.Context(), c.Ana.Client, wire.SaveBrand, wrong); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	a := relaytest.Call(t, c.Ana, wire.SaveBrand, wire.SaveBrandParams{
		Company: "Acme", Logo: picture(t), Colour: "#0F5C66", ShowRequester: true,
	}).Agency
	if a.Brand.On || len(a.Brand.Logo) == 0 || a.Brand.Colour != "#0f5c66" {
		t.Errorf("applied: %+v", a.Brand)
	}
	if a = relaytest.Call(t, c.Ana, wire.SwitchBrand,
		wire.SwitchParams{On: true}).Agency; !a.Brand.On || a.CompanyName() != "Acme" {
		t.Errorf("switched on: %+v", a.Brand)
	}
	// it would lose its logo
	relaytest.Refused(t, c.Ana, wire.SaveBrand, wire.SaveBrandParams{Company: "Acme"}, onboarding.ErrInvalid)
	if a = relaytest.Call(t, c.Ana, wire.SwitchBrand,
		wire.SwitchParams{}).Agency; a.Brand.On || a.Brand.Company != "Acme" {
		t.Errorf("switched off: %+v", a.Brand)
	}
}
