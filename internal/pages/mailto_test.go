package pages

import "testing"

func TestAnAddressAddsNothingToTheMailThatItBegins(t *testing.T) {
	for address, want := range map[string]string{
		"hello@acme.example":                     "mailto:hello@acme.example",
		"hello+x@acme.example":                   "mailto:hello+x@acme.example",
		"hello?bcc=x@acme.example":               "mailto:hello%3Fbcc=x@acme.example",
		"a?subject=x&cc=b@acme.example":          "mailto:a%3Fsubject=x&cc=b@acme.example",
		"a%3Fbcc=x@acme.example":                 "mailto:a%253Fbcc=x@acme.example",
		"a#b@acme.example":                       "mailto:a%23b@acme.example",
		"a/b@acme.example":                       "mailto:a%2Fb@acme.example",
		"a@acme.example\r\nBcc: b@x.example":     "mailto:a@acme.example%0D%0ABcc:%20b@x.example",
		"j\u00fcrgen@b\u00fccher.example":        "mailto:j%C3%BCrgen@b%C3%BCcher.example",
		"\"><script>alert(1)</script>@x.example": "mailto:%22%3E%3Cscript%3Ealert%281%29%3C%2Fscript%3E@x.example",
	} {
		if got := string(mailto(address)); got != want {
			t.Errorf("%q: got %s, want %s", address, got, want)
		}
	}
}
