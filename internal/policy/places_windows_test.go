package policy

import (
	"errors"
	"reflect"
	"testing"

	"golang.org/x/sys/windows/registry"
)

func TestTheRegistryIsRead(t *testing.T) {
	const path = `Software\LatchkeyTest`
	remove := func() {
		_ = registry.DeleteKey(registry.CURRENT_USER, path+`\AllowedRelays`) // there may be none
		_ = registry.DeleteKey(registry.CURRENT_USER, path)
	}
	remove()
	t.Cleanup(remove)
	if values, err := readKey(registry.CURRENT_USER, path); err != nil || len(values) != 0 {
		t.Errorf("without a key: got %v, %v", values, err)
	}
	key := create(t, path)
	list := create(t, path+`\AllowedRelays`)
	set(t, key.SetStringValue("RelayURL", "https://access.example.com"))
	set(t, key.SetDWordValue("AllowDemo", 0))
	set(t, key.SetDWordValue("AllowCsvExport", 1))
	set(t, list.SetStringValue("1", "https://access.example.com"))
	set(t, list.SetStringValue("2", "https://access.example.org"))
	want := map[string]any{"RelayURL": "https://access.example.com", "AllowDemo": false, "AllowCsvExport": true,
		"AllowedRelays": []string{"https://access.example.com", "https://access.example.org"}}
	values, err := readKey(registry.CURRENT_USER, path)
	if err != nil || !reflect.DeepEqual(values, want) {
		t.Errorf("got %v, %v", values, err)
	}
	set(t, key.SetStringValue("AllowDemo", "no"))
	var wrong *Error
	if _, err := readKey(registry.CURRENT_USER, path); !errors.As(err, &wrong) || wrong.Name != "AllowDemo" {
		t.Errorf("a text instead of a number: got %v", err)
	}
	set(t, key.SetDWordValue("AllowDemo", 2))
	if values, err = readKey(registry.CURRENT_USER, path); err != nil {
		t.Fatal(err)
	}
	if _, err := merge([]place{{path, values}}); err == nil {
		t.Error("2 was taken for true or false")
	}
}

func create(t *testing.T, path string) registry.Key {
	t.Helper()
	key, _, err := registry.CreateKey(registry.CURRENT_USER, path, registry.ALL_ACCESS)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = key.Close() })
	return key
}

func set(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
