package store_test

import (
	"fmt"
	"testing"

	"github.com/latchkeyhq/latchkey/internal/onboarding"
	"github.com/latchkeyhq/latchkey/internal/relay/store"
	"github.com/latchkeyhq/latchkey/internal/sqldb"
)

// copies fills the agency up with copies of a request, so that it has so many.
func (s *scene) copies(t *testing.T, of string, total int) {
	t.Helper()
	bytes := "CAST(of.id || n AS BLOB)"
	if s.DB().Engine() == sqldb.PostgreSQL {
		bytes = "CAST(of.id || n AS BYTEA)"
	}
	must(t, s.DB().InTx(t.Context(), func(tx *sqldb.Tx) error {
		_, err := tx.ExecContext(t.Context(), fmt.Sprintf(`
			INSERT INTO requests (id, agency, owner, client, message, services, connection, user_id, user_name,
				business_id, business_name, by_hand, kinds, level, status, created_ms, accepted_ms, expires_ms, link_id,
				link_version, renewed_ms, link_asked_ms, opened_ms, withdrawn_ms, finished_ms, completed_ms, completed_by_name,
				completed_by_email, confirmed, archived_ms, forgotten_ms, declined_ms,
				declined_by, declined_visit, decline_reason, reminders, last_number, mac)
			WITH RECURSIVE numbers (n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM numbers WHERE n < %d)
			SELECT of.id || n, agency, owner, client, message, services, connection, user_id, user_name,
				business_id, business_name, by_hand, kinds, level, status, created_ms, accepted_ms, expires_ms, %s,
				link_version, renewed_ms, link_asked_ms, opened_ms, withdrawn_ms, finished_ms, completed_ms, completed_by_name,
				completed_by_email, confirmed, archived_ms, forgotten_ms, declined_ms,
				declined_by, declined_visit, decline_reason, reminders, last_number, mac
			FROM requests AS of, numbers WHERE of.id = '%s'`, total, bytes, of))
		return err
	}))
}

func TestAnAgencyHasAHundredThousandRequestsAndNoMore(t *testing.T) {
	each(t, func(t *testing.T, s *scene) {
		s.save(t, "first", "ana")
		s.copies(t, "first", 99_999)
		s.save(t, "last", "ana")
		_, err := s.Requests.Save(t.Context(), s.agency, store.NewRequest{
			ID: "more", Owner: "ana", Client: "Harbour & Pine", LinkID: []byte("link of more"),
		})
		wants(t, err, onboarding.ErrInvalid)
		s.save(t, "last", "ana") // a repeat is answered as before
		must(t, s.Requests.DeleteClient(t.Context(), s.agency, "last"))
		s.save(t, "more", "ana")
	})
}
