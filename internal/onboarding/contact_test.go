package onboarding

import (
	"errors"
	"testing"
)

func TestAContactIsAnAddressOrAPage(t *testing.T) {
	for typed, want := range map[string]Contact{
		"abuse@Kestrel.example":         {Email: "abuse@kestrel.example"},
		"https://kestrel.example/abuse": {Page: "https://kestrel.example/abuse"},
	} {
		if got, err := ParseContact("contact", typed); err != nil || got != want {
			t.Errorf("%q: got %+v and %v, want %+v", typed, got, err, want)
		}
	}
	for _, typed := range []string{
		"", "call us", "Ana <a@b.example>", "abuse@localhost", "http://kestrel.example", "https:///abuse",
		"https://ana:word@kestrel.example/abuse", "https://kestrel.example/a\nb", "https://kestrel.example/a b",
		"https://kestrel.example/\u202ecod.exe", "https://:443/abuse", "javascript:alert(1)", "data:text/html,x",
		"mailto:abuse@kestrel.example?bcc=x@y.example",
	} {
		var invalid *InvalidError
		if got, err := ParseContact("contact", typed); !errors.As(err, &invalid) || got != (Contact{}) {
			t.Errorf("%q: got %+v and %v, want an InvalidError", typed, got, err)
		}
	}
}
