//go:build !quick

package demo

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/replica"
	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform/all"
	"github.com/latchkeyhq/latchkey/internal/platform/meta/metafake"
	"github.com/latchkeyhq/latchkey/internal/webtest"
)

// One test, because playing the past takes its time: what the demo promises to
// whoever joins in.
func TestTheDemoIsABelievableAgencyThatPassesItsCredentialsOn(t *testing.T) {
	dir := t.TempDir()
	d, err := Start(t.Context(), Config{Catalog: catalogtest.New(t), Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := d.Close(); err != nil {
			t.Errorf("closing the demo: %v", err)
		}
	}()
	facts := d.Info()
	states, every := map[string]int{}, false
	for _, link := range facts.Links {
		states[link.State]++
		every = every || link.State == "pending" && len(link.Services) == 3
		want := http.StatusGone
		if link.State == "pending" {
			want = http.StatusOK
		}
		visitor := webtest.New()
		if err := visitor.Open(link.URL); err != nil || visitor.Page.Status != want {
			t.Errorf("the %s link of %s answers %d, want %d (%v)", link.State, link.Client, visitor.Page.Status, want, err)
		}
	}
	if states["pending"] < 5 || states["connected"] < 30 || states["expired"] < 2 || states["withdrawn"] < 1 || !every {
		t.Errorf("the links are in the states %v, one with every service: %v", states, every)
	}

	handed, err := d.office.Replica.Request(t.Context(), idOf("request", "Solvang Dairy"))
	if err != nil || len(handed.Recipients) != 2 {
		t.Errorf("the request that was handed over has the recipients %+v (%v)", handed.Recipients, err)
	}
	lost, err := d.office.Replica.Request(t.Context(), idOf("request", "Cedar Dental"))
	if err != nil || !slices.ContainsFunc(lost.Items, func(i replica.ItemRow) bool { return i.Repair != nil }) {
		t.Errorf("no link repairs any of %+v (%v)", lost.Items, err)
	}
	// No link to a platform leads out of the demo.
	places := []string{d.Catalog().Describe(catalog.NamedByClient, catalog.Args{}).Link.URL}
	for _, service := range d.Catalog().Services() {
		places = append(places, service.Manage.URL)
	}
	for _, place := range places {
		visitor := webtest.New()
		if err := visitor.Open(place); err != nil || !visitor.Page.Says("Nobody here is real") {
			t.Errorf("%s is no page of a simulated platform: %v", place, err)
		}
	}

	drivers, err := all.ForHub(d.Addresses())
	if err != nil {
		t.Fatal(err)
	}
	laptop, err := hub.Open(t.Context(), hub.Config{
		Catalog: catalogtest.New(t), Dir: t.TempDir(), Keychain: keychain.NewMemory(), Drivers: drivers,
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = laptop.Close() }() // closed already, unless the test has failed
	if err := laptop.Enrol(
		t.Context(), facts.Relay, onboarding.NewSecret(facts.EnrolmentCode), "Ana’s new laptop",
	); err != nil {
		t.Fatal(err)
	}
	held := 0
	for deadline := time.Now().Add(time.Minute); held < 15 &&
		time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if held, err = hubtest.CountCredentials(t.Context(), laptop); err != nil {
			t.Fatal(err)
		}
	}
	totals, err := laptop.Totals(t.Context())
	if err != nil || held < 15 || totals.Connected < 30 || totals.Attention < 1 {
		t.Errorf("the new laptop holds %d credentials and sees %+v (%v)", held, totals, err)
	}

	// Kept and started again, nothing is broken that was not broken before.
	// The laptop goes first: its Facebook token is of a platform that is about to
	// forget everything, and it would report what it then finds.
	if err := laptop.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := d.office.Totals(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	var said []string
	if d, err = Start(t.Context(), Config{
		Catalog: catalogtest.New(t), Dir: dir, Stderr: func(sentence string) { said = append(said, sentence) },
	}); err != nil {
		t.Fatal(err)
	}
	after, err := d.office.Totals(t.Context())
	if err != nil || after.Connected != before.Connected || after.Attention != before.Attention {
		t.Errorf("started again it has %+v, and had %+v (%v)", after, before, err)
	}
	if len(d.World.State()["meta"].(metafake.View).Shares) < 60 ||
		!strings.Contains(strings.Join(said, "\n"), "they are gone") {
		t.Errorf(
			"started again %d assets are shared, and it said %q", len(d.World.State()["meta"].(metafake.View).Shares), said,
		)
	}
	if len(d.Info().Links) < 49 {
		t.Errorf("started again it has %d links", len(d.Info().Links))
	}
}
