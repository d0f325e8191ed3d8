package catalog

import (
	"slices"
	"strings"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Scope is what a failure is about. It decides where the hub shows it.
type Scope string

// The scopes.
const (
	ScopeItem     Scope = "item"     // this account, by the platform's own word
	ScopeSignIn   Scope = "sign_in"  // the agency's own user at the platform
	ScopeApp      Scope = "app"      // the relay's app at the platform
	ScopePlatform Scope = "platform" // the platform as a whole, or an unknown response
)

// ScopeOf returns what a failure of a check is about; code is the platform's
// own. Only ScopeItem is a definite word about the item: with any other scope
// nothing is known about it.
func ScopeOf(c *Catalog, failure FailureCode, service onboarding.Service, code string) Scope {
	info, ownUser := c.platforms[service].info, service == onboarding.Facebook
	switch failure {
	case ShareRemoved, LevelLowered, AccountRestricted, InTrash, AddressUnknown, CredentialRefused,
		KeyRefused, KeySeesNothing, AccountUnpaid, RoleTooLow, UserInactive, SessionLimited, ProductNotInPlan, MayNotConnect,
		NoAPIAccess, AdminMustInstall, AdminMustApprove:
		return ScopeItem
	case SignInEnded, SignInExpired, AppRemoved, SecurityCheck, TwoFactorNeeded, TemporarilyBlocked, NotAssigned:
		return ScopeSignIn
	case PermissionUnticked:
		if ownUser {
			return ScopeSignIn
		}
		return ScopeItem
	case AgencySide:
		if ownUser && code != info.VersionEnded && !info.refusesApp(code) {
			return ScopeSignIn
		}
		return ScopeApp
	case AppNotApproved, NotConfigured:
		return ScopeApp
	}
	return ScopePlatform
}

// refusesApp reports whether a platform's code is about the relay's app.
func (i ServiceInfo) refusesApp(code string) bool {
	return slices.ContainsFunc(i.AppRefused, func(prefix string) bool { return strings.HasPrefix(code, prefix) })
}
