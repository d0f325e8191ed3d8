package journey

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Figures are the results of a benchmark, by name.
type Figures map[string]float64

// Note reports figures and merges them into build/figures.json.
func Note(b *testing.B, all Figures) {
	b.Helper()
	path := filepath.Join(Root(b), "build", "figures.json")
	kept := Figures{}
	if content, err := os.ReadFile(path); err == nil {
		_ = json.Unmarshal(content, &kept) // an unreadable file is replaced
	}
	for name, value := range all {
		b.ReportMetric(value, strings.ReplaceAll(name, " ", "_"))
		kept[name] = value
	}
	if load, err := os.ReadFile("/proc/loadavg"); err == nil {
		if first, err := strconv.ParseFloat(strings.Fields(string(load))[0], 64); err == nil {
			kept["load at the end"] = first
		}
	}
	content, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, '\n'), 0o644); err != nil {
		b.Fatal(err)
	}
}

// Median returns the median.
func Median(values []float64) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[len(values)/2]
}
