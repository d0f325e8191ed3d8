package main

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/latchkeyhq/latchkey/internal/version"
	"github.com/latchkeyhq/latchkey/internal/wire"
)

// releases is where the project's own programs are.
const releases = "https://github.com/latchkeyhq/latchkey/releases"

// hubRelease reads which version of the hub is announced to hubs; nil: none.
func (r *reader) hubRelease(numberName, placeName string) *wire.HubRelease {
	number, place := r.value(numberName), r.value(placeName)
	if number == "" {
		if place != "" {
			r.wrong(placeName, "is set without "+numberName+"; name the version that is there")
		}
		return nil
	}
	if !version.Valid(number) {
		r.wrong(numberName, "is no version; write it as 1.4.0")
	}
	if place == "" {
		place = releases
	}
	if u, err := url.Parse(place); err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsFunc(place, unicode.IsSpace) {
		r.wrong(placeName, "is not the https:// address of a page")
	}
	return &wire.HubRelease{Version: number, URL: place}
}
