package platform_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/platform"
)

func TestTextsOfAPlatformTurnNothingRoundAndCoverNothing(t *testing.T) {
	type business struct{ Name string }
	type answer struct {
		Name  string
		More  []business
		Owner *business
		By    map[string]business
		Any   any
		Later json.RawMessage
		Count int
	}
	body := `{"name": "\u202Egnp.exe` + strings.Repeat(`\u0301`, 40) + `",
		"more": [{"name": "a\u2069\u202db"}], "owner": {"name": "` + "\u2067open" + `"},
		"by": {"x": {"name": "\u202ax"}}, "any": {"deep": ["\u202b1", 2, null]}, "later": "\u202e", "count": 3}`
	want := answer{
		Name: "gnp.exé\u0301\u0301\u0301",
		More: []business{{"ab"}}, Owner: &business{"open"}, By: map[string]business{"x": {"x"}},
		Any: map[string]any{"deep": []any{"1", 2.0, nil}}, Later: json.RawMessage(`"\u202e"`), Count: 3,
	}
	var got answer
	if err := (platform.Reply{Status: 200, Body: []byte(body)}).JSON(&got); err != nil {
		t.Fatalf("decoding: %v", err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
