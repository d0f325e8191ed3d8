package main

import (
	"slices"
	"strings"
)

// oneOf reads a setting that has one of some values; the first if it is not set.
func (r *reader) oneOf(name string, values ...string) string {
	value := r.value(name)
	if value == "" {
		return values[0]
	}
	if !slices.Contains(values, value) {
		r.wrong(name, "is neither "+strings.Join(values, " nor "))
		return values[0]
	}
	return value
}
