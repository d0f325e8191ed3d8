package store_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// emailKinds are the constants of the type EmailKind, as they are written.
func emailKinds(t *testing.T) (kinds []store.EmailKind) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "emails.go", nil, 0)
	must(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if of, named := spec.Type.(*ast.Ident); !named || of.Name != "EmailKind" {
			return true
		}
		for _, value := range spec.Values {
			text, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			must(t, err)
			kinds = append(kinds, store.EmailKind(text))
		}
		return true
	})
	return kinds
}

// claim leases the next due email.
func (s *scene) claim(t *testing.T, owner store.LeaseOwner) store.Email {
	t.Helper()
	email, err := s.Emails.Claim(t.Context(), owner, nil, s.Now().Add(time.Hour))
	must(t, err)
	return email
}

// TestEveryKindOfEmailIsBoundedByItsAddress sends each kind to one address until no more
// go to it that day.
func TestEveryKindOfEmailIsBoundedByItsAddress(t *testing.T) {
	kinds := emailKinds(t)
	if len(kinds) < 13 {
		t.Fatalf("found only %v", kinds)
	}
	each(t, func(t *testing.T, s *scene) {
		owner := store.LeaseOwner{Instance: "here", Run: "1"}
		most := map[store.Limit]int{store.LimitOutside: 6, store.LimitMembers: 100, store.LimitOperator: 20}
		for _, kind := range kinds {
			address := store.NewRecipient{Address: string(kind) + "@xn--bcher-kva.example", Hashes: [][]byte{[]byte(kind)}}
			want := most[store.LimitOf(kind)]
			if kind == store.EmailPhoneLink || kind == store.EmailLinkAgain {
				want = 3
			}
			if store.LimitOf(kind) == store.LimitMembers {
				must(t, s.Members.Invite(t.Context(), s.agency, onboarding.Member{
					ID: string(kind), Name: "Kim Berg", Email: string(kind) + "@bücher.example", Role: onboarding.SubUser,
				}))
				s.device(t, string(kind), "of "+string(kind))
			}
			if want == 0 {
				t.Errorf("nothing limits the kind %s", kind)
				continue
			}
			sent := 0
			for n := range 2 * want {
				s.advance(2 * time.Minute)
				// Each of another request, as by links of its own.
				must(t, s.Emails.Enqueue(t.Context(), store.Email{
					Agency: s.agency, Kind: kind, Request: fmt.Sprint(kind, n), Service: onboarding.HubSpot,
				}, 0))
				email := s.claim(t, owner)
				until, err := s.Emails.MarkSending(t.Context(), email, owner, address, onboarding.Limits{})
				switch {
				case errors.Is(err, onboarding.ErrRateLimited):
					must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: onboarding.EmailCancelled}))
					continue
				case err != nil || until != 0:
					t.Fatalf("%s: sending: until %d, %v", kind, until, err)
				}
				sent++
				must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: onboarding.EmailAccepted}))
			}
			if sent != want {
				t.Errorf("%s: %d of %d emails went to one address in a day, want %d", kind, sent, 2*want, want)
			}
			s.advance(25 * time.Hour)
		}
	})
}

// An address that was typed for a member may be a stranger's.
func TestAMemberWhoNeverEnrolledGetsNoMoreNoticesThanAClient(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		h, sent := handsOf(s), 0
		to := store.NewRecipient{Address: s.ben.Email, Hashes: [][]byte{[]byte("ben")}}
		for n := range 10 {
			s.advance(2 * time.Minute)
			email := h.queue(t, store.EmailCompletion, fmt.Sprint("request ", n))
			_, err := s.Emails.MarkSending(t.Context(), email, h.owner, to, onboarding.Limits{})
			if err == nil {
				sent++
			} else if !errors.Is(err, onboarding.ErrRateLimited) {
				t.Fatal(err)
			}
			must(t, s.Emails.Finish(t.Context(), email, store.EmailResult{State: onboarding.EmailCancelled}))
		}
		if sent != 6 {
			t.Errorf("%d notices went to an address where nobody enrolled, want 6", sent)
		}
	})
}

// hands are what a run has in flight.
type hands struct {
	*scene
	owner store.LeaseOwner
	held  map[string]string
}

func handsOf(s *scene) hands {
	return hands{scene: s, owner: store.LeaseOwner{Instance: "here", Run: "1"}, held: map[string]string{}}
}

// queue queues an email of a kind and claims it.
func (h hands) queue(t *testing.T, kind store.EmailKind, request string) store.Email {
	t.Helper()
	must(t, h.Emails.Enqueue(t.Context(), store.Email{Agency: h.agency, Kind: kind, Request: request}, 0))
	email, err := h.Emails.Claim(t.Context(), h.owner, h.held, h.Now().Add(time.Hour))
	must(t, err)
	h.held[email.ID] = email.Agency
	return email
}

func TestWhatAClientCausesGoesToAnAddressOnceAMinute(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		h := handsOf(s)
		victim := store.NewRecipient{Address: "victim@x.example", Hashes: [][]byte{[]byte("v")}}
		mark := func(email store.Email, to store.NewRecipient) onboarding.Timestamp {
			t.Helper()
			until, err := s.Emails.MarkSending(t.Context(), email, h.owner, to, onboarding.Limits{})
			must(t, err)
			return until
		}
		first := s.Now()
		if until := mark(h.queue(t, store.EmailReceipt, "r1"), victim); until != 0 {
			t.Errorf("the first waits until %d", until)
		}
		s.advance(9 * time.Second)
		second := h.queue(t, store.EmailReceipt, "r2")
		if until := mark(second, victim); until != first+60_000 {
			t.Errorf("the second, nine seconds later, waits until %d, want %d", until, first+60_000)
		}
		other := store.NewRecipient{Address: "other@x.example", Hashes: [][]byte{[]byte("o")}}
		if until := mark(h.queue(t, store.EmailReceipt, "r3"), other); until != 0 {
			t.Errorf("another address waits until %d", until)
		}
		s.advance(time.Minute)
		if until := mark(second, victim); until != 0 {
			t.Errorf("a minute later it waits until %d", until)
		}
		if until := mark(second, victim); until != 0 {
			t.Error("an email that is sent again counts twice")
		}
	})
}

func TestReceiptsCountForTheDayOfTheAgency(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		h := handsOf(s)
		limits := onboarding.Limits{AgencyAddressesPerDay: 3}
		for n, want := range []error{nil, nil, nil, onboarding.ErrRateLimited} {
			address := fmt.Sprintf("a%d@x.example", n)
			email := h.queue(t, store.EmailReceipt, address)
			_, err := s.Emails.MarkSending(t.Context(), email, h.owner,
				store.NewRecipient{Address: address, Hashes: [][]byte{[]byte(address)}}, limits)
			if !errors.Is(err, want) {
				t.Errorf("receipt %d: got %v, want %v", n+1, err, want)
			}
		}
		s.save(t, "r1", "ana")
		_, err := s.Requests.Send(t.Context(), s.agency, "r1", []store.NewRecipient{to("p", "new@x.example")}, limits)
		wants(t, err, onboarding.ErrRateLimited)
	})
}

func TestAnEmailOfAKindThatNothingLimitsIsNotSent(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		h := handsOf(s)
		email := h.queue(t, "newsletter", "r1")
		recipients := to("", "a@x.example")
		if _, err := s.Emails.MarkSending(t.Context(), email, h.owner, recipients, onboarding.Limits{}); err == nil {
			t.Error("it is sent")
		}
	})
}

func TestOneAgencysManyEmailsDoNotDelayAnothers(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		owner := store.LeaseOwner{Instance: "here", Run: "1"}
		for n := range 8 {
			must(t, s.Emails.Enqueue(ctx, store.Email{Agency: s.agency, Kind: store.EmailReport, Request: fmt.Sprint(n)}, 0))
		}
		s.advance(time.Second)
		must(t, s.Emails.Enqueue(ctx, store.Email{Agency: "other", Kind: store.EmailReport, Request: "r"}, 0))
		first := s.claim(t, owner)
		next, err := s.Emails.Claim(ctx, owner, map[string]string{first.ID: first.Agency}, s.Now().Add(time.Hour))
		must(t, err)
		if first.Agency != s.agency || next.Agency != "other" {
			t.Errorf("claimed one of %s and one of %s", first.Agency, next.Agency)
		}
	})
}

func TestAJobThatWasPutOffWaits(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		ctx := t.Context()
		owner := store.LeaseOwner{Instance: "here", Run: "1"}
		s.save(t, "r1", "ana")
		s.advance(400 * 24 * time.Hour)
		job, err := s.Jobs.Claim(ctx, owner, s.Now().Add(time.Minute))
		must(t, err)
		for job.Kind != store.JobExpire {
			must(t, s.Jobs.Run(ctx, job))
			job, err = s.Jobs.Claim(ctx, owner, s.Now().Add(time.Minute))
			must(t, err)
		}
		must(t, s.Jobs.Postpone(ctx, job, s.Now().Add(15*time.Minute)))
		s.advance(14 * time.Minute)
		for _, o := range []store.LeaseOwner{owner, {Instance: "here", Run: "2"}} {
			_, err = s.Jobs.Claim(ctx, o, s.Now().Add(time.Minute))
			wants(t, err, onboarding.ErrNotFound)
		}
		s.advance(2 * time.Minute)
		again, err := s.Jobs.Claim(ctx, owner, s.Now().Add(time.Minute))
		must(t, err)
		if again != job {
			t.Errorf("claimed %+v, want %+v", again, job)
		}
	})
}
