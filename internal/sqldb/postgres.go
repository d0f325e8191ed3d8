package sqldb

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sync/semaphore"
)

// poolSize fits several relays and an operator on a server with the usual 100
// connections.
const poolSize = 16

func openPostgreSQL(ctx context.Context, source string) (*DB, error) {
	config, err := pgx.ParseConfig(source)
	if err != nil {
		return nil, fmt.Errorf("reading the database's address: %w", err) // pgx omits the password
	}
	pool := stdlib.OpenDB(*config)
	pool.SetMaxOpenConns(poolSize)
	pool.SetMaxIdleConns(poolSize)
	pool.SetConnMaxIdleTime(5 * time.Minute)

	db := &DB{engine: PostgreSQL, pool: pool, reader: pool, slots: semaphore.NewWeighted(poolSize)}
	if err := pool.PingContext(ctx); err != nil {
		_ = pool.Close() // the first error is the one to report
		return nil, fmt.Errorf("reaching the database: %w", err)
	}
	return db, nil
}
