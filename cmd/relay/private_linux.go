package main

import (
	"fmt"
	"syscall"
)

// prSetDumpable is PR_SET_DUMPABLE of <linux/prctl.h>.
const prSetDumpable = 4

// disableCoreDumps keeps what is in this process's memory from others: no core is
// written when it dies, and nobody but root reads its memory or environment.
func disableCoreDumps() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return fmt.Errorf("switching core dumps off: %w", err)
	}
	if _, _, fault := syscall.RawSyscall(syscall.SYS_PRCTL, prSetDumpable, 0, 0); fault != 0 {
		return fmt.Errorf("closing the memory to others: %w", fault)
	}
	return nil
}
