package org

import (
	"fmt"

	"github.com/openprecinct/precinct/internal/ledger"
)

// What this package writes into the ledger.
const (
	entryFound        ledger.Kind = "org.found"
	entryPartner      ledger.Kind = "org.partner.add"
	entryPartnerEnd   ledger.Kind = "org.partner.end"
	entryInvite       ledger.Kind = "org.invite"
	entryInviteEnd    ledger.Kind = "org.invite.end"
	entryAccept       ledger.Kind = "org.invite.accept"
	entryAdmit        ledger.Kind = "org.admit"
	entryGuest        ledger.Kind = "org.guest"
	entryRoleAsk      ledger.Kind = "org.role.ask"
	entryRoleChange   ledger.Kind = "org.role.change"
	entryEnd          ledger.Kind = "org.access.end"
	entryWarn         ledger.Kind = "org.access.warn"
	entryRoleMake     ledger.Kind = "org.role.make"
	entryRoleDrop     ledger.Kind = "org.role.remove"
	entryGroup        ledger.Kind = "org.group.edit"
	entryFolder       ledger.Kind = "org.folder.edit"
	entryFolderShare  ledger.Kind = "org.folder.share"
	entryAudit        ledger.Kind = "org.audit"
	entryAuditExport  ledger.Kind = "org.audit.export"
	entryCycle        ledger.Kind = "org.cycle"
	entryZone         ledger.Kind = "org.zone"
	entryDisableOrder ledger.Kind = "org.account.disable"
)

// Kinds describes them for readers of the ledger.
var Kinds = []ledger.KindDef{
	{Kind: entryFound, Sentence: "An organization was founded"},
	{Kind: entryPartner, Sentence: "A partner organization was added"},
	{Kind: entryPartnerEnd, Sentence: "A partner organization's access was ended"},
	{Kind: entryInvite, Sentence: "A person was invited"},
	{Kind: entryInviteEnd, Sentence: "An invitation was taken back"},
	{Kind: entryAccept, Sentence: "An invitation was accepted"},
	{Kind: entryAdmit, Sentence: "The operator admitted a person"},
	{Kind: entryGuest, Sentence: "Somebody without an account was let in on a device, for a time"},
	{Kind: entryRoleAsk, Sentence: "A person asked for a right"},
	{Kind: entryRoleChange, Sentence: "A person's role or its end was changed"},
	{Kind: entryEnd, Sentence: "A person's access was ended"},
	{Kind: entryWarn, Sentence: "A person was told that access ends soon"},
	{Kind: entryRoleMake, Sentence: "A role of the organization's own was made or changed"},
	{Kind: entryRoleDrop, Sentence: "A role of the organization's own was removed"},
	{Kind: entryGroup, Sentence: "A user group was changed"},
	{Kind: entryFolder, Sentence: "A folder was made, renamed or removed"},
	{Kind: entryFolderShare, Sentence: "A folder's sharing was changed"},
	{Kind: entryAudit, Sentence: "The user audit was opened"},
	{Kind: entryAuditExport, Sentence: "The user audit was exported"},
	{Kind: entryCycle, Sentence: "The end of the organization's cycle was set"},
	{Kind: entryZone, Sentence: "The organization's time zone was set"},
	{Kind: entryDisableOrder, Sentence: "An administrator ordered an account disabled"},
}

// object names a row of this package in the ledger: "org_membership/12".
func object[T ~int64](table string, id T) string { return fmt.Sprintf("%s/%d", table, int64(id)) }
