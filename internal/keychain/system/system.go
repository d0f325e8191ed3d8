// Package system is the keychain of macOS, Windows, or a Secret Service, with a
// timeout for every call.
//
// It is separate from package keychain so that the relay does not link it. It
// never stores a secret elsewhere.
package system

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/keychain"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Service is the name of the entries in the system's own programs.
const Service = "Latchkey"

// maxPiece bounds the text of one entry: Windows takes 2,560 bytes, macOS about
// 3,000 with the names.
const maxPiece = 1900

// Config is what a System needs.
type Config struct {
	// Service is the name of the entries; empty: the constant Service.
	Service string
	// Timeout bounds each call to the system, including a password prompt of
	// the system; zero: 20 seconds.
	Timeout time.Duration
}

// System is the keychain of macOS, Windows, or a Secret Service.
type System struct {
	config  Config
	slot    chan struct{} // serialises calls
	backend backend       // used by who holds the slot
}

// New returns a System without accessing the keychain.
func New(config Config) *System {
	if config.Service == "" {
		config.Service = Service
	}
	if config.Timeout == 0 {
		config.Timeout = 20 * time.Second
	}
	return &System{config: config, slot: make(chan struct{}, 1)}
}

// entries are the system's entries of one service name, while a call lasts.
type entries interface {
	get(name string) (string, error) // keychain.ErrNotFound if there is none
	set(name, value string) error
	delete(name string) error
	close()
}

// head is the entry under a secret's own name. It contains a short secret; a
// longer one is in the pieces of set a or b, which alternate.
type head struct {
	set    string // "a" or "b"; empty: the text is in the head
	pieces int
	sum    string // of the text
	text   string
}

func (h head) String() string {
	return strings.Join([]string{"1", h.set, strconv.Itoa(h.pieces), h.sum, h.text}, ":")
}

func parseHead(entry string) (head, bool) {
	parts := strings.Split(entry, ":")
	if len(parts) != 5 || parts[0] != "1" {
		return head{}, false
	}
	pieces, err := strconv.Atoi(parts[2])
	if err != nil || pieces < 0 || pieces > 1000 {
		return head{}, false
	}
	return head{set: parts[1], pieces: pieces, sum: parts[3], text: parts[4]}, true
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}

func (h head) pieceName(name string, i int) string { return name + "#" + h.set + strconv.Itoa(i) }

// Get reads the head and its pieces. An incomplete secret cannot be repaired:
// it is keychain.ErrNotFound.
func (s *System) Get(ctx context.Context, name string) (onboarding.Secret, error) {
	var secret onboarding.Secret
	err := s.withEntries(ctx, func(e entries) error {
		h, err := readHead(e, name)
		if err != nil {
			return err
		}
		text := h.text
		for i := range h.pieces {
			part, err := e.get(h.pieceName(name, i))
			if err != nil {
				return err
			}
			text += part
		}
		plain, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil || sumOf(text) != h.sum {
			return keychain.ErrNotFound
		}
		secret = onboarding.NewSecret(string(plain))
		return nil
	})
	return secret, err
}

// Set writes the pieces of the unused set, then the head, then removes the
// pieces of the other set.
func (s *System) Set(ctx context.Context, name string, secret onboarding.Secret) error {
	text := base64.RawURLEncoding.EncodeToString([]byte(secret.Reveal()))
	return s.withEntries(ctx, func(e entries) error {
		old, err := readHead(e, name)
		if err != nil && !errors.Is(err, keychain.ErrNotFound) {
			return err
		}
		next := head{sum: sumOf(text), text: text}
		if len(text) > maxPiece {
			next = head{set: "a", sum: sumOf(text)}
			if old.set == "a" {
				next.set = "b"
			}
			for rest := text; rest != ""; next.pieces++ {
				cut := min(maxPiece, len(rest))
				if err := e.set(next.pieceName(name, next.pieces), rest[:cut]); err != nil {
					return err
				}
				rest = rest[cut:]
			}
		}
		if err := e.set(name, next.String()); err != nil {
			return err
		}
		if err := removePieces(e, old, name); err != nil || next.set == "" {
			return err
		}
		return removeUnnamed(e, next, name)
	})
}

// Delete removes the pieces before the head, so that a crash leaves no piece
// without a name.
func (s *System) Delete(ctx context.Context, name string) error {
	return s.withEntries(ctx, func(e entries) error {
		old, missing := readHead(e, name)
		if missing != nil && !errors.Is(missing, keychain.ErrNotFound) {
			return missing
		}
		if err := removePieces(e, old, name); err != nil {
			return err
		}
		for _, set := range []string{"a", "b"} {
			if err := removeUnnamed(e, head{set: set}, name); err != nil {
				return err
			}
		}
		if missing != nil {
			return missing
		}
		old.sum, old.text = "", "" // the entry still has the number of pieces
		return remove(e, name, old.String())
	})
}

// remove overwrites an entry before it deletes it, where the system keeps what
// was deleted.
func remove(e entries, name, with string) error {
	for n := range overwrites {
		if err := e.set(name, with+"deleted "+strconv.Itoa(n)); err != nil {
			return err
		}
	}
	return e.delete(name)
}

func readHead(e entries, name string) (head, error) {
	entry, err := e.get(name)
	if err != nil {
		return head{}, err
	}
	h, ok := parseHead(entry)
	if !ok {
		return head{}, keychain.ErrNotFound
	}
	return h, nil
}

func removePieces(e entries, h head, name string) error {
	for i := range h.pieces {
		piece := h.pieceName(name, i)
		if _, err := e.get(piece); errors.Is(err, keychain.ErrNotFound) {
			continue // overwriting would make it anew
		}
		if err := remove(e, piece, ""); err != nil && !errors.Is(err, keychain.ErrNotFound) {
			return err
		}
	}
	return nil
}

// removeUnnamed removes the pieces behind those of h in its set: a Set that was killed
// has left them, and no head names them.
func removeUnnamed(e entries, h head, name string) error {
	for i := h.pieces; ; i++ {
		piece := h.pieceName(name, i)
		if _, err := e.get(piece); errors.Is(err, keychain.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
		if err := remove(e, piece, ""); err != nil && !errors.Is(err, keychain.ErrNotFound) {
			return err
		}
	}
}

// withEntries serialises a call with access to the keychain.
func (s *System) withEntries(ctx context.Context, call func(entries) error) error {
	return s.serialize(ctx, func() error {
		e, err := s.backend.open(s.config.Service)
		if err != nil {
			return err
		}
		defer e.close()
		return call(e)
	})
}

// serialize makes one call at a time, each with the timeout. A call that hangs,
// on a prompt of the system, blocks those behind it until it is answered: they
// time out, too.
func (s *System) serialize(ctx context.Context, call func() error) error {
	if err := reachable(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	select {
	case s.slot <- struct{}{}:
	case <-ctx.Done():
		return s.timeoutError(ctx)
	}
	done := make(chan error, 1)
	go func() {
		err := call()
		<-s.slot
		done <- err
	}()
	select {
	case err := <-done:
		return classify(err)
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.Canceled) { // what was begun is finished before another program goes on
		select {
		case err := <-done:
			return classify(err)
		case <-time.After(finishTime):
		}
	}
	return s.timeoutError(ctx)
}

// finishTime is how long a call may go on after its caller has given up, as when the
// program ends.
const finishTime = 5 * time.Second

func (s *System) timeoutError(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return keychain.WithDetail(keychain.ErrTimeout, fmt.Sprintf("no answer within %s", s.config.Timeout))
	}
	return ctx.Err()
}

// classify maps an error of the system to a sentinel error.
func classify(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, keychain.ErrNotFound):
		return keychain.ErrNotFound
	}
	return keychain.WithDetail(sentinelFor(err), err.Error())
}
