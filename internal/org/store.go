package org

import (
	"context"
	"errors"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
	"github.com/openprecinct/precinct/internal/words"
)

type orgRow struct {
	ID        ID        `db:"id"`
	Parent    ID        `db:"parent_id"`
	Kind      Kind      `db:"kind"`
	Name      string    `db:"name"`
	CycleEnds time.Time `db:"cycle_ends_at"`
	Created   time.Time `db:"created_at"`
	People    int64     `db:"people"`
}

func insertOrg(ctx context.Context, tx *db.Tx, r orgRow) (ID, error) {
	return db.One[ID](ctx, tx, `INSERT INTO org (parent_id, kind, name, created_at) VALUES (?, ?, ?, ?) RETURNING id`, r.Parent, r.Kind, r.Name, r.Created)
}

func orgByID(ctx context.Context, r db.Reader, id ID) (orgRow, error) {
	o, err := db.One[orgRow](ctx, r, `SELECT id, parent_id, kind, name, cycle_ends_at, created_at FROM org WHERE id = ? AND ended_at = 0`, id)
	if errors.Is(err, db.ErrNone) {
		return o, errNoOrg()
	}
	return o, err
}

func allOrgs(ctx context.Context, r db.Reader) ([]orgRow, error) {
	return db.All[orgRow](ctx, r, `SELECT id, parent_id, kind, name, cycle_ends_at, created_at FROM org WHERE ended_at = 0 ORDER BY id`)
}

func orgsBelow(ctx context.Context, r db.Reader, parent ID, now time.Time) ([]orgRow, error) {
	return db.All[orgRow](ctx, r, `SELECT o.id, o.parent_id, o.kind, o.name, o.cycle_ends_at, o.created_at,
		(SELECT COUNT(*) FROM org_membership m WHERE m.org_id = o.id AND m.ended_at = 0 AND m.expires_at > ?) AS people
		FROM org o WHERE o.parent_id = ? AND o.ended_at = 0 ORDER BY o.name, o.id`, now, parent)
}

func zoneName(ctx context.Context, tx *db.Tx, id ID) (string, error) {
	return db.One[string](ctx, tx, `SELECT zone FROM org WHERE id = ?`, id)
}

func updateZone(ctx context.Context, tx *db.Tx, id ID, zone string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org SET zone = ? WHERE id = ?`, zone, id)
}

func updateCycle(ctx context.Context, tx *db.Tx, id ID, ends time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE org SET cycle_ends_at = ? WHERE id = ?`, ends, id)
	return err
}

func endOrg(ctx context.Context, tx *db.Tx, id, parent ID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org SET ended_at = ? WHERE id = ? AND parent_id = ? AND ended_at = 0`, at, id, parent)
}

type roleRow struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	Purpose string `db:"purpose"`
	Permits string `db:"permits"`
}

func ownRoles(ctx context.Context, r db.Reader, of ID) ([]roleRow, error) {
	return db.All[roleRow](ctx, r, `SELECT id, name, purpose, permits FROM org_role WHERE org_id = ? AND ended_at = 0 ORDER BY name, id`, of)
}

func insertRole(ctx context.Context, tx *db.Tx, of ID, r roleRow) (int64, error) {
	return db.One[int64](ctx, tx, `INSERT INTO org_role (org_id, name, purpose, permits) VALUES (?, ?, ?, ?) RETURNING id`, of, r.Name, r.Purpose, r.Permits)
}

func updateRole(ctx context.Context, tx *db.Tx, of ID, r roleRow) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_role SET name = ?, purpose = ?, permits = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, r.Name, r.Purpose, r.Permits, r.ID, of)
}

func endRole(ctx context.Context, tx *db.Tx, of ID, id int64, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_role SET ended_at = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, at, id, of)
}

// countRoleUse counts live memberships and open invitations with a role.
func countRoleUse(ctx context.Context, r db.Reader, of ID, role string, now time.Time) (int64, error) {
	return db.One[int64](ctx, r, `SELECT (SELECT COUNT(*) FROM org_membership WHERE org_id = ? AND role = ? AND ended_at = 0 AND expires_at > ?)
		+ (SELECT COUNT(*) FROM org_invitation WHERE org_id = ? AND role = ? AND ended_at = 0 AND accepted_at = 0 AND ends_at > ?)`, of, role, now, of, role, now)
}

// memberRow is one membership with the names beside it.
type memberRow struct {
	ID        MembershipID `db:"id"`
	Org       ID           `db:"org_id"`
	OrgName   string       `db:"org_name"`
	OrgKind   Kind         `db:"org_kind"`
	Account   account.ID   `db:"account_id"`
	Name      string       `db:"name"`
	Email     string       `db:"email"`
	Lang      words.Lang   `db:"lang"`
	Zone      string       `db:"zone"`
	Role      string       `db:"role"`
	ScopeKind string       `db:"scope_kind"`
	ScopeID   int64        `db:"scope_id"`
	Began     time.Time    `db:"began_at"`
	Expires   time.Time    `db:"expires_at"`
	Seen      time.Time    `db:"seen_at"`
}

const memberSelect = `SELECT m.id, m.org_id, o.name AS org_name, o.kind AS org_kind, o.zone, m.account_id, a.name,
	CASE WHEN a.email LIKE 'guest:%' THEN '' ELSE a.email END AS email, a.lang, m.role,
	m.scope_kind, m.scope_id, m.began_at, m.expires_at, m.seen_at
	FROM org_membership m JOIN org o ON o.id = m.org_id JOIN account a ON a.id = m.account_id
	WHERE m.ended_at = 0 AND o.ended_at = 0 AND a.disabled_at = 0 AND m.expires_at > ?`

func membershipsOf(ctx context.Context, r db.Reader, who account.ID, now time.Time) ([]memberRow, error) {
	return db.All[memberRow](ctx, r, memberSelect+` AND m.account_id = ? ORDER BY o.name, o.id, m.id`, now, who)
}

func seatsOf(ctx context.Context, r db.Reader, who account.ID, in ID, now time.Time) ([]memberRow, error) {
	return db.All[memberRow](ctx, r, memberSelect+` AND m.account_id = ? AND m.org_id = ? ORDER BY m.id`, now, who, in)
}

// pastRow is a membership that may be over.
type pastRow struct {
	memberRow
	Ended time.Time `db:"ended_at"` // before it expired; zero for not
}

// end is when it ended or will.
func (r pastRow) end() time.Time {
	if !r.Ended.IsZero() && r.Ended.Before(r.Expires) {
		return r.Ended
	}
	return r.Expires
}

// everySeatOf returns the memberships of an account in an organisation, over or not; none of an account that is disabled.
func everySeatOf(ctx context.Context, r db.Reader, who account.ID, in ID) ([]pastRow, error) {
	return db.All[pastRow](ctx, r, `SELECT m.org_id, m.account_id, a.name, m.role, m.scope_kind, m.scope_id, m.began_at, m.expires_at, m.ended_at
		FROM org_membership m JOIN org o ON o.id = m.org_id JOIN account a ON a.id = m.account_id
		WHERE o.ended_at = 0 AND a.disabled_at = 0 AND m.account_id = ? AND m.org_id = ? ORDER BY m.id`, who, in)
}

func membershipsIn(ctx context.Context, r db.Reader, in ID, now time.Time) ([]memberRow, error) {
	return db.All[memberRow](ctx, r, memberSelect+` AND m.org_id = ? ORDER BY a.name, a.id, m.id`, now, in)
}

func membershipsExpiring(ctx context.Context, r db.Reader, now, before time.Time) ([]memberRow, error) {
	return db.All[memberRow](ctx, r, memberSelect+` AND m.expires_at <= ? AND m.warned_at = 0 ORDER BY m.id`, now, before)
}

func insertMembership(ctx context.Context, tx *db.Tx, m memberRow, by account.ID) (MembershipID, error) {
	return db.One[MembershipID](ctx, tx, `INSERT INTO org_membership (org_id, account_id, role, scope_kind, scope_id, began_at, began_by, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, m.Org, m.Account, m.Role, m.ScopeKind, m.ScopeID, m.Began, by, m.Expires)
}

func updateMembership(ctx context.Context, tx *db.Tx, in ID, id MembershipID, role string, expires time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_membership SET role = ?, expires_at = ?, warned_at = 0 WHERE id = ? AND org_id = ? AND ended_at = 0`, role, expires, id, in)
}

// keepFormer notes with which role a membership was, until at: what was recorded on the way with it still counts.
func keepFormer(ctx context.Context, tx *db.Tx, in ID, id MembershipID, at time.Time, by account.ID) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO org_membership (org_id, account_id, role, scope_kind, scope_id, began_at, began_by, expires_at, ended_at, ended_by)
		SELECT org_id, account_id, role, scope_kind, scope_id, began_at, began_by, expires_at, ?, ? FROM org_membership WHERE id = ? AND org_id = ? AND ended_at = 0`, at, by, id, in)
	return err
}

func updateMemberSeen(ctx context.Context, tx *db.Tx, who account.ID, in ID, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE org_membership SET seen_at = ? WHERE account_id = ? AND org_id = ? AND ended_at = 0`, at, who, in)
	return err
}

// updateWarned notes that a member was told; 0 when somebody else did so meanwhile.
func updateWarned(ctx context.Context, tx *db.Tx, id MembershipID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_membership SET warned_at = ? WHERE id = ? AND warned_at = 0`, at, id)
}

func endMembership(ctx context.Context, tx *db.Tx, in ID, id MembershipID, at time.Time, by account.ID) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_membership SET ended_at = ?, ended_by = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, at, by, id, in)
}

// prolongMembership moves the end of a guest's live memberships; nobody else's.
func prolongMembership(ctx context.Context, tx *db.Tx, in ID, who account.ID, ends time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE org_membership SET expires_at = ? WHERE account_id = ? AND org_id = ? AND ended_at = 0 AND expires_at < ?
		AND account_id IN (SELECT id FROM account WHERE id = ? AND email LIKE 'guest:%')`, ends, who, in, ends, who)
	return err
}

type inviteRow struct {
	ID        InvitationID `db:"id"`
	Org       ID           `db:"org_id"`
	OrgName   string       `db:"org_name"`
	Email     string       `db:"email"`
	Name      string       `db:"name"`
	Role      string       `db:"role"`
	ScopeKind string       `db:"scope_kind"`
	ScopeID   int64        `db:"scope_id"`
	Until     time.Time    `db:"member_until"`
	Made      time.Time    `db:"made_at"`
	MadeBy    account.ID   `db:"made_by"`
	MadeName  string       `db:"made_name"`
	Ends      time.Time    `db:"ends_at"`
}

const inviteSelect = `SELECT i.id, i.org_id, o.name AS org_name, i.email, i.name, i.role, i.scope_kind, i.scope_id, i.member_until, i.made_at, i.made_by,
	COALESCE((SELECT a.name FROM account a WHERE a.id = i.made_by), '') AS made_name, i.ends_at
	FROM org_invitation i JOIN org o ON o.id = i.org_id
	WHERE o.ended_at = 0 AND i.ended_at = 0 AND i.accepted_at = 0 AND i.ends_at > ?`

func invitationByHash(ctx context.Context, r db.Reader, hash string, now time.Time) (inviteRow, error) {
	return db.One[inviteRow](ctx, r, inviteSelect+` AND i.hash = ?`, now, hash)
}

func invitationsIn(ctx context.Context, r db.Reader, in ID, now time.Time) ([]inviteRow, error) {
	return db.All[inviteRow](ctx, r, inviteSelect+` AND i.org_id = ? ORDER BY i.made_at DESC, i.id DESC`, now, in)
}

func insertInvitation(ctx context.Context, tx *db.Tx, hash string, i inviteRow) (InvitationID, error) {
	return db.One[InvitationID](ctx, tx, `INSERT INTO org_invitation (org_id, hash, email, name, role, scope_kind, scope_id, member_until, made_at, made_by, ends_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`, i.Org, hash, i.Email, i.Name, i.Role, i.ScopeKind, i.ScopeID, i.Until, i.Made, i.MadeBy, i.Ends)
}

// endInvitations takes back the open invitations of an e-mail, so that one person has one at a time.
func endInvitations(ctx context.Context, tx *db.Tx, in ID, email string, at time.Time) error {
	_, err := db.Exec(ctx, tx, `UPDATE org_invitation SET ended_at = ? WHERE org_id = ? AND email = ? AND ended_at = 0 AND accepted_at = 0`, at, in, email)
	return err
}

func endInvitation(ctx context.Context, tx *db.Tx, in ID, id InvitationID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_invitation SET ended_at = ? WHERE id = ? AND org_id = ? AND ended_at = 0 AND accepted_at = 0`, at, id, in)
}

func acceptInvitation(ctx context.Context, tx *db.Tx, id InvitationID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_invitation SET accepted_at = ? WHERE id = ? AND ended_at = 0 AND accepted_at = 0`, at, id)
}
