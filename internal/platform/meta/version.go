package meta

import (
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"sync/atomic"

	"github.com/latchkeyhq/latchkey/internal/platform"
)

// oldest is the version of the Graph API that this driver was built for, and
// the oldest that it calls. Marketing calls of a version end after a year or so.
// https://developers.facebook.com/documentation/ads-commerce/marketing-api/marketing-api-changelog/versions.md
const oldest = 27

const (
	graphHost      = "graph.facebook.com"
	settingVersion = "API_VERSION"
)

// apiVersion is the version that is called: the driver's own, or a newer one
// that the operator set. It is safe for concurrent use.
type apiVersion struct {
	raised atomic.Int64 // 0: not
	warned atomic.Int64 // the version of which a warning has been logged
	log    atomic.Pointer[slog.Logger]
}

func (v *apiVersion) number() int64 { return max(oldest, v.raised.Load()) }

// String is the version as addresses have it: "v27.0".
func (v *apiVersion) String() string { return versionText(v.number()) }

// base is where the Graph API is at that version.
func (v *apiVersion) base() string { return "https://" + graphHost + "/" + v.String() + "/" }

// dialog is where a browser signs in at that version.
func (v *apiVersion) dialog() string {
	return "https://www.facebook.com/" + v.String() + "/dialog/oauth"
}

func versionText(number int64) string { return "v" + strconv.FormatInt(number, 10) + ".0" }

// readVersion reads "v28.0"; 0: it is no version.
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

// logger is where what the operator should know is told.
func (v *apiVersion) logger() *slog.Logger {
	if log := v.log.Load(); log != nil {
		return log
	}
	return slog.New(slog.DiscardHandler)
}

// endedVersion is the code of a call to a version that has ended.
const endedVersion = 2635

// notice tells the operator that the version has ended, or soon will: the first
// at each such refusal, the second once.
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

// UseVersion calls this version from now on. What is no version, or is older
// than the one the driver was built for, stands for the driver's own.
func (h *Hub) UseVersion(text string) { h.graph.version.raised.Store(readVersion(text)) }

// UseLog says where the driver tells what its operator should know.
func (h *Hub) UseLog(log *slog.Logger) { h.graph.version.log.Store(log) }
