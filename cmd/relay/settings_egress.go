package main

import (
	"crypto/x509"
	"net/url"

	"github.com/latchkeyhq/latchkey/internal/egress"
	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/platform"
	"github.com/latchkeyhq/latchkey/internal/relay/doctor"
)

// egressSettings are how the relay's own calls leave the machine.
type egressSettings struct {
	proxy *url.URL       // of platforms, webhooks and authorities; nil: they are called directly
	file  string         // of more authorities to trust; empty: none
	roots *x509.CertPool // the system's and those of the file; nil: the system's
}

// egress reads the proxy, which may have an account and so be in a file, and the authorities
// that are trusted beside the system's.
func (r *reader) egress(proxyName, rootsName string) egressSettings {
	var s egressSettings
	if text := r.secretText(proxyName); text != "" {
		proxy, err := egress.ParseProxy(text)
		if err != nil {
			r.wrong(proxyName, err.Error())
		}
		s.proxy = proxy
	}
	if s.file = r.value(rootsName); s.file != "" {
		roots, err := egress.ReadRoots(s.file)
		if err != nil {
			r.wrong(rootsName, err.Error())
		}
		s.roots = roots
	}
	return s
}

// route is how calls leave the machine.
func (s egressSettings) route() *egress.Route {
	config := egress.Config{Roots: s.roots}
	if s.proxy != nil {
		config.Proxy = egress.Fixed(s.proxy)
	}
	return egress.New(config)
}

// routedApps are the platforms' apps, each called by the route.
func (s settings) routedApps() map[onboarding.Platform]platform.App {
	apps := map[onboarding.Platform]platform.App{}
	for of, app := range s.apps {
		app.Route = s.egress.route()
		apps[of] = app
	}
	return apps
}

// describe says what is set, for the reports of check and doctor.
func (s egressSettings) describe() []doctor.Finding {
	var lines []doctor.Finding
	if s.proxy != nil {
		lines = append(lines, doctor.Finding{
			Check: "proxy", State: doctor.OK,
			Text: "Platforms, webhooks and certificate authorities are called through " + egress.Name(s.proxy) + ".",
		})
	}
	if s.roots != nil {
		lines = append(lines, doctor.Finding{
			Check: "authorities", State: doctor.OK, Text: "Beside the system's, the authorities of " + s.file + " are trusted.",
		})
	}
	return lines
}
