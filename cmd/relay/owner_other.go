//go:build !unix

package main

// isForeignDir knows of no owners here.
func isForeignDir(string) error { return nil }
