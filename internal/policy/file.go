package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// maxFile bounds a file of policies.
const maxFile = 1 << 20

// readJSON reads the values of a JSON object. A name that is no setting is an error where
// isStrict: a policy with a typing error would protect nothing. Elsewhere the system writes
// names of its own beside ours.
func readJSON(r io.Reader, isStrict bool) (map[string]any, error) {
	decoder := json.NewDecoder(io.LimitReader(r, maxFile))
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, errors.New("is not a JSON object like { \"AllowDemo\": false }")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has text behind its JSON object")
	}
	values := map[string]any{}
	for name, raw := range object {
		at := slices.IndexFunc(Settings(), func(s Setting) bool { return s.Name == name })
		if at < 0 {
			if isStrict {
				return nil, fmt.Errorf("sets %q, which is none of Latchkey's settings", name)
			}
			continue
		}
		values[name] = fromJSON(Settings()[at].Kind, raw)
	}
	return values, nil
}

// fromJSON converts a value to the kind's type. What cannot be converted is returned as it
// is: the setting refuses it.
func fromJSON(kind Kind, raw any) any {
	switch kind {
	case List:
		return listFromJSON(raw)
	case Flag:
		if number, isNumber := raw.(float64); isNumber && (number == 0 || number == 1) {
			return number == 1
		}
	}
	return raw
}

func listFromJSON(raw any) any {
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
