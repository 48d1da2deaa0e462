package org

import (
	"context"
	"time"

	"github.com/openprecinct/precinct/internal/account"
	"github.com/openprecinct/precinct/internal/db"
)

func groupsIn(ctx context.Context, r db.Reader, in ID) ([]Group, error) {
	return db.All[Group](ctx, r, `SELECT g.id, g.name, (SELECT COUNT(*) FROM org_group_member m WHERE m.group_id = g.id) AS people
		FROM org_group g WHERE g.org_id = ? AND g.ended_at = 0 ORDER BY g.name, g.id`, in)
}

func insertGroup(ctx context.Context, tx *db.Tx, in ID, name string) (GroupID, error) {
	return db.One[GroupID](ctx, tx, `INSERT INTO org_group (org_id, name) VALUES (?, ?) RETURNING id`, in, name)
}

func updateGroup(ctx context.Context, tx *db.Tx, in ID, id GroupID, name string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_group SET name = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, name, id, in)
}

func endGroup(ctx context.Context, tx *db.Tx, in ID, id GroupID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_group SET ended_at = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, at, id, in)
}

func groupMembers(ctx context.Context, r db.Reader, id GroupID) ([]account.ID, error) {
	return db.All[account.ID](ctx, r, `SELECT account_id FROM org_group_member WHERE group_id = ? ORDER BY account_id`, id)
}

func deleteGroupMembers(ctx context.Context, tx *db.Tx, id GroupID) error {
	_, err := db.Exec(ctx, tx, `DELETE FROM org_group_member WHERE group_id = ?`, id)
	return err
}

func insertGroupMember(ctx context.Context, tx *db.Tx, id GroupID, who account.ID) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO org_group_member (group_id, account_id) VALUES (?, ?) ON CONFLICT (group_id, account_id) DO NOTHING`, id, who)
	return err
}

const folderSelect = `SELECT f.id, f.org_id, o.name AS org_name, f.name, f.made_at, (SELECT COUNT(*) FROM org_folder_share s WHERE s.folder_id = f.id) AS shares
	FROM org_folder f JOIN org o ON o.id = f.org_id WHERE f.ended_at = 0 AND o.ended_at = 0`

func foldersIn(ctx context.Context, r db.Reader, in ID) ([]Folder, error) {
	return db.All[Folder](ctx, r, folderSelect+` AND f.org_id = ? ORDER BY f.name, f.id`, in)
}

// foldersFor returns the folders that are shared with a person, a group of theirs or the organisation they act for.
func foldersFor(ctx context.Context, r db.Reader, who account.ID, in ID) ([]Folder, error) {
	return db.All[Folder](ctx, r, folderSelect+` AND f.id IN (SELECT s.folder_id FROM org_folder_share s WHERE `+sharedTo+`) ORDER BY f.name, f.id`,
		in, who, in, in, in, who)
}

// sharedTo holds for shares s of folders f with an organisation, a person of it or a group of theirs.
const sharedTo = `(s.kind = 'org' AND s.target_id = ?
	OR s.kind = 'account' AND s.target_id = ? AND f.org_id = ?
	OR s.kind = 'group' AND f.org_id = ? AND s.target_id IN (SELECT g.id FROM org_group g JOIN org_group_member m ON m.group_id = g.id
		WHERE g.org_id = ? AND g.ended_at = 0 AND m.account_id = ?))`

// changeableFor returns the folders of which a person may change what is in them, because they are shared so.
func changeableFor(ctx context.Context, r db.Reader, who account.ID, in ID) ([]FolderID, error) {
	return db.All[FolderID](ctx, r, `SELECT DISTINCT s.folder_id FROM org_folder_share s JOIN org_folder f ON f.id = s.folder_id
		WHERE s.may_change = 1 AND f.ended_at = 0 AND `+sharedTo, in, who, in, in, in, who)
}

func insertFolder(ctx context.Context, tx *db.Tx, in ID, name string, at time.Time) (FolderID, error) {
	return db.One[FolderID](ctx, tx, `INSERT INTO org_folder (org_id, name, made_at) VALUES (?, ?, ?) RETURNING id`, in, name, at)
}

func updateFolder(ctx context.Context, tx *db.Tx, in ID, id FolderID, name string) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_folder SET name = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, name, id, in)
}

func endFolder(ctx context.Context, tx *db.Tx, in ID, id FolderID, at time.Time) (int64, error) {
	return db.Exec(ctx, tx, `UPDATE org_folder SET ended_at = ? WHERE id = ? AND org_id = ? AND ended_at = 0`, at, id, in)
}

func sharesOf(ctx context.Context, r db.Reader, id FolderID) ([]Share, error) {
	return db.All[Share](ctx, r, `SELECT s.kind, s.target_id, s.may_change,
		COALESCE(CASE s.kind WHEN 'account' THEN (SELECT a.name FROM account a WHERE a.id = s.target_id)
			WHEN 'group' THEN (SELECT g.name FROM org_group g WHERE g.id = s.target_id)
			ELSE (SELECT o.name FROM org o WHERE o.id = s.target_id) END, '') AS name
		FROM org_folder_share s WHERE s.folder_id = ? ORDER BY s.kind, name, s.target_id`, id)
}

func putShare(ctx context.Context, tx *db.Tx, id FolderID, s Share) error {
	_, err := db.Exec(ctx, tx, `INSERT INTO org_folder_share (folder_id, kind, target_id, may_change) VALUES (?, ?, ?, ?)
		ON CONFLICT (folder_id, kind, target_id) DO UPDATE SET may_change = excluded.may_change`, id, s.Kind, s.Target, s.MayChange)
	return err
}

func deleteShare(ctx context.Context, tx *db.Tx, id FolderID, s Share) (int64, error) {
	return db.Exec(ctx, tx, `DELETE FROM org_folder_share WHERE folder_id = ? AND kind = ? AND target_id = ?`, id, s.Kind, s.Target)
}
