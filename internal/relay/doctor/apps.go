package doctor

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync"

	"github.com/latchkeyhq/latchkey/internal/catalog"
	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
)

// checkApps shows each platform a code that nobody got: a platform that knows the app
// refuses the code, one that does not refuses the app.
func checkApps(ctx context.Context, c Config) []Finding {
	lines := make([]Finding, len(c.Drivers))
	var running sync.WaitGroup
	for n, driver := range c.Drivers {
		running.Go(func() { lines[n] = c.checkApp(ctx, driver) })
	}
	running.Wait()
	return lines
}

func (c Config) checkApp(ctx context.Context, driver platform.Driver) Finding {
	of := string(driver.Platform())
	setting := "LATCHKEY_" + strings.ToUpper(of)
	line := Finding{Check: "app " + of, State: OK}
	signIn, able := driver.(platform.SignIn)
	if !able {
		line.Text = "Clients enter a key: there is no app to check."
		return line
	}
	back := platform.SignInReturn{Code: onboarding.NewSecret(rand.Text()), Redirect: c.URL + "/callback/" + of}
	if signIn.UsesPKCE() {
		back.Verifier = onboarding.NewSecret(rand.Text() + rand.Text())
	}
	_, err := signIn.Exchange(ctx, back)
	var failure *platform.Failure
	if !errors.As(err, &failure) {
		line.State, line.Text, line.Fix = Unknown, "The platform's answer says nothing of the app.", "Connect a test account."
		return line
	}
	switch failure.Code {
	case catalog.SignInTooLate:
		line.Text = "The platform knows the app and its secret. Callback address to compare: " + back.Redirect
	case catalog.AgencySide, catalog.AdminMustInstall:
		line.State, line.Text = Failed, "The platform refuses the app"+inBrackets(failure.PlatformCode)+"."
		line.Fix = "Compare " + setting + "_CLIENT_ID and its secret with the platform's page of the app, and enter " +
			back.Redirect + " there as its callback address."
	case catalog.PlatformDown, catalog.PlatformBusy:
		if text, fix := barrier(err); text != "" {
			line.State, line.Text, line.Fix = Failed, text, fix
			return line
		}
		line.State, line.Text = Unknown, "The platform does not answer now."
		line.Fix = "Try again later. If it stays so, see that this machine may call it."
	default:
		line.State, line.Text = Unknown, "The platform's answer says nothing of the app"+inBrackets(failure.PlatformCode)+"."
		line.Fix = "Connect a test account."
	}
	return line
}

// barrier is why no call of a platform passes, where the way is to blame.
func barrier(err error) (text, fix string) {
	switch egress.BarrierOf(err) {
	case egress.ProxySignIn:
		return "The proxy asks for a sign-in, or refuses the one of LATCHKEY_PROXY (407).",
			"Write the account into LATCHKEY_PROXY, as http://user:password@host:port, better in a file that " +
				"LATCHKEY_PROXY_FILE names; or let the proxy pass this machine without one."
	case egress.Inspection:
		return "What answers in the platform's place has a certificate of an authority that this machine does not trust: " +
				"a proxy inspects what passes.",
			"Name the file of its authority in LATCHKEY_EXTRA_CA_FILE, or exempt this machine from the inspection."
	}
	return "", ""
}

func inBrackets(code string) string {
	if code == "" {
		return ""
	}
	return " (" + code + ")"
}
