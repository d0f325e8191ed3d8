package policy

import (
	"errors"
	"slices"
	"strconv"

	"golang.org/x/sys/windows/registry"
)

// The keys of the registry below HKEY_LOCAL_MACHINE: what group policies write, and what
// the installer presets.
const (
	policiesKey = `Software\Policies\Latchkey`
	presetsKey  = `Software\Latchkey`
)

func places() ([]place, error) {
	var list []place
	for _, path := range []string{policiesKey, presetsKey} {
		values, err := readKey(registry.LOCAL_MACHINE, path)
		if err != nil {
			return nil, err
		}
		list = append(list, place{`HKLM\` + path, values})
	}
	return list, nil
}

// readKey reads the settings below a key. No key: nothing is set.
func readKey(root registry.Key, path string) (map[string]any, error) {
	const access = registry.QUERY_VALUE | registry.ENUMERATE_SUB_KEYS | registry.WOW64_64KEY
	key, err := registry.OpenKey(root, path, access)
	if errors.Is(err, registry.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, &Error{Place: `HKLM\` + path, Reason: "cannot be read"}
	}
	defer func() { _ = key.Close() }() // it is only read
	values := map[string]any{}
	for _, s := range Settings() {
		value, err := readValue(root, key, path, s)
		if errors.Is(err, registry.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, &Error{Place: `HKLM\` + path, Name: s.Name, Reason: "has another type than the template gives it"}
		}
		values[s.Name] = value
	}
	return values, nil
}

// readValue reads a setting. A list is a key with a value per element, as templates write
// it, or one value of several lines.
func readValue(root, key registry.Key, path string, s Setting) (any, error) {
	switch s.Kind {
	case Flag:
		number, _, err := key.GetIntegerValue(s.Name)
		if err == nil && number > 1 {
			return strconv.FormatUint(number, 10), nil // which the setting refuses
		}
		return number == 1, err
	case List:
		list, _, err := key.GetStringsValue(s.Name)
		if !errors.Is(err, registry.ErrNotExist) {
			return list, err
		}
		return readList(root, path+`\`+s.Name)
	}
	value, _, err := key.GetStringValue(s.Name)
	return value, err
}

func readList(root registry.Key, path string) (any, error) {
	key, err := registry.OpenKey(root, path, registry.QUERY_VALUE|registry.WOW64_64KEY)
	if err != nil {
		return nil, err
	}
	defer func() { _ = key.Close() }() // it is only read
	names, err := key.ReadValueNames(0)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	list := []string{}
	for _, name := range names {
		one, _, err := key.GetStringValue(name)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, nil
}
