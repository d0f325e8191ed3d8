package meta

import (
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"

	"github.com/latchkeyhq/latchkey/internal/platform"
)

// oldest is the version of the Graph API for which this driver was built, and
// the oldest that it calls. Marketing API versions end after about a year.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/marketing-api-changelog/versions.md
const oldest = 27

const (
	graphHost      = "graph.facebook.com"
	settingVersion = "API_VERSION"
)

// apiVersion is the version that is called: the driver's own, or a newer one
// set by the operator. It is safe for concurrent use.
type apiVersion struct {
	raised atomic.Int64 // 0: not set
	warned atomic.Int64 // the version for which a warning was logged
	log    atomic.Pointer[slog.Logger]
}

func (v *apiVersion) number() int64 { return max(oldest, v.raised.Load()) }

// String is the version as in URLs: "v27.0".
func (v *apiVersion) String() string { return versionText(v.number()) }

// base is the base URL of the Graph API at that version.
func (v *apiVersion) base() string { return "https://" + graphHost + "/" + v.String() + "/" }

// dialog is the URL of the login dialog at that version.
func (v *apiVersion) dialog() string {
	return "https://www.facebook.com/" + v.String() + "/dialog/oauth"
}

func versionText(number int64) string { return "v" + strconv.FormatInt(number, 10) + ".0" }

// readVersion parses "v28.0"; 0: invalid.
func readVersion(text string) int64 {
	found := regexp.MustCompile(`^v([1-9][0-9]{0,2})\.0$`).FindStringSubmatch(text)
	if found == nil {
		return 0
	}
	number, err := strconv.ParseInt(found[1], 10, 64)
	if err != nil {
		return 0
	}
	return number
}

// logger is the log for the operator.
func (v *apiVersion) logger() *slog.Logger {
	if log := v.log.Load(); log != nil {
		return log
	}
	return slog.New(slog.DiscardHandler)
}

// endedVersion is the error code of a version that has ended.
const endedVersion = 2635

// notice logs that the version has ended, at each refusal, or will end soon,
// once per version.
// https://developers.facebook.com/blog/post/2024/04/16/upcoming-change-in-marketing-api-version-deprecation
func (v *apiVersion) notice(reply platform.Reply) {
	number := v.number()
	if reply.Status != http.StatusOK && errorOf(reply).Code == endedVersion {
		v.logger().Error("Meta has ended this version of its API for ads: update the program, or set a newer version",
			"version", versionText(number), "setting", "LATCHKEY_META_"+settingVersion)
	}
	warning := reply.Header.Get("X-Ad-Api-Version-Warning")
	if warning == "" || v.warned.Swap(number) == number {
		return
	}
	v.logger().Warn("Meta is about to end this version of its API for ads: update the program, or set a newer version",
		"version", versionText(number), "setting", "LATCHKEY_META_"+settingVersion, "warning", warning)
}

// APIVersion is the version of the Graph API that is called.
func (h *Hub) APIVersion() string { return h.graph.version.String() }

// UseVersion sets the version. An invalid one, or one older than the driver's,
// selects the driver's own.
func (h *Hub) UseVersion(text string) { h.graph.version.raised.Store(readVersion(text)) }

// UseLog sets the log for the operator.
func (h *Hub) UseLog(log *slog.Logger) { h.graph.version.log.Store(log) }
