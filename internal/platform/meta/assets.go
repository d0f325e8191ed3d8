package meta

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// The fields of the lists, and the fewer ones for when these are too much.
const (
	adAccountFields       = "id,account_id,name,currency,account_status,business{id,name},user_tasks"
	fewAdAccountFields    = "id,account_id,name,account_status,business{id,name}"
	pageFields            = "id,name,category,followers_count,tasks,owner_business{id,name}"
	fewPageFields         = "id,name,tasks,owner_business{id,name}"
	givenPageFields       = pageFields + ",access_token"
	fewGivenPageFields    = "id,name,owner_business{id,name},access_token"
	ownedPageFields       = "id,name,category,followers_count,access_token"
	fewOwnedPageFields    = "id,name,access_token"
	businessUserFields    = "id,name,role,business{id,name}"
	fewBusinessUserFields = "id,role,business{id,name}"
)

// adAccount is Graph's ad account.
// https://developers.facebook.com/docs/marketing-api/reference/ad-account
type adAccount struct {
	ID       string             `json:"id"`
	Number   string             `json:"account_id"`
	Name     string             `json:"name"`
	Currency string             `json:"currency"`
	Status   accountStatus      `json:"account_status"`
	Business onboarding.Account `json:"business"`
	Tasks    []string           `json:"user_tasks"`
}

// page is Graph's Page. Its tasks are those of the caller; nil: not told. It has
// a token if the caller has a task on it and has ticked it.
// https://developers.facebook.com/docs/pages-api/manage-pages
type page struct {
	ID        string             `json:"id"`
	Name      string             `json:"name"`
	Category  string             `json:"category"`
	Followers int64              `json:"followers_count"`
	Tasks     []string           `json:"tasks"`
	Owner     onboarding.Account `json:"owner_business"`
	Token     present            `json:"access_token"`
}

// present is whether a text is there. It never holds the text, which is a secret.
type present bool

// UnmarshalJSON implements json.Unmarshaler.
func (p *present) UnmarshalJSON(text []byte) error {
	*p = string(text) != `""` && string(text) != "null"
	return nil
}

// assetLists is everything that Facebook returns for a person. No list has it
// all: the person's own often leave out what a business owns.
type assetLists struct {
	roles    map[string]businessUser // by business id
	accounts map[string]adAccount
	pages    map[string]page
	withTask map[string]bool // Pages on which the person has a task, as far as Facebook tells
	ticked   map[string]bool // Pages that the sign-in is for; nil: all, or not told
	unread   []platform.UnreadList
}

// Assets merges the person's direct assets with what their businesses own and
// were given, each list read to its end: GET /me/business_users, /me/businesses,
// /me/adaccounts and /me/accounts, and of each business owned_ad_accounts,
// client_ad_accounts, owned_pages and client_pages. A list that Facebook refuses
// is in Unread. An expired token (190) is SignInEnded, rate limits (4, 17, 32,
// 80004) PlatformBusy.
// https://developers.facebook.com/docs/business-management-apis/business-asset-management/guides/business-to-business
func (r *Relay) Assets(
	ctx context.Context, access onboarding.Secret, kinds ...onboarding.Kind,
) (platform.Assets, error) {
	by := caller{token: access}
	users, err := r.memberships(ctx, by)
	if err != nil {
		return platform.Assets{}, err
	}
	lists, err := r.collect(ctx, by, users)
	if err != nil {
		return platform.Assets{}, err
	}
	if lists.hasPageWithoutTask() {
		lists.ticked = r.tickedPages(ctx, access)
	}
	assets := platform.Assets{HasBusiness: len(users) > 0}
	for _, account := range lists.accounts {
		if account.Status.failure() != catalog.AccountClosed {
			assets.AdAccounts = append(assets.AdAccounts, lists.accountAsset(account))
		}
	}
	for _, p := range lists.pages {
		assets.Pages = append(assets.Pages, lists.pageAsset(p))
	}
	sortByName(assets.AdAccounts)
	sortByName(assets.Pages)
	r.nameHolders(ctx, by, assets.AdAccounts)
	more, unread, err := r.extras(ctx, by, users, kinds)
	assets.More, assets.Unread = more, append(lists.unread, unread...)
	return assets, err
}

// memberships are the businesses that the person is in, with the role in each:
// GET /me/business_users. A business that only GET /me/businesses names has no
// role: it is not told.
// https://developers.facebook.com/docs/graph-api/reference/user/businesses/
func (h *Hub) memberships(ctx context.Context, by caller) ([]businessUser, error) {
	users, err := list[businessUser](ctx, h.graph, by, "me/business_users",
		url.Values{"fields": {businessUserFields}}, fewBusinessUserFields)
	if err != nil && !isOneLists(err) {
		return nil, err
	}
	businesses, also := list[onboarding.Account](ctx, h.graph, by, "me/businesses", url.Values{"fields": {"id,name"}})
	if err != nil && also != nil {
		return nil, err
	}
	for _, business := range businesses {
		if !slices.ContainsFunc(users, func(u businessUser) bool { return u.Business.ID == business.ID }) {
			users = append(users, businessUser{Business: business})
		}
	}
	return users, nil
}

// tickedPages are the Pages for which the person granted pages_show_list, GET
// /debug_token with the app's token; nil: all, or Facebook does not tell.
// https://developers.facebook.com/docs/facebook-login/guides/access-tokens/debugging
func (r *Relay) tickedPages(ctx context.Context, access onboarding.Secret) map[string]bool {
	var answer struct {
		Data struct {
			Scopes []struct {
				Scope   string   `json:"scope"`
				Targets []string `json:"target_ids"`
			} `json:"granular_scopes"`
		} `json:"data"`
	}
	app := caller{token: onboarding.NewSecret(r.oauth.App.ClientID + "|" + r.oauth.App.ClientSecret.Reveal())}
	err := r.graph.get(ctx, app, "debug_token", url.Values{"input_token": {access.Reveal()}}, &answer)
	if err != nil {
		return nil // then Facebook refuses when the Page is shared
	}
	for _, granted := range answer.Data.Scopes {
		if granted.Scope == "pages_show_list" && granted.Targets != nil {
			ticked := map[string]bool{}
			for _, id := range granted.Targets {
				ticked[id] = true
			}
			return ticked
		}
	}
	return nil
}

// sortByName orders assets for whoever looks for a name; those of one name by id.
func sortByName(assets []platform.Asset) {
	slices.SortFunc(assets, func(a, b platform.Asset) int { return strings.Compare(a.ID, b.ID) })
	collation.SortStable(assets, func(a platform.Asset) string { return a.Name })
}

// OwnAssets merges the same lists. For an agency's own assets it requires only
// that its user may advertise. Ad accounts come first.
func (h *Hub) OwnAssets(
	ctx context.Context, credential platform.Credential,
) ([]platform.Asset, []platform.UnreadList, error) {
	by := callerOf(credential)
	users, err := h.memberships(ctx, by)
	if err != nil {
		return nil, nil, err
	}
	lists, err := h.collect(ctx, by, users)
	if err != nil {
		return nil, nil, err
	}
	var accounts, pages []platform.Asset
	for _, account := range lists.accounts {
		if account.Status.failure() == catalog.AccountClosed {
			continue
		}
		asset := lists.accountAsset(account)
		asset.Barrier = ownBarrier(account.Tasks, true)
		accounts = append(accounts, asset)
	}
	for _, p := range lists.pages {
		asset := lists.pageAsset(p)
		asset.Barrier = ownBarrier(p.Tasks, lists.withTask[p.ID])
		pages = append(pages, asset)
	}
	sortByName(accounts)
	sortByName(pages)
	return append(accounts, pages...), lists.unread, nil
}

// ownBarrier is why an agency's user cannot advertise with an asset: admins see
// all assets of a business, but may use only assigned ones. Where Facebook does
// not tell the tasks, it counts whether the user has any.
func ownBarrier(granted []string, hasTask bool) catalog.FailureCode {
	if mayAdvertise(granted) || granted == nil && hasTask {
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
func (h *Hub) collect(ctx context.Context, by caller, users []businessUser) (assetLists, error) {
	lists := assetLists{
		roles:    map[string]businessUser{},
		accounts: map[string]adAccount{},
		pages:    map[string]page{},
		withTask: map[string]bool{},
	}
	read := newListReader(ctx, h.graph, by)
	var accounts []adAccount
	var pages []page
	own := platform.UnreadList{Kind: onboarding.AdAccount}
	readList(read, &accounts, own, "me/adaccounts", adAccountFields, fewAdAccountFields)
	own.Kind = onboarding.Page
	readList(read, &pages, own, "me/accounts", pageFields, fewPageFields)
	of := make([]businessLists, len(users))
	for i, user := range users {
		lists.roles[user.Business.ID] = user
		of[i].read(read, user.Business)
	}
	var err error
	if lists.unread, err = read.wait(); err != nil {
		return assetLists{}, err
	}
	for i, user := range users {
		lists.add(of[i], user)
	}
	for _, account := range accounts {
		lists.addAccount(account)
	}
	for _, p := range pages {
		lists.withTask[p.ID] = true
		lists.addPage(p)
	}
	return lists, nil
}

// businessLists holds the assets of one business.
type businessLists struct {
	owned, given           []adAccount
	ownedPages, givenPages []page
}

// read starts reading the assets of one business.
func (l *businessLists) read(read *listReader, business onboarding.Account) {
	accounts := platform.UnreadList{Kind: onboarding.AdAccount, Business: business}
	pages := platform.UnreadList{Kind: onboarding.Page, Business: business}
	readList(read, &l.owned, accounts, business.ID+"/owned_ad_accounts", adAccountFields, fewAdAccountFields)
	readList(read, &l.ownedPages, pages, business.ID+"/owned_pages", ownedPageFields, fewOwnedPageFields)
	accounts.Given, pages.Given = true, true
	readList(read, &l.given, accounts, business.ID+"/client_ad_accounts", adAccountFields, fewAdAccountFields)
	readList(read, &l.givenPages, pages, business.ID+"/client_pages", givenPageFields, fewGivenPageFields)
}

// add merges the assets of one of the person's businesses.
func (h assetLists) add(of businessLists, user businessUser) {
	for _, account := range of.given {
		h.addAccount(account)
	}
	for _, account := range of.owned {
		account.Business = user.Business
		h.addAccount(account)
	}
	for _, p := range of.givenPages {
		h.addPage(p)
	}
	for _, p := range of.ownedPages {
		p.Owner = user.Business
		h.addPage(p)
	}
}

// addAccount adds another list's entry for an ad account: what the newer one does
// not tell is kept.
func (h assetLists) addAccount(a adAccount) {
	known := h.accounts[a.ID]
	if a.Business.ID == "" {
		a.Business = known.Business
	}
	if len(a.Tasks) == 0 && known.Tasks != nil {
		a.Tasks = known.Tasks
	}
	a.Currency = cmp.Or(a.Currency, known.Currency)
	h.accounts[a.ID] = a
}

// addPage is addAccount for a Page.
func (h assetLists) addPage(p page) {
	known := h.pages[p.ID]
	if p.Owner.ID == "" {
		p.Owner = known.Owner
	}
	if len(p.Tasks) == 0 && known.Tasks != nil {
		p.Tasks = known.Tasks
	}
	p.Category, p.Followers = cmp.Or(p.Category, known.Category), cmp.Or(p.Followers, known.Followers)
	if p.Token || len(p.Tasks) > 0 {
		h.withTask[p.ID] = true
	}
	h.pages[p.ID] = p
}

// hasPageWithoutTask reports whether a business of the person owns a Page on which
// Facebook tells no task of theirs.
func (h assetLists) hasPageWithoutTask() bool {
	for id, p := range h.pages {
		if _, member := h.roles[p.Owner.ID]; member && !h.withTask[id] {
			return true
		}
	}
	return false
}

// ownerUnknown reports whether an asset without an owner may have one: a list of
// what a business owns was not read.
func (h assetLists) ownerUnknown(kind onboarding.Kind) bool {
	return slices.ContainsFunc(h.unread, func(l platform.UnreadList) bool {
		return l.Kind == kind && l.Business.ID != "" && !l.Given
	})
}

func (h assetLists) accountAsset(account adAccount) platform.Asset {
	number := account.Number
	if number == "" {
		number = strings.TrimPrefix(account.ID, "act_")
	}
	asset := platform.Asset{
		Kind:     onboarding.AdAccount,
		ID:       account.ID,
		Name:     account.Name,
		Detail:   join(grouped(number), account.Currency),
		Business: account.Business,
	}
	switch user, member := h.roles[account.Business.ID]; {
	case account.Business.ID == "" && h.ownerUnknown(onboarding.AdAccount):
	case account.Business.ID == "":
		asset.Barrier = catalog.NotInBusinessManager
	case !member:
		asset.Barrier = catalog.OtherOwner
	case user.mayBeAdmin():
	case !slices.Contains(account.Tasks, "MANAGE"):
		asset.Barrier = catalog.PartialAccess
	default:
		asset.Barrier = catalog.NotBusinessAdmin
	}
	if asset.Barrier == "" {
		asset.Warning = account.Status.failure()
	}
	return asset
}

func (h assetLists) pageAsset(p page) platform.Asset {
	asset := platform.Asset{
		Kind:     onboarding.Page,
		ID:       p.ID,
		Name:     p.Name,
		Detail:   join(p.Category, followers(p.Followers)),
		Business: p.Owner,
	}
	full := slices.Contains(p.Tasks, "MANAGE") || slices.Contains(p.Tasks, "PROFILE_PLUS_FULL_CONTROL")
	switch user, member := h.roles[p.Owner.ID]; {
	case p.Owner.ID == "" && h.ownerUnknown(onboarding.Page):
	case p.Owner.ID == "":
		asset.Barrier = catalog.NotInBusinessManager
	case !member:
		asset.Barrier = catalog.OtherOwner
	case !h.withTask[p.ID] && h.ticked != nil && !h.ticked[p.ID]:
		asset.Barrier = catalog.BoxUnticked
	case len(p.Tasks) > 0 && !full:
		asset.Barrier = catalog.PartialAccess
	case !user.mayBeAdmin():
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
	var there []string
	for _, part := range parts {
		if part != "" {
			there = append(there, bidi.Isolate(part))
		}
	}
	return strings.Join(there, " · ")
}
