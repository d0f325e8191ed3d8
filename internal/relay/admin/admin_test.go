package admin_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay"
	"github.com/latchkeyhq/latchkey/internal/relay/admin"
	"github.com/latchkeyhq/latchkey/internal/relay/keyset"
	"github.com/latchkeyhq/latchkey/internal/relay/relaytest"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/seal"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

func TestAnAgencyHasARealNameAndAPerson(t *testing.T) {
	rl := relaytest.New(t)
	rl.AddAgency(t, "Acme Media", "Ana Ruiz <ana@acme.example>")
	for _, wrong := range [][2]string{
		{"", "Ana Ruiz <ana@acme.example>"}, {"acme media", "Ana Ruiz <ana@acme.example>"},
		{"Facebook", "Ana Ruiz <ana@acme.example>"}, {"𝗠𝗲𝘁𝗮", "Ana Ruiz <ana@acme.example>"},
		{"Аcme Media", "Ana Ruiz <ana@acme.example>"}, {"=?utf-8?B?RmFjZWJvb2s=?=", "Ana Ruiz <ana@acme.example>"},
		{"ACME\u200b MEDIA", "Ana Ruiz <ana@acme.example>"}, {"Ａcme Media", "Ana Ruiz <ana@acme.example>"},
		{"Other", "=?utf-8?B?RmFjZWJvb2s=?= <ana@acme.example>"}, {"Other", "Ana <ana@ac\u200bme.example>"},
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
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
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
	c := relaytest.NewTeam(t)
	ctx := t.Context()
	kept := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	if err := c.DB.InTx(ctx, func(tx *sqldb.Tx) error { // an email that waits, in the backup only
		_, err := tx.ExecContext(ctx, `
			INSERT INTO emails (id, agency, kind, request, recipient, member, visit, item, connection, service, failure,
			platform_code, about, reference, state, attempts, not_before_ms, lease_until_ms, lease_instance, lease_run,
			server_reply, message_id, link_id, address, created_ms, held_ms, finished_ms)
			VALUES ('l', $1, 'completion', $2, '', '', '', '', '', '', '', '', '', '', 'queued', 0, $3, 0, '', '', '',
			'm', $4, '', $5, 0, 0)`,
			c.Ana.Agency.ID, kept.ID, time.Now().Add(time.Hour).UnixMilli(), []byte("0123456789abcdef"), time.Now().UnixMilli())
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
	lost := relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID())).Request
	cursor := relaytest.Call(t, c.Ana, wire.ReadChanges, wire.ChangesParams{}).Next
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
	rl := relaytest.Start(t, relaytest.Config{Source: source, KeysetFile: keys, World: c.World})
	ana := c.Ana
	ana.Client = rl.Client(t, ana.Token) // the same token works
	page := relaytest.Call(t, ana, wire.ReadChanges, wire.ChangesParams{After: cursor})
	if !page.Reset || len(page.Requests) != 1 || page.Requests[0].ID != kept.ID {
		t.Errorf("read: reset %v, %d requests", page.Reset, len(page.Requests))
	}
	// The links that were given out are the old address's: the token is what counts.
	lost.Link = strings.Replace(lost.Link, c.URL, rl.URL, 1)
	forged := lost
	forged.Link = lost.Link[:len(lost.Link)-2] + "AA"
	relaytest.Refused(t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: forged}, onboarding.ErrInvalid)
	back := relaytest.Call(t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost}).Request
	if back.Link != lost.Link || back.Expires != lost.Expires {
		t.Errorf("it came back as %+v", back)
	}
	if again := relaytest.Call(
		t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost},
	).Request; again.LinkVersion != back.LinkVersion {
		t.Error("offered twice it changed")
	}
	relaytest.Call(t, ana, wire.DeleteClient, wire.RequestParams{ID: lost.ID})
	relaytest.Refused(t, ana, wire.ResubmitRequest, wire.ResubmitRequestParams{Request: lost}, onboarding.ErrNotFound)
}

func TestNothingIsSealedAfterARestoreUntilAMainUsersHubConfirmsIt(t *testing.T) {
	c := relaytest.NewTeam(t)
	ctx := t.Context()
	ben := c.Invite(t, c.Ana, "Ben Okoro", "ben@acme.example", onboarding.SubUser)
	code := relaytest.Call(t, c.Ana, wire.IssueCode, wire.IssueCodeParams{Member: ben.Member.ID}).Code
	relaytest.Call(t, c.Ana, wire.SaveRequest, relaytest.HubSpotRequest(store.NewID()))
	backup := filepath.Join(t.TempDir(), "relay.backup")
	if err := c.Admin.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	c.Enrol(t, code.Secret()) // the code is used, then Ben goes
	relaytest.Call(t, c.Ana, wire.RemoveMember, wire.RemoveMemberParams{ID: ben.Member.ID, Successor: c.Ana.Member.ID})
	c.Stop(t)
	dir := t.TempDir()
	source, keys := filepath.Join(dir, "relay.db"), filepath.Join(dir, "relay.key")
	done, err := admin.Restore(ctx, backup, source, keys, time.Now)
	if err != nil || len(done.Agencies) != 1 {
		t.Fatalf("restoring: %+v and %v", done, err)
	}
	came := done.Agencies[0]
	if len(came.Members) != 2 || len(came.Devices) != 2 || came.Links != 1 || came.Codes != 1 || came.Tampered {
		t.Errorf("the operator reads %d members, %d devices, %d links, %d codes, tampered %v",
			len(came.Members), len(came.Devices), came.Links, came.Codes, came.Tampered)
	}
	rl := relaytest.Start(t, relaytest.Config{Source: source, KeysetFile: keys, World: c.World})
	ana := c.Ana
	ana.Client, ben.Client = rl.Client(t, ana.Token), rl.Client(t, ben.Token)
	entitled := func() int {
		t.Helper()
		devices, err := rl.Store.Devices.ListEntitled(ctx, ana.Agency.ID, onboarding.Ownership{Member: ana.Member.ID})
		if err != nil {
			t.Error(err)
		}
		return len(devices)
	}
	if n := entitled(); n != 0 {
		t.Errorf("something is sealed for %d devices", n)
	}
	nobody := rl.Client(t, onboarding.Secret{})
	_, public, err := seal.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := wire.Call(ctx, nobody, wire.Enrol, wire.EnrolParams{
		Code: code, PublicKey: public, Name: "Again",
	}); !errors.Is(err, onboarding.ErrInvalid) {
		t.Errorf("the used code: got %v", err)
	}
	restored := relaytest.Call(t, ana, wire.ReadChanges, wire.ChangesParams{}).Restored
	if restored == 0 {
		t.Fatal("the hubs do not read of the restore")
	}
	for _, who := range []relaytest.Device{ana, ben} {
		relaytest.Refused(t, who, wire.IssueCode, wire.IssueCodeParams{}, onboarding.ErrUnavailable)
		relaytest.Refused(t, who, wire.Approve, wire.DeviceParams{ID: ana.ID}, onboarding.ErrUnavailable)
		relaytest.Refused(t, who, wire.SealForDevice, wire.SealForDeviceParams{Device: ana.ID}, onboarding.ErrUnavailable)
	}
	main := wire.ChangeMemberParams{ID: ben.Member.ID, Name: "Ben Okoro", Role: onboarding.MainUser}
	relaytest.Refused(t, ana, wire.ChangeMember, main, onboarding.ErrUnavailable)
	relaytest.Refused(t, ana, wire.ShareRequests, wire.SwitchParams{On: true}, onboarding.ErrUnavailable)
	params := wire.ConfirmRestoreParams{Restored: restored}
	relaytest.Refused(t, ben, wire.ConfirmRestore, params, onboarding.ErrForbidden)
	relaytest.Refused(t, ana, wire.ConfirmRestore, params, onboarding.ErrForbidden) // the operator has named nobody
	if _, _, err := rl.Admin.ConfirmAgency(ctx, ana.Agency.Name, "ANA@acme.example"); err != nil {
		t.Fatal(err)
	}
	older := wire.ConfirmRestoreParams{Restored: restored - 1}
	relaytest.Refused(t, ana, wire.ConfirmRestore, older, onboarding.ErrConflict)
	if listed, err := rl.Admin.ListAgencies(ctx); err != nil || listed[0].Restored != restored ||
		listed[0].Confirmer.ID != ana.Member.ID {
		t.Errorf("the operator's list has %+v and %v", listed, err)
	}
	// To take away is always allowed.
	sub := wire.ChangeMemberParams{ID: ben.Member.ID, Name: "Ben Okoro", Role: onboarding.SubUser}
	relaytest.Call(t, ana, wire.ChangeMember, sub)
	relaytest.Call(t, ana, wire.ShareRequests, wire.SwitchParams{On: false})
	relaytest.Call(t, ana, wire.Revoke, wire.DeviceParams{ID: ben.ID})
	relaytest.Call(t, ana, wire.ConfirmRestore, params)
	relaytest.Call(t, ana, wire.ConfirmRestore, params)
	if n := entitled(); n != 1 {
		t.Errorf("confirmed, things are sealed for %d devices, want Ana's", n)
	}
	relaytest.Refused(t, ben, wire.ReadChanges, wire.ChangesParams{}, onboarding.ErrRevoked)
	relaytest.Call(t, ana, wire.IssueCode, wire.IssueCodeParams{})
}

func TestABackupThatCannotBeReadBackIsNotWritten(t *testing.T) {
	rl := relaytest.New(t)
	other := filepath.Join(t.TempDir(), "other.key")
	if _, err := keyset.Open(other, time.Now); err != nil {
		t.Fatal(err)
	}
	// The key file on the disk is another one by now: restored, neither would open anything.
	if err := os.Rename(other, rl.KeysetFile); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "relay.backup")
	if err := rl.Admin.Backup(t.Context(), path); !errors.Is(err, keyset.ErrMismatch) {
		t.Errorf("got %v, want %v", err, keyset.ErrMismatch)
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("it left %v and %v", left, err)
	}
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
