-- Who may see which rows of these tables on Postgres (docs/decisions/0009-row-level-security.md).

-- The voter files an organisation may see. It looks past the fences it is part of, so they do not go in circles.
CREATE OR REPLACE FUNCTION field_files() RETURNS BIGINT[] LANGUAGE sql STABLE SECURITY DEFINER SET search_path FROM CURRENT
	AS 'SELECT ARRAY(SELECT id FROM field_voterfile WHERE org_id = precinct_org()
		UNION ALL SELECT voterfile_id FROM field_voterfile_grant WHERE org_id = precinct_org() AND ends_at > EXTRACT(EPOCH FROM now()) * 1000)';

-- Voter files and those they are shared with.
FENCE field_voterfile BY org_id = @org OR id = ANY ((SELECT field_files())::BIGINT[]) WRITE org_id = @org;
FENCE field_voterfile_grant BY org_id = @org OR voterfile_id IN (SELECT id FROM field_voterfile WHERE org_id = @org)
	WRITE voterfile_id IN (SELECT id FROM field_voterfile WHERE org_id = @org);
FENCE field_voterfile_import BY voterfile_id = ANY ((SELECT field_files())::BIGINT[])
	WRITE voterfile_id IN (SELECT id FROM field_voterfile WHERE org_id = @org);
FENCE field_voterfile_county BY import_id IN (SELECT id FROM field_voterfile_import);
FENCE field_voterfile_refusal BY import_id IN (SELECT id FROM field_voterfile_import);
FENCE field_voter_key BY voterfile_id = ANY ((SELECT field_files())::BIGINT[]);
FENCE field_person_word BY voterfile_id = ANY ((SELECT field_files())::BIGINT[]);

-- People of those files, and what the files say about them.
FENCE field_person BY voterfile_id = ANY ((SELECT field_files())::BIGINT[]);
FENCE field_person_name_part BY EXISTS (SELECT 1 FROM field_person p WHERE p.person_id = field_person_name_part.person_id);
FENCE field_vote BY EXISTS (SELECT 1 FROM field_person p WHERE p.person_id = field_vote.person_id);

-- What organisations themselves know about people; 0 is what came with the voter file, or a wish that binds the whole site.
FENCE field_phone BY org_id IN (0, @org) AND EXISTS (SELECT 1 FROM field_person p WHERE p.person_id = field_phone.person_id) WRITE org_id = @org;
FENCE field_email BY org_id IN (0, @org) AND EXISTS (SELECT 1 FROM field_person p WHERE p.person_id = field_email.person_id) WRITE org_id = @org;
FENCE field_suppression BY org_id IN (0, @org) WRITE org_id = @org;
FENCE field_note BY org_id;

-- What organisations define, and share with the site or not. Parts belong to their definition.
FENCE field_code BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_tag BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_question BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_response BY question_id IN (SELECT id FROM field_question) WRITE question_id IN (SELECT id FROM field_question WHERE org_id = @org);
FENCE field_score BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_score_load BY org_id;
FENCE field_score_row BY ABS(load_id) IN (SELECT id FROM field_score_load);
FENCE field_custom BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_target BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_target_group BY target_id IN (SELECT id FROM field_target) WRITE target_id IN (SELECT id FROM field_target WHERE org_id = @org);
FENCE field_event BY org_id = @org OR shared = 1 WRITE org_id = @org;

-- What was recorded with them: seen by whoever sees the definition, written by whose it is.
FENCE field_person_code BY org_id = @org OR code_id IN (SELECT id FROM field_code WHERE shared = 1) WRITE org_id = @org;
FENCE field_person_tag BY org_id = @org OR tag_id IN (SELECT id FROM field_tag WHERE shared = 1) WRITE org_id = @org;
FENCE field_answer BY org_id = @org OR question_id IN (SELECT id FROM field_question WHERE shared = 1) WRITE org_id = @org;
FENCE field_person_score BY score_id IN (SELECT id FROM field_score) WRITE score_id IN (SELECT id FROM field_score WHERE org_id = @org);
FENCE field_person_custom BY org_id = @org OR custom_id IN (SELECT id FROM field_custom WHERE shared = 1) WRITE org_id = @org;
FENCE field_person_target BY target_id IN (SELECT id FROM field_target) WRITE target_id IN (SELECT id FROM field_target WHERE org_id = @org);
FENCE field_signup BY org_id = @org OR event_id IN (SELECT id FROM field_event WHERE shared = 1) WRITE org_id = @org;
FENCE field_contact BY org_id;
FENCE field_correction BY org_id;

-- Saved lists: the own ones, and those in folders that another organisation shares. Their people belong to the list.
FENCE field_list BY org_id = @org OR folder_id IN (SELECT folder_id FROM org_folder_share WHERE kind = 'org' AND target_id = @org)
	WRITE org_id = @org OR folder_id IN (SELECT folder_id FROM org_folder_share WHERE may_change = 1 AND kind = 'org' AND target_id = @org);
FENCE field_list_chunk BY list_id IN (SELECT id FROM field_list) WRITE list_id IN (SELECT id FROM field_list
	WHERE org_id = @org OR folder_id IN (SELECT folder_id FROM org_folder_share WHERE may_change = 1 AND kind = 'org' AND target_id = @org));

-- What left, and what may.
FENCE field_export BY org_id;
FENCE field_export_format BY org_id;
FENCE field_export_limit BY org_id;
FENCE field_upload BY org_id;

-- Scripts, and turf cut from lists: the own ones, scripts also when they are shared.
FENCE field_script BY org_id = @org OR shared = 1 WRITE org_id = @org;
FENCE field_script_version BY script_id IN (SELECT id FROM field_script) WRITE script_id IN (SELECT id FROM field_script WHERE org_id = @org);
FENCE field_turf_map BY org_id;
FENCE field_turf_draft BY org_id;
FENCE field_turf BY org_id;
FENCE field_turf_handout BY org_id;
FENCE field_turf_claim BY org_id;

-- What phones took along and what came back.
FENCE field_canvass_packet BY org_id;
FENCE field_canvass_join BY org_id;
FENCE field_canvass_door BY org_id;
FENCE field_canvass_answer BY org_id;
FENCE field_canvass_mark BY org_id;
FENCE field_canvass_hint BY org_id;
FENCE field_canvass_met BY org_id;
FENCE field_canvass_later BY org_id;
FENCE field_canvass_place BY org_id;
FENCE field_canvass_result BY org_id;
