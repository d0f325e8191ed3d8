//go:build browser

package browser

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/mail"
	"github.com/latchkeyhq/latchkey/internal/mail/mailtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
)

// pictures names the folder for screenshots of the gallery.
const pictures = "LATCHKEY_PICTURES"

// Pages have nothing inline; emails have only inline styles, and no script.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; " +
		"base-uri 'none'; frame-ancestors 'none'"
	emailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; " +
		"frame-ancestors 'none'"
)

type state struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

func TestEveryPageAndEmailOfTheGalleryIsInOrder(t *testing.T) {
	var states []state
	mux := http.NewServeMux()
	show := func(address, kind, policy string, body []byte) {
		mux.HandleFunc("GET "+address, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Cache-Control", "max-age=3600")
			w.Header().Set("Content-Security-Policy", policy)
			_, _ = w.Write(body) // a browser that is gone reports it itself
		})
	}

	texts := catalogtest.New(t)
	set, err := pages.New(pages.Config{Catalog: texts})
	if err != nil {
		t.Fatal(err)
	}
	composer, err := mail.NewComposer(texts)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range set.Files() {
		show(file.Address, file.Type, pagePolicy, file.Body)
	}
	palettes, err := onboarding.DerivePalettes("#7A2672")
	if err != nil {
		t.Fatal(err)
	}
	logo, err := os.ReadFile(filepath.Join("..", "..", "mail", "mailtest", "logo.png"))
	if err != nil {
		t.Fatal(err)
	}
	show(pagestest.Style, "text/css; charset=utf-8", pagePolicy, palettes.CSS())
	show(pagestest.Logo, "image/png", pagePolicy, logo)
	show("/favicon.ico", "image/png", pagePolicy, logo)

	for _, one := range pagestest.Gallery(texts) {
		var body bytes.Buffer
		if err := set.Render(&body, one.Page); err != nil {
			t.Fatalf("%s: %v", one.Name, err)
		}
		address := "/page/" + one.Name
		show(address, "text/html; charset=utf-8", pagePolicy, body.Bytes())
		states = append(states, state{"page-" + one.Name, address})
	}
	for i, one := range mailtest.Gallery() {
		message, err := composer.Compose(one.Email)
		if err != nil {
			t.Fatalf("%s: %v", one.Name, err)
		}
		address := fmt.Sprintf("/email/%d", i)
		show(address, "text/html; charset=utf-8", emailPolicy, []byte(message.Standalone()))
		states = append(states, state{"email-" + dashed(one.Name), address})
	}
	list, err := json.Marshal(states)
	if err != nil {
		t.Fatal(err)
	}
	axe, err := os.ReadFile(filepath.Join("node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	show("/axe.js", "text/javascript; charset=utf-8", pagePolicy, axe)
	show("/states", "application/json", pagePolicy, list)

	server := httptest.NewServer(mux)
	defer server.Close()
	check(t, 15*time.Minute, "gallery", staff{URL: server.URL, Pictures: os.Getenv(pictures)})
}

// dashed converts a title to a file name.
func dashed(title string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < '0' || r > '9')
	}), "-")
}
