//go:build built

package built

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/loopback/loopbacktest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// The places where a secret could appear.
const (
	inRelay   = "the relay's folder, its key file aside"
	inKeyFile = "the key file"
	inHub     = "a hub's folder"
	inLog     = "the relay's log"
	inEmail   = "an email"
	inPage    = "an answer to a browser"
	inAnswer  = "an answer to a hub"
	inCommand = "what a command printed"
)

// canary is a kind of secret and its permitted places. The journey below plants
// each of them; a kind without one fails.
type canary struct {
	kind string
	may  []string
}

func canaries() []canary {
	return []canary{
		{kind: "device token", may: []string{inAnswer}},
		{kind: "device key"},
		{kind: "enrolment code", may: []string{inCommand}},
		{kind: "code for one's own computer", may: []string{inAnswer}},
		{kind: "reply-to code", may: []string{inEmail}},
		{kind: "start code of the agency's sign-in", may: []string{inAnswer, inPage}},
		{kind: "link token", may: []string{inEmail, inPage, inAnswer, inHub}}, // the hub copies it
		{kind: "visit cookie", may: []string{inPage}},
		{kind: "state", may: []string{inPage}},
		{kind: "PKCE verifier"},
		{kind: "platform code"},
		{kind: "client's Facebook token"},
		{kind: "Page token"},
		{kind: "agency's lasting Facebook token"},
		{kind: "HubSpot refresh token"},
		{kind: "HubSpot access token", may: []string{inAnswer}},
		{kind: "ActiveCampaign key"},
		{kind: "app secret"},
		{kind: "mail password"},
		{kind: "relay key", may: []string{inKeyFile}},
	}
}

// plantedSecrets holds every secret in transit, by kind.
type plantedSecrets struct {
	mu      sync.Mutex
	secrets map[string]map[string]bool
}

func (p *plantedSecrets) add(kind string, secrets ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		if p.secrets[kind] == nil {
			p.secrets[kind] = map[string]bool{}
		}
		p.secrets[kind][secret] = true
	}
}

func (p *plantedSecrets) of(kind string) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.secrets[kind]))
}

// between is a proxy that reports both halves of each exchange.
func between(
	t *testing.T, to string, seen func(r *http.Request, question, answer []byte, header http.Header),
) (address string, end func()) {
	t.Helper()
	target, err := url.Parse(to)
	must(t, err)
	listen := loopbacktest.FreeAddress(t)
	proxy := &httputil.ReverseProxy{
		Rewrite:       func(r *httputil.ProxyRequest) { r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host },
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		Transport:     &http.Transport{DisableCompression: true, Proxy: nil},
	}
	server := &http.Server{Addr: listen, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		question, _ := io.ReadAll(r.Body) // the body is passed on
		r.Body = io.NopCloser(bytes.NewReader(question))
		kept := &keeper{ResponseWriter: w}
		proxy.ServeHTTP(kept, r)
		seen(r, question, kept.plain(), w.Header())
	})}
	go func() { _ = server.ListenAndServe() }() // it ends with the test
	t.Cleanup(func() { _ = server.Close() })
	return "http://" + listen, func() { _ = server.Close() }
}

type keeper struct {
	http.ResponseWriter
	kept bytes.Buffer
}

func (k *keeper) Write(part []byte) (int, error) {
	k.kept.Write(part)
	return k.ResponseWriter.Write(part)
}

func (k *keeper) Unwrap() http.ResponseWriter { return k.ResponseWriter }

func (k *keeper) plain() []byte {
	if reader, err := gzip.NewReader(bytes.NewReader(k.kept.Bytes())); err == nil {
		if plain, err := io.ReadAll(reader); err == nil {
			return plain
		}
	}
	return k.kept.Bytes()
}

// recordingKeychain is a keychain that records the secrets it stores.
type recordingKeychain struct {
	keychain.Keychain
	planted *plantedSecrets
}

func (w recordingKeychain) Set(ctx context.Context, name string, secret onboarding.Secret) error {
	var kept struct{ Key, Token string }
	if json.Unmarshal([]byte(secret.Reveal()), &kept) == nil {
		w.planted.add("device key", kept.Key)
		w.planted.add("device token", kept.Token)
	} else {
		w.planted.add("device key", secret.Reveal()) // of the enrolment in progress
	}
	return w.Keychain.Set(ctx, name, secret)
}

// overheard extracts the secrets of a call to a platform.
func (p *plantedSecrets) overheard(
	platform string, agency func() bool,
) func(r *http.Request, question, answer []byte, header http.Header) {
	return func(r *http.Request, question, answer []byte, _ http.Header) {
		asked := r.URL.Query()
		if form, err := url.ParseQuery(string(question)); err == nil {
			for name, values := range form {
				asked[name] = append(asked[name], values...)
			}
		}
		p.add("platform code", asked.Get("code"))
		p.add("PKCE verifier", asked.Get("code_verifier"))
		var said struct {
			Access  string `json:"access_token"`
			Refresh string `json:"refresh_token"`
		}
		_ = json.Unmarshal(answer, &said) // a page is not JSON, and has no token
		switch platform {
		case "hubspot":
			p.add("HubSpot access token", said.Access)
			p.add("HubSpot refresh token", said.Refresh)
		case "meta":
			if asked.Get("grant_type") == "fb_exchange_token" || agency() {
				p.add("agency's lasting Facebook token", said.Access)
			} else if strings.HasSuffix(r.URL.Path, "/oauth/access_token") {
				p.add("client's Facebook token", said.Access)
			}
			if !strings.HasSuffix(r.URL.Path, "/oauth/access_token") {
				for _, found := range regexp.MustCompile(`"access_token":\s*"([^"]+)"`).FindAllSubmatch(answer, -1) {
					p.add("Page token", string(found[1]))
				}
			}
		}
	}
}

// shapes are the encodings of a secret.
func shapes(secret string) map[string]string {
	all := map[string]string{
		"raw": secret, "hex": hex.EncodeToString([]byte(secret)), "HEX": strings.ToUpper(hex.EncodeToString([]byte(secret))),
		"url": url.QueryEscape(secret), "path": url.PathEscape(secret), "json": strings.Trim(jsonText(secret), `"`),
	}
	// In a longer text, the base64 characters depend on the offset.
	for shift := range 3 {
		padded := append(make([]byte, shift), secret...)
		whole := len(padded) / 3 * 3
		skip := (shift*8 + 5) / 6
		for name, encoding := range map[string]*base64.Encoding{
			"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding,
		} {
			if text := encoding.EncodeToString(padded[:whole]); len(text) > skip+8 {
				all[fmt.Sprintf("%s+%d", name, shift)] = text[skip:]
			}
		}
	}
	return all
}

// unpacked is the decompressed content, two levels deep.
func unpacked(content []byte) [][]byte {
	var all [][]byte
	for at := 0; ; at++ {
		next := bytes.Index(content[at:], []byte{0x1f, 0x8b, 0x08})
		if next < 0 {
			return all
		}
		at += next
		reader, err := gzip.NewReader(bytes.NewReader(content[at:]))
		if err != nil {
			continue
		}
		inside, _ := io.ReadAll(io.LimitReader(reader, 16<<20)) // of truncated data the beginning counts
		if len(inside) > 0 {
			all = append(all, inside)
			all = append(all, unpacked(inside)...)
		}
	}
}

func TestWhatLiesCompressedIsSearchedToo(t *testing.T) {
	pack := func(plain []byte) []byte {
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(plain); err != nil {
			t.Fatal(err)
		}
		must(t, w.Close())
		return packed.Bytes()
	}
	canary := []byte("a canary that sings")
	for name, content := range map[string][]byte{
		"alone":      pack(canary),
		"in between": slices.Concat([]byte("before \x1f\x8b\x08 and"), pack(canary), []byte("after")),
		"twice":      slices.Concat([]byte("before"), pack(slices.Concat([]byte("x"), pack(canary)))),
		"the second": slices.Concat(pack([]byte("another")), []byte("between"), pack(canary)),
	} {
		if !slices.ContainsFunc(unpacked(content), func(inside []byte) bool { return bytes.Contains(inside, canary) }) {
			t.Errorf("%s: it was not found", name)
		}
	}
}

func jsonText(secret string) string {
	text, _ := json.Marshal(secret) // a string always encodes
	return string(text)
}

func TestNoSecretIsWhereItMustNotBe(t *testing.T) {
	found := &plantedSecrets{secrets: map[string]map[string]bool{}}
	places := map[string]*bytes.Buffer{}
	for _, place := range []string{inRelay, inKeyFile, inHub, inLog, inEmail, inPage, inAnswer, inCommand} {
		places[place] = &bytes.Buffer{}
	}
	var mu sync.Mutex
	note := func(place string, parts ...[]byte) {
		mu.Lock()
		defer mu.Unlock()
		for _, part := range parts {
			places[place].Write(part)
			places[place].WriteByte('\n')
			for _, inside := range unpacked(part) {
				places[place].Write(inside)
				places[place].WriteByte('\n')
			}
		}
	}

	// The proxies see all calls to the relay and to platforms.
	back := newSite(t, "", "http://localhost:1")
	front, _ := between(t, "http://"+back.listen, func(r *http.Request, _, answer []byte, header http.Header) {
		place := inPage
		if strings.HasPrefix(r.URL.Path, "/api/") {
			place = inAnswer
		}
		var text bytes.Buffer
		_ = header.Write(&text) // into memory
		note(place, text.Bytes(), answer)
	})
	back.url = strings.Replace(front, "127.0.0.1", "localhost", 1)
	back.set("LATCHKEY_URL", back.url)
	ofAgency := false // the current exchange is of the agency's tokens
	for name, at := range back.platforms() {
		back.world.AllowRedirect(back.url + "/callback/" + name)
		overheard, _ := between(t, at, found.overheard(name, func() bool { mu.Lock(); defer mu.Unlock(); return ofAgency }))
		back.set("LATCHKEY_"+strings.ToUpper(name)+"_TOKEN_URL", overheard)
		back.set("LATCHKEY_"+strings.ToUpper(name)+"_API_URL", overheard)
		found.add("app secret", back.world.ClientSecret(name))
	}
	found.add("mail password", back.password)
	must(t, back.world.SetFault("hubspot", "rotates", true))
	back.start()

	// The agency: two computers, a reply-to, a Facebook user, a request.
	said := back.command("agency", "add", "Northlight Media", "--main", "Ana Ruiz <"+mainMail+">")
	note(inCommand, []byte(said))
	enrolment := code(t, said)
	found.add("enrolment code", enrolment.Reveal(), strings.ReplaceAll(enrolment.Reveal(), "-", ""))
	h := back.openHub(recordingKeychain{keychain.NewMemory(), found})
	must(t, h.Enrol(t.Context(), back.url, enrolment, "Ana's laptop"))
	must(t, h.Sync(t.Context()))
	own, err := h.IssueCode(t.Context(), "")
	must(t, err)
	found.add(
		"code for one's own computer", own.Code.Secret().Reveal(), strings.ReplaceAll(own.Code.Secret().Reveal(), "-", ""),
	)
	second := back.openHub(recordingKeychain{keychain.NewMemory(), found})
	must(t, second.Enrol(t.Context(), back.url, own.Code.Secret(), "Ana's desk"))
	must(t, h.ProposeReplyTo(t.Context(), "hello@northlight.example"))
	soon(t, "the reply-to code arrives", 20*time.Second, func() bool { return len(replyCode(back)) > 0 })
	found.add("reply-to code", replyCode(back))
	must(t, h.ConfirmReplyTo(t.Context(), onboarding.NewSecret(replyCode(back))))
	mu.Lock()
	ofAgency = true
	mu.Unlock()
	connection, signIn := connectFacebook(t, h)
	found.add("start code of the agency's sign-in", signIn[strings.LastIndex(signIn, "/")+1:])
	mu.Lock()
	ofAgency = false
	mu.Unlock()
	id, link := save(t, h, outbox.RequestForm{Client: "Harbour & Pine", Connection: connection, Business: business,
		Services: []onboarding.Service{onboarding.Facebook, onboarding.HubSpot, onboarding.ActiveCampaign}})
	must(t, h.Outbox.Send(t.Context(), id, []string{"mina@harbourpine.example"}))
	must(t, h.Sync(t.Context()))
	soon(
		t, "the invitation arrives", 20*time.Second,
		func() bool { return len(emailTo(back, "mina@harbourpine.example")) > 0 },
	)
	mailed, err := journey.LinkIn(emailTo(back, "mina@harbourpine.example"))
	must(t, err)
	found.add("link token", link[strings.LastIndex(link, "/")+1:], mailed[strings.LastIndex(mailed, "/")+1:])

	// The client: the whole story, with every address that a browser sees.
	mina := journey.NewClient("Mina Ito", "mina@harbourpine.example")
	must(t, mina.Enter(link))
	must(t, mina.Press("Add Facebook"))
	found.add("state", stateOf(t, mina.Page.Target("Log In")))
	must(t, mina.Open(strings.SplitN(mina.Page.URL.String(), "/leaving/", 2)[0]))
	must(t, mina.SignInAtFacebook("Mina Ito"))
	must(t, mina.Share("Harbour & Pine EU", "Harbour Garden"))
	must(t, mina.ConnectHubSpot("Lars Holm", "Harbour & Pine AB"))
	account := back.world.Keys("activecampaign")[0]
	found.add("ActiveCampaign key", account.Key)
	must(t, mina.ConnectActiveCampaign(account.URL, account.Key))
	must(t, mina.NextStep())
	must(t, mina.Finish())
	at, err := url.Parse(back.url)
	must(t, err)
	for _, cookie := range mina.Jar().Cookies(at) {
		found.add("visit cookie", cookie.Value)
	}

	// The agency uses the access, renews it twice, and a renewal fails.
	must(t, h.Sync(t.Context()))
	must(t, h.Checks.CheckNow(t.Context()))
	d, err := h.Replica.Request(t.Context(), id)
	must(t, err)
	if len(d.Items) != 4 {
		t.Fatalf("the hub has %d items", len(d.Items))
	}
	for _, item := range d.Items {
		if item.Service == onboarding.HubSpot {
			must(t, hubtest.Renew(t.Context(), h, item.ID))
			must(t, h.Sync(t.Context()))
			must(t, back.world.SetFault("hubspot", "malformed", true))
			_ = hubtest.Renew(t.Context(), h, item.ID) // must fail
			must(t, back.world.SetFault("hubspot", "malformed", false))
		}
	}
	soon(t, "notice and receipt arrive", 20*time.Second, func() bool { return len(back.mail.Messages()) >= 4 })
	keys, err := os.ReadFile(filepath.Join(back.dir, "relay.key"))
	must(t, err)
	for _, key := range regexp.MustCompile(`"key":\s*"([^"]+)"`).FindAllSubmatch(keys, -1) {
		plain, err := base64.RawURLEncoding.DecodeString(string(key[1]))
		must(t, err)
		found.add("relay key", string(key[1]), string(plain))
	}

	// Once while it runs, and once after its end: the database's log must not
	// have deleted data either.
	note(inLog, []byte(back.log.String()))
	readFolder(t, back.dir, func(name string, content []byte) {
		if strings.HasSuffix(name, "relay.key") {
			note(inKeyFile, content)
			return
		}
		note(inRelay, content)
	})
	must(t, back.running.Stop())
	note(inLog, []byte(back.log.String()))
	readFolder(t, back.dir, func(name string, content []byte) {
		if !strings.HasSuffix(name, "relay.key") {
			note(inRelay, content)
		}
	})
	for _, folder := range back.hubs {
		readFolder(t, folder, func(_ string, content []byte) { note(inHub, content) })
	}
	for _, email := range back.mail.Messages() {
		note(
			inEmail, []byte(email.Text), []byte(email.HTML), []byte(jsonText(email.Subject)),
			[]byte(fmt.Sprint(email.Headers)),
		)
	}

	for place, content := range places {
		if content.Len() == 0 {
			t.Errorf("nothing was read of %s: the search would find nothing", place)
		}
	}
	for _, c := range canaries() {
		secrets := found.of(c.kind)
		if len(secrets) == 0 {
			t.Errorf("%s: none was planted", c.kind)
		}
		for _, place := range c.may {
			if !slices.ContainsFunc(secrets, func(s string) bool { return bytes.Contains(places[place].Bytes(), []byte(s)) }) {
				t.Errorf("%s: it should be in %s, and is not: the search is blind there", c.kind, place)
			}
		}
		for _, secret := range secrets {
			for shape, text := range shapes(secret) {
				for place, content := range places {
					if !slices.Contains(c.may, place) && bytes.Contains(content.Bytes(), []byte(text)) {
						t.Errorf("%s: it is in %s (%s)", c.kind, place, shape)
					}
				}
			}
		}
	}
	for kind := range found.secrets {
		if !slices.ContainsFunc(canaries(), func(c canary) bool { return c.kind == kind }) {
			t.Errorf("%s was planted, and nobody says where it may be", kind)
		}
	}
}

func emailTo(s *site, address string) string {
	for _, email := range s.mail.Messages() {
		if slices.Contains(email.To, address) {
			return email.Text
		}
	}
	return ""
}

// replyCode is the code in the email that confirms a reply-to.
func replyCode(s *site) string {
	return regexp.MustCompile(`\b\d{4}\s?\d{4}\b`).FindString(emailTo(s, "hello@northlight.example"))
}

func stateOf(t *testing.T, address string) string {
	t.Helper()
	at, err := url.Parse(address)
	must(t, err)
	return at.Query().Get("state")
}

func readFolder(t *testing.T, folder string, each func(name string, content []byte)) {
	t.Helper()
	must(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		each(path, content)
		return nil
	}))
}
