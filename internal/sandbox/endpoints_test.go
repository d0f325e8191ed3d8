package sandbox

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// exampleCall is one call of an endpoint, with the parameters by where they stand.
type exampleCall struct{ query, body url.Values }

// exampleOf is a call with every required parameter and no other.
func exampleOf(t *testing.T, name string, e endpoint) exampleCall {
	t.Helper()
	c := exampleCall{url.Values{}, url.Values{}}
	for _, p := range e.params {
		if !p.required {
			continue
		}
		if p.example == "" {
			t.Errorf("%s %s %s: %q is required and has no example", name, e.method, e.path, p.name)
			continue
		}
		c.put(e, p, p.example)
	}
	return c
}

// put adds a parameter where the endpoint takes it.
func (c exampleCall) put(e endpoint, p param, value string) {
	if p.in == inBody || p.in == anywhere && len(e.bodies) > 0 {
		c.body.Set(p.name, value)
		return
	}
	c.query.Set(p.name, value)
}

// request is the call with its body in one form.
func (c exampleCall) request(t *testing.T, e endpoint, form bodyForm) *http.Request {
	t.Helper()
	address := "/?" + c.query.Encode()
	if len(c.body) == 0 {
		return httptest.NewRequest(e.method, address, nil)
	}
	body, kind := c.body.Encode(), string(formBody)
	switch form {
	case multipartBody:
		var fields [][2]string
		for name, values := range c.body {
			for _, value := range values {
				fields = append(fields, [2]string{name, value})
			}
		}
		body, kind = multipartText(t, fields)
	case jsonBody:
		object := map[string]any{}
		for name, values := range c.body {
			object[name] = values[0]
			if p := e.params[slices.IndexFunc(e.params, func(p param) bool { return p.name == name })]; p.list || json.Valid([]byte(values[0])) {
				object[name] = json.RawMessage(values[0])
			}
		}
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatalf("writing %v: %v", object, err)
		}
		body, kind = string(text), string(jsonBody)
	}
	r := httptest.NewRequest(e.method, address, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

// TestEveryOperationOfAFakePlatformIsDataAndKeptTo walks every endpoint of every
// fake platform: its page, what it requires, what it does not know, and each
// form of its body.
func TestEveryOperationOfAFakePlatformIsDataAndKeptTo(t *testing.T) {
	for _, one := range pretends() {
		if len(one.endpoints()) == 0 {
			t.Errorf("%s names none of its operations", one.name)
		}
		for _, e := range one.endpoints() {
			at := one.name + " " + e.method + " " + e.path
			if page, err := url.Parse(e.page); err != nil || page.Scheme != "https" || page.Host == "" {
				t.Errorf("%s: %q is no page of a documentation", at, e.page)
			}
			forms := e.bodies
			if len(forms) == 0 {
				forms = []bodyForm{formBody} // of no body
			}
			for _, form := range forms {
				checkEndpoint(t, one.name, at, e, form)
			}
		}
	}
}

func checkEndpoint(t *testing.T, name, at string, e endpoint, form bodyForm) {
	t.Helper()
	if _, bad := e.read(exampleOf(t, name, e).request(t, e, form)); bad != nil {
		t.Errorf("%s: its own examples are refused as %s: %v", at, form, bad)
	}
	for _, p := range e.params {
		if p.required {
			without := exampleOf(t, name, e)
			without.query.Del(p.name)
			without.body.Del(p.name)
			_, bad := e.read(without.request(t, e, form))
			if bad == nil || bad.name != p.name || bad.reason != paramMissing {
				t.Errorf("%s without %q as %s: got %v, want it to be asked for by name", at, p.name, form, bad)
			}
			continue
		}
		if p.example != "" {
			with := exampleOf(t, name, e)
			with.put(e, p, p.example)
			if _, bad := e.read(with.request(t, e, form)); bad != nil {
				t.Errorf("%s with %q as %s: %v", at, p.name, form, bad)
			}
		}
	}
	unknown := exampleOf(t, name, e)
	unknown.query.Set("no_such_parameter", "1")
	_, bad := e.read(unknown.request(t, e, form))
	if bad == nil || bad.name != "no_such_parameter" || bad.reason != paramUnknown || !strings.Contains(bad.Error(), "the sandbox refuses it") {
		t.Errorf("%s with a parameter that nobody knows: got %v, want our own strictness to be told", at, bad)
	}
	if len(e.bodies) > 0 {
		other := exampleOf(t, name, e)
		other.body.Set("x", "1")
		r := other.request(t, e, formBody)
		r.Header.Set("Content-Type", "application/xml")
		if _, bad := e.read(r); bad == nil || bad.reason != bodyEncoding {
			t.Errorf("%s with a body in XML: got %v", at, bad)
		}
	}
}
