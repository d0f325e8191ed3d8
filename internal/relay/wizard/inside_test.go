package wizard

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/ingress"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

func TestComputersPassAndPhonesDoNot(t *testing.T) {
	s := &core{}
	for _, agent := range []string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",

		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 " +
			"Edg/140.0.0.0",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64; Touch; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; Touch; rv:11.0) like Gecko",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 " +
			"Safari/605.1.15",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 " +
			"Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/140.0.0.0 Safari/537.36",
		"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
		"curl/8.5.0", "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("User-Agent", agent)
		r.Header.Set("Sec-CH-UA-Mobile", "?0")
		if s.isPhone(r) {
			t.Errorf("refused as a phone: %q", agent)
		}
	}
	for _, agent := range []string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 " +
			"Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 " +
			"Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 " +
			"[FBAN/FBIOS;FBAV/500.0]",
		"Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 " +
			"Safari/604.1",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile " +
			"Safari/537.36",
		"Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
		"Mozilla/5.0 (Android 14; Tablet; rv:140.0) Gecko/140.0 Firefox/140.0",
		"Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 " +
			"Chrome/121.0.0.0 Mobile Safari/537.36",
		"Mozilla/5.0 (Linux; Android 12; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/30.0 " +
			"Chrome/120.0.0.0 VR Safari/537.36",
		"Opera/9.80 (J2ME/MIDP; Opera Mini/9.80; U; en) Presto/2.5.25 Version/10.54",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("User-Agent", agent)
		if !s.isPhone(r) {
			t.Errorf("taken for a computer: %q", agent)
		}
	}
}

func TestASystemThatABrowserHintsOrNamesBeatsItsOtherWords(t *testing.T) {
	s := &core{}
	const webKit, like = " AppleWebKit/537.36 (KHTML, like Gecko) ", " Safari/537.36"
	const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)" + webKit
	samsung := windows + "SamsungBrowser/27.0 Chrome/125.0.0.0" + like
	deX := "Mozilla/5.0 (X11; Linux x86_64)" + webKit + "SamsungBrowser/25.0 Chrome/121.0.0.0" + like
	tablet := "Mozilla/5.0 (Linux; Android 14; SM-X710)" + webKit + "Chrome/140.0.0.0" + like
	for _, c := range []struct {
		agent, mobile, system string
		phone                 bool
	}{
		{agent: samsung},
		{agent: samsung, mobile: "?0"},
		{agent: samsung, mobile: "?0", system: `"Windows"`},
		{agent: samsung, mobile: "?1", phone: true},
		{agent: deX},
		{agent: deX, mobile: "?0", system: `"Linux"`},
		{agent: deX, mobile: "?0", system: `"Android"`},
		{agent: deX, mobile: "?1", system: `"Android"`, phone: true},
		{agent: tablet, phone: true},
		{agent: tablet, mobile: "?0", system: `"Android"`, phone: true},
		{agent: tablet, mobile: "?0", system: `"Windows"`},
		{agent: "Mozilla/5.0 (X11; Linux aarch64; rv:140.0) Gecko/20100101 Firefox/140.0"},
		{agent: "Mozilla/5.0 (X11; Linux armv7l)" + webKit + "Chrome/140.0.0.0" + like, mobile: "?0"},
		{agent: "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"},
		{
			agent:  "Mozilla/5.0 (X11; CrOS aarch64 15699.85.0)" + webKit + "Chrome/140.0.0.0" + like,
			mobile: "?0", system: `"Chrome OS"`,
		},
		{agent: "Mozilla/5.0 (X11; CrOS armv7l 15699.85.0)" + webKit + "Chrome/140.0.0.0" + like},
		{agent: "Mozilla/5.0 (X11; FreeBSD amd64; rv:140.0) Gecko/20100101 Firefox/140.0"},
		{agent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Touch; Tablet PC 2.0)" + webKit + "Edg/140.0.0.0" + like},
		{agent: "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; Tablet PC 2.0; .NET CLR 3.5)"},
		{agent: windows + "Chrome/140.0.0.0" + like + " Edg/140.0 WebView2/1.0"},
		{agent: windows + "Chrome/140.0.0.0 T-Mobile/1.0 Mobile Partner" + like},
		{agent: windows + "Chrome/140.0.0.0 BlackBerry/1.0 OPR/120" + like},
		{agent: "Mozilla/5.0 (PC; OpenHarmony 5.0)" + webKit + "Chrome/132.0.0.0" + like + " ArkWeb/6.0"},
		{
			agent:  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" + webKit + "Chrome/140.0.0.0" + like,
			mobile: "?0", system: `"macOS"`,
		},
		{agent: "Mozilla/5.0 (Phone; OpenHarmony 5.0)" + webKit + "Chrome/132.0.0.0" + like + " Mobile", phone: true},
		{agent: "Mozilla/5.0 (Tablet; OpenHarmony 5.0)" + webKit + "Chrome/132.0.0.0" + like + " ArkWeb/6.0", phone: true},
		{agent: "Mozilla/5.0 (Mobile; LYF/F90M/LYF-F90M; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5", phone: true},
		{agent: "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; IEMobile/11.0; NOKIA)", phone: true},
		{agent: "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950)" + webKit + "Edge/15.1", phone: true},
		{agent: "Mozilla/5.0 (BB10; Touch)" + webKit + "Version/10.0.9.2372 Mobile" + like, phone: true},
		{agent: "Mozilla/5.0 (Linux; U; en-us; KFAPWI)" + webKit + "Silk/86.3 like Chrome/86" + like, phone: true},
		{
			agent:  "Mozilla/5.0 (Linux; Android 10; K)" + webKit + "Chrome/140.0.0.0 Mobile" + like,
			mobile: "?1", system: `"Android"`, phone: true,
		},
		{agent: "", mobile: "?0", system: `"Android"`, phone: true},
		{agent: "", system: `"iOS"`, phone: true},
		{agent: ""},
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("User-Agent", c.agent)
		r.Header.Set("Sec-CH-UA-Mobile", c.mobile)
		r.Header.Set("Sec-CH-UA-Platform", c.system)
		if got := s.isPhone(r); got != c.phone {
			t.Errorf("%q, mobile %q on %q: a phone is %v, want %v", c.agent, c.mobile, c.system, got, c.phone)
		}
	}
}

func TestWhatACookieDerivesTellsNothingOfTheRest(t *testing.T) {
	p, q := newVisitKey(), newVisitKey()
	seen := map[string]bool{p.text(): true}
	for _, derived := range []string{string(p.cookieHash()), string(p.key()), p.state("a"), p.state("b"),
		p.verifier("a").Reveal(), p.verifier("b").Reveal(),
		string(q.cookieHash()), string(q.key()), q.state("a"), q.verifier("a").Reveal()} {
		if seen[derived] {
			t.Error("two purposes have one secret")
		}
		seen[derived] = true
	}
	if again, valid := parseVisitKey(p.text()); !valid || again.state("a") != p.state("a") {
		t.Error("a cookie that comes back derives something else")
	}
	for _, text := range []string{"", "x", p.text()[1:], p.text() + "A", p.text() + "=", strings.Repeat("A", 44),
		p.text()[:42] + "_"} {
		if _, valid := parseVisitKey(text); valid && text != p.text() {
			t.Errorf("%q passes as a cookie", text)
		}
	}
}

func TestAPanicIsAPageWithAReferenceThatTheLogHas(t *testing.T) {
	renderer, err := pages.New(pages.Config{Catalog: catalogtest.New(t)})
	if err != nil {
		t.Fatalf("making the renderer: %v", err)
	}
	var log bytes.Buffer
	s := &Server{core: &core{
		pages: renderer, log: slog.New(slog.NewTextHandler(&log, nil)), host: "localhost", operator: "Test",
	}}
	w := httptest.NewRecorder()
	s.logAndRecover(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("broken") })).ServeHTTP(w,
		httptest.NewRequest(http.MethodGet, "/", nil))
	at := strings.Index(log.String(), "reference=")
	if w.Code != http.StatusInternalServerError || at < 0 {
		t.Fatalf("status %d, log %q", w.Code, log.String())
	}
	if reference := log.String()[at+len("reference="):][:8]; !strings.Contains(w.Body.String(), reference) {
		t.Errorf("the page does not name %s", reference)
	}
}

// broken is a driver that falls over what a platform answered.
type broken struct{}

func (broken) Platform() onboarding.Platform { return onboarding.Meta }

func (broken) Share(context.Context, onboarding.Secret, platform.Asset, onboarding.Account) (platform.Shared, error) {
	panic("broken")
}

func (broken) Assets(context.Context, onboarding.Secret, ...onboarding.Kind) (platform.Assets, error) {
	panic("broken")
}

func TestAPanicBesideAPageEndsNothingElse(t *testing.T) {
	var log bytes.Buffer
	shared := &core{log: slog.New(slog.NewTextHandler(&log, nil)), drivers: []platform.Driver{broken{}}}
	s := &facebookSteps{
		core:     shared,
		inFlight: newInFlightItems(),
	}
	item := onboarding.Item{ID: "item", Account: "1"}
	if !s.inFlight.claim(item.ID) {
		t.Fatal("nobody else is at it")
	}
	r := httptest.NewRequest(http.MethodPost, "/", nil)
	s.shareAsync(r, &visitScope{}, onboarding.Secret{}, []onboarding.Item{item}, map[string]platform.Asset{"1": {ID: "1"}})
	if !strings.Contains(log.String(), "recovering beside a page") || s.inFlight.has(item.ID) {
		t.Errorf("claimed %v, log %q", s.inFlight.has(item.ID), log.String())
	}
	read := newAssetCache(func() onboarding.Timestamp { return 1 })
	if _, err := read.get(t.Context(), "visit", func(ctx context.Context) (platform.Assets,
		error) {
		return broken{}.Assets(ctx, onboarding.Secret{})
	}); err == nil {
		t.Error("lists that could not be read are no error")
	}
}

func TestOnlyAColourBecomesAStyleSheet(t *testing.T) {
	for _, colour := range []string{"", "0b6478", "#0b647", "#0b64788", "#0b647g", "#0b64/8", "red"} {
		if address := brandStyle(colour); address != "" {
			t.Errorf("%q became %s", colour, address)
		}
	}
	if address := brandStyle("#0B6478"); address != "/brand/0b6478.css" {
		t.Errorf("got %q", address)
	}
}

func TestTheCodeOfAnAgencysSignInGoesToLoopbackOnly(t *testing.T) {
	for _, address := range []string{"", "https://127.0.0.1:1/x", "http://localhost:1/x", "http://evil.example/",
		"http://127.0.0.1.evil.example/", "http://u@127.0.0.1:1/", "http://10.0.0.1/", "//127.0.0.1/",
		"javascript:alert(1)"} {
		if to, err := loopback(address); err == nil {
			t.Errorf("%q is taken as %s", address, to)
		}
	}
	if _, err := loopback("http://127.0.0.1:4711/back"); err != nil {
		t.Error(err)
	}
}

func TestManyAddressesDoNotFillTheMemory(t *testing.T) {
	m := newRateLimiter[int](func() onboarding.Timestamp { return 1 }, maxGuessesPerMinute, time.Minute)
	for i := range maxKeys + 1000 {
		m.allow(i + 1)
	}
	if len(m.count) > maxKeys+1 {
		t.Errorf("%d addresses are kept", len(m.count))
	}
	if m.allow(-1) {
		t.Error("one address too many counts alone")
	}
}

func TestANetworkHasItsGuessesAndNoneMore(t *testing.T) {
	m := newRateLimiter[netip.Prefix](func() onboarding.Timestamp { return 1 }, maxGuessesPerMinute, time.Minute)
	for i := range maxGuessesPerMinute {
		if !m.allow(ingress.Network(netip.MustParseAddr("2001:db8::1"))) {
			t.Errorf("guess %d of %d is refused", i+1, maxGuessesPerMinute)
		}
	}
	if m.allow(ingress.Network(netip.MustParseAddr("2001:db8::2"))) {
		t.Error("a neighbour in the same network counts anew")
	}
}

func TestWhatHasNotArrivedWasSharedWhenItWasNamed(t *testing.T) {
	first, _ := sharedBy(onboarding.Item{Created: 1000, By: onboarding.Person{Name: "Bea Kite"}}, nil)
	if first.At != 1000 || first.By != "Bea Kite" {
		t.Errorf("it was shared at %d by %s", first.At, first.By)
	}
	if first, _ = sharedBy(onboarding.Item{Created: 1000, Connected: 2000}, nil); first.At != 2000 {
		t.Errorf("what arrived was shared at %d", first.At)
	}
}

// Anybody who has the link can type a colleague's name: what the colleague named by hand is
// on whole receipts only, unless it is among the things of this one.
func TestAVisitsNameOpensNoEntryOfWhatWasNamed(t *testing.T) {
	v := &receiptScope{linkScope: &linkScope{}, visit: store.Visit{Name: "Marta Lind", Email: "stranger@web.example"}}
	own := onboarding.Item{Service: onboarding.Facebook, Name: "Own Kids"}
	v.items = []onboarding.Item{own}
	for _, kind := range []onboarding.EventKind{onboarding.EventItemNamed, onboarding.EventItemUnnamed} {
		for _, c := range []struct {
			name        string
			whole, want bool
		}{
			{name: "Pine Kids"},
			{name: own.Name, want: true},
			{name: "Pine Kids", whole: true, want: true},
		} {
			v.receipt.Whole = c.whole
			e := onboarding.AuditEntry{Kind: kind, Service: own.Service, Who: v.visit.Name, Detail: c.name}
			if v.isOwn(e) != c.want {
				t.Errorf("%s of %s on a receipt, whole: %v, is listed: %v", kind, c.name, c.whole, !c.want)
			}
		}
	}
}
