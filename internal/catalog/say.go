package catalog

import (
	"fmt"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// business is where Business Managers are looked after.
const business = "https://business.facebook.com/settings"

// Say gives the words for a code. A code it does not know is said like
// Unexpected, so that an older hub can show what a newer relay reports.
func Say(code FailureCode, f Facts) Failure {
	said := words(code, f.filled())
	said.Code = code
	if said.Short == "" {
		said.Short = said.Sentence
	}
	if said.Title == "" {
		said.Title = strings.TrimSuffix(said.Short, ".")
	}
	if said.ForAgency == "" {
		said.ForAgency = said.Sentence
	}
	return said
}

// filled puts a neutral word where a name is not known.
func (f Facts) filled() Facts {
	f.Agency = or(f.Agency, "the agency")
	f.Asset = or(f.Asset, "this asset")
	return f
}

func or(name, neutral string) string {
	if name == "" {
		return neutral
	}
	return name
}

// platform is the platform's name at the start or inside of a sentence.
func (f Facts) platform() string { return or(f.Service.Name(), "the platform") }

// named is the platform's name after a word that stands for "the".
func (f Facts) named() string { return or(f.Service.Name(), "platform") }

// words are written as a table: one case per row, in the rows' order.
func words(code FailureCode, f Facts) Failure {
	switch code {
	case LinkPreviewed:
		return Failure{Row: "F1", Tone: Note, Who: Nobody, Title: "A mail program opened the link first",
			Sentence: "Opening the link changes nothing.",
			Why:      "Mail programs and chats look at links before people do.",
			Next:     "The link works until somebody finishes, or until its last day.",
			Ways:     []Way{GoOn}}
	case LinkExpired:
		return Failure{Row: "F2", Tone: Note, Who: TheAgency, Title: "This link has expired",
			Sentence:  sentence("It was valid until", DayAndTime(f.When), "This link has expired."),
			Why:       "Nothing is lost: what you already connected stays connected.",
			Next:      "Ask " + f.Agency + " for a new link.",
			Note:      "Our link for " + f.Agency + " has expired. Can you send us a new one?",
			Ways:      []Way{CopyNote},
			ForAgency: sentence("The link expired on", DayAndTime(f.When), "The link has expired.") + " Renew makes a new one."}
	case LinkWithdrawn:
		return Failure{Row: "F3", Tone: Note, Who: Nobody, Title: start(f.Agency) + " has withdrawn this request",
			Sentence:  "You do not need to do anything. The link stays closed.",
			Why:       "What you shared before is still shared. You can take it back at each platform.",
			ForAgency: "The request was withdrawn. What was shared before stays in Accounts."}
	case LinkCompleted:
		return Failure{Row: "F4", Tone: Good, Who: Nobody, Title: or(FirstName(f.Name), "A colleague") + " has finished this",
			Sentence:  sentence("On", DayAndTime(f.When), "This request is finished.") + " There is nothing left for you to do.",
			Why:       "What you connected yourself before that moment stays connected.",
			ForAgency: "The request is completed."}
	case LinkOlder:
		return Failure{Row: "F5", Tone: Note, Who: You, Title: "There is a newer link",
			Sentence:  sentence("A newer link was made on", DayAndTime(f.When), "A newer link was made.") + " This one no longer opens the request.",
			Why:       "What you already connected is kept there.",
			Next:      "Look for the newest email from " + f.Agency + ", or ask them to send it again.",
			Note:      "Can you send us the newest link for " + f.Agency + " again?",
			Ways:      []Way{CopyNote},
			ForAgency: "Somebody opened the older link. Send the newest one again."}
	case OnAPhone:
		return Failure{Row: "F6", Tone: Note, Who: You, Title: "Please open this on a computer",
			Sentence: "Sharing ad accounts and Pages takes a bigger screen.",
			Why:      "Nothing was shared. The link still works.",
			Next:     sentence("The link waits for you until", DayAndTime(f.When), "The link waits for you."),
			Ways:     []Way{CopyNote}}
	case AlsoStarted:
		return Failure{Row: "F7", Tone: Note, Who: Nobody, Title: "A colleague has also started",
			Sentence: or(FirstName(f.Name), "A colleague") + " has also started.",
			Why:      "You can continue. Whoever finishes first completes the request; nothing either of you connects is lost.",
			Ways:     []Way{GoOn}}
	case WrongPerson:
		return Failure{Row: "F8", Tone: Wait, Who: Colleague, Title: "Somebody else may have to do this",
			Sentence: start(f.platform()) + " lets " + or(f.Name, "this user") + " share nothing of this.",
			Why:      "That is common: often one colleague looks after " + f.platform() + ".",
			Next:     "Copy a note for that colleague, or skip this and say who it is.",
			Note:     f.note("open the request and connect " + f.platform()),
			Ways:     []Way{CopyNote, Skip, TryAgain}}
	case FearsFraud:
		return Failure{Row: "F9", Tone: Note, Who: You, Title: "Is this genuine?",
			Sentence: "Three checks. Take your time; nothing is lost.",
			Next:     "Compare the address, the line below every page, and four words by telephone."}
	case LetterUnseen:
		return Failure{Row: "F10", Tone: Wait, Who: TheAgency, Title: "No sign that the email arrived",
			Sentence: "No sign that " + or(f.Address, "the recipient") + " got the email.",
			Why:      "It may be in a spam folder, or the address may be wrong.",
			Next:     "Try another address, or copy the link.",
			Ways:     []Way{TryAgain}}
	case SignInCancelled:
		return Failure{Row: "F13", Tone: Note, Who: You, Title: "You came back without signing in",
			Sentence:  "The sign-in at " + f.platform() + " was cancelled. Nothing was shared.",
			Next:      "Try it again, or skip this and say why.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: "The sign-in at " + f.platform() + " was cancelled there. Nothing was connected."}
	case SignInTooLate:
		return Failure{Tone: Note, Who: You, Title: "This sign-in is no longer open",
			Sentence:  "A sign-in stays open for ten minutes and works once. Nothing was shared.",
			Why:       "Going back in the browser, or a second click, ends it too.",
			Next:      "Sign in again. What you did so far is kept.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: "Nobody came back from the sign-in in time: it stays open for a few minutes and works once. Nothing was connected."}
	case SignInElsewhere:
		return Failure{Tone: Note, Who: You, Title: "This is another browser",
			Sentence: "This was begun in another browser, or its cookies were deleted.",
			Next:     "Open the link from your email again in this browser. What was connected is kept.",
			Ways:     []Way{TryAgain}}
	case PermissionUnticked:
		return Failure{Tone: Wait, Who: You, Title: "One permission was left out",
			Sentence: start(f.platform()) + " was not allowed what was asked for, so it is not connected.",
			Why:      "One box on its page was left unticked.",
			Next:     "Sign in again and leave every box ticked.",
			Ways:     []Way{TryAgain, Skip}}
	case NotConfigured:
		return Failure{Tone: Wait, Who: TheAgency, Title: start(f.platform()) + " cannot be connected here yet",
			Sentence:  start(f.platform()) + " is not set up on this server.",
			Next:      "Go on without it. " + start(f.Agency) + " has been told.",
			Ways:      []Way{Skip},
			ForAgency: "The relay has no app for " + f.platform() + ". Its operator can set one up."}
	case RequestPaused:
		return Failure{Tone: Note, Who: TheAgency, Title: "This request rests",
			Sentence: "It cannot be used at the moment. You do not need to do anything.",
			Why:      "What you connected stays as it is.",
			Next:     "Ask " + f.Agency + " if you are unsure."}
	case SignedOutHere:
		return Failure{Tone: Note, Who: You, Title: "Sign in at Facebook once more",
			Sentence: "Facebook’s sign-in ends here after an idle hour.",
			Why:      "So that nobody else can use it at this computer.",
			Next:     "Sign in again. Your choices are kept.",
			Ways:     []Way{TryAgain, Skip}}
	case SharingInterrupted:
		return Failure{Tone: Wait, Who: You, Short: "Not finished. Connect it once more.", Title: "Sharing was interrupted",
			Sentence: "Sharing " + f.Asset + " was interrupted.",
			Next:     "Choose Connect Assets again. What is already shared stays shared.",
			Ways:     []Way{TryAgain}}

	case NotInBusinessManager:
		return Failure{Row: "F14", Tone: Bad, Who: You, Blocks: true,
			Title:    "Add " + f.Asset + " to your Business Manager first",
			Short:    "Not in a Business Manager yet.",
			Sentence: start(f.Asset) + " is in no Business Manager, so Facebook cannot share it with an agency.",
			Why:      "Accounts that began as somebody’s own stay outside until they are added.",
			Next:     "Three steps, then look again.",
			Steps: []string{
				"In Business settings choose Accounts, then Ad accounts or Pages.",
				"Choose Add, then Add an ad account or Add a Page, and pick " + f.Asset + ".",
				"Come back here and choose Look again.",
			},
			Link:      Link{"Open Business settings", business},
			Note:      f.note("add " + f.Asset + " to our Business Manager at business.facebook.com, under Accounts"),
			Ways:      []Way{TryAgain, CopyNote, Skip},
			ForAgency: start(f.Asset) + " is in no Business Manager. The client has to add it to theirs first."}
	case NoBusinessManager:
		return Failure{Row: "F15", Tone: Bad, Who: You, Blocks: true,
			Title:    "You need a Business Manager first",
			Short:    "You have no Business Manager yet.",
			Sentence: "Facebook shares ad accounts and Pages between Business Managers, and you have none yet.",
			Why:      "It is free and takes five minutes.",
			Next:     "Make one, add your accounts to it, then look again.",
			Steps: []string{
				"Open business.facebook.com and choose Create account.",
				"Enter your company’s name, your name and your work email. Confirm the email.",
				"In Business settings, under Accounts, add your ad accounts and Pages.",
				"Come back here and choose Look again.",
			},
			Link:      Link{"Open Business Manager", "https://business.facebook.com/"},
			Note:      f.note("tell me who looks after our Business Manager at Facebook"),
			Ways:      []Way{TryAgain, CopyNote, Skip},
			ForAgency: "The client has no Business Manager. They have been shown how to make one."}
	case OtherOwner:
		return Failure{Row: "F16", Tone: Bad, Who: Colleague, Blocks: true,
			Title:    start(f.Asset) + " belongs to another business",
			Short:    "Belongs to " + or(f.Other, "another business") + ". Only its admins can share it.",
			Sentence: start(f.Asset) + " is owned by " + f.other("the business ", "another business") + ". Only an admin there can share it.",
			Why:      "Often that is a former agency, or a colleague who set it up long ago.",
			Next:     "Ask them to share it, or to give it back.",
			Steps: []string{
				"Ask an admin of " + or(f.Other, "that business") + " to open Business settings, then Accounts.",
				"They choose " + f.Asset + ", then Remove. It goes back to its own admins.",
				"Add it to your Business Manager, come back here and choose Look again.",
			},
			Link:      Link{"Open Business settings", business},
			Note:      "Hello, your Business Manager" + f.other(" ", "") + " still owns " + f.Asset + ". Can you remove it under Business settings, Accounts, so that we can add it to ours?",
			Ways:      []Way{CopyNote, TryAgain, Skip},
			ForAgency: start(f.Asset) + " is owned by " + f.other("the business ", "another business") + ". Only an admin there can share it."}
	case PartialAccess:
		full := "Somebody with full control can share it."
		short := "You can use it, but only full control can share it."
		if len(f.People) > 0 {
			full = List(f.People) + " " + verb(len(f.People), "has", "have") + " full control and can share it."
			short = "You can use it, but only " + List(f.People) + " " + verb(len(f.People), "has", "have") + " full control."
		}
		return Failure{Row: "F17", Tone: Bad, Who: Colleague, Blocks: true,
			Title:     "Somebody else has to share " + f.Asset,
			Short:     short,
			Sentence:  "You can use " + f.Asset + ", but not share it.",
			Why:       full,
			Next:      "Copy a note for them, or skip it and say who it is.",
			Note:      f.note("open the request and share " + f.Asset + ", or give me full control of it at Facebook"),
			Ways:      []Way{CopyNote, TryAgain, Skip},
			ForAgency: "The client’s user may use " + f.Asset + ", but not share it. " + full}
	case NotBusinessAdmin:
		return Failure{Row: "F18", Tone: Bad, Who: Colleague, Blocks: true,
			Title:    "One of two permissions is missing",
			Short:    "You are not an admin of its Business Manager.",
			Sentence: "Two permissions are needed: full control of " + f.Asset + ", which you have, and admin of " + f.other("the Business Manager ", "its Business Manager") + ", which you are not.",
			Why:      "Facebook keeps the two apart.",
			Next:     "An admin can share it, or make you one under Business settings, People.",
			Link:     Link{"Open Business settings", business},
			Note:     f.note("open the request and share " + f.Asset + ", or make me an admin of our Business Manager" + f.other(" ", "")),
			Ways:     []Way{CopyNote, TryAgain, Skip}}
	case NewPageAdmin:
		return Failure{Row: "F19", Tone: Wait, Who: Nobody,
			Title:     "Facebook waits up to 7 days",
			Short:     "Facebook makes new admins wait up to 7 days.",
			Sentence:  "You became an admin of " + f.Asset + " a short while ago. Facebook makes new admins wait up to 7 days.",
			Next:      "Nothing to do. We look again whenever " + f.Agency + " is at work, and tell both of you.",
			Ways:      []Way{GoOn},
			ForAgency: "The client became an admin of " + f.Asset + " a short while ago. Facebook makes them wait up to 7 days; it is tried again by itself."}
	case ApproveInBusiness:
		return Failure{Row: "F20", Tone: Wait, Who: Colleague,
			Title:    "Almost done: an admin has to approve it",
			Short:    "Approve it in Business Manager, under Requests.",
			Sentence: "Facebook wants an admin of " + or(f.Other, "your Business Manager") + " to approve the sharing of " + f.Asset + ".",
			Why:      "Some businesses want a second pair of eyes. It may be you, or a colleague.",
			Next:     "Choose Approve in Business Manager, under Requests. We look again by ourselves.",
			Steps: []string{
				"Open Business settings, as an admin of " + or(f.Other, "your Business Manager") + ".",
				"Choose Requests.",
				"Choose Approve next to " + f.Asset + ".",
			},
			Link:      Link{"Open Business settings", business},
			Note:      f.note("approve the sharing of " + f.Asset + " at business.facebook.com, under Business settings, Requests"),
			Ways:      []Way{GoOn, TryAgain, CopyNote},
			ForAgency: "An admin of the client has to approve " + f.Asset + " in Business Manager, under Requests."}
	case ApprovedElsewhere:
		return Failure{Row: "F21", Tone: Wait, Who: You,
			Title:     "It still waits at Facebook",
			Short:     "Still waiting. Approve it inside the Business Manager.",
			Sentence:  "Facebook still shows " + f.Asset + " as waiting.",
			Why:       "An approval counts only inside " + or(f.Other, "the Business Manager") + ", not in your own profile. It can also take a minute.",
			Next:      "Switch to " + or(f.Other, "that Business Manager") + " at the top left of Business settings, then choose Requests.",
			Link:      Link{"Open Business settings", business},
			Note:      f.note("approve the sharing of " + f.Asset + " inside our Business Manager" + f.other(" ", "") + ", under Requests"),
			Ways:      []Way{TryAgain, GoOn, CopyNote},
			ForAgency: "The client says that " + f.Asset + " is approved; Facebook still shows it as waiting. Perhaps it was approved in a personal profile."}
	case BoxUnticked:
		return Failure{Row: "F22", Tone: Note, Who: You, Title: "Something missing?",
			Short:    "Not ticked on Facebook’s page.",
			Sentence: "Facebook shows us only what was ticked on its page.",
			Next:     "Open Facebook’s choice again, choose Edit settings and tick what is missing.",
			Ways:     []Way{TryAgain, GoOn}}
	case ListCut:
		return Failure{Row: "F23", Tone: Wait, Who: You, Title: "The list is not complete",
			Sentence: "Facebook stopped answering before the list was complete.",
			Next:     "Load it again. Your choices are kept.",
			Ways:     []Way{TryAgain, Skip}}
	case WrongFacebookUser:
		title, sees := "No ad account or Page is visible", "This user sees no ad account and no Page."
		if len(f.Asked.Kinds) > 0 {
			title, sees = "Nothing to share is visible", "This user sees none of the "+f.Asked.Things()+"."
		}
		return Failure{Row: "F24", Tone: Wait, Who: You, Title: title,
			Sentence: or(and("You are signed in to Facebook as ", f.Name, "."), "You are signed in to Facebook.") + " " + sees,
			Why:      "Many people have a private and a work user at Facebook.",
			Next:     "Sign out at facebook.com, then sign in as the user who looks after them.",
			Link:     Link{"Open Facebook to sign out", "https://www.facebook.com/"},
			Note:     f.note("open the request and sign in with the Facebook user who looks after our ad accounts"),
			Ways:     []Way{TryAgain, CopyNote, Skip}}
	case TwoFactorNeeded:
		return Failure{Row: "F25", Tone: Wait, Who: You, Title: "Switch on two-factor sign-in at Facebook",
			Short:    "Two-factor sign-in is missing at Facebook.",
			Sentence: f.other("The business ", "Your business") + " asks for two-factor sign-in at Facebook, and your user has none.",
			Next:     "Switch it on; it takes two minutes. What you did here is kept.",
			Steps: []string{
				"At facebook.com open Settings, then Accounts Center, then Password and security.",
				"Choose Two-factor authentication and follow the steps.",
				"Come back here and try again.",
			},
			Link: Link{"Open Facebook", "https://www.facebook.com/"},
			Ways: []Way{TryAgain, Skip}}
	case AccountRestricted:
		return Failure{Row: "F26", Tone: Wait, Who: You, Title: "Facebook has restricted " + f.Asset,
			Short:     "Restricted by Facebook. Sharing works; ads wait until it is solved.",
			Sentence:  "Facebook has restricted " + f.Asset + ". It can be shared, but no ads run until that is solved.",
			Next:      "Open Business Support at Facebook; it names the reason.",
			Link:      Link{"Open Business Support", "https://business.facebook.com/business-support-home"},
			Ways:      []Way{GoOn, Skip},
			ForAgency: "Facebook has restricted " + f.Asset + ": no ads run until the client solves that."}
	case AgencySide:
		return Failure{Row: "F27", Tone: Wait, Who: TheAgency, Title: "The problem is on " + possessive(f.Agency) + " side",
			Short:     "Waits for " + f.Agency + ".",
			Sentence:  "This is on " + possessive(f.Agency) + " side, not yours. They have been told.",
			Next:      "You can close this page. They will write to you when it works; what you did is kept.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: f.agencySide()}
	case TemporarilyBlocked:
		return Failure{Row: "F28", Tone: Wait, Who: Platform, Title: "Facebook asks to wait",
			Short:    "Facebook asks to wait. " + f.tryAgain("Try again in an hour."),
			Sentence: "Facebook asks to wait before this is tried again.",
			Why:      "It does that when many things are shared at once. It is not about you.",
			Next:     f.tryAgain("Try again in an hour.") + " Your choices are kept.",
			Ways:     []Way{TryAgain, Skip}}
	case AppNotApproved:
		return Failure{Row: "F29", Tone: Wait, Who: TheAgency, Title: "The problem is on " + possessive(f.Agency) + " side",
			Short:     "Waits for " + f.Agency + ".",
			Sentence:  "Facebook has not opened this to " + f.Agency + " yet. They have been told.",
			Next:      "You can close this page. They will write to you when it works; what you did is kept.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: "Facebook has not approved the relay’s app for this call. Its operator can ask for it in App Review."}
	case AlreadyShared:
		return Failure{Row: "F30", Tone: Good, Who: Nobody, Title: "Already shared",
			Short:    "Already shared. Nothing to do.",
			Sentence: start(f.Asset) + " is already shared with " + f.Agency + ". Nothing to do.",
			Ways:     []Way{GoOn}}
	case PartlyDone:
		reason := ""
		if f.Reason != "" {
			reason = " " + start(f.Asset) + ": " + f.Reason
		}
		title := fmt.Sprintf("%d of %d are done", f.Done, f.Of)
		if f.Waits > 0 {
			title += ", " + Count(f.Waits, "waits", "wait")
		}
		return Failure{Row: "F31", Tone: Wait, Who: You, Title: title, Sentence: title + "." + reason,
			Next: "Connect Assets tries the rest again. Or go on, and come back to it later.",
			Ways: []Way{TryAgain, GoOn, Skip}}
	case OnlyAdsAndPages:
		return Failure{Row: "F32", Tone: Note, Who: TheAgency, Title: "Ad accounts and Pages only",
			Sentence: "This request covers ad accounts and Pages only, no pixels, catalogues or Instagram accounts.",
			Next:     "Ask for those too: they can be chosen under Facebook while nobody has got the request."}
	case ShareByHand:
		return Failure{Tone: Wait, Who: You, Title: "Share " + f.Asset + " at Facebook",
			Short:    "Share it yourself at Facebook, in four steps.",
			Sentence: "Facebook wants you to share " + f.Asset + " yourself. It takes two minutes.",
			Next:     "Follow the steps. We look by ourselves whether it has arrived.",
			Link:     Link{"Open Business settings", business},
			Note:     f.note("share " + f.Asset + " with the Business Manager " + or(f.Account, "named on the page") + " at business.facebook.com, under Business settings, Users, Partners"),
			Ways:     []Way{GoOn, TryAgain, CopyNote},
			ForAgency: "Facebook did not take the share of " + f.Asset + " from the relay’s app. " +
				"The client has been shown how to share it by hand."}

	case MayNotConnect:
		bar := Bar{Why: "Only some of its users may."}
		if known := Of(f.Service).Bar; known != nil {
			bar = *known
		}
		return Failure{Row: "F37", Tone: Bad, Who: Colleague, Title: start(f.platform()) + " lets only some people connect apps",
			Short:    bar.Short,
			Sentence: start(f.platform()) + " did not let you connect an app.",
			Why:      bar.Why,
			Next:     "Copy a note for that colleague, or skip this and say who it is.",
			Note:     f.note("open the request and connect "+f.platform()+and(", or ", bar.Ask, "")) + and(" The app’s client ID is ", f.App, "."),
			Ways:     []Way{CopyNote, TryAgain, Skip}}
	case WhichAccount:
		account := Of(f.Service).Account
		return Failure{Row: "F38", Tone: Note, Who: You, Title: "Is this the right " + account + "?",
			Sentence: "Connected: " + or(f.Account, "one "+account) + ".",
			Why:      "One sign-in at " + f.platform() + " can have several " + account + "s.",
			Next:     "Wrong " + account + "? Close, then choose Add to pick another.",
			Ways:     []Way{GoOn, TryAgain}}
	case AddressOfApp:
		return Failure{Row: "F44", Tone: Bad, Who: You, Title: "This is a page of the app",
			Sentence: "This is a page of the app. The API URL ends after the name.",
			Next:     and("Use ", f.Address, ""),
			Ways:     []Way{TryAgain, Skip}}
	case AddressNotHTTPS:
		return Failure{Row: "F44", Tone: Bad, Who: You, Title: "The API URL begins with https://",
			Sentence: "The API URL begins with https://. Any other would send the key in the open.",
			Next:     and("Use ", f.Address, ""),
			Ways:     []Way{TryAgain, Skip}}
	case AddressUnknown:
		next := "Copy the URL again, in full."
		if key := Of(f.Service).Key; key != nil {
			next = "Copy the URL from " + key.Place + ". It looks like " + key.Example + "."
		}
		return Failure{Row: "F44", Tone: Bad, Who: You, Title: "No " + f.named() + " answers at this address",
			Sentence: "No " + f.named() + " answers at this address.",
			Next:     next,
			Ways:     []Way{TryAgain, Skip}}
	case KeyRefused:
		return Failure{Row: "F45", Tone: Bad, Who: You, Title: start(f.platform()) + " did not take this key",
			Sentence:  start(f.platform()) + " did not take this key.",
			Next:      "Copy it again in full; spaces are removed already.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: start(f.platform()) + " no longer takes the key. Its user was deleted, or the key was reset."}
	case KeyIsPersonal:
		return Failure{Row: "F46", Tone: Note, Who: You, Title: "Whose key is it?",
			Sentence:  "The key can do all that its user can, and ends with that user.",
			Next:      "One made for " + f.Agency + " is the better choice.",
			Ways:      []Way{GoOn},
			ForAgency: "The key belongs to " + or(f.Name, "one user") + ". It stops when that user goes."}
	case KeySeesNothing:
		return Failure{
			Tone: Bad, Who: Colleague, Title: "This key’s user may not see anything",
			Sentence:  "The key is right, but its user may see neither contacts nor lists.",
			Next:      "Use the key of a user who may, or ask an admin there to change the user’s group.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: start(f.platform()) + " takes the key, but its user may see neither contacts nor lists. An admin there can change the user’s group.",
		}
	case AdminMustInstall:
		return Failure{Row: "F41", Tone: Bad, Who: Colleague, Title: "Your " + f.named() + " admin installs the app once",
			Short:    "An admin installs the app first.",
			Sentence: "The app is not installed in your " + f.named() + " yet, or your user may not use it.",
			Why:      start(f.platform()) + " lets an app in after an admin of your company has installed it. That is done once.",
			Next:     "Copy the note for your admin, and come back when the app is installed.",
			Link:     f.installLink(),
			Steps: []string{
				"An admin installs the app" + f.byInstallLink() + ".",
				"In Setup the admin lets your user use the app.",
				"You come back to this page and try again, with a user who can sign in to " + f.platform() + " itself. A user for programs alone cannot.",
			},
			Note:      f.note("install the app in our " + f.named() + or(and(", at ", f.Install, ","), " (ask "+f.Agency+" for the install link)") + " and let me use it"),
			Ways:      []Way{CopyNote, TryAgain, Skip},
			ForAgency: "The app is not installed in the client’s " + f.named() + ". An admin there installs it once."}
	case AdminMustApprove:
		return Failure{Row: "F41", Tone: Bad, Who: Colleague, Title: "Your " + f.named() + " admin has to allow this app",
			Short:    "An admin has to allow the app.",
			Sentence: start(f.platform()) + " did not let your user sign in to this app.",
			Why:      "An admin of your company decides who may use which app. A user for programs alone cannot sign in at all.",
			Next:     "Copy the note for your admin, or try again with another user.",
			Note:     f.note("let my user sign in to the app that connects " + f.Agency + ", in Setup of our " + f.named()),
			Ways:     []Way{CopyNote, TryAgain, Skip}}
	case SignInAddressOfApp:
		return Failure{Row: "F42", Tone: Bad, Who: You, Title: "This is a page inside " + f.platform(),
			Sentence: "This is a page inside " + f.platform() + ", and you sign in at another address.",
			Next:     or(and("Use ", f.Address, "."), "Enter the address where you sign in."),
			Ways:     []Way{TryAgain, Skip}}
	case SignInAddressUnknown:
		return Failure{Row: "F42", Tone: Bad, Who: You, Title: "Nobody signs in to " + f.platform() + " at this address",
			Sentence: "Nobody signs in to " + f.platform() + " at this address.",
			Next:     or(and("Do you mean ", f.Address, "?"), "Copy it from the address bar of your browser, or choose another answer."),
			Ways:     []Way{TryAgain, Skip}}
	case NoAPIAccess:
		return Failure{Row: "F43", Tone: Bad, Who: Colleague, Title: "This " + f.named() + " cannot be connected yet",
			Short:     "No access for apps.",
			Sentence:  "Your edition of " + f.platform() + " has no access for apps, or your user may not use it.",
			Why:       start(f.platform()) + " does not say which of the two it is; your admin sees it in Setup.",
			Next:      "Copy the note for your admin, try again with another user, or skip this and finish the rest.",
			Note:      f.note("look in Setup of our " + f.named() + " whether our edition has API access, and give my user the permission API Enabled"),
			Ways:      []Way{CopyNote, TryAgain, Skip},
			ForAgency: "The client’s edition of " + f.platform() + " has no API access, or the user who connected has no permission API Enabled."}
	case AccountRefreshed:
		return Failure{Row: "F47", Tone: Good, Who: Nobody, Title: "This account was connected already",
			Sentence: or(f.Account, "This account") + " was in the list already. Its access is fresh again.",
			Why:      "It is counted once.",
			Ways:     []Way{GoOn}}
	case PlatformDown:
		return Failure{Row: "F48", Tone: Wait, Who: Platform, Title: start(f.platform()) + " does not answer right now",
			Short:    start(f.platform()) + " does not answer right now.",
			Sentence: start(f.platform()) + " does not answer right now.",
			Next:     "What you did is saved. Try again, or come back later with the same link.",
			Ways:     []Way{TryAgain, Skip}}
	case PlatformBusy:
		return Failure{Tone: Wait, Who: Platform, Title: start(f.platform()) + " is busy",
			Sentence: start(f.platform()) + " asks for a short break.",
			Next:     f.tryAgain("Try again in a minute.") + " What you did is saved.",
			Ways:     []Way{TryAgain, Skip}}
	case ProductNotInPlan:
		return Failure{Row: "F39", Tone: Wait, Who: TheAgency, Title: "Your plan does not include this",
			Sentence: "Your " + f.platform() + " plan does not include " + or(f.Feature, "all that was asked for") + ", so it is not connected.",
			Next:     start(f.Agency) + " has been told. Try another account, or skip this.",
			Ways:     []Way{TryAgain, Skip}}
	case FeatureNotGiven:
		return Failure{
			Row: "F39", Tone: Wait, Who: TheAgency, Title: "Not all of it is included",
			Sentence: "Your " + f.platform() + " plan or user does not include " + or(f.Feature, "all that was asked for") + ".",
			Next:     "The rest works. " + start(f.Agency) + " sees the same.",
			Ways:     []Way{GoOn},
			ForAgency: start(f.platform()) + " does not give " + or(f.Feature, "all that was asked for") +
				": the plan or the user there lacks it. The rest works.",
		}
	case RoleTooLow:
		return f.roleTooLow()

	case NothingPicked:
		return Failure{Row: "F36", Tone: Note, Who: You, Title: "You picked no sheet",
			Short:    "No sheet was picked.",
			Sentence: "You came back from " + f.platform() + " without a sheet. Nothing was connected.",
			Why:      "Only the sheets that you tick there can be opened.",
			Next:     "Sign in again and tick them. If one is missing there, its owner has to share it with you first.",
			Note:     f.note("share the sheet with me at " + f.platform() + ", so that I can pick it"),
			Ways:     []Way{TryAgain, CopyNote, Skip}}
	case TooManyPicked:
		return Failure{Tone: Note, Who: You, Title: "That was more than 50 sheets",
			Short:    "More than 50 sheets were picked.",
			Sentence: "At most 50 sheets can be picked at once. Nothing was connected.",
			Next:     "Sign in again and pick fewer. The others can follow in a second turn.",
			Ways:     []Way{TryAgain, Skip}}
	case InTrash:
		return Failure{Row: "F53", Tone: Bad, Who: Colleague, Title: start(f.Asset) + " is in the bin",
			Sentence:  start(f.Asset) + " was put into the bin at " + f.platform() + ".",
			Next:      "Its owner can restore it for 30 days.",
			Note:      f.note("restore " + f.Asset + " from the bin of your Drive"),
			Ways:      []Way{TryAgain, CopyNote},
			ForAgency: start(f.Asset) + " is in the bin at " + f.platform() + ". Its owner can restore it for 30 days."}

	case SignInEnded:
		return Failure{Row: "F49", Tone: Bad, Who: TheAgency, Title: start(f.platform()) + " ended the sign-in",
			Short:     start(f.platform()) + " ended the sign-in.",
			Sentence:  start(f.platform()) + " ended this sign-in. Sign in again; your choices are kept.",
			Why:       "That happens after a changed password, a security check, or about 60 days.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: start(f.platform()) + " ended your user’s sign-in. What clients shared stays shared; connect the user again."}
	case SignInExpired:
		return Failure{Row: "F50", Tone: Bad, Who: TheAgency, Title: "The sign-in at " + f.platform() + " has ended",
			Short:     "The sign-in at " + f.platform() + " has ended.",
			Sentence:  "The sign-in at " + f.platform() + " has ended. Sign in again; your choices are kept.",
			Why:       start(f.platform()) + " lets a sign-in last for a limited time.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: "Your user’s sign-in at " + f.platform() + " has reached its end. What clients shared stays shared; connect the user again."}
	case AppRemoved:
		return Failure{Row: "F55", Tone: Bad, Who: TheAgency, Title: "The app was removed at " + f.platform(),
			Short:     "The app was removed at " + f.platform() + ".",
			Sentence:  "The app that shares your accounts was removed at " + f.platform() + ". Sign in again to allow it; your choices are kept.",
			Why:       "That is done in the settings of the user, under the apps they have allowed.",
			Ways:      []Way{TryAgain, Skip},
			ForAgency: "Your user, or " + f.platform() + ", has removed the app from their account. What clients shared stays shared; connect the user again."}
	case SecurityCheck:
		return Failure{Row: "F49", Tone: Bad, Who: TheAgency, Title: start(f.platform()) + " wants a security check first",
			Short:    start(f.platform()) + " wants a security check first.",
			Sentence: start(f.platform()) + " wants to know that it is really you, and has stopped this sign-in until then.",
			Why:      "It does that after a sign-in from a new place, for example.",
			Next:     "Sign in at facebook.com and follow what it says. Then sign in here again; your choices are kept.",
			Link:     Link{"Open Facebook", "https://www.facebook.com/"},
			Ways:     []Way{TryAgain, Skip},
			ForAgency: start(f.platform()) + " wants your user to pass a security check. What clients shared stays shared; " +
				"sign in at facebook.com first, then connect the user again."}
	case CredentialRefused:
		return Failure{Row: "F51", Tone: Bad, Who: Colleague, Title: start(f.platform()) + " no longer accepts this access",
			Sentence:  start(f.platform()) + " no longer accepts this access.",
			Why:       "Somebody withdrew it, the app was uninstalled, the user left, the password changed, or it was unused for long.",
			Next:      "Connect the account again.",
			Ways:      []Way{TryAgain},
			ForAgency: start(f.platform()) + " no longer accepts the access to " + f.Asset + ". It was withdrawn, the app was uninstalled, its user left, or it was unused for long. The client can connect it again."}
	case UserInactive:
		return Failure{Row: "F55", Tone: Bad, Who: Colleague, Title: "This user of " + f.platform() + " is switched off",
			Short:     "The user is switched off.",
			Sentence:  "The user" + and(" ", f.Name, "") + ", or the whole account, is not active at " + f.platform() + " any more.",
			Why:       "That happens when somebody leaves a company, or when an account is closed.",
			Next:      "Try again with another user, or copy a note for a colleague.",
			Note:      f.note("open the request and connect " + f.platform() + " with a user who is active"),
			Ways:      []Way{TryAgain, CopyNote, Skip},
			ForAgency: "Connected by " + or(f.Name, "a user who is switched off") + "; that user is not active at " + f.platform() + " any more, or the whole account is closed."}
	case SessionEnded:
		return Failure{Tone: Wait, Who: Nobody, Title: start(f.platform()) + " ended the session",
			Sentence: start(f.platform()) + " ended the session before its time.",
			Next:     "Try again.",
			Ways:     []Way{TryAgain, Skip}}
	case ShareRemoved:
		return Failure{Row: "F53", Tone: Bad, Who: Colleague, Title: "Access to " + f.Asset + " was removed",
			Sentence:  "Access to " + f.Asset + " was removed at " + f.platform() + ".",
			Next:      "Share it again if that was not meant.",
			Ways:      []Way{TryAgain},
			ForAgency: start(f.Asset) + " is no longer shared with you. The client removed it" + f.since() + "."}
	case LevelLowered:
		if f.atCRM() {
			return Failure{Row: "F54", Tone: Bad, Who: Colleague, Title: "The user has lost rights at " + f.platform(),
				Sentence:  "The user who connected " + f.Asset + " may no longer do there what was asked for.",
				Next:      "Have the rights given back, or connect it again with another user.",
				Ways:      []Way{TryAgain},
				ForAgency: "The user who connected " + f.Asset + " may no longer do there what you asked for" + f.since() + "."}
		}
		if f.Asked.Level == onboarding.LevelView {
			return Failure{Row: "F54", Tone: Bad, Who: Colleague, Title: "Results of " + f.Asset + " are not shown any more",
				Sentence:  "Results of " + f.Asset + " can no longer be seen.",
				Next:      "Switch on Insights again for the partner, under Business settings, Partners.",
				Link:      Link{"Open Business settings", business},
				Ways:      []Way{TryAgain},
				ForAgency: "Results of " + f.Asset + " can no longer be seen" + f.since() + ". The client can switch them on again."}
		}
		return Failure{Row: "F54", Tone: Bad, Who: Colleague, Title: "Access to " + f.Asset + " is read-only",
			Sentence:  "Access to " + f.Asset + " is read-only now.",
			Next:      "Switch on Ads again for the partner, under Business settings, Partners.",
			Link:      Link{"Open Business settings", business},
			Ways:      []Way{TryAgain},
			ForAgency: "Access to " + f.Asset + " is read-only now" + f.since() + ". The client can raise it again."}
	case AgencyAccepts:
		return Failure{Tone: Wait, Who: TheAgency, Title: "Waits for " + f.Agency + " to accept",
			Short:     "Shared. " + start(f.Agency) + " has to accept it.",
			Sentence:  start(f.Asset) + " is shared. " + start(f.Agency) + " has to accept it at Facebook.",
			Next:      "Nothing is left for you to do.",
			Ways:      []Way{GoOn},
			ForAgency: start(f.Asset) + " waits for you. Accept it in your Business Manager, under Requests."}
	case NotAssigned:
		return Failure{Tone: Wait, Who: TheAgency, Title: "Given to nobody at " + f.Agency + " yet",
			Sentence:  start(f.Asset) + " has arrived. Nothing is left for you to do.",
			Ways:      []Way{GoOn},
			ForAgency: start(f.Asset) + " is in your Business Manager, but could not be given to your Facebook user. Assign it there, under People."}
	case WithdrawByHand:
		steps := Of(f.Service).Withdraw
		return Failure{
			Tone: Note, Who: Colleague, Title: "Only a user there can end it",
			Sentence:  start(f.platform()) + " lets only its own users end this access.",
			Steps:     steps,
			Ways:      []Way{GoOn},
			ForAgency: start(f.platform()) + " lets only its own users end this access. Ask " + or(f.Name, "a user there") + askSteps(steps),
		}
	case GrantShared:
		said := Failure{
			Tone: Note, Who: TheAgency, Title: "The access stays for another account",
			Sentence: start(f.platform()) + " may end another account together with it, so the access stays.",
			Next:     "It ends with the last account.",
			Ways:     []Way{GoOn},
		}
		if f.Kind == onboarding.Sheet {
			said.Title = "The access stays for other sheets"
			said.Sentence = start(f.platform()) + " would end all that this person has given the app, and another sheet may be among it."
			said.Next = "It ends with the last sheet. Before that, the client can delete the app’s connections in the Google Account."
			said.ForAgency = said.Sentence + " " + said.Next
		}
		return said
	case SessionLimited:
		return Failure{Row: "F51", Tone: Bad, Who: Colleague, Title: "A rule of your company ended the sign-in",
			Short:     "Ended by a rule of your company.",
			Sentence:  "Your company lets sign-ins at " + f.platform() + " end after a while, so this one ended.",
			Next:      "Connect the account again. An admin can exempt the app, so that it lasts.",
			Note:      f.note("exempt the app from the session length of our accounts at " + f.platform()),
			Ways:      []Way{TryAgain, CopyNote},
			ForAgency: "The client’s company lets sign-ins at " + f.platform() + " end after a while. The client can connect it again, or have an admin exempt the app."}
	}
	return Failure{Tone: Bad, Who: TheAgency, Title: "This did not work",
		Sentence:  "Something did not work, and nothing was changed.",
		Next:      "Try again. If it stays so, tell " + f.Agency + " the reference below.",
		Ways:      []Way{TryAgain, Skip},
		ForAgency: start(f.platform()) + " answered in a way that Latchkey does not know. Try again; the reference is in the log."}
}

// roleTooLow are the words for a user whose role at the platform does not reach.
func (f Facts) roleTooLow() Failure {
	roles := Of(f.Service).Role
	needs := " is too low"
	if role := f.role(); role != "" {
		needs = " is " + role + or(and(", and ", roles, " is needed"), ", which is too low")
	} else if roles != "" {
		needs = " is too low: " + roles + " is needed"
	}
	return Failure{
		Row: "F40", Tone: Bad, Who: Colleague, Title: "Your role at " + f.platform() + " is too low",
		Short:     "Needs " + or(roles, "a higher role") + ".",
		Sentence:  "Your role at " + f.platform() + needs + ". Nothing was connected.",
		Why:       start(f.platform()) + " lets an app do what its user can, and no more.",
		Next:      "Copy a note for a colleague with that role, or skip this and say who it is.",
		Note:      f.note("open the request and connect " + f.platform() + ", or give me a higher role there"),
		Ways:      []Way{CopyNote, TryAgain, Skip},
		ForAgency: "The role of " + or(f.Name, "the client’s user") + " at " + f.platform() + needs + ".",
	}
}

// sentence is "It was valid until Saturday, 5 December 2026." when the moment
// is known, and the other sentence when it is not.
func sentence(before, when, unknown string) string {
	if when == "" {
		return unknown
	}
	return before + " " + when + "."
}

// askSteps continues "Ask Nadia" with what to do there.
func askSteps(steps []string) string {
	if len(steps) == 0 {
		return "."
	}
	return " for it: " + strings.Join(steps, " ")
}

// tryAgain is when it may work again: for a person who waits in minutes, else
// with the day.
func (f Facts) tryAgain(unknown string) string {
	switch {
	case f.Wait == 0:
		return sentence("Try again after", DayAndTime(f.When), unknown)
	case f.Wait <= time.Minute:
		return "Try again in a minute."
	case f.Wait < 2*time.Hour:
		return fmt.Sprintf("Try again in %d minutes.", (f.Wait+time.Minute-1)/time.Minute)
	}
	return fmt.Sprintf("Try again in %d hours.", (f.Wait+time.Hour-1)/time.Hour)
}

// agencySide says to the agency where its own side is not in order.
func (f Facts) agencySide() string {
	if f.Service != "" && f.Service != onboarding.Facebook {
		return start(f.platform()) + " refuses the relay’s app. Its operator has to look at the app’s settings there."
	}
	return "Your own user may not do this at " + f.platform() + ". Look at the connected user and its role in the Business Manager."
}

// note is what a client copies for a colleague. It carries no link: whoever
// copies it adds the address that they have.
func (f Facts) note(task string) string {
	return "Hello, " + f.Agency + " asks us for access. Can you " + task + "? The link is in the email from " + f.Agency + "."
}

// atCRM says that the service is known, and is not where Business Managers are.
func (f Facts) atCRM() bool { return f.Service != "" && f.Service != onboarding.Facebook }

// byInstallLink says how an admin installs the app, or who may know it.
func (f Facts) byInstallLink() string {
	if f.Install == "" {
		return "; ask " + f.Agency + " for the install link"
	}
	return ", by the install link below"
}

// installLink leads to where an admin installs the app, if that is known.
func (f Facts) installLink() Link {
	if f.Install == "" {
		return Link{}
	}
	return Link{"Open the install page", f.Install}
}

// other names the other business, in words that stand before it.
func (f Facts) other(before, unknown string) string {
	if f.Other == "" {
		return unknown
	}
	return before + f.Other
}

// role is the platform's name of a role, as its pages write it; empty: it is
// not known, or no name.
func (f Facts) role() string {
	if f.Code == "" || strings.Trim(strings.ToLower(f.Code), "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return strings.ToUpper(f.Code[:1]) + strings.ToLower(f.Code[1:])
}

func (f Facts) since() string {
	if f.When == 0 {
		return ""
	}
	return " on " + Day(f.When)
}

// and joins the three when the middle is known, else it is empty.
func and(before, name, after string) string {
	if name == "" {
		return ""
	}
	return before + name + after
}

// start is a name at the start of a sentence: only our own neutral words
// change their case, a name never does.
func start(name string) string {
	for _, neutral := range []string{"the ", "this "} {
		if strings.HasPrefix(name, neutral) {
			return strings.ToUpper(name[:1]) + name[1:]
		}
	}
	return name
}

func possessive(name string) string {
	if strings.HasSuffix(name, "s") {
		return name + "’"
	}
	return name + "’s"
}

func verb(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}
