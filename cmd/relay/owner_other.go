//go:build !unix

package main

// othersPlace knows of no owners here.
func othersPlace(string) error { return nil }
