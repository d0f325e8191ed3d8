package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestAReviewIsStartedListedAndEnded(t *testing.T) {
	p := founded(t)
	p.refuses(t, "no app for hubspot", "review", "start", "--platform", "hubspot")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s3cret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, of := range []string{"HUBSPOT", "META"} {
		p = p.with("LATCHKEY_"+of+"_CLIENT_ID", "1").with("LATCHKEY_"+of+"_CLIENT_SECRET_FILE", secret)
	}
	p.refuses(t, `no platform "myspace"`, "review", "start", "--platform", "myspace")
	p.refuses(t, "id of your Business Manager", "review", "start", "--platform", "facebook")
	p.refuses(t, "Only at Facebook", "review", "start", "--platform", "hubspot", "--business", "118420903317552")
	p.refuses(t, "no app for googlesheets", "review", "start", "--platform", "google")
	p.refuses(t, "1 to 180 days", "review", "start", "--platform", "hubspot", "--days", "181")
	p.refuses(t, "There is no review at hubspot", "review", "end", "--platform", "hubspot")
	out := p.does(t, "review", "list")
	if !strings.Contains(out, "There is no review") {
		t.Errorf("without one it lists %q", out)
	}

	link := regexp.MustCompile(`http://localhost:8080/r/[\w-]{52}`)
	started := link.FindString(p.does(t, "review", "start", "--platform", "hubspot"))
	if started == "" {
		t.Fatal("no link was printed")
	}
	p.refuses(t, "a review of this platform’s app already", "review", "start", "--platform", "hubspot")
	facebook := p.does(t, "review", "start", "--platform", "meta", "--app", "Kestrel Access", "--business",
		"118420903317552", "--business-name", "Kestrel AB", "--days", "7")
	if !strings.Contains(facebook, "The review of Kestrel Access at meta") {
		t.Errorf("printed %q", facebook)
	}
	if listed := p.does(t, "review", "list"); !strings.Contains(listed, started) ||
		!strings.Contains(listed, "begun 0 times, last never") || strings.Count(listed, "\n") != 2 {
		t.Errorf("listed %q", listed)
	}
	var line reviewLine
	first, _, _ := strings.Cut(p.does(t, "review", "list", "--json"), "\n")
	if err := json.Unmarshal([]byte(first), &line); err != nil || line.Link != started || line.Platform != "hubspot" {
		t.Errorf("as JSON %q, %v", first, err)
	}
	if listed := p.does(t, "agency", "list"); strings.Contains(listed, "Review") {
		t.Errorf("the agencies are %q", listed)
	}
	if status := p.does(t, "status", "--json"); !strings.Contains(status, `"agencies":1,"computers":0`) {
		t.Errorf("the status counts %q", status)
	}
	p.does(t, "agency", "verify")
	p.does(t, "review", "end", "--platform", "hubspot")
	if listed := p.does(t, "review", "list"); strings.Contains(listed, started) {
		t.Errorf("an ended review is listed: %q", listed)
	}

	// A backup has reviews that have ended since: none comes back.
	backup := filepath.Join(t.TempDir(), "backup")
	p.does(t, "backup", backup)
	elsewhere := p.with("LATCHKEY_DATA", filepath.Join(t.TempDir(), "data"))
	elsewhere.does(t, "restore", backup)
	if listed := elsewhere.does(t, "review", "list"); !strings.Contains(listed, "There is no review") {
		t.Errorf("after a restore it lists %q", listed)
	}
}
