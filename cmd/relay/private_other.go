//go:build !linux

package main

// disableCoreDumps is for the system on which relays are hosted.
func disableCoreDumps() error { return nil }
