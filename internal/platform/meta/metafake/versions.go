package metafake

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// graphVersion is one version of the Graph API. Calls of the Marketing API end
// earlier than the rest.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/marketing-api-changelog/versions.md
// https://developers.facebook.com/docs/graph-api/changelog
type graphVersion struct {
	number    int
	marketing time.Time // the day it ends; zero: none is named
	core      time.Time
}

// newestGraph is the newest version, while "newer_version" is off.
const newestGraph = 27

// graphVersions are those that can be called, the oldest first. The day on
// which v21.0 ended for Marketing calls is not known: it was before v22.0's.
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

// coreEnded and marketingEnded say whether a version can still be called.
func (v graphVersion) coreEnded(now time.Time) bool {
	return !v.core.IsZero() && !now.Before(v.core)
}

func (v graphVersion) marketingEnded(now time.Time) bool {
	return !v.marketing.IsZero() && !now.Before(v.marketing)
}

// graphPath takes the version off a path and splits the rest. Without a
// version the oldest is called that has not ended. It is false where the
// version is none, or has ended: the platform may call a newer one then, the
// sandbox refuses, which is our own strictness.
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

// endedVersion is what an ended version means for a call of the Marketing API:
// a refusal, or a warning where the call is served as the newest version would.
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
