package wizard

import (
	"net/url"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/relay/link"
)

// token has the form of a token: it begins and ends with the alphabet's own two
// signs.
const token = "-aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09bc_"

func TestWhatASentenceAddsToALinkIsDropped(t *testing.T) {
	if len(token) != link.TokenSize {
		t.Fatalf("the test's token has %d bytes, want %d", len(token), link.TokenSize)
	}
	front, end := token[:20], token[20:]
	for _, added := range []string{
		token + ".", token + ")", token + ">", token + ", ", token + `"`, token + "’", token + "”", token + "»",
		token + "!", token + "?", token + ":", token + ";", token + "]", token + "}", token + "*", token + "_",
		token + "__", token + "-", token + "…", token + "。", token + "）", token + " ", token + "\u00a0",
		token + "\t", token + "\r\n", token + "/", token + "//", token + "/.", token + "/)", token + ").",
		token + "\x00", token + "\xa0", token + "\x92", token + "|", token + "&amp;utm_source=mail",
		token + "&utm_source=mail", token + ";utm=1", token + "%3E", token + "%3Cbr", token + "&gt;",
		token + "<br>", token + "=", token + "'", token + "`", token + `\`, token + "\u200b", token + "\u200e",
		token + "\ufeff", "<" + token + ">", "(" + token + ")", `"` + token + `"`, "&lt;" + token + "&gt;",
		"%3C" + token + "%3E", " " + token, "\u200b" + token, "«" + token + "»", front + "\u00ad" + end,
		front + "\r\n" + end, front + "\n " + end, front + "=\r\n" + end, front + "\u200b" + end,
		front + "&shy;" + end, front + "&#173;" + end, front + "%20" + end, front + " " + end, front + "<" + end,
	} {
		for _, kind := range []string{link.Path, link.EmailPath} {
			if tidy, changed := tidyPath(kind + added); !changed || tidy != kind+token {
				t.Errorf("%q becomes %q, %v", kind+added, tidy, changed)
			}
		}
		// As a server reads it out of an address.
		u, err := url.Parse("https://relay.example/r/" + url.PathEscape(added))
		if err != nil {
			t.Fatal(err)
		}
		if tidy, _ := tidyPath(u.Path); tidy != link.Path+token {
			t.Errorf("%s becomes %q", u, tidy)
		}
	}
}

func TestThePageBehindALinkIsKept(t *testing.T) {
	for path, want := range map[string]string{
		"/l/" + token + "/not-for-me.":                  "/l/" + token + "/not-for-me",
		"/l/" + token + "/not-for-me>":                  "/l/" + token + "/not-for-me",
		"/l/" + token + "/genuine/":                     "/l/" + token + "/genuine",
		"/l/" + token + "/report&amp;utm=x":             "/l/" + token + "/report",
		"/r/" + token[:9] + "\n" + token[9:] + "/about": "/r/" + token + "/about",
		"/connect/abc.":                                 "/connect/abc",
		"/w/abc/facebook/":                              "/w/abc/facebook",
		"/help)":                                        "/help",
		"/open/accounts.":                               "/open/accounts",
		"/open/request/abc)":                            "/open/request/abc",
	} {
		if tidy, changed := tidyPath(path); !changed || tidy != want {
			t.Errorf("%q becomes %q, %v; want %q", path, tidy, changed, want)
		}
	}
}

func TestAPathWithoutAnythingToDropIsLeftAlone(t *testing.T) {
	for _, path := range []string{
		"/", "", "/r", "/r/", "/l/", "/help", "/connect/", "/connect/abc", "/w/", "/w/abc", "/callback/meta.", "/robots.txt",
		"/r/" + token, "/l/" + token, "/r/" + token + "/about", "/l/" + token + "/not-for-me",
		"/r/" + token + "x", "/r/" + token[1:], "/r/" + token[1:] + ".", "/r/x/about", "/r/./" + token,
		"/r/" + token + "/about/deeper", "/r/" + token + "/About", "/r/" + token + "/1", "/r/" + token + "-x",
	} {
		if tidy, changed := tidyPath(path); changed {
			t.Errorf("%q becomes %q", path, tidy)
		}
	}
}
