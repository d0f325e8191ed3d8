package onboarding

// Ownership is whose a request, an item or a Connection is. With the agency, the
// member and the device it decides who gets a credential.
type Ownership struct {
	Member string // who sent the request, or connected the account
	Agency bool   // it is the agency's own: no client shared it by a request
}

// Ownership is whose the request is.
func (r Request) Ownership() Ownership { return Ownership{Member: r.Owner} }

// Ownership is whose the item is, and its credential.
func (i Item) Ownership() Ownership { return Ownership{Member: i.Owner, Agency: i.Request == ""} }

// Ownership is whose the Connection is, and its token.
func (c Connection) Ownership() Ownership { return Ownership{Member: c.Member, Agency: true} }

// HasCredential reports whether there is a credential of the item to give out.
func (i Item) HasCredential() bool { return i.Version > 0 && i.State != ItemEnded }

// HasCredential reports whether there is a token of the Connection to give out.
func (c Connection) HasCredential() bool { return c.Ended == 0 }

// MaySee reports whether a member may see what is so owned: their own, everything
// if the agency shares its requests, and as a main user what is the agency's own.
// Main users do not see sub-users' requests, nor the reverse.
func (a Agency) MaySee(m Member, of Ownership) bool {
	switch {
	case m.Removed != 0:
		return false
	case a.ShareRequests, m.ID == of.Member:
		return true
	}
	return of.Agency && m.Role == MainUser
}

// MayHold reports whether a member's device may have a credential that is so owned.
func (a Agency) MayHold(m Member, d Device, of Ownership) bool {
	return d.Member == m.ID && d.Revoked == 0 && a.MaySee(m, of)
}

// MayManage reports whether a member may change what belongs to another one, or to
// the agency itself and was connected by them: devices, codes, own accounts. To see
// it is not enough.
func (m Member) MayManage(owner string) bool {
	return m.Removed == 0 && (m.ID == owner || m.Role == MainUser)
}
