package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/policy"
)

func TestWhatAdministratorsGetIsFreshAndWellFormed(t *testing.T) {
	const root = "../../.."
	texts, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(texts) != len(files)+2 {
		t.Errorf("got %d files", len(texts))
	}
	for path, want := range texts {
		got, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			t.Errorf("reading what is committed: %v", err)
		} else if !bytes.Equal(got, want) {
			t.Errorf("%s is out of date: run make generate", path)
		}
		for _, s := range policy.Settings() {
			if !bytes.Contains(want, []byte(s.Name)) {
				t.Errorf("%s does not have %s", path, s.Name)
			}
		}
		if strings.HasSuffix(path, ".md") || strings.HasSuffix(path, ".json") {
			continue
		}
		decoder := xml.NewDecoder(bytes.NewReader(want))
		for err == nil {
			_, err = decoder.Token()
		}
		if !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Each text that the template of group policies refers to is in the file of its language.
func TestTheTemplateFindsItsTexts(t *testing.T) {
	texts, err := generate("../../..")
	if err != nil {
		t.Fatal(err)
	}
	words := string(texts[files["adml.tmpl"]])
	for kind, element := range map[string]string{"string": "<string id=", "presentation": "<presentation id="} {
		rest := string(texts[files["admx.tmpl"]])
		for n := 0; ; n++ {
			_, after, isThere := strings.Cut(rest, "$("+kind+".")
			if !isThere {
				if n == 0 {
					t.Errorf("the template refers to no %s", kind)
				}
				break
			}
			id, tail, _ := strings.Cut(after, ")")
			if !strings.Contains(words, element+`"`+id+`"`) {
				t.Errorf("there is no %s %s", kind, id)
			}
			rest = tail
		}
	}
}
