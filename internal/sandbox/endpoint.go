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

// Endpoint is one operation of a fake platform, as its documentation describes it.
// The tables of endpoints are data: what a fake takes and refuses follows from them.
type Endpoint struct {
	Method string
	Path   string // as in http.ServeMux
	Page   string // the documentation page that the parameters come from
	Bodies []BodyType
	Params []Param
}

// Param is one parameter of a call.
type Param struct {
	Name     string
	In       ParamPlace
	Required bool
	Repeated bool   // it may be there several times, each once in the result
	Indexed  bool   // "name[0]" and "name[1]" are taken too, as a repeated name
	List     bool   // it is a list, as ["a"], ['a'] or "name[0]"; in the result it is JSON
	Example  string // a value that the call takes
	Why      string // why it is taken although the page does not name it: "sent by the SDK"; empty: the page names it
}

// ParamPlace is where a parameter stands.
type ParamPlace int

// inQuery is the zero value, so that a GET needs no word for it.
const (
	InQuery       ParamPlace = iota
	InBody                   // of a POST, PUT or PATCH
	InQueryOrBody            // in the query or in the body
)

// BodyType is an encoding of a body.
type BodyType string

// The encodings that platforms read.
const (
	FormBody      BodyType = "application/x-www-form-urlencoded"
	MultipartBody BodyType = "multipart/form-data"
	JSONBody      BodyType = "application/json"
)

// maxBody bounds a call's body, in bytes.
const maxBody = 1 << 20

// ParamError is why a call's parameters are refused. An unknown parameter is our
// own strictness: most platforms ignore one.
type ParamError struct {
	Name   string // empty: the body as a whole
	Reason ParamReason
}

type ParamReason string

// The reasons, in words that every fake platform may show.
const (
	ParamUnknown   ParamReason = "is not documented for this call. The platform may ignore it; the sandbox refuses it"
	ParamMissing   ParamReason = "is required"
	ParamTwice     ParamReason = "is there twice"
	BodyUnreadable ParamReason = "cannot be read"
	BodyEncoding   ParamReason = "has an encoding that this call does not take"
	BodyNotTaken   ParamReason = "is not taken by this call"
	ParamMisplaced ParamReason = "is not taken in this part of the call"
	ParamNotList   ParamReason = "has to be a list"
)

// Error is the reason in a sentence that a fake platform may show.
func (b *ParamError) Error() string {
	if b.Name == "" {
		return "The body " + string(b.Reason) + "."
	}
	return fmt.Sprintf("The parameter %q %s.", b.Name, b.Reason)
}

// Read answers the parameters of query and body together, or why they are
// refused. A JSON value that is no string stands as its JSON text. It reads the
// body, so a call is read once.
func (e Endpoint) Read(r *http.Request) (url.Values, *ParamError) {
	body, bad := e.ReadBody(r)
	if bad != nil {
		return nil, bad
	}
	all, elements := url.Values{}, map[string][]string{}
	for _, part := range []struct {
		values url.Values
		at     ParamPlace
	}{{r.URL.Query(), InQuery}, {body, InBody}} {
		for _, name := range slices.Sorted(maps.Keys(part.values)) {
			if bad := e.put(all, elements, name, part.values[name], part.at); bad != nil {
				return nil, bad
			}
		}
	}
	for _, p := range e.Params {
		if p.List {
			if bad := putList(all, p.Name, elements[p.Name]); bad != nil {
				return nil, bad
			}
		}
		if p.Required && all.Get(p.Name) == "" {
			return nil, &ParamError{p.Name, ParamMissing}
		}
	}
	return all, nil
}

// putList makes the JSON of a list out of its elements, or out of its one value.
func putList(all url.Values, name string, elements []string) *ParamError {
	switch {
	case len(elements) > 0 && all.Has(name):
		return &ParamError{name, ParamTwice}
	case len(elements) > 0:
		text, err := json.Marshal(elements)
		if err != nil {
			return &ParamError{name, ParamNotList}
		}
		all.Set(name, string(text))
	case all.Has(name):
		text, ok := listText(all[name])
		if !ok {
			return &ParamError{name, ParamNotList}
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
func (e Endpoint) put(
	all url.Values, elements map[string][]string, name string, values []string, at ParamPlace,
) *ParamError {
	base, _, isIndexed := strings.Cut(name, "[")
	i := slices.IndexFunc(e.Params, func(p Param) bool {
		return p.Name == name || isIndexed && (p.Indexed || p.List) && p.Name == base && isIndex(name[len(base):])
	})
	switch {
	case i < 0:
		return &ParamError{name, ParamUnknown}
	case e.Params[i].In != at && e.Params[i].In != InQueryOrBody:
		return &ParamError{name, ParamMisplaced}
	}
	p := e.Params[i]
	if p.List && p.Name != name {
		elements[p.Name] = append(elements[p.Name], values...)
		return nil
	}
	all[p.Name] = append(all[p.Name], values...)
	if len(all[p.Name]) > 1 && !p.Repeated && (!p.Indexed || p.Name == name) {
		return &ParamError{name, ParamTwice}
	}
	return nil
}

// isIndex reports whether text is "[0]", "[1]" and so on, or "[]".
func isIndex(text string) bool {
	inner, closed := strings.CutSuffix(strings.TrimPrefix(text, "["), "]")
	return closed && strings.Trim(inner, "0123456789") == ""
}

// ReadBody reads the parameters of the body alone.
func (e Endpoint) ReadBody(r *http.Request) (url.Values, *ParamError) {
	if r.Body == nil {
		return nil, nil
	}
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, &ParamError{"", BodyUnreadable}
	}
	if len(text) == 0 {
		return nil, nil
	}
	if len(e.Bodies) == 0 {
		// Meta's SDK sends an empty JSON object with every GET.
		if string(bytes.TrimSpace(text)) == "{}" {
			return nil, nil
		}
		return nil, &ParamError{"", BodyNotTaken}
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(e.Bodies, BodyType(kind)) {
		return nil, &ParamError{"", BodyEncoding}
	}
	values, err := decodeBody(r, BodyType(kind), text)
	if err != nil {
		return nil, &ParamError{"", BodyUnreadable}
	}
	return values, nil
}

// decodeBody reads a body of one encoding. A file in a multipart body is an error.
func decodeBody(r *http.Request, kind BodyType, text []byte) (url.Values, error) {
	switch kind {
	case FormBody:
		return url.ParseQuery(string(text))
	case MultipartBody:
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
