package catalog

// Fix is what the hub offers beside a failure: the one thing that helps.
type Fix string

// What can be offered.
const (
	FixCheck   Fix = "check"   // check again now
	FixRequest Fix = "request" // ask the same client for the service once more
	FixRepair  Fix = "repair"  // send the client a link to repair this account
	FixNote    Fix = "note"    // copy a note for who can help
	FixUsers   Fix = "users"   // the agency's own connected users
	FixConnect Fix = "connect" // connect the agency's own account anew
	FixOpen    Fix = "open"    // the platform's own page
)

// AgencyFailure is a failure of an item as the agency reads it in the hub: what
// failed, who can fix it, what to do next, and what the hub offers for it.
type AgencyFailure struct {
	Title    string
	Message  string // what happened; it may repeat the title at more length
	FixedBy  string
	ByClient bool // the client can fix it
	NextStep string
	Fix      Fix
	Note     string // to copy, where Fix is FixNote
	NoteFor  string // whom it is for, where that is known
	Open     Link   // where Fix is FixOpen
}
