package sqldb

import (
	"context"
	"database/sql"
	"sync"
)

// maxPrepared is how many texts are kept. Queries with lists in them come in
// many lengths: what does not fit is parsed each time.
const maxPrepared = 256

// prepared keeps statements: SQLite would parse each query anew, which costs it
// more than most of them.
type prepared struct {
	db *sql.DB

	mu     sync.RWMutex
	byText map[string]*sql.Stmt
}

func newPrepared(db *sql.DB) *prepared { return &prepared{db: db, byText: map[string]*sql.Stmt{}} }

// statement gives the statement of a text; false: ask with the text itself,
// which also tells what is wrong with it.
func (p *prepared) statement(ctx context.Context, query string) (*sql.Stmt, bool) {
	if p == nil {
		return nil, false
	}
	stmt, full := p.kept(query)
	if stmt != nil || full {
		return stmt, stmt != nil
	}
	stmt, err := p.db.PrepareContext(ctx, query)
	if err != nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if other := p.byText[query]; other != nil {
		_ = stmt.Close() // somebody else was first
		return other, true
	}
	p.byText[query] = stmt
	return stmt, true
}

// kept gives the statement of a text, if there is one, and whether no other
// can be kept.
func (p *prepared) kept(query string) (stmt *sql.Stmt, full bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.byText[query], len(p.byText) >= maxPrepared
}

// learn prepares texts for those who ask next.
func (p *prepared) learn(queries []string) {
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	for _, query := range queries {
		_, _ = p.statement(ctx, query) // what cannot be prepared is told to whoever asks it
	}
}
