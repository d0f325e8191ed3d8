package replica

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/latchkeyhq/latchkey/internal/collation"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// key is the last row of a page. The next page starts after it, whatever was
// inserted before it meanwhile.
type key struct {
	Value any    `json:"v,omitempty"` // a number or text
	Bytes []byte `json:"b,omitempty"` // a sort key, instead of Value
	Seq   int64  `json:"s"`
}

// keyOf is the key of a row by what its columns hold.
func keyOf(value any, seq int64) key {
	if sortKey, ok := value.([]byte); ok {
		return key{Bytes: sortKey, Seq: seq}
	}
	return key{Value: value, Seq: seq}
}

// arg is what the column that orders the listing is compared with.
func (k key) arg() any {
	if k.Bytes != nil {
		return k.Bytes
	}
	return k.Value
}

func (k key) text() (string, error) {
	text, err := json.Marshal(k)
	if err != nil {
		return "", fmt.Errorf("writing where a page ends: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(text), nil
}

func readKey(after string) (key, error) {
	var k key
	text, err := base64.RawURLEncoding.DecodeString(after)
	if err != nil {
		return k, fmt.Errorf("reading where a page ends: %w", onboarding.ErrInvalid)
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&k); err != nil {
		return k, fmt.Errorf("reading where a page ends: %w", onboarding.ErrInvalid)
	}
	if n, ok := k.Value.(json.Number); ok {
		if k.Value, err = n.Int64(); err != nil {
			return k, fmt.Errorf("reading where a page ends: %w", onboarding.ErrInvalid)
		}
	}
	return k, nil
}

// query collects a statement's conditions and arguments.
type query struct {
	conditions []string
	args       []any
	match      string // the FTS5 expression; empty: none
	narrow     bool   // an index selects few rows
	index      string // that index, where SQLite would choose another
}

func (q *query) where(condition string, args ...any) {
	q.conditions = append(q.conditions, condition)
	q.args = append(q.args, args...)
}

func (q *query) text() string {
	if len(q.conditions) == 0 {
		return "1"
	}
	return strings.Join(q.conditions, " AND ")
}

// maxSearchWords is how many different words are searched for: SQLite nests each one in
// those before, and a whole email may be pasted into the field.
const maxSearchWords = 50

// searchWords are the different words of what was typed, folded.
func searchWords(typed string) []string {
	var words []string
	for _, word := range strings.Fields(collation.Fold(typed)) {
		if len(words) == maxSearchWords {
			break
		}
		if !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return words
}

// search selects rows in which every word occurs. The trigram index finds words
// of at least three characters; shorter ones need a scan, and those with a NUL, which
// ends a query of the index.
func (q *query) search(typed, table string) {
	var long []string
	for _, word := range searchWords(typed) {
		if utf8.RuneCountInString(word) >= 3 && !strings.Contains(word, "\x00") {
			long = append(long, `"`+strings.ReplaceAll(word, `"`, `""`)+`"`)
			continue
		}
		q.where(`instr(`+table+`.search_text, ?) > 0`, word)
	}
	if len(long) > 0 {
		q.match = strings.Join(long, " AND ")
	}
}

// listing is a table in the order of one of its columns.
type listing struct {
	table     string
	fts       string // its full-text index
	column    string // empty: seq, which grows with the date
	ascending bool
}

// span selects the rows of a page.
type span struct {
	after string // next of the page before
	skip  int    // offset in rows
	limit int    // zero: pageSize
}

// scan is the statement that reads a listing.
type scan struct {
	listing
	query
	source string // the FROM clause
	seq    string // the column of the row number
}

// manyFound is the number of matches from which sorting them is slower than
// filtering along the order's index.
const manyFound = 2000

// scan returns the statement for the conditions, such that few more rows are
// read than shown:
//
//   - A search by date reads the full-text index, whose rows are ordered by
//     number, which grows with the date.
//   - A search in another order sorts its matches or, if there are many,
//     reads along the order's index and tests each row for a match.
//   - Everything by date reads the rows themselves.
func (l listing) scan(ctx context.Context, q sqldb.Queryer, conditions query) (scan, error) {
	part := scan{listing: l, query: conditions, source: l.table, seq: l.table + ".seq"}
	if part.match == "" {
		switch {
		case part.index != "":
			part.source += ` INDEXED BY ` + part.index
		case l.column == "" && !part.narrow:
			part.source += ` NOT INDEXED`
		}
		return part, nil
	}
	if l.column != "" {
		var found int
		err := q.QueryRowContext(ctx, `
			SELECT COUNT(*) FROM (SELECT 1 FROM `+l.fts+` WHERE `+l.fts+` MATCH ? LIMIT ?)`, part.match, manyFound).Scan(&found)
		if err != nil {
			return part, fmt.Errorf("searching %s: %w", l.table, err)
		}
		if found == manyFound {
			part.where(l.table+`.seq IN (SELECT rowid FROM `+l.fts+` WHERE `+l.fts+` MATCH ?)`, part.match)
			part.source += ` INDEXED BY ` + l.table + `_` + strings.TrimSuffix(strings.TrimSuffix(l.column, "_ms"), "_key")
			return part, nil
		}
	}
	part.where(l.fts+` MATCH ?`, part.match)
	part.source = l.fts + ` CROSS JOIN ` + l.table + ` ON ` + l.table + `.seq = ` + l.fts + `.rowid`
	part.seq = l.fts + `.rowid`
	return part, nil
}

// value is the expression of the column that orders the listing.
func (s scan) value() string {
	if s.column == "" {
		return "0"
	}
	return s.table + "." + s.column
}

func (s scan) order() string {
	direction := " DESC"
	if s.ascending {
		direction = " ASC"
	}
	if s.column == "" {
		return s.seq + direction
	}
	return s.value() + direction + ", " + s.seq + direction
}

// indexSource is the FROM clause of a statement that reads no row itself: it may
// use a covering index.
func (s scan) indexSource() string { return strings.TrimSuffix(s.source, " NOT INDEXED") }

// keyAt finds the key of a row by its offset, along a covering index. It is
// sql.ErrNoRows if the list is shorter.
func (s scan) keyAt(ctx context.Context, q sqldb.Queryer, offset int) (key, error) {
	var seq int64
	var value any
	err := q.QueryRowContext(ctx, `
		SELECT `+s.seq+`, `+s.value()+` FROM `+s.indexSource()+` WHERE `+s.text()+` ORDER BY `+s.order()+
		` LIMIT 1 OFFSET ?`, append(slices.Clone(s.args), offset)...).Scan(&seq, &value)
	if err != nil {
		return key{}, fmt.Errorf("finding a page of %s: %w", s.table, err)
	}
	return keyOf(value, seq), nil
}

// startAfter leaves out the rows up to k.
func (s *scan) startAfter(k key) {
	than := " < "
	if s.ascending {
		than = " > "
	}
	if s.column == "" {
		s.where(s.seq+than+`?`, k.Seq)
	} else {
		s.where(`(`+s.value()+`, `+s.seq+`)`+than+`(?, ?)`, k.arg(), k.Seq)
	}
}

// page returns the ids of a page and where the next one starts; empty: at the
// end of the list.
func (l listing) page(
	ctx context.Context, q sqldb.Queryer, conditions query, rows span,
) (ids []string, next string, err error) {
	s, err := l.scan(ctx, q, conditions)
	if err != nil {
		return nil, "", err
	}
	switch {
	case rows.after != "":
		k, err := readKey(rows.after)
		if err != nil {
			return nil, "", err
		}
		s.startAfter(k)
	case rows.skip > 0:
		k, err := s.keyAt(ctx, q, rows.skip-1)
		if errors.Is(err, sql.ErrNoRows) {
			return nil, "", nil // the list has become shorter
		}
		if err != nil {
			return nil, "", err
		}
		s.startAfter(k)
	}
	limit := rows.limit
	if limit <= 0 {
		limit = pageSize
	}
	return s.read(ctx, q, min(limit, MaxPageSize))
}

// count counts the rows of all pages.
func (l listing) count(ctx context.Context, q sqldb.Queryer, conditions query) (int, error) {
	s, err := l.scan(ctx, q, conditions)
	if err != nil {
		return 0, err
	}
	var n int
	err = q.QueryRowContext(ctx, `SELECT COUNT(*) FROM `+s.indexSource()+` WHERE `+s.text(), s.args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("counting %s: %w", l.table, err)
	}
	return n, nil
}

// read reads one row more than the limit, to detect whether there is a next
// page.
func (s scan) read(ctx context.Context, q sqldb.Queryer, limit int) (ids []string, next string, err error) {
	rows, err := q.QueryContext(ctx, `
		SELECT `+s.table+`.id, `+s.seq+`, `+s.value()+` FROM `+s.source+` WHERE `+s.text()+
		` ORDER BY `+s.order()+` LIMIT ?`, append(s.args, limit+1)...)
	if err != nil {
		return nil, "", fmt.Errorf("reading a page of %s: %w", s.table, err)
	}
	defer func() { _ = rows.Close() }() // its error is rows.Err
	var last key
	for rows.Next() {
		if len(ids) == limit {
			if next, err = last.text(); err != nil {
				return nil, "", err
			}
			break
		}
		var id string
		var seq int64
		var value any
		if err := rows.Scan(&id, &seq, &value); err != nil {
			return nil, "", fmt.Errorf("reading a page of %s: %w", s.table, err)
		}
		last = keyOf(value, seq)
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("reading a page of %s: %w", s.table, err)
	}
	return ids, next, nil
}
