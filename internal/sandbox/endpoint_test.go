package sandbox_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

func shareEndpoint() sandbox.Endpoint {
	return sandbox.Endpoint{
		Method: http.MethodPost, Path: "/{id}/agencies", Page: "https://example.com/docs",
		Bodies: []sandbox.BodyType{sandbox.FormBody, sandbox.MultipartBody, sandbox.JSONBody},
		Params: []sandbox.Param{
			{Name: "business", In: sandbox.InQueryOrBody, Required: true},
			{Name: "tasks", In: sandbox.InQueryOrBody, Indexed: true},
			{Name: "properties", Repeated: true},
			{Name: "places", In: sandbox.InQueryOrBody, List: true},
		},
	}
}

func TestABodyIsReadInEachOfItsEncodings(t *testing.T) {
	want := url.Values{"business": {"12"}, "tasks": {`["A","B"]`}}
	multi, boundary := sandboxtest.MultipartText(t, [][2]string{{"business", "12"}, {"tasks", `["A","B"]`}})
	for kind, body := range map[string]string{
		string(sandbox.FormBody) + "; charset=utf-8": want.Encode(),
		boundary:                 multi,
		string(sandbox.JSONBody): `{"business":12,"tasks":["A","B"]}`,
	} {
		r := httptest.NewRequest(http.MethodPost, "/1/agencies", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		if got, bad := shareEndpoint().Read(r); bad != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, %v, want %v", kind, got, bad, want)
		}
	}
}

func TestWhatACallDoesNotTakeIsRefusedByName(t *testing.T) {
	for _, c := range []struct{ query, kind, body, want string }{
		{kind: string(sandbox.FormBody), body: "tasks=A", want: `The parameter "business" is required.`},
		{kind: string(sandbox.FormBody), body: "business=", want: `The parameter "business" is required.`},
		{
			kind: string(sandbox.FormBody), body: "business=1&color=red",
			want: `The parameter "color" ` + string(sandbox.ParamUnknown) + ".",
		},
		{
			query: "business=1", kind: string(sandbox.FormBody), body: "business=1",
			want: `The parameter "business" is there twice.`,
		},
		{
			query: "business=1", kind: string(sandbox.FormBody), body: "properties=a",
			want: `The parameter "properties" ` + string(sandbox.ParamMisplaced) + ".",
		},
		{query: "business=1", kind: "text/plain", body: "tasks=A", want: "The body " + string(sandbox.BodyEncoding) + "."},
		{query: "business=1", kind: string(sandbox.JSONBody), body: `{"tasks":`, want: "The body cannot be read."},
		{query: "business=1", kind: string(sandbox.JSONBody), body: `["tasks"]`, want: "The body cannot be read."},
		{query: "business=1&tasks[x]=A", want: `The parameter "tasks[x]" ` + string(sandbox.ParamUnknown) + "."},
		{query: "business=1&tasks[0]=A&tasks[1]=B&properties=a&properties=b"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/1/agencies?"+c.query, strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.kind)
		_, bad := shareEndpoint().Read(r)
		if got := ""; bad != nil || c.want != "" {
			if bad != nil {
				got = bad.Error()
			}
			if got != c.want {
				t.Errorf("%s %s: got %q, want %q", c.query, c.body, got, c.want)
			}
		}
	}
}

func TestACallWithoutABodyTakesNone(t *testing.T) {
	e := shareEndpoint()
	e.Bodies = nil
	r := httptest.NewRequest(http.MethodPost, "/1/agencies?business=1", strings.NewReader("tasks=A"))
	r.Header.Set("Content-Type", string(sandbox.FormBody))
	if _, bad := e.Read(r); bad == nil || bad.Error() != "The body is not taken by this call." {
		t.Errorf("got %v", bad)
	}
}

func TestAnEmptyObjectIsNoBody(t *testing.T) {
	e := shareEndpoint()
	e.Bodies = nil
	r := httptest.NewRequest(http.MethodGet, "/1/agencies?business=1", strings.NewReader("{}"))
	r.Header.Set("Content-Type", string(sandbox.JSONBody))
	if _, bad := e.Read(r); bad != nil {
		t.Errorf("got %v, want what Meta's SDK sends with a GET to be taken", bad)
	}
}

func TestAListIsReadInEachOfItsSpellings(t *testing.T) {
	for body, want := range map[string]string{
		`places=["A","B"]`:          `["A","B"]`,
		`places=['A','B']`:          `["A","B"]`,
		`places[0]=A&places[1]=B`:   `["A","B"]`,
		`places[]=A`:                `["A"]`,
		`places=[]`:                 `[]`,
		`places=A`:                  `The parameter "places" has to be a list.`,
		`places=['A'`:               `The parameter "places" has to be a list.`,
		`places=["A"]&places[0]=B`:  `The parameter "places" is there twice.`,
		`places=["A"]&places=["B"]`: `The parameter "places" is there twice.`,
		`places[x]=A`:               `The parameter "places[x]" ` + string(sandbox.ParamUnknown) + ".",
	} {
		r := httptest.NewRequest(http.MethodPost, "/1/agencies?business=1", strings.NewReader(body))
		r.Header.Set("Content-Type", string(sandbox.FormBody))
		values, bad := shareEndpoint().Read(r)
		got := values.Get("places")
		if bad != nil {
			got = bad.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", body, got, want)
		}
	}
}
