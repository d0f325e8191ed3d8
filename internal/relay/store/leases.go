package store

// LeaseOwner is one run of one relay. Instance is the same after a restart, ID never
// is: a lease of the same instance and another life is nobody's.
type LeaseOwner struct{ Instance, Run string }

// Lease names a lease of a credential that this life holds.
func (l LeaseOwner) Lease(name string) string { return l.Instance + " " + l.Run + " " + name }

// due selects what is due and leased by nobody who lives.
const due = `(lease_until_ms <= $1 OR (lease_instance = $2 AND lease_instance <> '' AND lease_run <> $3))`
