package wizard

import (
	"cmp"
	"errors"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/link"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// receiptPages are the pages behind the link in a receipt's email. Whoever has that email
// has read the same, so they are for phones, too. Reading them changes nothing.
type receiptPages struct{ *core }

// receiptScope is a receipt that was opened.
type receiptScope struct {
	*linkScope
	visit store.Visit
	items []onboarding.Item    // what it lists, in the order of the page
	part  []onboarding.Service // the services that its client was asked for
	// shares are who shared the items, by item.
	shares map[string][]store.Share
}

type receiptHandler func(w http.ResponseWriter, r *http.Request, v *receiptScope) error

// onReceipt lets a handler answer for the link of a receipt. A request's link leads to
// none.
func (s *receiptPages) onReceipt(handle receiptHandler) linkHandler {
	return func(w http.ResponseWriter, r *http.Request, l *linkScope) error {
		if l.Kind != link.KindReceipt {
			return onboarding.ErrNotFound
		}
		if onboarding.ReceiptEnds(l.receipt.Made) <= s.store.Now() {
			s.render(w, r, http.StatusGone, pages.ReceiptOver{Frame: l.Frame, Services: l.Request.Services})
			return nil
		}
		v, err := s.load(r, l)
		if err != nil {
			return err
		}
		return handle(w, r, v)
	}
}

// load reads what a receipt lists: of one that is not whole only what its own client has
// shared.
func (s *receiptPages) load(r *http.Request, l *linkScope) (*receiptScope, error) {
	visit, err := s.store.Visits.Get(r.Context(), l.receipt.Visit)
	if err != nil {
		return nil, err
	}
	items, err := s.store.Items.ListShared(r.Context(), l.Request.ID)
	if err != nil {
		return nil, err
	}
	shares, err := s.store.Receipts.Shares(r.Context(), l.Request.ID)
	if err != nil {
		return nil, err
	}
	if l.receipt.Whole = l.receipt.Whole && !visit.Scoped; !l.receipt.Whole {
		items = store.SharedBy(items, shares, visit.Email)
	}
	services, kinds := s.catalog.Sort(l.Request.Services), onboarding.Kinds()
	collation.SortStable(items, func(i onboarding.Item) string { return i.Name })
	slices.SortStableFunc(items, func(x, y onboarding.Item) int {
		return cmp.Or(
			cmp.Compare(slices.Index(services, x.Service), slices.Index(services, y.Service)),
			cmp.Compare(slices.Index(kinds, x.Kind), slices.Index(kinds, y.Kind)),
		)
	})
	part, err := s.partOf(r, l, visit)
	return &receiptScope{linkScope: l, visit: visit, items: items, part: part, shares: shares}, err
}

// partOf lists the services that the client of a visit was asked for.
func (s *receiptPages) partOf(r *http.Request, l *linkScope, visit store.Visit) ([]onboarding.Service, error) {
	if !visit.Scoped {
		return l.Request.Services, nil
	}
	to, err := s.store.Requests.RecipientByNumber(r.Context(), visit.Request, visit.Recipient)
	if errors.Is(err, onboarding.ErrNotFound) {
		return nil, nil
	}
	return to.Part(l.Request.Services), err
}

// receiptPart is how many things a page of a receipt lists, and receiptEntries how many
// entries of the history. The file to keep has all.
const (
	receiptPart    = 50
	receiptEntries = 20
)

// show is the receipt, a part of it if it is long.
func (s *receiptPages) show(w http.ResponseWriter, r *http.Request, v *receiptScope) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.Path != v.path("") {
		return onboarding.ErrNotFound
	}
	page, err := s.page(r, v)
	if err != nil {
		return err
	}
	if number, err := strconv.Atoi(r.URL.Query().Get("part")); err == nil && number > 1 {
		page.From = min(number-1, (page.Total-1)/receiptPart)*receiptPart + 1
	}
	part := func(number int) string {
		return v.path("") + "?" + url.Values{"part": {strconv.Itoa(number)}}.Encode()
	}
	number := (page.From-1)/receiptPart + 1
	if number > 1 {
		page.Before = part(number - 1)
	}
	page.Items = page.Items[min(page.From-1, len(page.Items)):]
	if len(page.Items) > receiptPart {
		page.Items, page.Rest, page.After = page.Items[:receiptPart], nil, part(number+1)
	}
	if older := len(page.History.Entries) - receiptEntries; older > 0 {
		page.History.Entries, page.History.Older = page.History.Entries[:receiptEntries], older
	}
	page.Keep = v.path("keep")
	s.offerWithdrawal(&page, v)
	s.render(w, r, http.StatusOK, page)
	return nil
}

// keep is the receipt as a file. It has no link to itself: whoever gets the file cannot
// withdraw anything.
func (s *receiptPages) keep(w http.ResponseWriter, r *http.Request, v *receiptScope) error {
	page, err := s.page(r, v)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="receipt-`+page.Number+`.html"`)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'")
	return s.pages.RenderFile(w, page)
}

// page is the whole receipt.
func (s *receiptPages) page(r *http.Request, v *receiptScope) (pages.Receipt, error) {
	page := pages.Receipt{
		Frame: v.Frame, Name: v.visit.Name, At: v.receipt.Made, Until: onboarding.ReceiptEnds(v.receipt.Made),
		Now: s.store.Now(), Number: onboarding.ReceiptNumber(v.Request.ID), From: 1, Total: len(v.items),
	}
	for _, i := range v.items {
		page.Items = append(page.Items, s.item(v, i))
		if !slices.Contains(page.Services, i.Service) {
			page.Services = append(page.Services, i.Service)
		}
	}
	if slices.Contains(page.Services, onboarding.Facebook) {
		page.Business = v.Request.Business.Name
	}
	var err error
	if page.Rest, err = s.rest(r, v); err != nil {
		return page, err
	}
	page.History, err = s.history(r, v)
	return page, err
}

// item is one thing as the client reads it.
func (s *receiptPages) item(v *receiptScope, i onboarding.Item) pages.ReceiptItem {
	service := s.catalog.ServiceFor(askedBy(v.Request), i.Service)
	shown := pages.ReceiptItem{Item: i, Title: lineTitle(s.catalog, []onboarding.Item{i})}
	shown.Shared, shown.Again = sharedBy(i, v.shares[i.ID])
	var parts []string
	if !i.Kind.IsShared() && i.Detail != "" {
		parts = append(parts, bidi.Isolate(service.DetailOf(i)))
	}
	if !i.ReadOnly { // its detail has that
		parts = append(parts, service.LevelOf([]onboarding.Item{i}))
	}
	shown.Detail = strings.Join(parts, " · ")
	code := catalog.FailureCode(cmp.Or(i.Access.Failure, i.Failure))
	if i.State == onboarding.ItemEnded {
		code = catalog.FailureCode(i.Failure)
	}
	if code == "" {
		return shown
	}
	said := s.catalog.Describe(code, catalog.Args{
		Agency: v.Agency.CompanyName(), Service: i.Service, Asked: askedBy(v.Request), Asset: i.Name, Name: i.PlatformBy,
		Kind: i.Kind, When: i.Access.Since,
	})
	shown.Why, shown.Theirs = said.Short, said.FixedBy == catalog.You || said.FixedBy == catalog.Colleague
	if i.State == onboarding.ItemEnded {
		shown.Left = strings.TrimSpace(said.Message + " " + said.NextStep)
	}
	return shown
}

// sharedBy is who shared an item first, and who has connected it again since.
func sharedBy(i onboarding.Item, shares []store.Share) (first, again pages.ReceiptShare) {
	first = pages.ReceiptShare{By: i.By.Name, At: i.Connected}
	if first.At == 0 { // it has not arrived yet
		first.At = i.Created
	}
	if len(shares) == 0 {
		return first, again
	}
	first.By = shares[0].By.Name
	if last := shares[len(shares)-1]; last.At > shares[0].At {
		again = pages.ReceiptShare{By: last.By.Name, At: last.At}
	}
	return first, again
}

// rest is what was asked for and not shared. A receipt that is not whole is about nothing
// of it.
func (s *receiptPages) rest(r *http.Request, v *receiptScope) (lines []pages.Line, err error) {
	if !v.receipt.Whole {
		return nil, nil
	}
	skips, err := s.store.Requests.Skips(r.Context(), v.Request.ID)
	if err != nil {
		return nil, err
	}
	for _, service := range s.catalog.Sort(v.Request.Services) {
		has := slices.ContainsFunc(v.items, func(i onboarding.Item) bool { return i.Service == service })
		line := pages.Line{Service: service, Title: s.catalog.Service(service).Name, Rest: has, Missing: true}
		for _, skip := range skips {
			if skip.Service == service {
				line.Skipped, line.Missing = skip.Reason, skip.Reason == ""
			}
		}
		if !has || line.Skipped != "" { // else all of it is above
			lines = append(lines, line)
		}
	}
	return lines, nil
}

// history verifies the whole history of the request, and lists the client's part of it:
// what they did, and what became of their things. No entry names a member of the agency,
// or an address.
func (s *receiptPages) history(r *http.Request, v *receiptScope) (pages.ReceiptHistory, error) {
	chain, err := s.store.Requests.Audit(r.Context(), v.Request.ID, 0, math.MaxInt32)
	if err != nil {
		return pages.ReceiptHistory{}, err
	}
	history := pages.ReceiptHistory{HistoryCode: pages.HistoryCodeOf(chain.Head), Whole: len(chain.Verify()) == 0}
	fetched := map[string]bool{} // the days
	for _, e := range slices.Backward(chain.Entries) {
		if v.isOwnFetch(e) {
			fetched[s.catalog.Date(e.At)] = true
			history.FetchedDays = len(fetched)
			continue
		}
		if !v.isOwn(e) {
			history.Others++
			continue
		}
		entry := pages.HistoryEntry{At: e.At, Kind: e.Kind, Who: e.Who}
		if e.Kind.IsOfItem() {
			entry.Name, entry.Typed = onboarding.ItemNames(e.Detail)
		}
		skipped := onboarding.Service(e.Detail)
		if e.Kind == onboarding.EventSkipped && slices.Contains(v.part, skipped) {
			entry.Service = skipped
		}
		history.Entries = append(history.Entries, entry)
	}
	return history, nil
}

// isOwnFetch reports whether a computer of the agency fetched the access to something that
// the receipt lists. These entries are only counted: they are the agency's own.
func (v *receiptScope) isOwnFetch(e onboarding.AuditEntry) bool {
	return e.Kind == onboarding.EventCredentialFetched && !e.Dropped && v.lists(e)
}

// lists reports whether the receipt lists what an entry is about.
func (v *receiptScope) lists(e onboarding.AuditEntry) bool {
	name, typed := onboarding.ItemNames(e.Detail)
	return slices.ContainsFunc(v.items, func(i onboarding.Item) bool {
		isNaming := func(n onboarding.Naming) bool { return n.Name == name || n.Name == typed }
		return i.Service == e.Service &&
			(i.Name == name || typed != "" && i.Name == typed || slices.ContainsFunc(i.Namings, isNaming))
	})
}

// isOwn reports whether an entry is about the client, or about something that the receipt
// lists. One whose texts were deleted is nobody's.
func (v *receiptScope) isOwn(e onboarding.AuditEntry) bool {
	switch {
	case e.Dropped || !pages.IsReceiptEvent(e.Kind):
		return false
	case e.Kind.IsOfItem():
		// What was named by hand has another name once it was found, or was taken off the list.
		// A visit's name proves nothing, as anybody types it: only a whole receipt has these.
		isNaming := e.Kind == onboarding.EventItemNamed || e.Kind == onboarding.EventItemUnnamed
		if isNaming && v.receipt.Whole {
			return true
		}
		return v.lists(e)
	case v.receipt.Whole, e.Kind == onboarding.EventClientEnded:
		return true
	case e.Kind == onboarding.EventStarted:
		return onboarding.SameAddress(e.Detail, v.visit.Email)
	}
	return e.Who != "" && e.Who == v.visit.Name
}
