// Package platforms tests properties that hold for every platform: an invalid
// sign-in stores nothing, a failing platform blocks no other, and no address
// from outside reaches an internal host.
//
// It is for tests alone. Each test is a table over the drivers of platform/all:
// a new platform adds one rehearsal to all of them.
package platforms
