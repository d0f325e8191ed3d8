package doctor

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/latchkeyhq/latchkey/internal/filemode"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// checkDatabase reads the whole SQLite file; PostgreSQL looks after its own.
func checkDatabase(ctx context.Context, c Config) []Finding {
	if c.DB == nil {
		return nil
	}
	line := Finding{Check: "database", State: OK}
	switch err := c.DB.Check(ctx); {
	case errors.Is(err, sqldb.ErrDamaged):
		line.State, line.Text = Failed, "The database is damaged."
		line.Fix = "Stop the relay, move the file away and restore a backup."
		return []Finding{line}
	case err != nil && ctx.Err() != nil:
		line.State, line.Text = Unknown, "Reading the whole database takes longer than doctor waits."
		line.Fix = "Run PRAGMA integrity_check on a copy of it, or on a backup."
		return []Finding{line}
	case err != nil:
		line.State, line.Text, line.Fix = Failed, "The database does not answer.", "See that its server runs."
		return []Finding{line}
	}
	size, err := c.databaseSize(ctx)
	if err != nil {
		line.Text = "The database is sound."
		return []Finding{line}
	}
	line.Text = "The database is sound and has " + bytesText(size) + "."
	return append([]Finding{line}, c.databaseClock(ctx)...)
}

// databaseSize is in bytes, with SQLite's log.
func (c Config) databaseSize(ctx context.Context) (size int64, err error) {
	if c.DB.Engine() != sqldb.SQLite {
		err = c.DB.QueryRowContext(ctx, `SELECT pg_database_size(current_database())`).Scan(&size)
		return size, err
	}
	for _, path := range []string{c.Source, c.Source + "-wal"} {
		info, err := os.Stat(path)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		size += info.Size()
	}
	return size, nil
}

// skew is what two clocks may differ by: links and codes end by them.
const skew = 30 * time.Second

// databaseClock compares this machine's clock with that of the database's.
func (c Config) databaseClock(ctx context.Context) []Finding {
	if c.DB.Engine() != sqldb.PostgreSQL {
		return nil
	}
	var there float64
	if err := c.DB.QueryRowContext(ctx, `SELECT extract(epoch FROM clock_timestamp())`).Scan(&there); err != nil {
		return nil
	}
	if apart := c.Now().Sub(time.UnixMilli(int64(there * 1000))).Abs(); apart > skew {
		return []Finding{{
			Check: "clock", State: Warning,
			Text: fmt.Sprintf("The clocks of this machine and of the database's are %s apart.", apart.Round(time.Second)),
			Fix:  "Let both follow a time server.",
		}}
	}
	return nil
}

// checkClock asks the system whether its clock follows a time server.
func checkClock(context.Context, Config) []Finding {
	line := Finding{Check: "clock"}
	switch synchronised, known := clockSynchronised(); {
	case !known:
		line.State, line.Text = Unknown, "This system does not say whether its clock follows a time server."
		line.Fix = "See that it does: links, codes and certificates end by it."
	case synchronised:
		line.State, line.Text = OK, "The clock follows a time server."
	default:
		line.State, line.Text = Warning, "The clock does not follow a time server."
		line.Fix = "Turn on time synchronisation, as `timedatectl set-ntp true` does: links, codes and certificates " +
			"end by it."
	}
	return []Finding{line}
}

func checkKeyFile(_ context.Context, c Config) []Finding {
	if c.Keys == "" {
		return nil
	}
	line := Finding{
		Check: "key file", State: OK, Text: "The key file belongs to the database, and only its owner can read it.",
	}
	info, err := os.Stat(c.Keys)
	switch {
	case err != nil:
		line.State, line.Text = Failed, "The key file at "+c.Keys+" cannot be read."
		line.Fix = "Run this as the user that runs the relay, or restore the backup that has the key file."
	case filemode.IsOpenTo(info, 0o077):
		line.State, line.Text = Failed, "Others than its owner can read the key file at "+c.Keys+"."
		line.Fix = "Run chmod 600 on it."
	case !filemode.IsKnown():
		line.Text = "The key file belongs to the database. See that only the relay's user may open its folder."
	}
	return []Finding{line}
}

// enoughDisk is what should be free where the database is.
const enoughDisk = 1 << 30

func checkDisk(_ context.Context, c Config) []Finding {
	if c.DB == nil || c.DB.Engine() != sqldb.SQLite {
		return nil
	}
	folder := filepath.Dir(c.Source)
	free, known := freeSpace(folder)
	switch line := (Finding{Check: "disk", State: OK}); {
	case !known:
		line.State, line.Text = Unknown, "This system does not say how much of the disk is free."
		line.Fix = "See that there is room for the database and a backup of it."
		return []Finding{line}
	case free < enoughDisk:
		line.State, line.Text = Warning, bytesText(free)+" are free at "+folder+"."
		line.Fix = "Make room: with a full disk nothing that clients share can be stored."
		return []Finding{line}
	default:
		line.Text = bytesText(free) + " are free at " + folder + "."
		return []Finding{line}
	}
}

// oldBackup is when a backup is too old to rely on.
const oldBackup = 7 * 24 * time.Hour

func checkBackup(_ context.Context, c Config) []Finding {
	if c.DB == nil {
		return nil
	}
	line := Finding{Check: "backup", State: OK}
	age := c.Now().Sub(c.Backup.Time())
	switch {
	case c.DB.Engine() != sqldb.SQLite:
		line.State, line.Text = Unknown, "PostgreSQL's backups are made by pg_dump, which leaves no trace here."
		line.Fix = "See that they are made, and keep the key file with them."
	case c.Backup == 0:
		line.State, line.Text = Warning, "There was no backup yet."
		line.Fix = "Run `latchkey-relay backup write FILE` every night, and keep the file elsewhere."
	case age > oldBackup:
		line.State, line.Text = Warning, fmt.Sprintf("The last backup is %d days old.", int(age.Hours()/24))
		line.Fix = "Run `latchkey-relay backup write FILE` every night, and keep the file elsewhere."
	default:
		line.Text = "The last backup was written on " + c.Backup.Time().UTC().Format("2 January 2006 at 15:04 UTC") + "."
	}
	return []Finding{line}
}

// bytesText is a size for reading.
func bytesText(size int64) string {
	switch {
	case size >= 1<<30:
		return fmt.Sprintf("%.1f GB", float64(size)/(1<<30))
	case size >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(size)/(1<<20))
	}
	return fmt.Sprintf("%d KB", (size+1023)>>10)
}
