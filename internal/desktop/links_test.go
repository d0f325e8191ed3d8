package desktop

import (
	"log/slog"
	"testing"
)

// openedWith is an app that was started with a link.
func openedWith(t *testing.T, link string) *App {
	t.Helper()
	a, err := New(Config{Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	a.openLinks([]string{link})
	return a
}

func TestALinkOfAnEmailOpensWhatItIsAbout(t *testing.T) {
	for link, want := range map[string]string{
		"latchkey://facebook": linkFacebook, "latchkey://accounts": linkAccounts, "latchkey://home": linkHome,
		"latchkey://team": linkTeam, "latchkey://Facebook/": linkFacebook, "<latchkey://accounts>": linkAccounts,
		"latchkey://settings": "", "latchkey://facebook.example": "",
	} {
		if got, err := openedWith(t, link).takeDeepLink(); err != nil || got != want {
			t.Errorf("%q: leads to %q, %v; want %q", link, got, err, want)
		}
	}
}

func TestALinkOpensAlsoWithThePunctuationOfItsSentence(t *testing.T) {
	const id, code = "4kq7zmf2x3pwtn6ylhd5", "K7QP-20RX"
	for _, added := range []string{
		"", ".", ")", ">", ",", `"`, "’", "/", " ", "\u00a0", "\u200b", "\r\n", "%3E", "&gt;", ").",
	} {
		for _, scheme := range []string{"latchkey://", "LATCHKEY://", "<latchkey://", "\u200blatchkey://", `"latchkey://`} {
			a := openedWith(t, scheme+"request/"+id+added)
			if got, err := a.takeDeepLink(); err != nil || got != linkRequest+id {
				t.Errorf("%q: leads to %q, %v", scheme+"request/"+id+added, got, err)
			}
			for _, and := range []string{"&", "&amp;"} {
				link := scheme + "enrol?relay=https%3A%2F%2Frelay.example" + and + "code=" + code + added
				if got := openedWith(t, link).link; got.code != code || got.relay != "https://relay.example" {
					t.Errorf("%q: fills in %+v", link, got)
				}
			}
		}
	}
	for _, broken := range []string{
		"latchkey://request/" + id[:9] + "\r\n" + id[9:], "latchkey://request/" + id[:9] + "\u00ad" + id[9:],
		"latchkey://Request/" + id,
	} {
		if got, err := openedWith(t, broken).takeDeepLink(); err != nil || got != linkRequest+id {
			t.Errorf("%q: leads to %q, %v", broken, got, err)
		}
	}
	for _, other := range []string{
		"", ".", "https://example.com/request/" + id, "latchkey://", "latchkey://request/", "--demo", "latchkey://other/x",
	} {
		if got, err := openedWith(t, other).takeDeepLink(); err != nil || got != "" {
			t.Errorf("%q: leads to %q, %v", other, got, err)
		}
	}
}
