package sandbox

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// endpoint is one operation of a fake platform, as its documentation describes it.
// The tables of endpoints are data: what a fake takes and refuses follows from them.
type endpoint struct {
	method string
	path   string // as in http.ServeMux
	page   string // the documentation page that the parameters come from
	bodies []bodyForm
	params []param
}

// param is one parameter of a call.
type param struct {
	name     string
	in       place
	required bool
	repeated bool   // it may be there several times, each once in the result
	indexed  bool   // "name[0]" and "name[1]" are taken too, as a repeated name
	list     bool   // it is a list, as ["a"], ['a'] or "name[0]"; in the result it is JSON
	example  string // a value that the call takes
	why      string // why it is taken although the page does not name it: "sent by the SDK"; empty: the page names it
}

// place is where a parameter stands.
type place int

// inQuery is the zero value, so that a GET needs no word for it.
const (
	inQuery  place = iota
	inBody         // of a POST, PUT or PATCH
	anywhere       // in the query or in the body
)

// bodyForm is an encoding of a body.
type bodyForm string

// The encodings that platforms read.
const (
	formBody      bodyForm = "application/x-www-form-urlencoded"
	multipartBody bodyForm = "multipart/form-data"
	jsonBody      bodyForm = "application/json"
)

// maxBody bounds a call's body, in bytes.
const maxBody = 1 << 20

// badParam is why a call's parameters are refused. An unknown parameter is our
// own strictness: most platforms ignore one.
type badParam struct {
	name   string // empty: the body as a whole
	reason badReason
}

type badReason string

// The reasons, in words that every fake platform may show.
const (
	paramUnknown  badReason = "is not documented for this call. The platform may ignore it; the sandbox refuses it"
	paramMissing  badReason = "is required"
	paramTwice    badReason = "is there twice"
	bodyUnread    badReason = "cannot be read"
	bodyEncoding  badReason = "has an encoding that this call does not take"
	bodyNotTaken  badReason = "is not taken by this call"
	paramMisplace badReason = "is not taken in this part of the call"
	paramNoList   badReason = "has to be a list"
)

func (b *badParam) Error() string {
	if b.name == "" {
		return "The body " + string(b.reason) + "."
	}
	return fmt.Sprintf("The parameter %q %s.", b.name, b.reason)
}

// read answers the parameters of query and body together, or why they are
// refused. A JSON value that is no string stands as its JSON text. It reads the
// body, so a call is read once.
func (e endpoint) read(r *http.Request) (url.Values, *badParam) {
	body, bad := e.readBody(r)
	if bad != nil {
		return nil, bad
	}
	all, elements := url.Values{}, map[string][]string{}
	for _, part := range []struct {
		values url.Values
		at     place
	}{{r.URL.Query(), inQuery}, {body, inBody}} {
		for _, name := range slices.Sorted(maps.Keys(part.values)) {
			if bad := e.put(all, elements, name, part.values[name], part.at); bad != nil {
				return nil, bad
			}
		}
	}
	for _, p := range e.params {
		if p.list {
			if bad := putList(all, p.name, elements[p.name]); bad != nil {
				return nil, bad
			}
		}
		if p.required && all.Get(p.name) == "" {
			return nil, &badParam{p.name, paramMissing}
		}
	}
	return all, nil
}

// putList makes the JSON of a list out of its elements, or out of its one value.
func putList(all url.Values, name string, elements []string) *badParam {
	switch {
	case len(elements) > 0 && all.Has(name):
		return &badParam{name, paramTwice}
	case len(elements) > 0:
		text, err := json.Marshal(elements)
		if err != nil {
			return &badParam{name, paramNoList}
		}
		all.Set(name, string(text))
	case all.Has(name):
		text, ok := listText(all[name])
		if !ok {
			return &badParam{name, paramNoList}
		}
		all.Set(name, text)
	}
	return nil
}

// listText is the JSON of a list in one value, in either kind of quotes.
func listText(values []string) (string, bool) {
	var list []json.RawMessage
	if len(values) != 1 {
		return "", false
	}
	text := values[0]
	if !strings.Contains(text, `"`) {
		text = strings.ReplaceAll(text, "'", `"`)
	}
	return text, json.Unmarshal([]byte(text), &list) == nil
}

// put adds a parameter's values to all, or what came as "name[0]" of a list to elements.
func (e endpoint) put(all url.Values, elements map[string][]string, name string, values []string, at place) *badParam {
	base, _, isIndexed := strings.Cut(name, "[")
	i := slices.IndexFunc(e.params, func(p param) bool {
		return p.name == name || isIndexed && (p.indexed || p.list) && p.name == base && isIndex(name[len(base):])
	})
	switch {
	case i < 0:
		return &badParam{name, paramUnknown}
	case e.params[i].in != at && e.params[i].in != anywhere:
		return &badParam{name, paramMisplace}
	}
	p := e.params[i]
	if p.list && p.name != name {
		elements[p.name] = append(elements[p.name], values...)
		return nil
	}
	all[p.name] = append(all[p.name], values...)
	if len(all[p.name]) > 1 && !p.repeated && !(p.indexed && p.name != name) {
		return &badParam{name, paramTwice}
	}
	return nil
}

// isIndex says whether text is "[0]", "[1]" and so on, or "[]".
func isIndex(text string) bool {
	inner, closed := strings.CutSuffix(strings.TrimPrefix(text, "["), "]")
	return closed && strings.Trim(inner, "0123456789") == ""
}

func (e endpoint) readBody(r *http.Request) (url.Values, *badParam) {
	if r.Body == nil {
		return nil, nil
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, &badParam{"", bodyUnread}
	}
	if len(text) == 0 {
		return nil, nil
	}
	if len(e.bodies) == 0 {
		// Meta's SDK sends an empty JSON object with every GET.
		if string(bytes.TrimSpace(text)) == "{}" {
			return nil, nil
		}
		return nil, &badParam{"", bodyNotTaken}
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(e.bodies, bodyForm(kind)) {
		return nil, &badParam{"", bodyEncoding}
	}
	values, err := decodeBody(r, bodyForm(kind), text)
	if err != nil {
		return nil, &badParam{"", bodyUnread}
	}
	return values, nil
}

// decodeBody reads a body of one encoding. A file in a multipart body is an error.
func decodeBody(r *http.Request, kind bodyForm, text []byte) (url.Values, error) {
	switch kind {
	case formBody:
		return url.ParseQuery(string(text))
	case multipartBody:
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(text))
		again.Form, again.PostForm, again.MultipartForm = nil, nil, nil
		if err := again.ParseMultipartForm(maxBody); err != nil {
			return nil, fmt.Errorf("reading a multipart body: %w", err)
		}
		defer func() { _ = again.MultipartForm.RemoveAll() }() // nothing is on the disk: the body fits in memory
		if len(again.MultipartForm.File) > 0 {
			return nil, fmt.Errorf("reading a multipart body: it holds a file")
		}
		return again.MultipartForm.Value, nil
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(text, &fields); err != nil {
		return nil, fmt.Errorf("reading a JSON body: %w", err)
	}
	values := url.Values{}
	for name, raw := range fields {
		var plain string
		if json.Unmarshal(raw, &plain) != nil {
			plain = string(raw)
		}
		values.Set(name, plain)
	}
	return values, nil
}
