package all

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/sandbox"
	"github.com/latchkeyhq/latchkey/internal/sandbox/sandboxtest"
)

// exampleCall is one call of an endpoint, with query and body parameters.
type exampleCall struct{ query, body url.Values }

// exampleOf is a call with every required parameter and no other.
func exampleOf(t *testing.T, name string, e sandbox.Endpoint) exampleCall {
	t.Helper()
	c := exampleCall{url.Values{}, url.Values{}}
	for _, p := range e.Params {
		if !p.Required {
			continue
		}
		if p.Example == "" {
			t.Errorf("%s %s %s: %q is required and has no example", name, e.Method, e.Path, p.Name)
			continue
		}
		c.put(e, p, p.Example)
	}
	return c
}

// put adds a parameter where the endpoint takes it.
func (c exampleCall) put(e sandbox.Endpoint, p sandbox.Param, value string) {
	if p.In == sandbox.InBody || p.In == sandbox.InQueryOrBody && len(e.Bodies) > 0 {
		c.body.Set(p.Name, value)
		return
	}
	c.query.Set(p.Name, value)
}

// request is the call with its body in one encoding.
func (c exampleCall) request(t *testing.T, e sandbox.Endpoint, form sandbox.BodyType) *http.Request {
	t.Helper()
	address := "/?" + c.query.Encode()
	if len(c.body) == 0 {
		return httptest.NewRequest(e.Method, address, nil)
	}
	body, kind := c.body.Encode(), string(sandbox.FormBody)
	switch form {
	case sandbox.MultipartBody:
		var fields [][2]string
		for name, values := range c.body {
			for _, value := range values {
				fields = append(fields, [2]string{name, value})
			}
		}
		body, kind = sandboxtest.MultipartText(t, fields)
	case sandbox.JSONBody:
		object := map[string]any{}
		for name, values := range c.body {
			object[name] = values[0]
			if p := e.Params[slices.IndexFunc(e.Params, func(p sandbox.Param) bool { return p.Name == name })]; p.List ||
				json.Valid([]byte(values[0])) {
				object[name] = json.RawMessage(values[0])
			}
		}
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatalf("writing %v: %v", object, err)
		}
		body, kind = string(text), string(sandbox.JSONBody)
	}
	r := httptest.NewRequest(e.Method, address, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

// TestEveryOperationOfAFakePlatformIsDataAndKeptTo checks every endpoint of
// every fake platform: its documentation page, its required parameters, unknown
// ones, and each encoding of its body.
func TestEveryOperationOfAFakePlatformIsDataAndKeptTo(t *testing.T) {
	w, _ := sandboxtest.New(t, Fakes()...)
	for _, name := range w.Platforms() {
		endpoints := w.Platform(name).Info().Endpoints
		if len(endpoints) == 0 {
			t.Errorf("%s names none of its operations", name)
		}
		for _, e := range endpoints {
			at := name + " " + e.Method + " " + e.Path
			if page, err := url.Parse(e.Page); err != nil || page.Scheme != "https" || page.Host == "" {
				t.Errorf("%s: %q is no page of a documentation", at, e.Page)
			}
			forms := e.Bodies
			if len(forms) == 0 {
				forms = []sandbox.BodyType{sandbox.FormBody} // without a body
			}
			for _, form := range forms {
				checkEndpoint(t, name, at, e, form)
			}
		}
	}
}

func checkEndpoint(t *testing.T, name, at string, e sandbox.Endpoint, form sandbox.BodyType) {
	t.Helper()
	if _, bad := e.Read(exampleOf(t, name, e).request(t, e, form)); bad != nil {
		t.Errorf("%s: its own examples are refused as %s: %v", at, form, bad)
	}
	for _, p := range e.Params {
		if p.Required {
			without := exampleOf(t, name, e)
			without.query.Del(p.Name)
			without.body.Del(p.Name)
			_, bad := e.Read(without.request(t, e, form))
			if bad == nil || bad.Name != p.Name || bad.Reason != sandbox.ParamMissing {
				t.Errorf("%s without %q as %s: got %v, want it to be asked for by name", at, p.Name, form, bad)
			}
			continue
		}
		if p.Example != "" {
			with := exampleOf(t, name, e)
			with.put(e, p, p.Example)
			if _, bad := e.Read(with.request(t, e, form)); bad != nil {
				t.Errorf("%s with %q as %s: %v", at, p.Name, form, bad)
			}
		}
	}
	unknown := exampleOf(t, name, e)
	unknown.query.Set("no_such_parameter", "1")
	_, bad := e.Read(unknown.request(t, e, form))
	if bad == nil || bad.Name != "no_such_parameter" || bad.Reason != sandbox.ParamUnknown ||
		!strings.Contains(bad.Error(), "the sandbox refuses it") {
		t.Errorf("%s with a parameter that nobody knows: got %v, want our own strictness to be told", at, bad)
	}
	if len(e.Bodies) > 0 {
		other := exampleOf(t, name, e)
		other.body.Set("x", "1")
		r := other.request(t, e, sandbox.FormBody)
		r.Header.Set("Content-Type", "application/xml")
		if _, bad := e.Read(r); bad == nil || bad.Reason != sandbox.BodyEncoding {
			t.Errorf("%s with a body in XML: got %v", at, bad)
		}
	}
}
