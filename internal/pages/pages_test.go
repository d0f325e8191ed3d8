package pages_test

import (
	"bytes"
	"compress/gzip"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/bidi"
	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/pages"
	"github.com/latchkeyhq/latchkey/internal/pages/pagestest"
)

func TestEveryPageHasAState(t *testing.T) {
	shown := map[string]bool{}
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		shown[reflect.TypeOf(state.Page).Name()] = true
	}
	for _, name := range pageTypes(t) {
		if !shown[name] {
			t.Errorf("the page %s has no state in the gallery", name)
		}
	}
}

// pageTypes are the types of this package that have a layout of their own.
func pageTypes(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatalf("listing the package: %v", err)
	}
	var names []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatalf("reading %s: %v", name, err)
		}
		for _, declared := range file.Decls {
			method, ok := declared.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "layout" {
				continue
			}
			if receiver, ok := method.Recv.List[0].Type.(*ast.Ident); ok {
				names = append(names, receiver.Name)
			}
		}
	}
	if len(names) < 25 {
		t.Fatalf("found %d pages: the search misses some", len(names))
	}
	return names
}

func TestEveryRowAndEveryFailureHasAState(t *testing.T) {
	rows, codes := map[string]bool{}, map[catalog.FailureCode]bool{}
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		for _, row := range state.Rows {
			rows[row] = true
		}
		if problem, ok := state.Page.(pages.Problem); ok {
			codes[problem.Failure.Code] = true
		}
	}
	for _, row := range strings.Fields(
		"F1 F2 F3 F4 F5 F6 F7 F9 F14 F15 F16 F17 F18 F20 F21 F22 F23 F24 F26 F27 F28 F29 F30 F31 F37 F38 F44 F45 F46 F47 F48",
	) {
		if !rows[row] {
			t.Errorf("the row %s has no state in the gallery", row)
		}
	}
	for _, code := range catalog.Codes() {
		if !codes[code] {
			t.Errorf("the failure %s has no page in the gallery", code)
		}
		if row := catalogtest.New(t).Describe(code, catalog.Args{}).Row; row != "" && !rows[row] {
			t.Errorf("the row %s has no state in the gallery", row)
		}
	}
}

func TestStatesHaveNamesOfTheirOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		if seen[state.Name] || state.Title == "" {
			t.Errorf("the state %q is there twice, or has no title", state.Name)
		}
		seen[state.Name] = true
	}
}

func TestNoPageAsksForAPassword(t *testing.T) {
	each(t, func(t *testing.T, state pagestest.State, page *html.Node) {
		walk(page, func(n *html.Node) {
			if n.Data == "input" && attribute(n, "type") == "password" {
				t.Error("it has a field of the type password")
			}
			if name := attribute(
				n,
				"name",
			); n.Data == "input" && strings.Contains(name, "key") &&
				attribute(n, "autocomplete") != "off" {
				t.Errorf("the field %s may be remembered by the browser", name)
			}
		})
	})
}

func TestNothingIsInline(t *testing.T) {
	each(t, func(t *testing.T, state pagestest.State, page *html.Node) {
		walk(page, func(n *html.Node) {
			if n.Data == "style" || n.Data == "script" && (attribute(n, "src") == "" || n.FirstChild != nil) ||
				n.Data == "iframe" ||
				n.Data == "base" {
				t.Errorf("it has a <%s> inside", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s> has the attribute %s", n.Data, a.Key)
				}
				if a.Key == "src" && !strings.HasPrefix(a.Val, "/assets/") {
					t.Errorf("<%s> loads %s", n.Data, a.Val)
				}
			}
		})
	})
}

func TestPagesAreMadeForEverybody(t *testing.T) {
	each(t, func(t *testing.T, state pagestest.State, page *html.Node) {
		var skip *html.Node
		headings, ids := 0, map[string]bool{}
		walk(page, func(n *html.Node) {
			if id := attribute(n, "id"); id != "" {
				if ids[id] {
					t.Errorf("the id %s is there twice", id)
				}
				ids[id] = true
			}
			switch n.Data {
			case "h1":
				headings++
			case "a":
				if skip == nil {
					skip = n
				}
				if attribute(n, "target") == "_blank" && attribute(n, "rel") != "noopener noreferrer" {
					t.Errorf("a new tab gets a handle on this one: %s", attribute(n, "href"))
				}
			case "form":
				if method := attribute(n, "method"); method != "post" {
					t.Errorf("a form has the method %q", method)
				}
				for up := n.Parent; up != nil; up = up.Parent {
					if up.Data == "form" {
						t.Error("a form stands inside a form")
					}
				}
			}
		})
		if headings != 1 {
			t.Errorf("it has %d titles", headings)
		}
		if skip == nil || attribute(skip, "href") != "#main" || words(skip) != "Skip to main content" || !ids["main"] {
			t.Error("it does not begin with a link to the main content")
		}
	})
}

func TestNothingTypedBecomesMarkup(t *testing.T) {
	const typed = `"'><script>alert(1)</script><img src=x onerror=alert(1)>&amp;{{.}}`
	set := newRenderer(t)
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		for _, poison := range []string{typed, "javascript:alert(1)"} {
			page := reflect.New(reflect.TypeOf(state.Page)).Elem()
			page.Set(reflect.ValueOf(state.Page))
			poisoned, ok := fill(page, poison).Interface().(pages.Page)
			if !ok {
				t.Fatalf("%s is no longer a page", state.Name)
			}
			var b bytes.Buffer
			if err := set.Render(&b, poisoned); err != nil {
				t.Errorf("%s: %v", state.Name, err)
				continue
			}
			parsed, err := html.Parse(&b)
			if err != nil {
				t.Fatalf("%s: parsing: %v", state.Name, err)
			}
			walk(parsed, func(n *html.Node) {
				if n.Data == "script" && !strings.HasPrefix(attribute(n, "src"), "/assets/") {
					t.Errorf("%s: a script got in", state.Name)
				}
				for _, a := range n.Attr {
					runs := strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:")
					switch a.Key {
					case "onerror":
						t.Errorf("%s: a handler got in at <%s>", state.Name, n.Data)
					case "href", "src", "action", "formaction":
						if runs {
							t.Errorf("%s: <%s %s=%q> would run", state.Name, n.Data, a.Key, a.Val)
						}
					}
				}
			})
		}
	}
}

// fill gives a deep copy of a value with every string replaced, but those that
// choose between ways: services, kinds, states, codes and the like.
func fill(v reflect.Value, with string) reflect.Value {
	out := reflect.New(v.Type()).Elem()
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeOf("") {
			out.SetString(with)
		} else {
			out.Set(v)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			out.Field(i).Set(fill(v.Field(i), with))
		}
	case reflect.Slice:
		for i := range v.Len() {
			out = reflect.Append(out, fill(v.Index(i), with))
		}
	case reflect.Pointer:
		if !v.IsNil() {
			out = reflect.New(v.Type().Elem())
			out.Elem().Set(fill(v.Elem(), with))
		}
	default:
		out.Set(v)
	}
	return out
}

func TestNoProductNameOfOursIsOnAClientsPage(t *testing.T) {
	each(t, func(t *testing.T, state pagestest.State, page *html.Node) {
		if _, forMembers := state.Page.(pages.OpenHub); forMembers {
			return
		}
		if strings.Contains(strings.ToLower(words(page)), "latchkey") {
			t.Error("it names our product")
		}
	})
}

func TestThePagesWearTheBrandOrNone(t *testing.T) {
	each(t, func(t *testing.T, state pagestest.State, page *html.Node) {
		frame := pages.FrameOf(state.Page)
		bar := find(page, "header")
		var logo, sheet string
		walk(page, func(n *html.Node) {
			if n.Data == "img" {
				logo = attribute(n, "src")
			}
			if n.Data == "link" && attribute(n, "href") == pagestest.Style {
				sheet = pagestest.Style
			}
		})
		title := words(find(page, "title"))
		if frame.Branded {
			if logo != frame.Logo || sheet != frame.Style || !strings.Contains(words(bar), frame.Company) ||
				!strings.HasSuffix(title, bidi.Isolate(frame.Company)) {
				t.Errorf("with white-label: logo %q, style %q, bar %q, title %q", logo, sheet, words(bar), title)
			}
			return
		}
		neutral := catalogtest.New(t).NeutralTitle()
		if logo != "" || sheet != "" || !strings.Contains(words(bar), neutral) || !strings.HasSuffix(title, neutral) {
			t.Errorf("without white-label: logo %q, style %q, bar %q, title %q", logo, sheet, words(bar), title)
		}
	})
}

func TestTheFooterIsOnEveryPage(t *testing.T) {
	each(t, func(t *testing.T, state pagestest.State, page *html.Node) {
		foot := words(find(page, "footer"))
		want := "For " + pages.FrameOf(state.Page).Agency + ", through Kestrel Hosting. Is this genuine? · Report"
		if pages.FrameOf(state.Page).Genuine == "" {
			want = "Kestrel Hosting"
		}
		if state.Name != "landing-long" && !strings.Contains(foot, want) {
			t.Errorf("the foot reads %q", foot)
		}
	})
}

func TestTheRequestersNameIsNowhereUnlessItIsGiven(t *testing.T) {
	set := newRenderer(t)
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		switch page := state.Page.(type) {
		case pages.Landing:
			page.Requester = ""
			state.Page = page
		case pages.FacebookStart: // there the name is the Facebook pagestest.User who gets access
			page.User = ""
			state.Page = page
		case pages.FacebookAssets:
			page.User = ""
			state.Page = page
		case pages.AgencySignIn: // the member's own page
			continue
		}
		if got := render(t, set, state); strings.Contains(got, pagestest.User) {
			t.Errorf("%s names %s", state.Name, pagestest.User)
		}
	}
}

func TestLandingHasExactlyOneMainButtonAndItPosts(t *testing.T) {
	set := newRenderer(t)
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		if _, ok := state.Page.(pages.Landing); !ok {
			continue
		}
		page, err := html.Parse(strings.NewReader(render(t, set, state)))
		if err != nil {
			t.Fatalf("parsing: %v", err)
		}
		var buttons []string
		walk(page, func(n *html.Node) {
			if n.Data == "button" || n.Data == "a" && strings.HasPrefix(attribute(n, "class"), "button ") {
				buttons = append(buttons, n.Parent.Data+" "+words(n))
			}
		})
		if len(buttons) != 1 || buttons[0] != "form Grant Permission Now" {
			t.Errorf("%s: the buttons are %q", state.Name, buttons)
		}
	}
}

func TestALandingPageWithoutAMessageShowsTheDefaultOne(t *testing.T) {
	state := pagestest.State{Name: "landing", Page: pages.Landing{}}
	want := html.EscapeString(catalogtest.New(t).DefaultMessage())
	if page := render(t, newRenderer(t), state); !strings.Contains(page, want) {
		t.Errorf("the page does not say %q:\n%s", want, page)
	}
}

// The labels that users know are written exactly so, as a button or a link.
func TestTheLabelsAreTheOnesUsersKnow(t *testing.T) {
	set := newRenderer(t)
	labels := map[string]map[string]bool{}
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		page, err := html.Parse(strings.NewReader(render(t, set, state)))
		if err != nil {
			t.Fatalf("parsing: %v", err)
		}
		labels[state.Name] = map[string]bool{}
		walk(page, func(n *html.Node) {
			if n.Data == "a" || n.Data == "button" {
				labels[state.Name][words(n)] = true
			}
		})
	}
	for state, label := range map[string]string{
		"landing": "Grant Permission Now", "about-you": "View request", "leaving-facebook": "Log In",
		"leaving-crm": "Proceed",
		"assets":      "Connect Assets", "assets-partly-done": "Next Step", "assets-none": "Skip, I cannot do this",
		"facebook-start": "Add Facebook",
		"platforms":      "Next Step", "platforms-proceed": "Proceed", "platforms-empty": "Add HubSpot", "result": "Close",
		"continue": "I am someone else",
	} {
		if !labels[state][label] {
			t.Errorf("%s has no %q", state, label)
		}
	}
}

func TestTheMainActionOfLeavingIsAPlainLink(t *testing.T) {
	set := newRenderer(t)
	page := pages.Leaving{
		Frame:   pagestest.Branded(pages.StepFacebook),
		Service: onboarding.Facebook,
		Host:    "www.facebook.com",
		Link:    "https://www.facebook.com/v25.0/dialog/oauth?client_id=1&state=a%2Bb",
		Skip:    "/s",
	}
	got := render(t, set, pagestest.State{Page: page})
	for _, want := range []string{
		`href="https://www.facebook.com/v25.0/dialog/oauth?client_id=1&amp;state=a%2Bb">Log In</a>`,
		"<b>www.facebook.com</b> in this tab",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(got, "<form") || strings.Contains(got, "target=") {
		t.Error("the way to the platform is a form, or opens another tab")
	}
	for _, file := range set.Files() {
		if strings.Contains(string(file.Body), "window.open") {
			t.Errorf("%s opens a window, which a browser may block", file.Address)
		}
	}
}

func TestAPageIsLightEnough(t *testing.T) {
	const most = 30 << 10
	set := newRenderer(t)
	files := 0
	for _, file := range set.Files() {
		files += compressed(t, file.Body)
	}
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		if got := compressed(t, []byte(render(t, set, state))) + files; got > most {
			t.Errorf("%s has %d bytes with style and script, compressed; at most %d", state.Name, got, most)
		}
	}
}

func compressed(t *testing.T, body []byte) int {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		t.Fatalf("compressing: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatalf("compressing: %v", err)
	}
	return b.Len()
}

func TestEveryAssetIsInItsList(t *testing.T) {
	set := newRenderer(t)
	for _, n := range []int{0, 1, 25, 60, 500, 2000} {
		got := render(
			t,
			set,
			pagestest.State{
				Page: pages.FacebookAssets{
					AdAccounts: pages.AssetList{Assets: pagestest.Plenty(catalogtest.New(t), "Ad account", n)},
					Pages:      pages.AssetList{Assets: pagestest.Plenty(catalogtest.New(t), "Page", n)},
				},
			},
		)
		if rows := strings.Count(got, `<span class="asset-row__name" dir="auto">`); rows != 2*n {
			t.Errorf("%d of each: the lists have %d rows", n, rows)
		}
	}
}

func TestProgressHasOnlyTheStepsThatExist(t *testing.T) {
	both := []onboarding.Service{onboarding.Facebook, onboarding.HubSpot}
	for _, c := range []struct {
		services []onboarding.Service
		now      pages.StepName
		want     string
	}{
		{[]onboarding.Service{onboarding.Facebook}, pages.StepFacebook, "✓about_you ▸facebook summary"},
		{[]onboarding.Service{onboarding.HubSpot}, pages.StepAboutYou, "▸about_you platforms summary"},
		{both, pages.StepSummary, "✓about_you ✓facebook ✓platforms ▸summary"},
		{both, pages.StepAllDone, "✓about_you ✓facebook ✓platforms ✓summary"},
	} {
		var got []string
		for _, step := range pages.Progress(c.services, c.now) {
			sign := ""
			if step.Done {
				sign = "✓"
			} else if step.Now {
				sign = "▸"
			}
			got = append(got, sign+strings.TrimPrefix(string(step.Name), "step."))
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%v at %q: got %q, want %q", c.services, c.now, strings.Join(got, " "), c.want)
		}
	}
}

func TestManualShareShowsTheStepsThatItsChoicesNeed(t *testing.T) {
	set := newRenderer(t)
	waiting := func(code catalog.FailureCode) pages.ManualShare {
		return pages.ManualShare{
			Business:   "B",
			BusinessID: "118420903317552",
			Next:       "/n",
			Recheck:    "/l",
			Choices: []pages.Choice{
				{
					Name:    "Outlet",
					Kind:    onboarding.Page,
					State:   onboarding.ItemWaiting,
					Failure: code,
					Other:   "Harbour AB",
				},
			},
		}
	}
	for code, wants := range map[catalog.FailureCode][]string{
		catalog.ManualShare:       {"1184 2090 3317 552", "Give a partner access to your assets", "Open Business settings"},
		catalog.ApproveInBusiness: {"Requests", "Approve", "Harbour AB", "Open Business settings"},
		catalog.NewPageAdmin:      {"up to 7 days", "Nothing is left for you to do"},
	} {
		got := render(t, set, pagestest.State{Page: waiting(code)})
		for _, want := range wants {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the page lacks %q", code, want)
			}
		}
		if strings.Contains(got, "1184 2090") != (code == catalog.ManualShare) {
			t.Errorf("%s: the id of the Business Manager is in the wrong place", code)
		}
	}
}

// A browser's own check of addresses is another rule: Safari refuses a domain in
// its own script, and what it says of an invisible character helps nobody.
func TestNoBrowserChecksAnAddress(t *testing.T) {
	set := newRenderer(t)
	fields := 0
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		page := render(t, set, state)
		fields += strings.Count(page, `inputmode="email"`)
		if strings.Contains(page, `type="email"`) {
			t.Errorf("%s leaves an address to the browser", state.Name)
		}
	}
	if fields == 0 {
		t.Error("no page asks for an address")
	}
}

func TestSnapshots(t *testing.T) {
	set := newRenderer(t)
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		switch state.Name {
		case "landing", "landing-neutral", "about-you-wrong", "assets", "completed", "completed-neutral":
		default:
			continue
		}
		name := filepath.Join("testdata", state.Name+".html")
		got := strings.NewReplacer("><", ">\n<", set.Files()[0].Address, "STYLE", set.Files()[1].Address, "SCRIPT",
			set.Files()[2].Address, "ICON").
			Replace(render(t, set, state))
		if os.Getenv("WRITE_SNAPSHOTS") != "" {
			if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
				t.Fatalf("writing the snapshot: %v", err)
			}
		}
		want, err := os.ReadFile(name)
		if err != nil {
			t.Fatalf("reading the snapshot: %v", err)
		}
		if got != string(want) {
			t.Errorf("%s is not as its snapshot; look at it, then run the test with WRITE_SNAPSHOTS=1", state.Name)
		}
	}
}

func TestAFailedWriteIsReported(t *testing.T) {
	if err := newRenderer(t).Render(broken{}, pages.NotFound{}); err == nil {
		t.Error("writing to a closed connection succeeded")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func each(t *testing.T, check func(t *testing.T, state pagestest.State, page *html.Node)) {
	t.Helper()
	set := newRenderer(t)
	for _, state := range pagestest.Gallery(catalogtest.New(t)) {
		t.Run(state.Name, func(t *testing.T) {
			page, err := html.Parse(strings.NewReader(render(t, set, state)))
			if err != nil {
				t.Fatalf("parsing: %v", err)
			}
			check(t, state, page)
		})
	}
}

func render(t *testing.T, set *pages.Renderer, state pagestest.State) string {
	t.Helper()
	var page bytes.Buffer
	if err := set.Render(&page, state.Page); err != nil {
		t.Fatalf("rendering %s: %v", state.Name, err)
	}
	return page.String()
}

func walk(n *html.Node, visit func(*html.Node)) {
	if n.Type == html.ElementNode {
		visit(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		walk(child, visit)
	}
}

func find(n *html.Node, element string) *html.Node {
	var found *html.Node
	walk(n, func(n *html.Node) {
		if found == nil && n.Data == element {
			found = n
		}
	})
	return found
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// words is what stands in an element, as it reads.
func words(n *html.Node) string {
	if n == nil {
		return ""
	}
	var b strings.Builder
	var collect func(*html.Node)
	collect = func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for child := n.FirstChild; child != nil; child = child.NextSibling {
			collect(child)
		}
	}
	collect(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

func BenchmarkLanding(b *testing.B) { benchmark(b, "landing") }

func BenchmarkFortyAssets(b *testing.B) {
	page := pagestest.Gallery(catalogtest.New(b))[0].Page.(pages.Landing)
	bench(
		b,
		pages.FacebookAssets{
			Frame:       page.Frame,
			AdAccounts:  pages.AssetList{Assets: pagestest.Plenty(catalogtest.New(b), "Ad account", 20)},
			Pages:       pages.AssetList{Assets: pagestest.Plenty(catalogtest.New(b), "Page", 20)},
			Connect:     "/c",
			Search:      "/s",
			ChooseAgain: "/a",
			NotYou:      "/n",
			Skip:        "/k",
		},
	)
}

func BenchmarkManyAssets(b *testing.B) { benchmark(b, "assets-many") }

func benchmark(b *testing.B, name string) {
	for _, state := range pagestest.Gallery(catalogtest.New(b)) {
		if state.Name == name {
			bench(b, state.Page)
		}
	}
}

func bench(b *testing.B, page pages.Page) {
	set := newRenderer(b)
	b.ReportAllocs()
	for b.Loop() {
		if err := set.Render(io.Discard, page); err != nil {
			b.Fatal(err)
		}
	}
}
