package relay_test

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAnAgencyHasARealNameAndAPerson(t *testing.T) {
	rl := relaytest.New(t)
	rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>")
	for _, wrong := range [][2]string{
		{"", "Ana Ruiz <ana@acme.example>"}, {"acme media", "Ana Ruiz <ana@acme.example>"},
		{"Facebook", "Ana Ruiz <ana@acme.example>"},
		{"Two\nLines", "Ana Ruiz <ana@acme.example>"}, {"Other", "ana@acme.example"}, {"Other", "Ana Ruiz"}, {"Other", ""},
	} {
		if _, err := rl.Admin.AddAgency(t.Context(), wrong[0], wrong[1]); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%q with %q: got %v", wrong[0], wrong[1], err)
		}
	}
	list, err := rl.Admin.ListAgencies(t.Context())
	if err != nil || len(list) != 1 || len(list[0].Members) != 1 {
		t.Errorf("listed as %+v and %v", list, err)
	}
}

func TestTheOperatorGivesAMemberANewCode(t *testing.T) {
	rl := relaytest.New(t)
	rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>")
	rl.AddAgency(t, "Other Ltd", "Ana Ruiz <ana@acme.example>")
	if _, _, err := rl.Admin.MemberCode(t.Context(), "", "ana@acme.example"); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("of two agencies: got %v", err)
	}
	if _, _, err := rl.Admin.MemberCode(t.Context(), "", "nobody@acme.example"); !errors.Is(err, onboarding.ErrNotFound) {
		t.Errorf("of nobody: got %v", err)
	}
	_, code, err := rl.Admin.MemberCode(t.Context(), "other ltd", "ANA@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if d := rl.Enrol(t, code.Code); d.Agency.Name != "Other Ltd" {
		t.Errorf("enrolled at %s", d.Agency.Name)
	}
}

func TestADatabaseNeedsItsOwnKeyFile(t *testing.T) {
	dir := t.TempDir()
	db, err := sqldb.Open(t.Context(), sqldb.Config{
		Source: filepath.Join(dir, "relay.db"), Migrations: store.Migrations(),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for n, want := range []error{nil, keyset.ErrMismatch} {
		keys, err := keyset.Open(filepath.Join(dir, string(rune('a'+n))), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		_, err = relay.New(relay.Config{
			Catalog: catalogtest.New(t), URL: "https://access.example.com", DB: db, Keyset: keys, Operator: "x",
			MailFrom: "x@ops.example",
		})
		if !errors.Is(err, want) {
			t.Errorf("key file %d: got %v, want %v", n, err, want)
		}
	}
}

func TestARestoredBackupIsNoticedAndWhatItLacksIsOfferedAgain(t *testing.T) {
	c := newCrew(t)
	ctx := t.Context()
	kept := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID())).Request
	if err := c.DB.InTx(ctx, func(tx *sqldb.Tx) error { // a letter that waits, in the backup only
		_, err := tx.ExecContext(ctx, `
			INSERT INTO emails (id, agency, kind, request, recipient, member, visit, item, service, failure, about, reference,
			state, attempts, not_before_ms, lease_until_ms, lease_instance, lease_run, server_reply, message_id, link_id,
			created_ms, finished_ms)
			VALUES ('l', $1, 'completed', $2, '', '', '', '', '', '', '', '', 'queued', 0, $3, 0, '', '', '', 'm', $4, $5, 0)`,
			c.ana.Agency.ID, kept.ID, time.Now().Add(time.Hour).UnixMilli(), []byte("0123456789abcdef"), time.Now().UnixMilli())
		return err
	}); err != nil {
		t.Fatal(err)
	}
	backup := filepath.Join(t.TempDir(), "relay.backup")
	if err := c.Admin.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(backup); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup: %v and %v", info.Mode(), err)
	}
	if err := c.Admin.Backup(ctx, backup); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another one: got %v", err)
	}
	lost := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID())).Request
	cursor := asks(t, c.ana, wire.ReadChanges, wire.ChangesParams{}).Next
	c.Stop(t)

	dir := t.TempDir()
	source, keys := filepath.Join(dir, "relay.db"), filepath.Join(dir, "relay.key")
	done, err := admin.Restore(ctx, backup, source, keys, time.Now)
	if err != nil || done.Cancelled != 1 {
		t.Fatalf("restoring: %+v and %v", done, err)
	}
	if _, err := admin.Restore(ctx, backup, source, keys, time.Now); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a database: got %v", err)
	}
	rl := relaytest.Start(t, relaytest.Config{Source: source, KeyFile: keys, World: c.World})
	ana := c.ana
	ana.Client = rl.Client(t, ana.Token) // the same token works
	page := asks(t, ana, wire.ReadChanges, wire.ChangesParams{After: cursor})
	if !page.Reset || len(page.Requests) != 1 || page.Requests[0].ID != kept.ID {
		t.Errorf("read: reset %v, %d requests", page.Reset, len(page.Requests))
	}
	// The links that were given out are the old address's: the token is what counts.
	lost.Link = strings.Replace(lost.Link, c.URL, rl.URL, 1)
	forged := lost
	forged.Link = lost.Link[:len(lost.Link)-2] + "AA"
	refused(t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: forged}, onboarding.ErrInvalid)
	back := asks(t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost}).Request
	if back.Link != lost.Link || back.Expires != lost.Expires {
		t.Errorf("it came back as %+v", back)
	}
	if again := asks(
		t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost},
	).Request; again.LinkVersion != back.LinkVersion {
		t.Error("offered twice it changed")
	}
	asks(t, ana, wire.DeleteClient, wire.RequestParams{ID: lost.ID})
	refused(t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost}, onboarding.ErrNotFound)
}

func TestABackupThatIsNoneIsRefused(t *testing.T) {
	for _, content := range []string{"", "no tar at all", strings.Repeat("x", 2000)} {
		dir := t.TempDir()
		path := filepath.Join(dir, "backup")
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.Restore(
			t.Context(), path, filepath.Join(dir, "db"), filepath.Join(dir, "key"), time.Now,
		); err == nil {
			t.Errorf("%.10q was restored", content)
		}
	}
}

func picture(t *testing.T) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 200, 80))); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestTheBrandNeedsALogoBeforeItIsOn(t *testing.T) {
	c := newCrew(t)
	refused(t, c.ana, wire.SwitchBrand, wire.SwitchParams{On: true}, onboarding.ErrInvalid)
	for name, wrong := range map[string]wire.SaveBrandParams{
		"a platform's name": {Company: "Facebook Support"},
		"no colour":         {Colour: "blue"},
		"an SVG":            {Logo: []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`)},
	} {
		if _, err := wire.Call(t.Context(), c.ana.Client, wire.SaveBrand, wrong); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	a := asks(t, c.ana, wire.SaveBrand, wire.SaveBrandParams{
		Company: "Acme", Logo: picture(t), Colour: "#0F5C66", ShowRequester: true,
	}).Agency
	if a.Brand.On || len(a.Brand.Logo) == 0 || a.Brand.Colour != "#0f5c66" {
		t.Errorf("applied: %+v", a.Brand)
	}
	if a = asks(t, c.ana, wire.SwitchBrand, wire.SwitchParams{On: true}).Agency; !a.Brand.On || a.CompanyName() != "Acme" {
		t.Errorf("switched on: %+v", a.Brand)
	}
	// it would lose its logo
	refused(t, c.ana, wire.SaveBrand, wire.SaveBrandParams{Company: "Acme"}, onboarding.ErrInvalid)
	if a = asks(t, c.ana, wire.SwitchBrand, wire.SwitchParams{}).Agency; a.Brand.On || a.Brand.Company != "Acme" {
		t.Errorf("switched off: %+v", a.Brand)
	}
}

// facebook gives Ana a connected user who is an admin of the one business, "1",
// and not of the other, "2".
func (c *crew) facebook(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	id := store.NewID()
	until := c.Store.Now().Add(time.Minute)
	result := store.PendingResult{
		Connection: onboarding.Connection{
			User:       onboarding.Account{ID: "7", Name: "Ana Ruiz"},
			Businesses: []onboarding.Business{{ID: "1", Name: "Acme", Admin: true}, {ID: "2", Name: "Elsewhere"}},
		},
		Deliveries: []store.Delivery{{Device: c.ana.ID, Subject: id, Version: 1, Sealed: []byte("sealed")}},
	}
	start := store.PendingConnection{
		ID: id, Agency: c.ana.Agency.ID, Member: c.ana.Member.ID, Device: c.ana.ID, Platform: onboarding.Meta, Challenge: "c",
		StartHash: []byte("s"), Expires: until,
	}
	if err := errors.Join(
		c.Store.Connections.Start(ctx, start), c.Store.Connections.StoreResult(ctx, id, []byte("code"), result, until),
	); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Store.Connections.Finish(ctx, c.ana.Agency.ID, c.ana.ID, id, []byte("code"), "c"); err != nil {
		t.Fatal(err)
	}
	return id
}

// lose takes a request out of the database, as a restored backup does that is
// older than it.
func (c *crew) lose(t *testing.T, id string) {
	t.Helper()
	err := c.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		for _, query := range []string{
			`DELETE FROM requests WHERE id = $1`, `DELETE FROM items WHERE request = $1`, `DELETE FROM changes WHERE id = $1`,
		} {
			if _, err := tx.ExecContext(t.Context(), query, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A relay that lost a request believes no hub about it: only what it accepted
// comes back, for the agency and the member it accepted it from.
func TestOnlyWhatTheRelayAcceptedIsTakenBack(t *testing.T) {
	c := newCrew(t)
	connection := c.facebook(t)
	lost := asks(t, c.ana, wire.SaveRequest, wire.SaveRequestParams{
		Request: wire.RequestInput{ID: store.NewID(), Client: "Harbour & Pine",
			Services: []onboarding.Service{onboarding.Facebook}, Connection: connection, Business: "1"}}).Request
	other := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID())).Request
	cleo := c.Invite(t, c.ana, "Cleo Stern", "cleo@acme.example", onboarding.MainUser)
	eve := c.Enrol(t, c.AddAgency(t, "Other Ltd", "Eve Moss <eve@other.example>").Code)
	c.lose(t, lost.ID)
	c.lose(t, other.ID)

	forged := func(change func(q *onboarding.Request)) wire.ResubmitRequestParams {
		q := lost
		change(&q)
		return wire.ResubmitRequestParams{Request: q}
	}
	for name, q := range map[string]wire.ResubmitRequestParams{
		"another Business Manager": forged(func(q *onboarding.Request) { q.Business.ID = "2" }),
		"another name of it":       forged(func(q *onboarding.Request) { q.Business.Name = "Harbour & Pine's own" }),
		"another Facebook user":    forged(func(q *onboarding.Request) { q.FacebookUser.ID = "8" }),
		"another name of them":     forged(func(q *onboarding.Request) { q.FacebookUser.Name = "Lena Park" }),
		"another Connection":       forged(func(q *onboarding.Request) { q.Connection = "x" }),
		"one service more": forged(func(q *onboarding.Request) {
			q.Services = []onboarding.Service{onboarding.Facebook, onboarding.HubSpot}
		}),
		"one kind more":           forged(func(q *onboarding.Request) { q.Kinds = []onboarding.Kind{onboarding.Dataset} }),
		"another level":           forged(func(q *onboarding.Request) { q.Level = onboarding.LevelView }),
		"a level nobody knows":    forged(func(q *onboarding.Request) { q.Level = "manage" }),
		"another request's link":  forged(func(q *onboarding.Request) { q.Link = other.Link }),
		"another request's proof": forged(func(q *onboarding.Request) { q.Proof = other.Proof }),
		"another id":              forged(func(q *onboarding.Request) { q.ID = store.NewID() }),
		"no proof":                forged(func(q *onboarding.Request) { q.Proof = "" }),
		"a proof that is cut":     forged(func(q *onboarding.Request) { q.Proof = q.Proof[:20] }),

		"an item twice": {Request: lost, Items: []onboarding.Item{asset("a", lost.ID, "1"),
			asset("b", lost.ID, "1")}},
		"an item of no kind": {Request: lost, Items: []onboarding.Item{{ID: "a", Request: lost.ID,
			Service: onboarding.Facebook, Account: "1", State: onboarding.ItemConnected}}},
		"an item in no state": {Request: lost, Items: []onboarding.Item{{ID: "a", Request: lost.ID,
			Service: onboarding.Facebook, Kind: onboarding.Page, Account: "1"}}},
		"an event without an id": forged(func(q *onboarding.Request) {
			q.Events = []onboarding.Event{{Kind: onboarding.EventSaved}}
		}),
		"an event of no service": forged(func(q *onboarding.Request) {
			q.Events = []onboarding.Event{{ID: "e", Kind: onboarding.EventSaved, Service: "myspace"}}
		}),
		"a skip of nothing": forged(func(q *onboarding.Request) { q.Skipped = []onboarding.Skip{{Reason: "x"}} }),
		"a recipient's long letter": forged(func(q *onboarding.Request) {
			q.Recipients = []onboarding.Recipient{{ID: "r", Address: "a@x.example", Number: 1,
				ServerReply: strings.Repeat("x", 5000)}}
		}),
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.ana, wire.ResubmitRequest, q, onboarding.ErrInvalid) })
	}
	for name, somebody := range map[string]relaytest.Device{"a colleague": cleo, "another agency": eve} {
		q := lost
		q.Owner = somebody.Member.ID
		t.Run(name, func(t *testing.T) {
			refused(t, somebody, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: q}, onboarding.ErrInvalid)
			refused(t, somebody, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost}, onboarding.ErrForbidden)
		})
	}

	// After a rotation the old key still knows its own word.
	if err := keyset.Rotate(c.KeyFile, time.Now()); err != nil {
		t.Fatal(err)
	}
	stopped := lost
	stopped.Recipients = []onboarding.Recipient{{ID: store.NewID(), Address: "lena@harbour.example", Number: 1,
		EmailState: onboarding.EmailAccepted, Stopped: 1}}
	back := asks(t, c.ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: stopped,
		Items: []onboarding.Item{asset(store.NewID(), lost.ID, "1")}}).Request
	if back.Business.Name != "Acme" || back.FacebookUser.Name != "Ana Ruiz" || back.Link != lost.Link {
		t.Errorf("it came back as %+v", back)
	}
	// Who asked for no more letters is still heard, in every request.
	next := asks(t, c.ana, wire.SaveRequest, wish(cell{}, store.NewID())).Request
	sent := asks(t, c.ana, wire.SendRequest, wire.SendRequestParams{ID: next.ID,
		Recipients: []wire.NewRecipient{{ID: store.NewID(), Address: "Lena@harbour.example"}}}).Request
	if sent.Recipients[0].Stopped == 0 {
		t.Errorf("who asked for no more letters is written to: %+v", sent.Recipients[0])
	}
}

func asset(id, request, account string) onboarding.Item {
	return onboarding.Item{ID: id, Request: request, Service: onboarding.Facebook, Kind: onboarding.Page,
		Account: account, Name: "Harbour", State: onboarding.ItemConnected}
}

func TestOnlyAnAdminsBusinessManagerCanBeChosen(t *testing.T) {
	c := newCrew(t)
	ctx := t.Context()
	id := c.facebook(t)
	asking := func(connection, business string) wire.SaveRequestParams {
		return wire.SaveRequestParams{Request: wire.RequestInput{ID: store.NewID(), Client: "x",
			Services: []onboarding.Service{onboarding.Facebook}, Connection: connection, Business: business}}
	}
	for name, q := range map[string]wire.SaveRequestParams{
		"no admin there": asking(id, "2"), "unknown business": asking(id, "3"), "unknown connection": asking("other", "1"),
		"nothing chosen": asking("", ""),
	} {
		if _, err := wire.Call(ctx, c.ana.Client, wire.SaveRequest, q); !errors.Is(err, onboarding.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	sub := c.Invite(t, c.ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	refused(t, sub, wire.SaveRequest, asking(id, "1"), onboarding.ErrInvalid) // not his to choose
	saved := asks(t, c.ana, wire.SaveRequest, asking(id, "1")).Request
	if saved.Business.Name != "Acme" || saved.FacebookUser.Name != "Ana Ruiz" {
		t.Errorf("saved as %+v", saved)
	}
	asks(t, c.ana, wire.EndConnection, wire.ConnectionParams{ID: id})
	refused(t, c.ana, wire.SaveRequest, asking(id, "1"), onboarding.ErrInvalid)
}

func TestWhatTheOperatorHasNoAppForCannotBeAskedFor(t *testing.T) {
	for name, c := range map[string]struct {
		apps func(map[onboarding.Platform]platform.App)
		want error
	}{
		"with an app": {nil, nil},
		"without one": {
			func(apps map[onboarding.Platform]platform.App) { delete(apps, onboarding.Mailchimp.Platform()) },
			onboarding.ErrNotOffered,
		},
	} {
		rl := relaytest.Start(t, relaytest.Config{Apps: c.apps, Idle: true})
		ana := rl.Enrol(t, rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>").Code)
		asking := wire.RequestInput{ID: store.NewID(), Client: "x", Services: []onboarding.Service{onboarding.Mailchimp}}
		_, err := wire.Call(t.Context(), ana.Client, wire.SaveRequest, wire.SaveRequestParams{Request: asking})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
}

func TestOnlyThisComputersOwnListenerIsAWayBack(t *testing.T) {
	c := newCrew(t)
	challenge := "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
	for _, loopback := range []string{"", "https://127.0.0.1:1/x", "http://localhost:1/x", "http://127.0.0.1/x",
		"http://evil.example:1/x", "http://127.0.0.1:1/x?y=1", "http://a@127.0.0.1:1/x", "http://10.0.0.1:1/x",
		"javascript:alert(1)"} {
		refused(t, c.ana, wire.StartConnection, wire.StartConnectionParams{ID: store.NewID(), Platform: onboarding.Meta,
			Challenge: challenge, Loopback: loopback}, onboarding.ErrInvalid)
	}
	good := wire.StartConnectionParams{ID: store.NewID(), Platform: onboarding.Meta, Challenge: challenge,
		Loopback: "http://127.0.0.1:4711/back"}
	for _, wrong := range []string{"", "short", challenge + "A", strings.Repeat("=", 43)} {
		q := good
		q.Challenge = wrong
		refused(t, c.ana, wire.StartConnection, q, onboarding.ErrInvalid)
	}
	crm := good
	crm.Platform = onboarding.ActiveCampaign.Platform()
	refused(t, c.ana, wire.StartConnection, crm, onboarding.ErrNotOffered)
	first, second := asks(t, c.ana, wire.StartConnection, good), asks(t, c.ana, wire.StartConnection, good)
	if first.Address == second.Address || !strings.HasPrefix(first.Address, c.URL+"/connect/") {
		t.Errorf("addresses are %s and %s", first.Address, second.Address)
	}
	refused(t, c.another(t, c.ana), wire.StartConnection, good, onboarding.ErrConflict) // another computer's
}

func TestHealthIsThatOfTheDatabase(t *testing.T) {
	rl := relaytest.New(t)
	ask := func() (int, string) {
		answer := httptest.NewRecorder()
		rl.Relay.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/healthz", nil))
		return answer.Code, answer.Body.String()
	}
	if code, said := ask(); code != http.StatusOK || said != "ok\n" {
		t.Errorf("healthy: %d %q", code, said)
	}
	if err := rl.DB.Close(); err != nil {
		t.Fatal(err)
	}
	if code, said := ask(); code != http.StatusServiceUnavailable || said != "not ok\n" {
		t.Errorf("without its database: %d %q", code, said)
	}
}
