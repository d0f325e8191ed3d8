package meta

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/platform/meta/metafake"
	"github.com/latchkeyhq/latchkey/internal/platform/platformtest"
	"github.com/latchkeyhq/latchkey/internal/sandbox"
)

// scene is the driver of both sides and the fake Facebook.
type scene struct {
	*platformtest.Scene
	relay *Relay
	hub   *Hub
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{Scene: platformtest.New(t, onboarding.Meta, metafake.New)}
	var err error
	if s.relay, err = NewForRelay(s.App); err != nil {
		t.Fatal(err)
	}
	if s.hub, err = NewForHub(s.App.Endpoints); err != nil {
		t.Fatal(err)
	}
	return s
}

// signIn signs a person in, as client or as agency, and exchanges the code.
func (s *scene) signIn(person string) (platform.Grant, error) {
	return s.SignIn(s.relay, person, "Allow")
}

func (s *scene) mustSignIn(t *testing.T, person string) platform.Grant {
	t.Helper()
	grant, err := s.signIn(person)
	if err != nil {
		t.Fatalf("signing %s in: %v", person, err)
	}
	return grant
}

func (s *scene) assets(t *testing.T, person string) (platform.Assets, onboarding.Secret) {
	t.Helper()
	grant := s.mustSignIn(t, person)
	assets, err := s.relay.Assets(t.Context(), grant.Access)
	if err != nil {
		t.Fatalf("listing for %s: %v", person, err)
	}
	return assets, grant.Access
}

func named(t *testing.T, assets []platform.Asset, name string) platform.Asset {
	t.Helper()
	at := slices.IndexFunc(assets, func(a platform.Asset) bool { return a.Name == name })
	if at < 0 {
		t.Fatalf("%s is not in the list of %d", name, len(assets))
	}
	return assets[at]
}

// agency signs Ana in with a long-lived token and returns her Business Manager
// for clients.
func (s *scene) agency(t *testing.T) (platform.Credential, onboarding.Business) {
	t.Helper()
	s.Agency = true
	grant := s.mustSignIn(t, "Ana Ruiz")
	s.Agency = false
	long, err := s.relay.Extend(t.Context(), grant.Access)
	if err != nil {
		t.Fatalf("extending: %v", err)
	}
	if long.Credential.Kind != platform.Token || time.Until(long.Expires) < 50*24*time.Hour {
		t.Errorf("the long token ends %s", long.Expires)
	}
	businesses, err := s.relay.Businesses(t.Context(), long.Access)
	if err != nil {
		t.Fatalf("reading businesses: %v", err)
	}
	for _, b := range businesses {
		if b.Name == "Northlight – Clients" && b.Admin && b.User != "" {
			return long.Credential, b
		}
	}
	t.Fatalf("no business where Ana is an admin in %+v", businesses)
	return platform.Credential{}, onboarding.Business{}
}

func TestOnlyAdminsOfABusinessManagerAreAdmins(t *testing.T) {
	s := newScene(t)
	for person, admin := range map[string]bool{"Ana Ruiz": true, "Jonas Weber": false} {
		grant := s.mustSignIn(t, person)
		businesses, err := s.relay.Businesses(t.Context(), grant.Access)
		if err != nil || len(businesses) != 2 {
			t.Fatalf("%s: got %+v and %v", person, businesses, err)
		}
		if got := slices.ContainsFunc(businesses, func(b onboarding.Business) bool { return b.Admin }); got != admin {
			t.Errorf("%s is an admin somewhere: %v, want %v", person, got, admin)
		}
	}
}

func TestEveryAssetIsListedWithWhatIsInItsWay(t *testing.T) {
	s := newScene(t)
	mina, _ := s.assets(t, "Mina Ito")
	if len(mina.AdAccounts) != 9 || len(mina.Pages) != 11 || !mina.HasBusiness {
		t.Errorf("Mina has %d ad accounts and %d Pages", len(mina.AdAccounts), len(mina.Pages))
	}
	for name, want := range map[string]catalog.FailureCode{
		"Harbour & Pine EU": "", "Mina private": catalog.NotInBusinessManager, "HP Outlet Test": "",
	} {
		if got := named(t, mina.AdAccounts, name); got.Barrier != want {
			t.Errorf("%s: %q is in the way, want %q", name, got.Barrier, want)
		}
	}
	for name, want := range map[string]catalog.FailureCode{
		"Harbour & Pine": "", "Harbour & Pine Deutschland": catalog.OtherOwner, "Harbour Café": catalog.PartialAccess,
	} {
		if got := named(t, mina.Pages, name); got.Barrier != want {
			t.Errorf("%s: %q is in the way, want %q", name, got.Barrier, want)
		}
	}
	if got := named(t, mina.AdAccounts, "HP Outlet Test"); got.Warning != catalog.AccountRestricted {
		t.Errorf("a disabled account carries the warning %q", got.Warning)
	}
	if got := named(t, mina.AdAccounts, "Harbour & Pine EU"); got.Detail != "4471 2096 118 · EUR" ||
		got.Business.Name != "Harbour & Pine" {
		t.Errorf("got %q of %q", got.Detail, got.Business.Name)
	}
	if got := named(t, mina.Pages, "Harbour & Pine Deutschland"); got.Business.Name != "Kontor Werbung" {
		t.Errorf("its owner is said to be %q", got.Business.Name)
	}
	if got := named(t, mina.Pages, "Harbour Café"); got.Holders != nil {
		t.Errorf("full control of a Page is said to be with %q, which Facebook tells nobody without it", got.Holders)
	}
}

func TestLongListsAreReadToTheirEnd(t *testing.T) {
	s := newScene(t)
	sam, _ := s.assets(t, "Sam Xu")
	greta, _ := s.assets(t, "Greta Vogt")
	if len(sam.Pages) != 60 || len(sam.AdAccounts) != 40 || len(greta.AdAccounts) != 500 {
		t.Errorf("got %d Pages and %d ad accounts, and %d ad accounts", len(sam.Pages), len(sam.AdAccounts),
			len(greta.AdAccounts))
	}
}

func TestPeopleWhoCannotShareAreToldWhy(t *testing.T) {
	s := newScene(t)
	noor, _ := s.assets(t, "Noor Haddad")
	if noor.HasBusiness || noor.AdAccounts[0].Barrier != catalog.NotInBusinessManager ||
		noor.Pages[0].Barrier != catalog.NotInBusinessManager {
		t.Errorf("Noor: %+v", noor)
	}
	pia, _ := s.assets(t, "Pia Berg")
	if pia.AdAccounts[0].Barrier != catalog.PartialAccess || pia.Pages[0].Barrier != catalog.PartialAccess ||
		!slices.Contains(pia.AdAccounts[0].Holders, "Karl Berg") || pia.Pages[0].Holders != nil {
		t.Errorf("Pia: %+v", pia)
	}
	tomas, _ := s.assets(t, "Tomas Rey")
	if got := named(t, tomas.Pages, "Costa Azul Hotels"); got.Barrier != catalog.NotBusinessAdmin {
		t.Errorf("Tomas: %+v", got)
	}
	olga, _ := s.assets(t, "Olga Lind")
	if got := named(t, olga.Pages, "Lind Keramik Outlet"); got.Barrier != catalog.OtherOwner ||
		got.Business.Name != "Alte Werft Media" {
		t.Errorf("Olga: %+v", got)
	}
}

// shared shares one of Mina's assets and returns its item.
func (s *scene) shared(
	t *testing.T, kind onboarding.Kind, name string, with onboarding.Business,
) (onboarding.Item, platform.Shared, error) {
	t.Helper()
	mina, token := s.assets(t, "Mina Ito")
	list := mina.AdAccounts
	if kind == onboarding.Page {
		list = mina.Pages
	}
	asset := named(t, list, name)
	result, err := s.relay.Share(t.Context(), token, platform.ShareParams{
		Asset: asset,
		With:  onboarding.Account{ID: with.ID, Name: with.Name},
	})
	return onboarding.Item{Kind: kind, Account: asset.ID, Name: name, Failure: string(result.Waiting)}, result, err
}

func (s *scene) check(
	t *testing.T, credential platform.Credential, item onboarding.Item, business onboarding.Business,
) platform.CheckResult {
	t.Helper()
	finding, err := s.hub.Check(t.Context(), platform.CheckParams{
		Item: item, Business: onboarding.Account{ID: business.ID}, Access: credential.Secret, Credential: credential,
	})
	if err != nil {
		t.Fatalf("checking %s: %v", item.Name, err)
	}
	return finding
}

func TestWhatIsSharedIsAssignedWorksAndEndsWhenItIsTakenBack(t *testing.T) {
	for _, kind := range []onboarding.Kind{onboarding.AdAccount, onboarding.Page} {
		s := newScene(t)
		access, business := s.agency(t)
		name := map[onboarding.Kind]string{onboarding.AdAccount: "Harbour & Pine EU", onboarding.Page: "Harbour & Pine"}[kind]
		item, result, err := s.shared(t, kind, name, business)
		if err != nil || result.Waiting != "" || result.Already {
			t.Fatalf("sharing: got %+v and %v", result, err)
		}
		if kind == onboarding.AdAccount {
			if finding := s.check(t, access, item, business); finding.Failure != catalog.NotAssigned {
				t.Errorf("before it is assigned: got %+v", finding)
			}
		}
		for range 2 {
			if err := s.hub.Assign(t.Context(), access, platform.AssignParams{Item: item, Business: business}); err != nil {
				t.Fatalf("assigning: %v", err)
			}
		}
		finding := s.check(t, access, item, business)
		slices.Sort(finding.Tasks)
		if finding.State != onboarding.AccessWorks || !slices.Equal(finding.Tasks, tasks(onboarding.LevelAdvertise)) {
			t.Errorf("%s: got %+v, want it to work with exactly %v", kind, finding, tasks(onboarding.LevelAdvertise))
		}
		if _, again, err := s.shared(t, kind, name, business); err != nil || !again.Already {
			t.Errorf("sharing it again: got %+v and %v", again, err)
		}
		item.Access.State = onboarding.AccessWorks
		s.Act(sandbox.Action{Action: "withdraw", Asset: item.Account, Business: business.ID})
		if finding := s.check(t, access, item, business); finding.State != onboarding.AccessBroken ||
			finding.Failure != catalog.ShareRemoved {
			t.Errorf("after it was taken back: got %+v", finding)
		}
	}
}

func TestWhereFacebookRefusesTheAppTheClientSharesByHand(t *testing.T) {
	for fault, want := range map[string]catalog.FailureCode{
		"limited": catalog.ManualShare, "app_not_approved": catalog.ManualShare,
		"requires_admin_approval": catalog.ApproveInBusiness,
	} {
		s := newScene(t)
		access, business := s.agency(t)
		s.Fault(fault)
		item, result, err := s.shared(t, onboarding.AdAccount, "Harbour & Pine EU", business)
		if err != nil || result.Waiting != want {
			t.Errorf("%s: got %+v and %v, want it to wait: %s", fault, result, err, want)
			continue
		}
		if finding := s.check(t, access, item, business); finding.State != onboarding.AccessWaiting ||
			finding.Failure != want {
			t.Errorf("%s, checked: got %+v", fault, finding)
		}
	}
}

func TestRefusalsToShareSayWhatTheyAre(t *testing.T) {
	for fault, want := range map[string]catalog.FailureCode{
		"blocked": catalog.TemporarilyBlocked, "two_factor_required": catalog.TwoFactorNeeded,
		"transient": catalog.PlatformDown, "throttled": catalog.PlatformBusy, "token_revoked": catalog.SignInEnded,
		"down": catalog.PlatformDown, "malformed": catalog.PlatformDown,
	} {
		s := newScene(t)
		_, business := s.agency(t)
		mina, token := s.assets(t, "Mina Ito")
		s.Fault(fault)
		_, err := s.relay.Share(t.Context(), token, platform.ShareParams{
			Asset: mina.AdAccounts[0],
			With:  onboarding.Account{ID: business.ID},
		})
		var failure *platform.Failure
		if !errors.As(err, &failure) || failure.Code != want {
			t.Errorf("%s: got %v, want %s", fault, err, want)
		}
		if err != nil && strings.Contains(err.Error(), token.Reveal()) {
			t.Errorf("%s: the token is in the error", fault)
		}
	}
}

func TestAFaultThatPassesIsTriedOnceMore(t *testing.T) {
	s := newScene(t)
	_, business := s.agency(t)
	mina, token := s.assets(t, "Mina Ito")
	s.Fault("transient_once")
	for range 2 { // whichever of the two calls it affects
		if _, err := s.relay.Share(t.Context(), token, platform.ShareParams{
			Asset: mina.AdAccounts[0],
			With:  onboarding.Account{ID: business.ID},
		}); err != nil {
			t.Errorf("got %v", err)
		}
	}
}

func TestADeclinedPermissionIsNotASignIn(t *testing.T) {
	s := newScene(t)
	s.Fault("scope_unticked")
	_, err := s.signIn("Mina Ito")
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.Code != catalog.PermissionUnticked {
		t.Errorf("got %v", err)
	}
}

func TestEveryCallCarriesTheProofOfTheApp(t *testing.T) {
	s := newScene(t)
	s.Fault("require_appsecret_proof")
	s.assets(t, "Mina Ito")
}

func TestACodeOfFacebookWorksOnce(t *testing.T) {
	s := newScene(t)
	s.mustSignIn(t, "Mina Ito")
	_, err := s.relay.Exchange(t.Context(), s.Return(""))
	var failure *platform.Failure
	if !errors.As(err, &failure) || failure.Code != catalog.SignInTooLate {
		t.Errorf("got %v", err)
	}
}

func TestAPageThatWaitsForItsNewAdminWaits(t *testing.T) {
	s := newScene(t)
	access, business := s.agency(t)
	lena, token := s.assets(t, "Lena Roth")
	result, err := s.relay.Share(t.Context(), token, platform.ShareParams{
		Asset: lena.Pages[0],
		With:  onboarding.Account{ID: business.ID},
	})
	if err != nil {
		t.Fatalf("sharing: %v", err)
	}
	item := onboarding.Item{Kind: onboarding.Page, Account: lena.Pages[0].ID, Failure: string(result.Waiting)}
	if finding := s.check(t, access, item, business); finding.State != onboarding.AccessWaiting {
		t.Errorf("got %+v after %+v, want it to wait", finding, result)
	}
}

func TestAnAppWithAnotherSecretIsTheAgencysSide(t *testing.T) {
	s := newScene(t)
	app := s.App
	app.ClientSecret = onboarding.NewSecret("another")
	wrong, err := NewForRelay(app)
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.Exchange(t.Context(), platform.SignInReturn{
		Code: onboarding.NewSecret("code"), Redirect: "http://localhost:7420/callback",
	})
	if got := platform.AsFailure(err); got.Code != catalog.AgencySide {
		t.Errorf("got %v, want %s", err, catalog.AgencySide)
	}
}
