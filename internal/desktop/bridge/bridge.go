// Package bridge carries calls from the screens to Go, and events back. A
// method is a name, a params struct and a result, declared once in a table; the
// table serves Wails, the web build and the generator of the screens' client.
//
// It never depends on the business: it holds no rule of onboarding.
package bridge

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
)

// None is an empty params or result type.
type None struct{}

// Kind is whether a method changes something.
type Kind string

// The kinds of a method.
const (
	KindQuery   Kind = "query"
	KindCommand Kind = "command"
)

// Method is one row of a table: a method on T.
type Method[T any] struct {
	name           string
	kind           Kind
	params, result reflect.Type
	call           func(ctx context.Context, target T, params json.RawMessage) (any, error)
}

// Query declares a method that reads. Missing params are zero; a nil slice is
// sent as an empty list.
func Query[T, P, R any](name string, fn func(ctx context.Context, target T, params P) (R, error)) Method[T] {
	return newMethod(name, KindQuery, fn)
}

// Command declares a method that changes something and has a result.
func Command[T, P, R any](name string, fn func(ctx context.Context, target T, params P) (R, error)) Method[T] {
	return newMethod(name, KindCommand, fn)
}

// CommandNoResult declares a method that changes something and has no result.
func CommandNoResult[T, P any](name string, fn func(ctx context.Context, target T, params P) error) Method[T] {
	return newMethod(name, KindCommand, func(ctx context.Context, target T, params P) (None, error) {
		return None{}, fn(ctx, target, params)
	})
}

func newMethod[T, P, R any](name string, kind Kind, fn func(context.Context, T, P) (R, error)) Method[T] {
	call := func(ctx context.Context, target T, raw json.RawMessage) (any, error) {
		var params P
		if len(raw) > 0 {
			if err := json.Unmarshal(raw, &params); err != nil {
				return nil, fmt.Errorf("decoding the params: %w", err)
			}
		}
		result, err := fn(ctx, target, params)
		if err != nil {
			return nil, err
		}
		return jsonResult(result), nil
	}
	return Method[T]{name: name, kind: kind, params: reflect.TypeFor[P](), result: reflect.TypeFor[R](), call: call}
}

// jsonResult converts None to null and a nil slice to an empty list.
func jsonResult(result any) any {
	if _, none := result.(None); none {
		return nil
	}
	if v := reflect.ValueOf(result); v.Kind() == reflect.Slice && v.IsNil() {
		return reflect.MakeSlice(v.Type(), 0, 0).Interface()
	}
	return result
}

// Bound is a method with its target.
type Bound struct {
	Name           string
	Kind           Kind
	Params, Result reflect.Type
	call           func(ctx context.Context, params json.RawMessage) (any, error)
}

// Bind gives methods their target. target is called for each call.
func Bind[T any](target func(ctx context.Context) (T, error), methods []Method[T]) []Bound {
	bound := make([]Bound, 0, len(methods))
	for _, m := range methods {
		call := func(ctx context.Context, params json.RawMessage) (any, error) {
			t, err := target(ctx)
			if err != nil {
				return nil, err
			}
			return m.call(ctx, t, params)
		}
		bound = append(bound, Bound{Name: m.name, Kind: m.kind, Params: m.params, Result: m.result, call: call})
	}
	return bound
}

// CallError is the JSON form of an error for the screens. Error returns it as
// JSON, since Wails passes only text.
type CallError struct {
	Code      string `json:"code"`
	Field     string `json:"field"`     // the invalid field of the params
	Message   string `json:"message"`   // for the user, if the code is not enough
	Reference string `json:"reference"` // of the log entry
}

func (e CallError) Error() string {
	text, err := json.Marshal(e)
	if err != nil {
		return `{"code":"unexpected"}`
	}
	return string(text)
}

// CodeUnexpected is the code of an error without a message for the user.
const CodeUnexpected = "unexpected"

// Config is what a Bridge needs.
type Config struct {
	Methods []Bound
	// Convert turns a method's error into a CallError.
	Convert func(method string, err error) CallError
	Log     *slog.Logger
}

// Bridge calls methods by name.
type Bridge struct {
	config  Config
	methods map[string]Bound
}

// New fails if two methods have the same name.
func New(config Config) (*Bridge, error) {
	b := &Bridge{config: config, methods: map[string]Bound{}}
	for _, m := range config.Methods {
		if _, twice := b.methods[m.Name]; twice {
			return nil, fmt.Errorf("two methods of the bridge are called %q", m.Name)
		}
		b.methods[m.Name] = m
	}
	return b, nil
}

// Call calls a method. Its error is always a CallError, also after a panic.
func (b *Bridge) Call(ctx context.Context, name string, params json.RawMessage) (result any, err error) {
	defer func() {
		if fault := recover(); fault != nil {
			reference := NewReference()
			b.config.Log.Error("a call of the screens panicked", "method", name, "reference", reference,
				"panic", fmt.Sprint(fault), "stack", string(debug.Stack()))
			result, err = nil, CallError{Code: CodeUnexpected, Reference: reference}
		}
	}()
	method, known := b.methods[name]
	if !known {
		return nil, b.config.Convert(name, fmt.Errorf("the bridge has no method %q", name))
	}
	if result, err = method.call(ctx, params); err != nil {
		return nil, b.config.Convert(name, err)
	}
	return result, nil
}

// NewReference returns a log reference: 40 random bits.
func NewReference() string { return rand.Text()[:8] }

// Event is an event for the screens with a payload T.
type Event[T any] struct{ Name string }

// EventInfo is an event without its type parameter.
type EventInfo struct {
	Name string
	Data reflect.Type
}

// Payload returns the JSON value of data: None is null.
func (e Event[T]) Payload(data T) any { return jsonResult(data) }

// Info returns the event without its type parameter, for the generator.
func (e Event[T]) Info() EventInfo { return EventInfo{Name: e.Name, Data: reflect.TypeFor[T]()} }
