package i18n

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"
)

func file(lang, text string) fstest.MapFS {
	return fstest.MapFS{"messages/" + lang + ".toml": {Data: []byte(text)}}
}

func printer(t testing.TB) *Printer {
	t.Helper()
	p, err := New(English, file(English, messages))
	if err != nil {
		t.Fatalf("reading the messages: %v", err)
	}
	return p
}

const messages = `
hello = "Hello"
empty = ""
[greeting]
named = "Hello {{.Name}}, this is {{.Agency}}"
twice = "{{.Name}} and {{.Name}}"
[pages]
one = "{{.Count}} Page at {{.Name}}"
other = "{{.Count}} Pages at {{.Name}}"
`

func TestAMessageIsPrintedWithItsValues(t *testing.T) {
	p := printer(t)
	for got, want := range map[string]string{
		p.Text("hello"): "Hello",
		p.Text("greeting.named", "Agency", "Northlight", "Name", "Marta"):     "Hello Marta, this is Northlight",
		p.Text("greeting.twice", "Name", "Ida"):                               "Ida and Ida",
		p.Text("greeting.named", "Name", "{{.Agency}}", "Agency", "<b>&</b>"): "Hello {{.Agency}}, this is <b>&</b>",
		p.Plural("pages", 1, "Name", "Kontor"):                                "1 Page at Kontor",
		p.Plural("pages", 0, "Name", "Kontor"):                                "0 Pages at Kontor",
		p.Plural("pages", 12345, "Name", "Kontor"):                            "12,345 Pages at Kontor",
		p.Plural("hello", 2):                                                  "Hello",
		p.TextOf("hello", nil):                                                "Hello",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if p.Text("empty") != "" || !p.Has("empty") {
		t.Error("an empty message is not one")
	}
}

func TestAMessageThatCannotBePrintedIsItsID(t *testing.T) {
	p := printer(t)
	for got, want := range map[string]string{
		p.Text("nothing"):                         "nothing",
		p.Text("greeting.named", "Name", "Marta"): "greeting.named",
		p.Text("greeting.twice"):                  "greeting.twice",
		p.Plural("pages", 3):                      "pages",
		p.Text("pages", "Name", "Kontor"):         "pages",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if p.Has("nothing") || !p.Has("hello") || !p.Has("pages") {
		t.Error("Has is wrong about what is there")
	}
}

func TestPlaceholdersAreListed(t *testing.T) {
	p := printer(t)
	if names, isPlural := p.Placeholders("greeting.named"); isPlural || !slices.Equal(names, []string{"Name", "Agency"}) {
		t.Errorf("got %q, %v", names, isPlural)
	}
	if names, isPlural := p.Placeholders("pages"); !isPlural || !slices.Contains(names, "Count") {
		t.Errorf("got %q, %v", names, isPlural)
	}
	if names, isPlural := p.Placeholders("hello"); isPlural || names != nil {
		t.Errorf("got %q, %v", names, isPlural)
	}
	for _, id := range []string{"hello", "empty", "greeting.named", "pages", "list.pair"} {
		if !slices.Contains(p.IDs(), id) {
			t.Errorf("IDs lacks %s", id)
		}
	}
}

func TestAFileWithAMistakeIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"not TOML":                       "hello = ",
		"an open placeholder":            `hello = "Hello {{.Name"`,
		"a placeholder without its dot":  `hello = "Hello {{Name}}"`,
		"a call":                         `hello = "Hello {{.Name | upper}}"`,
		"a condition":                    `hello = "{{if .Name}}Hello{{end}}"`,
		"a plural with a mistake":        "[pages]\none = \"{{.}} Page\"\nother = \"Pages\"",
		"an id of another file":          "[list]\nbetween = \";\"",
		"a message among groups":         "[pages]\none = \"Page\"\nname = \"Name\"",
		"a number where a text is meant": "hello = 7",
	} {
		if _, err := New(English, file(English, text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := New(English, file("de", "")); err == nil {
		t.Error("a missing file was accepted")
	}
	if _, err := New("not a language!"); err == nil {
		t.Error("an unknown language was accepted")
	}
}

func TestPluralFormsAreThoseOfTheLanguage(t *testing.T) {
	for lang, wants := range map[string]map[int64]string{
		"pl": {1: "one", 2: "few", 5: "many", 22: "few"},
		"fr": {0: "one", 1: "one", 2: "other"},
	} {
		files := file(lang, "[n]\none = \"one\"\nfew = \"few\"\nmany = \"many\"\nother = \"other\"")
		own := ownMessagesAs(t, lang)
		p, err := newFrom(lang, own, files)
		if err != nil {
			t.Fatalf("%s: %v", lang, err)
		}
		for n, want := range wants {
			if got := p.Plural("n", n); got != want {
				t.Errorf("%s: the form of %d is %q, want %q", lang, n, got, want)
			}
		}
	}
}

// ownMessagesAs offers the English lists and dates as those of another language.
func ownMessagesAs(t *testing.T, lang string) fstest.MapFS {
	t.Helper()
	text, err := ownMessages.ReadFile("messages/en.toml")
	if err != nil {
		t.Fatal(err)
	}
	return file(lang, string(text))
}

func TestNamesAreJoined(t *testing.T) {
	p := printer(t)
	for want, names := range map[string][]string{
		"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}, "a, b, c and d": {"a", "b", "c", "d"},
	} {
		if got := p.List(names); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNumbersAreGrouped(t *testing.T) {
	p := printer(t)
	for n, want := range map[int64]string{
		0: "0", 999: "999", 1000: "1,000", 41207: "41,207", 1000000: "1,000,000", -100: "-100", -1000: "-1,000",
	} {
		if got := p.Number(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestDatesAreInUTC(t *testing.T) {
	p := printer(t)
	at := time.Date(2026, 12, 5, 9, 2, 0, 0, time.FixedZone("", -6*3600))
	for got, want := range map[string]string{
		p.Date(at):     "Saturday, 5 December 2026 (UTC)",
		p.DateTime(at): "Saturday, 5 December 2026, 15:02 UTC",
		p.Time(at):     "15:02 UTC",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := p.Date(time.Time{}) + p.DateTime(time.Time{}) + p.Time(time.Time{}); got != "" {
		t.Errorf("the zero time is %q", got)
	}
}

func TestATimeIsWrittenInAMembersTimeZone(t *testing.T) {
	p := printer(t)
	at := time.Date(2026, 12, 5, 22, 40, 0, 0, time.UTC)
	for offset, want := range map[int]string{
		0:    "Saturday, 5 December 2026, 22:40 UTC",
		60:   "Saturday, 5 December 2026, 23:40 (UTC+1)",
		330:  "Sunday, 6 December 2026, 04:10 (UTC+5:30)",
		-480: "Saturday, 5 December 2026, 14:40 (UTC−8)",
	} {
		if got := p.DateTimeAt(at, offset); got != want {
			t.Errorf("%d minutes: got %q, want %q", offset, got, want)
		}
	}
	if got := p.DateTimeAt(time.Time{}, 60); got != "" {
		t.Errorf("the zero time is %q", got)
	}
}

func TestEachDayAndMonthHasItsName(t *testing.T) {
	p := printer(t)
	for day := range 366 {
		at := time.Date(2028, 1, 1+day, 0, 0, 0, 0, time.UTC)
		if got, want := p.Date(at), at.Format("Monday, 2 January 2006")+" (UTC)"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAFixedMessageAllocatesNothing(t *testing.T) {
	p := printer(t)
	if n := testing.AllocsPerRun(100, func() { p.Text("hello") }); n != 0 {
		t.Errorf("it allocates %v times", n)
	}
}

func BenchmarkFixed(b *testing.B) {
	p := printer(b)
	for b.Loop() {
		p.Text("hello")
	}
}

func BenchmarkValues(b *testing.B) {
	p := printer(b)
	for b.Loop() {
		p.Text("greeting.named", "Agency", "Northlight", "Name", "Marta")
	}
}

func BenchmarkDate(b *testing.B) {
	p := printer(b)
	at := time.Date(2026, 12, 5, 9, 2, 0, 0, time.UTC)
	for b.Loop() {
		p.DateTime(at)
	}
}
