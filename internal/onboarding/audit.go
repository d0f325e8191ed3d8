package onboarding

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"slices"
	"strings"
)

// AuditEntry is one event of a request as an entry of its hash chain. Each entry has the
// hash of the one before in its own, so that nothing can be changed, left out or moved
// without another hash at the end. A text is in the chain by a salted hash: it can be
// forgotten, with its salt, and the chain stays whole.
type AuditEntry struct {
	Number     int64     `json:"number"` // from 1, without a gap
	ID         string    `json:"id"`
	At         Timestamp `json:"at"`
	Kind       EventKind `json:"kind"`
	Service    Service   `json:"service,omitempty"`
	Who        string    `json:"who,omitempty"`
	WhoSalt    []byte    `json:"who_salt,omitempty"` // empty: the text was forgotten, or the entry was dropped
	WhoHash    []byte    `json:"who_hash"`
	Detail     string    `json:"detail,omitempty"`
	DetailSalt []byte    `json:"detail_salt,omitempty"`
	DetailHash []byte    `json:"detail_hash"`
	Dropped    bool      `json:"dropped,omitempty"` // only its hashes are kept: the request has too many events
	Hash       []byte    `json:"hash"`
}

// AuditHead is the last entry of a chain: how many entries there are, and its hash.
type AuditHead struct {
	Length int64  `json:"length"`
	Hash   []byte `json:"hash,omitempty"`
}

// HashAuditText hashes a text of an entry. The field is in the hash: texts cannot change
// places.
func HashAuditText(salt []byte, field, text string) []byte {
	mac := hmac.New(sha256.New, salt)
	writeParts(mac, []byte(field), []byte(text))
	return mac.Sum(nil)
}

// ChainHash is the hash of the entry behind the one with the hash previous; nil: it is
// the first one of the request.
func (e AuditEntry) ChainHash(request string, previous []byte) []byte {
	hash := sha256.New()
	writeParts(hash, []byte("latchkey-audit-1"), []byte(request), number64(e.Number), []byte(e.ID), number64(int64(e.At)),
		[]byte(e.Kind), []byte(e.Service), e.WhoHash, e.DetailHash, previous)
	return hash.Sum(nil)
}

func number64(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }

// writeParts writes each part behind its length, so that none can move into another.
func writeParts(to interface{ Write(p []byte) (int, error) }, parts ...[]byte) {
	for _, part := range parts {
		_, _ = to.Write(number64(int64(len(part)))) // a hash never fails
		_, _ = to.Write(part)
	}
}

// auditCodeBytes of a hash are in its code: nobody finds a second chain with the same.
const auditCodeBytes = 15

// IsAuditCode reports whether a text can be a hash's code.
func IsAuditCode(code string) bool {
	return len(code) == len(AuditCode(make([]byte, auditCodeBytes))) &&
		strings.Trim(code, "0123456789ABCDEFGHJKMNPQRSTVWXYZ-") == ""
}

// AuditCode writes a hash for people who compare it: "7QKM-4M2X-…".
func AuditCode(hash []byte) string {
	if len(hash) < auditCodeBytes {
		return ""
	}
	text := base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).
		EncodeToString(hash[:auditCodeBytes])
	groups := slices.Collect(slices.Chunk([]byte(text), 4))
	words := make([]string, len(groups))
	for n, group := range groups {
		words[n] = string(group)
	}
	return strings.Join(words, "-")
}

// AuditFindingKind is what is wrong with a chain.
type AuditFindingKind string

// The kinds of findings.
const (
	AuditRemoved   AuditFindingKind = "removed"   // entries are missing
	AuditChanged   AuditFindingKind = "changed"   // an entry is not as it was recorded, or the one before it
	AuditUnsigned  AuditFindingKind = "unsigned"  // the chain's end was not written by the relay
	AuditRewritten AuditFindingKind = "rewritten" // it is another chain than a hub has seen before
	// AuditResubmitted is no fault: a restored relay had lost the request, and a hub gave it back.
	AuditResubmitted AuditFindingKind = "resubmitted"
	// AuditAccepted is no fault: a restored relay had lost entries, and a main user accepted it.
	AuditAccepted AuditFindingKind = "accepted"
)

// AuditFinding is one thing that is wrong, with the entries that it is about.
type AuditFinding struct {
	Kind AuditFindingKind `json:"kind"`
	From int64            `json:"from"`
	To   int64            `json:"to"`
}

// AuditChain is a request's chain as somebody reads it.
type AuditChain struct {
	Request string       `json:"request"`
	Entries []AuditEntry `json:"entries"` // by their numbers
	Head    AuditHead    `json:"head"`
	Signed  bool         `json:"signed"` // the relay's key says that the head is its own
}

// VisitorEvents are the events that visitors can cause again and again: their texts are
// deleted before the agency's own. Verify goes by this list, so a kind that is in it stays.
func VisitorEvents() []EventKind {
	return []EventKind{
		EventSkipped, EventStarted, EventItemFailed, EventFinishedEmpty, EventReported, EventErrorPage, EventLinkAsked,
		EventLinkSentAgain, EventDeclined, EventSent, EventFinishedPart, EventAccessWithdrawn,
		EventItemConnected,
		EventItemNamed, EventItemUnnamed, EventItemFound,
	}
}

// DropRank orders the kinds of events by whose texts are deleted first: 0 before 1 before 2.
func (k EventKind) DropRank() int {
	switch {
	case slices.Contains(RoutineEvents(), k):
		return 0
	case slices.Contains(VisitorEvents(), k):
		return 1
	}
	return 2
}

// SeenHead is a head that a hub has seen of a request's history.
type SeenHead struct {
	AuditHead
	Seen Timestamp // by the hub's own clock; zero: now
}

// Verify returns what was removed or changed; nothing: the chain is whole. seen are
// earlier heads, which have to be in it.
func (c AuditChain) Verify(seen ...SeenHead) []AuditFinding {
	findings := c.verifyEntries()
	var last AuditEntry
	if len(c.Entries) > 0 {
		last = c.Entries[len(c.Entries)-1]
	}
	switch {
	case last.Number < c.Head.Length:
		findings = append(findings, AuditFinding{Kind: AuditRemoved, From: last.Number + 1, To: c.Head.Length})
	case last.Number > c.Head.Length, !slices.Equal(last.Hash, c.Head.Hash):
		findings = append(findings, AuditFinding{Kind: AuditChanged, From: last.Number, To: last.Number})
	}
	if !c.Signed {
		findings = append(findings, AuditFinding{Kind: AuditUnsigned, From: c.Head.Length, To: c.Head.Length})
	}
	var given *AuditFinding
	for _, head := range seen {
		if found := c.verifySeen(head, seen); found != nil {
			if found.IsFault() {
				return append(findings, *found)
			}
			given = found
		}
	}
	if given != nil {
		findings = append(findings, *given)
	}
	return findings
}

func (c AuditChain) verifyEntries() (findings []AuditFinding) {
	var previous []byte
	next, forgotten, dropped := int64(1), c.lastForgotten(), c.droppedEntries()
	for n, e := range c.Entries {
		gap := e.Number > next // behind it there is no hash to go on from
		if gap {
			findings = append(findings, AuditFinding{Kind: AuditRemoved, From: next, To: e.Number - 1})
		}
		switch {
		case e.Number < next,
			!gap && !slices.Equal(e.ChainHash(c.Request, previous), e.Hash),
			dropped != nil && dropped[n] != e.Dropped,
			!c.verifyTexts(e, forgotten):
			findings = append(findings, AuditFinding{Kind: AuditChanged, From: e.Number, To: e.Number})
		}
		previous, next = e.Hash, e.Number+1
	}
	return findings
}

// droppedEntries says by its place whether the relay has deleted the texts of an entry:
// above MaxEvents the oldest routine one, else the oldest one that visitors caused, else the
// oldest. Nil: entries are missing, so nobody can say it.
func (c AuditChain) droppedEntries() []bool {
	var kept [3][]int // the places of those that have their texts, by DropRank, oldest first
	dropped := make([]bool, len(c.Entries))
	for n, e := range c.Entries {
		if e.Number != int64(n+1) {
			return nil
		}
		rank := e.Kind.DropRank()
		kept[rank] = append(kept[rank], n)
		if len(kept[0])+len(kept[1])+len(kept[2]) <= MaxEvents {
			continue
		}
		for rank, places := range kept {
			if len(places) > 0 {
				dropped[places[0]], kept[rank] = true, places[1:]
				break
			}
		}
	}
	return dropped
}

// lastForgotten is the number of the last entry that says that people were forgotten.
func (c AuditChain) lastForgotten() int64 {
	var last int64
	for _, e := range c.Entries {
		if e.Kind == EventPeopleForgotten {
			last = e.Number
		}
	}
	return last
}

// verifyTexts reports whether the texts of an entry are those that were recorded, or were
// forgotten as an entry after it says.
func (c AuditChain) verifyTexts(e AuditEntry, forgotten int64) bool {
	if e.Dropped {
		return c.Head.Length > MaxEvents && e.Who == "" && e.Detail == ""
	}
	isRecorded := func(salt, hash []byte, field, text string) bool {
		if len(salt) == 0 {
			return e.Number < forgotten && (text == "" || text == string(PageSaidOther))
		}
		return hmac.Equal(HashAuditText(salt, field, text), hash)
	}
	return isRecorded(e.WhoSalt, e.WhoHash, "who", e.Who) &&
		isRecorded(e.DetailSalt, e.DetailHash, "detail", e.Detail)
}

// verifySeen returns a finding unless the chain goes on from an earlier head.
func (c AuditChain) verifySeen(head SeenHead, seen []SeenHead) *AuditFinding {
	if head.Length == 0 || c.has(head.AuditHead) {
		return nil
	}
	for _, e := range c.Entries {
		kind, may := map[EventKind]AuditFindingKind{
			EventResubmitted: AuditResubmitted, EventHistoryAccepted: AuditAccepted,
		}[e.Kind]
		if may && e.excuses(head, seen) {
			return &AuditFinding{Kind: kind, From: e.Number, To: e.Number}
		}
	}
	return &AuditFinding{Kind: AuditRewritten, From: head.Length, To: head.Length}
}

func (c AuditChain) has(head AuditHead) bool {
	return slices.ContainsFunc(c.Entries, func(e AuditEntry) bool {
		return e.Number == head.Length && slices.Equal(e.Hash, head.Hash)
	})
}

// excuses reports whether this entry says why a chain lacks a head that a hub has seen: a
// relay restored from Monday lacks what the hub saw on Tuesday. The hub gives the request
// back with the code of Tuesday's head; neither that head nor an earlier one that it saw
// has to be in the chain. What it saw afterwards does.
func (e AuditEntry) excuses(head SeenHead, seen []SeenHead) bool {
	return e.Detail != "" && slices.ContainsFunc(seen, func(given SeenHead) bool {
		before := given.Seen == 0 || head.Seen != 0 && head.Seen <= given.Seen
		return AuditCode(given.Hash) == e.Detail && head.Length <= given.Length && before
	})
}

// IsFault reports whether a finding means that a history was tampered with, or lost.
func (f AuditFinding) IsFault() bool { return f.Kind != AuditResubmitted && f.Kind != AuditAccepted }

// Lost returns the last head, of those that a hub has seen, that the chain neither has nor
// says why it lacks; none: there is no such head, or the chain has other faults, which
// nobody can accept.
func (c AuditChain) Lost(seen ...SeenHead) (lost SeenHead, found bool) {
	if slices.ContainsFunc(c.Verify(), AuditFinding.IsFault) {
		return SeenHead{}, false
	}
	for _, head := range seen {
		missing := c.verifySeen(head, seen)
		if missing != nil && missing.IsFault() && (!found || head.Length >= lost.Length) {
			lost, found = head, true
		}
	}
	return lost, found
}
