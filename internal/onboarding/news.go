package onboarding

// NewsKind is what members want to hear of wherever they are: by email, and by the
// agency's webhooks.
type NewsKind string

// The kinds of news.
const (
	NewsCompleted NewsKind = "completed"         // a request was completed
	NewsNothing   NewsKind = "nothing_connected" // a client finished a request with nothing
	NewsAttention NewsKind = "needs_attention"   // the access to an account stopped working
	NewsExpiring  NewsKind = "expiring"          // a request's link, or a credential, is about to expire unused
	NewsSignIn    NewsKind = "sign_in_ends"      // a sign-in of the agency's own ends soon, or has ended
)

// AllNewsKinds lists the kinds in the order in which they are shown.
func AllNewsKinds() []NewsKind {
	return []NewsKind{NewsCompleted, NewsNothing, NewsAttention, NewsExpiring, NewsSignIn}
}
