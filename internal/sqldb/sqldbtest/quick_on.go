//go:build quick

package sqldbtest

// quick leaves PostgreSQL out where no cluster is named.
const quick = true
