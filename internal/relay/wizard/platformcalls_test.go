package wizard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// toldByFacebook lets a person do something at Facebook that the relay is told of.
func toldByFacebook(t *testing.T, s *relaytest.Scene, action, person string) string {
	t.Helper()
	said, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: action, Person: person})
	if err != nil {
		t.Fatalf("%s by %s: %v", action, person, err)
	}
	return said
}

// mentions lists the tables of the relay in which a text stands.
func mentions(t *testing.T, s *relaytest.Scene, text string) (found []string) {
	t.Helper()
	read := func(query string) (lines [][]any) {
		rows, err := s.DB.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		columns, err := rows.Columns()
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for n := range values {
				into[n] = &values[n]
			}
			if err := rows.Scan(into...); err != nil {
				t.Fatal(err)
			}
			lines = append(lines, values)
		}
		return lines
	}
	for _, table := range read(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`) {
		for _, row := range read(fmt.Sprintf(`SELECT * FROM %s`, table[0])) {
			for _, value := range row {
				if raw, is := value.([]byte); is {
					value = string(raw)
				}
				if strings.Contains(fmt.Sprint(value), text) {
					found = append(found, fmt.Sprint(table[0]))
				}
			}
		}
	}
	return found
}

// status opens the page to which Facebook leads who asked for deletion.
func status(t *testing.T, s *relaytest.Scene, said string) *relaytest.Browser {
	t.Helper()
	v := s.Browser()
	v.Open(regexp.MustCompile(`http\S+`).FindString(said))
	return v
}

func TestWhatFacebookAsksToDeleteOfAClientIsGone(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.SignInAtFacebook(link, "Mina Ito")
	v.Tick("Harbour & Pine EU")
	v.Press("Connect Assets")
	v.Reads("Connected")
	var number string
	if err := s.DB.QueryRowContext(t.Context(), `SELECT user_id FROM visits`).Scan(&number); err != nil ||
		number == "" || len(mentions(t, s, "Mina Ito")) < 2 {
		t.Fatalf("the relay does not know who shared: %q, %v", number, err)
	}
	toldByFacebook(t, s, "remove_app", "mina-ito")
	var visits int
	if err := s.DB.QueryRowContext(t.Context(), `
		SELECT count(*) FROM visits WHERE user_id <> '' OR user_name <> '' OR length(sealed_token) > 0`).
		Scan(&visits); err != nil || visits != 0 {
		t.Errorf("%d sign-ins outlive that the app was removed, %v", visits, err)
	}
	v.Open(v.Page.URL.String())
	v.Reads("Connect Facebook")

	said := toldByFacebook(t, s, "ask_deletion", "mina-ito")
	if left := append(mentions(t, s, "Mina Ito"), mentions(t, s, number)...); len(left) > 0 {
		t.Errorf("after the deletion these still name who shared: %v", left)
	}
	page := status(t, s, said)
	page.Reads("Your data from Facebook is deleted here", "One sign-in as a client", "beside one account",
		"stay shared with the agency’s business")
	s.Sync()
	if items := s.Details(id).Items; len(items) != 1 || items[0].State != onboarding.ItemConnected {
		t.Errorf("the hub has %+v", items)
	}
	if again := toldByFacebook(t, s, "ask_deletion", "mina-ito"); again != said {
		t.Errorf("asked again on the same day it answers %q, before %q", again, said)
	}
	status(t, s, said).Reads("One sign-in as a client")

	other := toldByFacebook(t, s, "remove_app", "sam-xu") // never used it
	if other != "Done, 0 changed." {
		t.Errorf("who never allowed the app removes it: %q", other)
	}
}

func TestWhatAnAgencysUserDoesAtFacebookIsKnownAtOnce(t *testing.T) {
	s := relaytest.NewScene(t)
	connection := s.ConnectFacebook()
	id, _ := s.Request(onboarding.Facebook)
	toldByFacebook(t, s, "remove_app", "ana-ruiz")
	x, err := s.Store.Connections.Get(t.Context(), s.Agency.ID, connection)
	if err != nil {
		t.Fatal(err)
	}
	lasts, err := s.Store.Outages.Lasts(t.Context(), s.Agency.ID, onboarding.OutageConnection+connection)
	if err != nil || !lasts {
		t.Errorf("that the app was removed is not known: %t, %v", lasts, err)
	}
	s.Sync()
	causes, err := s.Hub.Replica.Causes(t.Context())
	if err != nil || len(causes) != 1 || causes[0].Failure != string(catalog.AppRemoved) {
		t.Errorf("the hub shows %+v, %v", causes, err)
	}
	said := toldByFacebook(t, s, "ask_deletion", "ana-ruiz")
	status(t, s, said).Reads("Your sign-in for your agency", "Requests of your agency name you")
	after, err := s.Store.Connections.Get(t.Context(), s.Agency.ID, connection)
	if err != nil || after.Ended == 0 || after.User != (onboarding.Account{}) || len(after.Businesses) > 0 ||
		x.User.Name == "" {
		t.Errorf("the connection is %+v, %v", after, err)
	}
	for _, table := range mentions(t, s, x.User.ID) {
		if table != "requests" {
			t.Errorf("the user's number stands in %s", table)
		}
	}
	s.Sync()
	if request := s.Details(id); request.FacebookUser != x.User.Name {
		t.Errorf("the request names %q as who gets access", request.FacebookUser)
	}
}

func TestOnlyFacebookIsBelievedAboutItsUsers(t *testing.T) {
	s := relaytest.NewScene(t)
	s.ConnectFacebook()
	v := s.Browser()
	before := relaytest.SettledDigest(t, s)
	post := func(path, signed string) (int, string) {
		t.Helper()
		answer, body := relaytest.Do(t, v.Jar(), http.MethodPost, s.URL+path, url.Values{"signed_request": {signed}}, nil)
		return answer.StatusCode, body
	}
	for _, path := range []string{"/deauthorize/meta", "/data-deletion/meta"} {
		if status, body := post(path, "x.y"); status != http.StatusBadRequest || strings.TrimSpace(body) != "{}" {
			t.Errorf("%s answers a stranger %d, %q", path, status, body)
		}
	}
	for _, path := range []string{"/deauthorize/hubspot", "/data-deletion/none", "/deauthorize/"} {
		if status, _ := post(path, "x.y"); status != http.StatusNotFound && status != http.StatusForbidden {
			t.Errorf("%s answers %d", path, status)
		}
	}
	if status, _ := post("/deauthorize/meta", strings.Repeat("x", 20<<10)); status != http.StatusBadRequest {
		t.Errorf("a long call is answered %d", status)
	}
	if after := relaytest.DatabaseDigest(t, s); after != before {
		t.Error("a stranger's call has changed the database")
	}
	answered := map[int]int{}
	for range 25 {
		answer, _ := relaytest.Do(t, v.Jar(), http.MethodGet, s.URL+"/data-deletion/status/AAAABBBBCCCCDDDD", nil, nil)
		answered[answer.StatusCode]++
	}
	if answered[http.StatusNotFound] == 0 || answered[http.StatusTooManyRequests] == 0 {
		t.Errorf("wrong codes are answered %v", answered)
	}
	if status, _ := post("/deauthorize/meta", "x.y"); status != http.StatusTooManyRequests {
		t.Errorf("one call too many is answered %d", status)
	}
	said, err := s.World.Trigger(sandbox.Action{Platform: "meta", Action: "remove_app", Person: "ana-ruiz"})
	if err != nil || said != "Done, 1 changed." { // from the same address
		t.Errorf("Facebook's own call: %q, %v", said, err)
	}
}
