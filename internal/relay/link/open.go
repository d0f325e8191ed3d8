package link

// The places of the hub that OpenURL leads to: its own links, without their scheme.
const (
	OpenRequest  = "request/" // followed by its id
	OpenFacebook = "facebook" // the agency's own users there
	OpenAccounts = "accounts"
	OpenHome     = "home"
)
