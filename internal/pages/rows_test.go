package pages

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/catalog/catalogtest"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestSearchWithoutScriptLosesNoChoice(t *testing.T) {
	list := AssetList{Query: " PINE k", Assets: []Asset{
		{
			ID:     "1",
			Name:   "Harbour",
			Chosen: true,
		},
		{ID: "2", Name: "Pine Kids"},
		{ID: "3", Name: "Harbour UK"},
		{ID: "44712096118", Name: "Other", Detail: "4471 2096 118"},
	}}
	got := rowsOf(t, list, FieldPage)
	for want, there := range map[string]bool{
		`<li hidden><label><input type="checkbox" name="page" value="1" checked`: true,
		`<li><label><input type="checkbox" name="page" value="2"`:                true, `value="3"`: false,
	} {
		if strings.Contains(got, want) != there {
			t.Errorf("%s: there is %v, want %v in %s", want, !there, there, got)
		}
	}
	list.Query = "4471 2096 118"
	if got := rowsOf(t, list, FieldAdAccount); !strings.Contains(got, "Other") || strings.Contains(got, "Pine Kids") {
		t.Errorf("searching by id found %s", got)
	}
}

func TestAnAssetIsFoundHoweverItIsTyped(t *testing.T) {
	for _, c := range []struct {
		name, typed string
		found       bool
	}{
		{"Harbour Café Ads", "cafe", true}, {"Harbour Café Ads", "CAFÉADS", true}, {"ＡＢＣ商事", "abc", true},
		{"Groß", "gross", true}, {"Łódź", "lodz", true}, {"ﾊﾝﾊﾞｰｶﾞｰ", "ハンバーガー", true}, {"Harbour Café Ads", "cofe", false},
	} {
		if found := (Asset{Name: c.name, ID: "1"}).matches(c.typed); found != c.found {
			t.Errorf("%q for %q: found is %v, want %v", c.name, c.typed, found, c.found)
		}
	}
}

func testRenderer(t *testing.T) *Renderer {
	t.Helper()
	r, err := New(Config{Catalog: catalogtest.New(t)})
	if err != nil {
		t.Fatalf("making the renderer: %v", err)
	}
	return r
}

func rowsOf(t *testing.T, list AssetList, field string) string {
	t.Helper()
	var b bytes.Buffer
	if err := list.rows(testRenderer(t), field).Render(t.Context(), &b); err != nil {
		t.Fatalf("rendering the rows: %v", err)
	}
	return b.String()
}

// What is in a text and what is in an attribute come back as they were.
func TestANameIsReadAsItWasWrittenInAnAttributeAndInAText(t *testing.T) {
	for _, value := range []string{"", "plain", `<a href="x">'&amp;`, "ünï & çødé", "&&&", "\xff<", `"><script>`} {
		row, err := html.Parse(
			strings.NewReader(rowsOf(t, AssetList{Assets: []Asset{{ID: value, Name: value}}}, FieldPage)),
		)
		if err != nil {
			t.Fatalf("parsing: %v", err)
		}
		inAttribute, inText := "", ""
		for n := range row.Descendants() {
			for _, a := range n.Attr {
				if n.Data == "input" && a.Key == "value" {
					inAttribute = a.Val
				}
			}
			if n.Type == html.TextNode {
				inText += n.Data
			}
		}
		if inAttribute != value {
			t.Errorf("in an attribute %q became %q", value, inAttribute)
		}
		if inText = strings.TrimSpace(inText); inText != value {
			t.Errorf("in a text %q became %q", value, inText)
		}
	}
}

func TestWhatCannotBeSharedCannotBeTicked(t *testing.T) {
	for _, code := range []catalog.FailureCode{
		catalog.NotInBusinessManager, catalog.NoBusinessManager, catalog.OtherOwner, catalog.PartialAccess,
		catalog.NotBusinessAdmin,
	} {
		row := rowsOf(
			t,
			AssetList{
				Assets: []Asset{{ID: "7", Name: "Harbour", Chosen: true, Failure: failureOf(t, code), Guide: "/why"}},
			},
			FieldPage,
		)
		if strings.Contains(row, "<input") || !strings.Contains(row, `href="/why"`) ||
			!strings.Contains(row, html.EscapeString(failureOf(t, code).Short)) {
			t.Errorf("%s: %s", code, row)
		}
	}
	for _, code := range []catalog.FailureCode{
		catalog.AccountRestricted, catalog.PlatformDown, catalog.SharingInterrupted,
	} {
		row := rowsOf(t, AssetList{Assets: []Asset{{ID: "7", Name: "Harbour", Failure: failureOf(t, code)}}}, FieldPage)
		if !strings.Contains(row, `<input type="checkbox" name="page" value="7">`) {
			t.Errorf("%s: %s", code, row)
		}
	}
}

func failureOf(t *testing.T, code catalog.FailureCode) *catalog.Failure {
	said := catalogtest.New(t).Describe(code, catalog.Args{Asset: "Harbour"})
	return &said
}

func TestAReceiptTellsWhatAColleagueDid(t *testing.T) {
	r := testRenderer(t)
	for kind, want := range map[onboarding.EventKind]string{
		onboarding.EventHandedOver:   "Lars Holm asked a colleague.",
		onboarding.EventHandedMore:   "Lars Holm asked a colleague for more.",
		onboarding.EventFinishedPart: "Lars Holm finished their part.",
		onboarding.EventRepaired:     "The link to repair Pine AB is done: it works again.",
	} {
		got := ""
		if IsReceiptEvent(kind) {
			got = r.Text(receiptEventID(kind), "Who", "Lars Holm", "Name", "Pine AB", "Company", "Northlight")
		}
		if got != want {
			t.Errorf("%s says %q, want %q", kind, got, want)
		}
	}
}
