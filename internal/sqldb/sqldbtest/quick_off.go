//go:build !quick

package sqldbtest

// quick skips PostgreSQL unless Variable is set.
const quick = false
