package onboarding

import "testing"

func TestOneMailboxHasManyAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"lena@harbour.example":            "lena@harbour.example",
		"Lena@Harbour.Example":            "lena@harbour.example",
		"lena+1@harbour.example":          "lena@harbour.example",
		"lena+a+b@harbour.example":        "lena@harbour.example",
		"+lena@harbour.example":           "+lena@harbour.example",
		"le.na@harbour.example":           "le.na@harbour.example",
		"Le.n.a+1@gmail.com":              "lena@gmail.com",
		"lena@googlemail.com":             "lena@gmail.com",
		"lena@gmail.com.example":          "lena@gmail.com.example",
		"lena@bücher.example":             "lena@xn--bcher-kva.example",
		"lena+x@xn--bcher-kva.example":    "lena@xn--bcher-kva.example",
		"lena@BÜCHER.example":             "lena@xn--bcher-kva.example",
		"jürgen+x@bücher.example":         "jürgen@xn--bcher-kva.example",
		"no address":                      "no address@",
		"lena@" + "a_b" + ".host.example": "lena@a_b.host.example",
	} {
		if got := MailboxOf(address); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}
