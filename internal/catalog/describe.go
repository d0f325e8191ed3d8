package catalog

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
)

// Describe gives the texts for a code. An unknown one is described as
// Unexpected, so that an older hub can show what a newer relay reports.
func (c *Catalog) Describe(code FailureCode, args Args) Failure {
	texts := c.textsOf(code, args)
	info := texts.info
	failure := Failure{
		Code:        code,
		Row:         info.row,
		Severity:    info.severity,
		Title:       texts.client("title"),
		Short:       texts.client("short"),
		Message:     texts.client("message"),
		Explanation: texts.client("explanation"),
		NextStep:    texts.client("next"),
		FixedBy:     info.fixedBy,
		Steps:       lines(texts.client("steps")),
		Note:        texts.client("note"),
		Recovery:    slices.Clone(info.recovery),
		ForAgency:   texts.client("for_agency"),
		Blocks:      info.blocks,
	}
	if label := texts.client("link"); label != "" {
		failure.Link = placed(c.place, label, info.link)
		if info.link == "" {
			failure.Link = Link{Label: label, URL: args.Install}
		}
	}
	failure.Short = cmp.Or(failure.Short, failure.Message)
	failure.ForAgency = cmp.Or(failure.ForAgency, failure.Message)
	return failure
}

// DescribeForAgency gives the hub's texts for what is wrong with an item. Like
// Describe it has texts for an unknown code.
func (c *Catalog) DescribeForAgency(code FailureCode, args Args) AgencyFailure {
	texts := c.textsOf(code, args)
	info := texts.info
	failure := AgencyFailure{
		Title:    cmp.Or(texts.agency("title"), texts.client("title")),
		Message:  cmp.Or(texts.agency("message"), texts.client("for_agency"), texts.client("message")),
		FixedBy:  cmp.Or(texts.agency("who"), c.print.TextOf("party."+string(info.fixedBy), texts.values)),
		ByClient: !args.Own && (info.fixedBy == You || info.fixedBy == Colleague),
		NextStep: cmp.Or(texts.agency("next"), c.print.Text("for_agency_otherwise.next")),
		Fix:      cmp.Or(info.fix, FixCheck),
		Note:     texts.agency("note"),
	}
	for _, other := range info.fixIf {
		if texts.holds(other.condition) {
			failure.Fix = other.fix
			break
		}
	}
	if failure.Fix == FixOpen {
		failure.Open = placed(c.place, texts.agency("open"), info.open)
	}
	if failure.Note != "" && !info.operatorsNote() {
		failure.NoteFor = FirstName(args.By)
	}
	return failure
}

// operatorsNote reports whether the note is for who runs the relay.
func (i failureInfo) operatorsNote() bool {
	return i.code == AppNotApproved || i.code == AgencySide || i.code == NotConfigured
}

// condition is what a text can depend on. A message of the group
// failure.<code>.<condition> goes before that of failure.<code> where it holds.
type condition struct {
	name  string
	holds func(*values) bool
}

// conditions are in order of weight: of two messages whose conditions hold, the
// one with more of them is taken, and then the one with the earlier.
func conditions() []condition {
	missing := func(text func(*values) string) func(*values) bool {
		return func(v *values) bool { return text(v) == "" }
	}
	return []condition{
		{"found", func(v *values) bool { return v.args.Found }},
		{"repair", func(v *values) bool { return v.args.Repair }},
		{"facebook", func(v *values) bool { return v.args.Service == onboarding.Facebook }},
		{"version_ended", func(v *values) bool {
			return v.args.Code != "" && v.args.Code == v.c.platforms[v.args.Service].info.VersionEnded
		}},
		{"app_refused", func(v *values) bool { return v.c.platforms[v.args.Service].info.refusesApp(v.args.Code) }},
		{"proof_refused", func(v *values) bool {
			return v.args.Code != "" && v.args.Code == v.c.platforms[v.args.Service].info.ProofRefused
		}},
		{"crm", func(v *values) bool { return v.args.Service != "" && v.args.Service != onboarding.Facebook }},
		{"own", func(v *values) bool { return v.args.Own }},
		{"view", func(v *values) bool { return v.args.Asked.Level == onboarding.LevelView }},
		{"sheet", func(v *values) bool { return v.args.Kind == onboarding.Sheet }},
		{"kinds", func(v *values) bool { return len(v.args.Asked.Kinds) > 0 }},
		{"by_hand", func(v *values) bool { return v.service.ByHand }},
		{"no_when", func(v *values) bool { return v.args.When == 0 }},
		{"no_wait", func(v *values) bool { return v.args.When == 0 && v.args.Wait == 0 }},
		{"no_name", missing(func(v *values) string { return v.args.Name })},
		{"no_other", missing(func(v *values) string { return v.args.Other })},
		{"no_people", func(v *values) bool { return len(v.args.People) == 0 }},
		{"no_address", missing(func(v *values) string { return v.args.Address })},
		{"no_account", missing(func(v *values) string { return v.args.Account })},
		{"no_feature", missing(func(v *values) string { return v.args.Feature })},
		{"no_app", missing(func(v *values) string { return v.args.App })},
		{"no_install", missing(func(v *values) string { return v.args.Install })},
		{"no_reason", missing(func(v *values) string { return v.args.Reason })},
		{"no_lists", missing(func(v *values) string { return v.args.Lists })},
		{"no_waits", func(v *values) bool { return v.args.Waits == 0 }},
		{"no_by", missing(func(v *values) string { return v.args.By })},
		{"no_business", missing(func(v *values) string { return v.args.Business })},
		{"no_role", missing(func(v *values) string { return v.args.role() })},
		{"no_roles", missing(func(v *values) string { return v.service.Roles })},
		{"no_key", func(v *values) bool { return v.service.Key == nil }},
		{"no_required_role", func(v *values) bool { return v.service.RequiredRole == nil }},
		{"no_steps", func(v *values) bool { return len(v.service.Withdraw) == 0 }},
	}
}

// values are what the placeholders of a text stand for.
type values struct {
	c       *Catalog
	args    Args
	service Service
}

// Value implements i18n.Values.
func (v *values) Value(name string) (string, bool) {
	value, known := v.c.placeholders[name]
	if !known {
		return "", false
	}
	return value(v), true
}

// placeholders are the names that a text about a failure may use.
func placeholders() map[string]func(*values) string {
	return map[string]func(*values) string{
		"Agency":          func(v *values) string { return v.or(v.args.Agency, "neutral.agency") },
		"AgencyStart":     func(v *values) string { return v.or(v.args.Agency, "neutral.agency_start") },
		"Asset":           func(v *values) string { return v.or(v.args.Asset, "neutral.asset") },
		"AssetStart":      func(v *values) string { return v.or(v.args.Asset, "neutral.asset_start") },
		"Client":          func(v *values) string { return v.or(v.args.Client, "neutral.client") },
		"ClientStart":     func(v *values) string { return v.or(v.args.Client, "neutral.client_start") },
		"Contact":         func(v *values) string { return v.or(cmp.Or(v.args.By, v.args.Client), "neutral.client") },
		"ContactStart":    func(v *values) string { return v.or(cmp.Or(v.args.By, v.args.Client), "neutral.client_start") },
		"Platform":        func(v *values) string { return v.or(v.service.Name, "neutral.platform") },
		"PlatformStart":   func(v *values) string { return v.or(v.service.Name, "neutral.platform_start") },
		"PlatformNoun":    func(v *values) string { return v.or(v.service.Name, "neutral.platform_noun") },
		"Name":            func(v *values) string { return v.args.Name },
		"FirstName":       func(v *values) string { return FirstName(v.args.Name) },
		"By":              func(v *values) string { return v.args.By },
		"Other":           func(v *values) string { return v.args.Other },
		"People":          func(v *values) string { return v.c.List(v.args.People) },
		"When":            func(v *values) string { return v.c.DateTime(v.args.When) },
		"Date":            func(v *values) string { return v.c.Date(v.args.When) },
		"TryAgain":        (*values).tryAgain,
		"Account":         func(v *values) string { return v.args.Account },
		"Address":         func(v *values) string { return v.args.Address },
		"Reason":          func(v *values) string { return v.args.Reason },
		"Lists":           func(v *values) string { return v.args.Lists },
		"Feature":         func(v *values) string { return v.args.Feature },
		"App":             func(v *values) string { return v.args.App },
		"Things":          func(v *values) string { return v.c.Things(v.args.Asked) },
		"Install":         func(v *values) string { return v.args.Install },
		"Done":            func(v *values) string { return v.c.print.Number(int64(v.args.Done)) },
		"Of":              func(v *values) string { return v.c.print.Number(int64(v.args.Of)) },
		"Business":        func(v *values) string { return v.args.Business },
		"Role":            func(v *values) string { return v.args.role() },
		"Roles":           func(v *values) string { return v.service.Roles },
		"RoleShort":       func(v *values) string { return v.requiredRole().Short },
		"RoleExplanation": func(v *values) string { return v.requiredRole().Explanation },
		"RoleRequest":     func(v *values) string { return v.requiredRole().Request },
		"AccountNoun":     func(v *values) string { return v.service.Account },
		"AccountsNoun":    func(v *values) string { return v.service.Accounts },
		"KeyPlace":        func(v *values) string { return v.key().Place },
		"KeyExample":      func(v *values) string { return v.key().Example },
		"Steps":           func(v *values) string { return strings.Join(v.service.Withdraw, " ") },
		"StepLines":       func(v *values) string { return strings.Join(v.service.Withdraw, "\n") },
		"KindNoun":        (*values).kindNoun,
		"Greeting":        (*values).greeting,
	}
}

// or is the name, or a neutral word where there is none.
func (v *values) or(name, neutral string) string {
	if name == "" {
		return v.c.print.Text(neutral)
	}
	return name
}

func (v *values) requiredRole() RequiredRole {
	if v.service.RequiredRole == nil {
		return RequiredRole{}
	}
	return *v.service.RequiredRole
}

func (v *values) key() Key {
	if v.service.Key == nil {
		return Key{}
	}
	return *v.service.Key
}

// kindNoun is the item by what it is: "an ad account".
func (v *values) kindNoun() string {
	id := "kind." + string(v.args.Kind) + ".indefinite"
	if v.c.print.Has(id) {
		return v.c.print.Text(id)
	}
	return v.or(v.args.Asset, "neutral.asset")
}

func (v *values) greeting() string {
	if name := FirstName(v.args.By); name != "" {
		return v.c.print.Text("greeting.named", "Name", name)
	}
	return v.c.print.Text("greeting.nameless")
}

// tryAgain is when it may work again: for a person who waits in minutes, else
// with the day.
func (v *values) tryAgain() string {
	switch wait := v.args.Wait; {
	case wait == 0:
		return v.c.print.Text("try_again.after", "When", v.c.DateTime(v.args.When))
	case wait < 2*time.Hour:
		return v.c.print.Plural("try_again.minutes", int64((wait+time.Minute-1)/time.Minute))
	default:
		return v.c.print.Plural("try_again.hours", int64((wait+time.Hour-1)/time.Hour))
	}
}

// role is the platform's name of a role, as its pages write it; empty: it is
// not known, or no name.
func (a Args) role() string {
	if a.Code == "" || strings.Trim(strings.ToLower(a.Code), "abcdefghijklmnopqrstuvwxyz") != "" {
		return ""
	}
	return strings.ToUpper(a.Code[:1]) + strings.ToLower(a.Code[1:])
}

// lines are the lines of a message that lists something.
func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
