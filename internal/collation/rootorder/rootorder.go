// Package rootorder makes sort keys by Unicode's root collation (UTS #10).
//
// Its tables are a twentieth of the relay's program, which does without it: see
// collation.FoldKey.
package rootorder

import (
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Collator orders texts, with accents beside without. It is safe for concurrent
// use.
type Collator struct {
	mu     sync.Mutex // guards the fields below
	root   *collate.Collator
	buffer collate.Buffer
}

// New makes one: keep it, for it is large.
func New() *Collator { return &Collator{root: collate.New(language.Und)} }

// Key is a text's sort key: keys are compared by their bytes. It is never empty.
func (c *Collator) Key(text string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.buffer.Reset()
	return append([]byte(nil), c.root.KeyFromString(&c.buffer, text)...)
}

// Compare is negative if a comes before b, and zero if they are the same to a
// reader.
func (c *Collator) Compare(a, b string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.root.CompareString(a, b)
}
