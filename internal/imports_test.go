package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/latchkeyhq/latchkey/"

// dependencies lists each package and the packages of ours it may import. A new
// dependency is a change here, in the same commit, with its reason.
var dependencies = map[string][]string{
	// Layer 0: these import only each other.
	"internal/bidi":                {}, // texts from outside turn no others round
	"internal/collation":           {}, // how texts are searched and ordered
	"internal/collation/rootorder": {}, // the same by Unicode's tables, in the desktop program
	"internal/grapheme":            {}, // whole characters
	"internal/onboarding":          {"internal/grapheme"},
	"internal/logo":                {"internal/onboarding"}, // for InvalidError
	"internal/seal":                {"internal/onboarding"}, // for Secret
	"internal/loopback":            {},                      // what counts as this computer
	"internal/egress":              {"internal/loopback"},   // how calls leave this computer
	"internal/egress/egresstest":   {"internal/egress"},     // its tests' network
	"internal/filemode":            {},                      // who may open a file
	"internal/fsync":               {},                      // file names that survive a power failure
	"internal/logfile":             {"internal/onboarding"}, // its tests: a Secret is not written
	"internal/version":             {},                      // which version a program is
	"internal/sqldb":               {"internal/filemode", "internal/fsync"},
	"internal/keychain":            {"internal/onboarding"}, // for Secret
	"internal/keychain/system":     {"internal/keychain", "internal/onboarding"},
	"internal/sandbox":             {},
	"internal/window":              {"internal/loopback"},
	"internal/webtest":             {}, // the scripted browser of the tests and of the demo's past
	"internal/desktop/bridge":      {},
	"internal/i18n":                {"internal/bidi"}, // message files, for all that clients read
	"internal/relay/pubsub":        {},
	"internal/jobs":                {},
	"internal/relay/link":          {"internal/onboarding"}, // for Secret
	"internal/relay/ingress":       {},                      // what one address may ask for
	"internal/relay/logs":          {},                      // how much goes into the operator's log

	// Layer 1
	"internal/wire":         {"internal/egress", "internal/loopback", "internal/onboarding"},
	"internal/policy":       {"internal/egress", "internal/onboarding", "internal/wire"},
	"internal/relay/keyset": {"internal/filemode", "internal/fsync", "internal/onboarding", "internal/relay/link"},
	"internal/catalog": {"internal/bidi", "internal/grapheme",
		"internal/i18n", "internal/onboarding"},
	"internal/pages": {"internal/bidi", "internal/collation", "internal/grapheme",
		"internal/i18n", "internal/catalog", "internal/onboarding"},
	"internal/mail": {"internal/bidi", "internal/collation", "internal/grapheme",
		"internal/i18n", "internal/catalog", "internal/loopback", "internal/onboarding"},

	// Writes docs/failures.md, and nothing else.

	"internal/pages/failuredoc": {"internal/platform/all", "internal/catalog", "internal/onboarding",
		"internal/pages/pagestest"},

	// Layer 2
	"internal/platform": {"internal/bidi",
		"internal/catalog", "internal/egress", "internal/onboarding"},
	"internal/relay/store": {"internal/onboarding", "internal/relay/link", "internal/sqldb"},

	// Layer 3: hub and relay never import each other. Drivers and fakes are in platformRule.
	"internal/platform/all": {"internal/catalog", "internal/egress", "internal/i18n", "internal/onboarding",
		"internal/platform", "internal/sandbox"}, // and each driver and fake
	// keychain for the reason why it does not open.
	"internal/hub/session": {"internal/egress", "internal/keychain", "internal/onboarding", "internal/wire"},
	"internal/hub/replica": {"internal/collation",
		"internal/catalog", "internal/onboarding", "internal/sqldb", "internal/wire"},
	// logo to refuse at once what the relay would.
	"internal/hub/outbox": {"internal/hub/replica", "internal/hub/session", "internal/logo", "internal/onboarding",
		"internal/wire"},
	// catalog for the sentences about what a platform refuses.
	"internal/hub/credentials": {"internal/hub/replica", "internal/hub/session", "internal/catalog", "internal/keychain",
		"internal/onboarding", "internal/platform", "internal/seal", "internal/sqldb", "internal/wire"},
	"internal/hub/checks": {"internal/hub/credentials", "internal/hub/replica", "internal/hub/session", "internal/catalog",
		"internal/keychain", "internal/onboarding", "internal/platform", "internal/wire"},
	// The report of a client's end, as a file.
	"internal/hub/report": {"internal/bidi", "internal/catalog", "internal/hub/replica", "internal/onboarding"},
	"internal/hub": {"internal/bidi", "internal/collation/rootorder", "internal/egress",
		"internal/hub/checks", "internal/hub/credentials", "internal/hub/outbox", "internal/hub/replica",
		"internal/hub/report", "internal/hub/session", "internal/catalog", "internal/keychain", "internal/logo",
		"internal/logfile", /* its tests */
		"internal/mail",
		"internal/onboarding", "internal/pages", "internal/platform", "internal/seal", "internal/sqldb", "internal/wire"},
	"internal/relay/sealing": {"internal/onboarding", "internal/platform", "internal/relay/keyset",
		"internal/relay/store", "internal/seal"},
	// catalog for the names of services; platform for what is a public address.
	"internal/relay/webhook": {"internal/catalog", "internal/egress", "internal/grapheme", "internal/i18n",
		"internal/loopback", "internal/onboarding", "internal/platform", "internal/relay/store"},
	// certmagic's storage in the relay's database.
	"internal/relay/certs": {"internal/egress", "internal/filemode", "internal/onboarding",
		"internal/relay/domains", /* its tests */
		"internal/relay/store"},
	// Which agency is served at which host, and the DNS that proves it.
	"internal/relay/domains": {"internal/onboarding", "internal/relay/store"},
	"internal/relay/doctor": {"internal/catalog", "internal/egress", "internal/filemode", "internal/mail",
		"internal/onboarding",
		"internal/platform", "internal/relay/ingress", "internal/sqldb"},
	// A review's link, and the key of its device that nobody has.
	"internal/relay/admin": {"internal/fsync", "internal/onboarding", "internal/relay/keyset", "internal/relay/link",
		"internal/relay/sealing", "internal/relay/store", "internal/sqldb"},
	"internal/relay/wizard": {"internal/bidi", "internal/collation", "internal/grapheme",
		"internal/catalog", "internal/onboarding", "internal/pages", "internal/platform",
		"internal/relay/ingress", "internal/relay/link", "internal/relay/sealing", "internal/relay/store",
		"internal/sqldb"},
	"internal/relay/api": {"internal/catalog", "internal/logo", "internal/onboarding", "internal/platform",
		"internal/relay/domains", "internal/relay/ingress",
		"internal/relay/keyset", "internal/relay/link", "internal/relay/pubsub", "internal/relay/sealing",
		"internal/relay/store", "internal/relay/webhook", "internal/sqldb", "internal/wire"},
	"internal/relay/worker": {"internal/grapheme",
		"internal/catalog", "internal/jobs", "internal/mail", "internal/onboarding",
		"internal/relay/link", "internal/relay/store", "internal/sqldb"},
	"internal/relay": {
		"internal/catalog" /* its tests */, "internal/egress", "internal/mail", "internal/onboarding", "internal/platform",
		"internal/relay/api",
		"internal/relay/doctor", "internal/relay/domains", "internal/relay/ingress", "internal/relay/keyset",
		"internal/relay/link",
		"internal/relay/logs", "internal/relay/pubsub", "internal/relay/sealing", "internal/relay/store",
		"internal/relay/webhook",
		"internal/relay/wizard", "internal/relay/worker", "internal/sqldb", "internal/wire"},

	// Layer 4
	"internal/relay/relaytest": {"internal/catalog/catalogtest",
		"internal/hub", "internal/keychain", "internal/mail", "internal/onboarding", "internal/platform",
		"internal/platform/all",
		"internal/relay", "internal/relay/admin", "internal/relay/ingress", "internal/relay/keyset",
		"internal/relay/store", "internal/relay/webhook", "internal/sandbox", "internal/seal", "internal/sqldb",
		"internal/wire", "internal/webtest"},
	"internal/demo": {"internal/catalog",
		"internal/hub", "internal/keychain", "internal/mail", "internal/onboarding", "internal/platform",
		"internal/platform/all",
		"internal/relay", "internal/relay/admin", "internal/relay/keyset", "internal/relay/store",
		"internal/relay/webhook", "internal/sandbox",
		"internal/seal",
		"internal/sqldb", "internal/wire", "internal/webtest"},

	// For tests alone: what the tests of the fakes begin with.
	"internal/sandbox/sandboxtest": {"internal/sandbox"},

	// For tests alone: what a driver's tests begin with.

	"internal/platform/platformtest": {"internal/catalog", "internal/onboarding", "internal/platform", "internal/sandbox",
		"internal/webtest"},

	// For tests alone: the catalog of all platforms.
	"internal/catalog/catalogtest": {"internal/catalog", "internal/platform/all"},

	// For tests, pictures and docs/failures.md alone: every page in every state.
	"internal/pages/pagestest": {"internal/catalog", "internal/onboarding", "internal/pages"},

	// For tests and pictures alone: every email in every state.
	"internal/mail/mailtest": {"internal/catalog", "internal/mail", "internal/onboarding"},

	// For tests alone: a certificate authority.
	"internal/relay/certs/certstest": {},

	// For tests alone: a name server.
	"internal/relay/domains/domainstest": {},

	// For tests alone: addresses on which a program listens later.
	"internal/loopback/loopbacktest": {},

	// For tests alone: golden files, and outlines of HTML to put into them.
	"internal/goldentest": {},

	// For tests alone: marks texts from outside, and finds where they are not isolated.
	"internal/bidi/biditest": {},

	// For tests alone: a hub full of work, and the credentials of a hub.
	"internal/hub/hubtest": {"internal/catalog/catalogtest", "internal/hub", "internal/hub/credentials",
		"internal/hub/replica", "internal/keychain", "internal/onboarding", "internal/platform", "internal/wire"},

	// For tests alone: a cluster of their own, and the command that shares one.
	"internal/sqldb/sqldbtest":         {},
	"internal/sqldb/sqldbtest/cluster": {"internal/sqldb/sqldbtest"},

	// Layer 5: the programs, and the journeys through all of them.
	"cmd/relay": {"internal/demo", "internal/egress", "internal/filemode", "internal/loopback", "internal/mail",
		"internal/onboarding",
		"internal/platform", "internal/platform/all", "internal/relay",
		"internal/relay/admin", "internal/relay/certs", "internal/relay/doctor", "internal/relay/domains",
		"internal/relay/keyset",
		"internal/relay/logs", "internal/relay/store",
		"internal/relay/webhook", "internal/sandbox" /* its tests */, "internal/sqldb", "internal/version",
		"internal/wire"},
	"internal/desktop": {"internal/bidi", "internal/collation/rootorder", "internal/grapheme",
		"internal/catalog", "internal/demo", "internal/desktop/bridge", "internal/egress", "internal/hub",
		"internal/keychain", "internal/onboarding",
		"internal/platform", "internal/platform/all", "internal/policy", "internal/sqldb", "internal/version",
		"internal/window",
		"internal/wire"},
	// sqldb for its errors, which get sentences
	"internal/desktop/gen": {"internal/desktop", "internal/desktop/bridge"}, // writes frontend/src/api

	"internal/policy/gen": {"internal/policy"}, // writes build/policies and the table in docs/hub.md

	// Writes the list of internal/onboarding from Unicode's.
	"internal/onboarding/lookalikes": {},

	"": {"internal/platform/all", "internal/demo", "internal/desktop", "internal/keychain/system", "internal/logfile",
		"internal/policy",
		"internal/version", "internal/window"},
	"internal/journey/built": {"internal/journey", "internal/relay", "internal/hub", "internal/hub/hubtest",
		"internal/version",
		"internal/keychain", "internal/keychain/system", "internal/onboarding", "internal/platform", "internal/sandbox",
		"internal/seal", "internal/sqldb", "internal/wire", "internal/webtest"},
	"internal/journey/window":       {"internal/hub/hubtest", "internal/journey", "internal/keychain/system"},
	"internal/journey/window/empty": {}, // what the window is measured against
	"internal/journey/browser": {"internal/journey", "internal/demo", "internal/hub", "internal/hub/hubtest",
		"internal/keychain", "internal/keychain/system", "internal/mail", "internal/onboarding", "internal/pages",
		"internal/platform",
		"internal/sandbox"},
	// For tests alone: what holds at every platform, each walked through a real relay and its hub.
	"internal/journey/platforms": {"internal/catalog", "internal/hub", "internal/onboarding", "internal/platform",
		"internal/wire"},
	// For tests alone: the platforms' own clients call the fake platforms.
	"internal/journey/sdk": {"internal/onboarding", "internal/platform"},
	"internal/journey": {"internal/catalog", "internal/demo", "internal/hub", "internal/keychain", "internal/mail",
		"internal/onboarding",
		"internal/pages", "internal/platform", "internal/platform/all", "internal/relay", "internal/relay/admin",
		"internal/relay/relaytest",
		"internal/relay/store", "internal/sandbox", "internal/seal", "internal/sqldb", "internal/wire", "internal/webtest"},
}

// platformRule is the row of each platform's folder: the driver of x is
// internal/platform/x, its fake internal/platform/x/xfake. Driver and fake import
// nothing of each other: each is the other's witness.
func platformRule(pkg string) (may []string, isOne bool) {
	switch {
	case isFake(pkg):
		return []string{"internal/sandbox"}, true
	case isDriver(pkg):
		return []string{"internal/platform", "internal/bidi", "internal/catalog", "internal/collation", "internal/grapheme",
			"internal/onboarding"}, true
	}
	return nil, false
}

// testPackages may be imported by the tests of any package from layer 2 on, and
// by the programs of the top layers.
var testPackages = map[string]bool{"internal/sandbox": true, "internal/sandbox/sandboxtest": true,
	"internal/webtest": true, "internal/relay/relaytest": true, "internal/platform/all": true, "internal/sqldb": true,
	"internal/sqldb/sqldbtest": true, "internal/hub/hubtest": true, "internal/platform/platformtest": true,
	"internal/egress/egresstest": true, "internal/loopback/loopbacktest": true, "internal/relay/certs/certstest": true,
	"internal/relay/domains/domainstest": true,
	"internal/goldentest":                true, "internal/bidi/biditest": true, "internal/catalog/catalogtest": true,
	"internal/i18n":            true,
	"internal/pages/pagestest": true, "internal/mail/mailtest": true,
	// The relay's tests act as the operator, and open what it sealed.
	"internal/relay/admin": true, "internal/seal": true}

// wholeRelay are what the tests of one part of the relay may import too: they check
// it within the whole relay, over HTTP.
var wholeRelay = map[string]bool{"internal/relay": true, "internal/relay/keyset": true, "internal/wire": true}

// hubParts are the parts that a Hub exposes: a package that may import
// internal/hub may name their types.
var hubParts = map[string]bool{
	"internal/hub/checks":      true,
	"internal/hub/credentials": true,
	"internal/hub/outbox":      true,
	"internal/hub/replica":     true,
	"internal/hub/session":     true,
}

func TestDependenciesPointDown(t *testing.T) {
	found := map[string]bool{}
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			switch entry.Name() {
			case "node_modules", ".git", "build", "dist":
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		name = filepath.ToSlash(name)
		found[packageOf(name)] = true
		checkFile(t, name)
		return nil
	})
	if err != nil {
		t.Fatalf("walking the repository: %v", err)
	}
	if len(found) == 0 {
		t.Fatal("found no Go file: the walk starts in the wrong place")
	}
	for pkg := range dependencies {
		if !found[pkg] {
			t.Errorf("the table of internal/imports_test.go has the package %q, which does not exist", pkg)
		}
	}
}

// packageOf is the package of a file: its folder in the repository.
func packageOf(name string) string {
	return strings.Trim(strings.TrimPrefix(path.Dir(name), ".."), "/")
}

// restricted are packages that only a few may import, whatever the table allows:
// wizard and worker get what they need of the keys as interfaces, and only
// sealing closes a credential.
var restricted = map[string][]string{
	"internal/relay/wizard": {"internal/relay"},
	"internal/relay/api":    {"internal/relay"},
	"internal/relay/worker": {"internal/relay"},
	"internal/relay/keyset": {"internal/relay", "internal/relay/api", "internal/relay/sealing", "internal/relay/admin",
		"internal/relay/relaytest", "internal/demo", "cmd/relay"},
}

func TestOnlyAFewPackagesReachTheKeysAndTheServers(t *testing.T) {
	for pkg, may := range dependencies {
		for target, importers := range restricted {
			if contains(may, target) && !contains(importers, pkg) {
				t.Errorf("%s may not depend on %s", pkg, target)
			}
		}
		inRelay := strings.HasPrefix(pkg, "internal/relay/") && pkg != "internal/relay/relaytest"
		if contains(may, "internal/seal") && inRelay && pkg != "internal/relay/sealing" {
			t.Errorf("%s may not depend on internal/seal: sealing does that", pkg)
		}
	}
}

func TestHubAndRelayDoNotImportEachOther(t *testing.T) {
	within := func(pkg, root string) bool { return pkg == root || strings.HasPrefix(pkg, root+"/") }
	for pkg, may := range dependencies {
		if pkg == "internal/relay/relaytest" { // a relay with hubs, for tests
			continue
		}
		for _, target := range may {
			if within(pkg, "internal/hub") && within(target, "internal/relay") ||
				within(pkg, "internal/relay") && within(target, "internal/hub") {
				t.Errorf("%s may not depend on %s", pkg, target)
			}
		}
	}
}

func TestTheReplicaMakesNoCalls(t *testing.T) {
	for name, file := range parsed(t) {
		if path.Dir(name) != "internal/hub/replica" {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := selector.X.(*ast.Ident)
			if ok && pkg.Name == "wire" && (selector.Sel.Name == "Client" || selector.Sel.Name == "Call") {
				t.Errorf("%s uses wire.%s: the replica only stores", name, selector.Sel.Name)
			}
			return true
		})
	}
}

func checkFile(t *testing.T, name string) {
	pkg := packageOf(name)
	if pkg == "internal" {
		return
	}
	may, known := dependencies[pkg]
	if !known {
		may, known = platformRule(pkg)
	}
	if !known {
		t.Errorf("%s: the package %q is not in the table of internal/imports_test.go", name, pkg)
		return
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
	if err != nil {
		t.Errorf("reading the imports of %s: %v", name, err)
		return
	}
	for _, spec := range file.Imports {
		imported, _ := strconv.Unquote(spec.Path.Value) // the parser has accepted it
		target, ours := strings.CutPrefix(imported, module)
		if !ours || target == pkg {
			continue
		}
		if hubParts[target] && contains(may, "internal/hub") {
			continue
		}
		if pkg == "internal/platform/all" && (isDriver(target) || isFake(target)) {
			continue
		}
		if strings.HasSuffix(name, "_test.go") && (testPackages[target] || isFake(target) ||
			wholeRelay[target] && strings.HasPrefix(pkg, "internal/relay/")) {
			continue
		}
		if !contains(may, target) {
			t.Errorf("%s imports %s: %s may not depend on it", name, target, pkg)
		}
	}
}

// isDriver reports whether a package is the driver of a platform: it has a fake.
func isDriver(pkg string) bool {
	x, within := strings.CutPrefix(pkg, "internal/platform/")
	if !within || strings.Contains(x, "/") {
		return false
	}
	info, err := os.Stat(filepath.Join("platform", x, x+"fake"))
	return err == nil && info.IsDir()
}

// isFake reports whether a package is a fake platform. Tests look into it.
func isFake(pkg string) bool {
	x := path.Base(path.Dir(pkg))
	return pkg == "internal/platform/"+x+"/"+x+"fake"
}

func contains(list []string, what string) bool {
	for _, entry := range list {
		if entry == what {
			return true
		}
	}
	return false
}
