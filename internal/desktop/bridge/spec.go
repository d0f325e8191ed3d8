package bridge

import "reflect"

// Spec is what the generator writes the screens' client from.
type Spec struct {
	Methods []Bound
	Events  []EventInfo
	Limits  []Limit
	// Names are the names of types in TypeScript that differ from Go's.
	Names map[reflect.Type]string
	// Values are the values of string types that no constant of their package
	// declares, after those that one does.
	Values map[reflect.Type][]string
	// Open are the string types of which constants name a few values only.
	Open map[reflect.Type]bool
}

// Limit is a number that both sides check.
type Limit struct {
	Name  string
	Value int
}
