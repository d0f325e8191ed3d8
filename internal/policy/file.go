package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"howett.net/plist"
)

// maxFile bounds a file of policies.
const maxFile = 1 << 20

// readJSON reads the values of a JSON object. A name that is no setting is an error: a
// policy with a typing error would protect nothing.
func readJSON(r io.Reader) (map[string]any, error) {
	decoder := json.NewDecoder(io.LimitReader(r, maxFile))
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, errors.New("is not a JSON object like { \"AllowDemo\": false }")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has text behind its JSON object")
	}
	for name := range object {
		if !slices.ContainsFunc(Settings(), func(s Setting) bool { return s.Name == name }) {
			return nil, fmt.Errorf("sets %q, which is none of Latchkey's settings", name)
		}
	}
	return ours(object), nil
}

// readPlist reads the values of a property list, text or binary. The system writes names
// of its own beside ours.
func readPlist(text []byte) (map[string]any, error) {
	var object map[string]any
	if _, err := plist.Unmarshal(text, &object); err != nil {
		return nil, errors.New("is not a property list")
	}
	return ours(object), nil
}

// ours are the values of our settings, converted to the types of their kinds. What cannot
// be converted stays as it is: the setting refuses it.
func ours(object map[string]any) map[string]any {
	values := map[string]any{}
	for _, s := range Settings() {
		raw, isSet := object[s.Name]
		if !isSet {
			continue
		}
		switch s.Kind {
		case List:
			raw = toList(raw)
		case Flag:
			raw = toFlag(raw)
		}
		values[s.Name] = raw
	}
	return values
}

func toFlag(raw any) any {
	switch number := fmt.Sprint(raw); number {
	case "0", "1":
		return number == "1"
	}
	return raw
}

func toList(raw any) any {
	elements, isList := raw.([]any)
	if !isList {
		return raw
	}
	list := []string{}
	for _, element := range elements {
		one, isText := element.(string)
		if !isText {
			return raw
		}
		list = append(list, one)
	}
	return list
}
