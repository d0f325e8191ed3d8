package store

// The rules of onboarding/entitlement.go as conditions, where a query has to
// decide: on the owned row o, for the member m of the agency a.
// TestWhoMayHaveACredentialIsTheSameInGoAndInSQL holds them against those rules.
const (
	maySee = `
		m.removed_ms = 0 AND (a.share_requests = 1 OR o.owner = m.id OR o.agency_owned = 1 AND m.role = 'main')`
	mayManage = `
		m.removed_ms = 0 AND (o.owner = m.id OR m.role = 'main')`
)

// mayHave selects the subjects of the credentials that the member $2 of the agency
// $1 may have: items, and Connections.
const mayHave = `
	SELECT o.id AS subject
	FROM   (SELECT id, agency, owner, CASE WHEN request = '' THEN 1 ELSE 0 END AS agency_owned
	        FROM items WHERE version > 0 AND state <> 'ended') AS o
	JOIN   agencies a ON a.id = o.agency JOIN members m ON m.agency = a.id
	WHERE  a.id = $1 AND m.id = $2 AND ` + maySee + `
	UNION ALL
	SELECT o.id
	FROM   (SELECT id, agency, member AS owner, 1 AS agency_owned FROM connections WHERE ended_ms = 0) AS o
	JOIN   agencies a ON a.id = o.agency JOIN members m ON m.agency = a.id
	WHERE  a.id = $1 AND m.id = $2 AND ` + maySee
