package sqldbtest

import (
	"errors"
	"sync"
	"testing"
)

// shared are the databases that wait for a next test.
var shared pool

type pool struct {
	mu    sync.Mutex
	ready []string // their addresses
}

// borrow returns a database, new or emptied. At the test's end, after everything that the
// test opened has closed, it is emptied for the next; one of a failed test is dropped.
func (p *pool) borrow(t testing.TB) (address string) {
	t.Helper()
	p.mu.Lock()
	if last := len(p.ready) - 1; last >= 0 {
		address, p.ready = p.ready[last], p.ready[:last]
	}
	p.mu.Unlock()
	if address == "" {
		address = createDatabase(t)
	}
	t.Cleanup(func() {
		if t.Failed() {
			must(t, dropDatabase(address))
			return
		}
		must(t, run(address, emptyAll))
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ready = append(p.ready, address)
	})
	return address
}

// drop removes what waits.
func (p *pool) drop() error {
	var failed []error
	for _, address := range p.ready {
		failed = append(failed, dropDatabase(address))
	}
	p.ready = nil
	return errors.Join(failed...)
}

// emptyAll empties each table but that of the migrations. Small tables are emptied row by
// row: TRUNCATE makes new files for a table and each of its indexes.
const emptyAll = `
DO $$
DECLARE
	each_table regclass;
BEGIN
	SET LOCAL session_replication_role = replica; -- in any order
	FOR each_table IN
		SELECT oid FROM pg_class
		WHERE  relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'goose_db_version'
		AND    pg_relation_size(oid) > 0
	LOOP
		IF pg_relation_size(each_table) < 1000000 THEN
			EXECUTE format('DELETE FROM %s', each_table);
		ELSE
			EXECUTE format('TRUNCATE %s CASCADE', each_table);
		END IF;
	END LOOP;
END
$$`
