package wizard_test

import (
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

func TestWhereFacebookRefusesTheAppTheClientSharesByHand(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Press("Add Facebook")
	s.Fault("meta", "app_inactive", true)
	v.Follow("Log In")
	v.Follow("Share it by hand")
	v.Reads("Share your ad accounts and Pages at Facebook", "1184 2090 3317 552", "Manage campaigns")
	v.Reads("Add what you shared, or skip this step, to go on.")
	v.Press("Add")
	v.Reads("Enter the name or the id, as Facebook shows it.")
	for typed, answer := range map[string]string{
		"1184 2090 3317 552":     "This is the id of Northlight – Clients, which you add as a partner.",
		"act_northlight":         "An ad account’s id is act_ and its digits, all of them.",
		"business.facebook.com/": "This address names no ad account and no Page.",
	} {
		v.Fill("Its name or id", typed)
		v.Press("Add")
		v.Reads(answer)
	}
	v.Tick("Page")
	v.Fill("Its name or id", "Harbour Garden <b>")
	v.Press("Add")
	v.Reads("Harbour Garden <b>", "Added. Enter the next one")
	v.Fill("Its name or id", "act_66100007919")
	v.Press("Add") // the kind stays chosen
	v.Reads("An id that begins with act_ is an ad account’s. Choose Ad account above")
	v.Press("Next Step") // what is typed and wrong is not lost
	v.Reads("An id that begins with act_ is an ad account’s. Choose Ad account above")
	v.Fill("Its name or id", " ")
	v.Press("Next Step")
	v.Reads("Is this everything?", "Page Harbour Garden <b>", "It has not arrived at Northlight Media yet")
	v.Follow("Go back to it")
	v.Press("Remove")
	if v.Page.Has("Harbour Garden") {
		t.Errorf("what was removed is still there: %s", v.Page.Text())
	}
	s.Sync()
	s.HasItems(id, 0)

	v.Fill("Its name or id", "Harbour Workshop")
	v.Press("Add")
	v.Fill("Its name or id", "Harbour Sale")
	v.Press("Next Step") // adds what is typed
	v.Reads("Is this everything?", "Harbour Workshop", "Harbour Sale")
	v.Press("Finish")
	_, receipt := receiptOf(t, s, "marta@harbourpine.example")
	v.Open(receipt)
	v.Reads(
		"Marta Lind took Harbour Garden <b> off the list.",
		"Marta Lind named Harbour Garden <b>, to share it by hand.",
	)
}

// Whoever changes the Business Manager in the database gets no client's accounts.
func TestATamperedBusinessManagerIsNotShown(t *testing.T) {
	s := relaytest.NewScene(t)
	id, link := s.Request(onboarding.Facebook)
	v := s.Browser()
	v.Enter(link, "Marta Lind", "marta@harbourpine.example")
	v.Open(visitOf(v) + "/facebook/partner")
	v.Reads("1184 2090 3317 552")
	err := s.DB.InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), `UPDATE requests SET business_id = '666000111222333' WHERE id = $1`, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	v.Reload()
	if v.Page.Has("6660 0011") || v.Page.Status != 500 {
		t.Errorf("%d: %s", v.Page.Status, v.Page.Text())
	}
}
