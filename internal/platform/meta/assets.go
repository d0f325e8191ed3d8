package meta

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

const (
	adAccountFields = "id,account_id,name,currency,account_status,business{id,name},user_tasks"
	pageFields      = "id,name,category,followers_count,tasks,owner_business{id,name}"
	ownedPageFields = "id,name,category,followers_count"
)

// adAccount is Graph's ad account. Status 1 is active, 2 disabled, 3 unsettled,
// 7 and 8 under review, 9 in its grace period, 100 and 101 closing and closed.
// https://developers.facebook.com/docs/marketing-api/reference/ad-account
type adAccount struct {
	ID       string             `json:"id"`
	Number   string             `json:"account_id"`
	Name     string             `json:"name"`
	Currency string             `json:"currency"`
	Status   int                `json:"account_status"`
	Business onboarding.Account `json:"business"`
	Tasks    []string           `json:"user_tasks"`
}

// page is Graph's Page. Its tasks are those of the caller.
// https://developers.facebook.com/docs/pages-api/manage-pages
type page struct {
	ID        string             `json:"id"`
	Name      string             `json:"name"`
	Category  string             `json:"category"`
	Followers int64              `json:"followers_count"`
	Tasks     []string           `json:"tasks"`
	Owner     onboarding.Account `json:"owner_business"`
}

// holdings is everything that Facebook returns for a person.
type holdings struct {
	roles    map[string]businessUser // by business id
	accounts map[string]adAccount
	pages    map[string]page
	ticked   map[string]bool // Pages for which Facebook returns a Page token
}

// Assets merges the person's direct assets with what their businesses own and
// were given, each list read to its end: GET /me/business_users, /me/adaccounts
// and /me/accounts, and of each business owned_ad_accounts, client_ad_accounts,
// owned_pages and client_pages. An expired token (190) is SignInEnded, rate
// limits (4, 17, 32, 80004) PlatformBusy. If one list fails, the call fails: an
// incomplete list would look complete.
// https://developers.facebook.com/docs/business-management-apis/business-asset-management/guides/business-to-business
func (r *Relay) Assets(
	ctx context.Context, access onboarding.Secret, kinds ...onboarding.Kind,
) (platform.Assets, error) {
	by := caller{token: access}
	users, err := list[businessUser](ctx, r.graph, by, "me/business_users",
		url.Values{"fields": {"id,name,role,business{id,name}"}})
	if err != nil {
		return platform.Assets{}, err
	}
	held, err := r.collect(ctx, by, users)
	if err != nil {
		return platform.Assets{}, err
	}
	assets := platform.Assets{HasBusiness: len(users) > 0}
	for _, account := range held.accounts {
		if account.Status != 100 && account.Status != 101 { // closing or closed
			assets.AdAccounts = append(assets.AdAccounts, held.judgeAccount(account))
		}
	}
	for _, p := range held.pages {
		assets.Pages = append(assets.Pages, held.judgePage(p))
	}
	slices.SortFunc(assets.AdAccounts, byName)
	slices.SortFunc(assets.Pages, byName)
	r.nameHolders(ctx, by, assets.AdAccounts)
	assets.More, err = r.extras(ctx, by, users, kinds)
	return assets, err
}

func byName(a, b platform.Asset) int {
	if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
		return c
	}
	return strings.Compare(a.ID, b.ID)
}

// OwnAssets merges the same lists. For an agency's own assets it requires only
// that its user may advertise. Ad accounts come first.
func (h *Hub) OwnAssets(ctx context.Context, credential platform.Credential) ([]platform.Asset, error) {
	by := callerOf(credential)
	users, err := list[businessUser](ctx, h.graph, by, "me/business_users",
		url.Values{"fields": {"id,name,role,business{id,name}"}})
	if err != nil {
		return nil, err
	}
	held, err := h.collect(ctx, by, users)
	if err != nil {
		return nil, err
	}
	var accounts, pages []platform.Asset
	for _, account := range held.accounts {
		if account.Status == 100 || account.Status == 101 { // closing or closed
			continue
		}
		asset := held.judgeAccount(account)
		asset.Barrier = ownBarrier(account.Tasks)
		accounts = append(accounts, asset)
	}
	for _, p := range held.pages {
		asset := held.judgePage(p)
		asset.Barrier = ownBarrier(p.Tasks)
		pages = append(pages, asset)
	}
	slices.SortFunc(accounts, byName)
	slices.SortFunc(pages, byName)
	return append(accounts, pages...), nil
}

// ownBarrier is why an agency's user cannot advertise with an asset: admins see
// all assets of a business, but may use only assigned ones.
func ownBarrier(granted []string) catalog.FailureCode {
	if mayAdvertise(granted) {
		return ""
	}
	return catalog.NotAssigned
}

// mayAdvertise reports whether the tasks include advertising. Pages of the new
// Pages experience have other task names.
func mayAdvertise(granted []string) bool {
	return slices.Contains(granted, "ADVERTISE") || slices.Contains(granted, "PROFILE_PLUS_ADVERTISE")
}

// collect reads every list, four concurrently.
func (h *Hub) collect(ctx context.Context, by caller, users []businessUser) (holdings, error) {
	held := holdings{
		roles:    map[string]businessUser{},
		accounts: map[string]adAccount{},
		pages:    map[string]page{},
		ticked:   map[string]bool{},
	}
	direct := struct {
		accounts []adAccount
		pages    []page
	}{}
	of := make([]businessLists, len(users))

	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	group.Go(func() (err error) {
		direct.accounts, err = list[adAccount](ctx, h.graph, by, "me/adaccounts", url.Values{"fields": {adAccountFields}})
		return err
	})
	group.Go(func() (err error) {
		direct.pages, err = list[page](ctx, h.graph, by, "me/accounts", url.Values{"fields": {pageFields}})
		return err
	})
	for i, user := range users {
		held.roles[user.Business.ID] = user
		h.listBusiness(ctx, group, by, user.Business.ID, &of[i])
	}
	if err := group.Wait(); err != nil {
		return holdings{}, err
	}
	for i, user := range users {
		held.add(of[i], user)
	}
	for _, account := range direct.accounts {
		held.accounts[account.ID] = account
	}
	for _, p := range direct.pages {
		held.ticked[p.ID] = true
		if p.Owner.ID == "" {
			p.Owner = held.pages[p.ID].Owner
		}
		held.pages[p.ID] = p
	}
	return held, nil
}

// businessLists holds the assets of one business.
type businessLists struct {
	owned, given           []adAccount
	ownedPages, givenPages []page
}

// listBusiness starts reading the assets of one business.
func (h *Hub) listBusiness(ctx context.Context, group *errgroup.Group, by caller, id string, into *businessLists) {
	accounts := url.Values{"fields": {adAccountFields}}
	group.Go(func() (err error) {
		into.owned, err = list[adAccount](ctx, h.graph, by, id+"/owned_ad_accounts", accounts)
		return err
	})
	group.Go(func() (err error) {
		into.given, err = list[adAccount](ctx, h.graph, by, id+"/client_ad_accounts", accounts)
		return err
	})
	group.Go(func() (err error) {
		into.ownedPages, err = list[page](ctx, h.graph, by, id+"/owned_pages", url.Values{"fields": {ownedPageFields}})
		return err
	})
	group.Go(func() (err error) {
		into.givenPages, err = list[page](ctx, h.graph, by, id+"/client_pages", url.Values{"fields": {pageFields}})
		return err
	})
}

// add merges the assets of one of the person's businesses.
func (h holdings) add(of businessLists, user businessUser) {
	for _, account := range slices.Concat(of.given, of.owned) {
		h.accounts[account.ID] = account
	}
	for _, p := range of.givenPages {
		h.pages[p.ID] = p
	}
	for _, p := range of.ownedPages {
		p.Owner = user.Business
		h.pages[p.ID] = p
	}
}

func (h holdings) judgeAccount(a adAccount) platform.Asset {
	number := a.Number
	if number == "" {
		number = strings.TrimPrefix(a.ID, "act_")
	}
	asset := platform.Asset{
		Kind:     onboarding.AdAccount,
		ID:       a.ID,
		Name:     a.Name,
		Detail:   join(grouped(number), a.Currency),
		Business: a.Business,
	}
	switch user, member := h.roles[a.Business.ID]; {
	case a.Business.ID == "":
		asset.Barrier = catalog.NotInBusinessManager
	case !member:
		asset.Barrier = catalog.OtherOwner
	case !user.admin() && !slices.Contains(a.Tasks, "MANAGE"):
		asset.Barrier = catalog.PartialAccess
	case !user.admin():
		asset.Barrier = catalog.NotBusinessAdmin
	}
	if asset.Barrier == "" && a.Status != 1 {
		asset.Warning = catalog.AccountRestricted
	}
	return asset
}

func (h holdings) judgePage(p page) platform.Asset {
	asset := platform.Asset{
		Kind:     onboarding.Page,
		ID:       p.ID,
		Name:     p.Name,
		Detail:   join(p.Category, followers(p.Followers)),
		Business: p.Owner,
	}
	full := slices.Contains(p.Tasks, "MANAGE") || slices.Contains(p.Tasks, "PROFILE_PLUS_FULL_CONTROL")
	switch user, member := h.roles[p.Owner.ID]; {
	case p.Owner.ID == "":
		asset.Barrier = catalog.NotInBusinessManager
	case !member:
		asset.Barrier = catalog.OtherOwner
	case !h.ticked[p.ID]:
		asset.Barrier = catalog.BoxUnticked
	case !full:
		asset.Barrier = catalog.PartialAccess
	case !user.admin():
		asset.Barrier = catalog.NotBusinessAdmin
	}
	return asset
}

// nameHolders reads who has full control of the ad accounts that the person
// cannot share, of at most twenty. It is optional: without permission, no one
// is named. For a Page Facebook requires full control of it, so Pages are left
// out.
// https://developers.facebook.com/docs/graph-api/reference/page/assigned_users
func (r *Relay) nameHolders(ctx context.Context, by caller, accounts []platform.Asset) {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(4)
	left := 20
	for i := range accounts {
		account := &accounts[i]
		if account.Barrier != catalog.PartialAccess || left == 0 {
			continue
		}
		left--
		group.Go(func() error {
			account.Holders = r.holders(ctx, by, *account)
			return nil
		})
	}
	_ = group.Wait() // no call in it returns an error
}

// holders reads GET /{ad account}/assigned_users, which requires a business. A
// refusal is no error: then no one is named.
// https://developers.facebook.com/docs/graph-api/reference/ad-account/ (assigned_users)
func (r *Relay) holders(ctx context.Context, by caller, account platform.Asset) []string {
	type assigned struct {
		Name  string   `json:"name"`
		Tasks []string `json:"tasks"`
	}
	asked := url.Values{"business": {account.Business.ID}, "fields": {"id,name,tasks"}}
	users, err := list[assigned](ctx, r.graph, by, account.ID+"/assigned_users", asked)
	if err != nil {
		return nil
	}
	var names []string
	for _, user := range users {
		if slices.Contains(user.Tasks, "MANAGE") && user.Name != "" {
			names = append(names, user.Name)
		}
	}
	return names
}

// grouped formats an ad account's number: "4471 2096 118".
func grouped(number string) string {
	var groups []string
	for len(number) > 4 {
		groups, number = append(groups, number[:4]), number[4:]
	}
	return strings.Join(append(groups, number), " ")
}

func followers(count int64) string {
	if count == 0 {
		return ""
	}
	digits := strconv.FormatInt(count, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if count == 1 {
		return "1 follower"
	}
	return digits + " followers"
}

func join(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(part string) bool { return part == "" }), " · ")
}
