package wizard

import (
	"net/http"
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
)

// requestProgress is how far a request is, by all of its clients together.
type requestProgress struct {
	services []onboarding.Service
	items    []onboarding.Item
	skipped  map[onboarding.Service]string
	handed   []store.HandedOver
	left     int                        // how often more it can be handed over
	number   int                        // of the visit's recipient; zero: of a copied link
	needs    func(onboarding.Item) bool // an item is connected, and has to be again; nil: none is
	repair   bool                       // it is of a visit that repairs one item
}

func (s *visits) loadProgress(r *http.Request, v *visitScope) (requestProgress, error) {
	if v.repair != nil {
		return v.repairOnly(), nil
	}
	items, err := s.store.Items.ListByRequest(r.Context(), v.Request.ID)
	if err != nil {
		return requestProgress{}, err
	}
	skips, err := s.store.Requests.Skips(r.Context(), v.Request.ID)
	if err != nil {
		return requestProgress{}, err
	}
	handed, err := s.store.Requests.HandOvers(r.Context(), v.Request.ID)
	if err != nil {
		return requestProgress{}, err
	}
	// Items come as they were made, several at a time: people look for names.
	collation.SortStable(items, func(i onboarding.Item) string { return i.Name })
	progress := requestProgress{
		services: s.catalog.Sort(v.Request.Services), items: items, skipped: map[onboarding.Service]string{},
		handed: handed.To, left: handed.Left, number: v.visit.Recipient, needs: v.needs,
	}
	for _, skip := range skips {
		progress.skipped[skip.Service] = skip.Reason
	}
	return progress, nil
}

// itemsOf lists a service's items.
func (p requestProgress) itemsOf(service onboarding.Service) []onboarding.Item {
	var own []onboarding.Item
	for _, item := range p.items {
		if item.Service == service {
			own = append(own, item)
		}
	}
	return own
}

// hasConnected reports whether something of the service is connected, and works, or
// waiting.
func (p requestProgress) hasConnected(service onboarding.Service) bool {
	for _, item := range p.items {
		if item.Service == service && p.isGiven(item) {
			return true
		}
	}
	return false
}

// isGiven reports whether the client has nothing left to do about an item.
func (p requestProgress) isGiven(i onboarding.Item) bool {
	return i.State == onboarding.ItemWaiting ||
		i.State == onboarding.ItemConnected && (p.needs == nil || !p.needs(i))
}

// settled reports whether a service is done: it has something, was skipped with
// a reason, or a colleague was asked for it.
func (p requestProgress) settled(service onboarding.Service) bool {
	return p.skipped[service] != "" || p.hasConnected(service) || p.awaits(service)
}

// open lists the services of a step that are not settled.
func (p requestProgress) open(step pages.StepName) []onboarding.Service {
	var open []onboarding.Service
	for _, service := range p.services {
		if stepOf(service) == step && !p.settled(service) {
			open = append(open, service)
		}
	}
	return open
}

func stepOf(service onboarding.Service) pages.StepName {
	if service == onboarding.Facebook {
		return pages.StepFacebook
	}
	return pages.StepPlatforms
}

// steps are the request's, in order, with the addresses they live at.
func (p requestProgress) steps() []step {
	var steps []step
	for _, service := range p.services {
		if name := stepOf(service); len(steps) == 0 || steps[len(steps)-1].name != name {
			steps = append(steps, step{name, stepPath(name)})
		}
	}
	if p.repair {
		return append(steps, step{pages.StepSummary, ""})
	}
	return append(steps, step{pages.StepSummary, stepPath(pages.StepSummary)})
}

type step struct {
	name pages.StepName
	path string
}

func stepPath(name pages.StepName) string {
	switch name {
	case pages.StepFacebook:
		return "facebook"
	case pages.StepPlatforms:
		return "platforms"
	}
	return "summary"
}

// next is the address of the step after another; empty while that one is open.
func (p requestProgress) next(v *visitScope, from pages.StepName) string {
	if len(p.open(from)) > 0 {
		return ""
	}
	return p.after(v, from)
}

// after is the address of the step behind another.
func (p requestProgress) after(v *visitScope, from pages.StepName) string {
	steps := p.steps()
	for i, s := range steps[:len(steps)-1] {
		if s.name == from {
			return v.path(steps[i+1].path)
		}
	}
	return v.path(steps[len(steps)-1].path)
}

// before is the address of the step in front of another; empty: it is the first.
func (p requestProgress) before(v *visitScope, at pages.StepName) string {
	steps := p.steps()
	for i, s := range steps {
		if s.name == at && i > 0 {
			return v.path(steps[i-1].path)
		}
	}
	return ""
}

// blockedBy is the address of the step that has to be done before another; empty:
// that one may be opened.
func (p requestProgress) blockedBy(v *visitScope, to pages.StepName) string {
	for _, s := range p.steps() {
		if s.name == to {
			return ""
		}
		if len(p.open(s.name)) > 0 {
			return v.path(s.path)
		}
	}
	return v.path("") // the request has no such step
}

// enterStep readies a step's page: how far the request is, the progress line,
// and who else is at it. A step out of order redirects; then done is true.
func (s *visits) enterStep(
	w http.ResponseWriter, r *http.Request, v *visitScope, at pages.StepName,
) (progress requestProgress, done bool, err error) {
	progress, err = s.loadProgress(r, v)
	if err != nil {
		return progress, false, err
	}
	if first := progress.blockedBy(v, at); first != "" {
		return progress, true, seeOther(w, r, first)
	}
	if r.Method == http.MethodPost {
		return progress, false, nil
	}
	v.Frame.Steps = v.steps(at)
	if v.repair != nil {
		return progress, false, nil
	}
	return progress, false, s.showOtherVisitors(r, v)
}

// firstOpenPath is where a visit starts: at the first step that has nothing yet. What
// a colleague skipped, this person may be the one for.
func (p requestProgress) firstOpenPath(v *visitScope) string {
	for _, service := range p.services {
		if !p.hasConnected(service) && !p.awaits(service) {
			return v.path(stepPath(stepOf(service)))
		}
	}
	return v.path("summary")
}

// serviceProgress is how far each service is.
func (p requestProgress) serviceProgress(texts *catalog.Catalog, v *visitScope) []pages.ServiceProgress {
	var list []pages.ServiceProgress
	for _, service := range p.services {
		so := pages.ServiceProgress{Service: service, Skipped: p.skipped[service] != "" && !p.hasConnected(service)}
		if p.awaits(service) {
			so.Handed, _ = p.handedTo(v, service)
		}
		var names []string
		count := map[onboarding.Kind]int{}
		for _, item := range p.itemsOf(service) {
			switch item.State {
			case onboarding.ItemConnected:
				so.State = onboarding.ItemConnected
			case onboarding.ItemWaiting:
				so.Waiting++
				if so.State == "" {
					so.State = onboarding.ItemWaiting
				}
			default:
				continue
			}
			count[item.Kind]++
			names = append(names, item.Name)
		}
		if service == onboarding.Facebook && len(names) > 0 {
			names = nil
			for _, kind := range onboarding.Kinds() {
				if n := count[kind]; n > 0 {
					names = append(names, texts.CountKind(n, kind))
				}
			}
		}
		so.Detail = texts.List(names)
		list = append(list, so)
	}
	return list
}

// lines are the summary's and the receipt's: one for each account, one for
// each kind of asset and what became of it.
func (p requestProgress) lines(texts *catalog.Catalog, v *visitScope) []pages.Line {
	var lines []pages.Line
	for _, service := range p.services {
		found := false
		for _, kind := range onboarding.Kinds() {
			for _, state := range []onboarding.ItemState{
				onboarding.ItemConnected, onboarding.ItemWaiting, onboarding.ItemSharing, onboarding.ItemFailed,
			} {
				own := lined(p.itemsOf(service), kind, state)
				if len(own) == 0 {
					continue
				}
				found = found || state == onboarding.ItemConnected || state == onboarding.ItemWaiting
				for _, same := range alike(own) {
					lines = append(lines, pages.Line{
						Service: service, Title: lineTitle(texts, same), Detail: v.lineDetail(texts, service, same),
						State: state, Fix: v.fix(same[0]),
					})
				}
			}
		}
		if to, asked := p.handedTo(v, service); asked && p.awaits(service) {
			lines = append(lines, pages.Line{
				Service: service, Title: texts.Service(service).Name, Handed: to, Fix: v.path(stepPath(stepOf(service))),
			})
			continue
		}
		if reason := p.skipped[service]; reason != "" {
			lines = append(lines, pages.Line{
				Service: service, Title: texts.Service(service).Name, Rest: found, Skipped: reason,
				Fix: v.path(stepPath(stepOf(service))),
			})
		} else if !found {
			lines = append(lines, pages.Line{
				Service: service, Title: texts.Service(service).Name, Missing: true, Fix: v.path(stepPath(stepOf(service))),
			})
		}
	}
	return lines
}

func lined(items []onboarding.Item, kind onboarding.Kind, state onboarding.ItemState) []onboarding.Item {
	var own []onboarding.Item
	for _, item := range items {
		if item.Kind == kind && item.State == state {
			own = append(own, item)
		}
	}
	return own
}

// alike parts items into those that one line can speak of: assets with the
// same reason for what they are. Each account has a line of its own.
func alike(items []onboarding.Item) [][]onboarding.Item {
	var groups [][]onboarding.Item
	for _, item := range items {
		group := slices.IndexFunc(groups, func(g []onboarding.Item) bool {
			isAlike := item.State == onboarding.ItemConnected ||
				catalog.WhyNotConnected(g[0]) == catalog.WhyNotConnected(item)
			return item.Kind.IsShared() && isAlike
		})
		if group < 0 {
			groups = append(groups, nil)
			group = len(groups) - 1
		}
		groups[group] = append(groups[group], item)
	}
	return groups
}

func lineTitle(texts *catalog.Catalog, items []onboarding.Item) string {
	kind := items[0].Kind
	switch {
	case !kind.IsShared():
		return items[0].Name
	case len(items) == 1:
		return texts.NamedKind(kind, items[0].Name)
	}
	return texts.CountKind(len(items), kind)
}

// lineDetail names all that a line speaks of: a receipt leaves nothing out.
func (v *visitScope) lineDetail(texts *catalog.Catalog, service onboarding.Service, items []onboarding.Item) string {
	var parts []string
	switch {
	case !items[0].Kind.IsShared() && items[0].Detail != "":
		parts = append(parts, bidi.Isolate(texts.Service(service).DetailOf(items[0])))
	case len(items) > 1:
		var names []string
		for _, item := range items {
			names = append(names, item.Name)
		}
		parts = append(parts, texts.List(names))
	}
	if items[0].State == onboarding.ItemConnected {
		if !items[0].ReadOnly { // its detail has that
			parts = append(parts, texts.ServiceFor(v.asked(), service).LevelOf(items))
		}
	} else if code := catalog.WhyNotConnected(items[0]); code != "" {
		args := v.args(service)
		args.Asset = items[0].Name
		parts = append(parts, texts.Describe(code, args).Short)
	}
	return strings.Join(parts, " · ")
}

// fix is where something that did not work yet can still be done.
func (v *visitScope) fix(item onboarding.Item) string {
	switch {
	case item.State == onboarding.ItemConnected:
		return ""
	case item.IsNamed() && v.byHandPath() != "":
		return v.byHandPath()
	case item.State == onboarding.ItemWaiting && item.Service == onboarding.Facebook:
		return v.path("facebook/by-hand")
	}
	return v.path(stepPath(stepOf(item.Service)))
}

// receiptLines are the lines without the ways to change them.
func receiptLines(lines []pages.Line) []pages.Line {
	kept := make([]pages.Line, len(lines))
	for i, line := range lines {
		line.Fix = ""
		kept[i] = line
	}
	return kept
}
