// Command gen writes frontend/src/api from the table of the bridge's methods:
// types.ts, enums.ts, limits.ts and client.ts. Shapes come from reflect; the
// values of string types and the comments come from the source.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/latchkeyhq/latchkey/internal/desktop"
)

func main() {
	out := flag.String("out", "frontend/src/api", "the folder to write to")
	root := flag.String("root", ".", "the folder of go.mod")
	flag.Parse()
	if err := write(*root, *out); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func write(root, out string) error {
	files, err := generate(root, desktop.Spec())
	if err != nil {
		return err
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(out, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
	}
	return nil
}
