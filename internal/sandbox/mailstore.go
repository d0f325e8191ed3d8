package sandbox

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"
)

// mailStore keeps emails, newest first, and throws away the oldest when there
// are too many or they weigh too much. Its methods may be called together.
type mailStore struct {
	limit int    // emails
	path  string // the file they are kept in; empty: memory only

	mu      sync.Mutex
	emails  []storedMessage // in the order of arrival
	weight  int             // bytes of all sources
	next    int             // the number the next email gets
	file    *os.File
	changed chan struct{} // closed and replaced at every change
}

// storedMessage is one line of the store: what was said in the SMTP session, and
// what came of it. What is shown is read from it once, at arrival.
type storedMessage struct {
	Number     int       `json:"number"`
	ReceivedAt time.Time `json:"received_at"`
	Sender     string    `json:"sender"`
	To         []string  `json:"to"`
	Source     []byte    `json:"source,omitempty"`
	// Code, Status and Words are the server's answer to a refused email.
	Code   int    `json:"code,omitempty"`
	Status string `json:"status,omitempty"`
	Words  string `json:"words,omitempty"`

	message  Message
	pictures map[string]picture
}

const (
	maxEmails = 5000
	mostBytes = 256 << 20
)

func (l storedMessage) refused() bool { return l.Code != 0 }

func (l storedMessage) answer() string { return fmt.Sprintf("%d %s %s", l.Code, l.Status, l.Words) }

func (l storedMessage) id() string { return strconv.Itoa(l.Number) }

// understand reads the source into what is shown.
func (l *storedMessage) understand() {
	l.message, l.pictures = readMessage(l.Source)
	l.message.ID = l.id()
	l.message.To = l.To
	if l.message.From == "" {
		l.message.From = l.Sender
	}
	if l.message.Date.IsZero() {
		l.message.Date = l.ReceivedAt.UTC()
	}
}

// openMailStore reads what an earlier life left in dir; an empty dir keeps
// emails in memory alone. A last line that was cut off by a crash is dropped.
func openMailStore(dir string, limit int) (*mailStore, error) {
	s := &mailStore{limit: limit, next: 1, changed: make(chan struct{})}
	if s.limit <= 0 {
		s.limit = maxEmails
	}
	if dir == "" {
		return s, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the mailbox's folder: %w", err)
	}
	s.path = filepath.Join(dir, "mailbox.jsonl")
	if err := s.read(); err != nil {
		return nil, err
	}
	// Written anew at every start, so the file never holds more than the store.
	if err := s.rewrite(); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *mailStore) read() error {
	file, err := os.Open(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("opening the mailbox's file: %w", err)
	}
	defer func() { _ = file.Close() }() // it is only read
	lines := json.NewDecoder(bufio.NewReader(file))
	for {
		var l storedMessage
		if err := lines.Decode(&l); err != nil {
			return nil // the end, or a line that a crash cut off: nothing stands behind it
		}
		l.understand()
		s.place(l)
		s.next = max(s.next, l.Number+1)
	}
}

func (s *mailStore) rewrite() error {
	if s.path == "" {
		return nil
	}
	if s.file != nil {
		_ = s.file.Close() // replaced by the next line, and nothing in it is buffered
		s.file = nil
	}
	fresh := s.path + ".new"
	file, err := os.OpenFile(fresh, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("writing the mailbox's file: %w", err)
	}
	lines := json.NewEncoder(file)
	for _, l := range s.emails {
		if err := lines.Encode(l); err != nil {
			return errors.Join(fmt.Errorf("writing the mailbox's file: %w", err), file.Close())
		}
	}
	if err := file.Close(); err != nil { // Windows renames no open file
		return fmt.Errorf("writing the mailbox's file: %w", err)
	}
	if err := os.Rename(fresh, s.path); err != nil {
		return fmt.Errorf("replacing the mailbox's file: %w", err)
	}
	if s.file, err = os.OpenFile(s.path, os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return fmt.Errorf("opening the mailbox's file: %w", err)
	}
	return nil
}

// add gives the email its number and keeps it. When it cannot be written it
// is not kept in memory either: the sender is told, and tries again.
func (s *mailStore) add(l storedMessage) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.Number = s.next
	if s.file != nil {
		if err := json.NewEncoder(s.file).Encode(l); err != nil {
			return fmt.Errorf("keeping an email: %w", err)
		}
	}
	s.next++
	l.understand()
	s.place(l)
	s.announce()
	return nil
}

func (s *mailStore) place(l storedMessage) {
	s.emails = append(s.emails, l)
	s.weight += len(l.Source)
	for len(s.emails) > s.limit || (s.weight > mostBytes && len(s.emails) > 1) {
		s.weight -= len(s.emails[0].Source)
		s.emails = slices.Delete(s.emails, 0, 1)
	}
}

// announce wakes whoever waits on news. The caller holds the lock.
func (s *mailStore) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// news is closed at the next change.
func (s *mailStore) news() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// all answers the newest first: by the email's own date, and where that is
// the same second, by arrival.
func (s *mailStore) all() []storedMessage {
	s.mu.Lock()
	emails := slices.Clone(s.emails)
	s.mu.Unlock()
	slices.Reverse(emails)
	slices.SortStableFunc(emails, func(a, b storedMessage) int {
		return b.shownDate().Truncate(time.Second).Compare(a.shownDate().Truncate(time.Second))
	})
	return emails
}

func (l storedMessage) shownDate() time.Time {
	if l.refused() {
		return l.ReceivedAt
	}
	return l.message.Date
}

func (s *mailStore) find(id string) (storedMessage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.emails {
		if l.id() == id {
			return l, true
		}
	}
	return storedMessage{}, false
}

// empty throws every email away. Their numbers are not given again while
// the program runs, so an old address never shows another email.
func (s *mailStore) empty() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emails, s.weight = nil, 0
	s.announce()
	return s.rewrite()
}

func (s *mailStore) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	file := s.file
	s.file = nil
	if err := file.Close(); err != nil {
		return fmt.Errorf("closing the mailbox's file: %w", err)
	}
	return nil
}
