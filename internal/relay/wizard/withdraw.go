package wizard

import (
	"net/http"
	"slices"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
)

// withdrawEverything stands for all that a receipt lists, where an address names one thing.
const withdrawEverything = "all"

// canWithdraw reports whether there is an access to withdraw.
func canWithdraw(i onboarding.Item) bool {
	return i.Withdrawn == 0 && (i.State == onboarding.ItemConnected || i.State == onboarding.ItemWaiting)
}

// offerWithdrawal adds to the page where its things can be withdrawn.
func (s *receiptPages) offerWithdrawal(page *pages.Receipt, v *receiptScope) {
	for n, i := range page.Items {
		if canWithdraw(i.Item) {
			page.Items[n].Withdraw = v.path("withdraw/" + i.ID)
		}
	}
	if len(v.withdrawable(withdrawEverything)) > 1 {
		page.WithdrawAll = v.path("withdraw/" + withdrawEverything)
	}
}

// withdrawable lists what an address names and can be withdrawn.
func (v *receiptScope) withdrawable(what string) (items []onboarding.Item) {
	for _, i := range v.items {
		if (what == withdrawEverything || what == i.ID) && canWithdraw(i) {
			items = append(items, i)
		}
	}
	return items
}

// toWithdraw finds what an address names: something of this receipt's, or it is
// ErrNotFound. None: it was withdrawn before, or has ended.
func (v *receiptScope) toWithdraw(what string) ([]onboarding.Item, error) {
	isListed := func(i onboarding.Item) bool { return i.ID == what }
	if what != withdrawEverything && !slices.ContainsFunc(v.items, isListed) {
		return nil, onboarding.ErrNotFound
	}
	return v.withdrawable(what), nil
}

// withdrawnTitles is how many things the page that asks names.
const withdrawnTitles = 20

// askWithdraw says what ends and what stays. It changes nothing.
func (s *receiptPages) askWithdraw(w http.ResponseWriter, r *http.Request, v *receiptScope) error {
	what := r.PathValue("item")
	items, err := v.toWithdraw(what)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return seeOther(w, r, v.path(""))
	}
	able, err := s.store.Items.CanEndShares(r.Context(), v.Agency.ID, v.Request.ID)
	if err != nil {
		return err
	}
	page := pages.WithdrawAccess{
		Frame: v.Frame, Rest: len(v.withdrawable(withdrawEverything)) > len(items),
		Post: v.path("withdraw/" + what), Back: v.path(""),
	}
	for n, i := range items {
		if n < withdrawnTitles {
			page.Titles = append(page.Titles, lineTitle(s.catalog, []onboarding.Item{i}))
		} else {
			page.More++
		}
		if !slices.Contains(page.Services, i.Service) {
			page.Services = append(page.Services, i.Service)
		}
		switch {
		case i.HasNotArrived():
			page.Unseen = true
		case !i.Kind.IsShared():
			page.Others = true
		case able && !i.IsNamed():
			page.Facebook = true
		default:
			page.Unable = true
			page.Kept = append(page.Kept, lineTitle(s.catalog, []onboarding.Item{i}))
		}
	}
	s.render(w, r, http.StatusOK, page)
	return nil
}

// withdraw withdraws in the name of the receipt's client, and shows what became of it.
func (s *receiptPages) withdraw(w http.ResponseWriter, r *http.Request, v *receiptScope) error {
	items, err := v.toWithdraw(r.PathValue("item"))
	if err != nil {
		return err
	}
	var ids []string
	for _, i := range items {
		ids = append(ids, i.ID)
	}
	if err := s.store.Items.Withdraw(r.Context(), v.Agency.ID, v.Request.ID, v.visit.Name, ids); err != nil {
		return err
	}
	return seeOther(w, r, v.path(""))
}
