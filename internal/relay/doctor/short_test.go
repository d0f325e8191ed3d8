package doctor

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

func TestTheShortFormHasTheWorstOfEachThingAndNothingOfWhatItSays(t *testing.T) {
	lines := Short([]Finding{
		{Check: "settings", State: OK}, {Check: "address", State: Failed, Text: "https://access.example.com"},
		{Check: "app meta", State: Failed, Text: "secret", Fix: "secret"}, {Check: "app mailchimp", State: Unknown},
		{Check: "SPF", State: OK}, {Check: "DKIM", State: Unknown}, {Check: "DMARC", State: Warning},
		{Check: "MX", State: OK},
		{Check: "clock", State: Warning}, {Check: "clock", State: OK}, {Check: "database", State: OK},
	})
	want := []onboarding.CheckupLine{
		{Check: onboarding.CheckupDatabase, State: onboarding.CheckupOK},
		{Check: onboarding.CheckupClock, State: onboarding.CheckupWarning},
		{Check: onboarding.CheckupSender, State: onboarding.CheckupWarning},
		{Check: onboarding.CheckupApp, Service: onboarding.Facebook, State: onboarding.CheckupFailed},
		{Check: onboarding.CheckupApp, Service: onboarding.Mailchimp, State: onboarding.CheckupUnknown},
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the short form is %+v", lines)
	}
	if text, err := json.Marshal(lines); err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("it says %s, %v", text, err)
	}
}

// A check that is added has to be left out on purpose.
func TestEveryCheckOfTheDoctorIsInTheShortFormOrForTheOperatorAlone(t *testing.T) {
	alone := []string{"address", "certificate", "proxy", "settings", "test email", "received email", "received ", "app "}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			pair, is := n.(*ast.KeyValueExpr)
			if !is {
				return true
			}
			key, _ := pair.Key.(*ast.Ident)
			text, _ := pair.Value.(*ast.BasicLit)
			if key == nil || key.Name != "Check" || text == nil {
				return true
			}
			check, err := strconv.Unquote(text.Value)
			if err != nil {
				t.Fatal(err)
			}
			found++
			if _, short := shortOf(Finding{Check: check}); !short && !slices.Contains(alone, check) {
				t.Errorf("nobody has decided whether agencies read of %q", check)
			}
			return true
		})
	}
	if found < 10 {
		t.Errorf("found only %d checks", found)
	}
}
