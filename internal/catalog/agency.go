package catalog

import "github.com/latchkeyhq/latchkey/internal/onboarding"

// Fix is what the hub offers beside a failure: the one thing that helps.
type Fix string

// What can be offered.
const (
	FixCheck   Fix = "check"   // look again now
	FixRequest Fix = "request" // ask the same client for the service once more
	FixNote    Fix = "note"    // copy a note for whoever can help
	FixUsers   Fix = "users"   // the agency's own connected users
	FixConnect Fix = "connect" // connect the agency's own account anew
	FixOpen    Fix = "open"    // the platform's own page
)

// ToAgency is a failure of an item as the agency reads it in the hub: what
// failed, who can fix it, what to do next, and what the hub offers for it.
type ToAgency struct {
	Title    string
	Sentence string // what happened; may say the same as the title at more length
	Who      string
	Next     string
	Fix      Fix
	Note     string // to copy, where Fix is FixNote
	NoteFor  string // whom it is for, where that is known
	Open     Link   // where Fix is FixOpen
}

// SayToAgency gives the hub's words for what is wrong with an item. Like Say
// it has words for a code that it does not know.
func SayToAgency(code FailureCode, f Facts) ToAgency {
	said := Say(code, f)
	f = f.filled()
	words := toAgency(code, f)
	if words.Title == "" {
		words.Title = said.Title
	}
	if words.Sentence == "" {
		words.Sentence = said.ForAgency
	}
	if words.Note != "" && code != AppNotApproved && code != AgencySide && code != NotConfigured {
		words.NoteFor = FirstName(f.By)
	}
	if words.Who == "" {
		words.Who = f.who(said.Who)
	}
	words.Who = start(words.Who)
	return words
}

// toAgency are the words, a case per row, in the rows' order.
func toAgency(code FailureCode, f Facts) ToAgency {
	admin := "An admin of " + possessive(f.client()) + " Business Manager"
	connector := "Whoever looks after " + f.platform() + " at " + f.client()
	self := "An Admin of your own Business Manager"
	page := Link{"Open Business settings", business}
	switch code {
	case NotInBusinessManager:
		return ToAgency{Title: start(f.Asset) + " is in no Business Manager", Who: f.client(),
			Next: f.askFor("add it to their Business Manager: Business settings, Accounts"), Fix: FixNote,
			Note: f.letter("add " + f.Asset + " to your Business Manager at business.facebook.com, under Business settings, Accounts")}
	case NoBusinessManager:
		return ToAgency{Title: start(f.client()) + " has no Business Manager", Who: f.client(),
			Next: f.askFor("make one at business.facebook.com; it is free"), Fix: FixNote,
			Note: f.letter("make a Business Manager at business.facebook.com and add " + f.Asset + " to it")}
	case OtherOwner:
		return ToAgency{Title: start(f.Asset) + " belongs to another business", Who: "An admin of " + or(f.Other, "the business that owns it"),
			Next: f.askFor("get it back from its owner, then share it"), Fix: FixNote,
			Note: f.letter("ask the owner of " + f.Asset + " to remove it from their Business Manager, and add it to yours")}
	case PartialAccess:
		return ToAgency{Title: "Somebody with full control has to share " + f.Asset, Who: or(List(f.People), admin),
			Next: f.askFor("pass it on to a colleague with full control"), Fix: FixRequest}
	case NotBusinessAdmin:
		return ToAgency{Title: "An admin has to share " + f.Asset, Sentence: "The client’s user has full control of " + f.Asset + ", but is no admin of its Business Manager. Facebook wants both.",
			Who: admin, Next: f.askFor("pass it on to an admin of their Business Manager"), Fix: FixRequest}
	case NewPageAdmin:
		return ToAgency{Title: "Facebook makes " + or(f.By, "a new admin") + " wait up to 7 days",
			Next: "Nothing to do: it is tried again by itself.", Fix: FixCheck}
	case ApproveInBusiness:
		return ToAgency{Title: "An admin at " + f.client() + " has to approve " + f.kind(), Who: admin,
			Next: f.askFor("choose Approve in Business Manager, under Requests"), Fix: FixNote,
			Note: f.letter("approve the sharing of " + f.Asset + " at business.facebook.com, under Business settings, Requests")}
	case ApprovedElsewhere:
		return ToAgency{Title: start(f.Asset) + " still waits for an approval", Who: admin,
			Next: f.askFor("approve it inside the Business Manager, not in their own profile"), Fix: FixNote,
			Note: f.letter("approve the sharing of " + f.Asset + " inside your Business Manager, not in your own profile: business.facebook.com, Business settings, Requests")}
	case TwoFactorNeeded:
		return ToAgency{Title: start(f.client()) + " needs two-factor sign-in at Facebook", Sentence: "The client’s business asks for two-factor sign-in, and their user has none.", Who: or(f.By, f.client()),
			Next: f.askFor("switch it on in Facebook’s settings, then connect again"), Fix: FixRequest}
	case AccountRestricted:
		return ToAgency{Who: f.client(), Next: f.askFor("solve it at Facebook’s Business Support"), Fix: FixNote,
			Note: f.letter("look at business.facebook.com/business-support-home: Facebook has restricted " + f.Asset + ", so no ads run")}
	case AdminMustInstall, AdminMustApprove:
		return ToAgency{Title: "An admin at " + f.client() + " has to let the app in", Who: "An admin of " + possessive(f.client()) + " " + f.named(),
			Next: f.askFor("have the app installed and allowed there, then connect again"), Fix: FixRequest}
	case SignInAddressOfApp, SignInAddressUnknown:
		return ToAgency{Who: or(f.By, f.client()), Next: f.askFor("enter the address where they sign in"), Fix: FixRequest}
	case NoAPIAccess:
		return ToAgency{Title: start(f.Asset) + " lets no app in", Who: "An admin of " + possessive(f.client()) + " " + f.named(),
			Next: f.askFor("have the permission API Enabled given to the user; an edition without API cannot be connected"), Fix: FixNote,
			Note: f.letter("look in Setup of your " + f.named() + " whether your edition has API access, and give the user who connected it the permission API Enabled")}
	case UserInactive:
		if f.Own {
			return ToAgency{Title: "The user who connected " + f.Asset + " is switched off", Who: "Whoever looks after " + f.platform() + " at your agency",
				Next: "Connect the account again with another user.", Fix: FixConnect}
		}
		return ToAgency{Title: "The user who connected " + f.Asset + " is switched off", Who: connector,
			Next: "Ask another person at " + f.client() + " to connect it again.", Fix: FixRequest}
	case SessionEnded:
		return ToAgency{Title: start(f.platform()) + " ended the session", Who: "Nobody has to do anything",
			Next: "Nothing to do: it is tried again by itself.", Fix: FixCheck}
	case PermissionUnticked, BoxUnticked:
		return f.connectAgain(ToAgency{
			Title:    "One permission is missing for " + f.Asset,
			Sentence: start(f.platform()) + " was not allowed all that is needed: a box on its page was left unticked.",
		}, "connect it again and leave every box ticked")
	case MayNotConnect:
		return f.connectAgain(ToAgency{
			Title:    start(f.platform()) + " does not let this user connect apps",
			Sentence: "A rule of the account, or the user’s rights there, keep the app out.",
		}, "have an admin there allow the app, or connect it as a user who may")
	case ProductNotInPlan:
		return f.connectAgain(ToAgency{
			Title:    "The plan or the user of " + f.Asset + " lacks a right that is needed",
			Sentence: start(f.platform()) + " refuses what was asked for: it is not in the plan, or the user may not do it.",
		}, "connect it again as a user with more rights, or on a plan that includes it")
	case KeySeesNothing:
		return f.connectAgain(ToAgency{
			Title:    "The key of " + f.Asset + " sees neither contacts nor lists",
			Sentence: start(f.platform()) + " takes the key, but its user’s group may see neither.",
		}, "have an admin there give the user’s group contacts and lists, or connect it with another user’s key")
	case AddressUnknown:
		return f.connectAgain(ToAgency{
			Title:    "Nothing answers at the address of " + f.Asset,
			Sentence: "The account was renamed or closed, or something else answers there.",
		}, "connect it again with the address as "+f.platform()+" shows it now")
	case NotConfigured:
		return ToAgency{
			Title: "Your relay is not set up for " + f.platform(),
			Who:   "Whoever runs your relay",
			Next:  "Send them a note. What the client chose is kept.",
			Fix:   FixNote,
			Note:  "Hello, the relay has no app for " + f.platform() + ". Can you set one up? docs/platforms.md says how.",
		}
	case AgencySide:
		if f.Service == onboarding.Facebook && f.Code == metaVersionEnded {
			return ToAgency{
				Title:    "Your relay calls a version of Facebook’s API that has ended",
				Sentence: "What was shared stays shared; it only cannot be used or checked meanwhile.",
				Who:      "Whoever runs your relay",
				Next:     "Send them a note. Nobody at the client has to do anything.",
				Fix:      FixNote,
				Note: "Hello, Facebook has ended the version of its API that the relay calls (error 2635). Can you update the " +
					"relay, or set LATCHKEY_META_API_VERSION to a newer version?",
			}
		}
		if f.Service != "" && f.Service != onboarding.Facebook {
			return ToAgency{Title: start(f.platform()) + " refuses the app of your relay", Who: "Whoever runs your relay",
				Next: "Send them a note. What the client connected is kept.", Fix: FixNote,
				Note: "Hello, " + f.platform() + " refuses the relay’s app. Can you look there whether the app is still switched on, " +
					"has the client ID and secret that the relay knows, and may use all that it needs? " +
					"A client may also let in only some network addresses, without the relay’s among them."}
		}
		return ToAgency{Title: "Your Facebook user may not do this", Who: self,
			Next: "Give your user the role Admin again in Business settings, under People. Then check. If it has that role, ask whoever runs your relay to look into its log.",
			Fix:  FixOpen, Open: page}
	case AppNotApproved:
		return ToAgency{Title: "Facebook has not approved your relay’s app for this", Who: "Whoever runs your relay",
			Next: "Send them a note. What the client chose is kept.", Fix: FixNote,
			Note: "Hello, Facebook has not approved the relay’s app for the call that shares ad accounts and Pages. Can you ask for it in App Review?"}
	case TemporarilyBlocked, PlatformDown, PlatformBusy, ListCut:
		title := start(f.platform()) + " does not answer right now"
		if code == TemporarilyBlocked || code == PlatformBusy {
			title = start(f.platform()) + " asks to wait"
		}
		return ToAgency{Title: title, Sentence: title + ".", Who: start(f.platform()) + "; it has to be waited for", Next: "Nothing to do: it is tried again by itself.", Fix: FixCheck}
	case SharingInterrupted:
		return ToAgency{Title: "Sharing " + f.Asset + " was interrupted", Who: or(f.By, f.client()),
			Next: f.askFor("open the link again and choose Connect Assets"), Fix: FixRequest}
	case ShareByHand:
		to := and(" with our Business Manager ", f.Business, "")
		return ToAgency{Title: start(f.client()) + " has to share " + f.kind() + " by hand", Who: admin,
			Next: f.askFor("share it in Business settings, under Partners"), Fix: FixNote,
			Note: f.letter("share " + f.Asset + or(to, " with us") + " at business.facebook.com, under Business settings, Partners, " + f.right())}
	case KeyRefused, CredentialRefused:
		title := start(f.platform()) + " no longer accepts the access to " + f.Asset
		if code == KeyRefused {
			title = start(f.platform()) + " no longer takes the key of " + f.Asset
		}
		if f.Own {
			sentence := "It was withdrawn, the app was uninstalled, its user left, or it was unused for long."
			if code == KeyRefused {
				sentence = "Its user was deleted, or the key was reset."
			}
			return ToAgency{Title: title, Sentence: sentence, Who: "Whoever looks after " + f.platform() + " at your agency",
				Next: "Connect the account again.", Fix: FixConnect}
		}
		return ToAgency{Title: title, Who: connector, Next: f.askFor("connect it again"), Fix: FixRequest}
	case RoleTooLow:
		return f.roleTooLowAtAgency()
	case SignInEnded:
		return ToAgency{Title: start(f.platform()) + " ended your user’s sign-in", Sentence: "After a changed password, a security check or about 60 days. What clients shared stays shared; it only cannot be used or checked meanwhile.",
			Who: "Whoever connected the user at your agency", Next: "Connect the user again.", Fix: FixUsers}
	case SessionLimited:
		return ToAgency{Title: "A rule of " + f.client() + " ended the sign-in", Who: connector,
			Next: f.askFor("connect it again, and have an admin exempt the app"), Fix: FixRequest}
	case InTrash:
		return ToAgency{Title: start(f.Asset) + " is in the bin", Who: connector, Next: f.askFor("have it restored from the bin" + f.byItsOwner()), Fix: FixNote,
			Note: f.letter("have it restored from the bin at Google Drive" + f.byItsOwner())}
	case SignInExpired:
		return ToAgency{Title: "Your user’s sign-in at " + f.platform() + " has ended", Sentence: "It lasts about 60 days. What clients shared stays shared; it only cannot be used or checked meanwhile.",
			Who: "Whoever connected the user at your agency", Next: "Connect the user again.", Fix: FixUsers}
	case AppRemoved:
		return ToAgency{Title: "The app was removed from your user at " + f.platform(), Sentence: "What clients shared stays shared; it only cannot be used or checked meanwhile.",
			Who: "Whoever connected the user at your agency", Next: "Connect the user again, and allow the app.", Fix: FixUsers}
	case SecurityCheck:
		return ToAgency{Title: start(f.platform()) + " wants your user to pass a security check", Sentence: "What clients shared stays shared; it only cannot be used or checked meanwhile.",
			Who: "Whoever connected the user at your agency", Next: "Sign in at facebook.com and follow what it says. Then connect the user again.", Fix: FixUsers}
	case ShareRemoved:
		if f.Kind == onboarding.Sheet {
			return ToAgency{Title: start(f.Asset) + " is no longer reachable", Who: connector,
				Sentence: start(f.Asset) + " was deleted, or is no longer shared with the person who connected it.",
				Next:     f.askFor("connect it again"), Fix: FixRequest}
		}
		if f.Own {
			return ToAgency{Title: "Your user has no access to " + f.Asset + " any more", Sentence: start(f.platform()) + " no longer shows it to your user.",
				Who: "An admin of the Business Manager that owns it", Next: "Have it assigned to your user again, then check.", Fix: FixCheck}
		}
		return ToAgency{Title: start(f.client()) + " removed access to " + f.kind(), Sentence: start(f.Asset) + " is no longer shared with you.", Who: admin,
			Next: f.askFor("share it again"), Fix: FixRequest}
	case LevelLowered:
		if f.atCRM() {
			return ToAgency{Title: "The user of " + f.Asset + " has lost rights", Who: connector,
				Next: f.askFor("have the rights given back to the user, or connect it again with another one"), Fix: FixNote,
				Note: f.letter("have the rights to read contacts and to add leads given back to the user who connected it")}
		}
		if f.Asked.Level == onboarding.LevelView {
			return ToAgency{Title: start(f.client()) + " took the results of " + f.kind() + " back", Who: admin,
				Sentence: start(f.Asset) + " is still shared with you, but its results are not.",
				Next:     f.askFor("switch on Insights again for you, under Business settings, Partners"), Fix: FixNote,
				Note: f.letter("switch on Insights again for us on " + f.Asset + ", at business.facebook.com under Business settings, Partners")}
		}
		return ToAgency{Title: start(f.client()) + " made access to " + f.kind() + " read-only", Sentence: "Results of " + f.Asset + " can still be seen, but no ads can be made.", Who: admin,
			Next: f.askFor("switch on Ads again for you, under Business settings, Partners"), Fix: FixNote,
			Note: f.letter("switch on Ads again for us on " + f.Asset + ", at business.facebook.com under Business settings, Partners")}
	case WithdrawByHand:
		who := connector
		if f.Own {
			who = "Whoever looks after " + f.platform() + " at your agency"
		}
		if f.Service == onboarding.Facebook {
			return ToAgency{
				Title:    "At Facebook an admin of " + f.client() + " has to end it",
				Sentence: "Facebook did not let your relay’s app give " + f.Asset + " up.",
				Who:      admin,
				Next:     f.askFor("remove your Business Manager there"),
				Fix:      FixNote,
				Note:     f.endingNote(),
			}
		}
		why := start(f.platform()) + " lets no app end an access."
		if !Of(f.Service).ByHand {
			why = start(f.platform()) + " no longer accepts the credential, so it could not be asked to end the access."
		}
		return ToAgency{
			Title:    "At " + f.platform() + " the access stays until a user there ends it",
			Sentence: why + " Your agency’s credential is deleted.",
			Who:      who,
			Next:     f.askFor("end it at " + f.platform()),
			Fix:      FixNote,
			Note:     f.endingNote(),
		}
	case GrantShared:
		return ToAgency{
			Title: "At " + f.platform() + " the access stays for now",
			Sentence: start(f.platform()) + " may end another account together with it, so it was not asked. " +
				"Your agency’s credential is deleted.",
			Who: connector,
			Next: "It ends with the last account. To end it before that: " +
				f.askFor("end it at "+f.platform()+"; it ends everything shared there with this app"),
			Fix:  FixNote,
			Note: f.endingNote(),
		}
	case AgencyAccepts:
		return ToAgency{Title: start(f.Asset) + " waits for you to accept it", Who: self,
			Next: "Accept it in Business settings, under Requests. Then check.", Fix: FixOpen, Open: page}
	case NotAssigned:
		return ToAgency{Title: start(f.Asset) + " is not given to your Facebook user", Who: self,
			Next: "Assign it to your user in Business settings, under People. Then check.", Fix: FixOpen, Open: page}
	}
	return ToAgency{Next: "Check again. If it stays so, copy the details for whoever runs your relay.", Fix: FixCheck}
}

// metaVersionEnded is Meta's code for a call to a version that has ended.
// https://developers.facebook.com/blog/post/2024/04/16/upcoming-change-in-marketing-api-version-deprecation
const metaVersionEnded = "2635"

// connectAgain completes the words for an item that has to be connected anew:
// the agency's own by the agency, another by a request to the client for task.
func (f Facts) connectAgain(words ToAgency, task string) ToAgency {
	if f.Own {
		words.Who = "Whoever looks after " + f.platform() + " at your agency"
		words.Next, words.Fix = "To do at "+f.platform()+": "+task+".", FixConnect
		return words
	}
	words.Who = "Whoever looks after " + f.platform() + " at " + f.client()
	words.Next, words.Fix = f.askFor(task), FixRequest
	return words
}

func (f Facts) roleTooLowAtAgency() ToAgency {
	roles := or(and("a ", Of(f.Service).Role, ""), "somebody with a higher role")
	if f.Own {
		return ToAgency{
			Title: "Your role at " + f.platform() + " is too low",
			Who:   "Whoever looks after " + f.platform() + " at your agency",
			Next:  "Connect the account again as " + roles + ".",
			Fix:   FixConnect,
		}
	}
	return ToAgency{
		Title: "The role of " + or(f.By, "the client’s user") + " at " + f.platform() + " is too low",
		Who:   "Whoever looks after " + f.platform() + " at " + f.client(),
		Next:  f.askFor("have the account connected again by " + roles),
		Fix:   FixRequest,
	}
}

// client is who was asked, in the middle of a sentence.
func (f Facts) client() string { return or(f.Client, "the client") }

// right is what a client switches on for the agency at Facebook.
func (f Facts) right() string {
	if f.Asked.Level == onboarding.LevelView {
		return "with the right to see results, and no other"
	}
	return "with the right to advertise and to see results"
}

// kind is the item by what it is: "an ad account".
func (f Facts) kind() string {
	switch f.Kind {
	case onboarding.AdAccount:
		return "an ad account"
	case onboarding.Page:
		return "a Page"
	case onboarding.Dataset:
		return "a dataset"
	case onboarding.InstagramAccount:
		return "an Instagram account"
	case onboarding.Catalogue:
		return "a catalogue"
	}
	return f.Asset
}

// askFor names who connected the item, because they know what was meant.
func (f Facts) askFor(task string) string {
	if f.By == "" {
		return "Ask " + f.client() + " to " + task + "."
	}
	return "Ask " + f.By + " to " + task + "."
}

// byItsOwner says who can restore a sheet: often the platform's user who
// connected it, and always its owner.
func (f Facts) byItsOwner() string { return ", by " + and("", f.Name, " or ") + "whoever owns it" }

// letter is a note from the agency to the client, without a link or a secret.
func (f Facts) letter(task string) string {
	hello := "Hello"
	if name := FirstName(f.By); name != "" {
		hello += " " + name
	}
	return hello + ", so that we can work with " + f.Asset + ": can you " + task + "? Thank you."
}

// who puts the people of a failure into the agency's words.
func (f Facts) who(who Who) string {
	switch who {
	case You:
		return or(f.By, start(f.client()))
	case Colleague:
		return "Somebody at " + f.client() + " with more rights"
	case TheAgency:
		return "Somebody at your agency"
	case Platform:
		return start(f.platform()) + "; it has to be waited for"
	}
	return "Nobody has to do anything"
}
