// Package biditest marks texts from outside, and finds them where they could
// turn our words round. For tests alone.
package biditest

import (
	"reflect"
	"slices"
	"strings"
)

// hebrew is read from right to left, and turns what stands beside it.
const hebrew = "א"

// Mark puts a character that is read from right to left before every text in the
// named fields of a value, however deep, and returns the marked copy and how many
// there were. Structs of the packages in skip are left as they are.
func Mark[T any](value T, fields, skip []string) (T, int) {
	marked := reflect.New(reflect.TypeOf(value)).Elem()
	marked.Set(reflect.ValueOf(value))
	n := mark(marked, fields, skip)
	return marked.Interface().(T), n
}

func mark(v reflect.Value, fields, skip []string) int {
	n := 0
	switch v.Kind() {
	case reflect.Struct:
		if slices.ContainsFunc(skip, func(pkg string) bool { return strings.HasSuffix(v.Type().PkgPath(), pkg) }) {
			return 0
		}
		for field, value := range v.Fields() {
			switch {
			case !value.CanSet():
			case value.Type() == reflect.TypeFor[string]() && slices.Contains(fields, field.Name) && value.String() != "":
				value.SetString(hebrew + value.String())
				n++
			default:
				n += mark(value, fields, skip)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			n += mark(v.Index(i), fields, skip)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			n += mark(v.Elem(), fields, skip)
		}
	}
	return n
}

// IsBare reports whether something marked stands in a text without isolating
// characters around it.
func IsBare(text string) bool {
	depth := 0
	for _, r := range text {
		switch {
		case r == '\u2068':
			depth++
		case r == '\u2069':
			depth--
		case string(r) == hebrew && depth == 0:
			return true
		}
	}
	return false
}
