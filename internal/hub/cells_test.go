package hub

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
)

func TestNoCellIsTakenForAFormulaOrANumber(t *testing.T) {
	cells := newTextCells()
	for text, want := range map[string]string{
		"":                         "",
		"Harbour & Pine":           "Harbour & Pine",
		"Müller, Söhne; Co":        "Müller, Söhne; Co",
		"a=b, c+d":                 "a=b, c+d",
		"=1+1":                     "'=1+1",
		"+49 30 1234":              "'+49 30 1234",
		"-5":                       "'-5",
		"@SUM(A1)":                 "'@SUM(A1)",
		"  =1+1":                   "  '=1+1",
		"\u00a0=1+1":               "\u00a0'=1+1",
		"\u200b=1+1":               "\u200b'=1+1",
		"\ufeff=1+1":               "\ufeff'=1+1",
		"\u2060\u00ad@x":           "\u2060\u00ad'@x",
		"\ufe0f\u034f=1":           "\ufe0f\u034f'=1",
		"\u3164=1":                 "\u3164'=1", // a filler of the category Lo
		"＝1+1":                     "'＝1+1",
		"＋1":                       "'＋1",
		"－1":                       "'－1",
		"＠x":                       "'＠x",
		"−1":                       "'−1",
		"﹦1":                       "'﹦1",
		`"=1+1"`:                   `"'=1+1"`,
		"'=1+1":                    "''=1+1",
		"\t=1+1":                   " '=1+1",
		"\r\n=1+1":                 "  '=1+1",
		"Harbour;=1+1":             "Harbour;'=1+1",
		"Harbour; \u200b＝1+1":      "Harbour; \u200b'＝1+1",
		`Harbour;"=1+1"`:           `Harbour;"'=1+1"`,
		"Harbour;;@x":              "Harbour;;'@x",
		"Harbour\t=1+1":            "Harbour =1+1",
		"Harbour\u2028=1":          "Harbour =1",
		"Harbour\x1e=1":            "Harbour =1",
		"51100000000":              "'51100000000",
		"178414000000000001":       "'178414000000000001",
		"0123":                     "'0123",
		"1E10":                     "'1E10",
		"1.5e+10":                  "'1.5e+10",
		"1/2":                      "'1/2",
		"2026-11-29":               "'2026-11-29",
		"12:30":                    "'12:30",
		"1,234.50":                 "'1,234.50",
		"€ 5":                      "'€ 5",
		"5 %":                      "'5 %",
		"\u200b0123":               "'\u200b0123",
		"１２３":                      "'１２３",
		"١٢٣":                      "'١٢٣",
		"act_511000000000":         "act_511000000000",
		"3 lists, 41,207 contacts": "3 lists, 41,207 contacts",
		"Studio 54":                "Studio 54",
		".5":                       "'.5",
		",5":                       "',5",
		"12:30 PM":                 "'12:30 PM",
		"9 a.m.":                   "'9 a.m.",
		"1 May":                    "'1 May",
		"Mar 2026":                 "'Mar 2026",
		"December 24, 2026":        "'December 24, 2026",
		"3-Sep":                    "'3-Sep",
		"TRUE":                     "'TRUE",
		"false":                    "'false",
		"May":                      "May",
		"Mayday 5":                 "Mayday 5",
		"True Colors":              "True Colors",
		"5 Marches":                "5 Marches",
		"2026-11-29 12:30 UTC":     "2026-11-29 12:30 UTC",
	} {
		if got := cells.write(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}

// TestNoLineHasAFormulaHoweverItIsParted reads a line as spreadsheets do that
// part cells at semicolons or tabs.
func TestNoLineHasAFormulaHoweverItIsParted(t *testing.T) {
	cells := newTextCells()
	for _, name := range []string{
		"x;=1+1", `x;"=1+1"`, "x\t=1+1", "x;\t@y", `";=1+1`, `a";"=1+1`, "x\n=1+1", "x;\u00a0＝1", "x;-1;+2",
	} {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		if err := w.WriteAll([][]string{{"Account", cells.write(name), cells.write("0123")}}); err != nil {
			t.Fatal(err)
		}
		for _, sign := range []string{",", ";", "\t", "\n"} {
			for cell := range strings.SplitSeq(out.String(), sign) {
				bare := strings.TrimLeftFunc(cell, isSkippedButApostrophe)
				if bare != "" && strings.ContainsAny(bare[:1], "=+-@") || strings.HasPrefix(bare, "＝") {
					t.Errorf("%q, parted at %q, has the cell %q", name, sign, cell)
				}
			}
		}
	}
}

func isSkippedButApostrophe(r rune) bool { return r != '\'' && isSkipped(r) }
