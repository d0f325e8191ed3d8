//go:build !quick

package journey_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/hub"
	"github.com/latchkeyhq/latchkey/internal/hub/hubtest"
	"github.com/latchkeyhq/latchkey/internal/hub/outbox"
	"github.com/latchkeyhq/latchkey/internal/journey"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/sqldb/sqldbtest"
)

// books is a digest of every row of every table, but for when the relay logged an operation.
func books(t *testing.T, db *sqldb.DB) string {
	t.Helper()
	list := `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`
	if db.Engine() != sqldb.SQLite {
		list = `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`
	}
	var tables []string
	rows, err := db.QueryContext(t.Context(), list)
	must(t, err)
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		tables = append(tables, name)
	}
	must(t, rows.Err())
	must(t, rows.Close())
	slices.Sort(tables)
	if len(tables) < 20 {
		t.Fatalf("found only the tables %q", tables)
	}
	digest := sha256.New()
	for _, table := range tables {
		rows, err := db.QueryContext(t.Context(), `SELECT * FROM `+table)
		must(t, err)
		columns, err := rows.Columns()
		must(t, err)
		var all []string
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			must(t, rows.Scan(into...))
			if n := slices.Index(columns, "logged_ms"); n >= 0 {
				values[n] = nil // the relay logs what the operator did when it comes to it
			}
			all = append(all, fmt.Sprintf("%v", values))
		}
		must(t, rows.Err())
		must(t, rows.Close())
		slices.Sort(all)
		fmt.Fprintln(digest, table, all)
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// previewers are clients that fetch a link before its reader.
func previewers() []http.Header {
	agents := []string{
		"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", "facebookexternalhit/1.1", "WhatsApp/2.23.20.0",
		"TelegramBot (like TwitterBot)",
		"Mozilla/5.0 (compatible; bingbot/2.0)",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
		"Barracuda Sentinel (EE)", "", "curl/8.5.0",
	}
	var all []http.Header
	for _, agent := range agents {
		all = append(all, http.Header{"User-Agent": {agent}}, http.Header{
			"User-Agent": {agent}, "Sec-Purpose": {"prefetch;prerender"}, "Purpose": {"prefetch"},
		})
	}
	return all
}

func TestAThousandPreviewsChangeNothing(t *testing.T) {
	sqldbtest.Each(t, func(t *testing.T, source string) {
		s := scene{relaytest.NewSceneOn(t, relaytest.Config{Source: source, Idle: true}), t}
		id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
		link := s.LinkOf(id)
		must(t, s.Hub.Close()) // it would read the event and store it
		s.Hub = nil
		before := books(t, s.DB)

		looks := previewers()
		var group errgroup.Group
		group.SetLimit(8)
		paths := []string{"", "/about", "/help", "/genuine", "/report"}
		methods := []string{http.MethodGet, http.MethodHead, http.MethodGet, http.MethodOptions}
		for n := range 1000 {
			group.Go(func() error {
				r, err := http.NewRequestWithContext(
					t.Context(), methods[n%len(methods)], link+paths[n/len(methods)%len(paths)], nil,
				)
				if err != nil {
					return err
				}
				r.Header = looks[n%len(looks)].Clone()
				answer, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					return err
				}
				defer func() { _ = answer.Body.Close() }()
				if answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests {
					return fmt.Errorf("preview %d is answered %d", n, answer.StatusCode)
				}
				return nil
			})
		}
		must(t, group.Wait())
		if after := books(t, s.DB); after != before {
			t.Error("somebody who only looked has changed the database")
		}

		priya := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
		must(t, priya.Enter(link))
		must(t, priya.ConnectHubSpot("Priya Nair", ""))
		must(t, priya.NextStep())
		must(t, priya.Finish())
	})
}

func TestAWithdrawnLinkSaysSoWhateverItWasDoing(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
	link := s.LinkOf(id)
	inside := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	must(t, inside.Enter(link))
	must(t, s.Hub.Outbox.Withdraw(t.Context(), id))
	s.Sync()

	isDead(t, link, "withdrawn")
	must(t, inside.Press("Add HubSpot"))
	if inside.Page.Status != http.StatusGone || !inside.Page.Says("withdrawn") {
		t.Errorf("whoever was in it gets %d and reads %q", inside.Page.Status, inside.Page.Text())
	}
}

func TestAnExpiredLinkIsRenewedAndTheOldOneKnowsOfTheNewer(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
	old := s.LinkOf(id)
	expires := s.Details(id).Expires.Time()
	s.Pass(expires.Sub(s.Now()) - time.Minute)
	client := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	must(t, client.Open(old))
	if client.Page.Status != http.StatusOK {
		t.Errorf("a minute before its end the link gets %d", client.Page.Status)
	}
	s.Pass(time.Minute)
	isDead(t, old, "expired")

	s.Sync()
	must(t, s.Hub.Outbox.Renew(t.Context(), id, false))
	s.Sync()
	renewed := s.LinkOf(id)
	if renewed == old {
		t.Fatal("renewed, the request has the same link")
	}
	isDead(t, old, "newer")
	must(t, client.Enter(renewed))
	must(t, client.ConnectHubSpot("Priya Nair", ""))
	must(t, client.NextStep())
	must(t, client.Finish())
	isDead(t, renewed, "Priya has finished this")
}

func TestAForgedLinkIsNotFound(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	link := s.Link(onboarding.HubSpot)
	token := link[strings.LastIndex(link, "/")+1:]
	for n := range len(token) {
		forged := []byte(token)
		forged[n] = 'A'
		if forged[n] == token[n] {
			forged[n] = 'B'
		}
		answer, err := http.Get(s.URL + "/r/" + string(forged))
		must(t, err)
		_ = answer.Body.Close() // only its status counts
		if answer.StatusCode != http.StatusNotFound && answer.StatusCode != http.StatusTooManyRequests {
			t.Fatalf("with character %d changed the link gets %d", n, answer.StatusCode)
		}
	}
	// Guessing is rate-limited; using the link is not.
	answer, err := http.Get(link)
	must(t, err)
	_ = answer.Body.Close() // only its status counts
	if answer.StatusCode != http.StatusOK {
		t.Errorf("after the guesses the right link gets %d", answer.StatusCode)
	}
}

func TestAPhoneGetsNoStepOfTheWizard(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	id := s.Save(outbox.RequestForm{Services: []onboarding.Service{onboarding.HubSpot}})
	link := s.invite(id, "priya.nair@lumenoptics.example")
	phones := map[string]http.Header{
		"an iPhone": {"User-Agent": {
			"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 " +
				"Mobile/15E148 Safari/604.1",
		}},

		"an Android phone": {"User-Agent": {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like " +
			"Gecko) Chrome/156.0.0.0 Mobile Safari/537.36"}},
		"an Android tablet": {"User-Agent": {"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like " +
			"Gecko) Chrome/156.0.0.0 Safari/537.36"}},
		"an older iPad": {"User-Agent": {"Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) AppleWebKit/605.1.15 " +
			"(KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1"}},
		"whoever says it is a phone": {"Sec-Ch-Ua-Mobile": {"?1"}},
	}
	for name, header := range phones {
		phone := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
		phone.Header = header
		phone.UserAgent = header.Get("User-Agent")
		must(t, phone.Open(link))
		if !phone.Page.Says("Please open this on a computer") || phone.Page.Has("Grant Permission Now") {
			t.Errorf("%s reads %q", name, phone.Page.Text())
		}
		must(t, phone.Open(link+"/about"))
		if phone.Page.Has("View request") {
			t.Errorf("%s may give its name", name)
		}
	}
	// The client can have the link emailed, and continue on a computer.
	phone := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	phone.UserAgent = phones["an iPhone"].Get("User-Agent")
	must(t, phone.Open(link))
	must(t, phone.Fill("Your email", "stranger@elsewhere.example"))
	must(t, phone.Press("Email me the link"))
	strangers := phone.Page.Text()
	must(t, phone.Open(link))
	must(t, phone.Fill("Your email", "priya.nair@lumenoptics.example"))
	must(t, phone.Press("Email me the link"))
	if phone.Page.Text() != strangers {
		t.Errorf("an invited address reads %q, a stranger's %q", phone.Page.Text(), strangers)
	}
	for _, email := range s.World.Mail.Messages() {
		if slices.Contains(email.To, "stranger@elsewhere.example") {
			t.Error("a stranger was written to")
		}
	}
}

func TestARestoredBackupLosesNothingThatAHubHas(t *testing.T) {
	s := newScene(t, sqldbtest.SQLite(t))
	must(t, s.World.SetFault("hubspot", "rotates", true))
	before := s.Save(outbox.RequestForm{Client: "Before the backup", Services: []onboarding.Service{onboarding.HubSpot}})
	mina := journey.NewClient("Mina Ito", "mina@harbourpine.example")
	must(t, mina.Enter(s.LinkOf(before)))
	must(t, mina.ConnectHubSpot("Lars Holm", "Harbour & Pine AB"))
	s.Sync()
	file := filepath.Join(t.TempDir(), "relay.backup")
	must(t, s.Admin.Backup(t.Context(), file))
	rotated := s.Details(before).Items[0].ID
	for range 2 {
		must(t, hubtest.Renew(t.Context(), s.Hub, rotated))
		s.Sync()
	}

	// What is newer than the backup is lost with the disk.
	after := s.Save(outbox.RequestForm{Client: "After the backup", Services: []onboarding.Service{onboarding.HubSpot}})
	connected := s.Save(outbox.RequestForm{Client: "Connected after the backup",
		Services: []onboarding.Service{onboarding.HubSpot}})
	early := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	must(t, early.Enter(s.LinkOf(connected)))
	must(t, early.ConnectHubSpot("Priya Nair", ""))
	s.Sync()
	link := s.invite(after, "priya.nair@lumenoptics.example")
	s.ConnectFacebook()
	account := s.World.Keys("activecampaign")[0]
	own, err := s.Hub.Credentials.ConnectKey(t.Context(), onboarding.ActiveCampaign, account.URL,
		onboarding.NewSecret(account.Key))
	must(t, err)
	s.Sync()
	listen := strings.TrimPrefix(s.URL, "http://localhost")
	s.Stop(t)
	offline, err := s.Hub.Outbox.SaveRequest(t.Context(), outbox.RequestForm{Client: "While it was away",
		Services: []onboarding.Service{onboarding.HubSpot}})
	must(t, err)
	must(t, s.Hub.Outbox.Send(t.Context(), offline, []string{"oskar@fjordbikes.example"}))

	folder := t.TempDir()
	source, keys := filepath.Join(folder, "relay.db"), filepath.Join(folder, "relay.key")
	if _, err := admin.Restore(t.Context(), file, source, keys, s.Now); err != nil {
		t.Fatalf("restoring: %v", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1"+listen)
	must(t, err)
	s.Relay = relaytest.Start(t, relaytest.Config{Source: source, KeysetFile: keys, World: s.World, Now: s.Now,
		Listener: listener})
	agencies, err := s.Admin.ListAgencies(t.Context())
	must(t, err)
	for _, a := range agencies {
		_, _, err := s.Admin.ConfirmAgency(t.Context(), a.ID, a.Members[0].Email)
		must(t, err)
	}
	s.Sync()
	s.Sync()

	for name, id := range map[string]string{"before": before, "after": after, "offline": offline} {
		if d, err := s.Hub.Replica.Request(t.Context(), id); err != nil || d.Link == "" || len(d.Outbox) != 0 {
			t.Errorf("%s: %v, link %q, outbox %+v", name, err, d.Link, d.Outbox)
		}
	}
	s.email("oskar@fjordbikes.example", "Onboarding Request")
	// The email from before the loss still has a working link.
	priya := journey.NewClient("Priya Nair", "priya.nair@lumenoptics.example")
	must(t, priya.Enter(link))
	must(t, priya.ConnectHubSpot("Priya Nair", ""))
	must(t, priya.NextStep())
	must(t, priya.Finish())
	s.works(after, 1)
	// A user and an account of the agency that the backup lacks are listed
	// until they are connected again or dismissed.
	lost := func() (names []string) {
		needs, err := s.Hub.Todos(t.Context(), 9)
		must(t, err)
		for _, need := range needs {
			if need.Kind == hub.TodoLost {
				names = append(names, need.Lost.Name)
			}
		}
		return names
	}
	if names := lost(); !slices.Equal(names, []string{"Ana Ruiz", own.Name}) {
		t.Errorf("named as lost: %q", names)
	}
	if _, err := s.Hub.Credentials.ConnectKey(t.Context(), onboarding.ActiveCampaign, account.URL,
		onboarding.NewSecret(account.Key)); err != nil {
		t.Errorf("connecting the account again: %v", err)
	}
	s.Sync()
	if names := lost(); !slices.Equal(names, []string{"Ana Ruiz"}) {
		t.Errorf("with the account connected again, named as lost: %q", names)
	}
	needs, err := s.Hub.Todos(t.Context(), 9)
	must(t, err)
	for _, need := range needs {
		if need.Kind == hub.TodoLost {
			must(t, s.Hub.Replica.DismissLost(t.Context(), need.Lost.ID))
		}
	}
	if names := lost(); len(names) != 0 {
		t.Errorf("dismissed, still named: %q", names)
	}
	// Credentials rotated since the backup still work where the hub has them.
	for range 2 {
		must(t, hubtest.Renew(t.Context(), s.Hub, rotated))
		s.Sync()
	}
	must(t, hubtest.Renew(t.Context(), s.Hub, s.Details(connected).Items[0].ID))
}
