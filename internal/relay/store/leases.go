package store

// LeaseOwner is one run of one relay. Instance is the same after a restart, Run is
// not: a lease of the same instance and another run has no owner any more.
type LeaseOwner struct{ Instance, Run string }

// Lease names a lease of a credential that this run has.
func (l LeaseOwner) Lease(name string) string { return l.Instance + " " + l.Run + " " + name }

// due selects rows without a lease, or with one that ended or has no owner. It takes the
// time, the owner's Instance and its Run as $1 to $3.
const due = `(lease_until_ms <= $1 OR (lease_instance = $2 AND lease_instance <> '' AND lease_run <> $3))`
