package canvass

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What a board keeps in memory is what the database holds, whatever came and was taken back since: beside it stand a store that keeps nothing yet, and
// one statement for each map.
func TestABoardInMemoryIsTheOneInTheDatabase(t *testing.T) {
	run(t, func(w *world) {
		w.mapped()
		w.exec(fmt.Sprintf(`INSERT INTO field_turf_map (id, org_id, voterfile_id, list_id, name, doors, people, ground, created_by, created_at, changed_at) VALUES (13, %d, 1, 31, 'Second', 9, 9, %s, 1, 1, 1)`,
			int64(w.halden), empty(w)))
		r := rand.New(rand.NewPCG(7, 11))
		results, talked := []string{"not_home", "reached", "refused"}, []int{0, 1, 1}
		for step := range 60 {
			if r.IntN(8) == 0 {
				w.exec(fmt.Sprintf(`DELETE FROM field_canvass_door WHERE turf_id = %d`, []int{0, 9, 10}[r.IntN(3)]))
			}
			for range 1 + r.IntN(4) {
				n := r.IntN(40)
				if r.IntN(3) == 0 {
					w.exec(fmt.Sprintf(`DELETE FROM field_canvass_door WHERE event_id = 'e%d'`, n))
					w.exec(fmt.Sprintf(`DELETE FROM field_canvass_answer WHERE event_id = 'e%d'`, n))
					continue
				}
				door, k := []string{"101", "102", "103", "n-" + id(4)}[r.IntN(4)], r.IntN(3)
				in, turf := 12+r.IntN(2), []int{0, 9, 10}[r.IntN(3)]
				at := w.at.Add(-time.Duration(r.IntN(90)) * time.Minute).UnixMilli()
				w.exec(fmt.Sprintf(`INSERT INTO field_canvass_door (org_id, event_id, map_id, turf_id, packet_id, account_id, door, result, talked, at)
					VALUES (%d, 'e%d', %d, %d, '', %d, '%s', '%s', %d, %d) ON CONFLICT DO NOTHING`, int64(w.halden), n, in, turf, 1+r.IntN(2), door, results[k], talked[k], at))
				w.exec(fmt.Sprintf(`INSERT INTO field_canvass_answer (org_id, event_id, person_id, map_id, turf_id, account_id, door, question_id, response_id, at)
					VALUES (%d, 'e%d', %d, %d, %d, 1, '%s', %d, %d, %d) ON CONFLICT DO NOTHING`, int64(w.halden), n, 1+r.IntN(3), in, turf, door, int64(w.question.ID), int64(w.question.Parts[r.IntN(2)].ID), at))
			}
			of := []Scope{{}, {}, {Map: 12}, {Since: w.at.Add(-20 * time.Minute)}}[r.IntN(4)]
			kept, err := w.Board(t.Context(), w.staff(), of)
			must(t, err)
			fresh, err := New(w.c).Board(t.Context(), w.staff(), of)
			must(t, err)
			if d := cmp.Diff(fresh, kept); d != "" {
				t.Fatalf("step %d, %+v: %s", step, of, d)
			}
			for _, m := range kept.Maps {
				want, err := boardQuery{org: int64(w.halden), Scope: of, seen: []int64{m.Map}, now: w.at}.orgs(w.staff().Within(t.Context()), w.d, []int64{int64(w.halden)})
				must(t, err)
				if d := cmp.Diff(want[0].Tally, m.Tally); d != "" {
					t.Fatalf("step %d, map %d: %s", step, m.Map, d)
				}
			}
		}
	})
}
