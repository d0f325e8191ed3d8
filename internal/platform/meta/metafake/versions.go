package metafake

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// graphVersion is one version of the Graph API. Its Marketing API ends earlier.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/marketing-api-changelog/versions.md
// https://developers.facebook.com/docs/graph-api/changelog
type graphVersion struct {
	number    int
	marketing time.Time // the day of its end; zero: not announced
	core      time.Time
}

// newestGraph is the newest version, unless "newer_version" is on.
const newestGraph = 27

// graphVersions are the available versions, oldest first. The day on which
// v21.0 ended for Marketing calls is unknown: it was before v22.0's.
func graphVersions() []graphVersion {
	day := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	}
	return []graphVersion{
		{number: 21, marketing: day(2026, time.February, 19), core: day(2027, time.January, 21)},
		{number: 22, marketing: day(2026, time.February, 19), core: day(2027, time.May, 20)},
		{number: 23, marketing: day(2026, time.June, 9), core: day(2027, time.October, 8)},
		{number: 24, marketing: day(2026, time.November, 10), core: day(2028, time.February, 18)},
		{number: 25, marketing: day(2027, time.February, 23), core: day(2028, time.July, 29)},
		{number: 26},
		{number: newestGraph},
	}
}

func (v graphVersion) name() string { return "v" + strconv.Itoa(v.number) + ".0" }

// coreEnded and marketingEnded report whether a version has ended.
func (v graphVersion) coreEnded(now time.Time) bool {
	return !v.core.IsZero() && !now.Before(v.core)
}

func (v graphVersion) marketingEnded(now time.Time) bool {
	return !v.marketing.IsZero() && !now.Before(v.marketing)
}

// graphPath removes the version from a path and splits the rest. Without one it
// is the oldest available. It returns false for an unknown or ended version:
// Facebook may call a newer one then; the fake is stricter and refuses.
func (f *Fake) graphPath(path string) (graphVersion, []string, bool) {
	now := f.env.Clock()
	versions := graphVersions()
	if f.env.IsOn("newer_version", "") {
		versions = append(versions, graphVersion{number: newestGraph + 1})
	}
	parts := strings.Split(strings.Trim(path, "/"), "/")
	named := regexp.MustCompile(`^v\d+\.\d+$`).MatchString(parts[0])
	for _, v := range versions {
		switch {
		case v.coreEnded(now):
		case !named:
			return v, parts, true
		case v.name() == parts[0]:
			return v, parts[1:], true
		}
	}
	return graphVersion{number: newestGraph}, parts, false
}

// endedVersion is the effect of an ended version on a Marketing call: a
// refusal, or a warning if the call is served by the newest version.
// https://developers.facebook.com/blog/post/2024/04/16/upcoming-change-in-marketing-api-version-deprecation
func (f *Fake) endedVersion(v graphVersion, row graphEdge) (warning string, fault *graphFault) {
	if !row.marketing || !v.marketingEnded(f.env.Clock()) && !f.env.IsOn("version_ended", "") {
		return "", nil
	}
	newest := graphVersion{number: newestGraph}.name()
	if row.Method != "GET" {
		return "", refuse(2635, 0,
			"You are calling a deprecated version of the Ads API. Please update to the latest version: %s.", newest)
	}
	return "The call has been auto-upgraded to " + newest + " as " + v.name() + " has been deprecated.", nil
}
