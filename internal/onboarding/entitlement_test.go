package onboarding

import "testing"

func TestMembersSeeTheirOwnUnlessTheAgencyShares(t *testing.T) {
	main, sub := Member{ID: "m", Role: MainUser}, Member{ID: "s", Role: SubUser}
	former := Member{ID: "f", Role: MainUser, Removed: 1}
	mains, subs, formers := Request{Owner: "m"}, Request{Owner: "s"}, Request{Owner: "f"}
	for _, c := range []struct {
		who         string
		shares, see bool
		member      Member
		of          Ownership
	}{
		{who: "a sub-user their own request", member: sub, of: subs.Ownership(), see: true},
		{who: "a main user a sub-user's request", member: main, of: subs.Ownership()},
		{who: "a sub-user a main user's request", member: sub, of: mains.Ownership()},
		{who: "a sub-user a main user's shared request", shares: true, member: sub, of: mains.Ownership(), see: true},
		{who: "a main user an own account that a sub-user connected", member: main,
			of: Item{Owner: "s"}.Ownership(), see: true},
		{who: "a sub-user an own account that a main user connected", member: sub, of: Item{Owner: "m"}.Ownership()},
		{who: "a main user a sub-user's Connection", member: main, of: Connection{Member: "s"}.Ownership(), see: true},
		{who: "a main user a sub-user's client's account", member: main, of: Item{Owner: "s", Request: "r"}.Ownership()},
		{who: "a removed member what was theirs", shares: true, member: former, of: formers.Ownership()},
		{who: "a removed main user an own account", member: former, of: Item{Owner: "m"}.Ownership()},
	} {
		if got := (Agency{ShareRequests: c.shares}).MaySee(c.member, c.of); got != c.see {
			t.Errorf("may %s: got %v, want %v", c.who, got, c.see)
		}
	}
}

func TestOnlyALiveDeviceOfTheMemberMayHoldACredential(t *testing.T) {
	ana, of := Member{ID: "ana", Role: SubUser}, Ownership{Member: "ana"}
	for _, c := range []struct {
		what   string
		device Device
		hold   bool
	}{
		{what: "her pending device", device: Device{Member: "ana"}, hold: true},
		{what: "her approved device", device: Device{Member: "ana", Approved: 1}, hold: true},
		{what: "her revoked device", device: Device{Member: "ana", Approved: 1, Revoked: 2}},
		{what: "somebody else's device", device: Device{Member: "ben", Approved: 1}},
	} {
		if got := (Agency{}).MayHold(ana, c.device, of); got != c.hold {
			t.Errorf("may %s hold it: got %v, want %v", c.what, got, c.hold)
		}
	}
}

func TestAMemberManagesTheirOwnAndAMainUserEverybodys(t *testing.T) {
	main, sub := Member{ID: "m", Role: MainUser}, Member{ID: "s", Role: SubUser}
	former := Member{ID: "f", Role: MainUser, Removed: 1}
	if !sub.MayManage("s") || sub.MayManage("m") || !main.MayManage("s") || former.MayManage("f") {
		t.Error("a member manages what is not theirs, or cannot manage what is")
	}
}
