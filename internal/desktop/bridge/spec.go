package bridge

import "reflect"

// Spec is the input of the generator of the screens' client.
type Spec struct {
	Methods []Bound
	Events  []EventInfo
	Limits  []Limit
	// Names are TypeScript names that differ from Go's.
	Names map[reflect.Type]string
	// Values are additional values of string types, after those of the
	// constants.
	Values map[reflect.Type][]string
	// Open are the string types whose constants are not all values.
	Open map[reflect.Type]bool
}

// Limit is a number that both sides validate.
type Limit struct {
	Name  string
	Value int
}
